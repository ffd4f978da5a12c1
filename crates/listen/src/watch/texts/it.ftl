watch-title = Il registro avvisa
watch-open = Ascolto
watch-gap = Tace: ultimo arrivo { $since }
watch-pending = { $count ->
    [one] Una aspetta da troppo: arrivata { $since }
   *[other] { $count } aspettano da troppo: la prima arrivata { $since }
}
watch-unbalanced = I conti del { $day } non tornavano: rifatti dagli arrivi
watch-usual-weekdays = Di solito porta qualcosa { $on }{ $missed ->
    [0] { "" }.
    [one] ; al massimo uno di questi giorni è rimasto vuoto.
   *[other] ; al massimo { $missed } di questi giorni di fila sono rimasti vuoti.
}
watch-usual-silence = { $days ->
    [0] Di solito porta qualcosa ogni giorno.
    [one] Di solito non tace più di un giorno.
   *[other] Di solito non tace più di { $days } giorni.
}
watch-every-day = ogni giorno
watch-working-days = dal lunedì al venerdì
watch-on = di { $days }
watch-monday = lunedì
watch-tuesday = martedì
watch-wednesday = mercoledì
watch-thursday = giovedì
watch-friday = venerdì
watch-saturday = sabato
watch-sunday = domenica
watch-more = { $n ->
    [one] Un altro avviso
   *[other] Altri { $n } avvisi
}
watch-quarantine = { $n ->
    [one] Una in quarantena da guardare
   *[other] { $n } in quarantena da guardare
}
watch-not-yet = È presto per dire cosa è solito: servono tre settimane e almeno otto giorni con arrivi.
watch-by-hand = Qui si porta a mano, quando si vuole: i silenzi non sono sorvegliati.
watch-off = I silenzi di questa fonte non sono sorvegliati.
watch-turn-off = Non sorvegliare i silenzi
watch-turn-on = Sorveglia i silenzi
watch-turned-on = I silenzi di questa fonte sono sorvegliati.
watch-turned-off = I silenzi di questa fonte non sono più sorvegliati.

health-ledger = Conti delle fonti
health-ledger-ok = { $sources ->
    [0] Ancora nessuna fonte.
    [one] I conti della fonte tornano.
   *[other] I conti di tutte le { $sources } fonti tornano.
}
health-ledger-alarms = { $alarms ->
    [one] C’è un avviso su una fonte.
   *[other] Ci sono { $alarms } avvisi sulle fonti.
}
health-ledger-waits = Qualcosa è arrivato e aspetta da troppo tempo di essere letto.
health-ledger-next = Apri Ascolto: l’avviso dice da quando e cosa è solito. Lì vedi le fonti delle tue caselle; delle altre lo vede chi ha la casella.
health-quarantine = Quarantena
health-quarantine-ok = Niente da guardare.
health-quarantine-left = { $left ->
    [one] Una cosa arrivata non si è potuta leggere.
   *[other] { $left } cose arrivate non si sono potute leggere.
}
health-quarantine-next = Apri la quarantena: ogni cosa dice perché, e si può riprovare. Lì vedi quelle delle tue caselle.
