//! Chance that never changes: the same key gives the same numbers on every machine and version.
//!
//! `rand` promises no stable values for ranges and choices between its versions; a demo company that
//! tests and documents quote must not move when a dependency does. SplitMix64 is ten lines.

/// A stream of numbers that belongs to one key (a seed, a day, a person).
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The stream of `seed` and the parts of a key.
    pub(crate) fn new(seed: u64, key: &[u64]) -> Dice {
        let mut dice = Dice(seed ^ 0x5DEE_CE66_D1CE_4E5B);
        for part in key {
            dice.0 = dice.next() ^ part.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A fraction in `0.0..1.0`.
    pub(crate) fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// An index below `n`; 0 when `n` is 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    /// A whole number between both ends, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low).max(0) as usize + 1) as i64
    }

    /// True with this chance.
    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.fraction() < share
    }

    /// One of the items; the slice must not be empty.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// An index drawn by weight; the last one when all weights are 0.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = f64> + Clone) -> usize {
        let total: f64 = weights.clone().sum();
        let mut left = self.fraction() * total;
        let mut last = 0;
        for (index, weight) in weights.enumerate() {
            last = index;
            if left < weight {
                return index;
            }
            left -= weight;
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn the_numbers_of_a_key_never_change() {
        let mut dice = Dice::new(7, &[1, 2]);
        let first: Vec<usize> = (0..5).map(|_| dice.below(1000)).collect();
        let mut again = Dice::new(7, &[1, 2]);
        assert_eq!(first, (0..5).map(|_| again.below(1000)).collect::<Vec<_>>());
        let mut other = Dice::new(7, &[2, 1]);
        assert_ne!(first, (0..5).map(|_| other.below(1000)).collect::<Vec<_>>());
    }

    #[test]
    fn a_weight_of_nothing_is_never_drawn() {
        let mut dice = Dice::new(1, &[]);
        assert!((0..200).all(|_| dice.weighted([0.0, 1.0, 0.0].into_iter()) == 1));
        assert!((0..200).all(|_| (3..=5).contains(&dice.between(3, 5))));
    }
}
