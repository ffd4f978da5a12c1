//! Sentences that choose: plurals and selections, left to Fluent at run time.

use std::borrow::Cow;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::{FluentNumber, FluentNumberStyle};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use kernel::Locale;
use unic_langid::LanguageIdentifier;

use crate::Arg;
use crate::number::{self, Digits};

type Bundle = FluentBundle<FluentResource>;

/// The sentences of one crate in every language, parsed when first asked for. Generated code owns
/// one in a static; nothing else needs to name it.
#[derive(Debug)]
pub struct Bundles {
    it: Source,
    en: Source,
}

struct Source {
    text: &'static str,
    bundle: OnceLock<Bundle>,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("bytes", &self.text.len()).finish_non_exhaustive()
    }
}

impl Bundles {
    /// Takes the Fluent text of each language, as `wording::build` checked and wrote it.
    pub const fn new(it: &'static str, en: &'static str) -> Bundles {
        Bundles {
            it: Source { text: it, bundle: OnceLock::new() },
            en: Source { text: en, bundle: OnceLock::new() },
        }
    }

    /// The sentence under `key`. Generated code only asks for keys that exist; for any other the
    /// key itself comes back, so that a page still shows where the sentence is missing.
    pub fn format(&self, locale: Locale, key: &str, args: &[(&'static str, &Arg<'_>)]) -> String {
        let source = match locale {
            Locale::It => &self.it,
            Locale::En => &self.en,
        };
        let bundle = source.bundle.get_or_init(|| bundle(locale, source.text));
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        let args: FluentArgs<'_> = args.iter().map(|(name, arg)| (*name, value(arg))).collect();
        bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }
}

fn bundle(locale: Locale, text: &str) -> Bundle {
    // The code of a locale is always a language identifier.
    let language: LanguageIdentifier = locale.code().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![language]);
    // Isolating marks would end up in subjects, CSV files and tests; both languages run left to
    // right, and names in other scripts are isolated by `<bdi>` where pages show them.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match locale {
        Locale::It => |value, _| said(Locale::It, value),
        Locale::En => |value, _| said(Locale::En, value),
    }));
    // The build script parsed the same text, so neither step can fail here.
    let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    let _ = bundle.add_builtins();
    bundle
}

fn value<'a>(arg: &'a Arg<'_>) -> FluentValue<'a> {
    match arg {
        Arg::Text(text) => FluentValue::String(Cow::Borrowed(text)),
        // Counts are far below 2^53; a larger one chooses the same plural.
        Arg::Integer(value) => FluentValue::Number(FluentNumber::new(*value as f64, Default::default())),
        Arg::Decimal(value) => FluentValue::Number(FluentNumber::new(*value, Default::default())),
    }
}

/// A number inside a sentence, with the options of `NUMBER(…)`.
fn said(locale: Locale, value: &FluentValue<'_>) -> Option<String> {
    let FluentValue::Number(FluentNumber { value, options }) = value else { return None };
    let digits = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
    let minimum = digits(options.minimum_fraction_digits.unwrap_or(0));
    let maximum = options.maximum_fraction_digits.map(|most| digits(most).max(minimum));
    Some(match options.style {
        FluentNumberStyle::Percent => {
            number::decimal(locale, value * 100.0, Digits { minimum, maximum: maximum.or(Some(minimum)) })
                + "%"
        }
        _ if !options.use_grouping => value.to_string(),
        _ => number::decimal(locale, *value, Digits { minimum, maximum }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    static BUNDLES: Bundles = Bundles::new(
        "waiting = { $n ->\n [0] Nessuno aspetta\n [one] Una persona aspetta\n *[other] { $n } persone aspettano\n}\nshare = { NUMBER($n, style: \"percent\", maximumFractionDigits: 1) }\n",
        "waiting = { $n ->\n [0] Nobody waits\n [one] One person waits\n *[other] { $n } people wait\n}\nshare = { NUMBER($n, style: \"percent\", maximumFractionDigits: 1) }\n",
    );

    fn waiting(locale: Locale, n: i64) -> String {
        BUNDLES.format(locale, "waiting", &[("n", &n.into())])
    }

    #[test]
    fn numbers_choose_the_plural_and_are_grouped() {
        assert_eq!(waiting(Locale::It, 0), "Nessuno aspetta");
        assert_eq!(waiting(Locale::It, 1), "Una persona aspetta");
        assert_eq!(waiting(Locale::It, 1234), "1.234 persone aspettano");
        assert_eq!(waiting(Locale::En, 1234), "1,234 people wait");
    }

    #[test]
    fn number_options_are_respected() {
        let share = |locale| BUNDLES.format(locale, "share", &[("n", &0.1256.into())]);
        assert_eq!(share(Locale::It), "12,6%");
        assert_eq!(share(Locale::En), "12.6%");
    }

    #[test]
    fn an_unknown_key_shows_itself() {
        assert_eq!(BUNDLES.format(Locale::It, "absent", &[]), "absent");
    }
}
