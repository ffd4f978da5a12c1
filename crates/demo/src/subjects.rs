//! What people write about: how often, who, with which machine, to which desk.

use crate::flag::{BAR, DEALER, HOME, INN, OFFICE};
use crate::story::Cause;

/// A thing that people write about.
#[derive(Debug)]
pub(crate) struct Subject {
    /// Stable key, also the name of its files of sentences.
    pub(crate) key: &'static str,
    pub(crate) mailbox: &'static str,
    /// Machines that the writer must own; none: nothing has to be owned.
    pub(crate) products: &'static [&'static str],
    /// Kinds of customer, as flags.
    pub(crate) who: u32,
    /// How often, against the others, on an ordinary day.
    pub(crate) weight: f64,
    /// Share of angry writers; the rest is calm or kind.
    pub(crate) angry: f64,
    pub(crate) cause: Option<Cause>,
    /// Part or program that it is about, with its version.
    pub(crate) part: Option<(&'static str, &'static str)>,
    pub(crate) tags: &'static [&'static str],
}

const ANYONE: u32 = HOME | BAR | INN | OFFICE;
const EVERYONE: u32 = ANYONE | DEALER;
const NONE: &[&str] = &[];
const MACHINES: &[&str] = &["vera-6", "vera-6-plus", "vera-mini"];
const BIG: &[&str] = &["vera-6", "vera-6-plus"];

const fn subject(
    key: &'static str,
    mailbox: &'static str,
    products: &'static [&'static str],
    who: u32,
    weight: f64,
    angry: f64,
    tags: &'static [&'static str],
) -> Subject {
    Subject { key, mailbox, products, who, weight, angry, cause: None, part: None, tags }
}

/// Every subject; the first four are the causes that move over time.
pub(crate) const SUBJECTS: &[Subject] = &[
    Subject {
        cause: Some(Cause::Gasket24),
        part: Some(("group-gasket", "2.4")),
        ..subject("gasket", "banco", &["vera-6"], ANYONE, 1.0, 0.3, &["perdita", "ricambio"])
    },
    Subject {
        cause: Some(Cause::AugustDelays),
        ..subject("delay", "ricambi", NONE, EVERYONE, 1.0, 0.45, &["consegna", "ritardo"])
    },
    Subject {
        cause: Some(Cause::Firmware32),
        part: Some(("firmware", "3.2")),
        ..subject("firmware", "banco", &["vera-6-plus"], ANYONE, 1.0, 0.35, &["firmware"])
    },
    Subject {
        cause: Some(Cause::WarrantyPage),
        ..subject("office-warranty", "banco", BIG, OFFICE | INN, 1.0, 0.08, &["garanzia"])
    },
    subject("grinding", "banco", MACHINES, ANYONE, 5.0, 0.04, &["macinatura"]),
    subject("descaling", "banco", MACHINES, ANYONE, 4.5, 0.06, &["decalcificazione"]),
    subject("invoice", "amministrazione", NONE, EVERYONE, 4.2, 0.15, &["fattura"]),
    subject("payment", "amministrazione", NONE, EVERYONE, 2.2, 0.22, &["pagamento"]),
    subject("parts", "ricambi", MACHINES, ANYONE, 6.0, 0.06, &["ricambio"]),
    subject("warranty", "banco", MACHINES, HOME | BAR | INN, 3.2, 0.18, &["garanzia"]),
    subject("return", "ricambi", NONE, HOME | OFFICE, 2.4, 0.2, &["reso"]),
    subject("thanks", "banco", NONE, EVERYONE, 2.6, 0.0, &["grazie"]),
    subject("complaint", "banco", NONE, ANYONE, 2.4, 0.85, &["reclamo"]),
    subject("pricelist", "rivenditori", NONE, DEALER, 2.6, 0.03, &["listino"]),
    subject("dealer-order", "rivenditori", NONE, DEALER, 3.2, 0.15, &["ordine"]),
    subject("address", "ricambi", NONE, ANYONE, 2.0, 0.08, &["indirizzo", "consegna"]),
    subject("courier", "ricambi", NONE, EVERYONE, 3.0, 0.35, &["corriere", "consegna"]),
    subject("registration", "banco", MACHINES, HOME | OFFICE, 2.2, 0.06, &["registrazione"]),
    subject("advice", "banco", NONE, ANYONE, 5.0, 0.0, &["acquisto"]),
    subject("noise", "banco", MACHINES, ANYONE, 3.4, 0.12, &["rumore"]),
    subject("steam", "banco", BIG, ANYONE, 3.6, 0.12, &["vapore"]),
    subject("gauge", "banco", BIG, ANYONE, 2.4, 0.06, &["pressione"]),
    subject("portafilter", "banco", MACHINES, ANYONE, 2.6, 0.08, &["portafiltro"]),
    subject("temperature", "banco", MACHINES, ANYONE, 3.2, 0.12, &["temperatura"]),
    subject("water", "banco", MACHINES, ANYONE, 2.6, 0.1, &["acqua"]),
    subject("grinder", "banco", &["macina-40"], ANYONE, 3.0, 0.12, &["macinino"]),
    subject("course", "banco", NONE, ANYONE, 2.2, 0.02, &["corso"]),
    subject("opening", "banco", NONE, ANYONE, 2.4, 0.05, &["orari"]),
    subject("repair", "banco", MACHINES, ANYONE, 3.4, 0.25, &["riparazione"]),
    subject("gift", "ricambi", NONE, HOME | OFFICE, 1.6, 0.02, &["regalo"]),
    subject("tradein", "banco", MACHINES, HOME | BAR | INN, 1.6, 0.03, &["permuta"]),
    subject("power", "banco", MACHINES, ANYONE, 2.8, 0.2, &["guasto"]),
    subject("manual", "banco", MACHINES, ANYONE, 2.0, 0.05, &["manuale"]),
    subject("hire", "rivenditori", NONE, HOME | INN | OFFICE, 1.2, 0.0, &["noleggio"]),
    subject("privacy", "banco", NONE, HOME | OFFICE, 1.2, 0.25, &["dati"]),
];

