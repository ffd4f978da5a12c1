//! Identities: the addresses and handles that a person uses. One of a kind and value belongs to exactly
//! one person.

use engine::{DbError, Row, Tx, params};
use kernel::{Actor, Clock, Fault, IdentityId, PersonId, Reason};
use serde::{Deserialize, Serialize};

use crate::event::{self, EventKind, NewEvent};

/// What kind of address or handle it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IdentityKind {
    /// A mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A name on a social network or forum.
    Handle,
    /// A number in another system.
    External,
}

impl IdentityKind {
    /// Every kind, in the order in which a chooser lists them.
    pub const ALL: [IdentityKind; 4] =
        [IdentityKind::Email, IdentityKind::Phone, IdentityKind::Handle, IdentityKind::External];

    /// As stored and as named in the API.
    pub fn code(self) -> &'static str {
        match self {
            IdentityKind::Email => "email",
            IdentityKind::Phone => "phone",
            IdentityKind::Handle => "handle",
            IdentityKind::External => "external",
        }
    }

    /// From its stored form.
    pub fn from_code(code: &str) -> Option<IdentityKind> {
        IdentityKind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The form under which a value is stored and found: two spellings of one address are one identity.
    pub fn normalise(self, value: &str) -> Option<String> {
        let value = value.trim();
        match self {
            IdentityKind::Email => {
                let value = value.to_lowercase();
                is_email(&value).then_some(value)
            }
            IdentityKind::Phone => normalise_phone(value),
            IdentityKind::Handle | IdentityKind::External => {
                let value = value.to_lowercase();
                (!value.is_empty() && value.chars().count() <= 200).then_some(value)
            }
        }
    }
}

/// Whether a text is a plausible mail address: one `@`, a name before it, a host after it, no white space.
pub fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>,;\"()[]".contains(c);
    !local.is_empty()
        && local.len() <= 64
        && !host.is_empty()
        && host.len() <= 253
        && !host.starts_with(['.', '-'])
        && !host.ends_with('.')
        && text.chars().all(plain)
        && !local.contains('@')
}

/// Digits with an international prefix. A number without one is taken as Italian, the shop's first
/// country; Italian numbers keep their leading zero.
fn normalise_phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if text.chars().any(|c| c.is_alphabetic()) || !(5..=15).contains(&digits.len()) {
        return None;
    }
    let international = if text.trim_start().starts_with('+') {
        digits
    } else if let Some(rest) = digits.strip_prefix("00") {
        rest.to_owned()
    } else {
        format!("39{digits}")
    };
    Some(format!("+{international}"))
}

/// An address or handle of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// Its id.
    pub id: IdentityId,
    /// The person it was written for (a merge does not change that).
    #[serde(skip)]
    pub person: PersonId,
    /// Its kind.
    pub kind: IdentityKind,
    /// The normalised value.
    pub value: String,
    /// The value as it was given.
    pub shown: String,
}

engine::statements! {
    /// Who uses an address: the person and the one that person is merged into.
    FIND = "SELECT i.person_id, p.root_id FROM identity i JOIN person p ON p.id = i.person_id
            WHERE i.kind = $1 AND i.value = $2";
    /// Creates an identity.
    CREATE = "INSERT INTO identity (id, person_id, kind, value, shown, created_at) VALUES ($1, $2, $3, $4, $5, $6)
              ON CONFLICT (kind, value) DO NOTHING";
    /// The identities of a person and of those merged into them.
    OF_PERSON = "SELECT i.id, i.person_id, i.kind, i.value, i.shown FROM identity i
                 WHERE i.person_id IN (SELECT id FROM person WHERE root_id = $1) ORDER BY i.kind, i.id";
    /// Removes an identity of a person.
    REMOVE = "DELETE FROM identity WHERE id = $1
              AND person_id IN (SELECT id FROM person WHERE root_id = $2)";
}

fn read(row: &mut Row<'_>) -> Result<Identity, DbError> {
    Ok(Identity {
        id: row.take()?,
        person: row.take()?,
        kind: IdentityKind::from_code(&row.take::<String>()?).unwrap_or(IdentityKind::External),
        value: row.take()?,
        shown: row.take()?,
    })
}

/// Who uses this address: the person it was written for. `None` for an address nobody is known by.
pub fn find(tx: &mut Tx<'_>, kind: IdentityKind, value: &str) -> Result<Option<PersonId>, DbError> {
    let Some(value) = kind.normalise(value) else { return Ok(None) };
    tx.find(&FIND, params![kind.code(), value], |row| row.take())
}

/// Adds an identity to a person. An address that another person uses is refused: two people are merged,
/// never an address moved behind their backs. The caller authorises.
pub fn add(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    person: PersonId,
    kind: IdentityKind,
    shown: &str,
) -> Result<IdentityId, Fault> {
    let value = kind.normalise(shown).ok_or(Fault::invalid(
        "identity",
        Reason::NotA(match kind {
            IdentityKind::Email => "a mail address",
            IdentityKind::Phone => "a telephone number",
            IdentityKind::Handle | IdentityKind::External => "a short text",
        }),
    ))?;
    let id: IdentityId = tx.mint(clock);
    let created = tx.execute(&CREATE, params![id, person, kind.code(), value, shown.trim(), clock.now()])?;
    if created == 0 {
        return Err(Fault::invalid("identity", Reason::Taken));
    }
    let event = NewEvent {
        person: Some(person),
        ..NewEvent::new(EventKind::IdentityAdded, "identity", id.raw())
            .detail(serde_json::json!({ "kind": kind.code() }))
    };
    event::append(tx, clock, actor, event)?;
    Ok(id)
}

/// The identities of a person, those of people merged into them included.
pub fn of_person(tx: &mut Tx<'_>, root: PersonId) -> Result<Vec<Identity>, DbError> {
    tx.query(&OF_PERSON, params![root], read)
}

/// Takes an identity away. The caller authorises and has checked that the person is visible.
pub fn remove(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    root: PersonId,
    id: IdentityId,
) -> Result<(), Fault> {
    if tx.execute(&REMOVE, params![id, root])? == 0 {
        return Err(Fault::NotFound);
    }
    let event =
        NewEvent { person: Some(root), ..NewEvent::new(EventKind::IdentityRemoved, "identity", id.raw()) };
    event::append(tx, clock, actor, event)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_an_address_are_one_identity() {
        let phone = |text| IdentityKind::Phone.normalise(text);
        assert_eq!(phone("055 123 4567"), phone("+39 055-1234567"));
        assert_eq!(phone("0039 055 1234567"), phone("+39 (055) 1234567"));
        assert_eq!(phone("call me"), None);
        assert_eq!(phone("12"), None);
        let email = |text| IdentityKind::Email.normalise(text);
        assert_eq!(email(" Anna.Riva@LaPieve.example "), Some("anna.riva@lapieve.example".into()));
        for wrong in ["anna", "@host", "anna@", "a b@host", "a@b@c", "<a@b>", "anna@host.", "a\n@host"] {
            assert_eq!(email(wrong), None, "{wrong}");
        }
    }
}
