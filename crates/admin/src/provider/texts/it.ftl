provider-no-journey = Questo ingresso è già servito o è rimasto aperto troppo a lungo. Ricomincia da qui.
provider-broken-off = Il servizio di accesso ha interrotto. Riprova, o entra in un altro modo.
provider-unreachable = Il servizio di accesso non risponde come dovrebbe. Riprova tra poco, o entra in un altro modo.
provider-untrusted = Quello che il servizio di accesso ha risposto non torna, quindi non apriamo. Riprova; se succede ancora, dillo a chi amministra.
provider-domain = Da quel servizio entra solo la posta dell’azienda. Esci da lì e rientra con l’indirizzo di lavoro.
provider-unverified = Il servizio non ha verificato il tuo indirizzo di posta. Verificalo lì, poi riprova.
provider-no-account = Il servizio ti riconosce, ma qui non hai un account. Chiedilo a chi amministra.
