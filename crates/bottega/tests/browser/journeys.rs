//! The keeper's first day, on both engines: write down what was said on the phone, find it, answer it,
//! merge two people and take it back; and a colleague who finds nothing of it.

use std::time::Duration;

use thirtyfour::prelude::*;

use crate::harness::{Browser, Server};

const WORDS: &str = "La spia della caldaia lampeggia verdemela quando fa freddo";

#[tokio::test(flavor = "multi_thread")]
async fn a_keeper_hears_finds_answers_merges_and_separates_on_sqlite() {
    day(Server::demo(false).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keeper_hears_finds_answers_merges_and_separates_on_postgresql() {
    let Some(server) = Server::demo(true) else { return };
    day(server).await;
}

async fn day(server: Server) {
    let Some(browser) = Browser::open((1280, 1000), "it", false).await else { return };
    browser.go(&server.url).await;
    browser.click_text("Giulia Moretti").await;
    browser.sees("aspettano te").await;

    // Somebody telephones.
    browser.go(&format!("{}/capture", server.url)).await;
    browser.check("input[name='channel'][value='phone']").await;
    browser.write("#text", WORDS).await;
    browser.write("#name", "Ersilia Provvedi").await;
    browser.write("#contact", "ersilia@provvedi.example").await;
    browser.click("main form button.go").await;
    browser.sees("verdemela").await;
    let voice = browser.path().await;
    assert!(voice.starts_with("/voices/voi_"), "{voice}");

    // It is found by search, and stands on the person's timeline.
    browser.write("header input[name='q']", "verdemela").await;
    browser
        .page
        .find(By::Css("header input[name='q']"))
        .await
        .unwrap()
        .send_keys(Key::Enter + "")
        .await
        .unwrap();
    browser.sees("Ersilia Provvedi").await;
    browser.click("main .hits a.who, main .list a.who").await;
    browser.sees("lampeggia").await;
    assert_eq!(browser.path().await, voice);
    browser.click("aside a[href^='/people/per_']").await;
    browser.sees("lampeggia").await;
    let person = browser.path().await;

    // The answer leaves as a file in the outbox.
    browser.go(&format!("{}{voice}", server.url)).await;
    browser.write("#pen-text", "Buongiorno Ersilia, la spia avvisa del freddo: passa da sola.").await;
    browser.click(".pen button.go").await;
    browser.gone("form[action$='/answer']").await;
    browser.sees("passa da sola").await;
    assert!(browser.path().await.starts_with("/conversations/cnv_"));
    let mut sent = Vec::new();
    for _ in 0..100 {
        sent = server.outbox();
        if !sent.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(sent.len(), 1, "the answer is a file in the outbox");
    let mail = std::fs::read_to_string(&sent[0]).unwrap();
    assert!(mail.contains("ersilia@provvedi.example"), "{mail}");

    // The same person under another name: merged, then separated again.
    browser.go(&format!("{}/capture", server.url)).await;
    browser.write("#text", "Sono sempre io, dal numero di casa").await;
    browser.write("#name", "Ersilia P. Provvedi").await;
    browser.write("#contact", "+39 055 5550199").await;
    browser.click("main form button.go").await;
    browser.sees("sempre io").await;
    browser.go(&format!("{}{person}/merge?q=Ersilia", server.url)).await;
    browser.click_text("Ersilia P. Provvedi").await;
    browser.click("main form[action$='/merge'] button.go").await;
    browser.gone("form[action$='/merge'] button.go").await;
    browser.go(&format!("{}{person}", server.url)).await;
    browser.sees("sempre io").await;
    browser.sees("lampeggia").await;
    browser.go(&format!("{}{person}/details", server.url)).await;
    browser.click("form[action$='/unmerge'] button").await;
    browser.gone("form[action$='/unmerge']").await;
    browser.go(&format!("{}{person}", server.url)).await;
    browser.sees("lampeggia").await;
    let page = browser.page.find(By::Css("main")).await.unwrap().text().await.unwrap();
    assert!(!page.contains("sempre io"), "each has their own story again");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shop_can_be_read_and_answered_without_javascript() {
    let Some(browser) = Browser::without_scripts().await else { return };
    let server = Server::demo(false).unwrap();
    browser.go(&server.url).await;
    browser.click_text("Giulia Moretti").await;
    browser.sees("aspettano te").await;
    browser.click("main .who").await;
    assert!(browser.path().await.starts_with("/conversations/cnv_"));
    browser.write("#pen-text", "Ci penso io entro domani.").await;
    browser.click(".pen button.go").await;
    browser.sees("Ci penso io entro domani.").await;
    browser.close().await;
}
