//! The primitives that everything the product does is built from: who works here, people, voices,
//! conversations and their messages, the event log and the outbox, with their invariants and their SQL.
//!
//! A state change of a primitive is a function here, so that rooms never write these tables themselves.
//! Every change appends its event and its signal in the same transaction.

pub mod account;
pub mod attachment;
pub mod channel;
pub mod conversation;
pub mod doorway;
pub mod event;
pub mod held;
pub mod identity;
pub mod invariant;
pub mod known_browser;
pub mod mailbox;
pub mod message;
pub mod organisation;
pub mod outbox;
pub mod passkey;
pub mod person;
pub mod policy;
pub mod product;
pub mod provider;
pub mod sealed;
pub mod searched;
pub mod second_factor;
pub mod session;
pub mod shop;
pub mod source;
pub mod tag;
pub mod team;
pub mod token;
pub mod voice;

pub use channel::Channel;

/// The statements of this crate, for the test that prepares every one on both engines.
pub fn all_statements() -> Vec<&'static engine::Statement> {
    [
        account::ALL,
        attachment::ALL,
        &conversation::all(),
        doorway::ALL,
        event::ALL,
        held::ALL,
        identity::ALL,
        &invariant::statements(),
        known_browser::ALL,
        mailbox::ALL,
        message::ALL,
        organisation::ALL,
        outbox::ALL,
        passkey::ALL,
        person::ALL,
        policy::ALL,
        product::ALL,
        provider::ALL,
        second_factor::ALL,
        sealed::ALL,
        searched::ALL,
        session::ALL,
        shop::ALL,
        source::ALL,
        tag::ALL,
        team::ALL,
        token::ALL,
        voice::ALL,
    ]
    .concat()
}
