rail-today = Oggi
rail-conversations = Conversazioni
rail-people = Persone
rail-listen = Ascolto
rail-settings = Impostazioni

role-keeper = al banco
role-function = in reparto
role-conductor = conduce
role-administrator = amministra

# Errori: cosa è successo e il passo dopo.
fault-not-found-title = Qui non c’è niente
fault-not-found = Questa pagina non esiste, o non è tra quelle che puoi vedere. Se te l’ha passata qualcuno che lavora qui, chiedi la casella a chi amministra la bottega.
fault-forbidden-title = Questo non puoi farlo
fault-forbidden = Il tuo ruolo non lo permette. Chi amministra la bottega può cambiarlo nelle impostazioni.
fault-invalid-title = Manca qualcosa
fault-conflict-title = Nel frattempo è cambiato
fault-conflict-changed = Qualcuno l’ha cambiato mentre lo guardavi. Riapri la pagina e riprova: quello che avevi scritto è ancora nel modulo se torni indietro.
fault-conflict-state = Nello stato in cui è adesso non si può fare.
fault-conflict-set-up = La bottega è già pronta. Entra con il tuo indirizzo.
fault-conflict-administrator = La bottega ha bisogno di almeno una persona che la amministri: nominane un’altra prima.
fault-too-many-title = Un momento
fault-too-many = Troppe richieste in poco tempo. Riprova tra { $seconds ->
    [one] un secondo
   *[other] { $seconds } secondi
  }.
fault-store-title = Non ci è riuscito
fault-store = È un guasto nostro: niente di quello che c’era è andato perso. Riprova tra poco; se continua, avvisa chi amministra la bottega.
fault-store-away = In questo momento l’archivio non risponde. Niente è cambiato e niente è andato perso: riprova tra qualche secondo.
fault-store-unsure = L’archivio si è interrotto proprio adesso, e non è certo che questo sia stato fatto. Guarda prima se c’è; se manca, rifallo.
fault-store-sealed = Un segreto custodito non si apre: la chiave della bottega (bottega.key) non è quella con cui è stato cifrato. Chi amministra la bottega rimetta la chiave della stessa copia; per un’app di autenticazione aiuta anche «bottega user reset-second-factor».
fault-store-full = Il disco è pieno: non si può salvare niente di nuovo finché chi amministra la bottega non fa spazio. Leggere si può come prima.
fault-store-read-only = In questo momento nella bottega si può leggere e non scrivere. Avvisa chi la amministra: il disco non accetta niente.
fault-store-gone = Il file del database è stato cancellato o sostituito mentre la bottega era aperta, quindi non si conserva più niente. Dillo subito a chi amministra la bottega, e tieni da parte quello che hai scritto.
fault-forged-title = Il modulo è scaduto
fault-forged = Il modulo non veniva da questa sessione, quindi non è stato fatto niente. Torna indietro, ricarica la pagina e riprova.
fault-unreadable-title = Questo non si legge
fault-unreadable = Quello che è arrivato non ha la forma che questa pagina aspetta, e non è stato fatto nulla. Torna indietro, ricarica la pagina e riprova.
fault-too-large-title = È troppo grande
fault-too-large = Quello che hai mandato è più grande di quanto passi da qui, e non è stato fatto nulla. Un archivio grande si importa dalla riga di comando.

reason-missing = manca
reason-too-long = è più lungo di { $most } caratteri
reason-too-short = è più corto di { $least } caratteri
reason-not-a = non è del tipo giusto
reason-unknown = non esiste, o non puoi vederlo
reason-taken = è già usato

field-name = il nome
field-email = l’indirizzo
field-password = la password
field-address = l’indirizzo
field-identity = il recapito
field-text = il testo
field-subject = l’oggetto
field-mailbox = la casella
field-owner = chi segue
field-snoozed = la data
field-file = il file
field-other = un campo

error-back = Torna a oggi
error-home = Vai all’ingresso

skip = Vai al contenuto
rooms = Stanze
find = Cerca
find-hint = Cerca in tutta la storia
capture = Una voce
more = Altro
account = Il tuo account
sign-out = Esci
demo = Azienda d’esempio: tutto è inventato, e puoi provare tutto.
words-keys = I tasti di questa pagina
words-palette = Vai, cerca, fai…
words-nothing = Niente con questo nome
words-close = Chiudi
words-copied = Copiato
words-offline = Collegamento perso, riprovo
words-failed = Non è riuscito: riprova
words-move = Su e giù nell’elenco
words-open = Apri
words-search = Cerca in tutta la storia: { $q }
