//! Facts in the keepers' notebooks.

use crate::company::{CustomerKind, Gender, Person};
use crate::dice::Dice;

const ANYBODY: &[&str] = &[
    "Preferisce il telefono dopo le 18",
    "Non chiamare prima delle 10",
    "Meglio la posta del telefono",
    "Preferisce messaggi brevi",
    "Legge la posta solo la sera",
    "Passa volentieri in negozio il sabato mattina",
    "Ha un addolcitore, l'acqua è già dolce",
    "Acqua molto dura, decalcifica ogni due mesi",
    "Beve solo decaffeinato la sera",
    "Ha già cambiato da sé la guarnizione: è capace",
    "Non si fida del corriere, ritira in negozio",
    "Vuole sempre sapere il prezzo prima",
    "Ad agosto non c'è",
    "Chiede di Paolo per le cose tecniche",
    "Ci ha mandato due amici",
    "Prende l'arabica della torrefazione sotto casa",
    "Fattura sempre, anche per un ricambio",
];
const HOME: &[&str] = &[
    "Fa due cappuccini ogni mattina",
    "La macchina è un regalo dei figli",
    "Ha fatto il corso di base a Firenze",
    "Casa al mare da giugno: spedire lì",
    "Il portinaio ritira i pacchi",
    "Appassionato di tostature chiare",
    "Tiene la macchina spenta in settimana",
    "Ha un bambino piccolo: non telefonare tra le 13 e le 15",
];
const BAR: &[&str] = &[
    "Chiuso il lunedì",
    "Apre alle 5:30, la macchina non si tocca prima delle 11",
    "Circa 200 caffè al giorno",
    "D'estate raddoppia il lavoro",
    "Il tecnico di zona è suo cugino",
    "Consegne solo dal retro, prima delle 7",
    "Parlare con la moglie per i pagamenti",
];
const INN: &[&str] = &[
    "Cene grandi il sabato, da aprile",
    "Chiuso da novembre a metà marzo",
    "Colazioni dalle 7:30 alle 10: non chiamare",
    "Undici camere, tutte piene a settembre",
    "Il navigatore sbaglia strada: chiamare prima di consegnare",
    "Ha molti ospiti tedeschi, vogliono il caffè lungo",
];
const OFFICE: &[&str] = &[
    "In ufficio sono in dodici",
    "Ordini solo con numero d'ordine interno",
    "La segreteria chiude alle 17",
    "Il caffè lo compra Gianna, in amministrazione",
    "Fattura elettronica, codice univoco già in scheda",
    "Stanno cambiando sede in primavera",
];
const DEALER: &[&str] = &[
    "Sconto del 22 % concordato",
    "Ordina il primo martedì del mese",
    "Tiene sempre tre Vera 6 in vetrina",
    "Paga a 60 giorni, puntuale",
    "Vuole le novità prima della fiera di ottobre",
    "Fa da sé le riparazioni piccole",
    "Lamenta i tempi dei ricambi",
];

/// A fact that fits the person.
pub(crate) fn fact(person: &Person, dice: &mut Dice) -> String {
    let own = match person.kind {
        CustomerKind::Private => HOME,
        CustomerKind::Bar => BAR,
        CustomerKind::Inn => INN,
        CustomerKind::Office => OFFICE,
        CustomerKind::Dealer => DEALER,
    };
    if person.owns.len() > 1 && dice.chance(0.15) {
        return format!("Ha due macchine nostre, matricole note ({})", person.owns[0].serial);
    }
    let text = if dice.chance(0.5) { dice.pick(own) } else { dice.pick(ANYBODY) };
    match person.gender {
        Gender::Feminine => text.replace("Appassionato", "Appassionata"),
        Gender::Masculine => text.to_owned(),
    }
}
