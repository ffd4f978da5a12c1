//! How somebody writes: hand, haste and slips. Belongs to the person, not to the text.

use kernel::Locale;

use crate::dice::Dice;

/// A way of writing.
#[derive(Debug, Clone)]
pub(crate) struct Style {
    /// Chance that a longer word goes wrong.
    pub(crate) slips: f64,
    pub(crate) lower_case: bool,
    pub(crate) formal: bool,
    pub(crate) casual: bool,
    /// 0 terse, 1 ordinary, 2 talkative.
    pub(crate) length: u8,
    ending: Ending,
    apostrophes: bool,
    abbreviates: bool,
    emoji: bool,
    pub(crate) one_block: bool,
    pub(crate) greets: f64,
    pub(crate) signature: Signature,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Proper,
    Missing,
    Dots,
    Exclaims,
}

/// What stands below a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signature {
    None,
    FirstName,
    FullName,
    Initials,
    House,
    Phone(&'static str),
}

impl Style {
    /// The way somebody writes; business people write a little tidier.
    pub(crate) fn of(number: u64, seed: u64, trade: bool, language: Locale) -> Style {
        let mut dice = Dice::new(seed, &[0x0073_7479_6C65, number]);
        let formal = dice.chance(if trade { 0.4 } else { 0.28 });
        let casual = !formal && dice.chance(0.5);
        let careless = !formal && dice.chance(0.3);
        let device = match language {
            Locale::It => [
                "Inviato da iPhone",
                "Inviato dal mio iPhone",
                "Inviato da Outlook per Android",
                "Inviato dal mio Galaxy",
                "Inviato da smartphone, scusate gli errori",
            ],
            Locale::En => [
                "Sent from my iPhone",
                "Sent from my phone",
                "Sent from Outlook for Android",
                "Sent from my iPad",
                "Sent on the move, please excuse typos",
            ],
        };
        let signature = match dice.below(100) {
            0..=14 => Signature::None,
            15..=39 => Signature::FirstName,
            40..=49 if casual => Signature::Initials,
            40..=66 => Signature::FullName,
            67..=82 if trade => Signature::House,
            67..=72 => Signature::None,
            73..=78 => Signature::FullName,
            _ => Signature::Phone(dice.pick(&device)),
        };
        Style {
            slips: if careless {
                0.035
            } else if formal {
                0.002
            } else {
                0.009
            },
            lower_case: careless && dice.chance(0.5),
            formal,
            casual,
            length: match dice.below(10) {
                0..=3 => 0,
                4..=7 => 1,
                _ => 2,
            },
            ending: match dice.below(20) {
                0..=2 => Ending::Missing,
                3 if !formal => Ending::Dots,
                4 if !formal => Ending::Exclaims,
                _ => Ending::Proper,
            },
            apostrophes: dice.chance(if careless { 0.6 } else { 0.14 }),
            abbreviates: careless && dice.chance(0.35),
            emoji: casual && dice.chance(0.2),
            one_block: !formal && dice.chance(0.35),
            greets: if formal {
                0.97
            } else if careless {
                0.5
            } else {
                0.82
            },
            signature,
        }
    }

    /// The neat hand of the shop, with a rare slip.
    pub(crate) fn of_the_shop() -> Style {
        Style {
            slips: 0.0012,
            lower_case: false,
            formal: false,
            casual: false,
            length: 1,
            ending: Ending::Proper,
            apostrophes: false,
            abbreviates: false,
            emoji: false,
            one_block: false,
            greets: 1.0,
            signature: Signature::FirstName,
        }
    }

    /// Writes a text in this hand.
    pub(crate) fn write(&self, text: &str, language: Locale, angry: bool, dice: &mut Dice) -> String {
        let mut out = match language {
            Locale::It => accents(text, self.apostrophes),
            Locale::En if self.apostrophes => {
                text.replace("n't", "nt").replace("I'm", "Im").replace("it's", "its")
            }
            Locale::En => text.to_owned(),
        };
        if self.abbreviates {
            out = abbreviate(&out, language);
        }
        out = slips(&out, self.slips, dice);
        if self.lower_case {
            out = out.to_lowercase();
        }
        match self.ending {
            Ending::Proper => {}
            Ending::Missing => {
                if out.ends_with('.') {
                    out.pop();
                }
            }
            Ending::Dots => out = out.replacen(". ", "... ", 1 + dice.below(2)),
            Ending::Exclaims if angry => out = out.replacen(". ", "!! ", 1).replacen('?', "???", 1),
            Ending::Exclaims => out = out.replacen(". ", "! ", 1),
        }
        if self.emoji && !angry && dice.chance(0.5) {
            out.push(' ');
            out.push_str(dice.pick(&["🙂", "😊", "☕", "🙏", "😅", "👍"]));
        }
        out
    }
}

/// Keyboards without accents write e', and perche'.
fn accents(text: &str, apostrophes: bool) -> String {
    if !apostrophes {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            'è' | 'é' => out.push_str("e'"),
            'à' => out.push_str("a'"),
            'ò' => out.push_str("o'"),
            'ù' => out.push_str("u'"),
            'ì' => out.push_str("i'"),
            'È' => out.push_str("E'"),
            other => out.push(other),
        }
    }
    out
}

fn abbreviate(text: &str, language: Locale) -> String {
    let pairs: &[(&str, &str)] = match language {
        Locale::It => &[
            (" non ", " nn "),
            (" per ", " x "),
            (" comunque ", " cmq "),
            (" perché ", " xche "),
            (" quando ", " qnd "),
            (" anche ", " anke "),
            (" qualcuno ", " qlcn "),
        ],
        Locale::En => &[
            (" you ", " u "),
            (" please", " pls"),
            (" because ", " cos "),
            (" and ", " & "),
            (" about ", " abt "),
            (" tomorrow", " tmrw"),
            (" with ", " w/ "),
        ],
    };
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn slips(text: &str, rate: f64, dice: &mut Dice) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            out.push(' ');
        }
        let letters: Vec<char> = word.chars().collect();
        let plain = letters.len() >= 5 && letters.iter().all(|letter| letter.is_lowercase());
        if plain && dice.chance(rate) { slip(&letters, dice, &mut out) } else { out.push_str(word) }
    }
    out
}

fn slip(letters: &[char], dice: &mut Dice, out: &mut String) {
    let at = 1 + dice.below(letters.len() - 3);
    let doubled = (1..letters.len()).find(|index| letters[*index] == letters[index - 1]);
    match (dice.below(4), doubled) {
        (0 | 1, Some(double)) => {
            out.extend(letters.iter().enumerate().filter(|(i, _)| *i != double).map(|(_, l)| l))
        }
        (0, None) => out.extend(letters.iter().enumerate().filter(|(index, _)| *index != at).map(|(_, l)| l)),
        (1 | 2, _) => {
            let mut swapped = letters.to_vec();
            swapped.swap(at, at + 1);
            out.extend(swapped);
        }
        _ => {
            out.extend(&letters[..=at]);
            out.push(letters[at]);
            out.extend(&letters[at + 1..]);
        }
    }
}
