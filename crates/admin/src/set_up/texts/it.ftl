set-up-title = Si comincia
set-up-next = Avanti
set-up-back = Torna all’azienda
set-up-step-company = L’azienda
set-up-step-you = Chi amministra
set-up-step-mailbox = La prima casella

set-up-code-title = Sei la persona giusta?
set-up-code-lede = Questa bottega non è ancora di nessuno. Per prenderla da un altro computer serve il codice che Bottega ha scritto nella console quando è partita.
set-up-code = Codice
set-up-code-hint = Tre gruppi di quattro caratteri, come k7d2-m9qf-x3tb.
set-up-code-wrong = Il codice non è questo. Ricopialo dalla console dove gira bottega serve.

set-up-company-title = Come si chiama la vostra azienda?
set-up-company-lede = I clienti lo leggono nelle risposte. Si può cambiare quando si vuole.
set-up-company-name = Nome
set-up-language = Lingua
set-up-language-hint = Ognuno poi sceglie la sua.
set-up-zone = Fuso orario
set-up-zone-hint = Le promesse scadono in questa ora.
set-up-zone-wrong = Non conosco questo fuso orario: scegline uno dall’elenco, come Europe/Rome.

set-up-you-title = E tu chi sei?
set-up-you-lede = Sei la prima persona di { $shop }: amministri la bottega e poi apri la porta agli altri.
set-up-your-name = Nome e cognome
set-up-your-name-hint = Lo vedono i colleghi, e i clienti a cui rispondi.
set-up-your-email = Posta di lavoro
set-up-your-password = Password

set-up-mailbox-title = Dove arrivano le voci?
set-up-mailbox-lede = Una casella è un banco: chi ci lavora vede quello che arriva lì, gli altri no. Cominciamo da una.
set-up-mailbox-usual = Banco
set-up-mailbox-name = Nome della casella
set-up-mailbox-name-hint = Per esempio Banco, Assistenza, Ordini.
set-up-mailbox-address = Indirizzo di posta
set-up-mailbox-address-hint = Quello da cui rispondete, se c’è già.
set-up-first = Da dove vuoi cominciare?
set-up-first-capture = Scrivo una voce a mano
set-up-first-capture-hint = Una telefonata, una frase sentita al banco.
set-up-first-import = Porto dentro un archivio
set-up-first-import-hint = Una casella di posta esportata, una tabella.
set-up-first-look = Prima mi guardo intorno
set-up-first-look-hint = Tutto resta dov’è, si comincia quando vuoi.
set-up-open = Apri la bottega
