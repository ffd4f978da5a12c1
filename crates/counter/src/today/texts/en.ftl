today-title = Today
today-morning = Good morning, { $name }.
today-afternoon = Good afternoon, { $name }.
today-evening = Good evening, { $name }.
today-nobody = Nobody is waiting for you.
today-wait-for-you = { $n ->
    [one] One person is waiting for you.
    [2] Two people are waiting for you.
    [3] Three people are waiting for you.
    [4] Four people are waiting for you.
    [5] Five people are waiting for you.
    [6] Six people are waiting for you.
    [7] Seven people are waiting for you.
    [8] Eight people are waiting for you.
    [9] Nine people are waiting for you.
    [10] Ten people are waiting for you.
   *[other] { $n } people are waiting for you.
  }
today-wait-for-somebody = { $n ->
    [one] One person is waiting, and is nobody’s yet.
    [2] Two people are waiting, and are nobody’s yet.
    [3] Three people are waiting, and are nobody’s yet.
   *[other] { $n } people are waiting, and are nobody’s yet.
  }
today-wait-for-counter = { $n ->
    [one] One person is waiting for an answer from the counter.
   *[other] { $n } people are waiting for an answer from the counter.
  }
today-lede-free = Your hands are free: a good moment to read what people tell us.
today-lede-function = Here you see who waits and what they say. The counter answers; you can leave a note for whoever does.
today-lede-due = The nearest promise is due { $moment }. The others can wait a moment.
today-lede-overdue = A promise was due { $moment }: start there, if only to say when.
today-lede-nobodys = { $n ->
    [one] One more is nobody’s yet: answering makes it yours.
   *[other] { $n } more are nobody’s yet: answering makes them yours.
  }
today-lede-take = Answering makes them yours.
today-lede-then = Then you can close the counter.
today-who = Who is waiting
today-all = all { $n }
today-order = Ordered by when they need it, not by who shouts. How it works
today-order-how = First those in your hands, then those who are nobody’s yet. In each group the promise that is due soonest comes first; without a promise, the longest wait. How often somebody writes, their tone and what they buy do not count.
today-sees-nothing = You do not see any mailbox yet
today-sees-nothing-admin = Mailboxes are private until somebody opens them, to administrators too. Give yourself those you want to follow.
today-sees-nothing-ask = Mailboxes are private until somebody opens them. Ask whoever administers the shop to give you yours.
today-open-mailboxes = Go to the mailboxes
today-nobody-title = Nobody is waiting for you
today-nobody-text = When somebody writes, calls or drops in, you find them here, whoever needs you most first.
today-capture = Write down a voice
today-reread = Read past conversations
today-voices = What people tell us
today-voices-all = all voices
today-voices-none = Reviews, surveys and things said in person appear here as they come.
today-others = Who waits for colleagues
