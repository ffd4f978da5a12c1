health-heading = How the shop is
health-lede = Queues, what leaves, the disk, copies, versions: what goes well and what to look at.
health-all-well = It is well: there is nothing to do.
health-some-attention = There is something to look at, without hurry.
health-some-bad = Something is wrong: look now.
health-ok = well
health-attention = to look at
health-bad = wrong
health-programs = The page renews itself when something changes. For programs, with a token:
health-jobs = Jobs
health-jobs-ok = All of them move: { $waiting ->
    [0] none waiting
    [one] one waiting
   *[other] { $waiting } waiting
  }, { $running ->
    [0] none running
    [one] one running
   *[other] { $running } running
  }.
health-jobs-dead = { $count ->
    [one] One job has stopped
   *[other] { $count } jobs have stopped
  } after eight attempts.
health-jobs-dead-next = Open them: the cause stands beside each, and once it is gone you can let it try again.
health-jobs-late = { $count ->
    [one] One job has been waiting { $since }.
   *[other] { $count } jobs are waiting, the first { $since }.
  }
health-jobs-late-next = See whether “bottega serve” runs and what the log says: jobs should start within seconds.
health-outbox = Leaving
health-outbox-ok = Everything that was to leave has left.
health-outbox-waiting = { $count ->
    [one] One answer is
   *[other] { $count } answers are
  } about to leave.
health-outbox-failed = { $count ->
    [one] One answer did
   *[other] { $count } answers did
  } not leave in the last seven days.
health-outbox-failed-next = Open the conversation: it says why, and one answers again from there.
health-outbox-late = { $count ->
    [one] One answer has been waiting to leave { $since }.
   *[other] { $count } answers are waiting to leave, the first { $since }.
  }
health-outbox-late-next = Look at the jobs and at the disk: until it leaves, the customer lacks the answer that somebody wrote.
health-outbox-held-restored = { $count ->
    [one] 1 letter is
   *[other] { $count } letters are
  } held since the restore: decide with “bottega held list”.
health-outbox-held = { $count ->
    [one] 1 letter is held, because it may have left already
   *[other] { $count } letters are held, because they may have left already
  }: decide with “bottega held list”.
health-outbox-held-next = “bottega held release ID” lets one leave; “bottega held stop ID” says that it does not leave from here.
health-disk = Disk
health-disk-free = { $free } of { $size } are free.
health-disk-next = Make room or get a larger disk: once it is full nothing can be written any more.
health-disk-unknown = The disk does not say how much room it has.
health-database = Versions
health-database-ok = Bottega { $bottega } on { $database }, { $size }, schema { $schema }: all up to date.
health-database-gone = The database’s file is no longer where it was opened: what is written now is refused.
health-database-gone-next = Stop the shop and look at the disk. If the file is gone, restore the last backup; if it was moved, put it back.
health-database-schema = The database has schema { $found }, this version knows { $known }.
health-database-schema-next = Install the newer version here too: another process has already brought the database up to date.
health-backup = Backups
health-backup-good = The last good backup has been there { $ago } ({ $size }).
health-backup-none = No backup has been taken from here yet.
health-backup-none-next = Take one with “bottega backup”, or let one be taken every night: the guide says how, and how it is restored.
health-backup-never = Backups have been failing { $ago }, and there is no good one.
health-backup-failed = Backups have been failing { $failed }; the last good one has been there { $good }.
health-backup-failed-next = “bottega backup” says why: usually it is room on the disk. It is tried again every hour.
