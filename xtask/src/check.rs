//! `cargo xtask check`: what a reviewer should not have to look at.

use anyhow::bail;

use crate::{crates, generate, licences, shell};

/// Lines that a file may have at most.
const CEILING: usize = 600;

/// Runs every check; the first that fails ends it.
pub fn run() -> anyhow::Result<()> {
    shell::run("cargo", &["fmt", "--all", "--check"])?;
    lengths()?;
    licences::check()?;
    crates::check()?;
    shell::run("cargo", &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])?;
    shell::say("cargo doc --workspace --no-deps");
    shell::run_command(
        std::process::Command::new("cargo")
            .args(["doc", "--workspace", "--no-deps", "--document-private-items", "--locked", "--quiet"])
            .env("RUSTDOCFLAGS", "-D warnings")
            .current_dir(shell::root()),
    )?;
    scripts()?;
    generate::verify()
}

/// Files that can still be held in the head.
fn lengths() -> anyhow::Result<()> {
    shell::say("file length");
    let listed = shell::output("git", &["ls-files", "*.rs", "*.js", "*.css"])?;
    let mut long = Vec::new();
    for name in listed.lines() {
        let lines = std::fs::read_to_string(shell::root().join(name)).map_or(0, |text| text.lines().count());
        if lines > CEILING {
            long.push(format!("{name} has {lines} lines"));
        }
    }
    if !long.is_empty() {
        bail!("more than {CEILING} lines; split by idea:\n  {}", long.join("\n  "));
    }
    Ok(())
}

/// The browser's modules, by TypeScript's checker, in a copy that keeps `ui/` clean.
fn scripts() -> anyhow::Result<()> {
    let copy = tempfile::tempdir()?;
    shell::run("cp", &["-r", "ui/.", &copy.path().to_string_lossy()])?;
    for arguments in
        [&["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"][..], &["run", "check"]]
    {
        shell::say(&format!("npm {}", arguments.join(" ")));
        shell::run_command(std::process::Command::new("npm").args(arguments).current_dir(copy.path()))?;
    }
    Ok(())
}
