mailboxes-heading = Mailboxes
mailboxes-lede = The desks at which voices arrive. Everybody sees only the mailboxes they were given.
mailboxes-empty = Without a mailbox voices do not know where to go: begin below.
mailboxes-name = Name
mailboxes-address = Mail address
mailboxes-seen-by = { $count ->
    [0] nobody sees it
    [one] one person sees it
   *[other] { $count } people see it
  }
mailboxes-new = New mailbox
mailboxes-i-see = I see it too
mailboxes-create = Create the mailbox
mailboxes-done-created = The mailbox is ready. Now decide who sees it, on the page of accounts.
mailboxes-done-changed = The mailbox is saved.
