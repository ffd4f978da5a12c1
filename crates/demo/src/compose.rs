//! Puts sentences together into what customers and employees write.

use crate::dice::Dice;
use crate::flag;
use crate::frame::{Frame, Spoken, choose};
use crate::scene::Scene;
use crate::story::Channel;
use crate::style::{Signature, Style};

/// A text under construction: sentences, and the files they mention.
struct Draft<'a> {
    scene: &'a Scene<'a>,
    dice: &'a mut Dice,
    sentences: Vec<String>,
    used: Vec<*const Frame>,
    spoken: Spoken,
}

impl<'a> Draft<'a> {
    fn new(scene: &'a Scene<'a>, dice: &'a mut Dice) -> Draft<'a> {
        Draft { scene, dice, sentences: Vec::new(), used: Vec::new(), spoken: Spoken::default() }
    }

    /// Adds a sentence of a section, with this chance, never the same frame twice.
    fn add(&mut self, file: &'static str, section: &'static str, chance: f64) {
        if chance < 1.0 && !self.dice.chance(chance) {
            return;
        }
        for _ in 0..4 {
            let frames = self.scene.book().section(file, section);
            let Some(frame) = choose(frames, self.scene.flags, self.dice) else { return };
            if self.used.contains(&std::ptr::from_ref(frame)) {
                continue;
            }
            self.used.push(frame);
            self.spoken.text.clear();
            frame.speak(self.scene, self.dice, &mut self.spoken);
            self.sentences.push(sentence(&self.spoken.text));
            return;
        }
    }

    /// Adds what makes a text unlike every other, one sentence for every twenty words. A small company does
    /// without: its few letters differ anyway.
    fn enrich(&mut self, section: &'static str) {
        if !self.scene.company.size.is_rich() {
            return;
        }
        let words: usize =
            self.sentences.iter().map(|sentence| sentence.bytes().filter(|byte| *byte == b' ').count()).sum();
        for _ in 0..1 + words / 20 {
            self.add("details", section, 1.0);
        }
    }

    fn finish(self, separator: &str) -> Spoken {
        Spoken { text: self.sentences.join(separator), attachments: self.spoken.attachments }
    }
}

/// A bare phrase: a subject line, a greeting.
fn phrase(scene: &Scene<'_>, file: &'static str, section: &'static str, dice: &mut Dice) -> String {
    let mut spoken = Spoken::default();
    if let Some(frame) = choose(scene.book().section(file, section), scene.flags, dice) {
        frame.speak(scene, dice, &mut spoken);
    }
    tidy(&spoken.text)
}

/// One space between words, none before commas: empty choices leave gaps.
fn tidy(text: &str) -> String {
    const MENDED: [(&str, &str); 14] = [
        (" ,", ","),
        (" .", "."),
        (",,", ","),
        (" ?", "?"),
        (" !", "!"),
        (" :", ":"),
        ("?.", "?"),
        ("!.", "!"),
        // Italian articles elide before the numbers that begin with a vowel.
        ("il 8 ", "l'8 "),
        ("il 11 ", "l'11 "),
        ("dal 8 ", "dall'8 "),
        ("dal 11 ", "dall'11 "),
        ("del 8 ", "dell'8 "),
        ("del 11 ", "dell'11 "),
    ];
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (seam, mended) in MENDED {
        if text.contains(seam) {
            text = text.replace(seam, mended);
        }
    }
    text
}

/// A capital at the start, a stop at the end.
fn sentence(text: &str) -> String {
    let text = tidy(text);
    let mut letters = text.trim_end_matches([',', ';', ' ']).chars();
    let mut out: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    out.push_str(letters.as_str());
    if !out.is_empty() && !out.ends_with(['.', '?', '!', '…', ':']) {
        out.push('.');
    }
    out
}

/// Capitals after full stops: whoever writes for the shop minds them.
fn capitals(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut begins, mut before) = (false, ' ');
    for letter in text.chars() {
        if begins && before == ' ' && letter.is_alphabetic() {
            out.extend(letter.to_uppercase());
        } else {
            out.push(letter);
        }
        begins = matches!(letter, '.' | '?' | '!') || (begins && letter == ' ');
        before = letter;
    }
    out
}

