//! Every text of ill will through every way in, then every page, every form and every file, read as a browser reads
//! them: no element, attribute, handler, scheme or header may have come from data.

use std::collections::{BTreeMap, HashSet, VecDeque};

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use kernel::Role;
use testkit::markup::{self, Element};
use testkit::{Answer, Shop, Staffer};

use crate::payloads::{FILES, MARK, PAGES, TEXTS};
use crate::scene::{fill, house};

/// Pages of one pattern that are read.
const MOST_OF_A_KIND: usize = 40;

/// Elements that our templates are made of.
const ELEMENTS: &str = " html head meta title link script body a header nav main footer section article aside div span p \
    h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table thead tbody tfoot tr th td caption form input textarea select option optgroup \
    button label fieldset legend details summary dialog time mark kbd b i em strong small code pre blockquote hr br img \
    svg path circle rect line g polyline polygon text use defs symbol template output noscript progress meter datalist \
    abbr cite q s sub sup del ins figure figcaption menu search address colgroup col bdi ";

/// What of a page came from data and is more than text.
fn foreign(path: &str, answer: &Answer) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in &answer.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let told = [header::LOCATION, header::CONTENT_DISPOSITION].contains(name);
        if name.as_str().contains(MARK) || (value.contains(MARK) && !told) || value.contains(['\r', '\n']) {
            found.push(format!("{path}: the header {name}: {value}"));
        }
    }
    let kind = answer
        .headers
        .get(header::CONTENT_TYPE)
        .map(|kind| String::from_utf8_lossy(kind.as_bytes()).into_owned());
    if kind.is_some_and(|kind| kind.starts_with("text/html")) {
        for element in markup::elements(&answer.body) {
            found.extend(foreign_in(&element).map(|what| format!("{path}: {what}")));
        }
    }
    found
}

fn foreign_in(element: &Element) -> Option<String> {
    let name = element.name.as_str();
    if !ELEMENTS.contains(&format!(" {name} ")) {
        return Some(format!("the element {name}"));
    }
    if name == "script" {
        let ours = element.attribute("src").is_some_and(|src| src.starts_with("/assets/"));
        if !ours || !element.text.trim().is_empty() {
            return Some(format!("a script: {element:?}"));
        }
    }
    for (attribute, value) in &element.attributes {
        let url = ["href", "src", "action", "data-live-url", "cite"].contains(&attribute.as_str())
            || (attribute.starts_with("hx-") && ["get", "post"].iter().any(|verb| attribute.ends_with(verb)));
        let fits = match attribute.as_str() {
            _ if attribute.contains(MARK) || attribute.starts_with("on") => false,
            "style" | "srcdoc" | "formaction" | "ping" | "background" | "poster" | "srcset"
            | "http-equiv" => false,
            "class" | "id" | "name" | "for" | "type" | "method" | "target" => !value.contains(MARK),
            _ if url => is_own(name, value),
            other => !other.starts_with("hx-") || !value.contains(MARK),
        };
        if !fits {
            return Some(format!("{name} {attribute}={value:?}"));
        }
    }
    None
}

/// Whether an address stays in the shop, or is one that our templates write themselves.
fn is_own(element: &str, address: &str) -> bool {
    match markup::scheme(address).as_deref() {
        None => {
            let read = address.replace('\\', "/");
            !read.starts_with("//") && (read.is_empty() || read.starts_with(['/', '?', '#']))
        }
        Some("mailto" | "tel") => element == "a",
        Some("data") => ["link", "img"].contains(&element) && address.starts_with("data:image/svg+xml"),
        Some(_) => false,
    }
}

fn text(place: usize) -> &'static str {
    TEXTS[place % TEXTS.len()]
}

