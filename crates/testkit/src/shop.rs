//! A shop in a test: rooms composed on a fresh database, and people of it who act through HTTP as a
//! browser or a program would, without a network in between.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use engine::runner::{Handlers, JobContext};
use http_body_util::BodyExt;
use kernel::{AccountId, Actor, Locale, MailboxId, Permission, Role};
use primitives::account::NewAccount;
use primitives::shop::SetupStep;
use primitives::{account, mailbox, session, shop, token};
use tower::ServiceExt;
use web::{App, Limits, Module};

use crate::store::Store;

/// A shop with two mailboxes: `Banco`, which everybody sees who is not told otherwise, and
/// `Amministrazione`, which nobody sees without being granted it.
pub struct Shop {
    /// Its database.
    pub store: Store,
    /// Everything that answers.
    pub router: Router,
    /// Every page's declared route.
    pub declared: Vec<web::module::Route>,
    /// The API's document.
    pub openapi: serde_json::Value,
    /// The mailbox of the counter.
    pub banco: MailboxId,
    /// The private mailbox.
    pub private: MailboxId,
    /// The application's state.
    pub app: App,
    handlers: Handlers,
    runtime: tokio::runtime::Runtime,
}

/// Somebody of the shop, signed in and with a token of every scope.
pub struct Staffer {
    /// Their account.
    pub account: AccountId,
    /// The session's secret.
    pub secret: String,
    /// The mark of their forms.
    pub csrf: String,
    /// An API token with every scope.
    pub token: String,
}

/// Limits that no test reaches.
pub fn roomy() -> Limits {
    Limits { per_second: 10_000, burst: 10_000, ..Limits::default() }
}

/// What the shop answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {:?}", self.body))
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).expect("a redirect").to_str().unwrap()
    }
}

impl Shop {
    /// Opens a set-up shop with the given rooms on a fresh database.
    pub fn open(store: Store, modules: Vec<Module>) -> Shop {
        Shop::with_limits(store, modules, roomy())
    }

    /// [`Shop::open`] with limits of one's own.
    pub fn with_limits(store: Store, modules: Vec<Module>, limits: Limits) -> Shop {
        let clock = store.clock.clone();
        let (banco, private) = store
            .engine()
            .write_blocking(move |tx| {
                let settings = shop::Shop {
                    name: "Officina Prova".into(),
                    locale: Locale::It,
                    zone: "Europe/Rome".into(),
                    step: SetupStep::Done,
                    demo: false,
                };
                shop::save(tx, &settings)?;
                let machine = Actor::machine(vec![]);
                let banco =
                    mailbox::create(tx, &*clock, &machine, "Banco", Some("banco@officina.example"), None)?;
                let private = mailbox::create(tx, &*clock, &machine, "Amministrazione", None, None)?;
                Ok((banco, private))
            })
            .unwrap();
        Shop::compose(store, modules, banco, private, limits)
    }

    /// Opens a shop that nobody has set up yet: no name, no mailbox (`banco` and `private` are nothing), no
    /// account.
    pub fn not_set_up(store: Store, modules: Vec<Module>) -> Shop {
        Shop::compose(store, modules, MailboxId(0), MailboxId(0), roomy())
    }

    fn compose(
        store: Store,
        modules: Vec<Module>,
        banco: MailboxId,
        private: MailboxId,
        limits: Limits,
    ) -> Shop {
        let app = App::new(store.engine().clone(), store.clock.clone(), None, limits);
        let composed = web::compose(app, modules, Router::new());
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        Shop {
            router: composed.router,
            declared: composed.declared,
            openapi: serde_json::to_value(&composed.openapi).unwrap(),
            app: composed.app,
            handlers: composed.handlers,
            store,
            banco,
            private,
            runtime,
        }
    }

    /// A shop on each engine, for one test.
    pub fn on_both_engines(modules: impl Fn() -> Vec<Module>, test: impl Fn(&Shop)) {
        test(&Shop::open(Store::sqlite(), modules()));
        if let Some(store) = Store::postgres() {
            test(&Shop::open(store, modules()));
        }
    }

