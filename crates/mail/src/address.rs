//! Addresses out of From, To and their like.

use mail_parser::{Addr, Address as Parsed, HeaderValue, parsers::MessageStream};
use serde::{Deserialize, Serialize};

use crate::{headers::Headers, words};

/// Somebody's name and address as a header gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The display name, where there is one.
    pub name: Option<String>,
    /// The address as written; empty where the header holds none that one could write to.
    pub address: String,
}

const MOST: usize = 2_000;

/// All addresses of every field of that name; groups are flattened.
pub(crate) fn list(headers: &Headers, name: &str) -> Vec<Address> {
    let mut found = Vec::new();
    for value in headers.all(name) {
        found.extend(read(value));
        if found.len() >= MOST {
            found.truncate(MOST);
            break;
        }
    }
    found
}

/// The addresses of one field value. A value that names somebody without a usable address gives the name alone.
pub(crate) fn read(value: &str) -> Vec<Address> {
    let line = format!("{}\n", words::tidy(value));
    let parsed = match MessageStream::new(line.as_bytes()).parse_address() {
        HeaderValue::Address(Parsed::List(list)) => list,
        HeaderValue::Address(Parsed::Group(groups)) => groups.into_iter().flat_map(|g| g.addresses).collect(),
        _ => Vec::new(),
    };
    let list: Vec<Address> =
        parsed.into_iter().map(mend).filter(|a| a.name.is_some() || !a.address.is_empty()).collect();
    if list.iter().any(|a| !a.address.is_empty()) {
        return list.into_iter().filter(|a| !a.address.is_empty() || a.name.is_some()).collect();
    }
    match search(&words::decode(value)) {
        Some(found) => vec![found],
        None => list,
    }
}

fn mend(parsed: Addr<'_>) -> Address {
    let clean = |text: &str| {
        let text = words::decode(text);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        text.trim_matches(['"', '\'']).trim().to_owned()
    };
    let name = parsed.name.as_deref().map(clean).filter(|n| !n.is_empty());
    let address = parsed.address.as_deref().map(clean).unwrap_or_default();
    // Words before an address without brackets are its name; spaces inside one are slips.
    if address.split(' ').filter(|word| is_usable(word)).count() == 1
        && address.contains(' ')
        && let Some(found) = search(&address)
    {
        return found;
    }
    let written = address;
    let address: String =
        written.trim_start_matches("mailto:").chars().filter(|c| !c.is_whitespace()).collect();
    if is_usable(&address) {
        let name = name.filter(|n| *n != address);
        return Address { name, address };
    }
    // Several addresses without a comma between them: the first.
    if let Some(found) = search(&written) {
        return Address { name: name.or(found.name), ..found };
    }
    // `"mario@example.org" <>` and `Mario Rossi mario@example.org` hide the address in the name.
    if let Some(found) = name.as_deref().and_then(search) {
        return found;
    }
    let name = name.or_else(|| parsed.address.as_deref().map(clean).filter(|a| !a.is_empty()));
    Address { name, address: String::new() }
}

/// Whether mail could be addressed to it: one part before the last `@`, one after, nothing odd inside.
fn is_usable(address: &str) -> bool {
    address.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && address.len() <= 320
            && !domain.contains(['@', '<', '>', ',', '(', ')', '"'])
            && (!local.contains(['<', '>', '@']) || local.starts_with('"'))
            && !address.chars().any(char::is_control)
    })
}

/// The first thing in a free text that reads like an address; what stands before it is the name.
fn search(text: &str) -> Option<Address> {
    let apart = |c: char| c.is_whitespace() || "<>()[]\",;:".contains(c);
    let at = text.match_indices('@').map(|(i, _)| i).take(20).find(|i| {
        text[..*i].chars().next_back().is_some_and(|c| !apart(c))
            && text[i + 1..].starts_with(|c: char| c.is_alphanumeric())
    })?;
    let start = text[..at].rfind(apart).map_or(0, |i| i + text[i..].chars().next().map_or(1, char::len_utf8));
    let end = text[at..].find(apart).map_or(text.len(), |i| at + i);
    let address = text[start..end].trim_matches(['\'', '.']).to_owned();
    let name = text[..start].trim_matches(|c: char| apart(c) || c == '\'').to_owned();
    is_usable(&address).then(|| Address { name: (!name.is_empty()).then_some(name), address })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(value: &str) -> (Option<String>, String) {
        let mut list = read(value);
        assert_eq!(list.len(), 1, "{value}: {list:?}");
        let a = list.remove(0);
        (a.name, a.address)
    }

    fn pair(name: &str, address: &str) -> (Option<String>, String) {
        ((!name.is_empty()).then(|| name.to_owned()), address.to_owned())
    }

    #[test]
    fn ordinary_spellings_are_read() {
        assert_eq!(one("Mario Rossi <mario@example.it>"), pair("Mario Rossi", "mario@example.it"));
        assert_eq!(one("\"Rossi, Mario\" <mario@example.it>"), pair("Rossi, Mario", "mario@example.it"));
        assert_eq!(one("mario@example.it (Mario)"), pair("Mario", "mario@example.it"));
        assert_eq!(one("=?utf-8?Q?Nicol=C3=B2?= <n@example.it>"), pair("Nicolò", "n@example.it"));
        assert_eq!(one("<n@example.it>"), pair("", "n@example.it"));
    }

    #[test]
    fn malformed_spellings_still_give_the_address() {
        assert_eq!(one("Mario Rossi mario@example.it"), pair("Mario Rossi", "mario@example.it"));
        assert_eq!(one("=?utf-8?Q?Mario_=3Cmario=40example.it=3E?="), pair("Mario", "mario@example.it"));
        assert_eq!(one("Mario Rossi <mario@example.it"), pair("Mario Rossi", "mario@example.it"));
        assert_eq!(one("'mario@example.it' <mario@example.it>").1, "mario@example.it");
        assert_eq!(one("a@example.it\r\n b@example.it").1, "a@example.it");
        assert_eq!(one("Mario Rossi"), pair("Mario Rossi", ""));
    }

    #[test]
    fn groups_and_lists_are_flat() {
        let list = read("Amici: a@example.it, Bi <b@example.it>; , c@example.it");
        let addresses: Vec<&str> = list.iter().map(|a| a.address.as_str()).collect();
        assert_eq!(addresses, ["a@example.it", "b@example.it", "c@example.it"]);
        assert!(read("undisclosed-recipients:;").is_empty());
        assert!(read("").is_empty());
    }
}
