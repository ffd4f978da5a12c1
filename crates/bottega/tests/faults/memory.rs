//! What was asked and what was acknowledged: a 2xx is a promise.

use crate::http::Answer;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A voice.
    Voice,
    /// An answer that leaves.
    Letter,
    /// A note.
    Note,
    /// Two people who are one.
    Merge,
    /// The end of a merge.
    Undo,
}

/// A request that is repeated under its key until it is answered.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Under which it is done once.
    pub key: String,
    /// Path.
    pub path: String,
    /// Body.
    pub body: String,
    /// What it is for.
    pub what: What,
}

/// A request that was answered well.
#[derive(Debug, Clone)]
pub struct Kept {
    /// What was asked.
    pub asked: Asked,
    /// What was answered.
    pub answer: Answer,
}

/// Everything that anybody outside remembers.
#[derive(Debug, Default)]
pub struct Memory {
    /// Asked and not answered: done or not, nobody knows.
    pub open: Vec<Asked>,
    /// Acknowledged.
    pub kept: Vec<Kept>,
    /// Conversations that can be answered, `cnv_…`.
    pub conversations: Vec<String>,
    /// Merges that were made, `mrg_…`.
    pub merges: Vec<String>,
    /// Uploads that were taken, by path.
    pub uploads: Vec<String>,
    /// Uploads whose import was set going.
    pub running: Vec<String>,
    /// Answers that no fault may cause.
    pub strange: Vec<String>,
    /// How many requests were refused for a reason of their own.
    pub refused: usize,
}

impl Memory {
    /// Takes an answer down.
    pub fn answered(&mut self, asked: Asked, answer: Answer) {
        match answer.status {
            200..=299 => {
                let field = |name: &str| {
                    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
                    body[name].as_str().map(str::to_owned)
                };
                match asked.what {
                    What::Voice => self.conversations.extend(field("conversation")),
                    What::Merge => self.merges.extend(field("id")),
                    What::Letter | What::Note | What::Undo => {}
                }
                self.kept.push(Kept { asked, answer });
            }
            // Two who are one already, a merge that was taken back already.
            409 | 422 if matches!(asked.what, What::Merge | What::Undo) => self.refused += 1,
            503 | 507 => self.open.push(asked),
            _ => {
                self.strange.push(format!("{} {}: {} {}", asked.key, asked.path, answer.status, answer.body))
            }
        }
    }
}