/// The subject line of a mail, or the words for a call.
pub(crate) fn subject_line(scene: &Scene<'_>, file: &'static str, style: &Style, dice: &mut Dice) -> String {
    let line = phrase(scene, file, "subject", dice);
    let line = if style.lower_case { line.to_lowercase() } else { line };
    if style.lower_case || dice.chance(0.25) {
        return line;
    }
    let mut letters = line.chars();
    let first: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    first + letters.as_str()
}

/// The first thing a customer writes about a subject.
pub(crate) fn opening(
    scene: &Scene<'_>,
    file: &'static str,
    channel: Channel,
    style: &Style,
    dice: &mut Dice,
) -> Spoken {
    let angry = scene.flags & flag::ANGRY != 0;
    let mut draft = Draft::new(scene, dice);
    match style.length {
        0 => {
            draft.add("common", "context", 0.15);
            draft.add(file, "say", 1.0);
            draft.add(file, "more", 0.25);
            draft.add(file, "ask", 0.7);
        }
        1 => {
            draft.add("common", "context", 0.33);
            draft.add(file, "say", 1.0);
            draft.add(file, "more", 0.75);
            draft.add("common", "mood", if angry { 0.6 } else { 0.12 });
            draft.add(file, "ask", 0.88);
        }
        _ => {
            draft.add("common", "context", 0.6);
            draft.add(file, "say", 1.0);
            draft.add(file, "more", 1.0);
            draft.add(file, "more", 0.6);
            draft.add("common", "mood", if angry { 0.8 } else { 0.3 });
            draft.add(file, "ask", 0.95);
            draft.add("common", "aside", 0.3);
        }
    }
    let apart = style.length == 2 && !style.one_block && draft.dice.chance(0.4);
    draft.enrich("aside");
    let body = draft.finish(if apart { "\n" } else { " " });
    let greeting = (channel == Channel::Mail || dice.chance(0.4)) && dice.chance(style.greets);
    letter(scene, body, greeting, channel == Channel::Mail, style, dice)
}

/// What a customer writes after an answer. `good`: the answer helped.
pub(crate) fn reply(
    scene: &Scene<'_>,
    file: &'static str,
    last: bool,
    style: &Style,
    dice: &mut Dice,
) -> Spoken {
    let good = scene.flags & flag::GOOD != 0;
    let mut draft = Draft::new(scene, dice);
    if last {
        draft.add("common", "last", 1.0);
    } else if good {
        draft.add("common", "thanks", 0.5);
        draft.add(file, "then", 1.0);
        draft.add("common", "then_good", 0.25);
    } else {
        draft.add("common", "then_bad", 0.45);
        draft.add(file, "then", 1.0);
        draft.add("common", "press", 0.4);
    }
    draft.enrich("aside");
    let body = draft.finish(" ");
    let greeting = dice.chance(style.greets * if last { 0.25 } else { 0.5 });
    letter(scene, body, greeting, true, style, dice)
}

/// What a customer writes when they come to another matter in the same exchange.
pub(crate) fn further(scene: &Scene<'_>, file: &'static str, style: &Style, dice: &mut Dice) -> Spoken {
    let again = phrase(scene, "details", "again", dice);
    let mut draft = Draft::new(scene, dice);
    draft.add(file, "say", 1.0);
    draft.add(file, "more", 0.25 * f64::from(style.length));
    draft.add(file, "ask", 0.8);
    draft.enrich("aside");
    if let Some(first) = draft.sentences.first_mut() {
        *first = sentence(&format!("{again} {}", lower_first(first)));
    }
    let body = draft.finish(" ");
    let greeting = dice.chance(style.greets * 0.4);
    letter(scene, body, greeting, true, style, dice)
}

/// What an employee notes of a call or a word at the counter.
pub(crate) fn heard(scene: &Scene<'_>, file: &'static str, channel: Channel, dice: &mut Dice) -> Spoken {
    let mut draft = Draft::new(scene, dice);
    draft.add("shop", if channel == Channel::Phone { "called" } else { "came" }, 0.9);
    draft.add(file, "heard", 1.0);
    draft.add("shop", "remark", 0.5);
    draft.add("shop", "wish", 0.6);
    draft.enrich("heard");
    let spoken = draft.finish(" ");
    Spoken { text: capitals(&spoken.text), ..spoken }
}

