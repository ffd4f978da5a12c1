//! Who may be the same person. Only ever a question to a human, with the reasons for asking it: a wrong
//! merge shows one customer's words to another.

use std::collections::{BTreeMap, BTreeSet};

use engine::{DbError, Row, Tx, params};
use kernel::{Actor, Fault, Instant, OrganisationId, Permission, PersonId};
use primitives::person::{Person, name_key};

/// How many of the newest people one page looks for twins of.
const WINDOW: u32 = 500;
/// Last digits of a telephone number that must agree, whatever prefix stands before them.
const PHONE_TAIL: usize = 7;
/// Shorter names differ by one letter too easily.
const NAME_LEAST: usize = 4;

macro_rules! select {
    ($rest:expr) => {
        concat!(
            "SELECT p.id, p.name, p.name_key, p.organisation_id, o.name, p.known_since FROM person p
             LEFT JOIN organisation o ON o.id = p.organisation_id WHERE p.root_id = p.id AND ",
            $rest
        )
    };
}

macro_rules! newest {
    () => {
        select!(concat!("p.id < $1 AND ", known!("p.id", "$2"), " ORDER BY p.id DESC LIMIT $3"))
    };
}

macro_rules! alike {
    () => {
        select!(concat!(
            "p.id IN (SELECT n.id FROM person n WHERE n.name_key IN LIST($1)
                      UNION SELECT c.id FROM person c WHERE c.organisation_id IN LIST($2)) AND ",
            known!("p.id", "$3"),
            " ORDER BY p.id DESC LIMIT 4000"
        ))
    };
}

engine::statements! {
    /// The newest people whom the actor may know, below an id.
    NEWEST = newest();
    /// People whom the actor may know, with one of these names or of one of these organisations.
    ALIKE = alike();
    /// The addresses and numbers of some people and of those merged into them.
    REACHED_AT = "SELECT m.root_id, i.kind, i.value FROM person m JOIN identity i ON i.person_id = m.id
                  WHERE m.root_id IN LIST($1) AND i.kind IN ('email', 'phone') ORDER BY i.id";
    /// Of which pairs among some people somebody said that they are two.
    TOLD_APART = "SELECT f.root_id, s.root_id FROM person f JOIN not_the_same n ON n.first_id = f.id
                  JOIN person s ON s.id = n.second_id WHERE f.root_id IN LIST($1) AND s.root_id IN LIST($1)";
}

/// Why two people may be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The same name in the same organisation.
    SameNameAndOrganisation,
    /// The same name, and numbers that end alike.
    SameNameAndNumber,
    /// The one's mail address is the other's name, at another host.
    NameInAddress,
    /// Names that differ by one letter, in the same organisation.
    OneLetterApart,
}

/// What suggestions compare of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Who.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// The folded name.
    pub name_key: String,
    /// Where they belong.
    pub organisation: Option<OrganisationId>,
    /// Its name.
    pub organisation_name: Option<String>,
    /// Since when they are known.
    pub known_since: Instant,
    /// Their mail addresses.
    pub emails: Vec<String>,
    /// Their telephone numbers.
    pub phones: Vec<String>,
}

impl Profile {
    /// A person, before their addresses are read.
    fn of(person: &Person) -> Profile {
        Profile {
            id: person.id,
            name: person.name.clone(),
            name_key: name_key(&person.name),
            organisation: person.organisation,
            organisation_name: person.organisation_name.clone(),
            known_since: person.known_since,
            emails: Vec::new(),
            phones: Vec::new(),
        }
    }
}

/// Two people who may be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Who is known for longer (the lower id).
    pub first: Profile,
    /// The other.
    pub second: Profile,
    /// Why.
    pub reasons: Vec<Why>,
}

/// Why two people may be one; empty when nothing speaks for it.
pub fn reasons(a: &Profile, b: &Profile) -> Vec<Why> {
    let mut reasons = Vec::new();
    let same_name = !a.name_key.is_empty() && a.name_key == b.name_key;
    let same_organisation = a.organisation.is_some() && a.organisation == b.organisation;
    if same_name && same_organisation {
        reasons.push(Why::SameNameAndOrganisation);
    }
    if same_name && a.phones.iter().any(|phone| b.phones.iter().any(|other| ends_alike(phone, other))) {
        reasons.push(Why::SameNameAndNumber);
    }
    if names_in_address(a, b) || names_in_address(b, a) {
        reasons.push(Why::NameInAddress);
    }
    if same_organisation && one_letter_apart(&a.name_key, &b.name_key) {
        reasons.push(Why::OneLetterApart);
    }
    reasons
}

fn ends_alike(a: &str, b: &str) -> bool {
    let tail = |number: &str| number.len().checked_sub(PHONE_TAIL).map(|from| number[from..].to_owned());
    // Stored numbers are a plus and digits, so bytes are characters.
    tail(a).is_some_and(|tail_of_a| Some(tail_of_a) == tail(b))
}

