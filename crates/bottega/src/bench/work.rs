//! What the clients do: the work of a shop, over real sockets, as people with different grants.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, bail};
use kernel::{Clock, ConversationId, Cursor, Instant, SystemClock};
use serde_json::json;
use web::encode;

use super::dice::Dice;
use super::http::{Ask, Connection};
use super::measure::Client;
use super::process::Server;
use super::shop::Shop;

/// A kind of work that has a row in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Voice,
    List,
    Thread,
    State,
    Today,
    Search,
    /// All of them, as a shop's day has them.
    Day,
}

impl Work {
    /// The rows, in their order.
    pub const ROWS: [Work; 6] =
        [Work::List, Work::Thread, Work::State, Work::Today, Work::Search, Work::Voice];

    pub fn name(self) -> &'static str {
        match self {
            Work::Voice => "create a voice by API",
            Work::List => "list",
            Work::Thread => "thread",
            Work::State => "status change",
            Work::Today => "Today",
            Work::Search => "full-history search",
            Work::Day => "a shop's day",
        }
    }
}

/// Somebody who is signed in.
#[derive(Clone)]
struct Session {
    /// Header lines of every request.
    headers: String,
    csrf: String,
    answers: bool,
    conversations: Arc<Vec<ConversationId>>,
}

/// What all clients of a server share.
pub(super) struct Desk {
    sessions: Vec<Session>,
    token: String,
    texts: Arc<Vec<String>>,
    /// Numbers the voices over all workloads: no two are the same.
    voices: Arc<AtomicU64>,
    now: Instant,
}

impl Desk {
    /// Signs in as everybody of the shop.
    pub fn open(server: &Server, shop: &Shop, token: String) -> anyhow::Result<Desk> {
        let mut connection = Connection::open(server.address)?;
        let mut sessions = Vec::new();
        for employee in &shop.employees {
            let body = format!("account={}&then=/", employee.account);
            let form = "content-type: application/x-www-form-urlencoded\r\n";
            let entered = connection.ask(&Ask {
                method: "POST",
                path: "/enter",
                headers: form,
                body: body.as_bytes(),
            })?;
            let cookie = entered.header("set-cookie").and_then(|cookie| cookie.split(';').next());
            let cookie = cookie.context("nobody can enter: this is not the demo company")?;
            let page = connection.ask(&Ask::get("/today", &format!("cookie: {cookie}\r\n")))?.text();
            let csrf = page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
            sessions.push(Session {
                headers: format!("cookie: {cookie}\r\naccept-encoding: gzip\r\n{form}"),
                csrf: csrf.context("the page of a session carries no mark")?.to_owned(),
                answers: employee.answers,
                conversations: Arc::new(employee.conversations.clone()),
            });
        }
        Ok(Desk {
            sessions,
            token,
            texts: Arc::new(shop.texts.clone()),
            voices: Arc::default(),
            now: SystemClock.now(),
        })
    }

    /// Clients of a kind of work, each as somebody else as far as there are enough.
    pub fn clients(&self, work: Work, count: usize, seed: u64) -> Vec<Box<dyn Client>> {
        let able: Vec<&Session> = match work {
            Work::State | Work::Day => self.sessions.iter().filter(|session| session.answers).collect(),
            _ => self.sessions.iter().collect(),
        };
        (0..count)
            .filter_map(|number| {
                let session = (*able.get(number % able.len().max(1))?).clone();
                Some(Box::new(Worker {
                    work,
                    session,
                    dice: Dice::new(seed + number as u64 * 7919),
                    token: format!(
                        "authorization: Bearer {}\r\ncontent-type: application/json\r\n",
                        self.token
                    ),
                    texts: Arc::clone(&self.texts),
                    voices: Arc::clone(&self.voices),
                    now: self.now,
                }) as Box<dyn Client>)
            })
            .collect()
    }

    /// The header lines of the first session: for looking at single pages.
    pub fn headers(&self) -> Option<&str> {
        self.sessions.first().map(|session| session.headers.as_str())
    }
}

struct Worker {
    work: Work,
    session: Session,
    dice: Dice,
    token: String,
    texts: Arc<Vec<String>>,
    voices: Arc<AtomicU64>,
    now: Instant,
}

impl Client for Worker {
    fn act(&mut self, connection: &mut Connection) -> anyhow::Result<()> {
        match self.work {
            Work::Day => {
                let share = self.dice.below(100);
                let work = match share {
                    0..30 => Work::Thread,
                    30..50 => Work::List,
                    50..65 => Work::Today,
                    65..80 => Work::Voice,
                    80..92 => Work::State,
                    _ => Work::Search,
                };
                self.one(work, connection)
            }
            work => self.one(work, connection),
        }
    }
}

