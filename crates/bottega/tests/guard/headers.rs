//! What every answer carries, whoever gave it: a page, an error, a library.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use testkit::Answer;
use tower::ServiceExt;

use crate::routes::declared;
use crate::scene::{ask, fill, house, nothing, one_of_everything};

/// What is wrong with the headers of an answer.
fn lacking(path: &str, answer: &Answer) -> Vec<String> {
    let header =
        |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut lacking = Vec::new();
    for (name, wanted) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        if header(name) != wanted {
            lacking.push(format!("{path}: {name} is {:?}", header(name)));
        }
    }
    let policy = header("content-security-policy");
    if !policy.contains("default-src 'none'") || policy.contains("unsafe") || policy.contains('*') {
        lacking.push(format!("{path}: the policy is {policy:?}"));
    }
    if !path.starts_with("/assets/") && !header("cache-control").contains("no-store") {
        lacking.push(format!("{path}: may be kept: {:?}", header("cache-control")));
    }
    for revealing in
        ["server", "x-powered-by", "access-control-allow-origin", "access-control-allow-credentials"]
    {
        if answer.headers.contains_key(revealing) {
            lacking.push(format!("{path}: {revealing} is told"));
        }
    }
    lacking
}

#[test]
fn every_answer_is_private_unframed_and_unsniffed() {
    let shop = house();
    let made = one_of_everything(&shop, shop.banco);
    let who = shop.staffer("Capo", kernel::Role::Administrator, &[shop.banco]);
    let mut wrong = Vec::new();
    let mut probes = 0;
    for (method, pattern) in declared(&shop) {
        let path = fill(&pattern, |segment| made.get(segment).cloned().unwrap_or_else(|| nothing(segment)));
        probes += 1;
        let probe = shop.staffer(&format!("Prova {probes}"), kernel::Role::Keeper, &[shop.banco]);
        for answer in [
            ask(&shop, &method, &path, Some(&probe)),
            ask(&shop, "GET", &path, Some(&who)),
            ask(&shop, "PUT", &path, None),
        ] {
            wrong.extend(lacking(&path, &answer));
        }
    }
    let odd = [
        Request::get("/no-such-page").body(Body::empty()),
        Request::get(format!("/search?q={}", "a".repeat(20_000))).body(Body::empty()),
        Request::post("/sign-in").header(header::CONTENT_LENGTH, "99999999999").body(Body::from("x")),
        Request::post("/sign-in").body(Body::from(vec![b'x'; 100_000])),
        Request::post("/sign-in").header(header::CONTENT_TYPE, "image/png").body(Body::from("x")),
        Request::get("/people/%ff%fe").body(Body::empty()),
        Request::get("/healthz").body(Body::empty()),
    ];
    for request in odd {
        let request = request.unwrap();
        let path = request.uri().path().to_owned();
        wrong.extend(lacking(&path, &shop.send(request)));
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_refusal_is_a_page_or_a_problem_of_ours() {
    let shop = house();
    let who = shop.keeper("Giulia");
    let large = "x".repeat(3 * 1024 * 1024);
    let page = |method: Method, path: &str, kind: &str, body: String| {
        let request = who.request(method, path).header(header::CONTENT_TYPE, kind);
        shop.send(request.body(Body::from(body)).unwrap())
    };
    let form = "application/x-www-form-urlencoded";
    for (answer, status) in [
        (page(Method::DELETE, "/people", form, String::new()), 405),
        (page(Method::POST, "/me", form, large.clone()), 413),
        (page(Method::POST, "/me", form, "a=%ff&%".into()), 403),
        (page(Method::POST, "/listen/import", form, "a=b".into()), 400),
        (page(Method::GET, &format!("/search?q={}", "a".repeat(9_000)), form, String::new()), 414),
        (page(Method::GET, "/conversations?limit=x&limit=y&view=%ff", form, String::new()), 0),
    ] {
        if status != 0 {
            assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
        }
        assert!(
            answer.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"),
            "{status}: {}",
            answer.body
        );
        assert!(answer.body.contains("<h1>"), "{status}: {}", answer.body);
    }
    let api = |method: &str, path: &str, body: String| {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", who.token))
            .header(header::CONTENT_TYPE, "application/json");
        shop.send(request.body(Body::from(body)).unwrap())
    };
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (answer, status) in [
        (api("PATCH", "/api/v1/voices", String::new()), 405),
        (api("POST", "/api/v1/voices", large), 413),
        (api("POST", "/api/v1/voices", deep), 422),
        (api("POST", "/api/v1/voices", "\u{0}".into()), 422),
        (api("GET", "/api/v1/people?limit=x", String::new()), 400),
        (api("GET", "/api/v1/people?cursor=x", String::new()), 422),
        (api("GET", "/api/v1/nothing", String::new()), 404),
        (api("GET", "/api/v1/people/%ff", String::new()), 0),
    ] {
        if status != 0 {
            assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
        }
        assert!(answer.status.is_client_error());
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json", "{status}");
        assert_eq!(answer.json()["status"], answer.status.as_u16(), "{}", answer.body);
    }
}

#[test]
fn large_bodies_of_strangers_are_refused_before_they_are_read() {
    let shop = house();
    for path in ["/sign-in", "/listen/import", "/api/v1/voices", "/conversations/cnv_0000000000001/reply"] {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = shop.send(request.body(Body::from(vec![b'x'; 65 * 1024])).unwrap());
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
    // A made-up session is a stranger too where files are taken.
    let request = Request::post("/listen/import")
        .header(header::COOKIE, format!("{}=made-up", web::request::SESSION_COOKIE))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
    let endless = endless_body();
    let answer = shop.send(request.body(endless).unwrap());
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(answer.location().starts_with("/sign-in"));
}

#[test]
fn who_only_says_that_they_are_signed_in_sends_no_more_than_a_stranger() {
    let shop = house();
    let send = |path: &str, name: &str, value: String| {
        let request = Request::post(path).header(name, value);
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        shop.send(request.body(Body::from(vec![b'x'; 65 * 1024])).unwrap())
    };
    let cookie = |secret: &str| format!("{}={secret}", web::request::SESSION_COOKIE);
    let page = send("/me", "cookie", cookie("made-up"));
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/sign-in?then=/"));
    let api = send("/api/v1/voices", "authorization", "Bearer made-up".into());
    assert_eq!(api.status, StatusCode::UNAUTHORIZED);
    assert_eq!(api.headers[header::CONTENT_TYPE], "application/problem+json");
    // The forms of the door are small for everybody.
    let who = shop.keeper("Giulia");
    assert_eq!(send("/sign-in", "cookie", cookie(&who.secret)).status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(send("/me", "cookie", cookie(&who.secret)).status, StatusCode::FORBIDDEN, "read, and no form");
}

/// A body that would never end: who reads it, never answers.
fn endless_body() -> Body {
    struct Endless;
    impl http_body::Body for Endless {
        type Data = axum::body::Bytes;
        type Error = std::convert::Infallible;
        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
            std::task::Poll::Pending
        }
    }
    Body::new(Endless)
}

#[test]
fn made_up_sessions_are_no_way_round_the_brake() {
    let store = testkit::Store::sqlite();
    let clock: std::sync::Arc<dyn kernel::Clock> = store.clock.clone();
    let limits = web::Limits { per_second: 1, burst: 3, ..web::Limits::default() };
    let house = bottega::server::compose(store.engine().clone(), clock, None, limits).router;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ask = |place: u32| {
        let request = Request::get("/today")
            .header(header::COOKIE, format!("{}=made-up-{place}", web::request::SESSION_COOKIE))
            .body(Body::empty())
            .unwrap();
        runtime.block_on(async { house.clone().oneshot(request).await.unwrap().status() })
    };
    let braked = (0..200).filter(|place| ask(*place) == StatusCode::TOO_MANY_REQUESTS).count();
    assert!(braked > 100, "only {braked} of 200 were braked");
}
