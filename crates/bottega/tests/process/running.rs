//! A server that runs, on a folder of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long anything may take before the test gives up. Nothing here waits for it when all is well.
const PATIENCE: Duration = Duration::from_secs(60);

/// A `bottega serve` of its own.
pub struct Server {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
    /// Where it listens.
    pub address: String,
}

impl Server {
    /// Starts it in a folder, with variables beside those that keep it there.
    pub fn start(folder: &Path, variables: &[(&str, &str)]) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bottega"));
        command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .current_dir(folder)
            .env_remove("RUST_LOG")
            .env("BOTTEGA_DATABASE_URL", format!("sqlite:{}", folder.join("shop.db").display()))
            .env("BOTTEGA_DATA_DIR", folder.join("data"))
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || errors.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        let mut server = Server { child, lines, said: Vec::new(), address: String::new() };
        let greeting = server.until("http://127.0.0.1:");
        let after = greeting.split("http://").nth(1).unwrap();
        server.address = after.split(['"', ' ']).next().unwrap().to_owned();
        server
    }

    /// Reads its log until a line has this.
    pub fn until(&mut self, part: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| {
                panic!("it never said {part:?}, only:\n{}", self.said.join("\n"));
            });
            self.said.push(line.clone());
            if line.contains(part) {
                return line;
            }
        }
    }

    /// Asks until it is answering so many requests beside the one that asks.
    pub fn until_it_answers(&self, requests: u32) {
        let wanted = format!("\nbottega_http_requests_in_flight {}\n", requests + 1);
        let until = Instant::now() + PATIENCE;
        while !self.get("/metrics").contains(&wanted) {
            assert!(Instant::now() < until, "it never answered {requests} requests at once");
        }
    }

    /// Sends it a signal.
    pub fn tell(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for its end: how it ended, and everything that it ever logged.
    pub fn end(mut self) -> (ExitStatus, Vec<String>) {
        // Its log ends with it.
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            self.said.push(line);
        }
        (self.child.wait().unwrap(), std::mem::take(&mut self.said))
    }

    /// A connection to it.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Asks for a page and reads the whole answer.
    pub fn get(&self, path: &str) -> String {
        let mut stream = self.connect();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
