timeline-filter = What to show
timeline-all = Everything
timeline-voices = Voices
timeline-answers = Answers
timeline-notes = Notes
timeline-facts = Facts
timeline-today = Today
timeline-yesterday = Yesterday
timeline-month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[other] December
} { $year }
timeline-voice = { $when } · { $channel }
timeline-answer = { $when } · answer by { $author }
timeline-note = { $when } · internal note by { $author }
timeline-fact-by = { $when } · { $author }
timeline-score = score given: { $score } of { $most }
timeline-score-alone = score given: { $score }
timeline-created = First time among our people
timeline-changed = Personal data brought up to date
timeline-keeper-changed = Somebody else looks after them now
timeline-merged = Merged with another record of the same person
timeline-unmerged = Separated from a record they were merged with
timeline-differ = Another record was said to be another person
timeline-consent-given = Consent given
timeline-consent-withdrawn = Consent withdrawn
timeline-other = A fact was noted
timeline-by-mail = by mail
timeline-by-phone = by phone
timeline-by-counter = in person
timeline-by-form = by the form of the site
timeline-by-chat = in the chat
timeline-by-review = in a review
timeline-by-survey = in a survey
timeline-by-post = on a social network
timeline-by-other = another way
timeline-open-voice = Open
timeline-open = Open the conversation
timeline-pages = Pages of the story
timeline-newest = From the newest
timeline-older = Further back
timeline-left-out = The story shows what passed through your mailboxes.
timeline-empty-title = The story begins with the first voice
timeline-empty-filter = Nothing of this kind
timeline-empty = When they say something, in whatever way, you find it here.
timeline-language = Language
timeline-language-name = { $code ->
    [it] Italian
    [en] English
    [de] German
    [fr] French
    [es] Spanish
   *[other] { $code }
}
timeline-no-identity = No address yet: add one, and the next voice is recognised by itself.
timeline-more-facts = The whole notebook
# The marks around a person’s words.
timeline-quote-open = “
timeline-quote-close = ”
