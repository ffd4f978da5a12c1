//! The rule of merges: which root every person is shown as follows from the merges that stand, taken in
//! the order of time, and from nothing else. Taking any of them back is replaying the others.

use std::collections::BTreeMap;

use kernel::PersonId;

/// A merge that stands: `loser` is the same person as `winner`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// As whom they are shown.
    pub winner: PersonId,
    /// Who is shown as the winner.
    pub loser: PersonId,
}

/// The root of each person: everybody starts as their own, and each merge shows the loser's root as the
/// winner's. Merges must be in the order of time.
pub fn roots(people: &[PersonId], merges: &[Standing]) -> BTreeMap<PersonId, PersonId> {
    let mut shown_as: BTreeMap<PersonId, PersonId> = BTreeMap::new();
    for Standing { winner, loser } in merges {
        let (winner, loser) = (find(&shown_as, *winner), find(&shown_as, *loser));
        if winner != loser {
            shown_as.insert(loser, winner);
        }
    }
    people.iter().map(|person| (*person, find(&shown_as, *person))).collect()
}

/// Follows a person to their root. It ends: only roots are ever pointed elsewhere, and never at themselves.
fn find(shown_as: &BTreeMap<PersonId, PersonId>, person: PersonId) -> PersonId {
    let mut person = person;
    while let Some(next) = shown_as.get(&person) {
        person = *next;
    }
    person
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn people(count: i64) -> Vec<PersonId> {
        (0..count).map(PersonId).collect()
    }

    fn standing(pairs: &[(i64, i64)]) -> Vec<Standing> {
        pairs.iter().map(|(w, l)| Standing { winner: PersonId(*w), loser: PersonId(*l) }).collect()
    }

    #[test]
    fn a_chain_of_merges_ends_at_the_last_winner() {
        let roots = roots(&people(4), &standing(&[(1, 0), (2, 1), (2, 3)]));
        assert!(roots.values().all(|root| *root == PersonId(2)));
    }

    #[test]
    fn the_middle_of_a_chain_can_be_taken_back() {
        // 0 ← 1 ← 2, then the first is undone: 2 stays with 1, 0 is free.
        let roots = roots(&people(3), &standing(&[(1, 2)]));
        assert_eq!(roots[&PersonId(0)], PersonId(0));
        assert_eq!(roots[&PersonId(2)], PersonId(1));
    }

    proptest! {
        #[test]
        fn every_root_is_its_own_root(pairs in prop::collection::vec((0..12_i64, 0..12_i64), 0..30)) {
            let roots = roots(&people(12), &standing(&pairs));
            for root in roots.values() {
                prop_assert_eq!(roots[root], *root);
            }
        }

        #[test]
        fn people_are_shown_as_one_exactly_when_merges_join_them(
            pairs in prop::collection::vec((0..8_i64, 0..8_i64), 0..12),
        ) {
            let roots = roots(&people(8), &standing(&pairs));
            // The plainest way to say "joined": spread labels until nothing changes.
            let mut label: Vec<i64> = (0..8).collect();
            for _ in 0..8 {
                for (a, b) in &pairs {
                    let least = label[*a as usize].min(label[*b as usize]);
                    label[*a as usize] = least;
                    label[*b as usize] = least;
                }
            }
            for a in 0..8_i64 {
                for b in 0..8_i64 {
                    let joined = label[a as usize] == label[b as usize];
                    prop_assert_eq!(roots[&PersonId(a)] == roots[&PersonId(b)], joined);
                }
            }
        }

        #[test]
        fn merges_of_other_people_change_nothing(
            ours in prop::collection::vec((0..6_i64, 0..6_i64), 0..8),
            theirs in prop::collection::vec((6..12_i64, 6..12_i64), 0..8),
            turns in prop::collection::vec(any::<bool>(), 16),
        ) {
            // However the two stories interleave, ours ends the same: a component may be replayed alone.
            let (mut ours_left, mut theirs_left) = (ours.iter(), theirs.iter());
            let mut both: Vec<(i64, i64)> = Vec::new();
            for turn in turns {
                let next = if turn { ours_left.next() } else { theirs_left.next() };
                both.extend(next);
            }
            both.extend(ours_left.chain(theirs_left));
            prop_assert_eq!(roots(&people(6), &standing(&both)), roots(&people(6), &standing(&ours)));
        }
    }

    #[test]
    fn the_same_merge_twice_is_once() {
        let (once, twice) = (standing(&[(0, 1)]), standing(&[(0, 1), (0, 1)]));
        assert_eq!(roots(&people(2), &twice), roots(&people(2), &once));
    }
}
