search-title = Search
search-of = “{ $q }”
search-lede = Everything that was said and written, in the mailboxes that you see.
search-found = { $n ->
    [0] Nothing in the whole history that you see.
    [one] One voice in the whole history that you see.
   *[other] { $n } voices in the whole history that you see, the best first.
  }
search-found-older = { $n ->
    [0] Nothing older.
    [one] One older voice.
   *[other] { $n } older voices, the best first.
  }
search-over = More than { $n }: here are the best of the latest { $n }. Older ones follow at the end.
search-over-older = Another { $n } older ones, the best first, and there are more.
search-field = Words, names, codes
search-go = Search
search-people = People
search-people-all = all people
search-note = internal note in “{ $subject }”
search-answer = answer in “{ $subject }”
search-nothing-title = Nothing with these words
search-nothing = In the mailboxes that you see nobody said it like this. Try fewer words, or others.
search-how-title = How to search
search-tips = Words count in every form: “leak” also finds “leaking”. Quotation marks ask for the exact phrase, a minus in front leaves a word out, an asterisk at the end makes the beginning enough.
search-span = { $start }–{ $end } of { $n }
search-previous = ← Back
search-next = Next →
search-newest = ← The latest
search-older = Older →
