//! How the shop is: what every room says of its own state, once for a person's eyes and once as figures
//! for a program that watches.
//!
//! A room gives the binary one [`Health`]: a function that looks, with at most one query for each thing it
//! tells of, and the list of the figures it may give. A figure can only be given under a [`Metric`], and a
//! metric cannot be made without saying what it means and what to do when it is high; so no figure is
//! undocumented.

use engine::{Engine, Tx};
use kernel::{Clock, Fault, Instant, Permission};
use wording::Formats;

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works, and somebody should look at it one of these days.
    Attention,
    /// Something does not work: somebody must look now.
    Bad,
}

impl Level {
    /// The worst of some vitals; well when there are none.
    pub fn worst(vitals: &[Vital]) -> Level {
        vitals.iter().map(|vital| vital.level).max().unwrap_or(Level::Ok)
    }

    /// As programs read it.
    pub fn code(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Attention => "attention",
            Level::Bad => "bad",
        }
    }
}

/// Where a vital leads: the page of what it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The page.
    pub href: String,
    /// What one must be allowed for that page to open.
    pub needs: Permission,
}

impl Place {
    /// The page that shows what a vital is made of.
    pub fn new(href: impl Into<String>, needs: Permission) -> Place {
        Place { href: href.into(), needs }
    }
}

/// One line of how the shop is.
#[derive(Debug, Clone)]
pub struct Vital {
    /// What programs call it, such as `jobs`; one of a kind in the whole house.
    pub name: &'static str,
    /// What people call it, in the reader's language: two words at most.
    pub title: String,
    /// How it stands.
    pub level: Level,
    /// How it stands in a sentence that a keeper understands, in the reader's language.
    pub sentence: String,
    /// The next step, in the reader's language, where there is one.
    pub next: Option<String>,
    /// The page of what it is made of.
    pub place: Option<Place>,
    /// The figures behind it, for a program that watches. Totals of the shop, never of one employee.
    pub readings: Vec<Reading>,
}

impl Vital {
    /// A line without a next step, a page or figures.
    pub fn new(name: &'static str, title: impl Into<String>, level: Level, sentence: String) -> Vital {
        Vital { name, title: title.into(), level, sentence, next: None, place: None, readings: Vec::new() }
    }

    /// With the next step.
    pub fn next(mut self, step: impl Into<String>) -> Vital {
        self.next = Some(step.into());
        self
    }

    /// With the page of what it is made of.
    pub fn place(mut self, place: Place) -> Vital {
        self.place = Some(place);
        self
    }

    /// With a figure; `labels` are the values of the metric's labels in their order.
    pub fn reading(mut self, metric: &'static Metric, labels: &[&str], value: f64) -> Vital {
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        self.readings.push(Reading { metric, labels, value });
        self
    }
}

/// How a figure behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Goes up and down.
    Gauge,
    /// Only grows while the process lives; written with `_total` behind its name.
    Counter,
    /// How often a value fell below each bound; written as `_bucket`, `_sum` and `_count`.
    Histogram,
}

/// A figure that a program may read at `/metrics`, with what a person needs to know of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name: `bottega_`, what is counted, its unit.
    pub name: &'static str,
    /// How it behaves.
    pub kind: Kind,
    /// In what it is counted, such as `seconds`, `bytes`, `jobs`.
    pub unit: &'static str,
    /// The names of its labels. Never an id, never an employee.
    pub labels: &'static [&'static str],
    /// What it means.
    pub means: &'static str,
    /// What to do when it is high (or, where the text says so, low).
    pub when_high: &'static str,
}

/// A metric's value now.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Of which metric.
    pub metric: &'static Metric,
    /// The values of its labels, in their order.
    pub labels: Vec<String>,
    /// The value, in the metric's unit.
    pub value: f64,
}

/// What a room that is asked how it is can lean on.
pub struct Asking<'a> {
    /// The database, for what it says of itself without a query.
    pub engine: &'a Engine,
    /// The time.
    pub clock: &'a dyn Clock,
    /// The language, the numbers and dates of whoever reads the sentences.
    pub formats: &'a Formats,
}

impl Asking<'_> {
    /// Seconds since an instant; 0 when it lies ahead.
    pub fn seconds_since(&self, at: Instant) -> f64 {
        (self.clock.now().micros() - at.micros()).max(0) as f64 / 1e6
    }

    /// For how long, as one says it: "for 3 hours", "da 3 ore".
    pub fn ago(&self, at: Instant) -> String {
        self.formats.ago(at.micros(), self.clock.now().micros())
    }
}

/// Looks at how a room is. It sees the whole shop: what it says are totals, and names no customer, no
/// employee and no text.
pub type Look = fn(&mut Tx<'_>, &Asking<'_>) -> Result<Vec<Vital>, Fault>;

/// What a room says of its own state.
#[derive(Clone, Copy)]
pub struct Health {
    /// Looks.
    pub look: Look,
    /// Every metric that the room may give.
    pub metrics: &'static [&'static Metric],
}

/// Asks every room how it is, in the order of the rooms.
pub fn look(rooms: &[Health], tx: &mut Tx<'_>, asking: &Asking<'_>) -> Result<Vec<Vital>, Fault> {
    let mut vitals = Vec::new();
    for room in rooms {
        vitals.extend((room.look)(tx, asking)?);
    }
    Ok(vitals)
}
