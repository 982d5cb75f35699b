# The list of chats.

chats-title = Chats
chats-empty-title = Nobody here yet
chats-empty = Start a chat with somebody’s address, and say hello.
chat-unread = { $count ->
    [one] { $count } unread message
   *[other] { $count } unread messages
}
chat-draft = Draft
chat-kind-voice = Voice message
chat-kind-image = Picture
chat-kind-file = File
chat-no-messages = No messages yet

list-resize = Width of the list

new-chat = New chat
new-chat-title = Who do you want to talk to?
new-chat-address = Their address
new-chat-submit = Start chat

request-text = { $name } would like to see when you are online.
request-allow = Allow
request-deny = Not now

typing = typing…
typing-name = { $name } is typing…