/// Whether an address of `a` spells the name of `b`, at a host where `b` has none.
fn names_in_address(a: &Profile, b: &Profile) -> bool {
    let name = sorted_words(&b.name_key);
    let hosts: BTreeSet<&str> = b.emails.iter().filter_map(|email| host(email)).collect();
    name.len() >= 2
        && a.emails.iter().any(|email| {
            host(email).is_some_and(|host| !hosts.contains(host)) && sorted_words(local(email)) == name
        })
}

fn local(email: &str) -> &str {
    email.rsplit_once('@').map_or(email, |(local, _)| local)
}

fn host(email: &str) -> Option<&str> {
    email.rsplit_once('@').map(|(_, host)| host)
}

/// The words of a name or of the part of an address before its host, in no order.
fn sorted_words(text: &str) -> Vec<String> {
    let key = name_key(text);
    let mut words: Vec<String> =
        key.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    words.sort();
    words
}

/// Whether one letter more, less or other makes the one of the other.
pub fn one_letter_apart(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if short.len() < NAME_LEAST || long.len() - short.len() > 1 {
        return false;
    }
    let start = short.iter().zip(long.iter()).take_while(|(x, y)| x == y).count();
    let rest = if short.len() == long.len() { start + 1 } else { start };
    short.len() + long.len() > 2 * start && short.get(rest..) == long.get(start + 1..)
}

/// The pairs among `people` that have one of `anchors` in them and a reason, each once.
pub fn pairs(anchors: &[Profile], people: &[Profile]) -> Vec<Suggestion> {
    let mut by_name: BTreeMap<&str, Vec<&Profile>> = BTreeMap::new();
    let mut by_organisation: BTreeMap<OrganisationId, Vec<&Profile>> = BTreeMap::new();
    for person in people {
        by_name.entry(&person.name_key).or_default().push(person);
        if let Some(organisation) = person.organisation {
            by_organisation.entry(organisation).or_default().push(person);
        }
    }
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for anchor in anchors {
        let names = names(anchor);
        let alike = names.iter().filter_map(|name| by_name.get(name.as_str())).flatten();
        let colleagues = anchor.organisation.and_then(|id| by_organisation.get(&id)).into_iter().flatten();
        for other in alike.chain(colleagues).filter(|other| other.id != anchor.id) {
            let pair = (anchor.id.min(other.id), anchor.id.max(other.id));
            if !seen.insert(pair) {
                continue;
            }
            let reasons = reasons(anchor, other);
            if !reasons.is_empty() {
                let (first, second) = if anchor.id < other.id { (anchor, *other) } else { (*other, anchor) };
                found.push(Suggestion { first: first.clone(), second: second.clone(), reasons });
            }
        }
    }
    found
}

/// The folded names under which a twin of somebody may stand: their own, and those that their addresses
/// spell, in either order.
fn names(person: &Profile) -> Vec<String> {
    let mut names = vec![person.name_key.clone()];
    for email in &person.emails {
        let key = name_key(local(email));
        let words: Vec<&str> =
            key.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
        if words.len() >= 2 {
            names.push(words.join(" "));
            names.push(words.into_iter().rev().collect::<Vec<_>>().join(" "));
        }
    }
    names
}

fn read(row: &mut Row<'_>) -> Result<Profile, DbError> {
    Ok(Profile {
        id: row.take()?,
        name: row.take()?,
        name_key: row.take()?,
        organisation: row.take()?,
        organisation_name: row.take()?,
        known_since: row.take()?,
        emails: Vec::new(),
        phones: Vec::new(),
    })
}

/// Suggestions around the newest people below an id, and where the next older ones begin.
pub fn newest(
    tx: &mut Tx<'_>,
    actor: &Actor,
    below: Option<PersonId>,
) -> Result<(Vec<Suggestion>, Option<PersonId>), Fault> {
    actor.authorise(Permission::ReadPeople)?;
    let below = below.map_or(i64::MAX, PersonId::raw);
    let anchors = tx.query(&NEWEST, params![below, actor.mailbox_keys(), WINDOW], read)?;
    let next = if anchors.len() == WINDOW as usize { anchors.last().map(|last| last.id) } else { None };
    Ok((around(tx, actor, anchors)?, next))
}

/// Suggestions for one person whom the actor may know.
pub fn for_person(tx: &mut Tx<'_>, actor: &Actor, person: &Person) -> Result<Vec<Suggestion>, Fault> {
    actor.authorise(Permission::ReadPeople)?;
    around(tx, actor, vec![Profile::of(person)])
}

/// Two people side by side, with what speaks for their being one.
pub fn compare(tx: &mut Tx<'_>, first: &Person, second: &Person) -> Result<Suggestion, Fault> {
    let mut both = vec![Profile::of(first), Profile::of(second)];
    reach(tx, &mut both)?;
    let reasons = reasons(&both[0], &both[1]);
    let second = both.remove(1);
    let first = both.remove(0);
    Ok(Suggestion { first, second, reasons })
}

