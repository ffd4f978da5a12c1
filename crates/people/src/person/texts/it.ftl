person-people = Persone
person-crumbs = Dove sei
person-parts = Parti della pagina
person-part-story = Storia
person-part-notebook = Taccuino
person-part-identities = Recapiti
person-part-details = Dati personali
person-merge = Unisci con…
person-capture = Annota una voce
person-keeper-you = La segui tu.
person-keeper = La segue { $name }.
person-keeper-none = Non la segue ancora nessuno.
person-stand-in = In sua assenza: { $name }.
# Quante volte ha parlato, nelle caselle di chi legge.
person-spoke = { $times ->
    [one] Ci ha parlato una volta, { $last }.
   *[other] Ci ha parlato { $times } volte, l’ultima { $last }.
}
person-silent = Non ci ha ancora parlato.
person-known = Conosciuta dal { $date }.
person-done-changed = I dati sono aggiornati.
person-done-fact = È nel taccuino.
person-done-fact-removed = Tolto dal taccuino: il testo non c’è più.
person-done-identity = Il recapito è aggiunto.
person-done-identity-removed = Il recapito è tolto.
person-done-consent = Il consenso è annotato.
person-done-consent-withdrawn = Il consenso è ritirato, da adesso.
person-done-merged = Ora sono una persona sola. Se era un errore, le separi in Dati personali.
person-done-unmerged = Di nuovo due persone, com’erano prima.
person-done-differ = Annotato: sono due persone. Non te lo chiederemo più.