impl Worker {
    fn one(&mut self, work: Work, connection: &mut Connection) -> anyhow::Result<()> {
        match work {
            Work::Voice => self.voice(connection),
            Work::List => self.list(connection),
            Work::Thread => {
                let id = self.conversation()?;
                self.page(connection, &format!("/conversations/{id}")).map(drop)
            }
            Work::State => self.state(connection),
            Work::Today => self.page(connection, "/today").map(drop),
            Work::Search => {
                let query = self.query();
                self.page(connection, &format!("/search?q={}", encode(&query))).map(drop)
            }
            Work::Day => bail!("a day has no days"),
        }
    }

    fn page(&mut self, connection: &mut Connection, path: &str) -> anyhow::Result<super::http::Answer> {
        let answer = connection.ask(&Ask::get(path, &self.session.headers))?;
        if answer.status != 200 {
            bail!("{path} answered {}", answer.status);
        }
        Ok(answer)
    }

    fn conversation(&mut self) -> anyhow::Result<ConversationId> {
        self.dice.pick(&self.session.conversations).copied().context("no conversation is visible")
    }

    /// Every view, now and then further back.
    fn list(&mut self, connection: &mut Connection) -> anyhow::Result<()> {
        const VIEWS: [&str; 6] = ["waiting", "mine", "open", "all", "snoozed", "closed"];
        let view = self.dice.pick(&VIEWS).copied().unwrap_or("all");
        let mut path = format!("/conversations?view={view}");
        if self.dice.below(3) == 0 {
            // Somewhere in the past: a place that the bottom of a page would lead to.
            let back = (self.dice.fraction() * 540.0 * 86_400.0) as i64;
            let from = Cursor { at: self.now.plus_seconds(-back), id: 0 };
            path = format!("{path}&cursor={}", encode(&from.to_string()));
        }
        self.page(connection, &path).map(drop)
    }

    fn state(&mut self, connection: &mut Connection) -> anyhow::Result<()> {
        let id = self.conversation()?;
        let state = if self.dice.below(2) == 0 { "closed" } else { "open" };
        let body = format!("csrf={}&state={state}", encode(&self.session.csrf));
        let path = format!("/conversations/{id}/state");
        let headers = &self.session.headers;
        let answer = connection.ask(&Ask { method: "POST", path: &path, headers, body: body.as_bytes() })?;
        // To the conversation, not to the sign-in page.
        match (answer.status, answer.header("location")) {
            (303, Some(to)) if to.starts_with("/conversations/") => Ok(()),
            (status, to) => bail!("{path} answered {status} {}", to.unwrap_or_default()),
        }
    }

    fn voice(&mut self, connection: &mut Connection) -> anyhow::Result<()> {
        const CHANNELS: [&str; 4] = ["review", "survey", "form", "phone"];
        let number = self.voices.fetch_add(1, Ordering::Relaxed);
        let unique = self.dice.next();
        let channel = CHANNELS[(number % 4) as usize];
        let text = self.dice.pick(&self.texts).map_or("", String::as_str);
        let mut voice = json!({
            "external_id": format!("bench-{unique:x}-{number}"),
            "channel": channel,
            "text": format!("{text}\n{number}"),
            "author": { "name": "Cliente di prova", "email": format!("cliente{}@prova.example", number % 5000) },
        });
        if let (Some(fields), "review" | "survey") = (voice.as_object_mut(), channel) {
            let most = if channel == "review" { 5 } else { 10 };
            fields.insert("score".into(), json!(number % most + 1));
            fields.insert("score_most".into(), json!(most));
        }
        let body = voice.to_string();
        let headers = &self.token;
        let ask = Ask { method: "POST", path: "/api/v1/voices", headers, body: body.as_bytes() };
        let answer = connection.ask(&ask)?;
        match answer.status {
            201 => Ok(()),
            status => bail!("a voice was answered with {status}: {}", answer.text()),
        }
    }

    /// What people look for: a word of every second letter, a rare one, two together, a slip, a number, a name.
    fn query(&mut self) -> String {
        const FREQUENT: [&str; 10] = [
            "macchina",
            "grazie",
            "vapore",
            "fattura",
            "guarnizione",
            "consegna",
            "ordine",
            "thanks",
            "garanzia",
            "acqua",
        ];
        const RARE: [&str; 8] =
            ["Bregenz", "permuta", "noleggio", "borsa", "citofono", "Savona", "fiera", "suocera"];
        const NAMES: [&str; 8] =
            ["Moretti", "Bianchi", "Ferrari", "Camilla", "Raffaella", "Colombo", "Taylor", "Innsbruck"];
        const SLIPS: [&str; 5] = ["guarnizzione", "fatura", "machina", "corriereee", "decalcificazzione"];
        let mut word = |list: &[&'static str]| self.dice.pick(list).copied().unwrap_or("caffè");
        let (frequent, other, rare, name, slip) =
            (word(&FREQUENT), word(&FREQUENT), word(&RARE), word(&NAMES), word(&SLIPS));
        match self.dice.below(10) {
            0..3 => frequent.to_owned(),
            3..5 => rare.to_owned(),
            5..7 => format!("{frequent} {other}"),
            7 => slip.to_owned(),
            8 => format!("{}", 1_000 + self.dice.below(9_000)),
            _ => name.to_owned(),
        }
    }
}
