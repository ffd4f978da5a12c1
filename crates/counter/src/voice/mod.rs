//! A single voice: a capture, a review, the answer to a survey. Answering it opens a conversation.

pub(crate) mod attribute;
pub(crate) mod original;
pub(crate) mod page;

use engine::Tx;
use kernel::{Actor, Clash, Clock, ConversationId, Fault, Permission, VoiceId};
use primitives::conversation::{self, NewConversation};
use primitives::message::{self, Incoming};
use primitives::voice::{self, Voice};
use web::Staff;

use crate::answer::{self, Answer};
use crate::texts::Texts;

/// A voice that the actor may see.
pub fn visible(tx: &mut Tx<'_>, actor: &Actor, id: VoiceId) -> Result<Voice, Fault> {
    actor.authorise(Permission::ReadVoices)?;
    voice::visible(tx, actor, id)?.ok_or(Fault::NotFound)
}

/// Answers a voice that is no conversation yet: it becomes one, in the hands of whoever answers.
pub fn answer(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: VoiceId,
    answer: &Answer<'_>,
) -> Result<ConversationId, Fault> {
    actor.authorise(Permission::AnswerConversations)?;
    let voice = visible(tx, actor, id)?;
    if voice.conversation.is_some() {
        return Err(Fault::Conflict(Clash::State));
    }
    let new = NewConversation {
        mailbox: voice.mailbox,
        person: voice.person,
        subject: voice.subject.clone().unwrap_or_default(),
        channel: voice.channel,
        language: voice.language.clone(),
        owner: actor.account,
        team: None,
        product: voice.product,
        historical: false,
        continues: None,
        external_id: None,
        opened_at: voice.occurred_at,
    };
    let conversation = conversation::open(tx, clock, actor, &new)?;
    let incoming =
        Incoming { voice: id, person: voice.person, words: &voice.body, at: voice.occurred_at, quiet: false };
    message::receive(tx, clock, actor, conversation, incoming)?;
    answer::answer(tx, clock, actor, conversation, answer)?;
    Ok(conversation)
}

/// A score as the customer gave it: "3 su 5". Empty where none was given.
pub(crate) fn score(t: &Texts, staff: &Staff, score: Option<f64>, most: Option<f64>) -> String {
    let figure = |value: f64| staff.formats.decimal(value, if value.fract() == 0.0 { 0 } else { 1 });
    match (score, most) {
        (Some(score), Some(most)) => t.voice_score(figure(most), figure(score)),
        (Some(score), None) => figure(score),
        (None, _) => String::new(),
    }
}