fn around(tx: &mut Tx<'_>, actor: &Actor, mut anchors: Vec<Profile>) -> Result<Vec<Suggestion>, Fault> {
    reach(tx, &mut anchors)?;
    let names: BTreeSet<String> = anchors.iter().flat_map(names).filter(|name| !name.is_empty()).collect();
    let organisations: BTreeSet<i64> =
        anchors.iter().filter_map(|person| person.organisation).map(|id| id.raw()).collect();
    let names: Vec<String> = names.into_iter().collect();
    let organisations: Vec<i64> = organisations.into_iter().collect();
    let mut people = tx.query(&ALIKE, params![names, organisations, actor.mailbox_keys()], read)?;
    reach(tx, &mut people)?;
    let mut found = pairs(&anchors, &people);
    let concerned: BTreeSet<i64> =
        found.iter().flat_map(|one| [one.first.id.raw(), one.second.id.raw()]).collect();
    let concerned: Vec<i64> = concerned.into_iter().collect();
    let apart: BTreeSet<(PersonId, PersonId)> = tx
        .query(&TOLD_APART, params![concerned], |row| {
            let (a, b): (PersonId, PersonId) = (row.take()?, row.take()?);
            Ok((a.min(b), a.max(b)))
        })?
        .into_iter()
        .collect();
    found.retain(|one| !apart.contains(&(one.first.id, one.second.id)));
    Ok(found)
}

/// Reads the addresses and numbers of some people.
fn reach(tx: &mut Tx<'_>, people: &mut [Profile]) -> Result<(), Fault> {
    let keys: Vec<i64> = people.iter().map(|person| person.id.raw()).collect();
    let mut reached: BTreeMap<PersonId, Vec<(String, String)>> = BTreeMap::new();
    let rows = tx.query(&REACHED_AT, params![keys], |row| {
        Ok((row.take::<PersonId>()?, row.take::<String>()?, row.take::<String>()?))
    })?;
    for (root, kind, value) in rows {
        reached.entry(root).or_default().push((kind, value));
    }
    for person in people {
        for (kind, value) in reached.remove(&person.id).unwrap_or_default() {
            if kind == "email" { person.emails.push(value) } else { person.phones.push(value) }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: i64, name: &str, organisation: Option<i64>, reached: &[&str]) -> Profile {
        let (emails, phones): (Vec<&str>, Vec<&str>) = reached.iter().partition(|at| at.contains('@'));
        Profile {
            id: PersonId(id),
            name: name.into(),
            name_key: name_key(name),
            organisation: organisation.map(OrganisationId),
            organisation_name: None,
            known_since: Instant::from_micros(id),
            emails: emails.into_iter().map(str::to_owned).collect(),
            phones: phones.into_iter().map(str::to_owned).collect(),
        }
    }

    #[test]
    fn each_reason_is_given_and_a_name_alone_is_none() {
        let anna = person(1, "Anna Riva", Some(7), &["anna@lapieve.example", "+390551234567"]);
        let why = |other: Profile| reasons(&anna, &other);
        assert_eq!(why(person(2, "anna  rivà", Some(7), &[])), [Why::SameNameAndOrganisation]);
        assert_eq!(why(person(2, "Anna Riva", None, &["+445551234567"])), [Why::SameNameAndNumber]);
        assert_eq!(
            why(person(2, "riva.anna@posta.example", None, &["riva.anna@posta.example"])),
            [Why::NameInAddress]
        );
        assert_eq!(why(person(2, "Anna Rival", Some(7), &[])), [Why::OneLetterApart]);
        assert_eq!(why(person(2, "Anna Riva", None, &["+390559999999"])), []);
        assert_eq!(why(person(2, "Anna Rival", Some(8), &[])), []);
        assert_eq!(why(person(2, "X", None, &["anna.riva@lapieve.example"])), [], "the same house");
    }

    #[test]
    fn one_letter_is_one_letter() {
        for (a, b) in [("riva", "rivo"), ("riva", "rival"), ("riva", "rriva"), ("marta", "mata")] {
            assert!(one_letter_apart(a, b) && one_letter_apart(b, a), "{a} {b}");
        }
        for (a, b) in
            [("riva", "riva"), ("riva", "ravo"), ("riva", "rivale"), ("ada", "ida"), ("riva", "irva")]
        {
            assert!(!one_letter_apart(a, b), "{a} {b}");
        }
    }

    #[test]
    fn a_pair_is_asked_about_once_with_the_older_first() {
        let people = [
            person(1, "Anna Riva", Some(7), &[]),
            person(2, "Anna Riva", Some(7), &["anna.riva@posta.example"]),
            person(3, "Bruno Sala", Some(7), &[]),
        ];
        let found = pairs(&people, &people);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].first.id, found[0].second.id), (PersonId(1), PersonId(2)));
        assert_eq!(found[0].reasons, [Why::SameNameAndOrganisation, Why::NameInAddress]);
    }
}
