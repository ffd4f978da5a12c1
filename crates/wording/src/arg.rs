//! What a sentence is given to say: a piece of text or a number.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use kernel::Locale;

use crate::number;

/// A value put into a sentence. Numbers choose plurals and are written as the language writes them;
/// a date or an amount is formatted first (see [`crate::Formats`]) and given as text.
#[derive(Debug, Clone, PartialEq)]
pub enum Arg<'a> {
    /// Text, put in as it is.
    Text(Cow<'a, str>),
    /// A whole number.
    Integer(i128),
    /// A number with a fraction.
    Decimal(f64),
}

impl Arg<'_> {
    /// Appends the value as the language writes it.
    pub fn write(&self, locale: Locale, out: &mut String) {
        match self {
            Arg::Text(text) => out.push_str(text),
            Arg::Integer(value) => number::write_integer(locale, *value, out),
            Arg::Decimal(value) => out.push_str(&number::decimal(locale, *value, number::Digits::SHORTEST)),
        }
    }

    /// The same value, borrowing its text.
    fn by_ref(&self) -> Arg<'_> {
        match self {
            Arg::Text(text) => Arg::Text(Cow::Borrowed(text)),
            Arg::Integer(value) => Arg::Integer(*value),
            Arg::Decimal(value) => Arg::Decimal(*value),
        }
    }
}

/// What can be lent to a sentence. Templates lend nearly everything, often through several
/// references, and this is what lets all of them convert into [`Arg`].
pub trait ToArg {
    /// The value as an argument, without copying text.
    fn to_arg(&self) -> Arg<'_>;
}

impl<'a, T: ToArg + ?Sized> From<&'a T> for Arg<'a> {
    fn from(value: &'a T) -> Self {
        value.to_arg()
    }
}

impl<T: ToArg + ?Sized> ToArg for &T {
    fn to_arg(&self) -> Arg<'_> {
        (**self).to_arg()
    }
}

impl ToArg for Arg<'_> {
    fn to_arg(&self) -> Arg<'_> {
        self.by_ref()
    }
}

impl ToArg for str {
    fn to_arg(&self) -> Arg<'_> {
        Arg::Text(Cow::Borrowed(self))
    }
}

/// Text types: lent by reference, or moved in where the type allows it.
macro_rules! text {
    ($($kind:ty),*) => {$(
        impl ToArg for $kind {
            fn to_arg(&self) -> Arg<'_> {
                Arg::Text(Cow::Borrowed(self))
            }
        }
    )*};
}

text!(String, Cow<'_, str>, Box<str>, Rc<str>, Arc<str>);

impl From<String> for Arg<'_> {
    fn from(text: String) -> Self {
        Arg::Text(Cow::Owned(text))
    }
}

impl<'a> From<Cow<'a, str>> for Arg<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Arg::Text(text)
    }
}

/// Numbers, by value and by reference.
macro_rules! numbers {
    ($variant:ident($wide:ty): $($kind:ty),*) => {$(
        impl From<$kind> for Arg<'_> {
            fn from(value: $kind) -> Self {
                Arg::$variant(value as $wide)
            }
        }

        impl ToArg for $kind {
            fn to_arg(&self) -> Arg<'_> {
                Arg::$variant(*self as $wide)
            }
        }
    )*};
}

numbers!(Integer(i128): i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);
numbers!(Decimal(f64): f32, f64);

#[cfg(test)]
mod tests {
    use super::*;

    fn said<'a>(arg: impl Into<Arg<'a>>) -> String {
        let mut out = String::new();
        arg.into().write(Locale::It, &mut out);
        out
    }

    #[test]
    #[expect(clippy::needless_borrows_for_generic_args, reason = "templates write such borrows")]
    fn templates_may_lend_in_any_way() {
        let owned = String::from("Marta");
        let borrowed: &str = &owned;
        assert_eq!(said("Marta"), "Marta");
        assert_eq!(said(&owned), "Marta");
        assert_eq!(said(&borrowed), "Marta");
        assert_eq!(said(&&borrowed), "Marta");
        assert_eq!(said(owned.clone()), "Marta");
        assert_eq!(said(Cow::Borrowed("Marta")), "Marta");
        assert_eq!(said(&Arg::from("Marta")), "Marta");
        assert_eq!(said(1234_i64), "1.234");
        assert_eq!(said(&1234_i64), "1.234");
        assert_eq!(said(&&1234_usize), "1.234");
        assert_eq!(said(-5_i32), "-5");
        assert_eq!(said(u64::MAX), "18.446.744.073.709.551.615");
        assert_eq!(said(0.5_f64), "0,5");
    }
}
