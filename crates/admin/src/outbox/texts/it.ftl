outbox-heading = In uscita
outbox-lede = Quello che doveva partire e non è ancora partito. Ciò che è partito si legge nella sua conversazione.
outbox-failed = Non partite
outbox-queued = In attesa
outbox-attempting = In partenza
outbox-held = Trattenute
outbox-none = Niente qui
outbox-unseen = In una casella che non vedi
outbox-attempts = { $count ->
    [0] nessun tentativo
    [one] un tentativo
   *[other] { $count } tentativi
  }
outbox-further = Più avanti
