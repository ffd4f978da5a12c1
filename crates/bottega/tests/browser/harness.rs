//! A real Chromium in front of a real `bottega`.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use thirtyfour::prelude::*;

/// A `bottega` that serves, ended when dropped.
pub struct Server {
    child: Child,
    /// Where the browser finds it.
    pub url: String,
    /// Its folder.
    pub dir: tempfile::TempDir,
    database: Option<(String, String)>,
}

impl Server {
    /// The small demo company on SQLite, or in a fresh database of the tests' PostgreSQL.
    pub fn demo(postgres: bool) -> Option<Server> {
        let dir = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bottega"));
        command.args(["demo", "--size", "small", "--listen", "127.0.0.1:0", "--dir"]).arg(dir.path());
        let mut database = None;
        if postgres {
            let Ok(server) = std::env::var("BOTTEGA_TEST_POSTGRES") else {
                assert!(
                    std::env::var_os("BOTTEGA_TEST_ALL").is_none(),
                    "BOTTEGA_TEST_POSTGRES must be set here"
                );
                return None;
            };
            let name = format!("bottega_browser_{}", std::process::id());
            psql(&server, &format!("CREATE DATABASE {name}"));
            let (base, _) = server.rsplit_once('/').unwrap();
            command.arg("--database").arg(format!("{base}/{name}"));
            database = Some((server, name));
        }
        Some(Server::start(command, dir, database))
    }

    /// An empty folder, to be set up in the browser.
    pub fn empty() -> Server {
        let dir = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bottega"));
        command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .current_dir(dir.path())
            .env("BOTTEGA_DATABASE_URL", format!("sqlite:{}", dir.path().join("shop.db").display()))
            .env("BOTTEGA_DATA_DIR", dir.path().join("data"));
        Server::start(command, dir, None)
    }

    fn start(mut command: Command, dir: tempfile::TempDir, database: Option<(String, String)>) -> Server {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        let url = said
            .by_ref()
            .map(|line| line.unwrap())
            .find_map(|line| line.trim().strip_prefix("http://").map(|rest| format!("http://{rest}")))
            .expect("the server says where it is");
        // Whatever it says afterwards belongs to the test's output.
        std::thread::spawn(move || said.for_each(|line| eprintln!("bottega: {}", line.unwrap_or_default())));
        Server { child, url, dir, database }
    }

