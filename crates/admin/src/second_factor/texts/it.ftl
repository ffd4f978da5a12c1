second-factor-heading = Come entri
second-factor-lede = Una password si può indovinare o farsi dare. Con una di queste due cose, da sola non basta più.
second-factor-must = L’azienda chiede a tutti una passkey o un’app con i codici. Scegline una: poi la bottega si apre.
second-factor-app = App con i codici
second-factor-app-lede = Un’app sul telefono mostra sei cifre nuove ogni trenta secondi. Va bene qualunque app di autenticazione.
second-factor-begin = Collega un’app
second-factor-on = Attivo
second-factor-since = Collegata dal { $date }. All’ingresso ti chiede un codice dopo la password.
second-factor-off = Scollega l’app
second-factor-off-hint = Poi basterà di nuovo la sola password, se non hai una passkey.
second-factor-scan = Inquadra il disegno con la tua app, poi scrivi le sei cifre che mostra.
second-factor-qr = Codice QR con la chiave per la tua app
second-factor-by-hand = Non riesci a inquadrarlo? Scrivi questa chiave nell’app, a mano:
second-factor-first-code = Le sei cifre che mostra adesso
second-factor-first-code-hint = Se non vanno bene, controlla che l’ora del telefono sia giusta.
second-factor-confirm = Fatto, collega
second-factor-codes = Codici di riserva
second-factor-codes-left = { $count ->
    [0] Non ti resta nessun codice di riserva: fanne di nuovi.
    [one] Ti resta un codice di riserva, per il giorno in cui perdi il telefono.
   *[other] Ti restano { $count } codici di riserva, per il giorno in cui perdi il telefono.
  }
second-factor-codes-renew = Fai codici nuovi
second-factor-codes-once = Il giorno in cui perdi il telefono, entri con uno di questi. Ognuno vale una volta, e li vedi solo adesso.
second-factor-codes-kept = Li ho messi al sicuro
second-factor-codes-print = Stampali o scrivili su un foglio, e non tenerlo vicino al computer. I codici di prima non valgono più.
second-factor-providers = Altri ingressi
second-factor-providers-lede = Entri anche con: { $names }.
second-factor-sessions = Dove hai aperto la bottega
second-factor-done-off = L’app è scollegata.
