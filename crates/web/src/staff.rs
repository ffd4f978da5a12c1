//! Who is signed in, and how they read.

use engine::{DbError, Tx};
use jiff::tz::TimeZone;
use kernel::{Actor, Instant, Locale, SessionId};
use primitives::session::{self, Way};
use wording::Formats;

use crate::app::App;
use crate::request::Request;

/// An employee who is signed in, with everything that a page needs to speak to them.
pub struct Staff {
    /// Who acts.
    pub actor: Actor,
    /// The session they act through.
    pub session: SessionId,
    /// What every form of this session carries: its mark, masked anew for every answer.
    pub csrf: String,
    /// The company's name.
    pub shop: String,
    /// Whether this is the demo company.
    pub demo: bool,
    /// Dates and numbers as they read them.
    pub formats: Formats,
    /// The instant at which the page is made.
    pub now: Instant,
    /// What the request brought.
    pub request: Request,
    /// When they last proved who they are.
    pub proved_at: Instant,
    /// How they came in.
    pub way: Way,
    /// Whether the company asks for a second factor that they do not have yet.
    pub must_enrol: bool,
    mark: String,
    seen_at: Instant,
}

/// How long a proof of who one is opens the pages of dangerous things. Seconds.
const PROVED_SECONDS: i64 = 15 * 60;
/// How much longer it lasts for a form of such a page, so that nobody loses what they wrote. Seconds.
const GRACE_SECONDS: i64 = 15 * 60;
/// What one may do before one has the second factor that the company asks for.
const BEFORE_ENROLMENT: [&str; 3] = ["/me/security", "/me/theme", "/sign-out"];

impl Staff {
    /// Who is signed in; `None` when nobody is, or nobody any more.
    pub(crate) fn find(tx: &mut Tx<'_>, app: &App, request: &Request) -> Result<Option<Staff>, DbError> {
        let Some(secret) = &request.secret else { return Ok(None) };
        let Some(found) = session::find(tx, app.clock(), secret)? else { return Ok(None) };
        app.know(secret);
        let zone = TimeZone::get(&found.actor.zone).unwrap_or(TimeZone::UTC);
        Ok(Some(Staff {
            formats: Formats::new(found.actor.locale, zone),
            actor: found.actor,
            session: found.id,
            csrf: mask(&found.csrf, &engine::random_secret()?),
            mark: found.csrf,
            shop: found.shop_name,
            demo: found.shop_demo,
            now: app.clock().now(),
            request: request.clone(),
            proved_at: found.proved_at,
            way: found.way,
            must_enrol: found.must_enrol,
            seen_at: found.seen_at,
        }))
    }

    /// The language in which they read.
    pub fn locale(&self) -> Locale {
        self.actor.locale
    }

    /// Whether they proved lately enough who they are to do something dangerous; a form that they send has some
    /// minutes more than the page that held it.
    pub fn is_proved(&self) -> bool {
        let grace = if self.request.is_get { 0 } else { GRACE_SECONDS };
        self.now.seconds_since(self.proved_at) <= PROVED_SECONDS + grace
    }

    /// Whether they have to get a second factor before they may ask for this.
    pub(crate) fn must_enrol_before(&self, request: &Request) -> bool {
        let path = request.path();
        self.must_enrol
            && !BEFORE_ENROLMENT.iter().any(|open| path == *open || path.starts_with(&format!("{open}/")))
    }

    /// Whether a form of theirs is their own.
    pub(crate) fn accepts(&self, csrf: &str) -> bool {
        let unmasked = unmask(csrf);
        let given = unmasked.as_deref().unwrap_or(csrf.as_bytes());
        // Equal lengths and every byte compared: how long it takes tells nothing.
        given.len() == self.mark.len()
            && given.iter().zip(self.mark.bytes()).fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
    }

    /// The session, when its use should be written down again.
    pub(crate) fn is_stale(&self, app: &App) -> Option<SessionId> {
        session::is_stale(app.clock(), self.seen_at).then_some(self.session)
    }
}

/// A mark behind a veil of its own: what stands in a compressed answer beside a text that somebody chose must differ
/// from answer to answer, or the answer's length tells which texts are alike.
fn mask(mark: &str, veil: &str) -> String {
    let hidden = mark.bytes().zip(stream(veil)).map(|(byte, over)| format!("{:02x}", byte ^ over));
    format!("{veil}.{}", hidden.collect::<String>())
}

/// The mark behind the veil; `None` for what carries none.
fn unmask(masked: &str) -> Option<Vec<u8>> {
    let (veil, hidden) = masked.split_once('.')?;
    let bytes = hidden.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    bytes.zip(stream(veil)).map(|(byte, over)| byte.map(|byte| byte ^ over)).collect()
}

/// As many bytes as a mark has, from a veil.
fn stream(veil: &str) -> impl Iterator<Item = u8> {
    let half = |which: &str| primitives::session::digest(&format!("{which}{veil}"));
    half("a").into_iter().chain(half("b"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_looks_different_each_time_and_is_the_same() {
        let mark = "0123456789abcdefghjkmnpqrstvwxyz0123456789abcdefghjk";
        let (one, other) = (mask(mark, "veil"), mask(mark, "another"));
        assert_ne!(one.split_once('.').unwrap().1, other.split_once('.').unwrap().1);
        assert_eq!(unmask(&one).unwrap(), mark.as_bytes());
        assert_eq!(unmask(&other).unwrap(), mark.as_bytes());
        for broken in ["", "veil", "veil.zz", "veil.0", "veil.é1"] {
            assert_ne!(unmask(broken).as_deref(), Some(mark.as_bytes()), "{broken}");
        }
    }
}