    /// Somebody with a role who sees the given mailboxes.
    pub fn staffer(&self, name: &str, role: Role, mailboxes: &[MailboxId]) -> Staffer {
        let clock = self.store.clock.clone();
        let (name, mailboxes) = (name.to_owned(), mailboxes.to_vec());
        let secret = engine::random_secret().unwrap();
        let token = format!("{}{}", token::PREFIX, engine::random_secret().unwrap());
        let csrf = engine::random_secret().unwrap();
        let (for_secret, for_token, for_csrf) = (secret.clone(), token.clone(), csrf.clone());
        let account = self
            .store
            .engine()
            .write_blocking(move |tx| {
                let machine = Actor::machine(vec![]);
                let new = NewAccount {
                    email: format!("{}@officina.example", name.to_lowercase().replace(' ', ".")),
                    name: name.clone(),
                    role,
                    password_hash: None,
                    locale: Locale::It,
                    zone: "Europe/Rome".into(),
                    title: None,
                };
                let id = account::create(tx, &*clock, &machine, &new)?;
                for mailbox in &mailboxes {
                    mailbox::grant(tx, &*clock, &machine, *mailbox, id, true)?;
                }
                let new = session::NewSession {
                    account: id,
                    secret: &for_secret,
                    csrf: &for_csrf,
                    way: session::Way::Password,
                    agent: None,
                    address: None,
                };
                session::begin(tx, &*clock, &new)?;
                token::create(tx, &*clock, &machine, id, "test", &Permission::ALL, &for_token)?;
                Ok(id)
            })
            .unwrap();
        Staffer { account, secret, csrf, token }
    }

    /// A keeper who sees the counter's mailbox.
    pub fn keeper(&self, name: &str) -> Staffer {
        self.staffer(name, Role::Keeper, &[self.banco])
    }

    /// Sends a request as it is.
    pub fn send(&self, request: Request<Body>) -> Answer {
        let router = self.router.clone();
        self.runtime.block_on(async move {
            let response = router.oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let bytes = body.collect().await.unwrap().to_bytes();
            Answer {
                status: parts.status,
                headers: parts.headers,
                body: String::from_utf8_lossy(&bytes).into_owned(),
            }
        })
    }

    /// Opens a live stream, and when it has begun does `act`, which says what to wait for. Gives everything that
    /// was heard by then.
    ///
    /// # Panics
    /// When it is not heard within twenty seconds.
    pub fn hear(&self, request: Request<Body>, act: impl FnOnce() -> String) -> String {
        let router = self.router.clone();
        let mut body =
            self.runtime.block_on(async move { router.oneshot(request).await.unwrap().into_body() });
        let mut heard = String::new();
        let mut next = |heard: &mut String| {
            let frame = self.runtime.block_on(async {
                tokio::time::timeout(std::time::Duration::from_secs(20), body.frame()).await
            });
            let frame = frame.expect("something is heard in time").expect("the stream goes on").unwrap();
            if let Some(bytes) = frame.data_ref() {
                heard.push_str(&String::from_utf8_lossy(bytes));
            }
        };
        next(&mut heard);
        let awaited = act();
        while !heard.contains(&awaited) {
            next(&mut heard);
        }
        heard
    }

    /// GET without being signed in.
    pub fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap())
    }

    /// Runs every job that is due; gives how many ran.
    pub fn run_jobs(&self) -> usize {
        let context = JobContext {
            engine: self.store.engine().clone(),
            clock: Arc::<kernel::ManualClock>::clone(&self.store.clock),
        };
        self.handlers.run_due(&context).unwrap()
    }
}

impl Staffer {
    /// GET of a page.
    pub fn get(&self, shop: &Shop, path: &str) -> Answer {
        shop.send(self.request(Method::GET, path).body(Body::empty()).unwrap())
    }

    /// POST of a form with the session's mark.
    pub fn post(&self, shop: &Shop, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = format!("csrf={}", self.csrf);
        for (name, value) in fields {
            body.push_str(&format!("&{}={}", web::request::encode(name), web::request::encode(value)));
        }
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body));
        shop.send(request.unwrap())
    }

    /// A call of the API, with a JSON body when one is given.
    pub fn api(&self, shop: &Shop, method: Method, path: &str, json: Option<serde_json::Value>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, "application/json");
        let body = json.map_or(Body::empty(), |json| Body::from(json.to_string()));
        shop.send(request.body(body).unwrap())
    }

    /// A request with the session's cookie, to be completed by the caller.
    pub fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, format!("{}={}", web::request::SESSION_COOKIE, self.secret))
    }

    /// The actor that they are now.
    pub fn actor(&self, shop: &Shop) -> Actor {
        let account = self.account;
        let found = shop.store.engine().read_blocking(move |tx| Ok(account::actor(tx, account)?));
        found.unwrap().expect("a living account")
    }
}
