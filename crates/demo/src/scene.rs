//! A scene: one person, one matter, one moment. It fills the slots of sentences.

use jiff::civil::Date;
use kernel::Locale;

use crate::calendar::{Calendar, DAY};
use crate::company::{Company, CustomerKind, Gender, Owned, Person};
use crate::dice::Dice;
use crate::flag;
use crate::frame::{Frame, Situation};
use crate::names;
use crate::paper;
use crate::phrasebook::Phrasebook;
use crate::story::Attachment;

/// Every slot that sentences may use.
#[cfg(test)]
pub(crate) const SLOTS: &[&str] = &[
    "p",
    "me",
    "full",
    "last",
    "org",
    "city",
    "street",
    "shop",
    "keeper",
    "by",
    "colleague",
    "serial",
    "order",
    "invoice",
    "day",
    "month",
    "amonth",
    "bought",
    "phone",
    "date",
    "mrs",
    "dear",
    "keeperdear",
    "somebody",
    "lastname",
    "road",
    "elsewhere",
    "+photo",
    "+pdf",
];

/// One person, one matter, one moment.
#[derive(Debug, Clone)]
pub(crate) struct Scene<'a> {
    pub(crate) company: &'a Company,
    pub(crate) person: &'a Person,
    pub(crate) owned: Option<&'a Owned>,
    pub(crate) product: Option<&'static str>,
    pub(crate) language: Locale,
    pub(crate) date: Date,
    pub(crate) at_micros: i64,
    /// Flags of the person and the matter; mood and outcome change from turn to turn.
    pub(crate) flags: u32,
    /// Key of the employee who speaks, or is spoken to.
    pub(crate) employee: &'static str,
    /// True while an employee speaks: agreement follows the speaker.
    pub(crate) shop_speaks: bool,
    /// Order, invoice and the like stay the same in all turns of a story.
    pub(crate) numbers: Dice,
}

