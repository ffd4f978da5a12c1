//! One story: what a customer said and what came of it, told turn by turn.

use ::demo::{Channel, Score, State, Story, Turn, TurnKind};
use engine::{Tx, blob};
use kernel::{Actor, Clock, ConversationId, Fault, Instant, MailboxId, ManualClock, PersonId, VoiceId};
use listen::arrival::{self, Arrived, Format, Mark};
use mail::Address;
use mail::compose::{Outgoing, OutgoingAttachment};
use primitives::attachment::{self, NewAttachment, Owner};
use primitives::conversation::{self, NewConversation};
use primitives::message::{self, Incoming, Kind, Ours};
use primitives::voice::{self, NewVoice};
use primitives::{source, tag};

use super::company::Known;
use super::unknown;

/// Most Message-IDs that a raw mail refers to.
const REFERENCES: usize = 12;

/// Tells a story.
pub(super) fn load(
    tx: &mut Tx<'_>,
    clock: &ManualClock,
    known: &Known,
    story: &Story,
    now: Instant,
) -> Result<(), Fault> {
    let teller = Teller {
        known,
        story,
        mailbox: *known.mailboxes.get(story.mailbox).ok_or_else(|| unknown("mailbox"))?,
        person: story.person.and_then(|index| known.person(index)),
        product: story.product.and_then(|key| known.product(key, story.version)),
    };
    let mut conversation = None;
    for (index, turn) in story.turns.iter().enumerate() {
        clock.set(Instant::from_micros(turn.at_micros));
        conversation = teller.turn(tx, clock, index, turn, conversation)?;
    }
    if let (Some(id), Some(state)) = (conversation, story.state) {
        teller.end(tx, clock, id, state, now)?;
    }
    Ok(())
}

struct Teller<'a> {
    known: &'a Known,
    story: &'a Story,
    mailbox: MailboxId,
    person: Option<PersonId>,
    product: Option<kernel::ProductId>,
}

