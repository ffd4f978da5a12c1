//! `GET /people/{id}`: the story of a person.

use askama::Template;
use axum::extract::{Path, Query, State};
use kernel::{Cursor, Instant};
use primitives::Channel;
use primitives::identity::{self, Identity};
use serde::Deserialize;
use web::{App, Reply, Request, Shell, Staff};

use super::{Entry, Filter, What};
use crate::notebook::{self, Fact};
use crate::person::page::{Frame, Part};
use crate::person::{self};
use crate::texts::Texts;
use crate::{identities, person::page as frame};

/// Entries of one page.
const LIMIT: u32 = 40;
/// Facts of the notebook beside the story.
const FACTS: usize = 5;

/// What the address carries.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// The filter, as a code.
    #[serde(default)]
    show: String,
    /// Where the page starts.
    #[serde(default)]
    from: String,
    /// What was just done, as a code.
    #[serde(default)]
    done: String,
}

/// Entries of one day, or of one month that lies back.
struct Group {
    title: String,
    entries: Vec<Told>,
}

/// An entry in the reader's words.
struct Told {
    id: String,
    class: &'static str,
    iso: String,
    head: String,
    subject: Option<String>,
    words: String,
    is_cut: bool,
    is_theirs: bool,
    language: Option<String>,
    score: Option<String>,
    href: Option<String>,
}

struct Chip {
    href: String,
    label: &'static str,
    current: bool,
}

