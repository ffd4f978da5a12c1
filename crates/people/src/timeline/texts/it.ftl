timeline-filter = Cosa mostrare
timeline-all = Tutto
timeline-voices = Voci
timeline-answers = Risposte
timeline-notes = Note
timeline-facts = Fatti
timeline-today = Oggi
timeline-yesterday = Ieri
# Il mese di un gruppo; $year è già scritto.
timeline-month = { $month ->
    [1] gennaio
    [2] febbraio
    [3] marzo
    [4] aprile
    [5] maggio
    [6] giugno
    [7] luglio
    [8] agosto
    [9] settembre
    [10] ottobre
    [11] novembre
   *[other] dicembre
} { $year }
timeline-voice = { $when } · { $channel }
timeline-answer = { $when } · risposta di { $author }
timeline-note = { $when } · nota interna di { $author }
timeline-fact-by = { $when } · { $author }
timeline-score = voto dato: { $score } su { $most }
timeline-score-alone = voto dato: { $score }
timeline-created = Prima volta tra le nostre persone
timeline-changed = Dati personali aggiornati
timeline-keeper-changed = Cambiato chi la segue
timeline-merged = Unita con un’altra scheda della stessa persona
timeline-unmerged = Separata da una scheda con cui era unita
timeline-differ = Detto che un’altra scheda è di un’altra persona
timeline-consent-given = Consenso dato
timeline-consent-withdrawn = Consenso ritirato
timeline-other = Fatto annotato
timeline-by-mail = per posta
timeline-by-phone = al telefono
timeline-by-counter = di persona
timeline-by-form = dal modulo del sito
timeline-by-chat = in chat
timeline-by-review = in una recensione
timeline-by-survey = in un questionario
timeline-by-post = su una rete sociale
timeline-by-other = per altra via
timeline-open-voice = Apri
timeline-open = Apri la conversazione
timeline-pages = Pagine della storia
timeline-newest = Dalla più recente
timeline-older = Più indietro
timeline-left-out = La storia mostra quello che è passato nelle tue caselle.
timeline-empty-title = La storia comincia con la prima voce
timeline-empty-filter = Niente di questo genere
timeline-empty = Quando dirà qualcosa, per qualunque via, lo trovi qui.
timeline-language = Lingua
timeline-language-name = { $code ->
    [it] italiano
    [en] inglese
    [de] tedesco
    [fr] francese
    [es] spagnolo
   *[other] { $code }
}
timeline-no-identity = Nessun recapito: aggiungine uno, così la prossima voce si riconosce da sola.
timeline-more-facts = Tutto il taccuino
# Le virgolette attorno alle parole di una persona.
timeline-quote-open = «
timeline-quote-close = »
