//! Why an import in the browser cannot go on: stored as a code with its parts, read as a sentence in the
//! language of whoever looks.

use std::io::ErrorKind;

use serde::{Deserialize, Serialize};

use crate::import::ImportError;
use crate::texts::Texts;

/// What stopped an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "code")]
pub(crate) enum Problem {
    /// The file that was uploaded is not there any more, or damaged.
    Lost,
    /// There is nothing in the file.
    Empty,
    /// The file ends in the middle of its compression.
    Cut,
    /// It unpacks to far more than any text would.
    Bomb,
    /// Its compression is damaged.
    Damaged,
    /// It cannot be read.
    Unreadable {
        /// What the system said.
        why: String,
    },
    /// No column looks like words or a score.
    NoText {
        /// The columns.
        columns: String,
    },
    /// A chosen column is not there.
    NoSuchColumn {
        /// The column.
        column: String,
        /// The columns.
        columns: String,
    },
    /// The mailbox does not exist any more.
    UnknownMailbox,
    /// The source brings to another mailbox.
    SourceElsewhere {
        /// The source.
        name: String,
    },
    /// The source's name is empty or too long.
    SourceName,
    /// What an earlier version wrote down, in English.
    #[serde(untagged)]
    Said(String),
}

impl Problem {
    /// What an error of the import means to who started it in the browser.
    pub(crate) fn of(error: &ImportError) -> Problem {
        match error {
            ImportError::Read { cause, .. } => match cause.kind() {
                ErrorKind::UnexpectedEof => Problem::Cut,
                // Our own bound says so in words; the decoder's errors are about damage.
                ErrorKind::InvalidData if cause.to_string().contains("unpacks") => Problem::Bomb,
                ErrorKind::InvalidData | ErrorKind::InvalidInput => Problem::Damaged,
                _ => Problem::Unreadable { why: cause.to_string() },
            },
            ImportError::NoFiles(_) => Problem::Empty,
            ImportError::NoText { columns, .. } => Problem::NoText { columns: columns.clone() },
            ImportError::NoSuchColumn { column, columns, .. } => {
                Problem::NoSuchColumn { column: column.clone(), columns: columns.clone() }
            }
            ImportError::UnknownMailbox(_) => Problem::UnknownMailbox,
            ImportError::SourceElsewhere { name } => Problem::SourceElsewhere { name: name.clone() },
            ImportError::SourceName => Problem::SourceName,
            ImportError::Fault(fault) => Problem::Unreadable { why: fault.to_string() },
        }
    }

    /// As stored.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// From its stored form; a text that is none was written down as it was said.
    pub(crate) fn from_json(stored: &str) -> Problem {
        serde_json::from_str(stored).unwrap_or_else(|_| Problem::Said(stored.to_owned()))
    }

    /// As a sentence with the next step.
    pub(crate) fn sentence(&self, t: &Texts) -> String {
        match self {
            Problem::Lost => t.upload_problem_lost().to_string(),
            Problem::Empty => t.upload_problem_empty().to_string(),
            Problem::Cut => t.upload_problem_cut().to_string(),
            Problem::Bomb => t.upload_problem_bomb().to_string(),
            Problem::Damaged => t.upload_problem_damaged().to_string(),
            Problem::Unreadable { why } => t.upload_problem_unreadable(why).to_string(),
            Problem::NoText { columns } => t.upload_problem_no_text(columns).to_string(),
            Problem::NoSuchColumn { column, columns } => {
                t.upload_problem_no_such_column(column, columns).to_string()
            }
            Problem::UnknownMailbox => t.upload_problem_mailbox().to_string(),
            Problem::SourceElsewhere { name } => t.upload_problem_source_elsewhere(name).to_string(),
            Problem::SourceName => t.upload_problem_source_name().to_string(),
            Problem::Said(said) => said.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::Locale;

    use super::*;

    #[test]
    fn every_problem_survives_the_store_and_is_told_in_both_languages() {
        let text = || "x".to_owned();
        for problem in [
            Problem::Lost,
            Problem::Empty,
            Problem::Cut,
            Problem::Bomb,
            Problem::Damaged,
            Problem::Unreadable { why: text() },
            Problem::NoText { columns: text() },
            Problem::NoSuchColumn { column: text(), columns: text() },
            Problem::UnknownMailbox,
            Problem::SourceElsewhere { name: text() },
            Problem::SourceName,
        ] {
            assert_eq!(Problem::from_json(&problem.to_json()), problem);
            let [it, en] = [Locale::It, Locale::En].map(|locale| problem.sentence(&Texts::new(locale)));
            assert!(it != en && it.ends_with('.') && en.ends_with('.'), "{it} {en}");
        }
        assert_eq!(Problem::from_json("as it was said"), Problem::Said("as it was said".into()));
    }
}
