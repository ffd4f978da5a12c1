//! Forms from elsewhere: every POST of the house, from another site, with another's mark, in another's clothes.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use kernel::Role;
use testkit::{Answer, Shop, Staffer};
use web::Access;

use crate::routes::declared;
use crate::scene::{FIELDS, fill, house, nothing};

const URLENCODED: &str = "application/x-www-form-urlencoded";

fn form(csrf: &str) -> String {
    let fields = FIELDS.iter().map(|(name, value)| format!("&{name}={}", web::request::encode(value)));
    format!("csrf={csrf}{}", fields.collect::<String>())
}

fn multipart(csrf: &str) -> String {
    format!(
        "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--x\r\nContent-Disposition: form-data; \
         name=\"text\"\r\n\r\nciao\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n\
         testo\r\nciao\r\n--x--\r\n"
    )
}

fn send(shop: &Shop, who: &Staffer, path: &str, extra: &[(&str, &str)], kind: &str, body: String) -> Answer {
    let mut request = who.request(Method::POST, path).header(header::CONTENT_TYPE, kind);
    for (name, value) in extra {
        request = request.header(*name, *value);
    }
    shop.send(request.body(Body::from(body)).unwrap())
}

/// Whether nothing can have been done.
fn refused(answer: &Answer) -> bool {
    answer.status.is_client_error()
        || (answer.status == StatusCode::SEE_OTHER
            && (answer.location().starts_with("/sign-in") || answer.location() == "/"))
}

#[test]
fn no_form_is_taken_from_another_site_or_with_another_mark() {
    let shop = house();
    let everything = [shop.banco, shop.private];
    let victim = shop.staffer("Vittima", Role::Administrator, &everything);
    let attacker = shop.staffer("Chi attacca", Role::Keeper, &[]);
    let mut wrong = Vec::new();
    let mut tried = 0;
    for route in shop.declared.iter().filter(|route| route.method == "POST") {
        let path = fill(route.path, nothing);
        let public = route.access == Access::Public;
        let elsewhere: [&[(&str, &str)]; 6] = [
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "https://evil.example"), ("host", "shop.example")],
            &[("origin", "null"), ("host", "shop.example")],
            &[("origin", "https://shop.example.evil.example"), ("host", "shop.example")],
            &[("origin", "https://shop.example:8443"), ("host", "shop.example")],
        ];
        for (kind, body) in
            [(URLENCODED, form(&victim.csrf)), ("multipart/form-data; boundary=x", multipart(&victim.csrf))]
        {
            for extra in elsewhere {
                let answer = send(&shop, &victim, &path, extra, kind, body.clone());
                tried += 1;
                // A shop that is set up leads away from there, whoever asks.
                let led_away = path.starts_with("/set-up/") && answer.status == StatusCode::SEE_OTHER;
                if !refused(&answer) && !led_away {
                    wrong.push(format!("{path} ({kind}) {extra:?}: {}", answer.status));
                }
            }
        }
        if public {
            continue;
        }
        for mark in ["", "not-it", &attacker.csrf, &victim.csrf[1..], &format!("{}x", victim.csrf)] {
            for (kind, body) in
                [(URLENCODED, form(mark)), ("multipart/form-data; boundary=x", multipart(mark))]
            {
                let answer = send(&shop, &victim, &path, &[], kind, body);
                tried += 1;
                if !refused(&answer) {
                    wrong.push(format!("{path} ({kind}) with the mark {mark:?}: {}", answer.status));
                }
            }
        }
        // A body that a page of another site may send without being asked: text, and JSON dressed as text.
        for kind in ["text/plain", "application/json", "application/x-www-form-urlencoded; charset=utf-16"] {
            let answer = send(&shop, &victim, &path, &[], kind, "{\"csrf\":\"x\",\"text\":\"x\"}".into());
            tried += 1;
            if !refused(&answer) {
                wrong.push(format!("{path} as {kind}: {}", answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 500, "only {tried} forms were tried");
}

#[test]
fn a_cookie_opens_nothing_of_the_api_and_a_token_nothing_of_the_pages() {
    let shop = house();
    let who = shop.staffer("Capo", Role::Administrator, &[shop.banco]);
    for (method, pattern) in declared(&shop) {
        let path = fill(&pattern, nothing);
        if path.starts_with("/api/") {
            let request =
                who.request(method.parse().unwrap(), &path).header(header::CONTENT_TYPE, "application/json");
            let answer = shop.send(request.body(Body::from("{}")).unwrap());
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        } else if shop.declared.iter().any(|route| route.path == pattern && route.access != Access::Public) {
            let request = axum::http::Request::builder()
                .method(method.as_str())
                .uri(&path)
                .header(header::CONTENT_TYPE, URLENCODED)
                .header(header::AUTHORIZATION, format!("Bearer {}", who.token));
            let answer = shop.send(request.body(Body::from(form(&who.csrf))).unwrap());
            assert!(refused(&answer), "{method} {path}: {}", answer.status);
        }
    }
}

#[test]
fn a_method_cannot_be_dressed_as_another() {
    let shop = house();
    let who = shop.keeper("Giulia");
    for name in ["x-http-method-override", "x-method-override", "x-http-method"] {
        let request = who.request(Method::GET, "/sign-out").header(name, "POST");
        assert_eq!(shop.send(request.body(Body::empty()).unwrap()).status, StatusCode::METHOD_NOT_ALLOWED);
    }
    assert_eq!(who.get(&shop, "/sign-out?_method=POST").status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(who.get(&shop, "/today").status, StatusCode::OK, "the session still lives");
}

#[test]
fn nobody_is_led_to_another_site() {
    let shop = house();
    let who = shop.keeper("Giulia");
    let ways = [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        " //evil.example",
        "/.//evil.example",
        "///evil.example",
        "https:evil.example",
        "/\r\nLocation: //e",
    ];
    let mut wrong = Vec::new();
    for way in ways {
        let given = web::request::encode(way).replace('/', "%2F");
        for route in shop.declared.iter().filter(|route| route.method == "GET" && !route.path.contains('{')) {
            for name in ["then", "next", "back", "return", "return_to", "url", "redirect", "done", "from"] {
                for answer in [
                    who.get(&shop, &format!("{}?{name}={given}", route.path)),
                    shop.get(&format!("{}?{name}={given}", route.path)),
                ] {
                    if answer.status.is_redirection() && leaves(answer.location()) {
                        wrong.push(format!("{}?{name}={way:?} leads to {}", route.path, answer.location()));
                    }
                }
            }
        }
        for path in ["/language", "/sign-in", "/enter", "/me/theme"] {
            let answer =
                who.post(&shop, path, &[("then", way), ("back", way), ("language", "it"), ("theme", "dark")]);
            if answer.status.is_redirection() && leaves(answer.location()) {
                wrong.push(format!("{path} leads to {}", answer.location()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a browser that is led there leaves the shop.
fn leaves(location: &str) -> bool {
    let read: String = location.chars().filter(|c| !matches!(c, '\t' | '\r' | '\n')).collect();
    let read = read.trim_start().replace('\\', "/");
    !read.starts_with('/') || read.starts_with("//")
}
