//! Exchanges that last: in a large company one matter leads to the next, for weeks.

use crate::calendar::{DAY, MINUTE};
use crate::compose;
use crate::dice::Dice;
use crate::flag;
use crate::scene::{Scene, date_of};
use crate::story::{Channel, Turn, TurnKind};
use crate::subjects::{SUBJECTS, Subject};
use crate::teller::{Telling, may_write};

/// Rounds beyond which nobody goes on in the same exchange.
const MOST_ROUNDS: usize = 45;
/// How long an exchange lasts at most, in days. Search entries are numbered on the strength of it.
const LONGEST_DAYS: i64 = 150;

impl Telling<'_> {
    /// Goes on with other matters of the same desk, round after round.
    pub(crate) fn linger(&self, turns: &mut Vec<Turn>, dice: &mut Dice) {
        if !self.scene.company.size.is_rich() {
            return;
        }
        for _ in 0..rounds(dice) {
            let at = self.calendar.awake(self.last(turns) + pause(dice), dice);
            if at > self.at + LONGEST_DAYS * DAY || at >= self.calendar.now_micros() {
                return;
            }
            let Some(subject) = self.another_matter(dice) else { return };
            self.round(subject, at, turns, dice);
        }
    }

    fn round(&self, subject: &'static Subject, at: i64, turns: &mut Vec<Turn>, dice: &mut Dice) {
        let scene = self.scene_of(subject, at, dice);
        let spoken = compose::further(&scene, subject.key, &self.style, dice);
        turns.push(self.incoming(at, Channel::Mail, None, spoken));
        if dice.chance(0.12) {
            self.notes(turns, dice);
        }
        let at = self.calendar.at_work(self.last(turns) + self.delay(dice) / 2, dice);
        let by = self.who_answers(dice);
        let ours = Scene { employee: by, shop_speaks: true, ..scene.clone() };
        let spoken = compose::answer(&ours, subject.key, "answer", dice);
        turns.push(self.turn(at, TurnKind::Outgoing { by }, spoken));
        if dice.chance(0.3) {
            let good = Scene { flags: scene.flags & !flag::ANGRY | flag::GOOD, ..scene };
            let at = self.calendar.awake(self.last(turns) + dice.between(9, 700) * MINUTE, dice);
            let spoken = compose::reply(&good, subject.key, dice.chance(0.5), &self.style, dice);
            turns.push(self.incoming(at, Channel::Mail, None, spoken));
        }
    }

    /// What else this person could have on their mind at this desk. Matters with a known cause keep to
    /// stories of their own, so that their waves stay as they are.
    fn another_matter(&self, dice: &mut Dice) -> Option<&'static Subject> {
        let fits = |subject: &&Subject| {
            subject.cause.is_none()
                && subject.mailbox == self.subject.mailbox
                && subject.key != self.subject.key
                && may_write(subject, self.scene.person)
        };
        let weights = SUBJECTS.iter().map(|subject| if fits(&subject) { subject.weight } else { 0.0 });
        let number = dice.weighted(weights);
        SUBJECTS.get(number).filter(fits)
    }

    /// The scene as it is for another matter: its machine, its strand, its moment.
    fn scene_of(&self, subject: &'static Subject, at: i64, dice: &mut Dice) -> Scene<'_> {
        let person = self.scene.person;
        let owned = person.owns.iter().find(|owned| subject.products.contains(&owned.product));
        let product = owned.map(|owned| owned.product);
        let manner = self.scene.flags & (flag::FORMAL | flag::CASUAL);
        let mood = if dice.chance(subject.angry / 2.0) { flag::ANGRY } else { flag::CALM };
        let mut scene = Scene {
            owned,
            product,
            date: date_of(self.calendar, at),
            at_micros: at,
            flags: Scene::standing_flags(person, owned, product, at) | manner | mood,
            numbers: Dice::new(self.scene.company.seed, &[0x6E75_6D62, self.key, at as u64]),
            ..self.scene.clone()
        };
        scene.draw_strand(subject.key, dice);
        scene
    }
}

/// How many rounds an exchange goes on: most a few, some for weeks.
fn rounds(dice: &mut Dice) -> usize {
    let tail = if dice.chance(0.06) { 15.0 } else { 2.75 };
    let rounds = -(1.0 - dice.fraction()).ln() * tail;
    (rounds as usize).min(MOST_ROUNDS)
}

/// From an hour to some days.
fn pause(dice: &mut Dice) -> i64 {
    60 * MINUTE + (-(1.0 - dice.fraction()).ln() * 1.8 * DAY as f64) as i64
}
