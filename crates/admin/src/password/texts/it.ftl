# Hints and problems of passwords, wherever one is set.
password-hint = Almeno { $least } caratteri. Tre o quattro parole che non c’entrano tra loro vanno benissimo.
password-short = Servono almeno { $least } caratteri: aggiungi una parola.
password-long = Bastano { $most } caratteri: accorciala.
password-repetitive = Sono sempre gli stessi caratteri: usa qualche parola diversa.
password-obvious = È il tuo nome o il tuo indirizzo: chi ti conosce la indovina. Scegline un’altra.
password-common = Parole, file di tasti e date così si provano per prime: aggiungi qualcosa che non c’entra.
