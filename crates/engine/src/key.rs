//! The installation's key: a file beside the data, made on the first run, readable by its owner only.

use std::io::Write;
use std::path::Path;

use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Aead, Payload};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::DbError;

/// The key's file in the data folder.
pub const FILE: &str = "bottega.key";
/// Bytes of a nonce of XChaCha20.
const NONCE_BYTES: usize = 24;
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

    /// XChaCha20-Poly1305 under a key of its own for every purpose.
    fn cipher(&self, purpose: &str) -> XChaCha20Poly1305 {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).unwrap_or_else(|_| unreachable!("any length is a key"));
        mac.update(b"seal\0");
        mac.update(purpose.as_bytes());
        XChaCha20Poly1305::new(&<[u8; 32]>::from(mac.finalize().into_bytes()).into())
    }

    /// Seals a secret for a purpose and an owner: a fresh nonce, then the sealed bytes.
    pub(crate) fn seal(&self, purpose: &str, owner: &[u8], secret: &[u8]) -> Result<Vec<u8>, DbError> {
        let mut sealed = vec![0; NONCE_BYTES];
        getrandom::fill(&mut sealed).map_err(random_failed)?;
        let nonce = <[u8; NONCE_BYTES]>::try_from(&*sealed).map_err(|_| DbError::Sealed)?;
        let payload = Payload { msg: secret, aad: owner };
        let body = self.cipher(purpose).encrypt(&nonce.into(), payload).map_err(|_| DbError::Sealed)?;
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    /// What was sealed for the same purpose and owner with the same key.
    pub(crate) fn unseal(&self, purpose: &str, owner: &[u8], sealed: &[u8]) -> Result<Vec<u8>, DbError> {
        let (nonce, body) = sealed.split_at_checked(NONCE_BYTES).ok_or(DbError::Sealed)?;
        let nonce = <[u8; NONCE_BYTES]>::try_from(nonce).map_err(|_| DbError::Sealed)?;
        let payload = Payload { msg: body, aad: owner };
        self.cipher(purpose).decrypt(&nonce.into(), payload).map_err(|_| DbError::Sealed)
    }
}

/// Whether the key in a data folder opens what was sealed for a purpose and an owner.
///
/// # Errors
/// When there is no key, or it cannot be read or is not whole.
pub fn opens(data_dir: &Path, purpose: &str, owner: &str, sealed: &[u8]) -> Result<bool, DbError> {
    let path = data_dir.join(FILE);
    let failed = |cause| DbError::File { path: path.display().to_string(), cause };
    let bytes = std::fs::read(&path).map_err(failed)?;
    let damaged = || std::io::Error::other("the key must be 32 bytes: restore it from a backup");
    let key = bytes.try_into().map(Key).map_err(|_| failed(damaged()))?;
    Ok(key.unseal(purpose, owner.as_bytes(), sealed).is_ok())
}

fn random_failed(error: getrandom::Error) -> DbError {
    DbError::File { path: "random".into(), cause: std::io::Error::other(error.to_string()) }
}

fn characters(bytes: &[u8], count: usize) -> String {
    bytes.iter().take(count).map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}

/// A secret of 256 random bits as text, for sessions and tokens: what the browser or the client keeps.
pub fn random_secret() -> Result<String, DbError> {
    let mut bytes = [0_u8; 52];
    getrandom::fill(&mut bytes).map_err(random_failed)?;
    Ok(characters(&bytes, 52))
}

/// Random bytes, for secrets that other programs prescribe the form of.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], DbError> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(random_failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_purpose_and_owner_only() {
        let key = Key([7; 32]);
        let sealed = key.seal("authenticator", b"acc_1", b"geheim").unwrap();
        assert!(!sealed.windows(6).any(|part| part == b"geheim"));
        assert_ne!(sealed, key.seal("authenticator", b"acc_1", b"geheim").unwrap(), "nonces differ");
        assert_eq!(key.unseal("authenticator", b"acc_1", &sealed).unwrap(), b"geheim");
        assert!(key.unseal("authenticator", b"acc_2", &sealed).is_err(), "another's row");
        assert!(key.unseal("provider", b"acc_1", &sealed).is_err(), "another purpose");
        assert!(Key([8; 32]).unseal("authenticator", b"acc_1", &sealed).is_err(), "another key");
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(key.unseal("authenticator", b"acc_1", &damaged).is_err());
        }
        assert!(key.unseal("authenticator", b"acc_1", b"short").is_err());
    }
}