#[derive(Template)]
#[template(path = "timeline/templates/page.html")]
struct StoryPage {
    t: Texts,
    shell: Shell,
    frame: Frame,
    chips: Vec<Chip>,
    groups: Vec<Group>,
    filtered: bool,
    newest: Option<String>,
    older: Option<String>,
    identities: Vec<(&'static str, Identity)>,
    facts: Vec<(Fact, String)>,
    more_facts: bool,
}

/// The story of a person, newest first.
pub async fn show(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Reply {
    app.page(request, move |tx, staff| {
        let id = frame::id(&id)?;
        let person = person::required(tx, &staff.actor, id)?;
        if let Some(reply) = frame::elsewhere(id, &person) {
            return Ok(reply);
        }
        let filter = Filter::from_code(&asked.show).unwrap_or_default();
        let from: Option<Cursor> = asked.from.parse().ok();
        let page = super::of_person(tx, &staff.actor, &person, filter, from, LIMIT)?;
        let facts = notebook::of_person(tx, &staff.actor, &person)?;
        let identities = identity::of_person(tx, person.id)?;
        let address = format!("/people/{}", person.id);
        let (frame, shell, t) = frame::open(tx, staff, person, Part::Story, &asked.done)?;
        let with = |cursor: String| match filter {
            Filter::All => format!("{address}?{cursor}"),
            filter => format!("{address}?show={}&{cursor}", filter.code()),
        };
        Reply::page(&StoryPage {
            chips: chips(&t, &address, filter),
            groups: groups(&t, staff, page.items),
            filtered: filter != Filter::All,
            newest: from.map(|_| with(String::new())),
            older: page.next.map(|next| with(format!("from={next}"))),
            identities: identities
                .into_iter()
                .map(|identity| (identities::kind_name(&t, identity.kind), identity))
                .collect(),
            more_facts: facts.len() > FACTS,
            facts: facts
                .into_iter()
                .take(FACTS)
                .map(|fact| {
                    let told = notebook::page::told(&t, staff, &fact);
                    (fact, told)
                })
                .collect(),
            t,
            shell,
            frame,
        })
    })
    .await
}

fn chips(t: &Texts, address: &str, current: Filter) -> Vec<Chip> {
    let label = |filter| match filter {
        Filter::All => t.timeline_all(),
        Filter::Voices => t.timeline_voices(),
        Filter::Answers => t.timeline_answers(),
        Filter::Notes => t.timeline_notes(),
        Filter::Facts => t.timeline_facts(),
    };
    let chip = |filter: Filter| Chip {
        href: if filter == Filter::All {
            address.to_owned()
        } else {
            format!("{address}?show={}", filter.code())
        },
        label: label(filter),
        current: filter == current,
    };
    Filter::ALL.into_iter().map(chip).collect()
}

/// Entries under the day they happened on, this month; under the month, before.
fn groups(t: &Texts, staff: &Staff, entries: Vec<Entry>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for entry in entries {
        let (title, by_day) = heading(t, staff, entry.at);
        let when = if by_day {
            staff.formats.time(entry.at.micros())
        } else {
            staff.formats.day_month(entry.at.micros())
        };
        let told = tell(t, staff, entry, when);
        match groups.last_mut() {
            Some(group) if group.title == title => group.entries.push(told),
            _ => groups.push(Group { title, entries: vec![told] }),
        }
    }
    groups
}

/// The heading that an instant stands under, and whether it names a day.
fn heading(t: &Texts, staff: &Staff, at: Instant) -> (String, bool) {
    let zone = &staff.formats.zone;
    let then = at.timestamp().to_zoned(zone.clone());
    let today = staff.now.timestamp().to_zoned(zone.clone());
    match today.date().duration_since(then.date()).as_hours() / 24 {
        0 => (t.timeline_today().to_owned(), true),
        1 => (t.timeline_yesterday().to_owned(), true),
        2..=6 => {
            let (weekday, day) = (staff.formats.weekday(at.micros()), staff.formats.day_month(at.micros()));
            (format!("{weekday} {day}"), true)
        }
        _ => (t.timeline_month(i64::from(then.month()), then.year().to_string()), false),
    }
}

fn tell(t: &Texts, staff: &Staff, entry: Entry, when: String) -> Told {
    let iso = staff.formats.iso(entry.at.micros());
    match entry.what {
        What::Voice { id, conversation, channel, subject, words, language, score } => Told {
            id: id.to_string(),
            class: "voice",
            iso,
            head: t.timeline_voice(channel_name(t, channel), when),
            subject,
            words: words.text,
            is_cut: words.is_cut,
            is_theirs: true,
            language,
            score: score.map(|(score, most)| match most {
                Some(most) => t.timeline_score(most, score),
                None => t.timeline_score_alone(score),
            }),
            href: Some(match conversation {
                Some(conversation) => format!("/conversations/{conversation}"),
                None => format!("/voices/{id}"),
            }),
        },
        What::Message { id, conversation, is_note, author, words, language } => {
            let author = author.unwrap_or_default();
            Told {
                id: id.to_string(),
                class: "",
                iso,
                head: if is_note { t.timeline_note(author, when) } else { t.timeline_answer(author, when) },
                subject: None,
                words: words.text,
                is_cut: words.is_cut,
                is_theirs: false,
                language,
                score: None,
                href: Some(format!("/conversations/{conversation}")),
            }
        }
        What::Fact { kind, by, detail } => Told {
            id: kernel::EventId(entry.id).to_string(),
            class: "",
            iso,
            head: match by {
                Some(by) => t.timeline_fact_by(by, when),
                None => when,
            },
            subject: None,
            words: fact(t, &kind, detail.as_ref()).to_owned(),
            is_cut: false,
            is_theirs: false,
            language: None,
            score: None,
            href: None,
        },
    }
}

/// What a fact of the event log says, in words.
fn fact(t: &Texts, kind: &str, detail: Option<&serde_json::Value>) -> &'static str {
    let changed = |field: &str| {
        let changed = detail.and_then(|detail| detail.get("changed")).and_then(|list| list.as_array());
        changed.is_some_and(|list| list.iter().any(|one| one == field))
    };
    match kind {
        "person.created" => t.timeline_created(),
        "person.changed" if changed("keeper") => t.timeline_keeper_changed(),
        "person.changed" => t.timeline_changed(),
        "person.merged" => t.timeline_merged(),
        "person.unmerged" => t.timeline_unmerged(),
        "person.differ" => t.timeline_differ(),
        "consent.given" => t.timeline_consent_given(),
        "consent.withdrawn" => t.timeline_consent_withdrawn(),
        _ => t.timeline_other(),
    }
}

/// What a channel is called, as one says how something came.
pub fn channel_name(t: &Texts, channel: Channel) -> &'static str {
    match channel {
        Channel::Mail => t.timeline_by_mail(),
        Channel::Phone => t.timeline_by_phone(),
        Channel::Counter => t.timeline_by_counter(),
        Channel::Form => t.timeline_by_form(),
        Channel::Chat => t.timeline_by_chat(),
        Channel::Review => t.timeline_by_review(),
        Channel::Survey => t.timeline_by_survey(),
        Channel::Post => t.timeline_by_post(),
        Channel::Other => t.timeline_by_other(),
    }
}
