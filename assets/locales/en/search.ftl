# Finding what was said.

search-label = Search all chats
search-placeholder = Search
search-chat-label = Search in this chat
search-results = Results
search-hint-title = Find anything that was said
search-hint = Words in any language, wherever they stand. These narrow it down:
search-op-from = said by somebody
search-op-in = in the chat with somebody
search-op-has = with a voice message, picture, file or link
search-op-before = before a day, such as 2026-03-14, or a month or year
search-op-after = on a day or later
search-has-voice = Voice messages
search-has-image = Pictures
search-has-file = Files
search-has-link = Links
search-nothing-title = Nothing found
search-nothing = Try other words, or fewer of them.
search-indexing = The index is being made. Until then something may be missing here.
search-busy = Searching…
# { $number } is { $count } as people write it.
search-count = { $count ->
    [one] { $number } result
   *[other] { $number } results
}
search-count-more = More than { $number } results
search-most = These are the newest { $number }. Another word narrows it down.
search-clear = Clear
search-close = Close the search
search-older = Older result
search-newer = Newer result
search-place = { $place } of { $count }
# Back to where one was before a result or a day was opened.
search-back = Back to where you were

## Calendar
calendar-open = Go to a day
calendar-label = Days with messages
calendar-month-before = Month before
calendar-month-after = Month after
calendar-year-before = Year before
calendar-year-after = Year after
calendar-day = { $day }: { $count ->
    [one] { $number } message
   *[other] { $number } messages
}
calendar-day-empty = { $day }: no messages
