//! What must always hold of the primitives' tables. See [`engine::invariant`].

mod conversations;
mod events;
mod outgoing;
mod people;
mod voices;

use engine::Statement;
use engine::invariant::Invariant;

/// Where the ranges of each growing table end. A room that checks one of these tables walks it by these.
pub mod walks {
    use engine::walk;

    engine::statements! {
        /// Persons.
        PERSONS = walk("person");
        /// Identities.
        IDENTITIES = walk("identity");
        /// Conversations.
        CONVERSATIONS = walk("conversation");
        /// Voices.
        VOICES = walk("voice");
        /// Messages.
        MESSAGES = walk("message");
        /// Attachments.
        ATTACHMENTS = walk("attachment");
        /// Events.
        EVENTS = walk("event");
        /// Outgoing items.
        OUTBOX = walk("outbox");
        /// Search entries.
        ENTRIES = walk("search_entry");
    }
}

/// What must hold of the primitives' tables.
pub fn all() -> Vec<&'static Invariant> {
    [
        people::FEW,
        people::ROWS,
        people::CODE,
        conversations::ROWS,
        conversations::CODE,
        voices::ROWS,
        voices::CODE,
        outgoing::ROWS,
        outgoing::CODE,
        events::ROWS,
        events::CODE,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The statements of these checks.
pub(crate) fn statements() -> Vec<&'static Statement> {
    [
        walks::ALL,
        people::ALL,
        people::rules::ALL,
        conversations::ALL,
        conversations::rules::ALL,
        voices::ALL,
        voices::rules::ALL,
        outgoing::ALL,
        outgoing::rules::ALL,
        events::ALL,
        events::rules::ALL,
    ]
    .concat()
}
