# Recording and listening.

## The talk button and the recorder
talk-label = Hold to record a voice message, tap to record hands-free
talk-label-recording = Recording. Release to send
talk-label-locked = Send voice message
talk-hint-hold = Hold and release to send, or tap to record hands-free
talk-hint-space = Or hold the space bar to talk
recorder-slide = Slide to keep
recorder-keep = Release to keep as a draft
recorder-lock = Slide up to record hands-free
recorder-pause = Pause and listen
# Said by screen readers only.
recorder-locked = Recording hands-free. Space pauses, Enter sends, Escape keeps a draft
recorder-paused = Paused. Space records on, Enter sends, Escape keeps a draft
recorder-long = One minute. Shorter messages are heard sooner
recorder-too-loud = Too loud. Move back a little
recording-kept = Kept as a draft. Nothing is lost.

## A recording that was not sent
draft-title = Voice draft
draft-label = Voice draft, { $length }
draft-play = Listen
draft-pause = Pause
draft-continue = Record on
draft-again = Again from { $position }
draft-trim = Keep this part
trim-from = Start of the part to keep
trim-until = End of the part to keep
draft-send = Send
draft-discard = Discard
# Beside it is a button to have it back.
draft-discarded = Voice draft discarded

## A voice message
voice-label = Voice message, { $length }
voice-play = Play
voice-pause = Pause
voice-seek = Position
voice-position = { $position } of { $length }
voice-unheard = Not heard yet
voice-uploading = Sending, { $percent } %
voice-fetching = Loading, { $percent } %
voice-fetch = Load voice message

player-label = Now playing
player-close = Stop playing
player-show = Show message
player-back = 10 seconds back
player-on = 10 seconds on
player-next = Next unheard message
player-saved = { $seconds } s of silence skipped
voice-speed = Speed

## The listening desk: all voice that was not heard, as one queue
desk-title = Listen
desk-listen = Listen to all
desk-waiting = { $count ->
    [one] { $count } message to hear
   *[other] { $count } messages to hear
}
desk-order = Order
desk-by-time = As they came
desk-by-person = One person after the other
desk-play = Play: { $name }, { $length }
desk-put-away = Put away unheard
desk-put-all-away = Put all away
desk-away = { $count ->
    [one] Voice message put away.
   *[other] { $count } voice messages put away.
}
desk-empty-title = All heard
desk-empty = Voice messages that you have not heard yet wait here, from all chats, one after the other.
