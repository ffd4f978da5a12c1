outbox-heading = Leaving
outbox-lede = What was to leave and has not yet. What has left is read in its conversation.
outbox-failed = Did not leave
outbox-queued = Waiting
outbox-attempting = On its way
outbox-held = Held back
outbox-none = Nothing here
outbox-unseen = In a mailbox that you do not see
outbox-attempts = { $count ->
    [0] not tried yet
    [one] tried once
   *[other] tried { $count } times
  }
outbox-further = Further
