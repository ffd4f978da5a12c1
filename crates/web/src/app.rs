//! The application's state, shared by every request.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use engine::{Engine, Tx};
use kernel::{Clock, Fault};

use crate::admission::Admission;
use crate::brake::Brakes;
use crate::error;
use crate::health::Health;
use crate::module::{PersonPanel, TodayPanel};
use crate::proxy::Proxies;
use crate::pulse::Pulse;
use crate::reply::Reply;
use crate::request::Request;
use crate::staff::Staff;

/// Where one gets a second factor, when the company asks for one.
pub const ENROL: &str = "/me/security?enrol";

/// The clock that requests share.
pub type SharedClock = Arc<dyn Clock>;

/// Longest address that signing in leads back to. Bytes.
const LONGEST_WAY_BACK: usize = 2_000;

/// How much one caller may ask, and by whose word callers are told apart.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Requests a second that one session, token or address may make, on average.
    pub per_second: u32,
    /// Requests that may come at once.
    pub burst: u32,
    /// The proxies whose word about the browser's address and scheme counts.
    pub proxies: Proxies,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { per_second: 50, burst: 300, proxies: Proxies::default() }
    }
}

/// The application. Cloning shares it.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    engine: Engine,
    clock: SharedClock,
    public_url: Option<String>,
    proxies: Proxies,
    brakes: Brakes,
    open_forms: HashSet<&'static str>,
    last_page_statements: AtomicU32,
    person_panels: Vec<PersonPanel>,
    today_panels: Vec<TodayPanel>,
    healths: Vec<Health>,
    admission: Admission,
    pulse: Pulse,
}

impl App {
    /// Puts the application together. `public_url` is the address under which browsers reach it, when
    /// that is known; secure cookies follow from it.
    pub fn new(engine: Engine, clock: SharedClock, public_url: Option<String>, limits: Limits) -> App {
        // Two processes, or two starts, may not give the same ids to their requests.
        let request_prefix = engine.random_number();
        let brakes = Brakes::new(&limits);
        App(Arc::new(Inner {
            engine,
            clock,
            public_url,
            proxies: limits.proxies,
            brakes,
            open_forms: HashSet::new(),
            last_page_statements: AtomicU32::new(0),
            person_panels: Vec::new(),
            today_panels: Vec::new(),
            healths: Vec::new(),
            admission: Admission::default(),
            pulse: Pulse::new(request_prefix),
        }))
    }

    /// Adds what the rooms show beside a person, on Today and of their own state, and the paths of the forms that
    /// strangers may send. Before the application is shared.
    pub(crate) fn with_rooms(
        self,
        person_panels: Vec<PersonPanel>,
        today_panels: Vec<TodayPanel>,
        healths: Vec<Health>,
        open_forms: HashSet<&'static str>,
    ) -> App {
        match Arc::try_unwrap(self.0) {
            Ok(inner) => App(Arc::new(Inner { person_panels, today_panels, healths, open_forms, ..inner })),
            Err(shared) => App(shared),
        }
    }

    /// The database.
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// The clock.
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    /// The clock, to move into a closure.
    pub fn shared_clock(&self) -> SharedClock {
        Arc::clone(&self.0.clock)
    }

    /// The address under which browsers reach it.
    pub fn public_url(&self) -> Option<&str> {
        self.0.public_url.as_deref()
    }

    /// The address under which this browser reaches it, without a slash at its end: the public one, else the host that
    /// the browser asked for.
    pub fn address(&self, request: &Request) -> String {
        match (self.public_url(), &request.host) {
            (Some(url), _) => url.trim_end_matches('/').to_owned(),
            (None, Some(host)) if request.is_secure => format!("https://{host}"),
            (None, Some(host)) => format!("http://{host}"),
            (None, None) => String::new(),
        }
    }

    /// The proxies whose word counts.
    pub(crate) fn proxies(&self) -> &Proxies {
        &self.0.proxies
    }

    /// Whether browsers reach it by https, so that cookies are kept to it.
    pub fn is_secure(&self) -> bool {
        self.public_url().is_some_and(|url| url.starts_with("https:"))
    }

    /// What other rooms show beside a person.
    pub fn person_panels(&self) -> &[PersonPanel] {
        &self.0.person_panels
    }

    /// What other rooms show on Today.
    pub fn today_panels(&self) -> &[TodayPanel] {
        &self.0.today_panels
    }

    /// What every room says of its own state.
    pub fn healths(&self) -> &[Health] {
        &self.0.healths
    }

    /// What is under way and bounded.
    pub(crate) fn admission(&self) -> &Admission {
        &self.0.admission
    }

    /// What the process counts and knows of itself.
    pub(crate) fn pulse(&self) -> &Pulse {
        &self.0.pulse
    }

    /// How many statements the page that was answered last ran: tests hold pages to a bound.
    pub fn last_page_statements(&self) -> u32 {
        self.0.last_page_statements.load(Ordering::Relaxed)
    }

