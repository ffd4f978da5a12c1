//! The API's document against the real server, by Schemathesis: no operation fails, and every answer is one that
//! the document describes.
//!
//! `BOTTEGA_CONTRACT_EXAMPLES` says how many examples for each operation (3 by default), `BOTTEGA_CONTRACT_SEED`
//! from which seed. `cargo xtask test` installs Schemathesis and says where it is.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use testkit::Store;

/// Where the programs of Python's index are.
const PYTHON: &str = "BOTTEGA_TEST_PYTHON";

/// A server that ends with the test.
pub struct Server {
    process: Child,
    /// Its address.
    pub base: String,
}

impl Server {
    /// Starts the binary on a database and waits until it answers.
    pub fn start(folder: &Path, url: &str, log: &str, output: Stdio) -> Server {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = bottega(folder, url)
            .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
            .env("RUST_LOG", log)
            .stdout(Stdio::null())
            .stderr(output)
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(60), "the server does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Server { process, base: format!("http://127.0.0.1:{port}") }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The binary with its configuration.
pub fn bottega(folder: &Path, url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bottega"));
    command
        .current_dir(folder)
        .env("BOTTEGA_DATABASE_URL", url)
        .env("BOTTEGA_DATA_DIR", folder.join("data"))
        .env("BOTTEGA_REQUESTS_PER_SECOND", "10000")
        .env("BOTTEGA_REQUESTS_BURST", "10000");
    command
}

/// What a command printed on its last line, as JSON.
pub fn json(command: &mut Command) -> serde_json::Value {
    let output = command.stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn schemathesis() -> Option<PathBuf> {
    let Some(folder) = std::env::var_os(PYTHON) else {
        assert!(std::env::var_os("BOTTEGA_TEST_ALL").is_none(), "{PYTHON} must be set here");
        return None;
    };
    Some(PathBuf::from(folder).join("schemathesis"))
}

fn number(name: &str, otherwise: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| otherwise.to_owned())
}

#[expect(clippy::print_stdout, reason = "the seed is told, so that a run can be repeated")]
fn hold(store: &Store, program: &Path) {
    let folder = store.dir.path();
    // A company to ask about, so that answers hold something.
    let made =
        ["user", "create", "ada@officina.example", "--name", "Ada", "--role", "administrator", "--json"];
    json(bottega(folder, &store.url).args(made));
    let rows: String = (0..30)
        .map(|row| format!("{row};Perde acqua da ieri {row};{};a{row}@casa.example\n", row % 5 + 1))
        .collect();
    std::fs::write(folder.join("a.csv"), format!("id;testo;voto;email\n{rows}")).unwrap();
    json(bottega(folder, &store.url).args(["import", "csv", "a.csv", "--source", "sondaggio", "--json"]));
    let token = json(bottega(folder, &store.url).args([
        "token",
        "create",
        "--for",
        "ada@officina.example",
        "--name",
        "x",
        "--json",
    ]));
    let server = Server::start(folder, &store.url, "error", Stdio::inherit());
    let seed = number("BOTTEGA_CONTRACT_SEED", "7");
    let output = Command::new(program)
        .current_dir(folder)
        .args(["run", &format!("{}/api/v1/openapi.json", server.base), "--url", &server.base])
        .args(["--header", &format!("Authorization: Bearer {}", token["token"].as_str().unwrap())])
        .args(["--max-examples", &number("BOTTEGA_CONTRACT_EXAMPLES", "3"), "--seed", &seed, "--no-color"])
        .args([
            "--checks",
            "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        ])
        .args(["--phases", "examples,coverage,fuzzing", "--generation-database", "none"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "seed {seed} on {}:\n{said}\n{}",
        store.url,
        String::from_utf8_lossy(&output.stderr)
    );
    println!("seed {seed} on {}: {}", store.url, said.lines().rev().take(12).collect::<Vec<_>>().join(" | "));
}

#[test]
fn every_answer_is_one_that_the_document_describes() {
    let Some(program) = schemathesis() else { return };
    hold(&Store::sqlite(), &program);
    if let Some(store) = Store::postgres() {
        hold(&store, &program);
    }
}
