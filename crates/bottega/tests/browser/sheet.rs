//! The contact sheet: every page of the demo company, in both languages, light and dark, at desk and
//! phone width, for the guide and for whoever looks at what they made.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::harness::{Browser, Server};

/// A page of the sheet, its address, and as whom one looks at it.
const PAGES: [(&str, &str, &str); 19] = [
    ("sign-in", "/sign-in", ""),
    ("today", "/today", "keeper"),
    ("conversations", "/conversations?view=waiting", "keeper"),
    ("conversation", "first:/conversations?view=waiting:main .who", "keeper"),
    ("people", "/people", "keeper"),
    ("person", "first:/people?q=riva:main .who", "keeper"),
    ("merges", "/people/merges", "keeper"),
    ("search", "/search?q=guarnizione", "keeper"),
    ("capture", "/capture", "keeper"),
    ("listen", "/listen", "keeper"),
    ("me", "/me", "keeper"),
    ("import", "/listen/import", "conductor"),
    ("quarantine", "/listen/quarantine", "conductor"),
    ("settings", "/settings", "administrator"),
    ("accounts", "/settings/accounts", "administrator"),
    ("health", "/settings/health", "administrator"),
    ("outbox", "/settings/outbox", "administrator"),
    ("doors", "/settings/doors", "administrator"),
    ("audit", "/settings/audit", "administrator"),
];

/// Takes every picture into the folder that `BOTTEGA_SCREENSHOTS` names.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes the guide's pictures: cargo xtask generate runs it"]
async fn the_contact_sheet() {
    let folder =
        PathBuf::from(std::env::var("BOTTEGA_SCREENSHOTS").expect("BOTTEGA_SCREENSHOTS names a folder"));
    let server = Server::demo(false).unwrap();
    for language in ["it", "en"] {
        for (light, dark) in [("light", false), ("dark", true)] {
            for (width, size) in [("desk", (1280, 900)), ("phone", (390, 844))] {
                let browser = Browser::open((1280, 900), language, dark).await.expect("a browser");
                let view = json!({ "width": size.0, "height": size.1, "deviceScaleFactor": 1, "mobile": width == "phone" });
                browser.page.cdp().send_raw("Emulation.setDeviceMetricsOverride", view).await.unwrap();
                let mut signed_in = "";
                for (name, path, who) in PAGES {
                    if who != signed_in {
                        enter(&browser, &server, who, language).await;
                        signed_in = who;
                    }
                    let path = resolve(&browser, &server, path).await;
                    browser.go(&format!("{}{path}", server.url)).await;
                    let file = folder.join(format!("{name}-{language}-{light}-{width}.webp"));
                    std::fs::write(&file, picture(&browser).await).unwrap();
                }
                browser.close().await;
            }
        }
    }
}

/// What the window shows, small enough for a repository.
async fn picture(browser: &Browser) -> Vec<u8> {
    let options = json!({ "format": "webp", "quality": 82 });
    let taken = browser.page.cdp().send_raw("Page.captureScreenshot", options).await.unwrap();
    STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()
}

/// Signs in as the demo's keeper, conductor or administrator, and chooses the language.
async fn enter(browser: &Browser, server: &Server, who: &str, language: &str) {
    browser.page.delete_all_cookies().await.unwrap();
    browser.go(&format!("{}/sign-in", server.url)).await;
    let place = ["keeper", "product", "conductor", "administrator"].iter().position(|role| *role == who);
    browser.click(&format!("form[action='/enter'] button:nth-of-type({})", place.unwrap() + 1)).await;
    browser.gone("form[action='/enter']").await;
    browser.go(&format!("{}/me", server.url)).await;
    browser.choose_language(language).await;
}

/// `first:LIST:SELECTOR` is the address of the first link that the selector finds on the list.
async fn resolve(browser: &Browser, server: &Server, path: &str) -> String {
    let Some(rest) = path.strip_prefix("first:") else { return path.to_owned() };
    let (list, selector) = rest.split_once(':').unwrap();
    browser.go(&format!("{}{list}", server.url)).await;
    let link = browser.page.find(thirtyfour::By::Css(selector)).await.unwrap();
    link.attr("href").await.unwrap().unwrap()
}
