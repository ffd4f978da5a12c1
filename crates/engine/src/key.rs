//! The installation's key: a file beside the data, made on the first run, readable by its owner only.

use std::io::Write;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::DbError;

/// The key's file in the data folder.
pub const FILE: &str = "bottega.key";
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// 256 random bits from which secrets are derived.
#[derive(Clone)]
pub(crate) struct Key([u8; 32]);

impl Key {
    /// The name of its file in the data folder.
    pub(crate) const FILE: &str = FILE;

    /// No key: for a look at a database, in which nothing is derived.
    pub(crate) fn none() -> Key {
        Key([0; 32])
    }

    pub(crate) fn load_or_create(data_dir: &Path) -> Result<Key, DbError> {
        let path = data_dir.join(FILE);
        let failed = |cause| DbError::File { path: path.display().to_string(), cause };
        if let Ok(bytes) = std::fs::read(&path) {
            let damaged = || std::io::Error::other("the key must be 32 bytes: restore it from a backup");
            return bytes.try_into().map(Key).map_err(|_| failed(damaged()));
        }
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| failed(std::io::Error::other(error.to_string())))?;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(mut file) => {
                file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(failed)?;
                Ok(Key(bytes))
            }
            // Another process was quicker: its key is the key.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                std::thread::sleep(std::time::Duration::from_millis(50));
                let bytes = std::fs::read(&path).map_err(failed)?;
                bytes
                    .try_into()
                    .map(Key)
                    .map_err(|_| failed(std::io::Error::other("the key must be 32 bytes")))
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// 130 bits of HMAC-SHA-256 as 26 characters that survive a mail address.
    pub(crate) fn derive(&self, purpose: &str, of: &[u8]) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).unwrap_or_else(|_| unreachable!("any length is a key"));
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(of);
        characters(&mac.finalize().into_bytes(), 26)
    }
}

fn characters(bytes: &[u8], count: usize) -> String {
    bytes.iter().take(count).map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}

/// A secret of 256 random bits as text, for sessions and tokens: what the browser or the client keeps.
pub fn random_secret() -> Result<String, DbError> {
    let mut bytes = [0_u8; 52];
    getrandom::fill(&mut bytes).map_err(|error| DbError::File {
        path: "random".into(),
        cause: std::io::Error::other(error.to_string()),
    })?;
    Ok(characters(&bytes, 52))
}
