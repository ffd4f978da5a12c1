//! What must hold for every company that is made, whatever the seed.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use demo::{Company, Locale, Size, State, Story, TurnKind};

const NOW_MICROS: i64 = 1_795_251_600_000_000;

fn customer_texts(company: &Company) -> Vec<String> {
    let turns = company.stories().flat_map(|story| story.turns);
    turns.filter(|turn| turn.is_incoming()).map(|turn| turn.text).collect()
}

/// The word triples of a text, greeting and signature included, without case and punctuation.
fn triples(text: &str) -> HashSet<u64> {
    let words: Vec<String> = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    if words.len() < 8 {
        return HashSet::new();
    }
    words
        .windows(3)
        .map(|triple| {
            let mut hasher = DefaultHasher::new();
            triple.hash(&mut hasher);
            hasher.finish()
        })
        .collect()
}

/// Texts of eight words and more, and those of them that have a twin: Jaccard of triples 0.8 or above.
///
/// Exact: two sets that share so much must share one of their rarest fifth plus one, so only texts that
/// meet in such a triple are compared.
fn twins(texts: &[String]) -> (usize, Vec<(usize, usize)>) {
    let sets: Vec<HashSet<u64>> = texts.iter().map(|text| triples(text)).collect();
    let mut frequency: HashMap<u64, usize> = HashMap::new();
    for triple in sets.iter().flatten() {
        *frequency.entry(*triple).or_default() += 1;
    }
    let mut rare: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut found: HashMap<usize, usize> = HashMap::new();
    for (index, set) in sets.iter().enumerate().filter(|(_, set)| !set.is_empty()) {
        let mut ordered: Vec<u64> = set.iter().copied().collect();
        ordered.sort_by_key(|triple| (frequency[triple], *triple));
        for triple in &ordered[..ordered.len() / 5 + 1] {
            let met = rare.entry(*triple).or_default();
            for &other in met.iter() {
                let shared = set.intersection(&sets[other]).count();
                if shared as f64 >= 0.8 * (set.len() + sets[other].len() - shared) as f64 {
                    found.entry(index).or_insert(other);
                    found.entry(other).or_insert(index);
                }
            }
            met.push(index);
        }
    }
    (sets.iter().filter(|set| !set.is_empty()).count(), found.into_iter().collect())
}

fn assert_few_twins(size: Size) {
    let texts = customer_texts(&Company::generate(7, size, NOW_MICROS));
    let (long, pairs) = twins(&texts);
    assert!(long > texts.len() / 2, "only {long} of {} texts are long enough to compare", texts.len());
    let shown: Vec<_> = pairs.iter().take(6).map(|(one, other)| (&texts[*one], &texts[*other])).collect();
    assert!(pairs.len() * 50 <= long, "{} near-duplicates among {long} texts: {shown:#?}", pairs.len());
}

#[test]
fn few_texts_have_a_twin_in_a_small_company() {
    assert_few_twins(Size::Small);
}

#[test]
fn few_texts_have_a_twin_in_a_medium_company() {
    assert_few_twins(Size::Medium);
}

#[test]
fn the_same_seed_tells_the_same_stories() {
    let tell = |seed| {
        let company = Company::generate(seed, Size::Small, NOW_MICROS);
        company.stories().map(|story| format!("{story:?}")).collect::<Vec<_>>()
    };
    assert_eq!(tell(3), tell(3));
    assert_ne!(tell(3), tell(4));
}

#[test]
fn stories_come_in_order_with_answers_after_questions_and_nothing_from_the_future() {
    let company = Company::generate(7, Size::Medium, NOW_MICROS);
    let mut before = i64::MIN;
    let mut keys = HashSet::new();
    for story in company.stories() {
        assert!(story.began_at_micros() >= before, "{}", story.key);
        before = story.began_at_micros();
        assert!(keys.insert(story.key));
        assert!((1..=8).contains(&story.turns.len()));
        assert!(story.turns[0].is_incoming());
        assert!(story.turns.windows(2).all(|pair| pair[0].at_micros < pair[1].at_micros), "{story:#?}");
        assert!(story.turns.iter().all(|turn| turn.at_micros < NOW_MICROS && !turn.text.trim().is_empty()));
        if let Some(person) = story.person {
            assert!(company.people[person].known_since_micros <= story.began_at_micros());
        }
    }
}

