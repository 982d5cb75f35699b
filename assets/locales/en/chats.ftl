# The list of chats.

chats-title = Chats
chats-empty-title = Nobody here yet
chats-empty = Start a chat with somebody’s address, and say hello.
chats-search = Search
chat-unread = { $count ->
    [one] { $count } unread message
   *[other] { $count } unread messages
}
chat-voice-unheard = Voice message not heard yet
chat-draft = Draft
chat-you = You:
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

people-empty = Your contacts will be listed here.
desk-empty-title = Nothing left to hear
desk-empty = Voice messages you have not heard yet gather here.
