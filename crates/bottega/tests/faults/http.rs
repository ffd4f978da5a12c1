//! A client that knows whether an answer came whole: what was cut off was not acknowledged.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer that came whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The head, in lower case.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Answer {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let start = format!("{name}:");
        self.head.lines().find_map(|line| line.strip_prefix(&start)).map(str::trim)
    }

    /// Whether what was asked was done.
    pub fn is_done(&self) -> bool {
        (200..400).contains(&self.status)
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub enum Credential<'a> {
    /// A program.
    Token(&'a str),
    /// A browser's session.
    Session(&'a str),
}

/// A request.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Who asks.
    pub credential: Credential<'a>,
    /// `GET` or `POST`.
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// Under which key it is done once.
    pub key: Option<&'a str>,
    /// Of what type the body is.
    pub media_type: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// Asks, and waits for the whole answer at most so long.
pub fn ask(address: SocketAddr, ask: &Ask<'_>, patience: Duration) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    stream.set_nodelay(true)?;
    let mut head = format!(
        "{} {} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: {}\r\nContent-Length: {}\r\n",
        ask.method,
        ask.path,
        ask.media_type,
        ask.body.len()
    );
    match ask.credential {
        Credential::Token(token) => head.push_str(&format!("Authorization: Bearer {token}\r\n")),
        Credential::Session(secret) => {
            head.push_str(&format!("Cookie: {}={secret}\r\n", web::request::SESSION_COOKIE))
        }
    }
    if let Some(key) = ask.key {
        head.push_str(&format!("Idempotency-Key: {key}\r\n"));
    }
    head.push_str("\r\n");
    let mut whole = head.into_bytes();
    whole.extend_from_slice(ask.body);
    stream.write_all(&whole)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    read(&bytes).ok_or_else(|| std::io::Error::other("the answer was cut off"))
}

fn read(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    let body = &bytes[end + 4..];
    let answer = Answer { status, head, body: String::from_utf8_lossy(body).into_owned() };
    match answer.header("content-length") {
        Some(length) => (length.parse() == Ok(body.len())).then_some(answer),
        None if answer.header("transfer-encoding").is_some() => {
            body.ends_with(b"0\r\n\r\n").then_some(answer)
        }
        None => Some(answer),
    }
}
