//! The people whom one may know, by name; found by the letters a name starts with, or by an exact address.

pub mod api;
pub(crate) mod page;

use engine::Tx;
use kernel::{Actor, Fault, Permission, PersonId, Reason};
use primitives::identity::{self, IdentityKind};
use primitives::person::{self, Person};

/// The statements are those of the primitives.
pub static ALL: &[&engine::Statement] = &[];

/// Longest text that is looked for, in characters.
const QUERY_MOST: usize = 200;

/// A page of people and where the next one starts.
#[derive(Debug)]
pub struct People {
    /// The people, by name.
    pub items: Vec<Person>,
    /// Where the next page starts.
    pub next: Option<Place>,
}

/// A place in the list: behind the person with this name and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    name: String,
    id: PersonId,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}~{}", self.id, self.name)
    }
}

impl std::str::FromStr for Place {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Place, Fault> {
        let wrong = || Fault::invalid("cursor", Reason::NotA("one that a page of this list gave"));
        let (id, name) = text.split_once('~').ok_or_else(wrong)?;
        Ok(Place { id: id.parse().map_err(|_| wrong())?, name: name.to_owned() })
    }
}

/// A page of people. A query with an `@`, or of digits, is an address or a number that must match
/// exactly; any other is how the name starts.
pub fn list(
    tx: &mut Tx<'_>,
    actor: &Actor,
    query: &str,
    after: Option<&Place>,
    limit: u32,
) -> Result<People, Fault> {
    actor.authorise(Permission::ReadPeople)?;
    let query = kernel::fault::optional("q", query, QUERY_MOST)?.unwrap_or_default();
    if let Some(kind) = address_kind(&query) {
        let found = match identity::find(tx, kind, &query)? {
            Some(person) => person::visible(tx, actor, person)?,
            None => None,
        };
        return Ok(People { items: found.into_iter().collect(), next: None });
    }
    let after = after.map(|place| (place.name.as_str(), place.id));
    let mut items = person::list(tx, actor, &query, after, limit + 1)?;
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next = if more {
        items.last().map(|last| Place { name: person::name_key(&last.name), id: last.id })
    } else {
        None
    };
    Ok(People { items, next })
}

/// What kind of address a query is, when it is one.
fn address_kind(query: &str) -> Option<IdentityKind> {
    let is_number = query.chars().filter(char::is_ascii_digit).count() >= 5
        && query.chars().all(|c| c.is_ascii_digit() || "+ -./()".contains(c));
    match () {
        _ if primitives::identity::is_email(query) => Some(IdentityKind::Email),
        _ if is_number => Some(IdentityKind::Phone),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_a_number_are_looked_for_as_such() {
        assert_eq!(address_kind("anna@lapieve.example"), Some(IdentityKind::Email));
        assert_eq!(address_kind("+39 055 123-456"), Some(IdentityKind::Phone));
        assert_eq!(address_kind("Anna"), None);
        assert_eq!(address_kind("Bar 84"), None);
    }

    #[test]
    fn a_place_survives_the_way_out_and_in() {
        let place = Place { name: "anna ~ riva".into(), id: PersonId(7) };
        assert_eq!(place.to_string().parse::<Place>().unwrap(), place);
        assert!("anna".parse::<Place>().is_err());
    }
}
