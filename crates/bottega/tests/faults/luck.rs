//! Chance that can be repeated: everything a run does follows from its seed.

/// SplitMix64.
#[derive(Clone)]
pub struct Luck(u64);

impl Luck {
    /// From a seed, and from whose luck it is.
    pub fn of(seed: u64, whose: u64) -> Luck {
        let mut luck = Luck(seed ^ whose.wrapping_mul(0xA24B_AED4_963E_E407));
        luck.next();
        luck
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// True once in so many.
    pub fn once_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    /// One of some things.
    pub fn one_of<'a, T>(&mut self, things: &'a [T]) -> Option<&'a T> {
        let at = usize::try_from(self.below(things.len() as u64)).unwrap_or(0);
        things.get(at)
    }
}

/// The seed of this run: `BOTTEGA_SEED`, or one that nobody chose.
pub fn seed() -> u64 {
    let given = std::env::var("BOTTEGA_SEED").ok().and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| {
        use std::hash::{BuildHasher, Hasher};
        // A hasher's keys are random.
        std::collections::hash_map::RandomState::new().build_hasher().finish()
    })
}
