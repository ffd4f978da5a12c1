//! One story as rows: the same that telling it turn by turn leaves behind.

use ::demo::{Channel, Story, Turn, TurnKind};
use engine::bulk::Bulk;
use kernel::{
    Actor, ActorKind, Clock, ConversationId, Fault, Instant, MailboxId, ManualClock, PersonId, ProductId,
    SourceId, VoiceId,
};
use primitives::conversation::{self, State};
use primitives::event::{EventKind, NewEvent};
use primitives::message::Kind;

use super::super::company::Known;
use super::super::story::{channel_of, raw, score_of, source_name, split, state_of};
use super::super::unknown;
use super::Loader;

/// A conversation while its story is told.
struct Open {
    id: ConversationId,
    channel: &'static str,
    language: &'static str,
    opened_at: Instant,
    last_at: Instant,
    state: State,
    waiting_since: Option<Instant>,
    closed_at: Option<Instant>,
    snoozed_until: Option<Instant>,
    preview: String,
    revision: i64,
}

pub(super) struct Telling<'a> {
    pub known: &'a Known,
    pub clock: &'a ManualClock,
    pub bulk: &'a Bulk,
    pub story: &'a Story,
    pub mailbox: MailboxId,
    pub person: Option<PersonId>,
    pub product: Option<ProductId>,
    pub now: Instant,
}

