//! Passwords: argon2id with the parameters that OWASP recommends (19 MiB, two passes, one lane), length
//! instead of composition rules, and hashing away from the threads that others wait for.

mod guess;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use kernel::Fault;
use tokio::sync::Semaphore;

use crate::texts::Texts;

/// The least characters of a password.
pub const LEAST: usize = 12;
/// The most characters of a password: longer ones only keep the machine busy.
pub const MOST: usize = 256;
/// Fewer different characters than this are a pattern, not a password.
const LEAST_DIFFERENT: usize = 5;

/// How many passwords are hashed at once: each takes 19 MiB and a core.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// What an unknown address is compared with, so that it takes as long as a known one. No password has it.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Why a password is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    /// Fewer than [`LEAST`] characters.
    #[error("a password has at least {LEAST} characters")]
    Short,
    /// More than [`MOST`] characters.
    #[error("a password has at most {MOST} characters")]
    Long,
    /// The same few characters over and over.
    #[error("a password needs more different characters")]
    Repetitive,
    /// Little remains without the words, runs and dates that everybody tries first.
    #[error("a password must not be made of what is tried first")]
    Common,
    /// The person's own name or address, or the shop's name.
    #[error("a password must not be what everybody knows about its owner")]
    Obvious,
}

impl Weakness {
    /// The sentence beside the field.
    pub(crate) fn sentence(self, t: &Texts) -> String {
        match self {
            Weakness::Short => t.password_short(LEAST),
            Weakness::Long => t.password_long(MOST),
            Weakness::Repetitive => t.password_repetitive().to_owned(),
            Weakness::Common => t.password_common().to_owned(),
            Weakness::Obvious => t.password_obvious().to_owned(),
        }
    }
}

/// Whether a password may be used by somebody of whom `known` (name, address, company) is known.
pub fn check(password: &str, known: &[&str]) -> Result<(), Weakness> {
    let length = password.chars().count();
    if length < LEAST {
        return Err(Weakness::Short);
    }
    if length > MOST {
        return Err(Weakness::Long);
    }
    let mut different: Vec<char> = password.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < LEAST_DIFFERENT {
        return Err(Weakness::Repetitive);
    }
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let given = plain(password);
    if known.iter().map(|text| plain(text)).any(|text| !text.is_empty() && text == given) {
        return Err(Weakness::Obvious);
    }
    if guess::is_likely(password, &[]) {
        return Err(Weakness::Common);
    }
    if guess::is_likely(password, known) {
        return Err(Weakness::Obvious);
    }
    Ok(())
}

fn argon2id() -> Result<Argon2<'static>, Fault> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(Fault::store)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The argon2id hash of a password, with a fresh salt, as `account.password_hash` keeps it. Takes some
/// tens of milliseconds: never call it on a thread that others wait for.
pub fn hash(password: &str) -> Result<String, Fault> {
    let hash = argon2id()?.hash_password(password.as_bytes()).map_err(Fault::store)?;
    Ok(hash.to_string())
}

/// Whether a password belongs to a hash. Without a hash it takes as long and is never right.
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    let known = hash.map(PasswordHash::new).and_then(Result::ok);
    let nobodys = PasswordHash::new(NOBODYS).ok();
    let is_known = known.is_some();
    let Some(hash) = known.or(nobodys) else { return false };
    // What nobody could have set is not worth the work; its length tells nothing about the account.
    let bounded = password.chars().count() <= MOST;
    let right = bounded && argon2id().is_ok_and(|it| it.verify_password(password.as_bytes(), &hash).is_ok());
    right && is_known
}

/// [`hash`] on a thread of its own kind, a few at a time.
pub(crate) async fn hash_aside(password: String) -> Result<String, Fault> {
    aside(move || hash(&password)).await?
}

/// [`verify`] on a thread of its own kind, a few at a time.
pub(crate) async fn verify_aside(password: String, hash: Option<String>) -> Result<bool, Fault> {
    aside(move || verify(&password, hash.as_deref())).await
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    let _turn = AT_ONCE.acquire().await.map_err(Fault::store)?;
    tokio::task::spawn_blocking(work).await.map_err(Fault::store)
}

/// A password for somebody's first day: 80 random bits in groups that can be read out.
pub fn first() -> Result<String, Fault> {
    let secret = engine::random_secret()?;
    Ok(grouped(&secret, 4, 4))
}

/// The first characters of a secret in groups: `k7d2-m9qf-…`.
pub(crate) fn grouped(secret: &str, groups: usize, length: usize) -> String {
    let letters: Vec<char> = secret.chars().take(groups * length).collect();
    letters.chunks(length).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_and_composition_does_not() {
        assert_eq!(check("corto", &[]), Err(Weakness::Short));
        assert_eq!(check("aaaaaaaaaaaaaaaa", &[]), Err(Weakness::Repetitive));
        assert_eq!(check("Anna Riva 1970", &["anna.riva1970"]), Err(Weakness::Obvious));
        assert_eq!(check(&"una frase lunga ".repeat(20), &[]), Err(Weakness::Long));
        assert_eq!(check("quattro gatti al bar", &["Anna Riva"]), Ok(()));
    }

    #[test]
    fn a_hash_is_argon2id_as_owasp_says_and_only_its_password_opens_it() {
        let kept = hash("quattro gatti al bar").unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_ne!(kept, hash("quattro gatti al bar").unwrap(), "salts differ");
        assert!(verify("quattro gatti al bar", Some(&kept)));
        assert!(!verify("quattro gatti al bat", Some(&kept)));
        assert!(!verify("quattro gatti al bar", None));
        assert!(!verify("", Some("not a hash")));
    }

    #[test]
    fn nobodys_hash_costs_as_much_as_anybodys() {
        let (nobodys, somebodys) =
            (PasswordHash::new(NOBODYS).unwrap(), hash("quattro gatti al bar").unwrap());
        let somebodys = PasswordHash::new(&somebodys).unwrap();
        assert_eq!(nobodys.algorithm, somebodys.algorithm);
        assert_eq!(nobodys.params.to_string(), somebodys.params.to_string());
    }

    #[test]
    fn a_first_password_is_strong_and_can_be_read_out() {
        let password = first().unwrap();
        assert_eq!(password.len(), 19);
        assert_eq!(check(&password, &[]), Ok(()));
        assert_ne!(password, first().unwrap());
    }
}
