//! Today: who waits for me, what customers say, and then it stops.

pub(crate) mod page;
pub(crate) mod sql;

use engine::{Tx, params};
use kernel::{Actor, Fault, Instant, Permission, VoiceId};
use primitives::Channel;
use primitives::conversation::{self, Summary};

/// How many who wait fit a screen.
pub const LINES: usize = 8;
/// How many voices stand beside them.
const VOICES: u32 = 5;

/// A voice that is no conversation yet.
#[derive(Debug)]
pub struct Alone {
    /// Its id.
    pub id: VoiceId,
    /// How it came.
    pub channel: Channel,
    /// Its subject line.
    pub subject: Option<String>,
    /// The customer's words.
    pub body: String,
    /// The score that the customer gave.
    pub score: Option<f64>,
    /// The highest score that could be given.
    pub score_most: Option<f64>,
    /// Whose it is, as far as one knows.
    pub who: Option<String>,
    /// When it was said.
    pub occurred_at: Instant,
}

/// What needs the actor today.
#[derive(Debug)]
pub struct Today {
    /// How many wait for the actor.
    pub mine: i64,
    /// How many wait for nobody yet.
    pub nobodys: i64,
    /// The first of them: the soonest promise first, then the longest wait.
    pub waiting: Vec<Summary>,
    /// The latest voices without conversation.
    pub voices: Vec<Alone>,
}

/// What needs the actor today: three statements.
pub fn today(tx: &mut Tx<'_>, actor: &Actor) -> Result<Today, Fault> {
    actor.authorise(Permission::ReadVoices)?;
    let (mine, nobodys) = conversation::waiting_count(tx, actor)?;
    let waiting = conversation::waiting(tx, actor, LINES as u32)?;
    let voices = tx.query(&sql::ALONE, params![actor.mailbox_keys(), VOICES], |row| {
        Ok(Alone {
            id: row.take()?,
            channel: Channel::from_code(&row.take::<String>()?).unwrap_or(Channel::Other),
            subject: row.take()?,
            body: row.take()?,
            score: row.take()?,
            score_most: row.take()?,
            who: row.take()?,
            occurred_at: row.take()?,
        })
    })?;
    Ok(Today { mine, nobodys, waiting, voices })
}
