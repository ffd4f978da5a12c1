//! Figures and lists.

use kernel::Locale;

use super::Formats;
use crate::number::{self, Digits};

impl Formats {
    /// `1.234` · `1,234`
    pub fn integer(&self, value: i64) -> String {
        let mut out = String::new();
        number::write_integer(self.locale, i128::from(value), &mut out);
        out
    }

    /// `1.234,50` · `1,234.50` with this many digits after the separator, rounded half away from
    /// zero. What is not a number is a dash.
    pub fn decimal(&self, value: f64, digits: u8) -> String {
        number::decimal(self.locale, value, Digits::exactly(digits))
    }

    /// A share of one as a percentage: `percent(0.125, 1)` is `12,5%` · `12.5%`.
    pub fn percent(&self, share: f64, digits: u8) -> String {
        let value = self.decimal(share * 100.0, digits);
        if share.is_finite() { value + "%" } else { value }
    }

    /// A size in the decimal units that file managers show: `950 B`, `1,2 MB`.
    pub fn bytes(&self, bytes: u64) -> String {
        const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
        if bytes < 1000 {
            return format!("{bytes} B");
        }
        let mut value = bytes as f64 / 1000.0;
        let mut units = UNITS.iter();
        let mut unit = units.next();
        // 999,95 kB would be written as 1.000,0 kB.
        while value >= 999.95 {
            let Some(larger) = units.next() else { break };
            value /= 1000.0;
            unit = Some(larger);
        }
        let value = number::decimal(self.locale, value, Digits { minimum: 0, maximum: Some(1) });
        format!("{value} {}", unit.unwrap_or(&""))
    }

    /// `a, b e c` · `a, b and c`
    pub fn list(&self, items: &[&str]) -> String {
        match items {
            [] => String::new(),
            [only] => (*only).to_owned(),
            [head @ .., last] => format!("{} {} {last}", head.join(", "), self.and(last)),
        }
    }

    /// The word before the last item; Italian says `ed` before another e.
    fn and(&self, next: &str) -> &'static str {
        match self.locale {
            Locale::It if next.starts_with(['e', 'E', 'è', 'È', 'é', 'É']) => "ed",
            Locale::It => "e",
            Locale::En => "and",
        }
    }
}
