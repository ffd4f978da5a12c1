//! Numbers as a language writes them.

use std::sync::OnceLock;

use fixed_decimal::{Decimal, SignedRoundingMode, UnsignedRoundingMode};
use icu_decimal::DecimalFormatter;
use icu_decimal::options::DecimalFormatterOptions;
use icu_locale_core::{Locale as IcuLocale, locale};
use kernel::Locale;

/// How many digits follow the decimal separator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digits {
    /// Zeros are added up to this many.
    pub minimum: u8,
    /// Rounded (half away from zero) to this many; `None` keeps what the number has.
    pub maximum: Option<u8>,
}

impl Digits {
    /// As many as the number needs, no more.
    pub(crate) const SHORTEST: Digits = Digits { minimum: 0, maximum: None };

    /// Always this many.
    pub(crate) const fn exactly(digits: u8) -> Digits {
        Digits { minimum: digits, maximum: Some(digits) }
    }
}

/// The data that ICU speaks the language with. English is the British one: a shop in Europe writes
/// "21 November" and 14:05.
pub(crate) fn icu_locale(locale: Locale) -> IcuLocale {
    match locale {
        Locale::It => locale!("it"),
        Locale::En => locale!("en-GB"),
    }
}

/// Formatters are costly to build and shared by everybody. `None` would mean that the compiled data
/// lacks a language; a test proves that it does not.
fn formatter(locale: Locale) -> Option<&'static DecimalFormatter> {
    static FORMATTERS: [OnceLock<Option<DecimalFormatter>>; 2] = [const { OnceLock::new() }; 2];
    FORMATTERS[locale as usize]
        .get_or_init(|| {
            // CLDR's Italian leaves 1234 ungrouped, which looks wrong above 12.345 in a column of
            // figures; German has the same separators and groups always.
            let digits = match locale {
                Locale::It => locale!("de"),
                Locale::En => icu_locale(locale),
            };
            DecimalFormatter::try_new(digits.into(), DecimalFormatterOptions::default()).ok()
        })
        .as_ref()
}

/// Appends a whole number: `1.234` or `1,234`.
pub(crate) fn write_integer(locale: Locale, value: i128, out: &mut String) {
    use std::fmt::Write;
    // Most numbers on a page are small, and writing to a string does not fail.
    let _ = match formatter(locale) {
        Some(formatter) if value.unsigned_abs() >= 1000 => {
            write!(out, "{}", formatter.format(&Decimal::from(value)))
        }
        _ => write!(out, "{value}"),
    };
}

/// A number with a fraction: `1.234,5` or `1,234.5`. What is not a number is a dash.
pub(crate) fn decimal(locale: Locale, value: f64, digits: Digits) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    // Rust prints the shortest text that reads back as the same number.
    let Ok(mut number) = Decimal::try_from_str(&value.to_string()) else { return value.to_string() };
    if let Some(maximum) = digits.maximum {
        number.round_with_mode(
            -i16::from(maximum),
            SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfExpand),
        );
        number.trim_end();
    }
    if number.is_zero() {
        // "-0,0" helps nobody.
        number = Decimal::from(0);
    }
    number.pad_end(-i16::from(digits.minimum));
    match formatter(locale) {
        Some(formatter) => formatter.format_to_string(&number),
        None => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_data() {
        assert!(Locale::ALL.into_iter().all(|locale| formatter(locale).is_some()));
    }

    #[test]
    fn fractions_follow_the_language() {
        assert_eq!(decimal(Locale::It, 1234.5, Digits::SHORTEST), "1.234,5");
        assert_eq!(decimal(Locale::En, 1234.5, Digits::exactly(2)), "1,234.50");
        assert_eq!(decimal(Locale::It, 2.0, Digits::SHORTEST), "2");
        assert_eq!(decimal(Locale::It, 0.125, Digits::exactly(2)), "0,13");
        assert_eq!(decimal(Locale::It, -0.01, Digits::exactly(1)), "0,0");
        assert_eq!(decimal(Locale::It, f64::NAN, Digits::exactly(1)), "–");
        assert_eq!(decimal(Locale::En, 999.95, Digits { minimum: 0, maximum: Some(1) }), "1,000");
    }
}
