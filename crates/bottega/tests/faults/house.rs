//! A shop on disk, and the process that serves it: started, killed, started again.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bottega::rooms;
use engine::invariant::{self, Broken};
use engine::runner::JobContext;
use engine::shelf::Blobs;
use engine::{Engine, Options};
use kernel::{Actor, Clock, Locale, Permission, Role, SystemClock};
use primitives::account::NewAccount;
use primitives::identity::IdentityKind;
use primitives::shop::{SetupStep, Shop};
use primitives::{account, mailbox, person, session, shop, token};

engine::statements! {
    /// As if the leases of the processes that were killed had run out.
    END_LEASES = "UPDATE job SET leased_until = 0 WHERE state = 'running'";
    /// As if the time had come for everything that waits.
    DUE = "UPDATE job SET run_at = 0 WHERE state = 'waiting' AND kind NOT IN ('blobs.sweep', 'backup.nightly')";
}

/// Where a shop is kept.
pub struct House {
    /// Its folder.
    pub dir: tempfile::TempDir,
    /// Its database's address.
    pub url: String,
    /// A configuration of its own, one key a line.
    pub environment: Vec<(&'static str, String)>,
    cleanup: Option<(String, String)>,
}

/// Who acts, and who is known.
#[derive(Debug, Clone)]
pub struct Keys {
    /// An API token that may do everything.
    pub token: String,
    /// A browser's session of the same account.
    pub session: String,
    /// The mark that its forms carry.
    pub csrf: String,
    /// The mailbox, `mbx_…`.
    pub mailbox: String,
    /// People, `per_…`.
    pub people: Vec<String>,
}

impl House {
    /// On embedded SQLite.
    pub fn sqlite() -> House {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("shop.db").display());
        House { dir, url, environment: Vec::new(), cleanup: None }
    }

    /// In a fresh database of the tests' PostgreSQL, where there is one.
    pub fn postgres(name: &str) -> Option<House> {
        let Ok(server) = std::env::var(testkit::POSTGRES) else {
            assert!(std::env::var_os(testkit::ALL).is_none(), "{} must be set here", testkit::POSTGRES);
            eprintln!("skipped on PostgreSQL: {} is not set (cargo xtask test sets it)", testkit::POSTGRES);
            return None;
        };
        let name = format!("bottega_faults_{name}_{}", std::process::id());
        testkit::administer(&server, &format!("CREATE DATABASE {name}"));
        let (base, _) = server.rsplit_once('/').unwrap();
        let url = format!("{base}/{name}");
        let dir = tempfile::tempdir().unwrap();
        Some(House { dir, url, environment: Vec::new(), cleanup: Some((server, name)) })
    }

    /// Runs a statement on the server of its database, beside the shop.
    pub fn administer(&self, sql: &str) {
        let (server, _) = self.cleanup.as_ref().expect("a database of the tests' PostgreSQL");
        testkit::administer(server, sql);
    }

    /// In a folder of the caller's, on SQLite.
    pub fn within(folder: &Path) -> House {
        let dir = tempfile::tempdir_in(folder).unwrap();
        let url = format!("sqlite:{}", dir.path().join("shop.db").display());
        House { dir, url, environment: Vec::new(), cleanup: None }
    }

