//! Passkeys in a real browser, with the virtual authenticator that it brings along for tests.

use serde_json::json;
use thirtyfour::cdp::Cdp;
use thirtyfour::prelude::*;

use crate::harness::{Browser, Server};

/// Puts a telephone with fingerprint into the browser; gives its id.
async fn authenticator(browser: &Browser) -> (Cdp, String) {
    let tools = browser.page.cdp();
    tools.send_raw("WebAuthn.enable", json!({})).await.unwrap();
    let options = json!({ "options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
        "isUserVerified": true, "automaticPresenceSimulation": true
    }});
    let made = tools.send_raw("WebAuthn.addVirtualAuthenticator", options).await.unwrap();
    (tools, made["authenticatorId"].as_str().unwrap().to_owned())
}

async fn unlock(tools: &Cdp, id: &str, works: bool) {
    let options = json!({ "authenticatorId": id, "isUserVerified": works });
    tools.send_raw("WebAuthn.setUserVerified", options).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_made_opens_without_a_name_and_is_taken_away() {
    let Some(browser) = Browser::open((1280, 900), "it", false).await else { return };
    let server = Server::demo(false).unwrap();
    // Browsers bind passkeys to a name, never to an address.
    let shop = server.url.replace("127.0.0.1", "localhost");
    let (tools, id) = authenticator(&browser).await;
    browser.go(&format!("{shop}/sign-in?then=/me/security")).await;
    browser.click("form[action='/enter'] button").await;
    browser.sees("Come entri").await;
    browser.write("#passkey-name", "telefono di prova").await;
    browser.click("form[data-passkey='create'] button").await;
    browser.sees("Codici di riserva").await;
    assert_eq!(browser.page.find_all(By::Css("#codes li")).await.unwrap().len(), 10);
    browser.click("main a.btn.go").await;
    browser.sees("telefono di prova").await;
    browser.sees("mai usata").await;

    leave(&browser, &shop).await;
    browser.click("details.fold summary").await;
    // A finger that is not recognised opens nothing, and the page says what to do.
    unlock(&tools, &id, false).await;
    browser.click("form[action='/sign-in/passkey'] button").await;
    browser.sees("Non è andata").await;
    unlock(&tools, &id, true).await;
    browser.click("form[action='/sign-in/passkey'] button").await;
    browser.gone("form[action='/sign-in/passkey']").await;
    assert_eq!(browser.path().await, "/today");

    browser.go(&format!("{shop}/me/security")).await;
    browser.sees("usata").await;
    // Whoever sits down at this page could not take it away: it asks for the passkey itself.
    browser.click("form[action$='/remove'] button").await;
    browser.sees("Sei ancora tu?").await;
    browser.click("form[action='/me/security/confirm/passkey'] button").await;
    browser.sees("telefono di prova").await;
    browser.click("form[action$='/remove'] button").await;
    browser.sees("La passkey non vale più").await;
    leave(&browser, &shop).await;
    browser.click("details.fold summary").await;
    browser.click("form[action='/sign-in/passkey'] button").await;
    browser.sees("Questa passkey non apre qui").await;
    browser.close().await;
}

async fn leave(browser: &Browser, shop: &str) {
    browser.go(&format!("{shop}/me")).await;
    browser.click("main form[action='/sign-out'] button").await;
    browser.sees("Sei fuori").await;
}