/// A review or the words beside a score.
pub(crate) fn verdict(
    scene: &Scene<'_>,
    sections: &[(&'static str, f64)],
    style: &Style,
    dice: &mut Dice,
) -> Spoken {
    let mut draft = Draft::new(scene, dice);
    for (section, chance) in sections {
        draft.add("reviews", section, *chance);
    }
    draft.enrich("verdict");
    let mut spoken = draft.finish(" ");
    spoken.text = style.write(&spoken.text, scene.language, scene.flags & flag::ANGRY != 0, dice);
    spoken
}

/// An employee's answer. `section` is `answer` of the subject or a later answer of the shop's own file.
pub(crate) fn answer(
    scene: &Scene<'_>,
    file: &'static str,
    section: &'static str,
    dice: &mut Dice,
) -> Spoken {
    let greeting = phrase(scene, "shop", "greet", dice);
    let mut draft = Draft::new(scene, dice);
    if section == "answer" {
        draft.add("shop", "warm", 0.4);
    }
    draft.add(file, section, 1.0);
    draft.add("shop", "close", 0.5);
    let body = draft.finish(" ");
    let text = format!("{greeting}\n\n{}\n\n{}", capitals(&body.text), phrase(scene, "shop", "sign", dice));
    Spoken { text: Style::of_the_shop().write(&text, scene.language, false, dice), ..body }
}

/// A note among employees; `section` is `note` or `note_reply`.
pub(crate) fn note(scene: &Scene<'_>, section: &'static str, dice: &mut Dice) -> Spoken {
    let mut draft = Draft::new(scene, dice);
    draft.add("shop", section, 1.0);
    draft.finish(" ")
}

fn letter(
    scene: &Scene<'_>,
    body: Spoken,
    greeting: bool,
    mail: bool,
    style: &Style,
    dice: &mut Dice,
) -> Spoken {
    let gap = if style.one_block { "\n" } else { "\n\n" };
    let mut text = String::new();
    if greeting {
        text.push_str(&phrase(scene, "common", "greet", dice));
        // In one breath: "Buongiorno, vorrei sapere …"
        text.push_str(if style.one_block && text.ends_with(',') { " " } else { gap });
    }
    if text.ends_with(", ") {
        text.push_str(&lower_first(&body.text));
    } else {
        text.push_str(&body.text);
    }
    let closes =
        mail && style.signature != Signature::None && dice.chance(if style.formal { 0.95 } else { 0.65 });
    let closing = if closes { phrase(scene, "common", "close", dice) } else { String::new() };
    let mut text = style.write(&text, scene.language, scene.flags & flag::ANGRY != 0, dice);
    if !closing.is_empty() {
        text.push_str(gap);
        text.push_str(&if style.lower_case { closing.to_lowercase() } else { closing });
    }
    if mail {
        text.push_str(&signature(scene, style));
    }
    Spoken { text, ..body }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next();
    let second_is_lower = letters.clone().next().is_some_and(|letter| letter.is_lowercase() || letter == ' ');
    // "I", "I'm" and names of two capitals stay as they are.
    let english_i = first == Some('I') && !letters.clone().next().is_some_and(char::is_lowercase);
    let mut out: String = match first {
        Some(first) if second_is_lower && !english_i => first.to_lowercase().collect(),
        Some(first) => first.to_string(),
        None => String::new(),
    };
    out.push_str(letters.as_str());
    out
}

fn signature(scene: &Scene<'_>, style: &Style) -> String {
    let person = scene.person;
    let house = person.organisation.and_then(|index| scene.company.organisations.get(index));
    let cased = |text: &str| if style.lower_case { text.to_lowercase() } else { text.to_owned() };
    match style.signature {
        Signature::None => String::new(),
        Signature::FirstName => format!("\n{}", cased(person.first_name)),
        Signature::FullName => format!("\n{}", cased(&person.name)),
        Signature::Initials => format!("\n{}.", person.name.chars().next().unwrap_or('V')),
        Signature::House => match (house, person.phone()) {
            (Some(house), Some(phone)) => {
                format!("\n{}\n\n--\n{}\n{}\ntel. {phone}", person.name, house.name, person.city)
            }
            _ => format!("\n{}", person.name),
        },
        Signature::Phone(device) => format!("\n{}\n\n{device}", cased(person.first_name)),
    }
}
