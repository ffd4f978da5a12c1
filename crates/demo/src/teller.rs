//! Tells one story: whose, about what, over which channel, and how it went on.

use kernel::Locale;

use crate::calendar::{Calendar, DAY, HOUR, MINUTE};
use crate::company::{Company, CustomerKind, Owned, Person};
use crate::compose;
use crate::dice::Dice;
use crate::flag;
use crate::frame::Spoken;
use crate::house::team_of;
use crate::scene::{Scene, date_of};
use crate::story::{Cause, Channel, Score, State, Story, Turn, TurnKind};
use crate::style::Style;
use crate::subjects::{SUBJECTS, Subject, swing};

/// Tells the stories of a company; holds who may write about what.
#[derive(Debug)]
pub(crate) struct Teller<'a> {
    company: &'a Company,
    calendar: Calendar,
    /// For each subject the people who may write about it, by first contact.
    writers: Vec<Vec<u32>>,
}

impl<'a> Teller<'a> {
    pub(crate) fn new(company: &'a Company, calendar: Calendar) -> Teller<'a> {
        let mut by_contact: Vec<u32> = (0..company.size.people().min(company.people.len()) as u32).collect();
        by_contact.sort_by_key(|index| company.people[*index as usize].known_since_micros);
        let writers = SUBJECTS
            .iter()
            .map(|subject| {
                let may = |index: &&u32| may_write(subject, &company.people[**index as usize]);
                by_contact.iter().filter(may).copied().collect()
            })
            .collect();
        Teller { company, calendar, writers }
    }

    pub(crate) fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    pub(crate) fn seed(&self) -> u64 {
        self.company.seed
    }

    /// The story with this key that begins at this instant; `None` when it would leave somebody waiting
    /// at the present, because those who wait are told one by one.
    pub(crate) fn tell(&self, key: u64, at: i64) -> Option<Story> {
        let mut dice = Dice::new(self.company.seed, &[0x0073_746F_7279, key]);
        let (subject, person, owned) = self.matter(at, &mut dice)?;
        let teller = Telling::new(self, key, at, subject, person, owned, &mut dice);
        // Whoever would ring a closed shop writes instead.
        let open = self.calendar.at_work(at, &mut dice) == at;
        match dice.below(100) {
            0..=8 => Some(teller.review(&mut dice)),
            9..=16 => Some(teller.survey(&mut dice)),
            17..=34 if open => teller.spoken(Channel::Phone, &mut dice),
            35..=43 if open => teller.spoken(Channel::Counter, &mut dice),
            44..=56 => teller.written(Channel::Form, &mut dice),
            _ => teller.written(Channel::Mail, &mut dice),
        }
    }

    fn matter(&self, at: i64, dice: &mut Dice) -> Option<(&'static Subject, usize, Option<&'a Owned>)> {
        let date = date_of(&self.calendar, at);
        let days_ago = (self.calendar.now_micros() - at) / DAY;
        for _ in 0..40 {
            let weight =
                |subject: &Subject| subject.weight * swing(subject, days_ago, date.month(), date.day());
            let number = dice.weighted(SUBJECTS.iter().map(weight));
            let (subject, writers) = (&SUBJECTS[number], &self.writers[number]);
            let known = writers
                .partition_point(|index| self.company.people[*index as usize].known_since_micros <= at);
            if known == 0 {
                continue;
            }
            let person = writers[dice.below(known)] as usize;
            let owned = self.company.people[person]
                .owns
                .iter()
                .find(|owned| subject.products.contains(&owned.product) && owned.since_micros <= at);
            if subject.products.is_empty() || owned.is_some() {
                return Some((subject, person, owned));
            }
        }
        None
    }
}

pub(crate) fn may_write(subject: &Subject, person: &Person) -> bool {
    let kind = match person.kind {
        CustomerKind::Private => flag::HOME,
        CustomerKind::Bar => flag::BAR,
        CustomerKind::Inn => flag::INN,
        CustomerKind::Office => flag::OFFICE,
        CustomerKind::Dealer => flag::DEALER,
    };
    subject.who & kind != 0
        && (subject.products.is_empty()
            || person.owns.iter().any(|owned| subject.products.contains(&owned.product)))
}

/// One story while it is told.
pub(crate) struct Telling<'a> {
    pub(crate) calendar: &'a Calendar,
    pub(crate) key: u64,
    pub(crate) at: i64,
    pub(crate) subject: &'static Subject,
    person: usize,
    pub(crate) scene: Scene<'a>,
    pub(crate) style: Style,
    owner: &'static str,
    good: bool,
}

