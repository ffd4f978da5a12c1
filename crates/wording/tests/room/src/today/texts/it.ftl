-bottega = Bottega
# Sopra la pagina; $name è il nome di chi lavora.
today-greeting = Buongiorno, { $name }.
today-waiting = { $n ->
    [0] Nessuno aspetta.
    [one] Una persona aspetta { $name }.
   *[other] { $n } persone aspettano { $name }.
}
today-title = Oggi in { -bottega }
today-rule =
    Prima riga,
    seconda riga con "virgolette" e { "{graffe}" }.