    /// The folder of large files, keys and the outbox.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn options(&self) -> Options {
        Options { url: self.url.clone(), data_dir: self.data() }
    }

    /// Sets the shop up: one mailbox, one account, a dozen customers.
    pub fn furnish(&self) -> Keys {
        let engine = Engine::open(&self.options(), &SystemClock).unwrap();
        let secret = || engine::random_secret().unwrap();
        let keys = Keys {
            token: format!("{}{}", token::PREFIX, secret()),
            session: secret(),
            csrf: secret(),
            mailbox: String::new(),
            people: Vec::new(),
        };
        let for_write = keys.clone();
        let (mailbox, people) = engine
            .write_blocking(move |tx| {
                let (keys, machine) = (&for_write, Actor::machine(vec![]));
                let settings = Shop {
                    name: "Officina Prova".into(),
                    locale: Locale::It,
                    zone: "Europe/Rome".into(),
                    step: SetupStep::Done,
                    demo: false,
                };
                shop::save(tx, &settings)?;
                let desk = mailbox::create(
                    tx,
                    &SystemClock,
                    &machine,
                    "Banco",
                    Some("banco@officina.example"),
                    None,
                )?;
                let new = NewAccount {
                    email: "ada@officina.example".into(),
                    name: "Ada".into(),
                    role: Role::Administrator,
                    password_hash: None,
                    locale: Locale::It,
                    zone: "Europe/Rome".into(),
                    title: None,
                };
                let ada = account::create(tx, &SystemClock, &machine, &new)?;
                mailbox::grant(tx, &SystemClock, &machine, desk, ada, true)?;
                let new = session::NewSession {
                    account: ada,
                    secret: &keys.session,
                    csrf: &keys.csrf,
                    way: session::Way::Password,
                    agent: None,
                    address: None,
                };
                session::begin(tx, &SystemClock, &new)?;
                token::create(tx, &SystemClock, &machine, ada, "faults", &Permission::ALL, &keys.token)?;
                let mut people = Vec::new();
                for number in 0..12 {
                    let address = format!("cliente{number}@lapieve.example");
                    let name = format!("Cliente {number}");
                    let known = [(IdentityKind::Email, address.as_str())];
                    let now = SystemClock.now();
                    let id = person::recognise(tx, &SystemClock, &machine, Some(&name), &known, None, now)?;
                    people.push(id.unwrap().to_string());
                }
                Ok((desk.to_string(), people))
            })
            .unwrap();
        Keys { mailbox, people, ..keys }
    }

    /// A command that works on this shop.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bottega"));
        command
            .args(arguments)
            .current_dir(self.dir.path())
            .env("BOTTEGA_DATABASE_URL", &self.url)
            .env("BOTTEGA_DATA_DIR", self.data())
            .env("BOTTEGA_REQUESTS_PER_SECOND", "100000")
            .env("BOTTEGA_REQUESTS_BURST", "100000")
            .envs(self.environment.iter().map(|(name, value)| (*name, value)));
        command
    }

    /// Starts to serve.
    pub fn open(&self) -> Life {
        Life::start(self.command(&["serve", "--listen", "127.0.0.1:0"]))
    }

    /// Starts to serve; no file may grow beyond so many blocks of 512 bytes.
    pub fn open_bounded(&self, blocks: u64) -> Life {
        let serve = self.command(&[]);
        let mut command = Command::new("sh");
        // A process that is told by a signal would end; one that ignores it is told by an error.
        command.args([
            "-c",
            &format!("trap '' XFSZ; ulimit -S -f {blocks}; exec \"$0\" serve --listen 127.0.0.1:0"),
        ]);
        command.arg(serve.get_program()).current_dir(self.dir.path());
        for (name, value) in serve.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        Life::start(command)
    }

    /// Starts to serve and kills it after so long, wherever it is by then.
    pub fn open_and_kill(&self, after: Duration) {
        let mut child =
            self.command(&["serve", "--listen", "127.0.0.1:0"]).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(after);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// The database as it was left, for a look.
    pub fn look(&self) -> Engine {
        Engine::look(&self.options(), &Blobs::Folder, &SystemClock).unwrap().0
    }

    /// What does not hold in the database as it was left.
    pub fn broken(&self, read_blobs: bool) -> Vec<Broken> {
        let look = |tx: &mut engine::Tx<'_>| {
            Ok(invariant::check(tx, &rooms::invariants(), read_blobs, &mut |_| {})?)
        };
        self.look().read_blocking(look).unwrap()
    }

    /// What `bottega doctor --deep` says; panics when it finds a problem.
    pub fn ask_the_doctor(&self) {
        let output = self.command(&["doctor", "--deep"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }

    /// As if the leases of killed processes had run out meanwhile.
    pub fn end_leases(&self) {
        let engine = Engine::open(&self.options(), &SystemClock).unwrap();
        engine.write_blocking(|tx| Ok(tx.execute(&END_LEASES, &[])?)).unwrap();
    }

    /// Does everything that is left to do, as if its time had come.
    pub fn finish(&self) {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let engine = Engine::open(&self.options(), &SystemClock).unwrap();
        listen::intake::finish_pending(&engine, &clock, None).unwrap();
        let composed =
            bottega::server::compose(engine.clone(), Arc::clone(&clock), None, web::Limits::default());
        let context = JobContext { engine: engine.clone(), clock };
        loop {
            self.end_leases();
            engine.write_blocking(|tx| Ok(tx.execute(&DUE, &[])?)).unwrap();
            if composed.handlers.run_due(&context).unwrap() == 0 {
                break;
            }
        }
    }

    /// What lies in the folder of letters that left.
    pub fn letters(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.data().join("outbox")).into_iter().flatten().flatten();
        entries
            .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
            .map(|entry| std::fs::read_to_string(entry.path()).unwrap())
            .collect()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some((server, name)) = self.cleanup.take() {
            testkit::administer(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// A process that serves.
pub struct Life {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Life {
    fn start(mut command: Command) -> Life {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let mut before = Vec::new();
        let address = said.by_ref().find_map(|line| {
            let found = line.trim().strip_prefix("http://").and_then(|rest| rest.parse().ok());
            before.push(line);
            found
        });
        let address = address.unwrap_or_else(|| panic!("the server did not start: {before:#?}"));
        std::thread::spawn(move || {
            let loud = std::env::var_os("BOTTEGA_LOUD").is_some();
            said.filter(|_| loud).for_each(|line| eprintln!("bottega: {line}"));
        });
        Life { child, address }
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Lets its files grow again.
    pub fn lift_bound(&self) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited"]).status().unwrap().success()
        );
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
