mailboxes-heading = Caselle
mailboxes-lede = I banchi dove arrivano le voci. Ognuno vede solo le caselle che gli sono state date.
mailboxes-empty = Senza una casella le voci non sanno dove andare: comincia da qui sotto.
mailboxes-name = Nome
mailboxes-address = Indirizzo di posta
mailboxes-seen-by = { $count ->
    [0] non la vede nessuno
    [one] la vede una persona
   *[other] la vedono in { $count }
  }
mailboxes-new = Nuova casella
mailboxes-i-see = La vedo anch’io
mailboxes-create = Crea la casella
mailboxes-done-created = La casella è pronta. Ora decidi chi la vede, dalla pagina degli account.
mailboxes-done-changed = La casella è salvata.
