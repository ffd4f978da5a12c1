jobs-heading = Lavori
jobs-lede = Quello che Bottega fa da sola, dietro le quinte. Ciò che non riesce dopo molti tentativi si ferma qui.
jobs-dead-mark = { $count ->
    [one] uno fermo
   *[other] { $count } fermi
  }
jobs-dead = Fermi { $count }
jobs-waiting = In attesa { $count }
jobs-running = In corso { $count }
jobs-none-dead = Niente di fermo
jobs-none = Niente qui, ora
jobs-kind = Lavoro
jobs-since = Dal
jobs-attempts = Tentativi
jobs-cause = Che cosa è successo
jobs-retry = Riprova
jobs-done-retried = Il lavoro è tornato in coda: tra un momento riprova.
