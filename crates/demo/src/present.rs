//! The lively present: fourteen conversations that wait for an answer right now, six of them for Giulia.

use jiff::Span;
use kernel::Locale;

use crate::calendar::{Calendar, DAY, MINUTE};
use crate::company::{Company, Consent, Fact, Gender, Identity, IdentityKind, Organisation, Owned, Person};
use crate::house::team_of;
use crate::said::present::{PEOPLE, Scripted, ScriptedPerson, WAITING, Who};
use crate::story::{Channel, State, Story, Turn, TurnKind};

/// Adds those who wait, after everybody else.
pub(crate) fn add_people(
    organisations: &mut Vec<Organisation>,
    people: &mut Vec<Person>,
    calendar: &Calendar,
) {
    for (number, scripted) in PEOPLE.iter().enumerate() {
        let organisation = scripted.organisation.map(|(name, domain)| {
            organisations.push(Organisation {
                key: format!("o9{number:04}"),
                name: name.to_owned(),
                kind: scripted.kind,
                city: scripted.city,
                country: "IT",
                domain: domain.to_owned(),
            });
            organisations.len() - 1
        });
        people.push(person(number, scripted, organisation, calendar));
    }
}

fn person(
    number: usize,
    scripted: &ScriptedPerson,
    organisation: Option<usize>,
    calendar: &Calendar,
) -> Person {
    let now = calendar.now_micros();
    let noon = |days_ago: i64| calendar.instant(calendar.local(now - days_ago * DAY).date(), 11 * 60 + 20);
    let mut identities = vec![Identity { kind: IdentityKind::Mail, value: scripted.mail.to_owned() }];
    if let Some(phone) = scripted.phone {
        identities.push(Identity { kind: IdentityKind::Phone, value: phone.to_owned() });
    }
    Person {
        key: format!("p9{number:04}"),
        name: scripted.name.to_owned(),
        first_name: scripted.name.split(' ').next().unwrap_or(scripted.name),
        gender: if scripted.feminine { Gender::Feminine } else { Gender::Masculine },
        organisation,
        kind: scripted.kind,
        city: scripted.city,
        street: scripted.street.to_owned(),
        identities,
        language: scripted.language,
        mother_tongue: scripted.mother_tongue,
        consent: Consent::News,
        notebook: scripted
            .facts
            .iter()
            .map(|(days_ago, text)| Fact {
                text: (*text).to_owned(),
                told_to: scripted.keeper,
                told_at_micros: noon(*days_ago),
            })
            .collect(),
        keeper: scripted.keeper,
        stand_in: if scripted.keeper == "giulia" { "paolo" } else { "giulia" },
        known_since_micros: noon(scripted.known_days),
        owns: scripted
            .owns
            .iter()
            .map(|(product, serial, days_ago)| Owned {
                product,
                serial: (*serial).to_owned(),
                since_micros: noon(*days_ago),
            })
            .collect(),
    }
}

/// The waiting conversations, oldest first.
pub(crate) fn stories(company: &Company, calendar: &Calendar) -> Vec<Story> {
    let first = company.people.len() - PEOPLE.len().min(company.people.len());
    let mut all: Vec<Story> = WAITING
        .iter()
        .enumerate()
        .map(|(number, scripted)| story(number, first, scripted, calendar))
        .collect();
    all.sort_by_key(Story::began_at_micros);
    all
}

fn story(number: usize, first: usize, scripted: &Scripted, calendar: &Calendar) -> Story {
    let scripted_person = &PEOPLE[scripted.person];
    let mut moment = Moment { calendar, not_before: i64::MIN };
    let turns: Vec<Turn> = scripted
        .turns
        .iter()
        .enumerate()
        .map(|(index, (who, days_ago, minute, text))| {
            let language = match who {
                Who::Note(_) => Locale::It,
                _ => scripted_person.language,
            };
            let left = scripted.turns.len() - index;
            let at_micros = moment.at(*days_ago, *minute, left as i64, number as i64);
            Turn { at_micros, kind: kind(*who), text: (*text).to_owned(), language, attachments: Vec::new() }
        })
        .collect();
    Story {
        key: 900_000_000_000 + number as u64,
        person: Some(first + scripted.person),
        mailbox: scripted.mailbox,
        owner: Some(scripted.owner),
        team: team_of(scripted.mailbox),
        subject: scripted.subject.to_owned(),
        topic: scripted.topic,
        product: scripted.product,
        version: scripted.version,
        tags: scripted.tags.to_vec(),
        state: Some(State::WaitingForUs),
        cause: scripted.cause,
        turns,
    }
}

fn kind(who: Who) -> TurnKind {
    match who {
        Who::Mail => TurnKind::Incoming { channel: Channel::Mail, score: None, noted_by: None },
        Who::Form => TurnKind::Incoming { channel: Channel::Form, score: None, noted_by: None },
        Who::Phone(by) => TurnKind::Incoming { channel: Channel::Phone, score: None, noted_by: Some(by) },
        Who::Answer(by) => TurnKind::Outgoing { by },
        Who::Note(by) => TurnKind::Note { by },
    }
}

/// Places turns at their hour of the day; what would lie ahead of the present slides to shortly before.
struct Moment<'a> {
    calendar: &'a Calendar,
    not_before: i64,
}

impl Moment<'_> {
    fn at(&mut self, days_ago: i64, minute: i64, turns_left: i64, number: i64) -> i64 {
        let now = self.calendar.now_micros();
        let today = self.calendar.local(now).date();
        let wished = self.calendar.instant(today.saturating_sub(Span::new().days(days_ago)), minute);
        let latest = now - (turns_left * 7 + number) * MINUTE;
        let at = wished.min(latest).max(self.not_before.saturating_add(MINUTE));
        self.not_before = at;
        at
    }
}
