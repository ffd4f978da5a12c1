//! A PostgreSQL of the test's own, which may be stopped in the middle; durable, as one in earnest is.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A cluster, gone when dropped.
pub struct Cluster {
    folder: tempfile::TempDir,
    /// Its port on the loopback address.
    pub port: u16,
}

impl Cluster {
    /// Makes one and starts it; `settings` are further `-c` options.
    pub fn start(settings: &str) -> Cluster {
        let folder = tempfile::Builder::new().prefix("bottega-cluster-").tempdir().unwrap();
        if is_root() {
            // initdb refuses root.
            assert!(Command::new("chown").arg("nobody").arg(folder.path()).status().unwrap().success());
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let cluster = Cluster { folder, port };
        cluster.run(
            "initdb",
            &["-D", &cluster.data(), "-U", "bottega", "-A", "trust", "--no-sync", "-E", "UTF8"],
        );
        cluster.up(settings);
        cluster
    }

    fn data(&self) -> String {
        self.folder.path().join("data").to_string_lossy().into_owned()
    }

    /// A folder for files that its settings name.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Starts it.
    pub fn up(&self, settings: &str) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} {settings}",
            self.port,
            self.folder.path().display()
        );
        let log = self.folder.path().join("log").to_string_lossy().into_owned();
        self.run("pg_ctl", &["-D", &self.data(), "-o", &options, "-l", &log, "-w", "start"]);
    }

    /// Ends it as a crash would.
    pub fn crash(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "-w", "stop"]);
    }

    /// The address of a fresh database.
    pub fn database(&self, name: &str) -> String {
        testkit::administer(&self.url("postgres"), &format!("CREATE DATABASE {name}"));
        self.url(name)
    }

    /// The address of a database.
    pub fn url(&self, name: &str) -> String {
        format!("postgres://bottega@127.0.0.1:{}/{name}", self.port)
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let path = find(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.args(arguments).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null());
        assert!(command.status().unwrap().success(), "{program} {arguments:?}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let stopped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.crash()));
        if stopped.is_err() {
            eprintln!("the cluster at port {} was not running", self.port);
        }
    }
}

/// Whether the tests run as root.
pub fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout.trim_ascii() == b"0"
}

/// Debian keeps the programs of a server apart from the path.
fn find(program: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions
        .map(|version| version.path().join("bin").join(program))
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| PathBuf::from(program))
}
