outbox-heading = In uscita
outbox-lede = Quello che doveva partire e non è ancora partito. Ciò che è partito si legge nella sua conversazione.
outbox-failed = Non partite
outbox-queued = In attesa
outbox-attempting = In partenza
outbox-held = Trattenute
outbox-withdrawn = Fermate a mano
outbox-held-restored = Non ancora partita quando fu presa la copia; può essere partita dopo. Decidi con «bottega held list».
outbox-held-elsewhere = Di un tentativo su un’altra macchina non si sa la fine. Guarda lì, poi decidi con «bottega held list».
outbox-withdrawn-restored = Dopo il ripristino si è deciso che questa lettera da qui non parte: era già partita, o non serviva più.
outbox-withdrawn-by-hand = Si è deciso che questa lettera da qui non parte: era già partita, o non serviva più.
outbox-none = Niente qui
outbox-unseen = In una casella che non vedi
outbox-attempts = { $count ->
    [0] nessun tentativo
    [one] un tentativo
   *[other] { $count } tentativi
  }
outbox-further = Più avanti
