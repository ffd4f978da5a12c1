//! A small HTTP/1.1 client over one connection that stays open: it must cost so little that what is
//! measured is the server.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, bail};

/// How long an answer may take before the measurement fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the server said.
pub(super) struct Answer {
    pub status: u16,
    /// The headers that matter here, by lower-case name.
    headers: Vec<(String, String)>,
    /// The body as it came over the wire, compressed when the server chose so.
    pub body: Vec<u8>,
    /// Bytes over the wire, head included.
    pub wire: usize,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// One connection.
pub(super) struct Connection {
    address: SocketAddr,
    stream: TcpStream,
    buffer: Vec<u8>,
    request: Vec<u8>,
}

/// What to ask.
pub(super) struct Ask<'a> {
    pub method: &'a str,
    pub path: &'a str,
    /// Further header lines, each ended.
    pub headers: &'a str,
    pub body: &'a [u8],
}

impl<'a> Ask<'a> {
    pub fn get(path: &'a str, headers: &'a str) -> Ask<'a> {
        Ask { method: "GET", path, headers, body: &[] }
    }
}

impl Connection {
    pub fn open(address: SocketAddr) -> std::io::Result<Connection> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Connection { address, stream, buffer: Vec::with_capacity(64 * 1024), request: Vec::new() })
    }

    /// Asks once and reads the whole answer.
    pub fn ask(&mut self, ask: &Ask<'_>) -> anyhow::Result<Answer> {
        self.request.clear();
        write!(
            self.request,
            "{} {} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n{}\r\n",
            ask.method,
            ask.path,
            self.address,
            ask.body.len(),
            ask.headers
        )?;
        self.request.extend_from_slice(ask.body);
        self.stream.write_all(&self.request)?;
        self.read().with_context(|| format!("{} {}", ask.method, ask.path))
    }

    fn more(&mut self) -> anyhow::Result<()> {
        let mut chunk = [0_u8; 32 * 1024];
        let count = self.stream.read(&mut chunk)?;
        if count == 0 {
            bail!("the server closed the connection");
        }
        self.buffer.extend_from_slice(&chunk[..count]);
        Ok(())
    }

    fn read(&mut self) -> anyhow::Result<Answer> {
        self.buffer.clear();
        let (head, status, headers) = loop {
            let mut slots = [httparse::EMPTY_HEADER; 64];
            let mut response = httparse::Response::new(&mut slots);
            if let httparse::Status::Complete(head) = response.parse(&self.buffer)? {
                let headers = response
                    .headers
                    .iter()
                    .map(|header| {
                        let value = String::from_utf8_lossy(header.value).into_owned();
                        (header.name.to_ascii_lowercase(), value)
                    })
                    .collect::<Vec<_>>();
                break (head, response.code.unwrap_or(0), headers);
            }
            self.more()?;
        };
        let mut answer = Answer { status, headers, body: Vec::new(), wire: 0 };
        if answer.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
            let end = self.chunks(head, &mut answer.body)?;
            answer.wire = end;
        } else {
            let length = answer.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
            while self.buffer.len() < head + length {
                self.more()?;
            }
            answer.body.extend_from_slice(&self.buffer[head..head + length]);
            answer.wire = head + length;
        }
        Ok(answer)
    }

    /// Reads chunks from a place on; gives where they end.
    fn chunks(&mut self, mut at: usize, body: &mut Vec<u8>) -> anyhow::Result<usize> {
        loop {
            let (start, length) = loop {
                match httparse::parse_chunk_size(&self.buffer[at..]) {
                    Ok(httparse::Status::Complete((start, length))) => break (at + start, length),
                    Ok(httparse::Status::Partial) => self.more()?,
                    Err(_) => bail!("the answer's chunks are damaged"),
                }
            };
            let end = start + usize::try_from(length)?;
            while self.buffer.len() < end + 2 {
                self.more()?;
            }
            if length == 0 {
                return Ok(end + 2);
            }
            body.extend_from_slice(&self.buffer[start..end]);
            at = end + 2;
        }
    }
}
