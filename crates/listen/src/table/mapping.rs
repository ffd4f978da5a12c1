//! Which column is what: by its name in Italian or English, unless somebody says otherwise.

use primitives::Channel;
use primitives::person::name_key;
use serde::{Deserialize, Serialize};

use super::date::Order;
use super::dialect::Dialect;
use super::{Reading, score};

/// What a column may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// The customer's words.
    Text,
    /// A title.
    Title,
    /// When it was said.
    Date,
    /// The score given.
    Score,
    /// The author's name.
    Author,
    /// The author's mail address.
    Email,
    /// The author's telephone number.
    Phone,
    /// The id at the source.
    Id,
    /// What it is about.
    Product,
    /// Which version of it.
    Version,
    /// The language.
    Language,
    /// How it was said.
    Channel,
}

/// A name that no field has.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "{0:?} is not NAME=COLUMN with one of text, title, date, score, author, email, phone, id, product, version, language, channel"
)]
pub struct UnknownField(pub String);

impl Field {
    /// Every field, in the order in which a chooser lists them.
    pub const ALL: [Field; 12] = [
        Field::Text,
        Field::Title,
        Field::Date,
        Field::Score,
        Field::Author,
        Field::Email,
        Field::Phone,
        Field::Id,
        Field::Product,
        Field::Version,
        Field::Language,
        Field::Channel,
    ];

    /// As named on the command line and in forms.
    pub fn code(self) -> &'static str {
        match self {
            Field::Text => "text",
            Field::Title => "title",
            Field::Date => "date",
            Field::Score => "score",
            Field::Author => "author",
            Field::Email => "email",
            Field::Phone => "phone",
            Field::Id => "id",
            Field::Product => "product",
            Field::Version => "version",
            Field::Language => "language",
            Field::Channel => "channel",
        }
    }

    /// From its name.
    pub fn from_code(code: &str) -> Option<Field> {
        Field::ALL.into_iter().find(|field| field.code() == code)
    }

    /// The names that a column of this field may have, likelier ones first; folded to lower case
    /// without accents, punctuation as spaces.
    fn names(self) -> &'static [&'static str] {
        match self {
            Field::Text => &[
                "text",
                "testo",
                "comment",
                "commento",
                "comments",
                "commenti",
                "feedback",
                "review",
                "recensione",
                "verbatim",
                "fft answer",
                "answer",
                "risposta",
                "message",
                "messaggio",
                "body",
                "review text",
                "review body",
                "testo recensione",
                "comment text",
                "free text",
                "testo libero",
                "content",
                "contenuto",
                "description",
                "descrizione",
                "opinion",
                "opinione",
                "voce",
                "voice",
                "osservazioni",
                "segnalazione",
                "reclamo",
                "complaint",
                "note",
                "notes",
                "corpo",
            ],
            Field::Title => &[
                "title",
                "titolo",
                "subject",
                "oggetto",
                "headline",
                "review title",
                "titolo recensione",
                "summary",
            ],
            Field::Date => &[
                "date",
                "data",
                "occurred at",
                "created at",
                "timestamp",
                "datetime",
                "date time",
                "data e ora",
                "data ora",
                "submitted at",
                "review date",
                "response date",
                "data risposta",
                "data recensione",
                "created",
                "posted at",
                "published at",
                "time",
                "giorno",
                "quando",
                "when",
                "day",
                "at",
            ],
            Field::Score => &[
                "score",
                "rating",
                "voto",
                "stelle",
                "stars",
                "punteggio",
                "valutazione",
                "star rating",
                "fft categorical answer",
                "nps",
                "csat",
                "grade",
                "overall rating",
                "soddisfazione",
                "satisfaction",
                "gradimento",
            ],
            Field::Author => &[
                "author",
                "autore",
                "name",
                "nome",
                "customer",
                "cliente",
                "customer name",
                "nome cliente",
                "user name",
                "username",
                "utente",
                "reviewer",
                "recensore",
                "full name",
                "nome e cognome",
                "nominativo",
                "from",
                "da",
                "mittente",
            ],
            Field::Email => &[
                "email",
                "e mail",
                "mail",
                "email address",
                "indirizzo email",
                "posta",
                "posta elettronica",
                "customer email",
                "email cliente",
            ],
            Field::Phone => {
                &["phone", "telefono", "tel", "phone number", "cellulare", "mobile", "numero di telefono"]
            }
            Field::Id => &[
                "id",
                "external id",
                "comment id",
                "review id",
                "response id",
                "id commento",
                "id recensione",
                "ticket id",
                "identificativo",
                "codice",
                "uuid",
                "guid",
                "message id",
            ],
            Field::Product => {
                &["product", "prodotto", "articolo", "item", "model", "modello", "product name", "app", "sku"]
            }
            Field::Version => &["version", "versione", "app version", "release", "product version"],
            Field::Language => &["language", "lingua", "lang", "locale"],
            Field::Channel => &["channel", "canale", "medium"],
        }
    }
}