impl Scene<'_> {
    /// The sentences of the scene's language.
    pub(crate) fn book(&self) -> &'static Phrasebook {
        Phrasebook::of(self.language)
    }

    /// The first name of an employee.
    pub(crate) fn first_name_of(&self, key: &str) -> &'static str {
        self.company
            .employees
            .iter()
            .find(|employee| employee.key == key)
            .and_then(|employee| employee.name.split(' ').next())
            .unwrap_or("Officina Vera")
    }

    /// Flags that follow from who the person is and what they own.
    pub(crate) fn standing_flags(
        person: &Person,
        owned: Option<&Owned>,
        product: Option<&str>,
        at: i64,
    ) -> u32 {
        let mut flags = match person.kind {
            CustomerKind::Private => flag::HOME,
            CustomerKind::Bar => flag::BAR,
            CustomerKind::Inn => flag::INN,
            CustomerKind::Office => flag::OFFICE,
            CustomerKind::Dealer => flag::DEALER,
        };
        flags |= match product {
            Some("vera-6") => flag::SIX,
            Some("vera-6-plus") => flag::PLUS,
            Some("vera-mini") => flag::MINI,
            Some("macina-40") => flag::GRINDER,
            _ => 0,
        };
        if let Some(owned) = owned {
            flags |= flag::OWNER;
            match (at - owned.since_micros) / DAY {
                ..60 => flags |= flag::FRESH,
                // Two years of warranty, and the weeks in which one still hopes.
                730..800 => flags |= flag::OLD | flag::EXPIRED,
                800.. => flags |= flag::OLD,
                _ => {}
            }
        }
        if person.phone().is_some() {
            flags |= flag::PHONE;
        }
        if person.mother_tongue == "de" {
            flags |= flag::GERMAN;
        }
        if at - person.known_since_micros > 540 * DAY {
            flags |= flag::LOYAL;
        }
        flags
    }

    /// Draws which strand of a subject the story follows, by how many ways there are to open it.
    pub(crate) fn draw_strand(&mut self, file: &'static str, dice: &mut Dice) {
        let frames = self.book().section(file, "say");
        let strands = [flag::A, flag::B, flag::C, flag::D, 0];
        let ways = strands.map(|strand| {
            let open = |frame: &&Frame| {
                frame.fits(self.flags | strand)
                    && if strand == 0 { !frame.is_for(flag::ANY_STRAND) } else { frame.is_for(strand) }
            };
            frames.iter().filter(open).count() as f64
        });
        self.flags |= strands[dice.weighted(ways.into_iter())];
    }

    fn organisation(&self) -> &str {
        self.person
            .organisation
            .and_then(|index| self.company.organisations.get(index))
            .map_or(self.person.name.as_str(), |organisation| organisation.name.as_str())
    }

    fn shop_city(&self) -> &'static str {
        match self.person.keeper {
            "davide" => "Torino",
            "sara" => "Parma",
            _ => "Firenze",
        }
    }

    fn employee_is_a_man(&self) -> bool {
        matches!(self.employee, "paolo" | "davide" | "tommaso" | "nicola" | "andrea" | "stefano")
    }

    fn bought(&self, out: &mut String) {
        let days = self.owned.map_or(200, |owned| (self.at_micros - owned.since_micros) / DAY);
        let weeks = (days / 7).max(1);
        let text = match (self.language, days) {
            (Locale::It, ..4) => "pochi giorni fa".to_owned(),
            (Locale::It, ..10) => "la settimana scorsa".to_owned(),
            (Locale::It, ..60) => format!("{weeks} settimane fa"),
            (Locale::It, ..300) => a_month(self.month_ago(days / 30)),
            (Locale::It, ..500) => "l'anno scorso".to_owned(),
            (Locale::It, _) => format!("{} anni fa", (days + 180) / 365),
            (Locale::En, ..4) => "a few days ago".to_owned(),
            (Locale::En, ..10) => "last week".to_owned(),
            (Locale::En, ..60) => format!("{weeks} weeks ago"),
            (Locale::En, ..300) => format!("in {}", MONTHS_EN[self.month_ago(days / 30)]),
            (Locale::En, ..500) => "last year".to_owned(),
            (Locale::En, _) => format!("{} years ago", (days + 180) / 365),
        };
        out.push_str(&text);
    }

    /// Index of the month so many months before the scene.
    fn month_ago(&self, months: i64) -> usize {
        (i64::from(self.date.month()) - 1 - months).rem_euclid(12) as usize
    }

    fn past_date(&self, days: i64, out: &mut String) {
        let date = self.date.saturating_sub(jiff::Span::new().days(days));
        let month = date.month().clamp(1, 12) as usize - 1;
        match self.language {
            Locale::It => out.push_str(&format!("{} {}", date.day(), MONTHS_IT[month])),
            Locale::En => out.push_str(&format!("{} {}", date.day(), MONTHS_EN[month])),
        }
    }
}

