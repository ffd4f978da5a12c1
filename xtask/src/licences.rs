//! Licences, bans and sources of everything that is compiled, by the lists of `deny.toml`.

use anyhow::{Context, bail};
use serde_json::Value;

use crate::shell;

/// Fails with every dependency that the lists do not allow.
pub fn check() -> anyhow::Result<()> {
    shell::say("licences, bans, sources");
    let lists: toml::Table = std::fs::read_to_string(shell::root().join("deny.toml"))?.parse()?;
    let banned: Vec<&str> = array(&lists, "bans", "deny")
        .iter()
        .filter_map(|ban| ban.get("crate").and_then(toml::Value::as_str))
        .collect();
    let allowed: Vec<&str> =
        array(&lists, "licenses", "allow").iter().filter_map(toml::Value::as_str).collect();
    let metadata: Value =
        serde_json::from_str(&shell::output("cargo", &["metadata", "--format-version", "1", "--locked"])?)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists packages")?;
    let mut problems = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        if banned.contains(&name) {
            problems.push(format!("{name} is banned"));
        }
        match package["source"].as_str() {
            None => continue,
            Some(source) if source.starts_with("registry+") => {}
            Some(source) => problems.push(format!("{name} comes from {source}")),
        }
        let licence = package["license"].as_str().unwrap_or("");
        if !is_allowed(licence, &allowed) {
            problems.push(format!("{name} has the licence {licence:?}"));
        }
    }
    if !problems.is_empty() {
        bail!("dependencies that deny.toml does not allow:\n  {}", problems.join("\n  "));
    }
    Ok(())
}

fn array<'t>(lists: &'t toml::Table, section: &str, key: &str) -> &'t [toml::Value] {
    lists
        .get(section)
        .and_then(|section| section.get(key))
        .and_then(toml::Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Whether an SPDX expression can be met: one side of an OR, every side of an AND.
fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    let expression = expression.trim();
    if expression.is_empty() {
        return false;
    }
    if let Some(parts) = split(expression, " OR ").or_else(|| split(expression, "/")) {
        return parts.iter().any(|part| is_allowed(part, allowed));
    }
    if let Some(parts) = split(expression, " AND ") {
        return parts.iter().all(|part| is_allowed(part, allowed));
    }
    let bare = expression.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    bare.map_or_else(|| allowed.contains(&expression), |inner| is_allowed(inner, allowed))
}

/// Splits at a word that stands outside of parentheses.
fn split<'e>(expression: &'e str, word: &str) -> Option<Vec<&'e str>> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for (at, character) in expression.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 && at >= start && expression[at..].starts_with(word) {
            parts.push(&expression[start..at]);
            start = at + word.len();
        }
    }
    if parts.is_empty() {
        return None;
    }
    parts.push(&expression[start..]);
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn a_licence_expression_is_read_with_its_parentheses() {
        let allowed = ["MIT", "Apache-2.0", "Unicode-3.0"];
        for fine in ["MIT", "MIT OR GPL-3.0", "MIT/Apache-2.0", "(MIT OR GPL-3.0) AND Unicode-3.0"] {
            assert!(is_allowed(fine, &allowed), "{fine}");
        }
        for not in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT AND GPL-3.0) OR LGPL-2.1"] {
            assert!(!is_allowed(not, &allowed), "{not}");
        }
    }
}
