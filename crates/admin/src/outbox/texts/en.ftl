outbox-heading = Leaving
outbox-lede = What was to leave and has not yet. What has left is read in its conversation.
outbox-failed = Did not leave
outbox-queued = Waiting
outbox-attempting = On its way
outbox-held = Held back
outbox-withdrawn = Stopped by hand
outbox-held-restored = Not sent yet when the backup was taken; it may have left since. Decide with “bottega held list”.
outbox-held-elsewhere = An attempt on another machine has no known end. Look there, then decide with “bottega held list”.
outbox-withdrawn-restored = After the restore it was decided that this letter does not leave from here: it had left already, or was no longer wanted.
outbox-withdrawn-by-hand = It was decided that this letter does not leave from here: it had left already, or was no longer wanted.
outbox-none = Nothing here
outbox-unseen = In a mailbox that you do not see
outbox-attempts = { $count ->
    [0] not tried yet
    [one] tried once
   *[other] tried { $count } times
  }
outbox-further = Further
