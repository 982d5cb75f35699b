# The whole window: names, buttons, the connection, days.

app-name = Millet
language-own-name = English

## Buttons that appear everywhere
cancel = Cancel
back = Back
discard = Discard
undo = Undo
try-again = Try again

## The rail, or the bar at the bottom of a phone
nav-label = Main
nav-chats = Chats
nav-desk = Listen
nav-settings = Settings

## The strip above the chats when something is in the way
connection-offline = No connection. What you say now goes out later.
connection-next-try = Next try in { $seconds } s
connection-connecting = Connecting…
connection-catching-up = Catching up…
connection-try-now = Try now
connection-sign-in = Sign in again

## Days and lengths
today = Today
yesterday = Yesterday
# Read aloud, for example as the length of a voice message.
length-seconds = { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
}
length-minutes = { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}{ $seconds ->
    [0] {""}
    [one] {" "}{ $seconds } second
   *[other] {" "}{ $seconds } seconds
}

## Who is there
presence-online = Online
presence-away = Away
presence-busy = Busy
presence-offline = Offline

## Once, as a short note
notice-dismiss = Got it
