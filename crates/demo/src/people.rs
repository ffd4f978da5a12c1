//! The customers: who they are, where they live, what they own and what they once told us.

use kernel::Locale;

use crate::calendar::{Calendar, DAY, DAYS};
use crate::company::{
    Consent, CustomerKind, Fact, Gender, Identity, IdentityKind, Organisation, Owned, Person,
};
use crate::dice::Dice;
use crate::names;
use crate::notebook;

/// Makes everybody; people of one organisation follow each other.
pub(crate) fn populate(seed: u64, count: usize, calendar: &Calendar) -> (Vec<Organisation>, Vec<Person>) {
    let mut organisations = Vec::new();
    let mut people = Vec::with_capacity(count);
    while people.len() < count {
        let number = people.len() as u64;
        let mut dice = Dice::new(seed, &[0x0070_656F_706C, number]);
        let origin = Origin::draw(&mut dice);
        let kind = match dice.below(100) {
            0..=55 => CustomerKind::Private,
            56..=70 => CustomerKind::Bar,
            71..=80 => CustomerKind::Inn,
            81..=92 => CustomerKind::Office,
            _ => CustomerKind::Dealer,
        };
        if kind == CustomerKind::Private {
            let place = origin.place(&mut dice);
            people.push(person(people.len(), origin, kind, None, place, calendar, &mut dice));
            continue;
        }
        let organisation = organisation(organisations.len(), origin, kind, &mut dice);
        let (index, domain) = (organisations.len(), organisation.domain.clone());
        let (kind, city) = (organisation.kind, organisation.city);
        organisations.push(organisation);
        for _ in 0..1 + usize::from(dice.chance(0.22)) {
            if people.len() < count {
                let place = Place { city, ..origin.place(&mut dice) };
                let of = Some((index, domain.as_str()));
                people.push(person(people.len(), origin, kind, of, place, calendar, &mut dice));
            }
        }
    }
    (organisations, people)
}

/// Where somebody comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Italy,
    Britain,
    Germany,
    /// Lives in Italy, writes in English.
    Newcomer,
}

#[derive(Debug, Clone)]
struct Place {
    city: &'static str,
    street: String,
}

impl Origin {
    fn draw(dice: &mut Dice) -> Origin {
        match dice.below(100) {
            0..=73 => Origin::Italy,
            74..=88 => Origin::Britain,
            89..=93 => Origin::Newcomer,
            _ => Origin::Germany,
        }
    }

    fn country(self) -> &'static str {
        match self {
            Origin::Italy | Origin::Newcomer => "IT",
            Origin::Britain => "GB",
            Origin::Germany => "DE",
        }
    }

    fn place(self, dice: &mut Dice) -> Place {
        match self {
            Origin::Italy | Origin::Newcomer => Place {
                // The first cities have our shops: customers live near them more often.
                city: names::CITIES_IT
                    [dice.below(names::CITIES_IT.len()).min(dice.below(names::CITIES_IT.len()))]
                .0,
                street: format!("{} {}", dice.pick(names::STREETS_IT), dice.between(1, 98)),
            },
            Origin::Britain => Place {
                city: dice.pick(names::CITIES_GB),
                street: format!("{} {}", dice.between(1, 140), dice.pick(names::STREETS_GB)),
            },
            Origin::Germany => Place {
                city: dice.pick(names::CITIES_DE),
                street: format!("{} {}", dice.pick(names::STREETS_DE), dice.between(1, 80)),
            },
        }
    }
}

fn organisation(number: usize, origin: Origin, kind: CustomerKind, dice: &mut Dice) -> Organisation {
    let city = origin.place(dice).city;
    let (name, kind) = if matches!(origin, Origin::Britain | Origin::Germany) {
        let names = if origin == Origin::Britain { names::BUSINESS_GB } else { names::BUSINESS_DE };
        let (name, letter) = dice.pick(names);
        let kind = match letter {
            'b' => CustomerKind::Bar,
            'i' => CustomerKind::Inn,
            'o' => CustomerKind::Office,
            _ => CustomerKind::Dealer,
        };
        (name.to_owned(), kind)
    } else {
        let name = match kind {
            CustomerKind::Bar => dice.pick(names::BARS).to_owned(),
            CustomerKind::Inn => dice.pick(names::INNS).to_owned(),
            CustomerKind::Dealer => dice.pick(names::DEALERS).replace("{}", dice.pick(names::LAST_IT)),
            _ => dice.pick(names::OFFICES).replace("{}", dice.pick(names::LAST_IT)),
        };
        (name, kind)
    };
    // Two bars may share a name in different cities; the city keeps their domains apart mostly, the
    // number always.
    let domain = format!("{}-{}{}.example", slug(&name), slug(city), number);
    Organisation { key: format!("o{number:05}"), name, kind, city, country: origin.country(), domain }
}

