# First run, signing in, a new account.

sign-in-title = Welcome to Millet
sign-in-lead = A messenger for talking. Your messages stay on your own machine.
sign-in-address = Address
sign-in-address-example = name@server.org
sign-in-password = Password
sign-in-password-show = Show password
sign-in-password-hide = Hide password
sign-in-server = Server address (optional)
sign-in-server-example = Found by itself if left empty
sign-in-submit = Sign in
sign-in-busy = Signing in…
sign-in-to-register = No account yet? Create one

register-title = Create an account
register-lead = Choose a server you trust, a name, and a password. That is all it takes.
register-submit = Create account
register-busy = Creating your account…
register-to-sign-in = Have an account? Sign in

what-is-address = What is an address?
what-is-address-answer = It works like an e-mail address: your name, an @, and the server that carries your messages. Any XMPP server will do, and people on different servers can talk to each other.
