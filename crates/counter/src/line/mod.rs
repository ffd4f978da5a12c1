//! A conversation as one line of a list: who, what they said, and what is due.

use kernel::{Instant, Role};
use primitives::conversation::{State, Summary};
use web::Staff;

use crate::texts::Texts;

/// Seconds before a promise's end from which it is at risk.
const AT_RISK_SECONDS: i64 = 4 * 3_600;

/// A line, ready to be shown.
pub(crate) struct Line {
    /// The conversation.
    pub id: String,
    /// With whom.
    pub who: String,
    /// The letters of the face.
    pub letters: String,
    /// Its colour, which means nothing.
    pub hue: &'static str,
    /// What one knows of them in a few words.
    pub about: String,
    /// What it is about; empty when nobody said.
    pub subject: String,
    /// The customer's last words between the quotation marks of the reader's language; empty before the first.
    pub words: String,
    /// Whose hands it is in, when they are not the reader's.
    pub hands: String,
    /// What is due, or who has the word.
    pub mark: Mark,
    /// When somebody last said something.
    pub when: String,
    /// The same for machines.
    pub when_iso: String,
    /// Whether the customer waits for us.
    pub waits: bool,
    /// Whether it is closed.
    pub done: bool,
}

/// A mark: words, and what its colour means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    /// `kept`, `risk`, `broken`, `calm` or `plain`.
    pub kind: &'static str,
    /// The words.
    pub words: String,
}

/// How a promise's end stands: kept while there is time, at risk when it is near, broken when it passed.
pub(crate) fn standing(due: Instant, now: Instant) -> &'static str {
    match due.seconds_since(now) {
        left if left < 0 => "broken",
        left if left <= AT_RISK_SECONDS => "risk",
        _ => "kept",
    }
}

/// What is due in a conversation, or who has the word.
pub(crate) fn mark(
    t: &Texts,
    staff: &Staff,
    state: State,
    due_at: Option<Instant>,
    waiting_since: Option<Instant>,
    snoozed_until: Option<Instant>,
) -> Mark {
    let now = staff.now;
    let moment = |at: Instant| staff.formats.moment(at.micros(), now.micros());
    let plain = |words: &str| Mark { kind: "plain", words: words.to_owned() };
    if let (Some(due), true) = (due_at, state != State::Closed) {
        let words = if due < now { t.line_overdue(moment(due)) } else { t.line_due(moment(due)) };
        return Mark { kind: standing(due, now), words };
    }
    match state {
        State::WaitingForUs => match waiting_since {
            Some(since) => plain(&t.line_waits(staff.formats.ago(since.micros(), now.micros()))),
            None => plain(t.line_waits_for_us()),
        },
        State::WaitingForCustomer => plain(t.line_waits_for_customer()),
        State::Open => plain(t.line_open()),
        State::Snoozed => match snoozed_until {
            Some(until) => Mark { kind: "calm", words: t.line_snoozed(moment(until)) },
            None => plain(t.line_open()),
        },
        State::Closed => plain(t.line_closed()),
    }
}

/// Since when somebody is known, as one says it: "vi conosce da 3 anni", or "prima volta" when they were
/// never heard before the words that wait now.
pub(crate) fn known(
    t: &Texts,
    staff: &Staff,
    since: Option<Instant>,
    waiting_since: Option<Instant>,
) -> String {
    match since {
        None => String::new(),
        Some(since) if waiting_since.is_some_and(|waiting| since >= waiting.plus_seconds(-60)) => {
            t.line_first_time().to_owned()
        }
        Some(since) => t.line_known(staff.formats.ago(since.micros(), staff.now.micros())),
    }
}

impl Line {
    /// A conversation as this reader sees it.
    pub(crate) fn of(staff: &Staff, row: Summary) -> Line {
        let t = Texts::new(staff.locale());
        let who = row.person_name.unwrap_or_else(|| t.line_nobody().to_owned());
        let mark = mark(&t, staff, row.state, row.due_at, row.waiting_since, row.snoozed_until);
        let known = known(&t, staff, row.person_known_since, row.waiting_since);
        let hands = match (&row.owner, &row.owner_name) {
            (Some(owner), _) if Some(*owner) == staff.actor.account => String::new(),
            (Some(_), Some(name)) => t.line_hands(name),
            _ if row.state == State::Closed => String::new(),
            _ => t.line_nobodys().to_owned(),
        };
        Line {
            id: row.id.to_string(),
            letters: web::layout::initials(&who),
            hue: hue(&who),
            who,
            about: row.organisation_name.unwrap_or(known),
            subject: row.subject,
            words: quoted(&t, &row.preview),
            hands,
            mark,
            when: staff.formats.moment(row.last_at.micros(), staff.now.micros()),
            when_iso: staff.formats.iso(row.last_at.micros()),
            waits: row.state == State::WaitingForUs,
            done: row.state == State::Closed,
        }
    }
}

/// Somebody's words between the reader's quotation marks; nothing for nothing.
pub(crate) fn quoted(t: &Texts, words: &str) -> String {
    if words.is_empty() { String::new() } else { t.line_quote(words) }
}

/// A text as one line of at most so many characters, cut at a word.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        None => line,
        Some((end, _)) => {
            let cut = line[..end].rfind(' ').unwrap_or(end);
            format!("{}…", &line[..cut])
        }
    }
}

/// The colour of a face: the same for the same name, meaning nothing.
pub(crate) fn hue(name: &str) -> &'static str {
    web::layout::hue(name)
}

/// The name one calls somebody by: the first word of it, unless it is an address or a title-less house.
pub(crate) fn first_name(name: &str) -> &str {
    if name.contains('@') { name } else { name.split_whitespace().next().unwrap_or(name) }
}

/// Whether a role answers customers.
pub(crate) fn answers(role: Option<Role>) -> bool {
    role.is_none_or(|role| role.allows(kernel::Permission::AnswerConversations))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_at_risk_in_its_last_four_hours_and_broken_after_them() {
        let now: Instant = "2026-11-20T09:00:00Z".parse().unwrap();
        assert_eq!(standing(now.plus_seconds(5 * 3_600), now), "kept");
        assert_eq!(standing(now.plus_seconds(4 * 3_600), now), "risk");
        assert_eq!(standing(now, now), "risk");
        assert_eq!(standing(now.plus_seconds(-1), now), "broken");
    }

    #[test]
    fn one_is_called_by_the_first_name() {
        assert_eq!(first_name("Anna Riva"), "Anna");
        assert_eq!(first_name("anna@lapieve.example"), "anna@lapieve.example");
        assert_eq!(first_name(""), "");
    }
}
