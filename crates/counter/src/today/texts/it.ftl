today-title = Oggi
today-morning = Buongiorno { $name }.
today-afternoon = Buon pomeriggio { $name }.
today-evening = Buonasera { $name }.
today-nobody = Nessuno aspetta te.
today-wait-for-you = { $n ->
    [one] Una persona aspetta te.
    [2] Due persone aspettano te.
    [3] Tre persone aspettano te.
    [4] Quattro persone aspettano te.
    [5] Cinque persone aspettano te.
    [6] Sei persone aspettano te.
    [7] Sette persone aspettano te.
    [8] Otto persone aspettano te.
    [9] Nove persone aspettano te.
    [10] Dieci persone aspettano te.
   *[other] { $n } persone aspettano te.
  }
today-wait-for-somebody = { $n ->
    [one] Una persona aspetta, e non è ancora di nessuno.
    [2] Due persone aspettano, e non sono ancora di nessuno.
    [3] Tre persone aspettano, e non sono ancora di nessuno.
   *[other] { $n } persone aspettano, e non sono ancora di nessuno.
  }
today-wait-for-counter = { $n ->
    [one] Una persona aspetta una risposta dal banco.
   *[other] { $n } persone aspettano una risposta dal banco.
  }
today-lede-free = Hai le mani libere: buon momento per rileggere cosa ci dicono.
today-lede-function = Qui vedi chi aspetta e cosa dice. Risponde il banco; tu puoi lasciare una nota a chi risponde.
today-lede-due = La promessa più vicina è { $moment }. Le altre possono aspettare un attimo.
today-lede-overdue = Una promessa è scaduta { $moment }: comincia da lì, anche solo per dire quando.
today-lede-nobodys = { $n ->
    [one] Un’altra non è ancora di nessuno: rispondendo la prendi tu.
   *[other] Altre { $n } non sono ancora di nessuno: rispondendo le prendi tu.
  }
today-lede-take = Rispondendo le prendi in mano tu.
today-lede-then = Poi puoi chiudere il banco.
today-who = Chi aspetta
today-all = tutte e { $n }
today-order = Ordinati per quando serve a loro, non per chi grida. Come si calcola
today-order-how = Prima chi è nelle tue mani, poi chi non è ancora di nessuno. In ciascun gruppo viene prima la promessa che scade prima; senza promessa, chi aspetta da più tempo. Quante volte uno scrive, il tono e quanto compra non contano.
today-sees-nothing = Non vedi ancora nessuna casella
today-sees-nothing-admin = Le caselle sono private finché qualcuno non le apre, anche a chi amministra. Datti quelle che vuoi seguire.
today-sees-nothing-ask = Le caselle sono private finché qualcuno non le apre. Chiedi a chi amministra la bottega di darti le tue.
today-open-mailboxes = Vai alle caselle
today-nobody-title = Nessuno aspetta te
today-nobody-text = Quando qualcuno scrive, telefona o passa, lo trovi qui, con chi ha più bisogno per primo.
today-capture = Annota una voce
today-reread = Rileggi le conversazioni
today-voices = Cosa ci dicono
today-voices-all = tutte le voci
today-voices-none = Recensioni, sondaggi e cose dette di persona compaiono qui appena arrivano.
today-others = Chi aspetta i colleghi
