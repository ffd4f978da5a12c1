//! The languages the interface speaks.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language of the interface: every page, mail and message exists in each of them.
///
/// The language of a *text* that a customer wrote is something else (a BCP 47 code such as `de`),
/// because customers write in any language while the shop answers in the ones it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// Italian, the first language of the house.
    #[default]
    It,
    /// English.
    En,
}

impl Locale {
    /// Every language, in the order in which a chooser lists them.
    pub const ALL: [Locale; 2] = [Locale::It, Locale::En];

    /// The BCP 47 code, as stored and as written in `lang` attributes.
    pub fn code(self) -> &'static str {
        match self {
            Locale::It => "it",
            Locale::En => "en",
        }
    }

    /// The language's own name, for a chooser.
    pub fn own_name(self) -> &'static str {
        match self {
            Locale::It => "Italiano",
            Locale::En => "English",
        }
    }

    /// Chooses from an `Accept-Language` header: the first listed language that the house speaks,
    /// weights respected. `None` when it asks for none of ours.
    pub fn from_accept_language(header: &str) -> Option<Locale> {
        let mut wished: Vec<(f32, Locale)> = header
            .split(',')
            .filter_map(|part| {
                let (tag, weight) = match part.split_once(";q=") {
                    Some((tag, weight)) => (tag, weight.trim().parse().unwrap_or(0.0)),
                    None => (part, 1.0),
                };
                tag.trim().parse().ok().map(|locale| (weight, locale))
            })
            .collect();
        // A stable sort keeps the sender's order among equal weights.
        wished.sort_by(|a, b| b.0.total_cmp(&a.0));
        wished.first().map(|(_, locale)| *locale)
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A language code that the interface does not speak.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the interface speaks it and en, not {0:?}")]
pub struct UnknownLocale(pub String);

impl FromStr for Locale {
    type Err = UnknownLocale;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let primary = text.split(['-', '_']).next().unwrap_or_default();
        Locale::ALL
            .into_iter()
            .find(|locale| primary.eq_ignore_ascii_case(locale.code()))
            .ok_or_else(|| UnknownLocale(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_language_both_sides_speak_wins() {
        assert_eq!(Locale::from_accept_language("de, en;q=0.5, it;q=0.8"), Some(Locale::It));
        assert_eq!(Locale::from_accept_language("en-GB,en;q=0.9"), Some(Locale::En));
        assert_eq!(Locale::from_accept_language("de-AT"), None);
        assert_eq!(Locale::from_accept_language(";;q=,"), None);
    }
}
