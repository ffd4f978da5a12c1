//! The sentences, read once from the files below `said/`.
//!
//! A file has sections (`== name`), one frame a line, `#` for remarks. Every subject has a file in each
//! language with `subject`, `say`, `more`, `ask`, `heard`, `answer`, `then`; `common` holds what all share.

use std::collections::HashMap;
use std::sync::LazyLock;

use kernel::Locale;

use crate::frame::Frame;

/// The sentences of one language.
#[derive(Debug, Default)]
pub(crate) struct Phrasebook {
    sections: HashMap<(&'static str, &'static str), Vec<Frame>>,
    /// Lines that could not be read; a test keeps this empty.
    pub(crate) problems: Vec<String>,
}

macro_rules! files {
    ($language:literal, $($name:literal),*) => {
        &[$(($name, include_str!(concat!("said/", $language, "/", $name, ".txt")))),*]
    };
}

macro_rules! all_files {
    ($language:literal) => {
        files!(
            $language,
            "common",
            "shop",
            "reviews",
            "details",
            "gasket",
            "delay",
            "firmware",
            "office-warranty",
            "grinding",
            "descaling",
            "invoice",
            "payment",
            "parts",
            "warranty",
            "return",
            "thanks",
            "complaint",
            "pricelist",
            "dealer-order",
            "address",
            "courier",
            "registration",
            "advice",
            "noise",
            "steam",
            "gauge",
            "portafilter",
            "temperature",
            "water",
            "grinder",
            "course",
            "opening",
            "repair",
            "gift",
            "tradein",
            "power",
            "manual",
            "hire",
            "privacy"
        )
    };
}

static ITALIAN: LazyLock<Phrasebook> = LazyLock::new(|| Phrasebook::read(all_files!("it")));
static ENGLISH: LazyLock<Phrasebook> = LazyLock::new(|| Phrasebook::read(all_files!("en")));

impl Phrasebook {
    /// The sentences of a language.
    pub(crate) fn of(language: Locale) -> &'static Phrasebook {
        match language {
            Locale::It => &ITALIAN,
            Locale::En => &ENGLISH,
        }
    }

    /// The frames of a section of a file; none when there is no such section.
    pub(crate) fn section(&'static self, file: &'static str, name: &'static str) -> &'static [Frame] {
        self.sections.get(&(file, name)).map_or(&[], Vec::as_slice)
    }

    /// The frames that `{@name}` refers to.
    pub(crate) fn pool(&'static self, name: &'static str) -> &'static [Frame] {
        self.section("common", name)
    }

    fn read(files: &[(&'static str, &'static str)]) -> Phrasebook {
        let mut book = Phrasebook::default();
        for (file, content) in files {
            let mut section = "";
            for line in
                content.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
            {
                if let Some(name) = line.strip_prefix("== ") {
                    section = name.trim();
                    continue;
                }
                match Frame::parse(line) {
                    Ok(frame) => book.sections.entry((file, section)).or_default().push(frame),
                    Err(problem) => book.problems.push(format!("{file}: {problem}")),
                }
            }
        }
        book
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::SLOTS;
    use crate::subjects::SUBJECTS;

    #[test]
    fn every_line_can_be_read_and_names_only_what_exists() {
        for language in Locale::ALL {
            let book = Phrasebook::of(language);
            assert_eq!(book.problems, Vec::<String>::new());
            let mut unknown = Vec::new();
            for ((file, section), frames) in &book.sections {
                for frame in frames {
                    let (slots, pools) = frame.names();
                    unknown.extend(
                        slots
                            .into_iter()
                            .filter(|slot| !SLOTS.contains(slot))
                            .map(|slot| (file, section, slot)),
                    );
                    unknown.extend(
                        pools
                            .into_iter()
                            .filter(|pool| book.pool(pool).is_empty())
                            .map(|pool| (file, section, pool)),
                    );
                }
            }
            assert_eq!(unknown, Vec::new(), "{language}");
        }
    }

    #[test]
    fn every_subject_has_something_to_say_in_each_language() {
        for language in Locale::ALL {
            for subject in SUBJECTS {
                for section in ["subject", "say", "more", "ask", "heard", "answer", "then"] {
                    let found = Phrasebook::of(language).section(subject.key, section);
                    assert!(!found.is_empty(), "{language} {} {section}", subject.key);
                }
            }
        }
    }
}
