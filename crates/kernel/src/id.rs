//! Ids: 64 bits, time-ordered, readable outside as a type prefix and 13 Crockford characters.
//!
//! 41 bits of milliseconds since 2025-01-01, 10 bits of a node number (each process leases its own),
//! 12 bits of a counter. One id serves as SQLite's rowid, FTS5's rowid and PostgreSQL's BIGINT.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Clock;

/// 2025-01-01T00:00:00Z in milliseconds since the Unix epoch.
const EPOCH_MILLIS: i64 = 1_735_689_600_000;
const NODE_BITS: u32 = 10;
const COUNTER_BITS: u32 = 12;
/// How many nodes may run at once on one database.
pub const NODES: u16 = 1 << NODE_BITS;
const COUNTERS: i64 = 1 << COUNTER_BITS;
const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const CHARACTERS: usize = 13;

/// Mints ids that never go backwards within a process, whatever the clock does.
pub struct IdMinter(Mutex<Mint>);

struct Mint {
    node: i64,
    /// Milliseconds and counter of the last id, as one number.
    last: i64,
}

impl IdMinter {
    /// A minter for the leased node number (only its low ten bits count).
    pub fn new(node: u16) -> IdMinter {
        IdMinter(Mutex::new(Mint { node: i64::from(node % NODES), last: 0 }))
    }

    fn mint_now(&self) -> MutexGuard<'_, Mint> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The node number that this minter writes into its ids.
    pub fn node(&self) -> u16 {
        self.mint_now().node as u16
    }

    /// From now on ids carry another node number: the one before was lost to another process.
    pub fn move_to(&self, node: u16) {
        self.mint_now().node = i64::from(node % NODES);
    }

    /// The next raw id: greater than every id this minter gave before. When the clock steps back, or
    /// one millisecond's counter is used up, it runs ahead of the clock instead of repeating itself.
    pub fn mint(&self, clock: &dyn Clock) -> i64 {
        let millis = (clock.now().millis() - EPOCH_MILLIS).max(0);
        let mut mint = self.mint_now();
        mint.last = (millis * COUNTERS).max(mint.last + 1);
        let (millis, counter) = (mint.last / COUNTERS, mint.last % COUNTERS);
        (millis << (NODE_BITS + COUNTER_BITS)) | (mint.node << COUNTER_BITS) | counter
    }
}

/// A text that is not an id of the type that was asked for.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidId {
    /// The prefix belongs to another type, or to none.
    #[error("{given:?} is no id of the kind “{what}”: those start with {prefix}_")]
    Prefix {
        /// What was given.
        given: String,
        /// What was expected, in words.
        what: &'static str,
        /// The prefix that it has.
        prefix: &'static str,
    },
    /// The prefix is right and the rest is not 13 Crockford characters of a positive 64-bit number.
    #[error("{given:?} is damaged: after {prefix}_ come 13 characters of 0-9 and a-z without i, l, o, u")]
    Digits {
        /// What was given.
        given: String,
        /// The prefix that it has.
        prefix: &'static str,
    },
}

/// Writes the 13 characters of a raw id.
pub fn encode(raw: i64) -> String {
    let mut bytes = [b'0'; CHARACTERS];
    let mut rest = raw as u64;
    for byte in bytes.iter_mut().rev() {
        *byte = CROCKFORD[(rest & 31) as usize];
        rest >>= 5;
    }
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Reads `prefix_` and 13 characters. Upper case and Crockford's look-alikes (`O`, `I`, `L`) are accepted.
pub fn decode(given: &str, prefix: &'static str, what: &'static str) -> Result<i64, InvalidId> {
    let digits = given
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .ok_or_else(|| InvalidId::Prefix { given: shortened(given), what, prefix })?;
    let damaged = || InvalidId::Digits { given: shortened(given), prefix };
    if digits.len() != CHARACTERS {
        return Err(damaged());
    }
    let mut value: u128 = 0;
    for byte in digits.bytes() {
        let byte = match byte.to_ascii_lowercase() {
            b'o' => b'0',
            b'i' | b'l' => b'1',
            other => other,
        };
        let digit = CROCKFORD.iter().position(|c| *c == byte).ok_or_else(damaged)?;
        value = (value << 5) | digit as u128;
    }
    i64::try_from(value).map_err(|_| damaged())
}

/// What an error may quote of an input of any length.
fn shortened(given: &str) -> String {
    given.chars().take(40).collect()
}

/// Declares an id type: a newtype over the raw number with its prefix, text form and serde form.
#[macro_export]
macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl $name {
            /// The prefix that this type has outside.
            pub const PREFIX: &'static str = $prefix;

            /// The raw number, as stored.
            pub const fn raw(self) -> i64 {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}_{}", $prefix, $crate::id::encode(self.0))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::InvalidId;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::id::decode(text, $prefix, $what).map($name)
            }
        }

        impl From<i64> for $name {
            fn from(raw: i64) -> Self {
                $name(raw)
            }
        }

        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as $crate::serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err($crate::serde::de::Error::custom)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Instant, ManualClock, PersonId};

    #[test]
    fn ids_never_go_backwards_even_when_the_clock_does() {
        let clock = ManualClock::at(Instant::from_micros(1_800_000_000_000_000));
        let minter = IdMinter::new(7);
        let mut last = 0;
        for step in 0..20_000 {
            if step % 5_000 == 0 {
                clock.advance_seconds(-10);
            }
            let id = minter.mint(&clock);
            assert!(id > last);
            assert_eq!((id >> COUNTER_BITS) & i64::from(NODES - 1), 7);
            last = id;
        }
    }

    #[test]
    fn ids_go_on_growing_under_another_number() {
        let clock = ManualClock::at(Instant::from_micros(1_800_000_000_000_000));
        let minter = IdMinter::new(7);
        let before = (minter.mint(&clock), minter.mint(&clock));
        minter.move_to(3);
        let after = minter.mint(&clock);
        assert_eq!((minter.node(), (after >> COUNTER_BITS) & i64::from(NODES - 1)), (3, 3));
        let counter = |id: i64| id & (COUNTERS - 1);
        assert_eq!(counter(after), counter(before.1) + 1, "the counter is not begun anew");
    }

    #[test]
    fn a_wrong_prefix_is_a_clear_error() {
        let error = "cnv_0c8kz3m5t1v7q".parse::<PersonId>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"cnv_0c8kz3m5t1v7q\" is no id of the kind “person”: those start with per_"
        );
        assert!(matches!("per_0c8kz3m5t1v7".parse::<PersonId>(), Err(InvalidId::Digits { .. })));
        assert!(matches!("per_zzzzzzzzzzzzz".parse::<PersonId>(), Err(InvalidId::Digits { .. })));
    }

    proptest! {
        #[test]
        fn every_id_survives_the_way_out_and_in(raw in 0..i64::MAX) {
            let text = PersonId(raw).to_string();
            prop_assert_eq!(text.len(), 17);
            prop_assert_eq!(text.parse::<PersonId>(), Ok(PersonId(raw)));
            prop_assert_eq!(text.to_uppercase().replacen("PER", "per", 1).parse::<PersonId>(), Ok(PersonId(raw)));
        }

        #[test]
        fn no_text_makes_reading_an_id_panic(text in ".*") {
            let _ = text.parse::<PersonId>();
        }

        #[test]
        fn text_order_is_time_order(a in 0..i64::MAX, b in 0..i64::MAX) {
            prop_assert_eq!(a.cmp(&b), PersonId(a).to_string().cmp(&PersonId(b).to_string()));
        }
    }
}
