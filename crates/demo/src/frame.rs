//! Sentence frames: a text with choices, slots and agreement, made into a sentence by chance.
//!
//! - `[a|b|c]` one of them, nested as deep as one likes, an empty one allowed;
//! - `{o/a}` masculine or feminine, as the speaker is;
//! - `{slot}` a value of the situation, `{3-8}` a number, `{@pool}` a frame of a named pool;
//! - a leading `(bar !angry home/inn)` says when a frame fits: all words must hold, `!` negates, `/` is or.

use crate::dice::Dice;
use crate::flag;
use crate::story::Attachment;

/// A frame and when it fits.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    needs: Vec<Need>,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, Copy)]
struct Need {
    any_of: u32,
    wanted: bool,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(&'static str),
    Choice(Vec<Vec<Piece>>),
    Gender(&'static str, &'static str),
    Number(i64, i64),
    Pool(&'static str),
    Slot(&'static str),
}

/// What a frame is spoken into: the situation that fills its slots.
pub(crate) trait Situation {
    /// Flags that hold.
    fn flags(&self) -> u32;
    /// Whether the speaker's words are masculine.
    fn masculine(&self) -> bool;
    /// The frames of a pool that `{@name}` refers to.
    fn pool(&self, name: &'static str) -> &'static [Frame];
    /// Writes the value of a slot; false when there is no such slot.
    fn fill(&self, slot: &str, dice: &mut Dice, out: &mut String) -> bool;
    /// Makes the file that `{+photo}` or `{+pdf}` hands over.
    fn attach(&self, what: &str, dice: &mut Dice) -> Option<Attachment>;
}

/// A sentence with the files that it mentions.
#[derive(Debug, Default)]
pub(crate) struct Spoken {
    pub(crate) text: String,
    pub(crate) attachments: Vec<Attachment>,
}

impl Frame {
    /// Reads a frame from a line.
    pub(crate) fn parse(line: &'static str) -> Result<Frame, String> {
        let (mut needs, body): (Vec<Need>, _) =
            match line.strip_prefix('(').and_then(|rest| rest.split_once(") ")) {
                Some((words, body)) if words.split([' ', '/']).all(|word| flag::named(word).is_some()) => {
                    (words.split(' ').filter_map(need).collect(), body)
                }
                _ => (Vec::new(), line),
            };
        if body.contains("{phone}") {
            needs.push(Need { any_of: flag::PHONE, wanted: true });
        }
        let mut rest = body;
        let pieces = pieces(&mut rest, false).map_err(|problem| format!("{problem} in {line:?}"))?;
        if rest.is_empty() { Ok(Frame { needs, pieces }) } else { Err(format!("stray ] in {line:?}")) }
    }

    /// Whether it fits a situation with these flags.
    pub(crate) fn fits(&self, flags: u32) -> bool {
        self.needs.iter().all(|need| (flags & need.any_of != 0) == need.wanted)
    }

    /// Whether it was written for this flag.
    pub(crate) fn is_for(&self, flag: u32) -> bool {
        self.needs.iter().any(|need| need.wanted && need.any_of & flag != 0)
    }

    /// Speaks it.
    pub(crate) fn speak(&self, situation: &impl Situation, dice: &mut Dice, out: &mut Spoken) {
        speak(&self.pieces, situation, dice, out);
    }

    /// Every slot and pool name in it, for the check that each exists.
    #[cfg(test)]
    pub(crate) fn names(&self) -> (Vec<&'static str>, Vec<&'static str>) {
        let (mut slots, mut pools) = (Vec::new(), Vec::new());
        let mut left: Vec<&Piece> = self.pieces.iter().collect();
        while let Some(piece) = left.pop() {
            match piece {
                Piece::Slot(name) => slots.push(*name),
                Piece::Pool(name) => pools.push(*name),
                Piece::Choice(choices) => left.extend(choices.iter().flatten()),
                _ => {}
            }
        }
        (slots, pools)
    }
}

fn need(word: &str) -> Option<Need> {
    let (wanted, names) = match word.strip_prefix('!') {
        Some(names) => (false, names),
        None => (true, word),
    };
    let any_of = names.split('/').filter_map(flag::named).fold(0, |all, one| all | one);
    (any_of != 0).then_some(Need { any_of, wanted })
}

fn pieces(rest: &mut &'static str, inside: bool) -> Result<Vec<Piece>, String> {
    let stops: &[char] = if inside { &['[', '{', '|', ']'] } else { &['[', '{', ']'] };
    let mut out = Vec::new();
    loop {
        let at = rest.find(stops).unwrap_or(rest.len());
        let (text, tail) = rest.split_at(at);
        if !text.is_empty() {
            out.push(Piece::Text(text));
        }
        *rest = tail;
        match tail.chars().next() {
            Some('[') => {
                let mut choices = Vec::new();
                loop {
                    *rest = &rest[1..];
                    choices.push(pieces(rest, true)?);
                    match rest.chars().next() {
                        Some('|') => {}
                        Some(']') => break,
                        _ => return Err("[ without ]".to_owned()),
                    }
                }
                *rest = &rest[1..];
                out.push(Piece::Choice(choices));
            }
            Some('{') => {
                let (name, after) = tail[1..].split_once('}').ok_or("{ without }")?;
                out.push(slot(name));
                *rest = after;
            }
            _ => return Ok(out),
        }
    }
}

fn slot(name: &'static str) -> Piece {
    if let Some(pool) = name.strip_prefix('@') {
        return Piece::Pool(pool);
    }
    if let Some((masculine, feminine)) = name.split_once('/') {
        return Piece::Gender(masculine, feminine);
    }
    if let Some((low, high)) = name.split_once('-')
        && let (Ok(low), Ok(high)) = (low.parse(), high.parse())
    {
        return Piece::Number(low, high);
    }
    Piece::Slot(name)
}

fn speak(pieces: &[Piece], situation: &impl Situation, dice: &mut Dice, out: &mut Spoken) {
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.text.push_str(text),
            Piece::Choice(choices) => speak(&choices[dice.below(choices.len())], situation, dice, out),
            Piece::Gender(masculine, feminine) => {
                out.text.push_str(if situation.masculine() { masculine } else { feminine });
            }
            Piece::Number(low, high) => out.text.push_str(&dice.between(*low, *high).to_string()),
            Piece::Pool(name) => {
                if let Some(frame) = choose(situation.pool(name), situation.flags(), dice) {
                    frame.speak(situation, dice, out);
                }
            }
            Piece::Slot(name) => match name.strip_prefix('+') {
                Some(what) => out.attachments.extend(situation.attach(what, dice)),
                None => {
                    situation.fill(name, dice, &mut out.text);
                }
            },
        }
    }
}

/// One of the frames that fit; frames made for the situation are preferred two to one.
pub(crate) fn choose(frames: &'static [Frame], flags: u32, dice: &mut Dice) -> Option<&'static Frame> {
    let weight = |frame: &Frame| match (frame.fits(flags), frame.needs.iter().any(|need| need.wanted)) {
        (false, _) => 0.0,
        (true, false) => 1.0,
        (true, true) => 2.0,
    };
    let weights = frames.iter().map(weight);
    if weights.clone().any(|weight| weight > 0.0) {
        return frames.get(dice.weighted(weights));
    }
    // Rather a sentence of another strand of the subject than none.
    (flags & flag::ANY_STRAND != flag::ANY_STRAND).then(|| choose(frames, flags | flag::ANY_STRAND, dice))?
}
