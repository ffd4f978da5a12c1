//! Something between the shop and its database that passes, refuses, or swallows.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

const PASS: u8 = 0;
const REFUSE: u8 = 1;
const SWALLOW: u8 = 2;
const FAIL: u8 = 3;
const BREAK_OFF: u8 = 4;
/// After so many bytes an answer breaks off.
const HALF: usize = 2_000;

/// A proxy in front of a server.
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    mode: Arc<AtomicU8>,
    lines: Arc<Mutex<Vec<TcpStream>>>,
}

impl Proxy {
    /// In front of this server.
    pub fn before(server: SocketAddr) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mode = Arc::new(AtomicU8::new(PASS));
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (for_accept, all) = (Arc::clone(&mode), Arc::clone(&lines));
        std::thread::spawn(move || {
            for here in listener.incoming().map_while(Result::ok) {
                if for_accept.load(Ordering::SeqCst) == REFUSE {
                    let _ = here.shutdown(Shutdown::Both);
                    continue;
                }
                if for_accept.load(Ordering::SeqCst) == FAIL {
                    std::thread::spawn(move || answer_failed(here));
                    continue;
                }
                let Ok(there) = TcpStream::connect(server) else { continue };
                let mut all = all.lock().unwrap();
                all.extend([here.try_clone().unwrap(), there.try_clone().unwrap()]);
                // A line that was swallowed once leads nowhere for ever.
                let dead = Arc::new(AtomicU8::new(PASS));
                let ways =
                    [(here.try_clone().unwrap(), there.try_clone().unwrap(), false), (there, here, true)];
                for (from, to, back) in ways {
                    let (mode, dead) = (Arc::clone(&for_accept), Arc::clone(&dead));
                    std::thread::spawn(move || carry(from, to, back, &mode, &dead));
                }
            }
        });
        Proxy { address, mode, lines }
    }

    /// Passes everything on.
    pub fn pass(&self) {
        self.mode.store(PASS, Ordering::SeqCst);
    }

    /// Cuts every line and takes no new one.
    pub fn cut(&self) {
        self.mode.store(REFUSE, Ordering::SeqCst);
        for line in self.lines.lock().unwrap().drain(..) {
            let _ = line.shutdown(Shutdown::Both);
        }
    }

    /// Answers every request of HTTP by itself: that it failed.
    pub fn fail(&self) {
        self.cut();
        self.mode.store(FAIL, Ordering::SeqCst);
    }

    /// Cuts every answer off in the middle.
    pub fn break_off(&self) {
        self.cut();
        self.mode.store(BREAK_OFF, Ordering::SeqCst);
    }

    /// Takes everything and passes nothing on, without a word.
    pub fn swallow(&self) {
        self.mode.store(SWALLOW, Ordering::SeqCst);
    }
}

/// Reads what is asked and says that it failed.
fn answer_failed(mut line: TcpStream) {
    let mut buffer = vec![0; 64 * 1024];
    let _ = line.read(&mut buffer);
    let _ = line
        .write_all(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    // What is still on its way must be taken, or the answer would be lost with it.
    let _ = line.shutdown(Shutdown::Write);
    while line.read(&mut buffer).is_ok_and(|read| read > 0) {}
}

fn carry(mut from: TcpStream, mut to: TcpStream, back: bool, mode: &AtomicU8, dead: &AtomicU8) {
    let mut buffer = vec![0; 64 * 1024];
    let mut carried = 0;
    while let Ok(read) = from.read(&mut buffer) {
        let now = mode.load(Ordering::SeqCst);
        if now == SWALLOW {
            dead.store(SWALLOW, Ordering::SeqCst);
        }
        if read == 0 {
            break;
        }
        carried += read;
        if back && now == BREAK_OFF && carried > HALF {
            let _ = to.write_all(&buffer[..read.min(HALF)]);
            let _ = from.shutdown(Shutdown::Both);
            break;
        }
        if dead.load(Ordering::SeqCst) != SWALLOW && to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
