//! Search as a page.

use askama::Template;
use axum::extract::{Query as Asking, State};
use primitives::message::Kind;
use serde::Deserialize;
use text::search::Query;
use web::{App, Reply, Request, Room, Shell, Staff};

use super::{Hit, LONGEST, address};
use crate::line::hue;
use crate::texts::Texts;
use crate::{channel, voice};

/// Hits of a page.
const ROWS: usize = 20;
/// Characters of the stretch that is shown of a text.
const STRETCH: usize = 220;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    q: Option<String>,
    before: Option<String>,
    page: Option<String>,
}

#[derive(Template)]
#[template(path = "search/templates/page.html")]
struct SearchPage {
    t: Texts,
    shell: Shell,
    q: String,
    title: String,
    sentence: String,
    people: Vec<PersonLine>,
    hits: Vec<HitLine>,
    asked: bool,
    first: String,
    previous: String,
    next: String,
    older: String,
    span: String,
}

struct PersonLine {
    id: String,
    name: String,
    letters: String,
    hue: &'static str,
    about: String,
}

struct HitLine {
    href: String,
    who: String,
    about: String,
    when: String,
    iso: String,
    pieces: Vec<Piece>,
}

struct Piece {
    text: String,
    hit: bool,
}

/// `GET /search?q=`.
pub async fn show(State(app): State<App>, request: Request, Asking(asked): Asking<Asked>) -> Reply {
    let clock = app.shared_clock();
    app.page(request, move |tx, staff| {
        let t = Texts::new(staff.locale());
        let q: String = asked.q.unwrap_or_default().replace('\0', "").trim().chars().take(LONGEST).collect();
        let query = Query::parse(&q);
        let before = asked.before.as_deref().and_then(|before| before.parse().ok());
        let number = asked.page.as_deref().and_then(|page| page.parse::<usize>().ok()).unwrap_or(1).max(1);
        let answer = super::search(tx, &*clock, &staff.actor, &query, before)?;
        let people = match (before, number) {
            (None, 1) => super::people(tx, &staff.actor, &q)?,
            _ => Vec::new(),
        };
        let mut shell = Shell::new(tx, staff, Room::Elsewhere)?;
        shell.query = q.clone();

        let count = answer.hits.len();
        let start = (number - 1).saturating_mul(ROWS).min(count);
        let end = (start + ROWS).min(count);
        let window = |page: usize, before: Option<i64>| {
            let mut address = format!("/search?q={}", web::request::encode(&q));
            if let Some(before) = before {
                address.push_str(&format!("&before={before}"));
            }
            if page > 1 {
                address.push_str(&format!("&page={page}"));
            }
            address
        };
        let when = |condition: bool, address: String| if condition { address } else { String::new() };
        let span = match end > start && count > ROWS {
            true => t.search_span(end, count, start + 1),
            false => String::new(),
        };
        Reply::page(&SearchPage {
            title: if q.is_empty() { t.search_title().to_owned() } else { t.search_of(&q) },
            sentence: sentence(&t, &query, count, before.is_some(), answer.older.is_some()),
            people: people
                .into_iter()
                .map(|person| PersonLine {
                    id: person.id.to_string(),
                    letters: web::layout::initials(&person.name),
                    hue: hue(&person.name),
                    about: person.organisation_name.unwrap_or_default(),
                    name: person.name,
                })
                .collect(),
            hits: answer.hits[start..end].iter().map(|(_, hit)| line(&t, staff, &query, hit)).collect(),
            asked: !query.is_empty(),
            first: when(before.is_some(), window(1, None)),
            previous: when(start > 0, window(number.saturating_sub(1), before)),
            next: when(end < count, window(number + 1, before)),
            older: when(answer.older.is_some() && end == count, window(1, answer.older)),
            span,
            q,
            t,
            shell,
        })
    })
    .await
}

/// How much was found, without claiming to have counted what was not looked at.
fn sentence(t: &Texts, query: &Query, count: usize, later: bool, more: bool) -> String {
    match (query.is_empty(), later, more) {
        (true, ..) => t.search_lede().to_owned(),
        (_, false, false) => t.search_found(count),
        (_, true, false) => t.search_found_older(count),
        (_, false, true) => t.search_over(engine::search::CANDIDATES),
        (_, true, true) => t.search_over_older(engine::search::CANDIDATES),
    }
}

fn line(t: &Texts, staff: &Staff, query: &Query, hit: &Hit) -> HitLine {
    let at = hit.occurred_at();
    let (who, about) = match hit {
        Hit::Voice(voice) => {
            let who = voice.person_name.clone().or_else(|| voice.author.clone());
            let score = voice::score(t, staff, voice.score, voice.score_most);
            let about = match voice.subject.as_deref().filter(|subject| !subject.trim().is_empty()) {
                Some(subject) => [subject.to_owned(), score],
                None => [channel::by(t, voice.channel).to_owned(), score],
            };
            let about = about.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
            (who.unwrap_or_else(|| t.line_nobody().to_owned()), about)
        }
        Hit::Ours(ours) => {
            let who = ours.author_name.clone().unwrap_or_else(|| t.conversation_by_the_shop().to_owned());
            let about = match ours.kind {
                Kind::Note => t.search_note(&ours.subject),
                Kind::Outgoing | Kind::Incoming => t.search_answer(&ours.subject),
            };
            (who, about)
        }
    };
    let text = hit.shown(query);
    let pieces = query.snippet(text, STRETCH);
    let mut pieces: Vec<Piece> =
        pieces.iter().map(|piece| Piece { text: piece.text.to_owned(), hit: piece.hit }).collect();
    mark_cuts(text, &mut pieces);
    HitLine {
        href: address(hit),
        who,
        about,
        when: staff.formats.moment(at.micros(), staff.now.micros()),
        iso: staff.formats.iso(at.micros()),
        pieces,
    }
}

/// Dots where the stretch is cut out of a longer text.
fn mark_cuts(text: &str, pieces: &mut Vec<Piece>) {
    let shown: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
    let trimmed = text.trim();
    if !trimmed.starts_with(shown.trim_start()) {
        pieces.insert(0, Piece { text: "… ".to_owned(), hit: false });
    }
    if !trimmed.ends_with(shown.trim_end()) {
        pieces.push(Piece { text: " …".to_owned(), hit: false });
    }
}