#[test]
fn no_text_shows_its_seams() {
    let company = Company::generate(11, Size::Medium, NOW_MICROS);
    for text in company.stories().flat_map(|story| story.turns).map(|turn| turn.text) {
        let seams = ["{", "}", "[", "]", "|", "  ", " ,", " .", ",,", "?.", "!.", " ?", ":.", ",."];
        for seam in seams {
            assert!(!text.contains(seam), "{seam:?} in {text:?}");
        }
    }
}

#[test]
fn fourteen_wait_at_the_present_six_of_them_for_giulia() {
    for (size, now) in [(Size::Small, NOW_MICROS), (Size::Medium, NOW_MICROS + 11 * 3_600_000_000)] {
        let company = Company::generate(7, size, now);
        let waiting: Vec<Story> =
            company.stories().filter(|story| story.state == Some(State::WaitingForUs)).collect();
        assert_eq!(waiting.len(), 14);
        assert_eq!(waiting.iter().filter(|story| story.owner == Some("giulia")).count(), 6);
        let two_days = 2 * 86_400_000_000;
        for story in &waiting {
            let last = story.turns.last().map_or(0, |turn| turn.at_micros);
            assert!(last > now - two_days - 86_400_000_000 && last < now);
        }
    }
}

#[test]
fn three_voices_in_four_are_italian_and_italians_write_italian() {
    let company = Company::generate(7, Size::Medium, NOW_MICROS);
    let (mut italian, mut all) = (0, 0);
    for story in company.stories() {
        let Some(person) = story.person.map(|index| &company.people[index]) else { continue };
        all += 1;
        italian += usize::from(story.turns[0].language == Locale::It);
        if person.mother_tongue == "it" {
            assert_eq!(story.turns[0].language, Locale::It);
        }
    }
    assert!((0.70..0.82).contains(&(f64::from(italian as u32) / f64::from(all))), "{italian} of {all}");
}

#[test]
fn gaskets_rise_in_the_last_seven_weeks() {
    let company = Company::generate(7, Size::Medium, NOW_MICROS);
    let week = 7 * 86_400_000_000;
    let gaskets = |from: i64, to: i64| {
        company
            .stories()
            .filter(|story| story.cause == Some(demo::Cause::Gasket24))
            .filter(|story| {
                (NOW_MICROS - to * week..NOW_MICROS - from * week).contains(&story.began_at_micros())
            })
            .count() as i64
    };
    let (late, early) = (gaskets(0, 4), gaskets(12, 52));
    assert!(late / 4 > 5 * early / 40, "{late} in four weeks, {early} in forty");
}

#[test]
fn everyone_named_exists() {
    let company = Company::generate(5, Size::Small, NOW_MICROS);
    let employees: HashSet<&str> = company.employees.iter().map(|employee| employee.key).collect();
    let products: HashSet<&str> = company.products.iter().map(|product| product.key).collect();
    let mailboxes: HashSet<&str> = company.mailboxes.iter().map(|mailbox| mailbox.key).collect();
    let teams: HashSet<&str> = company.teams.iter().map(|team| team.key).collect();
    for story in company.stories() {
        assert!(story.owner.is_none_or(|owner| employees.contains(owner)));
        assert!(story.product.is_none_or(|product| products.contains(product)));
        assert!(mailboxes.contains(story.mailbox) && teams.contains(story.team));
        for turn in &story.turns {
            let by = match turn.kind {
                TurnKind::Incoming { noted_by, .. } => noted_by,
                TurnKind::Outgoing { by } | TurnKind::Note { by } => Some(by),
            };
            assert!(by.is_none_or(|by| employees.contains(by)));
        }
    }
    let mut addresses = HashSet::new();
    for identity in company.people.iter().flat_map(|person| &person.identities) {
        assert!(identity.value.ends_with(".example") || identity.value.starts_with('+'), "{identity:?}");
        addresses.insert(&identity.value);
    }
    for person in &company.people {
        assert!(employees.contains(person.keeper) && employees.contains(person.stand_in));
        assert_ne!(person.keeper, person.stand_in);
    }
}
