proof-heading = Sei ancora tu?
proof-lede = Prima di una cosa delicata te lo chiediamo di nuovo. Poi per un quarto d’ora non lo chiediamo più.
proof-go-on = Vai avanti
proof-click = Sì, sono io
proof-wrong = Non è questa. Riprova.
proof-again = Esci e rientra: chi è appena entrato non deve dimostrarlo di nuovo.
proof-again-there = Entra di là ancora una volta, e torni qui.
