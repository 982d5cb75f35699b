# The whole window: names, buttons, the connection, days.

app-name = Millet
app-tagline = Hold, speak, release. What you say to each other stays yours.
language-own-name = English

## Buttons that appear everywhere
ok = OK
cancel = Cancel
close = Close
back = Back
discard = Discard
send = Send
try-again = Try again
more = More
loading = Loading…

## The rail, or the bar at the bottom of a phone
nav-label = Main
nav-chats = Chats
nav-desk = Listening desk
nav-people = People
nav-settings = Settings

## The strip above the chats when something is in the way
connection-offline = No connection. What you say now goes out later.
connection-retry-in = Next try in { $seconds } s
connection-connecting = Connecting…
connection-catching-up = Catching up…
connection-online = Connected
connection-error = Not signed in
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
length-minutes = { $seconds ->
    [0] { $minutes } min
   *[other] { $minutes } min { $seconds } s
}

## Who is there
presence-online = Online
presence-away = Away
presence-busy = Busy
presence-offline = Offline

## Once, as a short note
notice-dismiss = Got it
