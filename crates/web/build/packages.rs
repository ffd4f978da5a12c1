//! The one package that pages embed, installed from the lock file or taken from a copied `node_modules`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use crate::{explain, read};

/// What is embedded of htmx.
pub struct Htmx {
    pub version: String,
    pub script: String,
    pub licence: String,
}

/// Reads htmx in the version that `ui/package.json` names, after installing it below `work` if it is not there yet.
pub fn htmx(ui: &Path, work: &Path) -> Result<Htmx, String> {
    println!("cargo::rerun-if-env-changed=BOTTEGA_UI_MODULES");
    let wanted = quoted_after(&read(&ui.join("package.json"))?, "\"htmx.org\":")
        .ok_or("ui/package.json does not name htmx.org")?;
    let copied = env::var_os("BOTTEGA_UI_MODULES").map(PathBuf::from);
    let (modules, installed) = match &copied {
        Some(directory) => {
            println!("cargo::rerun-if-changed={}", directory.join("htmx.org").display());
            (directory.clone(), Ok(()))
        }
        None => (work.join("node_modules"), install(ui, work)),
    };

    let package = modules.join("htmx.org");
    let found = read(&package.join("package.json")).ok().and_then(|text| quoted_after(&text, "\"version\":"));
    if found.as_ref() != Some(&wanted) {
        let cause = match (installed, copied) {
            (Err(cause), _) => cause,
            (Ok(()), Some(directory)) => {
                format!("{} holds {}", directory.display(), found.as_deref().unwrap_or("none"))
            }
            (Ok(()), None) => "npm did not install it".to_owned(),
        };
        return Err(missing(&wanted, &cause));
    }
    let script = read(&package.join("dist/htmx.min.js"))?;
    let script = script
        .lines()
        .filter(|line| !line.starts_with("//# sourceMappingURL"))
        .collect::<Vec<_>>()
        .join("\n");
    Ok(Htmx { version: wanted, script, licence: read(&package.join("LICENSE"))? })
}

/// The whole failure, in three lines that say what to do.
fn missing(version: &str, cause: &str) -> String {
    let cause = cause.lines().next().unwrap_or_default();
    format!(
        "htmx.org {version}, which the pages embed, is missing: {cause}\n\
         install Node 20 or newer (with npm) and build once while online\n\
         or set BOTTEGA_UI_MODULES to a copied node_modules directory that holds it"
    )
}

/// Installs what the lock file names, unless the same lock file was installed before.
fn install(ui: &Path, work: &Path) -> Result<(), String> {
    let lock = work.join("package-lock.json");
    let wanted = read(&ui.join("package-lock.json"))?;
    if work.join("node_modules/htmx.org/LICENSE").exists() && read(&lock).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    fs::create_dir_all(work).map_err(|cause| explain(work, &cause))?;
    fs::write(work.join("package.json"), read(&ui.join("package.json"))?)
        .map_err(|cause| explain(work, &cause))?;
    fs::write(&lock, wanted).map_err(|cause| explain(&lock, &cause))?;

    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let run = Command::new(npm)
        .args([
            "ci",
            "--ignore-scripts",
            "--prefer-offline",
            "--omit=dev",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ])
        .current_dir(work)
        .stdin(Stdio::null())
        .output()
        .map_err(|cause| format!("npm cannot be started ({cause})"))?;
    if run.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&run.stderr);
    let reason =
        said.lines().find(|line| line.contains("code") || line.contains("ERR!")).unwrap_or("no reason given");
    Err(format!("npm ci failed ({})", reason.trim_start_matches("npm ").trim_start_matches("error ").trim()))
}

/// The first quoted text after a key: enough JSON for two well-known files.
fn quoted_after(text: &str, key: &str) -> Option<String> {
    let rest = text.split_once(key)?.1.split_once('"')?.1;
    Some(rest.split_once('"')?.0.to_owned())
}