/// How many times its ordinary weight a subject has on a day that lies so many days before the present
/// and in this month.
pub(crate) fn swing(subject: &Subject, days_ago: i64, month: i8, day_of_month: i8) -> f64 {
    match subject.cause {
        // Gaskets of the new supplier need a few weeks to harden; the wave still grows.
        Some(Cause::Gasket24) => match days_ago {
            0..=10 => 11.0,
            11..=24 => 9.0,
            25..=38 => 6.5,
            39..=49 => 3.5,
            50..=70 => 1.0,
            _ => 0.8,
        },
        Some(Cause::AugustDelays) => match (month, day_of_month) {
            (8, 1..=7) => 4.0,
            (8, 8..) => 17.0,
            (9, 1..=8) => 9.0,
            (9, 9..=20) => 2.5,
            (12, 12..=23) => 3.0,
            _ => 0.5,
        },
        Some(Cause::Firmware32) => {
            let weeks = (crate::house::FIRMWARE_32_DAYS_AGO - days_ago) / 7;
            match weeks {
                _ if days_ago > crate::house::FIRMWARE_32_DAYS_AGO => 0.0,
                0 => 6.0,
                1..=2 => 15.0,
                3..=4 => 11.0,
                5..=6 => 4.0,
                7..=9 => 1.0,
                _ => 0.05,
            }
        }
        Some(Cause::WarrantyPage) => match days_ago {
            0..=63 => 1.1,
            _ => 0.12,
        },
        None => match (subject.key, month) {
            ("gift", 12) => 6.0,
            ("advice", 11 | 12) => 1.7,
            ("hire", 4..=9) => 1.8,
            ("registration", 1) => 2.2,
            ("return", 1) => 2.0,
            ("descaling", 9 | 1) => 1.4,
            ("opening", 8 | 12) => 2.0,
            _ => 1.0,
        },
    }
}