impl<'a> Telling<'a> {
    fn new(
        teller: &'a Teller<'a>,
        key: u64,
        at: i64,
        subject: &'static Subject,
        index: usize,
        owned: Option<&'a Owned>,
        dice: &mut Dice,
    ) -> Telling<'a> {
        let company = teller.company;
        let person = &company.people[index];
        let product = owned.map(|owned| owned.product);
        let trade = person.kind != CustomerKind::Private;
        let style = Style::of(index as u64, company.seed, trade, person.language);
        let angry = dice.chance(subject.angry);
        let mood = match angry {
            true => flag::ANGRY,
            false if dice.chance(0.35) => flag::KIND,
            false => flag::CALM,
        };
        let hour = teller.calendar.local(at).hour();
        let manner =
            if style.formal { flag::FORMAL } else { 0 } | if style.casual { flag::CASUAL } else { 0 };
        let daytime = match hour {
            17.. | ..4 => flag::EVENING,
            4..13 => flag::MORNING,
            _ => 0,
        };
        let owner = owner(person, subject.mailbox, dice);
        let mut scene = Scene {
            company,
            person,
            owned,
            product,
            language: person.language,
            date: date_of(&teller.calendar, at),
            at_micros: at,
            flags: Scene::standing_flags(person, owned, product, at) | mood | manner | daytime,
            employee: owner,
            shop_speaks: false,
            numbers: Dice::new(company.seed, &[0x6E75_6D62, key]),
        };
        scene.draw_strand(subject.key, dice);
        let good = dice.chance(if angry { 0.62 } else { 0.86 });
        Telling { calendar: &teller.calendar, key, at, subject, person: index, scene, style, owner, good }
    }

    fn story(&self, subject: String, state: Option<State>, turns: Vec<Turn>, dice: &mut Dice) -> Story {
        let tags = self.subject.tags.iter().copied().filter(|_| dice.chance(0.75)).collect();
        Story {
            key: self.key,
            person: Some(self.person),
            mailbox: self.subject.mailbox,
            owner: state.is_some().then_some(self.owner),
            team: team_of(self.subject.mailbox),
            subject,
            topic: self.subject.key,
            product: self.scene.product,
            version: self.subject.part.map(|(_, version)| version),
            tags,
            state,
            cause: self.subject.cause,
            turns,
        }
    }

    pub(crate) fn incoming(&self, at: i64, channel: Channel, score: Option<Score>, spoken: Spoken) -> Turn {
        let noted_by = matches!(channel, Channel::Phone | Channel::Counter).then_some(self.owner);
        let kind = TurnKind::Incoming { channel, score, noted_by };
        self.turn(at, kind, spoken)
    }

    pub(crate) fn turn(&self, at: i64, kind: TurnKind, spoken: Spoken) -> Turn {
        let Spoken { text, attachments } = spoken;
        Turn { at_micros: at, kind, text, language: self.scene.language, attachments }
    }

    /// A review on the site or elsewhere; about one in nine gets a public answer.
    fn review(mut self, dice: &mut Dice) -> Story {
        let caused = self.subject.cause.is_some() && self.subject.cause != Some(Cause::WarrantyPage);
        let stars = match (caused, dice.below(20)) {
            (true, 0..=7) => 1,
            (true, 8..=14) => 2,
            (true, _) => 3,
            (false, 0) => 1,
            (false, 1) => 2,
            (false, 2..=4) => 3,
            (false, 5..=10) => 4,
            (false, _) => 5,
        };
        self.scene.flags &= !(flag::ANGRY | flag::KIND | flag::CALM);
        self.scene.flags |= if stars <= 2 { flag::ANGRY } else { flag::CALM };
        let cause = self.subject.key;
        let sections: Vec<(&'static str, f64)> = match stars {
            _ if caused => vec![("since", 0.4), (cause, 1.0), ("bad_more", 0.4), ("bad_end", 0.5)],
            1 | 2 => vec![("since", 0.4), ("bad", 1.0), ("bad_more", 0.7), ("bad_end", 0.6)],
            3 => vec![("since", 0.4), ("mid", 1.0), ("but", 0.8)],
            4 => vec![("since", 0.35), ("good", 1.0), ("good_more", 0.7), ("but", 0.75)],
            _ => vec![
                ("since", 0.35),
                ("good", 1.0),
                ("good_more", 0.8),
                ("good_more", 0.4),
                ("good_end", 0.55),
            ],
        };
        let spoken = compose::verdict(&self.scene, &sections, &self.style, dice);
        let title = match self.scene.language {
            Locale::It => format!("Recensione, {stars} su 5"),
            Locale::En => format!("Review, {stars} out of 5"),
        };
        let turns = vec![self.incoming(self.at, Channel::Review, Some(Score::Stars(stars)), spoken)];
        let mut story = self.story(title, None, turns, dice);
        if !caused {
            story.topic = "review";
            story.cause = None;
            story.version = None;
        }
        if dice.chance(0.4) {
            story.person = None;
        }
        story
    }

    /// An answer to a survey: how likely to recommend us, and why.
    fn survey(mut self, dice: &mut Dice) -> Story {
        let caused = self.subject.cause.is_some() && self.subject.cause != Some(Cause::WarrantyPage);
        let score =
            if caused { dice.between(1, 7) } else { 10 - dice.between(0, 40) * dice.between(0, 40) / 170 };
        let score = score.clamp(0, 10) as u8;
        self.scene.flags &= !(flag::ANGRY | flag::KIND | flag::CALM);
        self.scene.flags |= if score <= 4 { flag::ANGRY } else { flag::CALM };
        let sections: Vec<(&'static str, f64)> = match score {
            _ if caused => vec![("since", 0.3), (self.subject.key, 1.0), ("bad_end", 0.15)],
            0..=5 => vec![("survey_bad", 1.0), ("survey_bad", 0.3), ("bad_more", 0.4)],
            6..=8 => vec![("survey_mid", 1.0), ("survey_mid", 0.25), ("but", 0.45)],
            _ => vec![("survey_good", 1.0), ("survey_good", 0.3), ("good_more", 0.35)],
        };
        let spoken = compose::verdict(&self.scene, &sections, &self.style, dice);
        let title = match self.scene.language {
            Locale::It => "Ci consiglieresti?",
            Locale::En => "Would you recommend us?",
        };
        let turns = vec![self.incoming(self.at, Channel::Survey, Some(Score::Recommend(score)), spoken)];
        let mut story = self.story(title.to_owned(), None, turns, dice);
        if !caused {
            story.topic = "survey";
            story.cause = None;
            story.version = None;
        }
        story
    }

    /// A call or a word at the counter, noted by whoever heard it: most are settled on the spot.
    fn spoken(self, channel: Channel, dice: &mut Dice) -> Option<Story> {
        // Notes of calls follow no strand, so neither does their title.
        let whole = Scene { flags: self.scene.flags & !flag::ANY_STRAND, ..self.scene.clone() };
        let title = compose::subject_line(&whole, self.subject.key, &Style::of_the_shop(), dice);
        let spoken = compose::heard(&self.scene, self.subject.key, channel, dice);
        let mut turns = vec![self.incoming(self.at, channel, None, spoken)];
        let mut state = None;
        if dice.chance(0.4) {
            let at = self.calendar.at_work(self.at + dice.between(10, 400) * MINUTE, dice);
            let spoken = self.shop(|scene, dice| compose::answer(scene, "shop", "after_call", dice), dice);
            turns.push(self.turn(at, TurnKind::Outgoing { by: self.owner }, spoken));
            self.linger(&mut turns, dice);
            state = Some(self.end(&mut turns, dice)?);
        }
        Some(self.story(title, state, turns, dice))
    }

    /// A mail or a form, and what followed.
    fn written(self, channel: Channel, dice: &mut Dice) -> Option<Story> {
        let title = compose::subject_line(&self.scene, self.subject.key, &self.style, dice);
        let spoken = compose::opening(&self.scene, self.subject.key, channel, &self.style, dice);
        let mut turns = vec![self.incoming(self.at, channel, None, spoken)];
        if dice.chance(0.2) {
            self.notes(&mut turns, dice);
        }
        let at = self.calendar.at_work(self.last(&turns) + self.delay(dice), dice);
        let by = self.who_answers(dice);
        let spoken =
            self.shop_as(by, |scene, dice| compose::answer(scene, self.subject.key, "answer", dice), dice);
        turns.push(self.turn(at, TurnKind::Outgoing { by }, spoken));
        if dice.chance(if self.good { 0.5 } else { 0.9 }) {
            self.go_on(&mut turns, dice);
        }
        self.linger(&mut turns, dice);
        let state = self.end(&mut turns, dice)?;
        Some(self.story(title, Some(state), turns, dice))
    }

    /// The customer writes again, we answer again, sometimes they have the last word.
    fn go_on(&self, turns: &mut Vec<Turn>, dice: &mut Dice) {
        let mut scene = self.scene.clone();
        scene.flags |= if self.good { flag::GOOD } else { flag::BAD };
        if self.good {
            scene.flags &= !flag::ANGRY;
        }
        let pause = |dice: &mut Dice| dice.between(12, 600) * dice.between(1, 6) * MINUTE;
        let at = self.calendar.awake(self.last(turns) + pause(dice), dice);
        let spoken = compose::reply(&scene, self.subject.key, false, &self.style, dice);
        turns.push(self.incoming(at, Channel::Mail, None, spoken));
        if self.good && dice.chance(0.45) {
            return;
        }
        if !self.good && dice.chance(0.35) {
            self.notes(turns, dice);
        }
        let at = self.calendar.at_work(self.last(turns) + self.delay(dice) / 2, dice);
        let section = if self.good { "again_good" } else { "again_bad" };
        let flags = scene.flags;
        let spoken = self.shop(
            |scene, dice| compose::answer(&Scene { flags, ..scene.clone() }, "shop", section, dice),
            dice,
        );
        turns.push(self.turn(at, TurnKind::Outgoing { by: self.owner }, spoken));
        if dice.chance(if self.good { 0.15 } else { 0.5 }) {
            scene.flags = scene.flags & !(flag::BAD | flag::ANGRY) | flag::GOOD;
            let at = self.calendar.awake(self.last(turns) + pause(dice), dice);
            let spoken = compose::reply(&scene, self.subject.key, true, &self.style, dice);
            turns.push(self.incoming(at, Channel::Mail, None, spoken));
        }
    }

    pub(crate) fn notes(&self, turns: &mut Vec<Turn>, dice: &mut Dice) {
        let at = self.calendar.at_work(self.last(turns) + dice.between(8, 160) * MINUTE, dice);
        let note = |section| {
            move |scene: &Scene<'_>, dice: &mut Dice| {
                compose::note(&Scene { language: Locale::It, ..scene.clone() }, section, dice)
            }
        };
        let spoken = self.shop(note("note"), dice);
        turns.push(self.note(at, self.owner, spoken));
        if turns.len() < 4 && dice.chance(0.55) {
            let by = if self.owner == "paolo" { "tommaso" } else { "paolo" };
            let at = self.calendar.at_work(at + dice.between(4, 120) * MINUTE, dice);
            let spoken = self.shop_as(by, note("note_reply"), dice);
            turns.push(self.note(at, by, spoken));
        }
    }

    /// Notes among employees are in Italian, whoever the customer is.
    fn note(&self, at: i64, by: &'static str, spoken: Spoken) -> Turn {
        Turn { language: Locale::It, ..self.turn(at, TurnKind::Note { by }, spoken) }
    }

    fn shop(&self, speak: impl Fn(&Scene<'_>, &mut Dice) -> Spoken, dice: &mut Dice) -> Spoken {
        self.shop_as(self.owner, speak, dice)
    }

    fn shop_as(
        &self,
        by: &'static str,
        speak: impl Fn(&Scene<'_>, &mut Dice) -> Spoken,
        dice: &mut Dice,
    ) -> Spoken {
        speak(&Scene { employee: by, shop_speaks: true, ..self.scene.clone() }, dice)
    }

    pub(crate) fn who_answers(&self, dice: &mut Dice) -> &'static str {
        let stand_in = self.scene.person.stand_in;
        let may = self.subject.mailbox == "banco" && self.owner == self.scene.person.keeper;
        if may && dice.chance(0.1) { stand_in } else { self.owner }
    }

    pub(crate) fn last(&self, turns: &[Turn]) -> i64 {
        turns.last().map_or(self.at, |turn| turn.at_micros)
    }

    /// Most answers take an hour or three, a few a day.
    pub(crate) fn delay(&self, dice: &mut Dice) -> i64 {
        let hours = -(1.0 - dice.fraction()).ln() * 3.2;
        8 * MINUTE + (hours * HOUR as f64) as i64
    }

    /// Cuts what has not happened yet and says where the conversation stands.
    fn end(&self, turns: &mut Vec<Turn>, dice: &mut Dice) -> Option<State> {
        let now = self.calendar.now_micros();
        let planned = turns.len();
        turns.retain(|turn| turn.at_micros < now);
        let cut = turns.len() < planned;
        // Whoever would wait at the present had their answer quicker, or has not written yet.
        while cut && turns.last().is_some_and(Turn::is_incoming) {
            turns.pop();
        }
        let last = turns.last()?;
        let age = now - last.at_micros;
        let settled = last.is_incoming() || self.good;
        let at_micros = (last.at_micros + dice.between(2, 300) * MINUTE).min(now);
        Some(match last.kind {
            TurnKind::Note { .. } => State::Open,
            _ if age < 12 * DAY && !settled && dice.chance(0.25) => {
                State::Snoozed { until_micros: self.calendar.at_work(now + dice.between(1, 6) * DAY, dice) }
            }
            TurnKind::Outgoing { .. } if age < 12 * DAY && (cut || !settled || dice.chance(0.35)) => {
                State::WaitingForCustomer
            }
            _ => State::Closed { at_micros },
        })
    }
}

fn owner(person: &Person, mailbox: &str, dice: &mut Dice) -> &'static str {
    match mailbox {
        "amministrazione" => dice.pick(&["lucia", "lucia", "andrea"]),
        "rivenditori" if person.keeper == "emma" => "emma",
        "rivenditori" => dice.pick(&["chiara", "chiara", "giulia"]),
        "ricambi" if person.language == Locale::It && dice.chance(0.4) => {
            dice.pick(&["tommaso", "tommaso", "nicola"])
        }
        _ if dice.chance(0.07) => person.stand_in,
        _ => person.keeper,
    }
}
