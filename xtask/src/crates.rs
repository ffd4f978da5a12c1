//! What holds of every crate of ours: it takes the workspace's lints, among which unsafe code is forbidden, and uses
//! what it depends on.

use std::path::Path;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::shell;

/// Dependencies that a crate needs without this name in its source: a library of another name, a feature that is
/// turned on for others, the crate itself with its other features.
const UNNAMED: [(&str, &str); 4] = [
    ("bottega-engine", "reqwest"),
    ("bottega-mail", "md-5"),
    ("bottega-wording", "icu_provider"),
    ("bottega-wording", "bottega-wording"),
];

/// Fails with every crate that has no lints and every dependency that no source names.
pub fn check() -> anyhow::Result<()> {
    shell::say("lints and unused dependencies");
    let told = shell::output("cargo", &["metadata", "--format-version", "1", "--no-deps", "--locked"])?;
    let metadata: Value = serde_json::from_str(&told)?;
    let mut problems = Vec::new();
    for package in metadata["packages"].as_array().context("cargo metadata lists packages")? {
        let name = package["name"].as_str().unwrap_or_default();
        let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
        let folder = manifest.parent().context("a manifest lies in a folder")?;
        let table: toml::Table = std::fs::read_to_string(manifest)?.parse()?;
        if table.get("lints").and_then(|lints| lints.get("workspace")) != Some(&toml::Value::Boolean(true)) {
            problems.push(format!("{name} does not take the workspace's lints"));
        }
        let source = source(folder)?;
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let given = dependency["rename"].as_str().or(dependency["name"].as_str()).unwrap_or_default();
            let written = given.replace('-', "_");
            if !names(&source, &written) && !UNNAMED.contains(&(name, given)) {
                problems.push(format!("{name} does not use {given}"));
            }
        }
    }
    if !problems.is_empty() {
        bail!("crates that should be otherwise:\n  {}", problems.join("\n  "));
    }
    Ok(())
}

/// Every source of a crate, one after the other.
fn source(folder: &Path) -> anyhow::Result<String> {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            all.push_str(&source(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            all.push_str(&std::fs::read_to_string(&path)?);
        }
    }
    Ok(all)
}

/// Whether a word stands in a source, not as a part of a longer one.
fn names(source: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    source
        .match_indices(word)
        .any(|(at, _)| !source[..at].ends_with(part) && !source[at + word.len()..].starts_with(part))
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_word_is_found_alone() {
        assert!(names("use serde::Serialize;", "serde"));
        assert!(!names("use serde_json::Value;", "serde"));
        assert!(!names("let deserde = 1;", "serde"));
    }
}
