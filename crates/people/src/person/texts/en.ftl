person-people = People
person-crumbs = Where you are
person-parts = Parts of the page
person-part-story = Story
person-part-notebook = Notebook
person-part-identities = Addresses
person-part-details = Personal data
person-merge = Merge with…
person-capture = Write down a voice
person-keeper-you = You look after them.
person-keeper = { $name } looks after them.
person-keeper-none = Nobody looks after them yet.
person-stand-in = In their absence: { $name }.
person-spoke = { $times ->
    [one] They spoke to us once, { $last }.
   *[other] They spoke to us { $times } times, last { $last }.
}
person-silent = They have not spoken to us yet.
person-known = Known since { $date }.
person-done-changed = The details are up to date.
person-done-fact = It is in the notebook.
person-done-fact-removed = Taken out of the notebook: the text is gone.
person-done-identity = The address is added.
person-done-identity-removed = The address is taken away.
person-done-consent = The consent is noted.
person-done-consent-withdrawn = The consent is withdrawn, from now on.
person-done-merged = They are one person now. If that was a mistake, separate them under Personal data.
person-done-unmerged = Two people again, as they were before.
person-done-differ = Noted: they are two people. We will not ask again.
