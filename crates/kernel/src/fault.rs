//! The error that a use case answers with, whatever floor it arose on.

use crate::paging::InvalidCursor;
use crate::{Denied, InvalidId, Permission};

/// Why a use case did not do what was asked. The edge turns it into a page or an API problem, in the
/// reader's language, with the next step.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It does not exist, or the actor may not know that it does.
    #[error("not found")]
    NotFound,
    /// The actor may know of it and may not do this.
    #[error("not allowed: needs {}", .0.code())]
    Forbidden(Permission),
    /// Something given cannot be accepted.
    #[error("{field}: {reason}")]
    Invalid {
        /// The field, as named in the form and in the API.
        field: &'static str,
        /// What is wrong with it.
        reason: Reason,
    },
    /// It changed meanwhile, or exists already.
    #[error("conflict: {0}")]
    Conflict(Clash),
    /// Too much, too fast: try again after so many seconds.
    #[error("too many tries; again in {retry_after_seconds} s")]
    TooMany {
        /// Seconds to wait.
        retry_after_seconds: u32,
    },
    /// The store failed. The source says how; users read that it is ours and that nothing was lost.
    #[error("the store failed: {0}")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What can be wrong with a given value. A closed list, so that every one has its sentence in each language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Nothing was given.
    #[error("is missing")]
    Missing,
    /// Longer than the bound.
    #[error("is longer than {0} characters")]
    TooLong(usize),
    /// Shorter than the bound.
    #[error("is shorter than {0} characters")]
    TooShort(usize),
    /// Not of the expected form; the text says which form that is.
    #[error("is not {0}")]
    NotA(&'static str),
    /// Refers to something that does not exist for this actor.
    #[error("does not exist")]
    Unknown,
    /// Exists already and may exist once.
    #[error("is taken already")]
    Taken,
    /// A free explanation for API clients (English).
    #[error("{0}")]
    Because(String),
}

/// What stands in the way of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Clash {
    /// Somebody changed it since it was read.
    #[error("it changed since you read it")]
    Changed,
    /// The state does not allow this change.
    #[error("its state does not allow this")]
    State,
    /// The same idempotency key came with another request.
    #[error("this idempotency key was used for another request")]
    IdempotencyKey,
    /// Set-up was done already.
    #[error("the shop is set up already")]
    AlreadySetUp,
    /// It would leave the shop without an administrator.
    #[error("the shop needs at least one administrator")]
    LastAdministrator,
}

impl Fault {
    /// A given value cannot be accepted.
    pub fn invalid(field: &'static str, reason: Reason) -> Fault {
        Fault::Invalid { field, reason }
    }

    /// The store failed.
    pub fn store(error: impl std::error::Error + Send + Sync + 'static) -> Fault {
        Fault::Store(Box::new(error))
    }
}

impl From<Denied> for Fault {
    fn from(denied: Denied) -> Fault {
        Fault::Forbidden(denied.0)
    }
}

impl From<InvalidId> for Fault {
    fn from(error: InvalidId) -> Fault {
        Fault::Invalid { field: "id", reason: Reason::Because(error.to_string()) }
    }
}

impl From<InvalidCursor> for Fault {
    fn from(error: InvalidCursor) -> Fault {
        Fault::Invalid { field: "cursor", reason: Reason::Because(error.to_string()) }
    }
}

/// A given text, trimmed; an error when it is empty or longer than `most` characters.
pub fn required(field: &'static str, text: &str, most: usize) -> Result<String, Fault> {
    optional(field, text, most)?.ok_or(Fault::Invalid { field, reason: Reason::Missing })
}

/// A given text, trimmed, or `None` when empty; an error when longer than `most` characters. U+0000,
/// which PostgreSQL refuses, is dropped here as everywhere.
pub fn optional(field: &'static str, text: &str, most: usize) -> Result<Option<String>, Fault> {
    let text = text.replace('\0', "");
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().count() > most {
        return Err(Fault::Invalid { field, reason: Reason::TooLong(most) });
    }
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_texts_are_trimmed_bounded_and_free_of_nul() {
        assert_eq!(required("name", " Anna\0 ", 10).unwrap(), "Anna");
        assert!(matches!(required("name", " ", 10), Err(Fault::Invalid { reason: Reason::Missing, .. })));
        assert!(matches!(
            optional("name", "perché", 5),
            Err(Fault::Invalid { reason: Reason::TooLong(5), .. })
        ));
        assert_eq!(optional("name", "perché", 6).unwrap().as_deref(), Some("perché"));
    }
}
