role-keeper = at the counter
role-keeper-help = Answers people: conversations, notes, people’s pages, voices written down by hand.
role-function = in a function
role-function-help = Reads the voices and people of their mailboxes, writes notes and voices; does not answer customers.
role-conductor = conducts
role-conductor-help = Does everything that is done at the counter, imports voices and reads the record of what happened.
role-administrator = administers
role-administrator-help = Does everything: accounts, mailboxes, sources, tokens and jobs. Still sees only the mailboxes they were given.