    /// Seconds to wait, when this caller asks too much.
    pub fn brake(&self, request: &Request) -> Result<(), Fault> {
        self.0.brakes.check(request)
    }

    /// Forgets callers that have been quiet, so that their number does not grow for ever.
    pub fn forget_quiet_callers(&self) {
        self.0.brakes.forget_quiet();
    }

    /// A session or a token of this secret was found to live.
    pub(crate) fn know(&self, secret: &str) {
        self.0.brakes.know(secret);
    }

    /// Whether strangers may send the form of this path.
    pub(crate) fn is_open_form(&self, path: &str) -> bool {
        self.0.open_forms.contains(path)
    }

    /// Whether what a request shows, a token at the API and a session elsewhere, lives.
    pub(crate) async fn lives(&self, request: &Request) -> Result<bool, Fault> {
        self.brake(request)?;
        let (app, asking) = (self.clone(), request.clone());
        let found = self.engine().read(move |tx| {
            if asking.wants_json {
                Ok(crate::api::bearer(tx, &app, &asking)?.is_some())
            } else {
                Ok(Staff::find(tx, &app, &asking)?.is_some())
            }
        });
        found.await
    }

    /// Answers a page to who is signed in: one read of the database. Who is not is led to sign in.
    pub async fn page<F>(&self, request: Request, build: F) -> Reply
    where
        F: FnOnce(&mut Tx<'_>, &Staff) -> Result<Reply, Fault> + Send + 'static,
    {
        if let Err(fault) = self.brake(&request) {
            return error::page(&request, None, &fault);
        }
        let (app, asking) = (self.clone(), request.clone());
        let result = self
            .engine()
            .read(move |tx| {
                let Some(staff) = Staff::find(tx, &app, &asking)? else { return Ok(sign_in(&asking)) };
                if staff.must_enrol_before(&asking) {
                    return Ok(Reply::redirect(ENROL));
                }
                let built = build(tx, &staff);
                app.0.last_page_statements.store(tx.statements_run(), Ordering::Relaxed);
                match built {
                    Ok(reply) => Ok(reply.with_staleness(staff.is_stale(&app))),
                    Err(fault) => Ok(error::page(&asking, Some(&staff), &fault)),
                }
            })
            .await;
        match result {
            Ok(reply) => self.note_use(&request, reply).await,
            Err(fault) => error::page(&request, None, &fault),
        }
    }

    /// Makes a change for who is signed in: one write. `csrf` is what the form carried.
    pub async fn change<F>(&self, request: Request, csrf: String, act: F) -> Reply
    where
        F: Fn(&mut Tx<'_>, &Staff) -> Result<Reply, Fault> + Send + 'static,
    {
        if let Err(fault) = self.brake(&request) {
            return error::page(&request, None, &fault);
        }
        if request.is_cross_site() {
            return error::forged(&request);
        }
        let (app, asking) = (self.clone(), request.clone());
        let result = self
            .engine()
            .write(move |tx| {
                let Some(staff) = Staff::find(tx, &app, &asking)? else { return Ok(Err(sign_in(&asking))) };
                if !staff.accepts(&csrf) {
                    return Ok(Err(error::forged(&asking)));
                }
                if staff.must_enrol_before(&asking) {
                    return Ok(Err(Reply::redirect(ENROL)));
                }
                // The fault goes through the transaction as an error, so that nothing of it is kept; the
                // page that tells of it is made here, where the reader's language is known.
                match tx.savepoint(|tx| act(tx, &staff)) {
                    Ok(reply) => Ok(Ok(reply)),
                    Err(fault @ Fault::Store(_)) => Err(fault),
                    Err(fault) => Ok(Err(error::page(&asking, Some(&staff), &fault))),
                }
            })
            .await;
        match result {
            Ok(Ok(reply) | Err(reply)) => reply,
            Err(fault) => error::page(&request, None, &fault),
        }
    }

    /// Writes down, now and then, that a session is in use.
    async fn note_use(&self, request: &Request, reply: Reply) -> Reply {
        if let (Some(session), Some(_)) = (reply.stale_session, request.secret.as_ref()) {
            let (clock, address) = (self.shared_clock(), request.address.clone());
            let noted = self
                .engine()
                .write(move |tx| Ok(primitives::session::seen(tx, &*clock, session, Some(&address))?))
                .await;
            if let Err(error) = noted {
                tracing::warn!(%error, "the use of a session could not be written down");
            }
        }
        reply
    }
}

/// Leads to the sign-in page and back here afterwards.
pub(crate) fn sign_in(request: &Request) -> Reply {
    // An address of great length is not worth a redirect that nobody can follow.
    let worth = request.is_get && request.path_and_query.len() <= LONGEST_WAY_BACK;
    let back = if worth { request.path_and_query.as_str() } else { "/" };
    Reply::redirect(&format!("/sign-in?then={}", crate::request::encode(back)))
}
