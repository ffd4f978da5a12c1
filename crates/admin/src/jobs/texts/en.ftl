jobs-heading = Jobs
jobs-lede = What Bottega does by itself, behind the scenes. What fails after many tries stops here.
jobs-dead-mark = { $count ->
    [one] one stopped
   *[other] { $count } stopped
  }
jobs-dead = Stopped { $count }
jobs-waiting = Waiting { $count }
jobs-running = Running { $count }
jobs-none-dead = Nothing has stopped
jobs-none = Nothing here now
jobs-kind = Job
jobs-since = Since
jobs-attempts = Tries
jobs-cause = What happened
jobs-retry = Try again
jobs-done-retried = The job is back in the queue: it tries again in a moment.
