# Settings.

settings-title = Settings
settings-appearance = Appearance
settings-theme = Theme
settings-theme-system = Same as the system
settings-theme-light = Light
settings-theme-dark = Dark
settings-text-size = Text size
settings-text-size-value = { $percent } %
settings-language = Language
settings-language-system = Same as the system
settings-sounds = Sounds
settings-sounds-messages = When a message is sent or comes in
settings-sounds-start = When recording starts
settings-sounds-start-note = Use headphones with this one: a loudspeaker brings it into the recording.
settings-privacy = Privacy
settings-read = Tell others when I have read their messages
settings-typing = Tell others while I write
settings-heard = Tell others when I have listened to their voice messages

settings-listening = Listening
settings-play-next = Play the next unheard message of a chat by itself
settings-skip-silence = Leave out pauses
settings-search = Search
settings-index = Search index
settings-index-make = Rebuild
settings-index-stop = Stop
settings-index-note = For when search misses something you know is there. You can go on talking meanwhile.
# The counts are written as people write them.
settings-index-progress = { $done } of { $total } messages
settings-index-done = The index is complete.
settings-index-stopped = Stopped. It goes on when Millet is started again.
settings-account = Account
settings-address = Your address
settings-password-kept = Your password is kept in the system’s keyring.
settings-password-not-kept = Your password is kept only until Millet is closed.
settings-sign-out = Sign out
settings-sign-out-ask = Sign out of this account?
settings-sign-out-keeps = Your messages stay on this machine.
settings-about = About
settings-version = Version { $version }
settings-about-text = Everything you say and write is kept in a file of your own, readable without a network and without a server, for good.

## History
# Before and after a date stand whole sentences, so that both can stand alone.
history-progress = { $held } of about { $total } messages are here.
history-back-to = Complete back to { $date }.
history-metered = Older messages wait: this network is metered.
history-fetch-anyway = Fetch anyway
settings-history = History
settings-history-span = Fetch from the server
settings-history-whole = Everything
settings-history-year = The last year
settings-history-month = The last 30 days
settings-history-span-note = What is on this machine already stays, whatever you choose.
settings-history-complete = Everything the server has kept for you is here, back to { $date }.
settings-history-empty = The server has kept nothing for you yet.
settings-history-none = Nothing has been fetched yet.
settings-history-gaps = { $count ->
    [one] Messages are still missing in one place.
   *[other] Messages are still missing in { $count } places.
}
history-here = On this machine
history-wanted = How much to keep
history-missing = { $from } to { $to }
history-missing-more = { $count ->
    [one] and in { $count } more place
   *[other] and in { $count } more places
}
history-size-messages = Messages
history-size-files = Voice, pictures and files
space = Pictures and files
space-downloads = Download automatically
space-downloads-off = Only when I tap
space-downloads-up-to = Up to { $size }
space-downloads-note = Voice always comes by itself. Larger files wait until you tap them, and so do files whose size nobody said.
space-free = Free up space
space-free-sub = Delete the copies of pictures and files on this machine. Voice stays.
space-free-open = Choose…
space-free-in = Free up space in { $name }
space-which = Which
space-which-all = All
space-which-month = Older than 30 days
space-which-year = Older than a year
space-what = { $number ->
    [one] { $count } picture or file, { $size }
   *[other] { $count } pictures and files, { $size }
}
space-what-none = There are no pictures or files to delete here.
space-warning = They stay in their chats and come again when you tap them, as long as their server still has them. Voice and words stay.
space-delete = Delete the copies
space-done = { $size } freed.
space-close = Close
history-verified = Checked on { $date }: no damage found
history-unverified = Not checked yet
history-verifying = Looking for damage…
history-verify = Check now
history-recovered = It was damaged once. { $number ->
    [one] One message was
   *[other] { $count } messages were
} saved; the damaged file is { $file }.
history-chats = By chat
history-chats-more = Show more chats
history-chat-complete = Complete since { $date }
history-chat-unknown = Not compared with the server yet
history-chat-whole = Complete
# The count is written as people write it; the number chooses the word.
history-chat-count = { $number ->
    [one] { $count } message
   *[other] { $count } messages
}

## A copy in a folder
export = A copy in a folder
export-folder = Folder
export-keep = Keep a copy in this folder
export-keep-sub = New messages are added to it by themselves.
export-now = Export now
export-stop = Stop
export-progress = { $done } of { $total } messages
export-never = Words, voice and files, to be read in any browser without a network. Anyone who can open the folder can read it.
export-at = Last written on { $date }. Anyone who can open the folder can read it.
export-stopped = Stopped. Exporting again goes on.
export-done = Everything is in the folder. Open index.html in it to read.
import = Bring a copy back
import-folder = Folder that was exported into
import-start = Import
import-note = Also from another account. What is here stays, and nothing comes twice.
import-done = { $number ->
    [0] The folder holds no messages.
    [one] The message in that folder is here now.
   *[other] All { $count } messages in that folder are here now.
}
import-stopped = Stopped. What was read stays; importing again goes on.

## Microphone and loudspeaker
sound = Sound
sound-open = Microphone and loudspeaker
sound-summary = { $microphone } · { $loudspeaker }
sound-system = Same as the system
sound-system-named = Same as the system ({ $device })
sound-missing = Not connected: { $device }
sound-microphone = Microphone
sound-no-microphone = No microphone found. Plug one in; it appears here by itself.
sound-test = Hear how you sound
sound-test-start = Test
sound-test-stop = Stop and listen
sound-test-again = Test again
sound-test-note = Say a few words. Nobody else hears them, and they are not kept.
sound-heard = How you sounded
sound-as-sent = As others hear it
sound-as-heard = As it was
sound-recording = Recording
sound-denoise = Take out noise
sound-denoise-note = Fans, traffic, hum. Voices stay.
sound-denoise-off = Never
sound-denoise-auto = Where it is noisy
sound-denoise-on = Always
sound-even = Even out my loudness
sound-even-note = What is too quiet becomes louder, what is too loud quieter.
sound-bitrate = Size of voice messages
sound-bitrate-size = { $size } a minute
sound-untouched = Keep the untouched sound too
sound-untouched-note = On this machine only, beside what is sent.
sound-kept = { $number ->
    [one] { $count } untouched recording, { $size }
   *[other] { $count } untouched recordings, { $size }
}
sound-kept-delete = Delete
sound-kept-ask = Delete them for good? What you sent stays.
sound-loudspeaker = Loudspeaker
sound-hear = Is it the right one?
sound-hear-play = Play a sound
sound-loudness = Even out loudness
sound-loudness-note = All voice messages sound about as loud.
