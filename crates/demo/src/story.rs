//! A story: one conversation, or one voice that nobody had to answer, with all its turns.

use kernel::Locale;

/// What really lay behind a story: the truth that a catalogue can be scored against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The group gasket 2.4 of a new supplier hardens and leaks.
    Gasket24,
    /// The courier's August: deliveries late.
    AugustDelays,
    /// Firmware 3.2 breaks display and pre-infusion.
    Firmware32,
    /// The warranty page does not say whether office use is covered.
    WarrantyPage,
}

impl Cause {
    /// Stable key.
    pub fn key(self) -> &'static str {
        match self {
            Cause::Gasket24 => "gasket-2.4",
            Cause::AugustDelays => "august-delays",
            Cause::Firmware32 => "firmware-3.2",
            Cause::WarrantyPage => "warranty-page",
        }
    }
}

/// Where a conversation stands at the company's present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Being worked on: the last word is an internal note.
    Open,
    /// The customer spoke last and waits.
    WaitingForUs,
    /// We asked something and wait.
    WaitingForCustomer,
    /// Put away until an instant, UTC microseconds.
    Snoozed {
        /// When it comes back.
        until_micros: i64,
    },
    /// Done, since an instant, UTC microseconds.
    Closed {
        /// When it was closed.
        at_micros: i64,
    },
}

/// How a voice came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// A mail.
    Mail,
    /// A call, noted by an employee.
    Phone,
    /// Said at the counter of a shop, noted by an employee.
    Counter,
    /// The form on the site.
    Form,
    /// A public review.
    Review,
    /// The answer to a survey.
    Survey,
}

/// A number that the customer gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Score {
    /// Stars, 1 to 5.
    Stars(u8),
    /// How likely they are to recommend us, 0 to 10.
    Recommend(u8),
}

/// Who speaks in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TurnKind {
    /// The customer.
    Incoming {
        /// How it came.
        channel: Channel,
        /// The number that came with it.
        score: Option<Score>,
        /// Key of the employee who noted it, for calls and the counter.
        noted_by: Option<&'static str>,
    },
    /// An employee, to the customer.
    Outgoing {
        /// Key of the employee.
        by: &'static str,
    },
    /// An employee, to colleagues.
    Note {
        /// Key of the employee.
        by: &'static str,
    },
}

/// A file that came with a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// File name.
    pub name: String,
    /// Media type.
    pub media_type: &'static str,
    /// Content.
    pub bytes: Vec<u8>,
}

/// One turn of a story.
#[derive(Debug, Clone)]
pub struct Turn {
    /// When, UTC microseconds.
    pub at_micros: i64,
    /// Who speaks, and how.
    pub kind: TurnKind,
    /// What is said, plain text.
    pub text: String,
    /// Language of the text.
    pub language: Locale,
    /// Files that came with it.
    pub attachments: Vec<Attachment>,
}

impl Turn {
    /// True when the customer speaks.
    pub fn is_incoming(&self) -> bool {
        matches!(self.kind, TurnKind::Incoming { .. })
    }
}

/// A conversation, or a single voice, from its first word to the present.
#[derive(Debug, Clone)]
pub struct Story {
    /// Stable number, unique in the company and rising with the day of the first turn.
    pub key: u64,
    /// Index into [`crate::Company::people`]; `None` where the author is unknown.
    pub person: Option<usize>,
    /// Key of the mailbox.
    pub mailbox: &'static str,
    /// Key of the employee who answers for it.
    pub owner: Option<&'static str>,
    /// Key of the team it lies with.
    pub team: &'static str,
    /// Subject line; the topic in the shop's words where the channel has none.
    pub subject: String,
    /// Key of what it is about, such as `descaling`: ground truth for classifiers.
    pub topic: &'static str,
    /// Key of the product it is about.
    pub product: Option<&'static str>,
    /// Version of the product or part where it matters.
    pub version: Option<&'static str>,
    /// Tags that employees gave.
    pub tags: Vec<&'static str>,
    /// Where it stands; `None` for a voice that nobody answered and nobody has to (most reviews, surveys
    /// and some captures): no conversation exists.
    pub state: Option<State>,
    /// What lay behind it, where one of the known causes did.
    pub cause: Option<Cause>,
    /// The turns, oldest first, at least one.
    pub turns: Vec<Turn>,
}

impl Story {
    /// The Message-ID of a turn, without angle brackets: always the same for the same story and turn.
    pub fn message_id(&self, turn: usize) -> String {
        format!("vera.{}.{turn}@officinavera.example", self.key)
    }

    /// The Message-IDs that a turn refers to, oldest first: all turns before it that left or came by mail.
    pub fn references(&self, turn: usize) -> Vec<String> {
        self.turns
            .iter()
            .take(turn)
            .enumerate()
            .filter(|(_, earlier)| !matches!(earlier.kind, TurnKind::Note { .. }))
            .map(|(index, _)| self.message_id(index))
            .collect()
    }

    /// When it began, UTC microseconds; 0 for a story without turns, which does not occur.
    pub fn began_at_micros(&self) -> i64 {
        self.turns.first().map_or(0, |turn| turn.at_micros)
    }
}
