//! Something between the shop and its database that passes, refuses, or swallows.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

const PASS: u8 = 0;
const REFUSE: u8 = 1;
const SWALLOW: u8 = 2;

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
                let Ok(there) = TcpStream::connect(server) else { continue };
                let mut all = all.lock().unwrap();
                all.extend([here.try_clone().unwrap(), there.try_clone().unwrap()]);
                // A line that was swallowed once leads nowhere for ever.
                let dead = Arc::new(AtomicU8::new(PASS));
                for (from, to) in [(here.try_clone().unwrap(), there.try_clone().unwrap()), (there, here)] {
                    let (mode, dead) = (Arc::clone(&for_accept), Arc::clone(&dead));
                    std::thread::spawn(move || carry(from, to, &mode, &dead));
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

    /// Takes everything and passes nothing on, without a word.
    pub fn swallow(&self) {
        self.mode.store(SWALLOW, Ordering::SeqCst);
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, mode: &AtomicU8, dead: &AtomicU8) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read) = from.read(&mut buffer) {
        if mode.load(Ordering::SeqCst) == SWALLOW {
            dead.store(SWALLOW, Ordering::SeqCst);
        }
        if read == 0 {
            break;
        }
        if dead.load(Ordering::SeqCst) != SWALLOW && to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
