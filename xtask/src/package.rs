//! `cargo xtask package`: the Debian package, and a trial of it in a root of its own.
//!
//! The trial packages the binary that the tests built: what it looks at is the package, not the compiler's
//! optimisation, and a release build would cost minutes more. It never touches the machine's own packages.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::shell;

/// The packager and its version.
const PACKAGER: &str = "cargo-deb";
const PACKAGER_VERSION: &str = "3.8.0";
/// How long a start or an end may take in the trial.
const PATIENCE: Duration = Duration::from_secs(60);

/// Builds the package; with `--try` tries it out as well.
pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => {
            shell::run("cargo", &["build", "--release", "--package", "bottega"])?;
            let package = build(Profile::Release, None)?;
            shell::say(&format!("{}", package.display()));
            Ok(())
        }
        ["--try"] => try_out(),
        _ => bail!("cargo xtask package [--try]"),
    }
}

/// Which build is packaged.
#[derive(Clone, Copy)]
enum Profile {
    Release,
    /// As tests have built it.
    Dev,
}

impl Profile {
    fn binary(self) -> PathBuf {
        let folder = match self {
            Profile::Release => "release",
            Profile::Dev => "debug",
        };
        shell::root().join("target").join(folder).join("bottega")
    }
}

/// Packages what is built; gives the file.
fn build(profile: Profile, version: Option<&str>) -> anyhow::Result<PathBuf> {
    let folder = shell::root().join("target/package");
    std::fs::create_dir_all(&folder)?;
    std::fs::copy(profile.binary(), folder.join("bottega"))?;
    write_beside(&profile.binary(), &folder)?;
    let name = format!("bottega-{}.deb", version.unwrap_or("release"));
    let package = folder.join(name);
    let mut command = Command::new(packager()?);
    command
        .args(["--package", "bottega", "--no-build", "--quiet", "--output"])
        .arg(&package)
        .current_dir(shell::root());
    if let Profile::Dev = profile {
        command.arg("--fast");
    }
    if let Some(version) = version {
        command.args(["--deb-version", version]);
    }
    shell::say(&format!("package {}", package.display()));
    shell::run_command(command.stdout(Stdio::null()))?;
    Ok(package)
}

/// Writes what the program says of itself: its manual, its configuration, what shells complete.
fn write_beside(binary: &Path, folder: &Path) -> anyhow::Result<()> {
    let files: [(&str, &[&str]); 5] = [
        ("bottega.toml", &["reference", "packaged-example"]),
        ("bottega.1", &["reference", "manual"]),
        ("bottega.bash", &["completions", "bash"]),
        ("_bottega", &["completions", "zsh"]),
        ("bottega.fish", &["completions", "fish"]),
    ];
    for (file, arguments) in files {
        let text = shell::output(&binary.to_string_lossy(), arguments)?;
        std::fs::write(folder.join(file), text)?;
    }
    Ok(())
}

/// The packager: the machine's own, else one that is built once below `target`.
fn packager() -> anyhow::Result<PathBuf> {
    if let Some(found) = shell::find(PACKAGER) {
        return Ok(found);
    }
    let tools = shell::root().join("target/tools");
    let built = tools.join("bin").join(PACKAGER);
    if !built.is_file() {
        let tools = tools.to_string_lossy();
        let version = ["install", PACKAGER, "--version", PACKAGER_VERSION, "--locked", "--quiet"];
        let small = ["--no-default-features", "--features", "gzip", "--root", &tools];
        shell::run("cargo", &[&version[..], &small[..]].concat())?;
    }
    Ok(built)
}

/// Installs the package into a root of its own, runs it as packaged, stops it, upgrades it over its data, removes
/// and purges it.
pub fn try_out() -> anyhow::Result<()> {
    if !shell::exists("dpkg") {
        shell::say("no dpkg here: the package is not tried");
        return Ok(());
    }
    if !Profile::Dev.binary().is_file() {
        shell::run("cargo", &["build", "--package", "bottega"])?;
    }
    let (first, second) = (build(Profile::Dev, Some("0.0.1-1"))?, build(Profile::Dev, Some("0.0.1-2"))?);
    let root = Root::new()?;
    root.dpkg(&["--install", &first.to_string_lossy()])?;
    root.look_at_what_was_installed()?;
    root.serve_once()?;
    root.command(&["user", "create", "rita@example.org", "--name", "Rita", "--role", "administrator"])?;

    let mut configuration = std::fs::read_to_string(root.configuration())?;
    configuration.push_str("\n# a line of the keeper\n");
    std::fs::write(root.configuration(), &configuration)?;
    root.dpkg(&["--force-confold", "--install", &second.to_string_lossy()])?;
    ensure!(
        std::fs::read_to_string(root.configuration())? == configuration,
        "the upgrade changed the configuration"
    );
    root.serve_once()?;
    ensure!(root.command(&["user", "list"])?.contains("rita@example.org"), "the upgrade lost an account");

    root.dpkg(&["--remove", "bottega"])?;
    ensure!(!root.path("usr/bin/bottega").exists(), "the program is still there");
    ensure!(root.configuration().is_file(), "removing took the configuration");
    root.dpkg(&["--purge", "bottega"])?;
    ensure!(!root.configuration().exists(), "purging left the configuration");
    ensure!(root.path("var/lib/bottega/bottega.db").is_file(), "purging took the voices of customers");
    std::fs::remove_file(first)?;
    std::fs::remove_file(second)?;
    shell::say("the package installs, serves, upgrades, and keeps the data");
    Ok(())
}

