//! An empty folder becomes a shop, also when the browser is closed half-way.

use crate::harness::{Browser, Server};

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_folder_becomes_a_shop_even_when_set_up_is_left_half_way() {
    let Some(browser) = Browser::open((1280, 900), "it", false).await else { return };
    let server = Server::empty();
    browser.go(&server.url).await;
    browser.write("#name", "Ferramenta Bruni").await;
    browser.click("main button.go").await;
    // Closing before the answer has come would take the form back.
    browser.gone("form[action='/set-up/company']").await;
    browser.close().await;

    // Another day, another browser: it goes on where it stopped.
    let browser = Browser::open((1280, 900), "it", false).await.unwrap();
    browser.go(&server.url).await;
    assert_eq!(browser.path().await, "/set-up");
    browser.write("#name", "Ada Bruni").await;
    browser.write("#email", "ada@bruni.example").await;
    browser.write("#password", "una frase lunga e facile").await;
    browser.click("main button.go").await;
    browser.gone("form[action='/set-up/administrator']").await;
    browser.sees("casella").await;
    browser.write("#name", "Banco").await;
    browser.check("input[name='first'][value='look']").await;
    browser.click("main button.go").await;
    browser.gone("form[action='/set-up/mailbox']").await;
    assert_eq!(browser.path().await, "/today");
    browser.sees("Ada").await;

    // It is not there a second time.
    browser.go(&format!("{}/set-up", server.url)).await;
    assert_ne!(browser.path().await, "/set-up");
    browser.close().await;
}
