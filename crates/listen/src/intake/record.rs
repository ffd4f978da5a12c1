//! What a row, a line or an API call says, whatever its shape was.

use kernel::{Fault, Instant, Reason};
use primitives::Channel;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Longest text of a voice, in characters. What is longer is cut; the raw bytes keep the rest.
pub(crate) const TEXT: usize = 1_000_000;
/// Longest short text (subject, name, product), in characters.
const SHORT: usize = 300;
/// Longest id that is kept as it is; PostgreSQL cannot index much longer ones.
const KEY: usize = 400;

/// Who said it, as far as the source knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Author {
    /// Their name.
    pub name: Option<String>,
    /// A mail address.
    pub email: Option<String>,
    /// A telephone number.
    pub phone: Option<String>,
    /// A number in another system.
    pub external_id: Option<String>,
}

/// What a row, a line or an API call says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record {
    /// Its id at the source.
    pub external_id: Option<String>,
    /// How it was said; `None` leaves it to the source.
    pub channel: Option<Channel>,
    /// The words; may be empty when a score says it all.
    pub text: String,
    /// A title.
    pub subject: Option<String>,
    /// The language, when the source says it.
    pub language: Option<String>,
    /// When it was said.
    pub occurred_at: Option<Instant>,
    /// The score given.
    pub score: Option<f64>,
    /// The highest score that could be given.
    pub score_most: Option<f64>,
    /// Who said it.
    pub author: Author,
    /// What it is about: name and version.
    pub product: Option<(String, String)>,
    /// Whether somebody waits for an answer.
    pub wants_answer: bool,
    /// What could not be read although it was given: `date`, `score`.
    pub flags: Vec<&'static str>,
}

impl Record {
    /// Whether it says nothing: neither words nor a score.
    pub fn is_silent(&self) -> bool {
        self.text.trim().is_empty() && self.subject.is_none() && self.score.is_none()
    }

    /// The digest of everything that makes its content, normalised.
    pub fn content(&self) -> [u8; 32] {
        let said = format!(
            "{}\n{}\n{}",
            self.subject.as_deref().unwrap_or_default(),
            self.text,
            self.score.map(|score| score.to_string()).unwrap_or_default()
        );
        text::normalise::content_digest(&said)
    }

    /// Reads a JSON object with the API's field names, forgiving what can be forgiven: numbers as texts,
    /// an unreadable date. Used for lines of files, which nobody can send again.
    pub fn forgiving(object: &Map<String, Value>) -> Record {
        let mut flags = Vec::new();
        let field = |name: &str| object.get(name).and_then(plain);
        let occurred_at = field("occurred_at").or_else(|| field("date")).and_then(|given| {
            let read = given.parse::<Instant>().ok().or_else(|| crate::table::date::alone(&given));
            if read.is_none() {
                flags.push("date");
            }
            read
        });
        let number = |name: &str| match object.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::Number(number)) => Some(number.as_f64()),
            Some(Value::String(text)) => Some(crate::table::score::read(text).map(|(score, _)| score)),
            Some(_) => Some(None),
        };
        let score = number("score");
        if score == Some(None) {
            flags.push("score");
        }
        let empty = Map::new();
        let author = object.get("author");
        let of_author = author.and_then(Value::as_object).unwrap_or(&empty);
        let product = object.get("product");
        let product = match product.and_then(Value::as_object) {
            Some(product) => product
                .get("name")
                .and_then(plain)
                .map(|name| (name, product.get("version").and_then(plain).unwrap_or_default())),
            None => product.and_then(plain).map(|name| (name, field("version").unwrap_or_default())),
        };
        Record {
            external_id: field("external_id").map(|id| key(&id)),
            channel: field("channel").and_then(|code| Channel::from_code(&code.to_lowercase())),
            text: clip(&field("text").unwrap_or_default(), TEXT),
            subject: field("subject").map(|subject| clip(&subject, SHORT)),
            language: field("language").and_then(|code| language(&code)),
            occurred_at,
            score: score.flatten(),
            score_most: number("score_most").flatten(),
            author: Author {
                name: author
                    .and_then(Value::as_str)
                    .map(str::to_owned)
                    .or_else(|| of_author.get("name").and_then(plain))
                    .map(|name| clip(&name, SHORT)),
                email: of_author.get("email").and_then(plain),
                phone: of_author.get("phone").and_then(plain),
                external_id: of_author.get("external_id").and_then(plain).map(|id| clip(&id, 200)),
            },
            product: product.map(|(name, version)| (clip(&name, SHORT), clip(&version, SHORT))),
            wants_answer: object.get("wants_answer").and_then(Value::as_bool).unwrap_or(false),
            flags,
        }
    }

    /// Checks what a program sent, which can be told and can send again.
    pub fn checked(self) -> Result<Record, Fault> {
        if self.is_silent() {
            return Err(Fault::invalid("text", Reason::Missing));
        }
        if self.score.is_some_and(|score| !score.is_finite()) {
            return Err(Fault::invalid("score", Reason::NotA("a number")));
        }
        if let (Some(score), Some(most)) = (self.score, self.score_most)
            && score > most
        {
            return Err(Fault::invalid("score", Reason::Because("is above score_most".into())));
        }
        Ok(self)
    }
}

/// A text out of a JSON text or number; `None` for nothing and for blanks.
fn plain(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.replace('\0', "").trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// At most so many characters of a text, without U+0000.
pub(crate) fn clip(text: &str, most: usize) -> String {
    let end = text.char_indices().nth(most).map_or(text.len(), |(end, _)| end);
    text[..end].replace('\0', "")
}

/// A short text as it is stored: trimmed, on one line, not too long; `None` when blank.
pub(crate) fn short(text: &str) -> Option<String> {
    let line = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = clip(&line.collect::<Vec<_>>().join(" "), SHORT);
    (!line.is_empty()).then_some(line)
}

/// An id as it is stored and found: one too long to be indexed is told by its digest.
pub(crate) fn key(id: &str) -> String {
    let id = id.replace('\0', "");
    if id.len() <= KEY {
        return id;
    }
    Sha256::digest(id.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A language code of two or three letters, without its region.
pub(crate) fn language(code: &str) -> Option<String> {
    let code = code.trim().split(['-', '_']).next().unwrap_or_default().to_lowercase();
    ((2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_lowercase())).then_some(code)
}
