watch-title = The ledger warns
watch-open = Listening
watch-gap = Silent: last arrival { $since }
watch-pending = { $count ->
    [one] One has waited too long: it came { $since }
   *[other] { $count } have waited too long: the first came { $since }
}
watch-unbalanced = The sums of { $day } were wrong: made again from the arrivals
watch-usual-weekdays = It usually brings something { $on }{ $missed ->
    [0] { "" }.
    [one] ; at most one of these days stayed empty.
   *[other] ; at most { $missed } of these days in a row stayed empty.
}
watch-usual-silence = { $days ->
    [0] It usually brings something every day.
    [one] It is usually silent for a day at most.
   *[other] It is usually silent for { $days } days at most.
}
watch-every-day = every day
watch-working-days = Monday to Friday
watch-on = on { $days }
watch-monday = Monday
watch-tuesday = Tuesday
watch-wednesday = Wednesday
watch-thursday = Thursday
watch-friday = Friday
watch-saturday = Saturday
watch-sunday = Sunday
watch-more = { $n ->
    [one] One more alarm
   *[other] { $n } more alarms
}
watch-quarantine = { $n ->
    [one] One in quarantine to look at
   *[other] { $n } in quarantine to look at
}
watch-not-yet = It is too early to say what is usual: that takes three weeks and eight days with arrivals.
watch-by-hand = People bring things here when they like: silences are not watched.
watch-off = The silences of this source are not watched.
watch-turn-off = Do not watch for silences
watch-turn-on = Watch for silences
watch-turned-on = The silences of this source are watched.
watch-turned-off = The silences of this source are no longer watched.

health-ledger = Ledger
health-ledger-ok = { $sources ->
    [0] No source yet.
    [one] The books of the source balance.
   *[other] The books of all { $sources } sources balance.
}
health-ledger-alarms = { $alarms ->
    [one] There is an alarm about a source.
   *[other] There are { $alarms } alarms about sources.
}
health-ledger-waits = Something has come and has been waiting too long to be read.
health-ledger-next = Open Listening: the alarm says since when, and what is usual. You see the sources of your mailboxes there; who has the other mailboxes sees theirs.
health-quarantine = Quarantine
health-quarantine-ok = Nothing to look at.
health-quarantine-left = { $left ->
    [one] One thing that came could not be read.
   *[other] { $left } things that came could not be read.
}
health-quarantine-next = Open the quarantine: each says why, and can be tried again. You see those of your mailboxes there.