/// A root of its own, with a package database of its own.
struct Root(tempfile::TempDir);

impl Root {
    fn new() -> anyhow::Result<Root> {
        let root = Root(tempfile::Builder::new().prefix("bottega-package-").tempdir()?);
        for folder in ["info", "updates", "triggers"] {
            std::fs::create_dir_all(root.path("var/lib/dpkg").join(folder))?;
        }
        for file in ["status", "available"] {
            std::fs::write(root.path("var/lib/dpkg").join(file), "")?;
        }
        Ok(root)
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn configuration(&self) -> PathBuf {
        self.path("etc/bottega/bottega.toml")
    }

    /// Runs dpkg on this root. Its scripts run outside of it and are told where it is.
    fn dpkg(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let root = shell::output("id", &["-u"])?.trim() == "0";
        let mut command = if root { Command::new("dpkg") } else { Command::new("fakeroot") };
        if !root {
            command.arg("dpkg");
        }
        shell::say(&format!("dpkg {}", arguments.join(" ")));
        command
            .arg(format!("--root={}", self.0.path().display()))
            .arg(format!("--log={}", self.path("dpkg.log").display()))
            .args(["--force-depends", "--force-script-chrootless"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        shell::run_command(&mut command)
    }

    fn look_at_what_was_installed(&self) -> anyhow::Result<()> {
        for file in [
            "usr/bin/bottega",
            "usr/share/man/man1/bottega.1.gz",
            "usr/share/bash-completion/completions/bottega",
            "usr/share/doc/bottega/guide/it/operations.md",
            "usr/share/doc/bottega/copyright",
        ] {
            ensure!(self.path(file).is_file(), "{file} is not in the package");
        }
        let units = ["lib/systemd/system/bottega.service", "usr/lib/systemd/system/bottega.service"];
        let unit = units.map(|unit| self.path(unit)).into_iter().find(|unit| unit.is_file());
        let unit = unit.context("the service is not in the package")?;
        if shell::exists("systemd-analyze") {
            // The program that it starts stands in this root.
            let text = std::fs::read_to_string(unit)?;
            let here = self.path("bottega.service");
            let program = self.path("usr/bin/bottega").display().to_string();
            let text =
                text.replace("/usr/bin/bottega", &program).replace("Documentation=man:bottega(1)\n", "");
            std::fs::write(&here, text)?;
            shell::run("systemd-analyze", &["verify", &here.to_string_lossy()])?;
        }
        Ok(())
    }

    /// The installed program, with the installed configuration, on this root's folder.
    fn program(&self) -> Command {
        let mut command = Command::new(self.path("usr/bin/bottega"));
        let data = self.path("var/lib/bottega");
        command
            .arg("--config")
            .arg(self.configuration())
            .env("BOTTEGA_DATA_DIR", &data)
            .env("BOTTEGA_DATABASE_URL", format!("sqlite:{}", data.join("bottega.db").display()))
            .current_dir(data);
        command
    }

    fn command(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.program().args(arguments).stderr(Stdio::inherit()).output()?;
        ensure!(output.status.success(), "bottega {} failed", arguments.join(" "));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Starts it, waits until it is ready, stops it as a service manager does, and wants a good end.
    fn serve_once(&self) -> anyhow::Result<()> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        let mut command = self.program();
        command.args(["serve", "--listen", &address]).stderr(Stdio::null());
        let mut serving = Serving(command.spawn()?);
        let until = Instant::now() + PATIENCE;
        while !is_ready(&address) {
            ensure!(Instant::now() < until, "the installed program is not ready at {address}");
            ensure!(serving.0.try_wait()?.is_none(), "the installed program ended by itself");
            std::thread::sleep(Duration::from_millis(50));
        }
        let id = serving.0.id().to_string();
        shell::run("kill", &["-TERM", &id])?;
        let status = serving.0.wait()?;
        ensure!(status.code() == Some(0), "told to stop, it ended with {status}");
        Ok(())
    }
}

/// A server that does not outlive the trial.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        // It has ended already, unless the trial failed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn is_ready(address: &str) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}