    /// The files of the outbox.
    pub fn outbox(&self) -> Vec<PathBuf> {
        fn below(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() {
                    below(&entry.path(), found);
                } else if entry.file_name().to_string_lossy().starts_with('.') {
                    // What the outbox notes for itself.
                } else if entry.path().parent().is_some_and(|folder| folder.ends_with("outbox")) {
                    found.push(entry.path());
                }
            }
        }
        let mut found = Vec::new();
        below(self.dir.path(), &mut found);
        found
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some((server, name)) = self.database.take() {
            psql(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn psql(server: &str, sql: &str) {
    let status = Command::new("psql").args([server, "-q", "-c", sql]).status().expect("psql");
    assert!(status.success(), "{sql}");
}

/// A browser with its driver, ended when dropped. `None` where there is none and skipping is allowed.
pub struct Browser {
    driver_process: Child,
    /// The page.
    pub page: WebDriver,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// A browser that runs no scripts.
    pub async fn without_scripts() -> Option<Browser> {
        Browser::start((1280, 1000), "it", false, false).await
    }

    /// Opens a window of this size, in a language and a colour scheme.
    pub async fn open(size: (u32, u32), language: &str, dark: bool) -> Option<Browser> {
        Browser::start(size, language, dark, true).await
    }

    async fn start(size: (u32, u32), language: &str, dark: bool, scripts: bool) -> Option<Browser> {
        let Ok(mut driver_process) =
            Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn()
        else {
            assert!(std::env::var_os("BOTTEGA_TEST_ALL").is_none(), "chromedriver must be installed here");
            eprintln!("skipped in the browser: chromedriver is not installed (cargo xtask test installs it)");
            return None;
        };
        let port = BufReader::new(driver_process.stdout.take().unwrap())
            .lines()
            .map(|line| line.unwrap())
            .find_map(|line| {
                line.split("successfully on port ").nth(1).map(|rest| rest.trim_end_matches('.').to_owned())
            })
            .expect("the driver says its port");
        let profile = tempfile::tempdir().unwrap();
        let mut wishes = DesiredCapabilities::chrome();
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".into(),
            "--disable-gpu".into(),
            "--disable-quic".into(),
            "--no-first-run".into(),
            "--disable-background-networking".into(),
            "--disable-component-update".into(),
            "--disable-sync".into(),
            "--hide-scrollbars".into(),
            format!("--lang={language}"),
            format!("--accept-lang={language}"),
            format!("--user-data-dir={}", profile.path().display()),
            format!("--window-size={},{}", size.0, size.1),
        ];
        for argument in arguments {
            wishes.add_arg(&argument).unwrap();
        }
        if !scripts {
            let forbidden = serde_json::json!({ "profile.managed_default_content_settings.javascript": 2 });
            wishes.add_experimental_option("prefs", forbidden).unwrap();
        }
        if dark {
            wishes.add_arg("--force-dark-mode").unwrap();
            wishes.add_arg("--blink-settings=preferredColorScheme=0").unwrap();
        }
        // The client that speaks to chromedriver needs a provider of TLS, although it speaks none.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let page = WebDriver::new(format!("http://127.0.0.1:{port}"), wishes).await.expect("a browser opens");
        page.set_implicit_wait_timeout(Duration::from_secs(10)).await.unwrap();
        Some(Browser { driver_process, page, _profile: profile })
    }

    /// Goes to an address.
    pub async fn go(&self, url: &str) {
        self.page.goto(url).await.unwrap();
    }

    /// Clicks what a selector finds first.
    pub async fn click(&self, selector: &str) {
        let found =
            self.page.find(By::Css(selector)).await.unwrap_or_else(|error| panic!("{selector}: {error}"));
        found.scroll_into_view().await.unwrap();
        found.click().await.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Chooses a radio or checkbox, whose own box may be hidden behind its label.
    pub async fn check(&self, selector: &str) {
        let found =
            self.page.find(By::Css(selector)).await.unwrap_or_else(|error| panic!("{selector}: {error}"));
        if !found.is_selected().await.unwrap() {
            found.find(By::XPath("ancestor::label")).await.unwrap().click().await.unwrap();
        }
    }

    /// Chooses the reader's language on their own page.
    pub async fn choose_language(&self, language: &str) {
        self.click(&format!("select[name='language'] option[value='{language}']")).await;
        self.click("form:has(select[name='language']) button").await;
        // Leaving at once would take the form back.
        self.page
            .find(By::Css(format!("html[lang='{language}']")))
            .await
            .expect("the page changes its language");
        self.gone(&format!("html:not([lang='{language}'])")).await;
    }

    /// Clicks the link or button that shows a text.
    pub async fn click_text(&self, text: &str) {
        let path = format!(
            "//*[self::a or self::button or self::summary][contains(normalize-space(.), \"{text}\")]"
        );
        let found = self.page.find(By::XPath(&path)).await.unwrap_or_else(|error| panic!("{text}: {error}"));
        found.scroll_into_view().await.unwrap();
        found.click().await.unwrap_or_else(|error| panic!("{text}: {error}"));
    }

    /// Writes into a field.
    pub async fn write(&self, selector: &str, text: &str) {
        let field =
            self.page.find(By::Css(selector)).await.unwrap_or_else(|error| panic!("{selector}: {error}"));
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Waits until the page shows a text.
    pub async fn sees(&self, text: &str) {
        for _ in 0..100 {
            if let Ok(body) = self.page.find(By::Css("body")).await
                && body.text().await.is_ok_and(|shown| shown.contains(text))
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let body = self.page.find(By::Css("body")).await.unwrap().text().await.unwrap();
        panic!("{text:?} is not on {}:\n{body}", self.page.current_url().await.unwrap());
    }

    /// Waits until nothing on the page is found by a selector any more.
    pub async fn gone(&self, selector: &str) {
        self.page.set_implicit_wait_timeout(Duration::ZERO).await.unwrap();
        let mut left = true;
        for _ in 0..100 {
            left = !self.page.find_all(By::Css(selector)).await.is_ok_and(|found| found.is_empty());
            if !left {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        self.page.set_implicit_wait_timeout(Duration::from_secs(10)).await.unwrap();
        assert!(!left, "{selector} is still on {}", self.page.current_url().await.unwrap());
    }

    /// Where it is.
    pub async fn path(&self) -> String {
        self.page.current_url().await.unwrap().path().to_owned()
    }

    /// Ends the browser.
    pub async fn close(self) {
        let page = self.page.clone();
        let _ = page.quit().await;
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver_process.kill();
        let _ = self.driver_process.wait();
    }
}