/// Mails whose every part is of ill will, as one mailbox file.
fn mailbox() -> String {
    let mut all = String::new();
    for place in 0..TEXTS.len().max(PAGES.len()) {
        let (said, page) = (text(place), PAGES[place % PAGES.len()]);
        let (file, kind) = FILES[place % FILES.len()];
        // Encoded words and parameters carry any character into a header.
        let word = |text: &str| {
            let escaped: String = text.bytes().map(|byte| format!("={byte:02X}")).collect();
            format!("=?utf-8?Q?{escaped}?=")
        };
        let percent: String = file.bytes().map(|byte| format!("%{byte:02X}")).collect();
        all.push_str(&format!(
            "From x@y.example Fri Nov 20 09:00:00 2026\nFrom: {name} <a{place}@{MARK}.example>\nTo: banco@officina.example\n\
             Subject: {subject}\nMessage-ID: <{place}@{MARK}.example>\nDate: Fri, 20 Nov 2026 09:00:00 +0100\n\
             X-{MARK}: {plain}\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\
             Content-Type: multipart/alternative; boundary=c\n\n--c\nContent-Type: text/plain; charset=utf-8\n\n{said}\n\
             \n--c\nContent-Type: text/html; charset=utf-8\n\n{page}\n\n--c--\n\n--b\nContent-Type: {kind}\n\
             Content-Disposition: attachment; filename*=utf-8''{percent}\n\n<script>{MARK}()</script>\n\n--b--\n\n",
            name = word(said),
            subject = word(said),
            plain = said.replace(['\r', '\n'], " "),
        ));
    }
    all
}

fn table() -> String {
    let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut all = format!("id,testo,titolo,autore,email,prodotto,versione,{}\n", cell("<zq7>"));
    for (place, said) in TEXTS.iter().enumerate() {
        let (id, address) = (format!("{MARK}{place}"), format!("c{place}@{MARK}.example"));
        let row = [id.as_str(), said, said, said, &address, said, said, said];
        all.push_str(&(row.iter().map(|text| cell(text)).collect::<Vec<_>>().join(",") + "\n"));
    }
    all
}