/// What somebody chose instead of what was detected.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// Columns by name; an empty name takes a field away.
    pub columns: Vec<(Field, String)>,
    /// Which way round numeric dates are.
    pub order: Option<Order>,
    /// The highest score that could be given.
    pub most: Option<f64>,
    /// How the voices came.
    pub channel: Option<Channel>,
}

impl Choice {
    /// Reads `text=COLUMN` pairs as the command line gives them; `most=10`, `dates=month-first` and
    /// `voices=review` choose the scale, the order of dates and the channel.
    pub fn parse<S: AsRef<str>>(pairs: &[S]) -> Result<Choice, UnknownField> {
        let mut choice = Choice::default();
        for pair in pairs {
            let pair = pair.as_ref();
            let unknown = || UnknownField(pair.to_owned());
            let (name, value) = pair.split_once('=').ok_or_else(unknown)?;
            let (name, value) = (name.trim().to_lowercase(), value.trim());
            match (name.as_str(), Field::from_code(&name)) {
                (_, Some(field)) => choice.columns.push((field, value.to_owned())),
                ("most", _) => choice.most = Some(score::read(value).ok_or_else(unknown)?.0),
                ("dates", _) => {
                    choice.order = Some(match value {
                        "day-first" => Order::DayFirst,
                        "month-first" => Order::MonthFirst,
                        _ => return Err(unknown()),
                    });
                }
                ("voices", _) => choice.channel = Some(channel(value).ok_or_else(unknown)?),
                _ => return Err(unknown()),
            }
        }
        Ok(choice)
    }

    /// A chosen column that the file does not have.
    pub fn missing<'c>(&'c self, columns: &[String]) -> Option<&'c str> {
        let there = |name: &str| columns.iter().any(|column| folded(column) == folded(name));
        self.columns.iter().map(|(_, name)| name.as_str()).find(|name| !name.is_empty() && !there(name))
    }
}

/// A column's name without case, accents and punctuation.
fn folded(name: &str) -> String {
    let spaced: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    name_key(&spaced)
}

/// Finds what the columns are. A chosen column is taken at its word; each column is one thing only.
pub fn detect(columns: &[String], choice: &Choice) -> Reading {
    let folded_columns: Vec<String> = columns.iter().map(|column| folded(column)).collect();
    let mut places: Vec<(Field, usize)> = Vec::new();
    for (field, name) in &choice.columns {
        let name = folded(name);
        if let Some(place) = folded_columns.iter().position(|column| !name.is_empty() && *column == name) {
            places.retain(|(of, at)| of != field && *at != place);
            places.push((*field, place));
        }
    }
    let chosen: Vec<Field> = choice.columns.iter().map(|(field, _)| *field).collect();
    for field in Field::ALL.into_iter().filter(|field| !chosen.contains(field)) {
        let free = |place: &usize| !places.iter().any(|(_, taken)| taken == place);
        let found = field
            .names()
            .iter()
            .find_map(|name| folded_columns.iter().position(|column| column == name).filter(free));
        if let Some(place) = found.or_else(|| resembling(field, &folded_columns).filter(free)) {
            places.push((field, place));
        }
    }
    places.sort();
    let known = |field| places.iter().any(|(of, _)| *of == field);
    let heard = |words: &[&str]| {
        folded_columns.iter().any(|column| column.split(' ').any(|word| words.contains(&word)))
    };
    let guessed =
        if heard(&["fft", "survey", "sondaggio", "nps", "csat", "question", "domanda", "questionario"]) {
            Some(Channel::Survey)
        } else if known(Field::Score) && (known(Field::Title) || known(Field::Version))
            || heard(&["review", "recensione", "stars", "stelle"])
        {
            Some(Channel::Review)
        } else {
            None
        };
    Reading {
        dialect: Dialect::lines(),
        width: columns.len(),
        places,
        order: Order::default(),
        most: None,
        channel: choice.channel.or(guessed),
    }
}

