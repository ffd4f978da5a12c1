//! Search: one box over everything that was ever said in the mailboxes that one sees.

pub(crate) mod api;
pub(crate) mod page;

use engine::Tx;
use engine::search::{CANDIDATES, candidates};
use kernel::{Actor, Clock, ConversationId, Fault, Instant, Permission};
use primitives::message::{self, Found};
use primitives::person::{self, Person};
use primitives::voice::{self, Voice};
use text::search::Query;

/// Most characters of a query that are read.
pub const LONGEST: usize = 500;
/// Most people whose names begin like the query.
const PEOPLE: u32 = 5;
/// Seconds after which being recent is worth half.
const HALF_LIFE_SECONDS: f64 = 90.0 * 86_400.0;
/// What being said just now is worth, as a share of how well the text answers.
const RECENT: f64 = 0.6;

/// Something that a search found.
#[derive(Debug)]
pub enum Hit {
    /// What a customer said.
    Voice(Box<Voice>),
    /// What we wrote.
    Ours(Found),
}

impl Hit {
    /// When it was said.
    pub fn occurred_at(&self) -> Instant {
        match self {
            Hit::Voice(voice) => voice.occurred_at,
            Hit::Ours(ours) => ours.occurred_at,
        }
    }

    /// The conversation that it belongs to.
    pub fn conversation(&self) -> Option<ConversationId> {
        match self {
            Hit::Voice(voice) => voice.conversation,
            Hit::Ours(ours) => Some(ours.conversation),
        }
    }

    /// The text in which it is looked for: for a voice the same that was indexed.
    pub fn text(&self) -> String {
        match self {
            Hit::Voice(voice) => {
                let parts = [voice.subject.as_deref(), Some(voice.body.as_str()), voice.author.as_deref()];
                let folded = voice.folded.as_deref();
                parts.into_iter().chain([folded]).flatten().collect::<Vec<_>>().join("\n")
            }
            Hit::Ours(ours) => ours.body.clone(),
        }
    }

    /// The text from which a stretch is shown: the words themselves where the answer stands in them.
    pub fn shown<'h>(&'h self, query: &Query) -> &'h str {
        match self {
            Hit::Ours(ours) => &ours.body,
            Hit::Voice(voice) => {
                let parts = [Some(voice.body.as_str()), voice.subject.as_deref()];
                let best = parts.into_iter().flatten().find(|part| query.matches(part));
                best.unwrap_or(if voice.body.is_empty() {
                    voice.subject.as_deref().unwrap_or_default()
                } else {
                    &voice.body
                })
            }
        }
    }
}

/// What a search found in a window of the history.
#[derive(Debug, Default)]
pub struct Answer {
    /// The best first.
    pub hits: Vec<(f64, Hit)>,
    /// Where the older window starts, when this one was full.
    pub older: Option<i64>,
}

/// Searches the newest [`CANDIDATES`] texts before an entry (the newest of all, when `None`): three
/// statements. What stands in mailboxes that the actor does not see is no candidate.
pub fn search(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    query: &Query,
    before: Option<i64>,
) -> Result<Answer, Fault> {
    actor.authorise(Permission::ReadVoices)?;
    if query.is_empty() {
        return Ok(Answer::default());
    }
    let found = candidates(tx, query, actor.mailbox_keys(), before, CANDIDATES)?;
    let full = found.len() >= CANDIDATES as usize;
    let older = found.last().filter(|_| full).map(|last| last.entry);
    // A long text has several entries, and is one hit.
    let ids = |kind: &str| {
        let mut ids: Vec<i64> = found
            .iter()
            .filter(|candidate| candidate.subject_kind == kind)
            .map(|candidate| candidate.subject_id)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let (voices, messages) = (ids("voice"), ids("message"));
    let mut hits: Vec<Hit> = Vec::with_capacity(found.len());
    if !voices.is_empty() {
        hits.extend(voice::some(tx, actor, voices)?.into_iter().map(|voice| Hit::Voice(Box::new(voice))));
    }
    if !messages.is_empty() {
        hits.extend(message::some(tx, actor, messages)?.into_iter().map(Hit::Ours));
    }
    let now = clock.now();
    let mut hits: Vec<(f64, Hit)> = hits
        .into_iter()
        .map(|hit| (worth(query.score(&hit.text()), hit.occurred_at(), now), hit))
        .filter(|(worth, _)| *worth > 0.0)
        .collect();
    hits.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| b.1.occurred_at().cmp(&a.1.occurred_at())));
    Ok(Answer { hits, older })
}

/// How well a text answers, and a little more when it was said lately.
fn worth(score: f32, at: Instant, now: Instant) -> f64 {
    let age = now.seconds_since(at).max(0) as f64;
    f64::from(score) * (1.0 + RECENT * (-age / HALF_LIFE_SECONDS).exp2())
}

/// People whose name begins like the query, whom the actor may know.
pub fn people(tx: &mut Tx<'_>, actor: &Actor, query: &str) -> Result<Vec<Person>, Fault> {
    let query = query.trim();
    if query.is_empty() || !actor.may(Permission::ReadPeople) {
        return Ok(Vec::new());
    }
    Ok(person::list(tx, actor, query, None, PEOPLE)?)
}

/// Where a hit is read.
pub(crate) fn address(hit: &Hit) -> String {
    match hit {
        Hit::Voice(voice) => match voice.conversation {
            Some(conversation) => format!("/conversations/{conversation}"),
            None => format!("/voices/{}", voice.id),
        },
        Hit::Ours(ours) => format!("/conversations/{}#{}", ours.conversation, ours.id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_lately_is_worth_a_little_more_and_never_decides_alone() {
        let now: Instant = "2026-11-20T09:00:00Z".parse().unwrap();
        let old = now.plus_seconds(-10 * 365 * 86_400);
        assert!(worth(1.0, now, now) > worth(1.0, old, now));
        assert!(worth(2.0, old, now) > worth(1.0, now, now));
        assert_eq!(worth(0.0, now, now), 0.0);
        assert_eq!(worth(1.0, now.plus_seconds(60), now), worth(1.0, now, now));
    }
}
