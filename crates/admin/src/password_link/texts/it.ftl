password-link-title = Scegli la tua password
password-link-lede = { $name }, questo link vale una volta sola. Le sessioni aperte altrove finiscono.
password-link-choose = Scegli questa
password-link-over = Questo link è già servito o è passato più di un giorno. Chi amministra la bottega te ne fa un altro.
password-link-to-sign-in = Vai all’ingresso
