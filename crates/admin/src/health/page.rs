//! The page How the shop is.

use askama::Template;
use axum::extract::State;
use kernel::Permission;
use web::health::{Level, Vital};
use web::{App, Reply, Request, Room, Shell};

use crate::texts::Texts;

#[derive(Template)]
#[template(path = "health/templates/page.html")]
struct HealthPage {
    t: Texts,
    shell: Shell,
    level: Level,
    lines: Vec<Line>,
}

/// One vital as the page shows it.
struct Line {
    vital: Vital,
    /// The page of what it is made of, where the reader may open it.
    href: Option<String>,
}

impl HealthPage {
    fn verdict(&self) -> &str {
        match self.level {
            Level::Ok => self.t.health_all_well(),
            Level::Attention => self.t.health_some_attention(),
            Level::Bad => self.t.health_some_bad(),
        }
    }

    fn word(&self, level: &Level) -> &str {
        word(&self.t, *level)
    }

    fn ink(&self, level: &Level) -> &'static str {
        ink(*level)
    }
}

/// What a level is called.
pub(crate) fn word(t: &Texts, level: Level) -> &'static str {
    match level {
        Level::Ok => t.health_ok(),
        Level::Attention => t.health_attention(),
        Level::Bad => t.health_bad(),
    }
}

/// The colour of a level.
pub(crate) fn ink(level: Level) -> &'static str {
    match level {
        Level::Ok => "kept",
        Level::Attention => "risk",
        Level::Bad => "broken",
    }
}

/// `GET /settings/health`: what is worst comes first.
pub(crate) async fn show(State(app): State<App>, request: Request) -> Reply {
    let for_look = app.clone();
    app.page(request, move |tx, staff| {
        staff.actor.authorise(Permission::ReadHealth)?;
        let mut vitals = for_look.look(tx, &staff.formats)?;
        let level = Level::worst(&vitals);
        vitals.sort_by_key(|vital| std::cmp::Reverse(vital.level));
        let lines = vitals.into_iter().map(|vital| {
            let place = vital.place.as_ref().filter(|place| staff.actor.may(place.needs));
            Line { href: place.map(|place| place.href.clone()), vital }
        });
        Reply::page(&HealthPage {
            lines: lines.collect(),
            level,
            shell: Shell::new(tx, staff, Room::Settings)?,
            t: Texts::new(staff.locale()),
        })
    })
    .await
}
