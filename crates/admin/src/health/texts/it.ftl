health-heading = Come sta la bottega
health-lede = Le code, quello che parte, il disco, le copie, le versioni: che cosa va e che cosa guardare.
health-all-well = Sta bene: non c’è niente da fare.
health-some-attention = C’è qualcosa da guardare, senza fretta.
health-some-bad = Qualcosa non va: guarda adesso.
health-ok = bene
health-attention = da guardare
health-bad = non va
health-programs = La pagina si aggiorna da sola quando qualcosa cambia. Per i programmi, con un token:
health-jobs = Lavori
health-jobs-ok = Vanno tutti: { $waiting ->
    [0] nessuno in attesa
    [one] uno in attesa
   *[other] { $waiting } in attesa
  }, { $running ->
    [0] nessuno in corso
    [one] uno in corso
   *[other] { $running } in corso
  }.
health-jobs-dead = { $count ->
    [one] Un lavoro si è fermato
   *[other] { $count } lavori si sono fermati
  } dopo otto tentativi.
health-jobs-dead-next = Aprili: accanto a ciascuno c’è il motivo, e quando è rimosso puoi farlo riprovare.
health-jobs-late = { $count ->
    [one] Un lavoro aspetta { $since }.
   *[other] { $count } lavori aspettano, il primo { $since }.
  }
health-jobs-late-next = Guarda se «bottega serve» gira e che cosa dice il diario: i lavori dovrebbero partire entro pochi secondi.
health-outbox = In uscita
health-outbox-ok = È partito tutto quello che doveva partire.
health-outbox-waiting = { $count ->
    [one] Una risposta sta
   *[other] { $count } risposte stanno
  } per partire.
health-outbox-failed = { $count ->
    [one] Una risposta non è partita
   *[other] { $count } risposte non sono partite
  } negli ultimi sette giorni.
health-outbox-failed-next = Apri la conversazione: dice il motivo, e da lì si risponde di nuovo.
health-outbox-late = { $count ->
    [one] Una risposta aspetta di partire { $since }.
   *[other] { $count } risposte aspettano di partire, la prima { $since }.
  }
health-outbox-late-next = Guarda i lavori e il disco: finché non parte, il cliente non ha la risposta che qualcuno gli ha scritto.
health-outbox-held-restored = { $count ->
    [one] Una lettera è trattenuta
   *[other] { $count } lettere sono trattenute
  } dopo il ripristino: decidi con «bottega held list».
health-outbox-held = { $count ->
    [one] Una lettera è trattenuta, perché potrebbe essere già partita
   *[other] { $count } lettere sono trattenute, perché potrebbero essere già partite
  }: decidi con «bottega held list».
health-outbox-held-next = «bottega held release ID» ne lascia partire una; «bottega held stop ID» dice che da qui non parte.
health-disk = Disco
health-disk-free = Liberi { $free } su { $size }.
health-disk-next = Fai spazio o metti un disco più grande: quando è pieno non si può più scrivere niente.
health-disk-unknown = Il disco non dice quanto spazio ha.
health-database = Versioni
health-database-ok = Bottega { $bottega } su { $database }, { $size }, schema { $schema }: tutto aggiornato.
health-database-gone = Il file del database non è più dove era stato aperto: quello che si scrive adesso viene rifiutato.
health-database-gone-next = Ferma la bottega e guarda il disco. Se il file non c’è più, rimetti l’ultima copia; se è stato spostato, rimettilo al suo posto.
health-database-schema = Il database ha lo schema { $found }, questa versione conosce il { $known }.
health-database-schema-next = Installa anche qui la versione più nuova: un’altra ha già aggiornato il database.
health-backup = Copie
health-backup-good = L’ultima copia buona c’è { $ago } ({ $size }).
health-backup-none = Nessuna copia è stata ancora presa da qui.
health-backup-none-next = Prendine una con «bottega backup», o fai prendere quella di ogni notte: la guida dice come, e come si rimette.
health-backup-never = Le copie non riescono { $ago }, e non ce n’è nessuna buona.
health-backup-failed = Le copie non riescono { $failed }; l’ultima buona c’è { $good }.
health-backup-failed-next = «bottega backup» dice il motivo: di solito è il posto sul disco. Viene ritentata ogni ora.
