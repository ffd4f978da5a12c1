sources-title = Listening
sources-lede = Where voices come from. The books always balance: fetched = kept + duplicate + quarantined.
sources-import = Import a file
sources-capture = Write down a voice
sources-captured = Voice noted.
sources-empty-title = No source yet
sources-empty = Bring in what customers have already said: a mailbox, a sheet of reviews, the answers to a survey. Or note a voice by hand.
sources-caption = The sources you can see. Every number opens what it is made of.
sources-source = Source
sources-today = Today
sources-fetched = Fetched
sources-stored = Kept
sources-duplicate = Duplicate
sources-quarantined = Quarantined
sources-pending = { $n ->
    [one] one in progress
   *[other] { $n } in progress
}
sources-latest = The latest voices
sources-search = Search
sources-new = New voices: { $n }
sources-unknown = Somebody
sources-brings-to = Brings to the mailbox { $mailbox }.
sources-balanced = The books balance.
sources-unfinished = { $n ->
    [one] One is still in progress.
   *[other] { $n } are still in progress.
}
sources-by-day = Day by day (UTC)
sources-day = Day
sources-no-days = This source has not brought anything yet.
sources-older = Older
sources-states = What to show
sources-quarantine-title = In quarantine
sources-duplicate-title = Duplicates
sources-stored-title = Kept
sources-nothing-here = Nothing here.
sources-repeats = Says the same as one that came before.
sources-voice = Open the voice
sources-raw = Download the original
sources-quarantine-all = The whole quarantine
sources-set-aside = Set aside
sources-all = All
sources-fetched-title = Everything it has brought
sources-is-pending = In progress
sources-watch = Silences
sources-flag-same-id = Same number as another, different content: both are kept.
sources-flag-date = The date cannot be read: its arrival counts.
sources-flag-score = The score cannot be read.

cause-empty = It is empty.
cause-binary = Not a mail: it is binary data.
cause-no-header = Not a mail: it has no header.
cause-nobody-named = It names nobody who sent it, and has no text.
cause-columns = It has { $found } columns, the first row has { $expected }.
cause-nothing-said = It says nothing: neither words nor a score.
cause-not-json = The line is not JSON.
cause-not-an-object = The line is JSON, but not an object.
cause-too-large = It is too large.
cause-bytes-lost = Its bytes are lost: the file is gone or damaged. Put it back from a backup, then try again.
cause-failed = It could not be read.
