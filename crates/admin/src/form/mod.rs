//! What the forms of this room share: fields with their hint and error, what is wrong with them, time zones.

use askama::Template;
use kernel::{Fault, Locale};

/// One field of a form, with its label, its hint and what is wrong with it.
#[derive(Template, Default)]
#[template(path = "form/templates/field.html")]
pub(crate) struct Field {
    name: &'static str,
    label: String,
    kind: &'static str,
    value: String,
    hint: String,
    error: String,
    autocomplete: &'static str,
    list: &'static str,
    required: bool,
    least: Option<usize>,
    most: Option<usize>,
}

impl Field {
    /// A line of text.
    pub(crate) fn text(name: &'static str, label: impl Into<String>) -> Field {
        Field { name, label: label.into(), kind: "text", autocomplete: "off", ..Field::default() }
    }

    /// A mail address.
    pub(crate) fn email(name: &'static str, label: impl Into<String>) -> Field {
        Field { kind: "email", ..Field::text(name, label) }
    }

    /// A whole number.
    pub(crate) fn number(name: &'static str, label: impl Into<String>) -> Field {
        Field { kind: "number", ..Field::text(name, label) }
    }

    /// A password. It never carries its value back.
    pub(crate) fn password(name: &'static str, label: impl Into<String>) -> Field {
        Field { kind: "password", most: Some(crate::password::MOST), ..Field::text(name, label) }
    }

    /// With what it holds already.
    pub(crate) fn value(mut self, value: impl Into<String>) -> Field {
        self.value = value.into();
        self
    }

    /// With a sentence that helps.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Field {
        self.hint = hint.into();
        self
    }

    /// With what is wrong with it, if anything is.
    pub(crate) fn wrong(mut self, problems: &Problems) -> Field {
        self.error = problems.of(self.name).to_owned();
        self
    }

    /// Whether nothing is wrong with it.
    pub(crate) fn is_right(&self) -> bool {
        self.error.is_empty()
    }

    /// With what a browser may fill in.
    pub(crate) fn autocomplete(mut self, what: &'static str) -> Field {
        self.autocomplete = what;
        self
    }

    /// With the list of suggestions of this id.
    pub(crate) fn list(mut self, id: &'static str) -> Field {
        self.list = id;
        self
    }

    /// That must not be empty.
    pub(crate) fn required(mut self) -> Field {
        self.required = true;
        self
    }

    /// With the least number of characters.
    pub(crate) fn least(mut self, characters: usize) -> Field {
        self.least = Some(characters);
        self
    }

    /// With the most characters that it takes.
    pub(crate) fn most(mut self, characters: usize) -> Field {
        self.most = Some(characters);
        self
    }

    fn describes(&self) -> String {
        let mut ids = Vec::new();
        if !self.hint.is_empty() {
            ids.push(format!("{}-hint", self.name));
        }
        if !self.error.is_empty() {
            ids.push(format!("{}-error", self.name));
        }
        ids.join(" ")
    }
}

/// What is wrong with a form that was sent, by field.
#[derive(Debug, Default, Clone)]
pub(crate) struct Problems(Vec<(&'static str, String)>);

impl Problems {
    /// Notes what is wrong with a field.
    pub(crate) fn add(&mut self, field: &'static str, sentence: impl Into<String>) {
        self.0.push((field, sentence.into()));
    }

    /// Keeps a value, or notes what is wrong with it; other faults pass through.
    pub(crate) fn keep<T>(&mut self, locale: Locale, given: Result<T, Fault>) -> Result<Option<T>, Fault> {
        match given {
            Ok(value) => Ok(Some(value)),
            Err(fault) => self.explain(locale, fault).map(|()| None),
        }
    }

    /// Notes a fault that belongs to a field; other faults pass through.
    pub(crate) fn explain(&mut self, locale: Locale, fault: Fault) -> Result<(), Fault> {
        match fault {
            Fault::Invalid { field, .. } => {
                let sentence = web::error::sentence(locale, &fault);
                self.add(field, sentence);
                Ok(())
            }
            other => Err(other),
        }
    }

    /// Whether everything is right.
    pub(crate) fn none(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with a field; empty when nothing is.
    pub(crate) fn of(&self, field: &str) -> &str {
        self.0.iter().find(|(name, _)| *name == field).map_or("", |(_, sentence)| sentence.as_str())
    }
}

/// The IANA time zones that a person may choose, sorted: places and UTC, without the old aliases.
pub(crate) fn zones() -> Vec<String> {
    let mut zones: Vec<String> = jiff::tz::db()
        .available()
        .map(|name| name.to_string())
        .filter(|name| {
            let place = name.split_once('/').is_some_and(|(area, _)| {
                [
                    "Africa",
                    "America",
                    "Antarctica",
                    "Arctic",
                    "Asia",
                    "Atlantic",
                    "Australia",
                    "Europe",
                    "Indian",
                    "Pacific",
                ]
                .contains(&area)
            });
            place || name == "UTC"
        })
        .collect();
    zones.sort();
    zones
}

/// The name of a time zone as IANA writes it.
pub(crate) fn zone(given: &str) -> Result<String, Fault> {
    let name = kernel::fault::required("zone", given, 60)?;
    let zone = jiff::tz::TimeZone::get(&name)
        .map_err(|_| Fault::invalid("zone", kernel::Reason::NotA("an IANA time zone such as Europe/Rome")))?;
    Ok(zone.iana_name().map_or(name, str::to_owned))
}

/// An optional mail address.
pub(crate) fn address(given: &str) -> Result<Option<String>, Fault> {
    let address = kernel::fault::optional("address", given, 254)?;
    match address {
        Some(address) if !primitives::identity::is_email(&address) => {
            Err(Fault::invalid("address", kernel::Reason::NotA("a mail address")))
        }
        address => Ok(address.map(|address| address.to_lowercase())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offered_zone_is_accepted_and_rome_is_among_them() {
        let zones = zones();
        assert!(zones.len() > 300 && zones.contains(&"Europe/Rome".to_owned()));
        for name in &zones {
            assert!(zone(name).is_ok(), "{name}");
        }
        assert!(zone("Europe/Atlantis").is_err());
        assert!(zone("../../etc/passwd").is_err());
    }

    #[test]
    fn a_field_names_its_hint_and_its_error() {
        let mut problems = Problems::default();
        problems.add("name", "Il nome manca.");
        let html = Field::text("name", "Nome")
            .hint("Come lo vedono tutti")
            .value("<b>")
            .wrong(&problems)
            .to_string();
        assert!(html.contains("aria-describedby=\"name-hint name-error\""), "{html}");
        assert!(html.contains("aria-invalid=\"true\"") && !html.contains("<b>"), "{html}");
    }
}
