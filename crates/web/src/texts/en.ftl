rail-today = Today
rail-conversations = Conversations
rail-people = People
rail-listen = Listening
rail-settings = Settings

role-keeper = at the counter
role-function = in a function
role-conductor = conducts
role-administrator = administers

# Errors: what happened and the next step.
fault-not-found-title = There is nothing here
fault-not-found = This page does not exist, or is not among those you may see. If somebody who works here gave it to you, ask whoever administers the shop for the mailbox.
fault-forbidden-title = You cannot do this
fault-forbidden = Your role does not allow it. Whoever administers the shop can change that in the settings.
fault-invalid-title = Something is missing
fault-conflict-title = It changed meanwhile
fault-conflict-changed = Somebody changed it while you were looking. Open the page again and retry: what you wrote is still in the form if you go back.
fault-conflict-state = In its present state this cannot be done.
fault-conflict-set-up = The shop is set up already. Sign in with your address.
fault-conflict-administrator = The shop needs at least one person who administers it: appoint another one first.
fault-too-many-title = One moment
fault-too-many = Too many requests in a short time. Try again in { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
  }.
fault-store-title = That did not work
fault-store = The fault is ours: nothing that was there is lost. Try again shortly; if it goes on, tell whoever administers the shop.
fault-store-away = The database does not answer at the moment. Nothing was changed, and nothing is lost: try again in a few seconds.
fault-store-unsure = The database went away just then, so it is not certain whether this was done. Look first whether it is there; if not, do it again.
fault-store-sealed = A stored secret does not open: the key of the shop (bottega.key) is not the one it was encrypted with. Whoever administers the shop puts the key of the same backup back; for an authenticator app “bottega user reset-second-factor” helps too.
fault-store-full = The disk is full: nothing new can be stored until whoever administers the shop makes room. Reading goes on as before.
fault-store-read-only = At the moment the shop can be read and nothing can be written. Tell whoever administers the shop: the disk does not take anything.
fault-store-gone = The file of the database was deleted or replaced while the shop was open, so nothing is stored any more. Tell whoever administers the shop at once, and keep what you wrote.
fault-forged-title = The form has expired
fault-forged = The form did not come from this session, so nothing was done. Go back, load the page again and retry.
fault-unreadable-title = This cannot be read
fault-unreadable = What arrived does not have the form that this page expects, and nothing was done. Go back, load the page again and retry.
fault-too-large-title = It is too large
fault-too-large = What you sent is larger than what fits through here, and nothing was done. A large archive is imported from the command line.

reason-missing = is missing
reason-too-long = is longer than { $most } characters
reason-too-short = is shorter than { $least } characters
reason-not-a = is not of the right kind
reason-unknown = does not exist, or you may not see it
reason-taken = is taken already

field-name = the name
field-email = the address
field-password = the password
field-address = the address
field-identity = the address or number
field-text = the text
field-subject = the subject
field-mailbox = the mailbox
field-owner = the owner
field-snoozed = the date
field-file = the file
field-other = a field

error-back = Back to today
error-home = Go to the entrance

skip = Skip to content
rooms = Rooms
find = Search
find-hint = Search the whole history
capture = A voice
more = More
account = Your account
sign-out = Sign out
demo = Example company: everything is invented, and you can try everything.
words-keys = The keys of this page
words-palette = Go, search, do…
words-nothing = Nothing by this name
words-close = Close
words-copied = Copied
words-offline = Connection lost, trying again
words-failed = That did not work: try again
words-move = Up and down the list
words-open = Open
words-search = Search the whole history: { $q }
