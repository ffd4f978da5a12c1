//! What tests need of the machine: Debian packages, programs of Python's index in a folder of their own, and a
//! PostgreSQL of their own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::shell;

/// A program that must be there and the Debian package that brings it.
const NEEDED: [(&str, &str); 4] = [
    ("initdb", "postgresql"),
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
    ("fakeroot", "fakeroot"),
];

/// Programs from Python's index, each pinned, in a virtual environment under `target/`.
const PYTHON: [&str; 2] = ["moto[server]==5.2.5", "schemathesis==4.32.5"];

/// Installs what is missing, with apt-get. Nothing happens where nothing is missing.
pub fn install() -> anyhow::Result<()> {
    let mut missing: Vec<&str> =
        NEEDED.iter().filter(|(program, _)| !shell::exists(program)).map(|(_, package)| *package).collect();
    // Debian's Python comes without what makes virtual environments.
    if shell::output("python3", &["-c", "import venv, ensurepip"]).is_err() {
        missing.push("python3-venv");
    }
    if missing.is_empty() {
        return Ok(());
    }
    if !shell::exists("apt-get") {
        bail!("install these first (there is no apt-get here to do it): {}", missing.join(", "));
    }
    let apt = |arguments: &[&str]| {
        let root = shell::output("id", &["-u"])?.trim() == "0";
        let program = if root { "apt-get" } else { "sudo" };
        let mut command = Command::new(program);
        if !root {
            command.arg("apt-get");
        }
        shell::say(&format!("apt-get {}", arguments.join(" ")));
        shell::run_command(
            command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()),
        )
    };
    apt(&["update", "-qq"])?;
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(missing);
    apt(&arguments)
}

/// The folder of the programs of [`PYTHON`], installed where one is missing or of another version.
pub fn python() -> anyhow::Result<PathBuf> {
    let home = shell::root().join("target/python");
    let (bin, note) = (home.join("bin"), home.join("bottega-installed"));
    let wanted = PYTHON.join("\n");
    if std::fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
        return Ok(bin);
    }
    shell::say(&format!("{} into target/python", PYTHON.join(", ")));
    shell::run("python3", &["-m", "venv", &home.to_string_lossy()])?;
    let pip = bin.join("pip");
    let mut command = Command::new(&pip);
    command.args(["install", "--quiet", "--disable-pip-version-check"]).args(PYTHON);
    shell::run_command(&mut command)?;
    std::fs::write(note, wanted)?;
    Ok(bin)
}

/// A PostgreSQL that lives as long as this value: its own folder, its own port, no service.
pub struct Postgres {
    folder: tempfile::TempDir,
    port: u16,
}

impl Postgres {
    /// Makes a cluster and starts it. Tests throw it away, so it need not survive a power cut.
    pub fn start() -> anyhow::Result<Postgres> {
        Postgres::with("-c fsync=off")
    }

    /// One that keeps what it was told, as in earnest: for figures.
    pub fn durable() -> anyhow::Result<Postgres> {
        Postgres::with("-c fsync=on -c shared_buffers=512MB -c max_wal_size=4GB")
    }

    /// initdb refuses root, so root becomes nobody for it.
    fn with(settings: &str) -> anyhow::Result<Postgres> {
        let folder = tempfile::Builder::new().prefix("bottega-postgres-").tempdir()?;
        let port = free_port()?;
        let postgres = Postgres { folder, port };
        if is_root()? {
            let path = postgres.folder.path().to_string_lossy().into_owned();
            shell::run("chown", &["nobody", &path])?;
        }
        shell::say(&format!("PostgreSQL on port {port}"));
        let data = postgres.data();
        postgres.run("initdb", &["-D", &data, "-U", "bottega", "-A", "trust", "--no-sync", "-E", "UTF8"])?;
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} {settings} \
             -c max_connections=400",
            postgres.folder.path().display()
        );
        let log = postgres.folder.path().join("log");
        postgres
            .run("pg_ctl", &["-D", &data, "-o", &options, "-l", &log.to_string_lossy(), "-w", "start"])?;
        Ok(postgres)
    }

    /// The address of its maintenance database.
    pub fn url(&self) -> String {
        format!("postgres://bottega@127.0.0.1:{}/postgres", self.port)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").to_string_lossy().into_owned()
    }

    fn run(&self, program: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let path = shell::find(program).with_context(|| format!("{program} is missing"))?;
        shell::run_command(as_ordinary_user(&path)?.args(arguments).current_dir("/").stdout(Stdio::null()))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data();
        if let Err(error) = self.run("pg_ctl", &["-D", &data, "-m", "immediate", "stop"]) {
            shell::say(&format!("PostgreSQL could not be stopped: {error:#}"));
        }
    }
}

fn as_ordinary_user(program: &Path) -> anyhow::Result<Command> {
    if !is_root()? {
        return Ok(Command::new(program));
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]).arg(PathBuf::from(program));
    Ok(command)
}

fn is_root() -> anyhow::Result<bool> {
    Ok(shell::output("id", &["-u"])?.trim() == "0")
}

fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
