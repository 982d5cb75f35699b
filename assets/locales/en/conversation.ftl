# An open chat: messages, their states, the composer.

conversation-none-title = Pick a chat
conversation-none = Or start a new one. Press and hold the button to speak.
conversation-empty-title = Say something first
conversation-empty = Hold the button, speak, release. That is all.
timeline-label = Messages
unread-line = New
new-messages = { $count ->
    [one] { $count } new message
   *[other] { $count } new messages
}
to-newest = To the newest message

## How far an own message got
state-pending = Waiting to be sent
state-sent = Sent
state-delivered = Delivered
state-read = Read
state-heard = Heard
state-failed = Not sent
message-own = You
# Before the text of a message, for screen readers.
message-by = { $name } at { $time }
# Beside the time, small.
message-edited = edited
message-removed = Message removed
# For screen readers, before the name and the words of the message that is answered.
quote-label = In reply to
quote-missing = A message that is not here
reactions-label = Reactions
retry = Try again

## Files
file-fetch = Download
file-tap = Tap to download
# In the middle of a line, after the kind and the size of the file.
file-coming = { $percent } %
file-coming-some = Coming
file-failed = Could not be loaded. Tap to try again
file-save = Save a copy
file-saved = Saved to your downloads: { $name }
image-broken = This picture cannot be shown
image-label = Picture: { $name }

## Writing
composer-label = Message
composer-placeholder = Message
composer-send = Send message

# Where messages of the account have not been fetched from its server yet.
timeline-gap = Some messages may be missing here. They are being fetched.
timeline-gap-later = Some messages may be missing here. They come when you are connected.
timeline-older-coming = Older messages are being fetched.
timeline-older-later = Older messages may be on the server. They come when you are connected.
timeline-older-ask = Look for older messages
timeline-beginning = The beginning of your conversation