impl Telling<'_> {
    pub fn tell(&self, loader: &mut Loader) -> Result<(), Fault> {
        let mut open: Option<Open> = None;
        for (index, turn) in self.story.turns.iter().enumerate() {
            self.clock.set(Instant::from_micros(turn.at_micros));
            match &turn.kind {
                TurnKind::Incoming { channel, noted_by, .. } => {
                    let voice = self.mint();
                    if self.story.state.is_some() && open.is_none() {
                        open = Some(self.open(loader, turn, *channel)?);
                    }
                    self.hear(loader, index, turn, *channel, *noted_by, voice, open.as_ref())?;
                    if let Some(open) = open.as_mut() {
                        self.receive(loader, turn, voice, open);
                    }
                }
                TurnKind::Outgoing { by } => {
                    self.write(loader, index, turn, open.as_mut(), by, Kind::Outgoing)?
                }
                TurnKind::Note { by } => self.write(loader, index, turn, open.as_mut(), by, Kind::Note)?,
            }
        }
        if let Some(mut open) = open {
            self.end(loader, &mut open);
            self.close(loader, open);
        }
        Ok(())
    }

    fn mint<T: From<i64>>(&self) -> T {
        T::from(self.bulk.mint(self.clock))
    }

    fn open(&self, loader: &mut Loader, turn: &Turn, channel: Channel) -> Result<Open, Fault> {
        let id: ConversationId = self.mint();
        let at = self.clock.now();
        for name in &self.story.tags {
            let tag = loader.tag(name, || self.mint());
            loader.tables.conversation_tag.push([id.into(), tag.into()]);
        }
        let event = NewEvent {
            occurred_at: Some(at),
            started_at: Some(at),
            case: Some(id.raw()),
            mailbox: Some(self.mailbox),
            person: self.person,
            product: self.product,
            by: Some(ActorKind::Customer),
            ..NewEvent::new(EventKind::ConversationOpened, "conversation", id.raw())
        };
        loader.tables.event(self.bulk, self.clock, &self.known.machine, event);
        Ok(Open {
            id,
            channel: channel_of(channel).code(),
            language: turn.language.code(),
            opened_at: at,
            last_at: at,
            state: State::Open,
            waiting_since: None,
            closed_at: None,
            snoozed_until: None,
            preview: String::new(),
            revision: 1,
        })
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one turn")]
    fn hear(
        &self,
        loader: &mut Loader,
        index: usize,
        turn: &Turn,
        channel: Channel,
        noted_by: Option<&'static str>,
        voice: VoiceId,
        open: Option<&Open>,
    ) -> Result<(), Fault> {
        let at = self.clock.now();
        let source = self.source(loader, channel);
        let (score, score_most) = score_of(turn);
        let (body, folded) = split(self.story, turn, channel)?;
        let captured_by = noted_by.and_then(|key| self.known.account(key));
        let digest = loader.tables.raw(&raw(self.known, self.story, index, turn, channel)?)?;
        let mail = channel == Channel::Mail;
        let key = self.story.message_id(index);
        let external_id = if mail { key.clone() } else { format!("{}-{index}", self.story.key) };
        let subject = matches!(channel, Channel::Mail | Channel::Form).then_some(self.story.subject.as_str());
        let searched = [subject, Some(body.as_str()), folded.as_deref()];
        let searched = searched.into_iter().flatten().collect::<Vec<_>>().join("\n");
        let language = turn.language.code();
        loader.tables.indexed("voice", voice.raw(), self.mailbox, at, &searched, language);
        loader.tables.voice.push([
            voice.into(),
            source.into(),
            self.mailbox.into(),
            self.person.into(),
            open.map(|open| open.id).into(),
            self.product.into(),
            channel_of(channel).code().into(),
            subject.into(),
            body.into(),
            folded.into(),
            language.into(),
            score.into(),
            score_most.into(),
            mail.then_some(key).into(),
            external_id.as_str().into(),
            digest.into(),
            captured_by.into(),
            false.into(),
            at.into(),
            at.into(),
        ]);
        let event = NewEvent {
            occurred_at: Some(at),
            mailbox: Some(self.mailbox),
            person: self.person,
            product: self.product,
            source: Some(source),
            by: Some(if captured_by.is_some() { ActorKind::Human } else { ActorKind::Customer }),
            ..NewEvent::new(EventKind::VoiceHeard, "voice", voice.raw())
                .detail(serde_json::json!({ "channel": channel_of(channel).code() }))
        };
        let actor = noted_by.map_or_else(|| self.known.machine.clone(), |key| self.known.actor(key));
        loader.tables.event(self.bulk, self.clock, &actor, event);
        loader.tables.arrival.push([
            self.mint::<i64>().into(),
            source.into(),
            at.utc_day().into(),
            at.into(),
            external_id.as_str().into(),
            if mail { "mail" } else { "jsonl" }.into(),
            digest.into(),
            external_id.into(),
            "stored".into(),
            false.into(),
            voice.into(),
        ]);
        for file in &turn.attachments {
            let digest = loader.tables.file(&file.bytes)?;
            loader.tables.attachment.push([
                self.mint::<i64>().into(),
                self.mailbox.into(),
                voice.into(),
                file.name.as_str().into(),
                file.media_type.into(),
                file.bytes.len().into(),
                digest.into(),
                false.into(),
            ]);
        }
        Ok(())
    }

    fn source(&self, loader: &mut Loader, channel: Channel) -> SourceId {
        let name = source_name(self.known, self.story, channel);
        if let Some(known) = loader.sources.get(&name) {
            return *known;
        }
        let id: SourceId = self.mint();
        loader.tables.source.push([
            id.into(),
            name.as_str().into(),
            channel_of(channel).code().into(),
            self.mailbox.into(),
            self.clock.now().into(),
        ]);
        let event = NewEvent {
            mailbox: Some(self.mailbox),
            source: Some(id),
            ..NewEvent::new(EventKind::SourceCreated, "source", id.raw())
        };
        loader.tables.event(self.bulk, self.clock, &self.known.machine, event);
        loader.sources.insert(name, id);
        id
    }

    fn receive(&self, loader: &mut Loader, turn: &Turn, voice: VoiceId, open: &mut Open) {
        let at = self.clock.now();
        loader.tables.message.push([
            self.mint::<i64>().into(),
            open.id.into(),
            self.person.into(),
            Kind::Incoming.code().into(),
            voice.into(),
            engine::Value::Null,
            engine::Value::Null,
            engine::Value::Null,
            engine::Value::Null,
            at.into(),
            at.into(),
        ]);
        open.preview = conversation::preview_of(&turn.text);
        let customer = Actor { kind: ActorKind::Customer, account: None, ..self.known.machine.clone() };
        self.said(loader, open, &customer, Some(State::WaitingForUs));
    }

    fn write(
        &self,
        loader: &mut Loader,
        index: usize,
        turn: &Turn,
        open: Option<&mut Open>,
        by: &str,
        kind: Kind,
    ) -> Result<(), Fault> {
        let open = open.ok_or_else(|| unknown("conversation"))?;
        let (at, actor) = (self.clock.now(), self.known.actor(by));
        let id: i64 = self.mint();
        let language = turn.language.code();
        let outgoing = kind == Kind::Outgoing;
        loader.tables.message.push([
            id.into(),
            open.id.into(),
            self.person.into(),
            kind.code().into(),
            engine::Value::Null,
            actor.account.into(),
            turn.text.as_str().into(),
            language.into(),
            outgoing.then(|| self.story.message_id(index)).into(),
            at.into(),
            at.into(),
        ]);
        loader.tables.indexed("message", id, self.mailbox, at, &turn.text, language);
        let event = NewEvent {
            occurred_at: Some(at),
            enabled_at: open.waiting_since,
            ended_at: Some(at),
            case: Some(open.id.raw()),
            mailbox: Some(self.mailbox),
            person: self.person,
            product: self.product,
            ..NewEvent::new(
                if outgoing { EventKind::MessageAnswered } else { EventKind::MessageNoted },
                "message",
                id,
            )
        };
        loader.tables.event(self.bulk, self.clock, &actor, event);
        self.said(loader, open, &actor, outgoing.then_some(State::WaitingForCustomer));
        Ok(())
    }

    /// Moves the conversation, as something said does.
    fn said(&self, loader: &mut Loader, open: &mut Open, actor: &Actor, state: Option<State>) {
        let at = self.clock.now();
        let state = state.unwrap_or(open.state);
        open.waiting_since = (state == State::WaitingForUs).then(|| open.waiting_since.unwrap_or(at));
        open.last_at = at;
        open.revision += 1;
        self.moved(loader, open, actor, state, Some(at));
    }

    fn moved(&self, loader: &mut Loader, open: &mut Open, actor: &Actor, to: State, at: Option<Instant>) {
        let from = std::mem::replace(&mut open.state, to);
        if from == to {
            return;
        }
        let event = NewEvent {
            occurred_at: at,
            case: Some(open.id.raw()),
            mailbox: Some(self.mailbox),
            ..NewEvent::new(EventKind::ConversationStateChanged, "conversation", open.id.raw())
                .detail(serde_json::json!({ "from": from.code(), "to": to.code() }))
        };
        loader.tables.event(self.bulk, self.clock, actor, event);
    }

    /// Brings the conversation into the state in which it stands.
    fn end(&self, loader: &mut Loader, open: &mut Open) {
        let Some(state) = self.story.state else { return };
        let (to, until) = state_of(self.clock, state, self.now);
        if open.state == to {
            return;
        }
        let owner = self.story.owner;
        let actor = owner.map_or_else(|| self.known.machine.clone(), |key| self.known.actor(key));
        open.waiting_since = (to == State::WaitingForUs).then(|| open.waiting_since.unwrap_or(open.last_at));
        open.snoozed_until = until;
        open.closed_at = (to == State::Closed).then(|| self.clock.now());
        open.revision += 1;
        self.moved(loader, open, &actor, to, None);
    }

    fn close(&self, loader: &mut Loader, open: Open) {
        loader.tables.conversation.push([
            open.id.into(),
            self.mailbox.into(),
            self.person.into(),
            self.story.subject.as_str().into(),
            open.state.code().into(),
            open.channel.into(),
            open.language.into(),
            self.story.owner.and_then(|key| self.known.account(key)).into(),
            self.known.teams.get(self.story.team).copied().into(),
            self.product.into(),
            self.bulk.derive("reply", open.id.raw()).into(),
            open.preview.into(),
            false.into(),
            format!("story-{}", self.story.key).into(),
            open.opened_at.into(),
            open.last_at.into(),
            open.waiting_since.into(),
            open.snoozed_until.into(),
            open.closed_at.into(),
            open.revision.into(),
        ]);
    }
}
