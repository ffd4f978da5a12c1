sources-title = Ascolto
sources-lede = Da dove arrivano le voci. I conti tornano sempre: prese = tenute + doppie + in quarantena.
sources-import = Importa un file
sources-capture = Annota una voce
sources-captured = Voce segnata.
sources-empty-title = Ancora nessuna fonte
sources-empty = Porta qui quello che i clienti hanno già detto: una casella di posta, un foglio di recensioni, le risposte a un sondaggio. Oppure segna una voce a mano.
sources-caption = Le fonti che vedi. Ogni numero si apre su quello di cui è fatto.
sources-source = Fonte
sources-today = Oggi
sources-fetched = Prese
sources-stored = Tenute
sources-duplicate = Doppie
sources-quarantined = In quarantena
sources-pending = { $n ->
    [one] una in lavorazione
   *[other] { $n } in lavorazione
}
sources-latest = Le ultime voci
sources-search = Cerca
sources-new = Voci nuove: { $n }
sources-unknown = Qualcuno
sources-brings-to = Porta alla casella { $mailbox }.
sources-balanced = I conti tornano.
sources-unfinished = { $n ->
    [one] Una è ancora in lavorazione.
   *[other] { $n } sono ancora in lavorazione.
}
sources-by-day = Giorno per giorno (UTC)
sources-day = Giorno
sources-no-days = Questa fonte non ha ancora portato niente.
sources-older = Più vecchie
sources-states = Cosa mostrare
sources-quarantine-title = In quarantena
sources-duplicate-title = Doppie
sources-stored-title = Tenute
sources-nothing-here = Niente qui.
sources-repeats = Dice la stessa cosa di una già arrivata.
sources-voice = Apri la voce
sources-raw = Scarica l’originale
sources-quarantine-all = Tutta la quarantena
sources-set-aside = Messa da parte
sources-all = Tutte
sources-fetched-title = Tutto quello che ha portato
sources-is-pending = In lavorazione
sources-watch = I silenzi
sources-flag-same-id = Stesso numero di un’altra, contenuto diverso: tenute tutte e due.
sources-flag-date = La data non si legge: vale quella d’arrivo.
sources-flag-score = Il voto non si legge.

cause-empty = È vuota.
cause-binary = Non è una mail: sono dati binari.
cause-no-header = Non è una mail: manca l’intestazione.
cause-nobody-named = Non c’è scritto chi l’ha mandata, e non c’è testo.
cause-columns = Ha { $found } colonne, la prima riga ne ha { $expected }.
cause-nothing-said = Non dice niente: né parole né voto.
cause-not-json = La riga non è JSON.
cause-not-an-object = La riga è JSON, ma non un oggetto.
cause-too-large = È troppo grande.
cause-bytes-lost = I suoi byte sono andati persi: il file manca o è rovinato. Rimettilo da una copia, poi riprova.
cause-failed = Non si è riusciti a leggerla.