const MONTHS_IT: [&str; 12] = [
    "gennaio",
    "febbraio",
    "marzo",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "agosto",
    "settembre",
    "ottobre",
    "novembre",
    "dicembre",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS_IT: [&str; 7] = ["lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "lunedì"];
const DAYS_EN: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Monday"];

/// "a marzo", but "ad aprile".
fn a_month(month: usize) -> String {
    let name = MONTHS_IT[month % 12];
    if name.starts_with('a') { format!("ad {name}") } else { format!("a {name}") }
}

impl Situation for Scene<'_> {
    fn flags(&self) -> u32 {
        self.flags
    }

    fn masculine(&self) -> bool {
        if self.shop_speaks { self.employee_is_a_man() } else { self.person.gender == Gender::Masculine }
    }

    fn pool(&self, name: &'static str) -> &'static [Frame] {
        self.book().pool(name)
    }

    fn fill(&self, slot: &str, dice: &mut Dice, out: &mut String) -> bool {
        let mut numbers = self.numbers.clone();
        match slot {
            "p" => out.push_str(match self.product {
                Some("vera-6-plus") => "Vera 6 Plus",
                Some("vera-mini") => "Vera Mini",
                Some("macina-40") => "Macina 40",
                _ => "Vera 6",
            }),
            "me" => out.push_str(self.person.first_name),
            "full" => out.push_str(&self.person.name),
            "last" => out.push_str(self.person.name.trim_start_matches(self.person.first_name).trim()),
            "org" => out.push_str(self.organisation()),
            "city" => out.push_str(self.person.city),
            "street" => out.push_str(&self.person.street),
            "shop" => out.push_str(self.shop_city()),
            "keeper" | "by" => out.push_str(self.first_name_of(self.employee)),
            "colleague" => {
                let other = if self.employee == "paolo" { "Tommaso" } else { "Paolo" };
                out.push_str(other);
            }
            "serial" => match self.owned {
                Some(owned) => out.push_str(&owned.serial),
                None => out.push_str(&format!("V6-{:05}", numbers.between(10_200, 98_700))),
            },
            "order" => out.push_str(&numbers.between(20_417, 68_930).to_string()),
            "invoice" => out.push_str(&format!("{}/{}", numbers.between(104, 3980), self.date.year())),
            "day" => {
                let weekday = dice.below(6);
                out.push_str(if self.language == Locale::It { DAYS_IT[weekday] } else { DAYS_EN[weekday] });
            }
            "month" => {
                let month = self.month_ago(dice.between(2, 8));
                out.push_str(if self.language == Locale::It { MONTHS_IT[month] } else { MONTHS_EN[month] });
            }
            "amonth" => out.push_str(&a_month(self.month_ago(dice.between(2, 8)))),
            "bought" => self.bought(out),
            "phone" => out.push_str(self.person.phone().unwrap_or_default()),
            "date" => self.past_date(numbers.between(3, 16), out),
            "keeperdear" => out.push_str(if self.employee_is_a_man() { "Caro" } else { "Cara" }),
            "dear" => out.push_str(match (self.language, self.person.gender) {
                (Locale::It, Gender::Feminine) => "Cara",
                (Locale::It, Gender::Masculine) => "Caro",
                (Locale::En, _) => "Dear",
            }),
            "mrs" => out.push_str(match (self.language, self.person.gender) {
                (Locale::It, Gender::Feminine) => "la signora",
                (Locale::It, Gender::Masculine) => "il signor",
                (Locale::En, Gender::Feminine) => "Ms",
                (Locale::En, Gender::Masculine) => "Mr",
            }),
            "somebody" => out.push_str(match (self.language, dice.chance(0.5)) {
                (Locale::It, true) => dice.pick(names::WOMEN_IT),
                (Locale::It, false) => dice.pick(names::MEN_IT),
                (Locale::En, true) => dice.pick(names::WOMEN_EN),
                (Locale::En, false) => dice.pick(names::MEN_EN),
            }),
            "lastname" => {
                let italian = self.language == Locale::It;
                out.push_str(dice.pick(if italian { names::LAST_IT } else { names::LAST_EN }));
            }
            "road" => {
                let italian = self.language == Locale::It;
                out.push_str(dice.pick(if italian { names::STREETS_IT } else { names::STREETS_GB }));
            }
            "elsewhere" => out.push_str(match self.language {
                Locale::It => dice.pick(names::CITIES_IT).0,
                Locale::En => dice.pick(names::CITIES_GB),
            }),
            _ => return false,
        }
        true
    }

    fn attach(&self, what: &str, dice: &mut Dice) -> Option<Attachment> {
        let number = dice.between(1021, 9874);
        Some(match what {
            "photo" => paper::photo(&format!("IMG_{number}.png"), dice),
            "pdf" => paper::pdf(
                &format!("documento-{number}.pdf"),
                &format!("Officina Vera - {}", self.person.name),
            ),
            _ => return None,
        })
    }
}

/// The calendar date of an instant.
pub(crate) fn date_of(calendar: &Calendar, micros: i64) -> Date {
    calendar.local(micros).date()
}
