//! A browser without a script: it keeps cookies and sends forms.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, header};
use testkit::{Answer, Shop};
use web::request::SESSION_COOKIE;

/// A browser at an address.
pub struct Browser<'s> {
    shop: &'s Shop,
    address: SocketAddr,
    host: &'static str,
    cookies: BTreeMap<String, String>,
}

impl<'s> Browser<'s> {
    /// On another machine of the network.
    pub fn at(shop: &'s Shop, address: &str) -> Browser<'s> {
        let address = SocketAddr::new(address.parse().unwrap(), 40_000);
        Browser { shop, address, host: "bottega.example", cookies: BTreeMap::new() }
    }

    /// On the machine itself.
    pub fn here(shop: &'s Shop) -> Browser<'s> {
        Browser { host: "localhost:8080", ..Browser::at(shop, "127.0.0.1") }
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path), String::new())
    }

    /// Sends a form. Browsers say that it comes from the page's own site.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(Request::post(path).header("sec-fetch-site", "same-origin"), encoded(fields))
    }

    /// Sends a form that another site's page holds.
    pub fn post_from_elsewhere(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(Request::post(path).header("sec-fetch-site", "cross-site"), encoded(fields))
    }

    /// The session's secret, when there is one.
    pub fn secret(&self) -> Option<&str> {
        self.cookies.get(SESSION_COOKIE).map(String::as_str)
    }

    /// A cookie that the browser holds.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Puts a cookie into the browser.
    pub fn keep(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    fn send(&mut self, request: axum::http::request::Builder, body: String) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request
            .header(header::HOST, self.host)
            .header(header::COOKIE, cookies.join("; "))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .extension(ConnectInfo(self.address))
            .body(Body::from(body));
        let answer = self.shop.send(request.unwrap());
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let (pair, rest) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.keep(name, value);
            }
        }
        answer
    }
}

/// Fields as a form is encoded.
pub fn encoded(fields: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| {
        format!("{}={}", web::request::encode(name), web::request::encode(value))
    };
    fields.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// The mark that the forms of a page carry.
pub fn mark(page: &str) -> String {
    between(page, "name=\"csrf\" value=\"", "\"").to_owned()
}

/// The text between two others.
pub fn between<'p>(page: &'p str, before: &str, after: &str) -> &'p str {
    let start = page.find(before).unwrap_or_else(|| panic!("{before:?} is not in {page}")) + before.len();
    &page[start..start + page[start..].find(after).unwrap()]
}

/// A shop with this room, on each engine.
pub fn shops(test: impl Fn(&Shop)) {
    Shop::on_both_engines(|| vec![admin::module()], test);
}

/// A POST of somebody signed in, without the mark of their session.
pub fn post_unmarked(shop: &Shop, who: &testkit::Staffer, path: &str) -> Answer {
    let request = who
        .request(Method::POST, path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("name=x"));
    shop.send(request.unwrap())
}