fn person(
    number: usize,
    origin: Origin,
    kind: CustomerKind,
    organisation: Option<(usize, &str)>,
    place: Place,
    calendar: &Calendar,
    dice: &mut Dice,
) -> Person {
    let feminine = dice.chance(0.47);
    let (women, men, last) = match origin {
        Origin::Italy => (names::WOMEN_IT, names::MEN_IT, names::LAST_IT),
        Origin::Britain | Origin::Newcomer => (names::WOMEN_EN, names::MEN_EN, names::LAST_EN),
        Origin::Germany => (names::WOMEN_DE, names::MEN_DE, names::LAST_DE),
    };
    let first_name: &'static str = dice.pick(if feminine { women } else { men });
    let last_name = dice.pick(last);
    let italian = origin == Origin::Italy || (origin == Origin::Germany && dice.chance(0.4));
    let known_since_micros = known_since(calendar, dice);
    let (keeper, stand_in) = keepers(kind, italian, place.city, dice);
    let mut person = Person {
        key: format!("p{number:05}"),
        name: format!("{first_name} {last_name}"),
        first_name,
        gender: if feminine { Gender::Feminine } else { Gender::Masculine },
        organisation: organisation.map(|(index, _)| index),
        kind,
        city: place.city,
        street: place.street,
        identities: identities(number, first_name, last_name, origin, place.city, organisation, dice),
        language: if italian { Locale::It } else { Locale::En },
        mother_tongue: match origin {
            Origin::Italy => "it",
            Origin::Britain | Origin::Newcomer => "en",
            Origin::Germany => "de",
        },
        consent: match dice.below(10) {
            0..=3 => Consent::Unknown,
            4..=6 => Consent::AnswersOnly,
            _ => Consent::News,
        },
        notebook: Vec::new(),
        keeper,
        stand_in,
        known_since_micros,
        owns: Vec::new(),
    };
    person.owns = owned(&person, calendar, dice);
    person.notebook = facts(&person, calendar, dice);
    person
}

fn known_since(calendar: &Calendar, dice: &mut Dice) -> i64 {
    // A third was there before the stories begin; the others came in over time, up to a week ago.
    let days_ago = if dice.chance(0.36) { DAYS + dice.between(0, 1500) } else { dice.between(7, DAYS) };
    calendar.now_micros() - days_ago * DAY
}

fn keepers(kind: CustomerKind, italian: bool, city: &str, dice: &mut Dice) -> (&'static str, &'static str) {
    if kind == CustomerKind::Dealer {
        return match (italian, dice.below(4)) {
            (false, _) => ("emma", "chiara"),
            (true, 0) => ("giulia", "chiara"),
            (true, _) => ("chiara", "giulia"),
        };
    }
    if !italian {
        return if dice.chance(0.75) { ("emma", "giulia") } else { ("giulia", "emma") };
    }
    let near: &'static str = match city {
        "Torino" | "Asti" | "Alba" | "Cuneo" | "Ivrea" | "Novara" | "Genova" | "Savona" => "davide",
        "Parma" | "Modena" | "Reggio Emilia" | "Piacenza" | "Bologna" | "Ferrara" => "sara",
        "Firenze" | "Fiesole" | "Empoli" | "Siena" | "Prato" | "Pistoia" => "giulia",
        _ => dice.pick(&["giulia", "sara", "davide", "tommaso", "paolo"]),
    };
    let stand_in = if near == "paolo" { "giulia" } else { "paolo" };
    (near, stand_in)
}

