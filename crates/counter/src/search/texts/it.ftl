search-title = Cerca
search-of = «{ $q }»
search-lede = Tutto quello che è stato detto e scritto, nelle caselle che vedi.
search-found = { $n ->
    [0] Niente in tutta la storia che vedi.
    [one] Una voce in tutta la storia che vedi.
   *[other] { $n } voci in tutta la storia che vedi, le migliori prima.
  }
search-found-older = { $n ->
    [0] Niente di più vecchio.
    [one] Una voce più vecchia.
   *[other] { $n } voci più vecchie, le migliori prima.
  }
search-over = Oltre { $n }: ecco le migliori tra le { $n } più recenti. In fondo si va alle più vecchie.
search-over-older = Altre { $n } più vecchie, le migliori prima, e ce ne sono ancora.
search-field = Parole, nomi, codici
search-go = Cerca
search-people = Persone
search-people-all = tutte le persone
search-note = nota interna in «{ $subject }»
search-answer = risposta in «{ $subject }»
search-nothing-title = Niente con queste parole
search-nothing = Nelle caselle che vedi nessuno l’ha detto così. Prova con meno parole, o con altre.
search-how-title = Come si cerca
search-tips = Le parole valgono in ogni forma: «perde» trova anche «perdono». Tra virgolette conta la frase esatta, con un meno davanti la parola si esclude, con un asterisco in fondo basta l’inizio.
search-span = { $start }–{ $end } di { $n }
search-previous = ← Prima
search-next = Dopo →
search-newest = ← Le più recenti
search-older = Più vecchie →