impl Teller<'_> {
    fn turn(
        &self,
        tx: &mut Tx<'_>,
        clock: &ManualClock,
        index: usize,
        turn: &Turn,
        conversation: Option<ConversationId>,
    ) -> Result<Option<ConversationId>, Fault> {
        match &turn.kind {
            TurnKind::Incoming { channel, noted_by, .. } => {
                let voice = self.hear(tx, clock, index, turn, *channel, *noted_by)?;
                if self.story.state.is_none() {
                    return Ok(None);
                }
                let id = match conversation {
                    Some(id) => id,
                    None => self.open(tx, clock, turn, *channel)?,
                };
                let incoming =
                    Incoming { voice, person: self.person, words: &turn.text, at: clock.now(), quiet: false };
                message::receive(tx, clock, &self.known.machine, id, incoming)?;
                Ok(Some(id))
            }
            TurnKind::Outgoing { by } => self.write(tx, clock, index, turn, conversation, by, Kind::Outgoing),
            TurnKind::Note { by } => self.write(tx, clock, index, turn, conversation, by, Kind::Note),
        }
    }

    fn hear(
        &self,
        tx: &mut Tx<'_>,
        clock: &ManualClock,
        index: usize,
        turn: &Turn,
        channel: Channel,
        noted_by: Option<&str>,
    ) -> Result<VoiceId, Fault> {
        let kind = channel_of(channel);
        let name = source_name(self.known, self.story, channel);
        let machine = &self.known.machine;
        let from = source::find_or_create(tx, clock, machine, &name, kind.code(), self.mailbox)?;
        let (score, score_most) = score_of(turn);
        let (body, folded) = split(self.story, turn, channel)?;
        let captured_by = noted_by.and_then(|key| self.known.account(key));
        let raw = raw(self.known, self.story, index, turn, channel)?;
        let digest = blob::put(tx, &raw)?;
        let external_id = match channel {
            Channel::Mail => self.story.message_id(index),
            _ => format!("{}-{index}", self.story.key),
        };
        let new = NewVoice {
            source: Some(from.id),
            mailbox: self.mailbox,
            person: self.person,
            product: self.product,
            channel: kind,
            subject: matches!(channel, Channel::Mail | Channel::Form).then(|| self.story.subject.clone()),
            body,
            folded,
            language: Some(turn.language.code().to_owned()),
            score,
            score_most,
            labels: Vec::new(),
            author: None,
            message_key: (channel == Channel::Mail).then(|| self.story.message_id(index)),
            external_id: Some(external_id.clone()),
            raw: Some(digest),
            captured_by,
            historical: false,
            occurred_at: clock.now(),
        };
        let actor = noted_by.map_or_else(|| machine.clone(), |key| self.known.actor(key));
        let voice = voice::hear(tx, clock, &actor, &new)?;
        // The ledger knows it like everything that a source brings.
        let arrived = Arrived {
            source: from.id,
            name: external_id.clone(),
            format: if channel == Channel::Mail { Format::Mail } else { Format::Line },
            digest,
            mark: Mark { external_id: Some(external_id), content: None },
            voice: Some(voice),
            duplicate_of: None,
            flag: None,
        };
        arrival::arrive(tx, clock, &arrived)?;
        for file in &turn.attachments {
            let new = NewAttachment {
                name: &file.name,
                media_type: file.media_type,
                bytes: &file.bytes,
                inline: false,
            };
            attachment::keep(tx, clock, self.mailbox, Owner::Voice(voice), &new)?;
        }
        Ok(voice)
    }

    fn open(
        &self,
        tx: &mut Tx<'_>,
        clock: &ManualClock,
        turn: &Turn,
        channel: Channel,
    ) -> Result<ConversationId, Fault> {
        let new = NewConversation {
            mailbox: self.mailbox,
            person: self.person,
            subject: self.story.subject.clone(),
            channel: channel_of(channel),
            language: Some(turn.language.code().to_owned()),
            owner: self.story.owner.and_then(|key| self.known.account(key)),
            team: self.known.teams.get(self.story.team).copied(),
            product: self.product,
            historical: false,
            continues: None,
            external_id: Some(format!("story-{}", self.story.key)),
            opened_at: clock.now(),
        };
        let id = conversation::open(tx, clock, &self.known.machine, &new)?;
        for name in &self.story.tags {
            let tag = tag::find_or_create(tx, clock, name)?;
            tag::put(tx, id, tag)?;
        }
        Ok(id)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one turn")]
    fn write(
        &self,
        tx: &mut Tx<'_>,
        clock: &ManualClock,
        index: usize,
        turn: &Turn,
        conversation: Option<ConversationId>,
        by: &str,
        kind: Kind,
    ) -> Result<Option<ConversationId>, Fault> {
        let Some(id) = conversation else { return Err(unknown("conversation")) };
        let actor = self.known.actor(by);
        let open = conversation::required(tx, &actor, id)?;
        let ours = Ours {
            kind,
            body: &turn.text,
            language: Some(turn.language.code()),
            author: None,
            at: None,
            state: (kind == Kind::Outgoing).then_some(conversation::State::WaitingForCustomer),
        };
        let message = message::write(tx, clock, &actor, &open, &ours)?;
        if kind == Kind::Outgoing {
            message::set_key(tx, message, &self.story.message_id(index))?;
        }
        Ok(Some(id))
    }

    /// Brings the conversation into the state in which it stands.
    fn end(
        &self,
        tx: &mut Tx<'_>,
        clock: &ManualClock,
        id: ConversationId,
        state: State,
        now: Instant,
    ) -> Result<(), Fault> {
        let (to, until) = state_of(clock, state, now);
        let actor: Actor =
            self.story.owner.map_or_else(|| self.known.machine.clone(), |key| self.known.actor(key));
        let before = conversation::required(tx, &actor, id)?;
        if before.state != to {
            conversation::set_state(tx, clock, &actor, id, to, until, None)?;
        }
        Ok(())
    }
}

/// The channel as the product knows it.
pub(super) fn channel_of(channel: Channel) -> primitives::Channel {
    match channel {
        Channel::Mail => primitives::Channel::Mail,
        Channel::Phone => primitives::Channel::Phone,
        Channel::Counter => primitives::Channel::Counter,
        Channel::Form => primitives::Channel::Form,
        Channel::Review => primitives::Channel::Review,
        Channel::Survey => primitives::Channel::Survey,
    }
}

