//! Why an item stands in quarantine.

/// Why nothing could be made of an item. Its bytes are kept, whatever it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// There were no bytes.
    Empty,
    /// Binary data where a mail was expected.
    Binary,
    /// No mail: it has no header.
    NoHeader,
    /// A header that names nobody, and no text.
    NobodyNamed,
    /// A row with another number of columns than its header.
    Columns {
        /// How many the header has.
        expected: usize,
        /// How many the row has.
        found: usize,
    },
    /// A row with neither words nor a score.
    NothingSaid,
    /// A line that is not JSON.
    NotJson,
    /// A line that is JSON and not an object.
    NotAnObject,
    /// Longer than an item may be.
    TooLarge,
    /// Its bytes are lost: the file in which they were is gone or damaged.
    BytesLost,
    /// Storing it failed again and again.
    Failed,
}

impl Cause {
    /// What the mail parser said about bytes that it could make nothing of.
    pub fn of_mail(said: &str) -> Cause {
        match said {
            "empty input" => Cause::Empty,
            "not a mail: binary data without a header" => Cause::Binary,
            "not a mail: no header" => Cause::NoHeader,
            _ => Cause::NobodyNamed,
        }
    }

    /// As stored.
    pub fn code(&self) -> String {
        match self {
            Cause::Empty => "empty".into(),
            Cause::Binary => "binary".into(),
            Cause::NoHeader => "no-header".into(),
            Cause::NobodyNamed => "nobody-named".into(),
            Cause::Columns { expected, found } => format!("columns {expected} {found}"),
            Cause::NothingSaid => "nothing-said".into(),
            Cause::NotJson => "not-json".into(),
            Cause::NotAnObject => "not-an-object".into(),
            Cause::TooLarge => "too-large".into(),
            Cause::BytesLost => "bytes-lost".into(),
            Cause::Failed => "failed".into(),
        }
    }

    /// From its stored form.
    pub fn from_code(code: &str) -> Cause {
        let mut words = code.split(' ');
        let kind = words.next().unwrap_or_default();
        let mut number = || words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
        match kind {
            "empty" => Cause::Empty,
            "binary" => Cause::Binary,
            "no-header" => Cause::NoHeader,
            "nobody-named" => Cause::NobodyNamed,
            "columns" => Cause::Columns { expected: number(), found: number() },
            "nothing-said" => Cause::NothingSaid,
            "not-json" => Cause::NotJson,
            "not-an-object" => Cause::NotAnObject,
            "too-large" => Cause::TooLarge,
            "bytes-lost" => Cause::BytesLost,
            _ => Cause::Failed,
        }
    }
}

/// The cause in English, for the command line and the API.
impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Cause::Empty => f.write_str("empty"),
            Cause::Binary => f.write_str("not a mail: binary data without a header"),
            Cause::NoHeader => f.write_str("not a mail: no header"),
            Cause::NobodyNamed => f.write_str("a header that names nobody, and no text"),
            Cause::Columns { expected, found } => {
                write!(f, "{found} columns where the header has {expected}")
            }
            Cause::NothingSaid => f.write_str("nothing said: neither text nor score"),
            Cause::NotJson => f.write_str("the line is not JSON"),
            Cause::NotAnObject => f.write_str("the line is JSON, but not an object"),
            Cause::TooLarge => f.write_str("longer than an item may be"),
            Cause::BytesLost => {
                f.write_str("its bytes are lost; put the file back from a backup, then try it again")
            }
            Cause::Failed => f.write_str("storing it failed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_survives_the_store() {
        for cause in [
            Cause::Empty,
            Cause::Binary,
            Cause::NoHeader,
            Cause::NobodyNamed,
            Cause::Columns { expected: 5, found: 3 },
            Cause::NothingSaid,
            Cause::NotJson,
            Cause::NotAnObject,
            Cause::TooLarge,
            Cause::BytesLost,
            Cause::Failed,
        ] {
            assert_eq!(Cause::from_code(&cause.code()), cause);
        }
    }
}