/// A column whose name holds a word of the field, where no name is exact. Only for words that seldom
/// mean anything else.
fn resembling(field: Field, columns: &[String]) -> Option<usize> {
    let (words, but): (&[&str], &[&str]) = match field {
        Field::Text => (
            &["comment", "comments", "commento", "commenti", "feedback", "verbatim", "review", "recensione"],
            &[
                "id",
                "date",
                "data",
                "sentiment",
                "score",
                "rating",
                "title",
                "titolo",
                "type",
                "count",
                "label",
            ],
        ),
        Field::Date => (&["date", "data"], &["birth", "nascita", "type"]),
        Field::Score => (&["rating", "stars", "stelle", "voto"], &["count", "id", "date"]),
        Field::Email => (&["email"], &["id", "consent", "sent"]),
        _ => return None,
    };
    columns.iter().position(|column| {
        let mut has = column.split(' ').filter(|word| words.contains(word));
        has.next().is_some() && !column.split(' ').any(|word| but.contains(&word))
    })
}

/// A channel as a column names it.
pub(super) fn channel(given: &str) -> Option<Channel> {
    let given = name_key(given);
    Channel::from_code(&given).or(match given.as_str() {
        "email" | "e-mail" | "posta" => Some(Channel::Mail),
        "telefono" | "telephone" | "call" | "chiamata" => Some(Channel::Phone),
        "banco" | "negozio" | "shop" | "store" | "in person" | "di persona" => Some(Channel::Counter),
        "modulo" | "sito" | "web" | "website" | "web form" => Some(Channel::Form),
        "recensione" | "reviews" | "app store" | "google" | "trustpilot" => Some(Channel::Review),
        "sondaggio" | "questionario" | "questionnaire" => Some(Channel::Survey),
        "social" | "facebook" | "instagram" | "twitter" | "x" => Some(Channel::Post),
        "whatsapp" | "live chat" | "telegram" => Some(Channel::Chat),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(columns: &[&str]) -> Vec<(Field, usize)> {
        let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
        detect(&columns, &Choice::default()).places
    }

    #[test]
    fn columns_are_recognised_in_both_languages() {
        assert_eq!(
            found(&["Data", "Voto", "Testo", "Nome", "E-mail", "Telefono"]),
            [
                (Field::Text, 2),
                (Field::Date, 0),
                (Field::Score, 1),
                (Field::Author, 3),
                (Field::Email, 4),
                (Field::Phone, 5)
            ]
        );
        assert_eq!(
            found(&[
                "Comment ID",
                "Date",
                "FFT categorical answer",
                "FFT question",
                "FFT answer",
                "Comment sentiment"
            ]),
            [(Field::Text, 4), (Field::Date, 1), (Field::Score, 2), (Field::Id, 0)]
        );
        assert_eq!(
            found(&["rating", "text", "title", "date", "version", "nation"]),
            [(Field::Text, 1), (Field::Title, 2), (Field::Date, 3), (Field::Score, 0), (Field::Version, 4)]
        );
        assert_eq!(found(&["Customer comment", "Comment date"]), [(Field::Text, 0), (Field::Date, 1)]);
        assert!(found(&["a", "b"]).is_empty());
    }

    #[test]
    fn what_somebody_chose_comes_before_what_was_detected() {
        let columns = ["text".to_owned(), "Parole Sue".to_owned(), "date".to_owned()];
        let choice = Choice::parse(&["text=parole_sue", "date=", "most=10", "dates=month-first"]).unwrap();
        let reading = detect(&columns, &choice);
        assert_eq!(reading.places, [(Field::Text, 1)]);
        assert_eq!((choice.most, choice.order), (Some(10.0), Some(Order::MonthFirst)));
        assert_eq!(choice.missing(&columns), None);
        assert_eq!(Choice::parse(&["text=nope"]).unwrap().missing(&columns), Some("nope"));
        assert!(Choice::parse(&["words=x"]).is_err());
        assert!(Choice::parse(&["text"]).is_err());
    }
}