fn lines() -> String {
    let line = |(place, said): (usize, &&str)| {
        serde_json::json!({
            "external_id": format!("{said}{place}"), "channel": "form", "text": said, "subject": said, "language": said,
            "author": { "name": said, "email": format!("j{place}@{MARK}.example"), "phone": said, "external_id": said },
            "product": { "name": said, "version": said }, "wants_answer": true,
        })
        .to_string()
    };
    TEXTS.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

fn upload(shop: &Shop, who: &Staffer, file: &str, source: &str, content: &str) {
    let mut body = String::new();
    for (name, value) in [("csrf", who.csrf.as_str()), ("source", source)] {
        body.push_str(&format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    body.push_str(&format!(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file}\"\r\n\r\n{content}\r\n--x--\r\n"
    ));
    let request = who
        .request(Method::POST, "/listen/import")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
    let answer = shop.send(request.body(Body::from(body)).unwrap());
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{file}: {}", answer.body);
    let run = answer.location().to_owned();
    shop.run_jobs();
    assert!(foreign(&run, &who.get(shop, &run)).is_empty(), "the preview of {file}");
    assert_eq!(who.post(shop, &format!("{run}/run"), &[]).status, StatusCode::SEE_OTHER);
    shop.run_jobs();
}

fn by_program(shop: &Shop, who: &Staffer) {
    for (place, said) in TEXTS.iter().enumerate() {
        let voice = serde_json::json!({
            "channel": "chat", "text": said, "subject": said, "external_id": format!("p{place}{said}"), "wants_answer": true,
            "author": { "name": said, "email": format!("p{place}@{MARK}.example") }, "product": said,
        });
        let stored = who.api(shop, Method::POST, "/voices", Some(voice));
        assert!(stored.status.is_success(), "{}", stored.body);
        let person = serde_json::json!({ "name": said, "organisation": said, "external_id": said });
        let made = who.api(shop, Method::POST, "/people", Some(person));
        if made.status.is_success() {
            let id = made.json()["id"].as_str().unwrap().to_owned();
            who.api(
                shop,
                Method::POST,
                &format!("/people/{id}/facts"),
                Some(serde_json::json!({ "body": said })),
            );
        }
    }
}

/// The pattern of an address: ids and query values left out.
fn pattern(address: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let is_id = |part: &&str| part.len() == 17 && part.as_bytes().get(3) == Some(&b'_');
    let path: Vec<&str> = path.split('/').map(|part| if is_id(&part) { "{id}" } else { part }).collect();
    let keys: Vec<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    format!("{}?{}", path.join("/"), keys.join("&"))
}

/// Reads every page that links lead to; what is foreign in them, and the forms that they hold.
fn walk(shop: &Shop, who: &Staffer) -> (Vec<String>, usize, BTreeMap<String, Form>) {
    let mut waiting: VecDeque<String> = shop
        .declared
        .iter()
        .filter(|route| route.method == "GET" && !route.path.contains('{'))
        .map(|route| route.path.to_owned())
        .collect();
    let (mut seen, mut kinds) = (HashSet::new(), BTreeMap::<String, usize>::new());
    let (mut found, mut read, mut forms) = (Vec::new(), 0, BTreeMap::new());
    while let Some(address) = waiting.pop_front() {
        let kind = kinds.entry(pattern(&address)).or_default();
        if *kind >= MOST_OF_A_KIND || !seen.insert(address.clone()) {
            continue;
        }
        *kind += 1;
        let answer = who.get(shop, &address);
        read += 1;
        if answer.status.is_server_error() {
            found.push(format!("{address}: {}", answer.status));
        }
        found.extend(foreign(&address, &answer));
        found.extend(file_trouble(&address, &answer));
        let html = answer
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        if !html {
            continue;
        }
        let elements = markup::elements(&answer.body);
        for href in elements
            .iter()
            .filter(|element| element.name == "a")
            .filter_map(|element| element.attribute("href"))
        {
            let href = if href.starts_with('?') {
                format!("{}{href}", address.split('?').next().unwrap())
            } else {
                href.to_owned()
            };
            if href.starts_with('/') {
                waiting.push_back(href.split('#').next().unwrap().to_owned());
            }
        }
        for form in Form::of(&elements) {
            forms.entry(pattern(&form.action)).or_insert(form);
        }
    }
    (found, read, forms)
}

/// What is wrong with a file that is given out.
fn file_trouble(address: &str, answer: &Answer) -> Option<String> {
    let disposition = answer.headers.get(header::CONTENT_DISPOSITION)?;
    let header =
        |name| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let kind = header(header::CONTENT_TYPE);
    let shown = ["image/png", "image/jpeg", "image/gif", "image/webp"].contains(&kind.as_str());
    let (policy, disposition) =
        (header(header::CONTENT_SECURITY_POLICY), String::from_utf8_lossy(disposition.as_bytes()));
    let fits = (kind == "application/octet-stream" && disposition.starts_with("attachment;") || shown)
        && policy.contains("sandbox")
        && header(header::X_CONTENT_TYPE_OPTIONS) == "nosniff"
        && disposition.matches('"').count() == 2
        && !["%2F", "%5C", "%0D", "%0A", "%00", "%E2%80%AE"].iter().any(|odd| disposition.contains(odd));
    (!fits).then(|| format!("{address}: {kind}, {disposition}, {policy}"))
}

/// A form of a page.
struct Form {
    action: String,
    fields: Vec<(String, Option<String>)>,
}

impl Form {
    /// The forms of a page that are sent by POST. Fields follow their form in the order of the document.
    fn of(elements: &[Element]) -> Vec<Form> {
        let mut forms: Vec<Form> = Vec::new();
        for element in elements {
            let (name, attribute) = (element.name.as_str(), |name: &str| element.attribute(name));
            if name == "form" {
                let post = attribute("method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
                let action = if post { attribute("action").unwrap_or_default() } else { "" };
                forms.push(Form { action: action.to_owned(), fields: Vec::new() });
            } else if let (Some(form), Some(field)) = (forms.last_mut(), attribute("name")) {
                let kind = attribute("type").unwrap_or("text");
                let given = match name {
                    "textarea" => None,
                    "input" if ["text", "search", "email", "tel", "url"].contains(&kind) => None,
                    "input" if ["submit", "file", "password"].contains(&kind) => continue,
                    "select" => Some(String::new()),
                    _ => attribute("value").map(str::to_owned).or(Some(String::new())),
                };
                form.fields.push((field.to_owned(), given));
            }
        }
        forms.retain(|form| form.action.starts_with('/'));
        forms
    }

    /// Whether sending it would put an end to who tries, or to what is tried on.
    fn is_an_end(&self) -> bool {
        ["/sign-out", "/end", "/password", "/revoke", "/enter", "/sign-in", "/set-up"]
            .iter()
            .any(|part| self.action.contains(part))
    }
}

#[test]
fn no_text_becomes_anything_but_text() {
    let shop = house();
    let who = shop.staffer("Capo", Role::Administrator, &[shop.banco, shop.private]);
    upload(&shop, &who, "<zq7>.mbox", "posta <zq7 onclick=zq7()>", &mailbox());
    upload(&shop, &who, "zq7.csv", "\"><zq7>", &table());
    upload(&shop, &who, "' onload='zq7().jsonl", "{ $zq7 }", &lines());
    by_program(&shop, &who);
    let (mut found, read, forms) = walk(&shop, &who);
    assert!(read > 300, "only {read} pages were read");
    assert!(forms.len() > 20, "only {} forms were found", forms.len());
    // Every form, filled by somebody of ill will; pages that refuse it show it again.
    let mut refused = 0;
    for form in forms.values().filter(|form| !form.is_an_end()) {
        for said in TEXTS {
            let fields: Vec<(&str, &str)> = form
                .fields
                .iter()
                .filter(|(name, _)| name != "csrf")
                .map(|(name, given)| (name.as_str(), given.as_deref().unwrap_or(said)))
                .collect();
            let answer = who.post(&shop, &form.action, &fields);
            refused += usize::from(answer.status == StatusCode::UNPROCESSABLE_ENTITY);
            found.extend(foreign(&form.action, &answer));
            if answer.status.is_server_error() {
                found.push(format!("POST {} with {said:?}: {}", form.action, answer.status));
            }
        }
    }
    assert!(refused > 20, "only {refused} forms were shown again");
    shop.run_jobs();
    found.extend(walk(&shop, &who).0);
    found.extend(letters(&shop));
    found.sort();
    found.dedup();
    assert!(found.is_empty(), "{} finds:\n{}", found.len(), found.join("\n"));
}

/// What is wrong with the answers that left.
fn letters(shop: &Shop) -> Vec<String> {
    let folder = shop.store.dir.path().join("data/outbox");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        // What begins with a dot is the shop's own note beside the letters, under an id of ours or none.
        if !(name.starts_with("out_") || name.starts_with('.')) || name.contains(MARK) {
            found.push(format!("the outbox holds {name}"));
        }
        let raw = std::fs::read(entry.path()).unwrap();
        let head: String = String::from_utf8_lossy(&raw).split("\r\n\r\n").next().unwrap().to_lowercase();
        if head.lines().any(|line| line.starts_with("x-zq7") || line.starts_with("bcc:")) {
            found.push(format!("{name} carries a header of theirs: {head}"));
        }
    }
    found
}

#[test]
fn nothing_of_an_address_becomes_part_of_a_page() {
    const NAMES: [&str; 24] = [
        "q", "view", "mailbox", "channel", "done", "then", "cursor", "before", "after", "limit", "kind",
        "state", "person", "source", "older", "newer", "tab", "page", "from", "to", "name", "nonce", "owner",
        "language",
    ];
    let shop = house();
    let who = shop.staffer("Capo", Role::Administrator, &[shop.banco]);
    let mut found = Vec::new();
    for route in shop.declared.iter().filter(|route| route.method == "GET") {
        for (place, said) in TEXTS.iter().enumerate() {
            let encoded = web::request::encode(said);
            // One wrong field may hide the others behind a refusal: together, and some alone.
            let all: Vec<String> = NAMES.iter().map(|name| format!("{name}={encoded}")).collect();
            let alone = all[(place + route.path.len()) % all.len()].clone();
            let address = fill(route.path, |_| encoded.replace('/', "%2F"));
            for query in [all.join("&"), alone, all[0].clone()] {
                let address = format!("{address}?{query}");
                let answer = who.get(&shop, &address);
                found.extend(foreign(route.path, &answer));
                if answer.status.is_server_error() {
                    found.push(format!("{address}: {}", answer.status));
                }
            }
        }
    }
    found.sort();
    found.dedup();
    assert!(found.is_empty(), "{} finds:\n{}", found.len(), found.join("\n"));
}

#[test]
fn pages_that_are_mailed_are_harmless_once_cleaned() {
    for page in PAGES {
        let clean = mail::sanitise_html(page);
        assert_eq!(markup::harm_in_mail(&clean), None, "{page}\n{clean}");
        let again = mail::sanitise_html(&clean);
        assert_eq!(markup::harm_in_mail(&again), None, "{page}\n{again}");
        let mut twice = mail::sanitise_html(&format!("<table><td>{page}<select><option>{page}"));
        assert_eq!(markup::harm_in_mail(&twice), None, "{twice}");
        twice.make_ascii_lowercase();
        for calls in ["zq7.example/pixel", "zq7.example/x", "@import", "srcset", "http-equiv"] {
            assert!(!twice.contains(calls), "{calls} in {twice}");
        }
    }
}
