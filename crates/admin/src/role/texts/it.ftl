role-keeper = al banco
role-keeper-help = Risponde alle persone: conversazioni, note, schede, voci scritte a mano.
role-function = in reparto
role-function-help = Legge le voci e le persone delle sue caselle, scrive note e voci; non risponde ai clienti.
role-conductor = conduce
role-conductor-help = Fa tutto quello che si fa al banco, importa voci e legge il registro di quello che è successo.
role-administrator = amministra
role-administrator-help = Fa tutto: account, caselle, fonti, token e lavori. Vede comunque solo le caselle che gli sono state date.