/// One source a channel and desk: a source brings to one mailbox.
pub(super) fn source_name(known: &Known, story: &Story, channel: Channel) -> String {
    let name = match channel {
        Channel::Mail => "Posta",
        Channel::Phone => "Telefono",
        Channel::Counter => "Banco",
        Channel::Form => "Modulo del sito",
        Channel::Review => "Recensioni",
        Channel::Survey => "Sondaggi",
    };
    let (desk, _) = known.desks.get(story.mailbox).copied().unwrap_or_default();
    format!("{name} · {desk}")
}

/// The score that came with a turn, and the highest that could be given.
pub(super) fn score_of(turn: &Turn) -> (Option<f64>, Option<f64>) {
    match turn.kind {
        TurnKind::Incoming { score: Some(Score::Stars(stars)), .. } => (Some(f64::from(stars)), Some(5.0)),
        TurnKind::Incoming { score: Some(Score::Recommend(number)), .. } => {
            (Some(f64::from(number)), Some(10.0))
        }
        _ => (None, None),
    }
}

/// The customer's own words, and what a mail folds away as JSON.
pub(super) fn split(story: &Story, turn: &Turn, channel: Channel) -> Result<(String, Option<String>), Fault> {
    if channel != Channel::Mail {
        return Ok((turn.text.clone(), None));
    }
    let split = mail::fold::split(&turn.text, &story.subject);
    let folded = (!split.folds.is_empty()).then(|| serde_json::to_string(&split.folds));
    Ok((split.reply, folded.transpose().map_err(Fault::store)?))
}

/// The state in which a conversation stands and until when it sleeps. A closed one was closed at its own
/// moment, to which the clock is set.
pub(super) fn state_of(
    clock: &ManualClock,
    state: State,
    now: Instant,
) -> (conversation::State, Option<Instant>) {
    match state {
        State::Open => (conversation::State::Open, None),
        State::WaitingForUs => (conversation::State::WaitingForUs, None),
        State::WaitingForCustomer => (conversation::State::WaitingForCustomer, None),
        State::Snoozed { until_micros } => {
            (conversation::State::Snoozed, Some(Instant::from_micros(until_micros)))
        }
        State::Closed { at_micros } => {
            clock.set(Instant::from_micros(at_micros).min(now));
            (conversation::State::Closed, None)
        }
    }
}

/// The bytes as they would have come: a mail, or a line of JSON.
pub(super) fn raw(
    known: &Known,
    story: &Story,
    index: usize,
    turn: &Turn,
    channel: Channel,
) -> Result<Vec<u8>, Fault> {
    if channel != Channel::Mail {
        let line = serde_json::json!({
            "external_id": format!("{}-{index}", story.key),
            "text": turn.text,
            "language": turn.language,
            "occurred_at": Instant::from_micros(turn.at_micros),
        });
        return Ok(line.to_string().into_bytes());
    }
    let author = story.person.and_then(|at| known.customers.get(at));
    let (name, address) = author.cloned().unwrap_or_default();
    let mut references = story.references(index);
    // As mail programs do: the first and the latest.
    if references.len() > REFERENCES {
        references.drain(1..references.len() + 1 - REFERENCES);
    }
    let mail = Outgoing {
        message_id: story.message_id(index),
        from: Address { name: Some(name), address },
        to: vec![Address {
            name: None,
            address: known.desks.get(story.mailbox).map_or("", |(_, address)| address).to_owned(),
        }],
        subject: story.subject.clone(),
        in_reply_to: references.last().cloned().into_iter().collect(),
        references,
        date_micros: turn.at_micros,
        text: turn.text.clone(),
        attachments: turn
            .attachments
            .iter()
            .map(|file| OutgoingAttachment {
                name: file.name.clone(),
                media_type: file.media_type.to_owned(),
                bytes: file.bytes.clone(),
                content_id: None,
            })
            .collect(),
        ..Outgoing::default()
    };
    mail::compose::render(&mail).map_err(Fault::store)
}
