set-up-title = Beginning
set-up-next = Next
set-up-back = Back to the company
set-up-step-company = The company
set-up-step-you = Who administers
set-up-step-mailbox = The first mailbox

set-up-code-title = Are you the right person?
set-up-code-lede = This shop belongs to nobody yet. To claim it from another computer you need the code that Bottega wrote to its console when it started.
set-up-code = Code
set-up-code-hint = Three groups of four characters, such as k7d2-m9qf-x3tb.
set-up-code-wrong = This is not the code. Copy it from the console where bottega serve runs.

set-up-company-title = What is your company called?
set-up-company-lede = Customers read it in the answers. You can change it whenever you like.
set-up-company-name = Name
set-up-language = Language
set-up-language-hint = Everybody chooses their own later.
set-up-zone = Time zone
set-up-zone-hint = Promises fall due in this time.
set-up-zone-wrong = This time zone is not known: choose one from the list, such as Europe/Rome.

set-up-you-title = And who are you?
set-up-you-lede = You are the first person of { $shop }: you administer the shop and then open the door for the others.
set-up-your-name = First and last name
set-up-your-name-hint = Colleagues see it, and the customers whom you answer.
set-up-your-email = Work address
set-up-your-password = Password

set-up-mailbox-title = Where do voices arrive?
set-up-mailbox-lede = A mailbox is a counter: who works there sees what arrives there, others do not. Let us begin with one.
set-up-mailbox-usual = Counter
set-up-mailbox-name = Name of the mailbox
set-up-mailbox-name-hint = For example Counter, Support, Orders.
set-up-mailbox-address = Mail address
set-up-mailbox-address-hint = The one from which you answer, if there is one.
set-up-first = Where would you like to begin?
set-up-first-capture = I write a voice down by hand
set-up-first-capture-hint = A phone call, a sentence heard at the counter.
set-up-first-import = I bring in an archive
set-up-first-import-hint = An exported mailbox, a table.
set-up-first-look = I look around first
set-up-first-look-hint = Everything stays where it is; you begin when you like.
set-up-open = Open the shop
