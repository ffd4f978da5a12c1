//! The second factor: an authenticator app by its QR code, recovery codes on paper, and what one sees of both.

pub(crate) mod page;
mod qr;

use engine::{DbError, Tx};
use kernel::{AccountId, Actor, Clock, Fault, SessionId};
use primitives::doorway::{self, Doorway};
use primitives::second_factor::{self, RECOVERY_CODES};
use totp_rs::{Algorithm, Builder, Secret, Totp};

use crate::password;

/// Bytes of a secret: as many as the hash of RFC 6238 has.
const SECRET_BYTES: usize = 20;
/// How long a code is shown. Seconds.
const STEP_SECONDS: u64 = second_factor::STEP_SECONDS.unsigned_abs();

fn totp(secret: &[u8]) -> Result<Totp, Fault> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(STEP_SECONDS)
        .with_secret(Secret::new(secret.into()))
        .build()
        .map_err(Fault::store)
}

/// A secret as one types it into an app: groups of four letters.
fn spoken(secret: &[u8]) -> String {
    let letters: Vec<char> = Secret::new(secret.into()).to_base32().chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// What the QR code says.
fn address(secret: &[u8], shop: &str, email: &str) -> String {
    let encode = |text: &str| web::request::encode(text).replace('/', "%2F");
    let (shop, email) = (encode(&shop.replace(':', " ")), encode(email));
    let secret = Secret::new(secret.into()).to_base32();
    format!(
        "otpauth://totp/{shop}:{email}?secret={secret}&issuer={shop}&algorithm=SHA1&digits=6&period={STEP_SECONDS}"
    )
}

/// A fresh secret.
pub(crate) fn draw_secret() -> Result<[u8; SECRET_BYTES], Fault> {
    Ok(engine::random_bytes::<SECRET_BYTES>()?)
}

/// Fresh recovery codes of 80 random bits each, in groups that can be read out.
pub(crate) fn draw_codes() -> Result<Vec<String>, Fault> {
    (0..RECOVERY_CODES).map(|_| Ok(password::grouped(&engine::random_secret()?, 4, 4))).collect()
}

/// The step to which a code of the app belongs: the present one or a neighbour.
fn step_of(clock: &dyn Clock, secret: &[u8], given: &str) -> Result<Option<i64>, Fault> {
    let digits: String = given.chars().filter(|c| !c.is_whitespace()).collect();
    let now = u64::try_from(clock.now().millis() / 1_000).unwrap_or_default();
    if digits.len() != 6 || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return Ok(None);
    }
    Ok(totp(secret)?.check(&digits, now).and_then(|step| i64::try_from(step).ok()))
}

/// The doorway of what is offered to a session: nobody reads or replaces it from another one.
fn offered_to(session: SessionId) -> String {
    format!("authenticator {session}")
}

/// Offers a session a secret that was drawn at random; an earlier offer counts no more.
pub(crate) fn offer(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    account: AccountId,
    session: SessionId,
    secret: &[u8],
) -> Result<(), Fault> {
    let doorway = offered_to(session);
    doorway::close(tx, Doorway::Enrolment, &doorway)?;
    doorway::open(tx, clock, Doorway::Enrolment, &doorway, Some(account), &secret)
}

/// The secret that is offered to a session of an account.
pub(crate) fn offered(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    account: AccountId,
    session: SessionId,
) -> Result<Option<Vec<u8>>, Fault> {
    let found = doorway::look::<Vec<u8>>(tx, clock, Doorway::Enrolment, &offered_to(session))?;
    Ok(found.filter(|(owner, _)| *owner == Some(account)).map(|(_, secret)| secret))
}

/// The authenticator that is offered to a session is confirmed by a code of its own; `false` when the code is not one.
pub(crate) fn confirm(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    session: SessionId,
    given: &str,
) -> Result<bool, Fault> {
    let account = actor.account.ok_or(Fault::NotFound)?;
    let secret = offered(tx, clock, account, session)?.ok_or(Fault::NotFound)?;
    let Some(step) = step_of(clock, &secret, given)? else { return Ok(false) };
    if !second_factor::confirm(tx, clock, actor, account, &secret, step)? {
        return Ok(false);
    }
    doorway::close_kind(tx, account, Doorway::Enrolment)?;
    Ok(true)
}

/// What a code turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// One of the account's app, used for the first time, or a recovery code that was left.
    Right,
    /// Neither.
    Wrong,
    /// No recovery code; and codes of the app cannot be checked, because the key that opens its secret is lost.
    KeyLost,
}

/// Whether a code is one of the account's app or a recovery code. Either is used up by this.
pub(crate) fn verify(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    account: AccountId,
    given: &str,
) -> Result<Verdict, Fault> {
    let (secret, otherwise) = match second_factor::authenticator(tx, account) {
        Err(DbError::Sealed) => (None, Verdict::KeyLost),
        opened => (opened?, Verdict::Wrong),
    };
    let right = match secret.map(|secret| step_of(clock, &secret, given)).transpose()?.flatten() {
        Some(step) => second_factor::use_step(tx, clock, account, step)?,
        None => second_factor::use_code(tx, clock, account, given)?,
    };
    Ok(if right { Verdict::Right } else { otherwise })
}

#[cfg(test)]
mod tests {
    use kernel::{Instant, ManualClock};

    use super::*;

    /// The secret of RFC 6238's appendix B.
    const RFC: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_standard_with_a_step_of_grace() {
        // 59 s: 94287082 in eight digits, so 287082 in six.
        let at = |seconds: i64| ManualClock::at(Instant::from_micros(seconds * 1_000_000));
        assert_eq!(step_of(&at(59), RFC, "287 082").unwrap(), Some(1));
        assert_eq!(step_of(&at(89), RFC, "287082").unwrap(), Some(1), "the neighbour before");
        assert_eq!(step_of(&at(29), RFC, "287082").unwrap(), Some(1), "the neighbour after");
        assert_eq!(step_of(&at(120), RFC, "287082").unwrap(), None);
        for nonsense in ["", "28708", "2870820", "abcdef", "２８７０８２"] {
            assert_eq!(step_of(&at(59), RFC, nonsense).unwrap(), None, "{nonsense}");
        }
    }

    #[test]
    fn the_address_of_the_qr_code_holds_names_of_any_kind() {
        let address = address(RFC, "Bar: Da Gigi & C.", "anna+x@bar.example");
        assert!(
            address.starts_with(
                "otpauth://totp/Bar%20%20Da%20Gigi%20%26%20C.:anna%2Bx%40bar.example?secret=GEZD"
            )
        );
        assert!(spoken(RFC).starts_with("GEZD GNBV"));
    }

    #[test]
    fn recovery_codes_differ_and_can_be_read_out() {
        let mut codes = draw_codes().unwrap();
        assert!(codes.iter().all(|code| code.len() == 19));
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), 10);
    }
}
