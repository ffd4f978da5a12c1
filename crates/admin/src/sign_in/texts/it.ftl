sign-in-title = Entra
sign-in-welcome = Si apre
sign-in-lede = { $shop }: entra con la posta di lavoro.
sign-in-email = Posta
sign-in-password = Password
sign-in-enter = Entra
sign-in-help = Non riesci a entrare? Chi amministra la bottega ti dà una password nuova.
sign-in-wrong = Posta e password non corrispondono. Controlla che le maiuscole siano al loro posto e riprova.
sign-in-wait-seconds = Troppi tentativi. Puoi riprovare tra { $seconds ->
    [one] un secondo
   *[other] { $seconds } secondi
  }.
sign-in-wait-minutes = Troppi tentativi. Puoi riprovare tra { $minutes ->
    [one] un minuto
   *[other] { $minutes } minuti
  }.
sign-in-out = Sei fuori. Buon riposo.
sign-in-demo-title = Benvenuti da { $shop }
sign-in-demo-lede = È un’azienda d’esempio: tutto è inventato e si può provare tutto. Chi vuoi essere?
sign-in-as = Entra come { $name } · { $role }
sign-in-by-password = Oppure con posta e password
sign-in-password-set = La password nuova vale da adesso: entra.
sign-in-by-other-ways = Qui non si entra con la password: usa la tua passkey o il servizio dell’azienda.
sign-in-otherwise = Oppure in un altro modo
sign-in-with = Entra con { $name }
sign-in-or = oppure
sign-in-second-title = Ancora un passo
sign-in-second-lede = La password è giusta. Adesso mostra che sei proprio tu.
sign-in-second-help = Hai perso tutto? Chi amministra la bottega può azzerare il secondo passo.
sign-in-code = Codice
sign-in-code-hint = Le sei cifre della tua app, oppure uno dei codici di riserva.
sign-in-recovery-code = Codice di riserva
sign-in-key-lost = I codici dell’app non si possono controllare: la bottega è stata ripristinata senza la sua chiave (bottega.key). Scrivi uno dei tuoi codici di riserva. Se non ne hai, chi tiene la bottega esegue «bottega user reset-second-factor»; poi entri con la password e ricolleghi l’app.
sign-in-code-wrong = Questo codice non va bene, o è già stato usato. Aspetta il prossimo e riprova.
sign-in-back = Torna indietro
