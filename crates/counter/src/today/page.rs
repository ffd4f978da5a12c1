//! Today as a page.

use askama::Template;
use axum::extract::State;
use jiff::tz::TimeZone;
use kernel::{Instant, Role};
use web::{App, Reply, Request, Room, Shell, Staff};

use super::{Alone, LINES, Today};
use crate::line::{self, Line};
use crate::texts::Texts;
use crate::{channel, voice};

/// Most characters of a voice's words beside who waits.
const WORDS: usize = 180;

#[derive(Template)]
#[template(path = "today/templates/page.html")]
struct TodayPage {
    t: Texts,
    shell: Shell,
    greeting: String,
    lede: String,
    lines: Vec<Line>,
    more: String,
    nobody_waits: bool,
    sees_nothing: bool,
    administers: bool,
    captures: bool,
    voices: Vec<VoiceCard>,
    panels: Vec<String>,
}

struct VoiceCard {
    id: String,
    who: String,
    how: &'static str,
    score: String,
    words: String,
    when: String,
    when_iso: String,
}

/// `GET /today`.
pub async fn show(State(app): State<App>, request: Request) -> Reply {
    let panels = app.today_panels().to_vec();
    app.page(request, move |tx, staff| {
        let today = super::today(tx, &staff.actor)?;
        let shell = Shell::new(tx, staff, Room::Today)?;
        let mut shown = Vec::new();
        for panel in panels {
            let html = panel(tx, staff)?;
            if !html.is_empty() {
                shown.push(html);
            }
        }
        Reply::page(&page(staff, shell, today, shown))
    })
    .await
}

fn page(staff: &Staff, shell: Shell, today: Today, panels: Vec<String>) -> TodayPage {
    let t = Texts::new(staff.locale());
    let more = usize::try_from(today.mine + today.nobodys).unwrap_or(0) > LINES;
    TodayPage {
        greeting: format!("{} {}", hello(&t, staff), waiting_sentence(&t, staff, &today)),
        lede: lede(&t, staff, &today),
        more: if more { t.today_all(today.mine + today.nobodys) } else { String::new() },
        nobody_waits: today.waiting.is_empty(),
        sees_nothing: staff.actor.mailboxes.is_empty(),
        administers: staff.actor.role == Some(Role::Administrator),
        captures: shell.captures,
        lines: today.waiting.into_iter().map(|row| Line { waits: false, ..Line::of(staff, row) }).collect(),
        voices: today.voices.into_iter().map(|alone| card(&t, staff, alone)).collect(),
        panels,
        t,
        shell,
    }
}

/// "Buongiorno Giulia." by the hour on the reader's clock.
fn hello(t: &Texts, staff: &Staff) -> String {
    let zone = TimeZone::get(&staff.actor.zone).unwrap_or(TimeZone::UTC);
    let name = line::first_name(&staff.actor.name);
    match part_of_day(staff.now, zone) {
        PartOfDay::Morning => t.today_morning(name),
        PartOfDay::Afternoon => t.today_afternoon(name),
        PartOfDay::Evening => t.today_evening(name),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum PartOfDay {
    Morning,
    Afternoon,
    Evening,
}

fn part_of_day(now: Instant, zone: TimeZone) -> PartOfDay {
    match now.timestamp().to_zoned(zone).hour() {
        5..=12 => PartOfDay::Morning,
        13..=17 => PartOfDay::Afternoon,
        _ => PartOfDay::Evening,
    }
}

/// How many wait, and for whom, in the words of the reader's part in the shop.
fn waiting_sentence(t: &Texts, staff: &Staff, today: &Today) -> String {
    let all = today.mine + today.nobodys;
    if all == 0 {
        t.today_nobody().to_owned()
    } else if !line::answers(staff.actor.role) {
        t.today_wait_for_counter(all)
    } else if today.mine > 0 {
        t.today_wait_for_you(today.mine)
    } else {
        t.today_wait_for_somebody(today.nobodys)
    }
}

fn lede(t: &Texts, staff: &Staff, today: &Today) -> String {
    if today.mine + today.nobodys == 0 {
        return t.today_lede_free().to_owned();
    }
    if !line::answers(staff.actor.role) {
        return t.today_lede_function().to_owned();
    }
    let soonest = today.waiting.iter().filter_map(|row| row.due_at).min();
    let moment = |at: Instant| staff.formats.moment(at.micros(), staff.now.micros());
    match (today.mine, today.nobodys, soonest) {
        (_, _, Some(due)) if due < staff.now => t.today_lede_overdue(moment(due)),
        (_, _, Some(due)) => t.today_lede_due(moment(due)),
        (mine, nobodys, None) if mine > 0 && nobodys > 0 => t.today_lede_nobodys(nobodys),
        (0, _, None) => t.today_lede_take().to_owned(),
        _ => t.today_lede_then().to_owned(),
    }
}

fn card(t: &Texts, staff: &Staff, alone: Alone) -> VoiceCard {
    let words = if alone.body.trim().is_empty() { alone.subject.unwrap_or_default() } else { alone.body };
    VoiceCard {
        id: alone.id.to_string(),
        who: alone.who.unwrap_or_else(|| t.line_nobody().to_owned()),
        how: channel::by(t, alone.channel),
        score: voice::score(t, staff, alone.score, alone.score_most),
        words: line::quoted(t, &line::shortened(&words, WORDS)),
        when: staff.formats.moment(alone.occurred_at.micros(), staff.now.micros()),
        when_iso: staff.formats.iso(alone.occurred_at.micros()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_follows_the_readers_own_clock() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let rome = || TimeZone::get("Europe/Rome").unwrap();
        assert_eq!(part_of_day(at("2026-11-20T04:30:00Z"), rome()), PartOfDay::Morning);
        assert_eq!(part_of_day(at("2026-11-20T11:59:00Z"), rome()), PartOfDay::Morning);
        assert_eq!(part_of_day(at("2026-11-20T12:00:00Z"), rome()), PartOfDay::Afternoon);
        assert_eq!(part_of_day(at("2026-11-20T17:00:00Z"), rome()), PartOfDay::Evening);
        assert_eq!(part_of_day(at("2026-11-20T02:00:00Z"), rome()), PartOfDay::Evening);
    }
}
