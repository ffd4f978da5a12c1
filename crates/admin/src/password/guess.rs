//! What is tried first: words that head every list of stolen passwords, rows of keys, runs of letters, years, and what
//! everybody knows about a person and their company. Nothing is looked up elsewhere; a password is judged by what is
//! left of it when all of that is taken out.

/// Words of the lists that circulate, in both of our languages and across keyboards; longer ones first take effect
/// first. All lower case, without accents.
const COMMON: &str = include_str!("common.txt");
/// Rows of keys and alphabets: any run of [`RUN`] along one of them, in either direction, counts for nothing.
const ROWS: [&str; 9] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertz",
    "azerty",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
];
/// The shortest run along a row. Characters.
const RUN: usize = 4;
/// The shortest known word that is taken out. Characters.
const LEAST_WORD: usize = 3;
/// As many characters must be left. Fewer can be tried.
const LEAST_LEFT: usize = 5;

/// Whether a password is little more than what is tried first; `known` is what is known of its owner.
pub(super) fn is_likely(password: &str, known: &[&str]) -> bool {
    let mut left = plain(password);
    let mut words: Vec<String> = COMMON.lines().map(str::to_owned).collect();
    for text in known {
        words.extend(text.split(|c: char| !c.is_alphanumeric()).map(plain));
    }
    words.retain(|word| word.chars().count() >= LEAST_WORD);
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    // What stands between two words that were taken out must not become one: a gap stays a gap.
    for word in &words {
        left = left.replace(word.as_str(), " ");
    }
    different(&without_runs(&left)) < LEAST_LEFT
}

/// Lower case, without accents, with the digits and signs that stand for letters read as those.
fn plain(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .filter_map(|c| match c {
            'à' | 'á' | 'â' | 'ä' | '@' | '4' => Some('a'),
            'è' | 'é' | 'ê' | 'ë' | '3' => Some('e'),
            'ì' | 'í' | 'î' | 'ï' | '!' | '1' => Some('i'),
            'ò' | 'ó' | 'ô' | 'ö' | '0' => Some('o'),
            'ù' | 'ú' | 'û' | 'ü' => Some('u'),
            '$' | '5' => Some('s'),
            '7' => Some('t'),
            c if c.is_alphanumeric() => Some(c),
            c if c.is_whitespace() => Some(' '),
            _ => None,
        })
        .collect()
}

fn without_runs(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < letters.len() {
        let run = longest_run(&letters[at..]);
        if run >= RUN {
            at += run;
        } else {
            out.push(letters[at]);
            at += 1;
        }
    }
    out
}

/// How many characters from the start go along one row, forwards or backwards.
fn longest_run(letters: &[char]) -> usize {
    let rows = ROWS.iter().flat_map(|row| {
        // Rows are compared as the password is: after digits were read as letters.
        let forwards: Vec<char> = plain(row).chars().collect();
        let backwards: Vec<char> = forwards.iter().rev().copied().collect();
        [forwards, backwards]
    });
    rows.map(|row| {
        (0..row.len())
            .map(|start| row[start..].iter().zip(letters).take_while(|(a, b)| a == b).count())
            .max()
            .unwrap_or(0)
    })
    .max()
    .unwrap_or(0)
}

/// How many different letters there are; digits that are left, such as a year's, count half.
fn different(text: &str) -> usize {
    let mut letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    letters.sort_unstable();
    letters.dedup();
    let digits = letters.iter().filter(|c| c.is_ascii_digit()).count();
    letters.len() - digits.div_ceil(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_first_is_recognised_however_it_is_dressed_up() {
        for likely in [
            "password1234",
            "Password2026!",
            "P@ssw0rd!2024",
            "qwertyuiop123",
            "1q2w3e4r5t6y",
            "123456789012",
            "abcdefghijkl",
            "juventus1897!",
            "forzanapoli10",
            "iloveyou12345",
            "ciaociaociao",
            "letmein-letmein",
            "benvenuto2026",
            "0987654321qwerty",
        ] {
            assert!(is_likely(likely, &[]), "{likely}");
        }
    }

    #[test]
    fn what_is_known_of_somebody_does_not_help() {
        let known = ["Anna Riva", "anna.riva@officinavera.example", "Officina Vera"];
        assert!(is_likely("AnnaRiva1970", &known));
        assert!(is_likely("officinavera2026", &known));
        assert!(!is_likely("annaffia i gerani al martedì", &known));
    }

    #[test]
    fn phrases_that_nobody_tries_are_let_through() {
        for fine in [
            "quattro gatti al bar",
            "cinque gatti al bar",
            "una frase lunga e facile",
            "correct horse battery staple",
            "k7d2-m9qf-x1vt-8w3h",
            "il treno delle 7.14 puzza",
        ] {
            assert!(!is_likely(fine, &[]), "{fine}");
        }
    }
}