fn identities(
    number: usize,
    first: &str,
    last: &str,
    origin: Origin,
    city: &str,
    organisation: Option<(usize, &str)>,
    dice: &mut Dice,
) -> Vec<Identity> {
    let (first, last) = (slug(first), slug(last));
    let own = |dice: &mut Dice| {
        let local = match dice.below(5) {
            0 => format!("{first}.{last}{number}"),
            1 => format!("{}{last}{number}", &first[..1]),
            2 => format!("{last}.{first}{number}"),
            3 => format!("{first}_{last}{number}"),
            _ => format!("{first}{number}{last}"),
        };
        format!("{local}@{}", dice.pick(names::MAIL_HOSTS))
    };
    let mail = match organisation {
        Some((_, domain)) => {
            let local =
                if dice.chance(0.4) { format!("info{}", number % 10) } else { format!("{first}.{last}") };
            format!("{local}@{domain}")
        }
        None => own(dice),
    };
    let mut all = vec![Identity { kind: IdentityKind::Mail, value: mail }];
    if dice.chance(0.12) {
        all.push(Identity { kind: IdentityKind::Mail, value: own(dice) });
    }
    if dice.chance(0.72) || organisation.is_some() {
        all.push(Identity { kind: IdentityKind::Phone, value: phone(number, origin, dice) });
    }
    if let Some((_, prefix)) = names::CITIES_IT.iter().find(|(name, _)| *name == city)
        && organisation.is_some()
        && dice.chance(0.5)
    {
        let value = format!("+39 {prefix} 00{:02} {:03}", number / 1000 % 100, number % 1000);
        all.push(Identity { kind: IdentityKind::Phone, value });
    }
    all
}

/// A mobile number that looks right and is nobody's: Italian ones continue with 0, British and German
/// ones lie in the ranges kept for fiction.
fn phone(number: usize, origin: Origin, dice: &mut Dice) -> String {
    match origin {
        Origin::Italy | Origin::Newcomer => {
            let prefix =
                dice.pick(&["320", "328", "333", "335", "338", "340", "347", "349", "351", "366", "392"]);
            format!("+39 {prefix} 0{:02} {:04}", number / 10_000 % 100, number % 10_000)
        }
        Origin::Britain => format!("+44 7700 900{:03}", number % 1000),
        Origin::Germany => format!("+49 171 39200{:02}", number % 100),
    }
}

fn owned(person: &Person, calendar: &Calendar, dice: &mut Dice) -> Vec<Owned> {
    let choices: &[(&'static str, f64)] = match person.kind {
        CustomerKind::Private => {
            &[("vera-6", 0.36), ("vera-6-plus", 0.2), ("vera-mini", 0.36), ("macina-40", 0.3), ("", 0.1)]
        }
        CustomerKind::Dealer => &[],
        _ => &[("vera-6", 0.6), ("vera-6-plus", 0.35), ("vera-mini", 0.05), ("macina-40", 0.5)],
    };
    let now = calendar.now_micros();
    let mut all: Vec<Owned> = Vec::new();
    let mut machines = 0;
    for &(product, share) in choices.iter().filter(|(product, _)| !product.is_empty()) {
        if product != "macina-40" && machines >= 1 && !dice.chance(0.15) {
            continue;
        }
        if dice.chance(share) {
            machines += usize::from(product != "macina-40");
            let after = person.known_since_micros - dice.between(0, 400) * DAY;
            let since = after.max(now - 2400 * DAY);
            let letter = match product {
                "vera-6" => "V6",
                "vera-6-plus" => "VP",
                "vera-mini" => "VM",
                _ => "M4",
            };
            let serial = format!("{letter}-{:05}", dice.between(10_200, 98_700));
            all.push(Owned { product, serial, since_micros: since });
        }
    }
    all
}

fn facts(person: &Person, calendar: &Calendar, dice: &mut Dice) -> Vec<Fact> {
    let now = calendar.now_micros();
    let mut all: Vec<Fact> = Vec::new();
    if !dice.chance(0.45) {
        return all;
    }
    for _ in 0..dice.between(1, 3) {
        let text = notebook::fact(person, dice);
        if all.iter().any(|fact| fact.text == text) {
            continue;
        }
        let span = ((now - person.known_since_micros) / DAY).max(1);
        let told_at_micros = calendar.at_work(now - dice.between(1, span.min(DAYS)) * DAY, dice);
        let told_to = if dice.chance(0.85) { person.keeper } else { person.stand_in };
        all.push(Fact { text, told_to, told_at_micros: told_at_micros.min(now) });
    }
    all.sort_by_key(|fact| fact.told_at_micros);
    all
}

/// Lower-case ASCII letters and digits, words joined by nothing.
pub(crate) fn slug(name: &str) -> String {
    name.chars()
        .filter_map(|letter| match letter.to_ascii_lowercase() {
            'à' => Some('a'),
            'è' | 'é' => Some('e'),
            'ò' | 'ö' => Some('o'),
            'ù' | 'ü' => Some('u'),
            plain if plain.is_ascii_alphanumeric() => Some(plain),
            _ => None,
        })
        .collect()
}
