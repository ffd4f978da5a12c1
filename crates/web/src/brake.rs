//! How much one caller, and one network, may ask.
//!
//! A caller is a session, a token or an address. A made-up secret is a new caller each time, so that a network as a
//! whole is bounded too; but whoever was found to be signed in does not pay for what strangers, or colleagues, send
//! from the same network: nobody can shut an office, or everybody behind one proxy, out of what they have open.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};
use kernel::Fault;

use crate::app::Limits;
use crate::request::{Request, caller_of};

/// How many callers' worth of requests may come from one network: an office, or somebody who makes callers up.
const CALLERS_OF_A_NETWORK: u32 = 10;
/// How long a secret that was found to live counts as known without being found again.
const KNOWN: Duration = Duration::from_secs(12 * 3_600);

/// What the limiters measure time by.
type Moment = <DefaultClock as governor::clock::Clock>::Instant;

/// The brakes on asking too much.
pub(crate) struct Brakes {
    callers: DefaultKeyedRateLimiter<String>,
    networks: DefaultKeyedRateLimiter<String>,
    /// Who was found to be signed in, and when last. What ended since is forgotten later: it has a bound of its own
    /// and opens nothing.
    known: Mutex<HashMap<String, Instant>>,
}

impl Brakes {
    pub(crate) fn new(limits: &Limits) -> Brakes {
        let quota = |times: u32| {
            let most = |number: u32| NonZeroU32::new(number.saturating_mul(times)).unwrap_or(NonZeroU32::MIN);
            Quota::per_second(most(limits.per_second)).allow_burst(most(limits.burst))
        };
        Brakes {
            callers: RateLimiter::keyed(quota(1)),
            networks: RateLimiter::keyed(quota(CALLERS_OF_A_NETWORK)),
            known: Mutex::default(),
        }
    }

    /// Lets a request through, or says how many seconds to wait.
    pub(crate) fn check(&self, request: &Request) -> Result<(), Fault> {
        let caller = request.caller();
        let shows_secret = request.secret.is_some() || request.bearer.is_some();
        let checked = if !shows_secret {
            // What the caller's own bound refuses is not charged to the network.
            self.callers.check_key(&caller).and_then(|()| self.check_networks(request))
        } else if self.knows(&caller) {
            self.callers.check_key(&caller)
        } else {
            // First the network: a made-up secret must not be a way round, nor cost any memory.
            self.check_networks(request).and_then(|()| self.callers.check_key(&caller))
        };
        checked.map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            Fault::TooMany { retry_after_seconds: u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).max(1) }
        })
    }

    fn check_networks(&self, request: &Request) -> Result<(), NotUntil<Moment>> {
        request.networks().try_for_each(|network| self.networks.check_key(&network))
    }

    fn knows(&self, caller: &str) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(caller).is_some_and(|at| at.elapsed() < KNOWN)
    }

    /// A session or a token of this secret was found to live.
    pub(crate) fn know(&self, secret: &str) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(caller_of(secret), Instant::now());
    }

    /// Forgets callers that have been quiet, so that their number does not grow for ever.
    pub(crate) fn forget_quiet(&self) {
        self.callers.retain_recent();
        self.networks.retain_recent();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, at| at.elapsed() < KNOWN);
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::extract::ConnectInfo;

    use super::*;
    use crate::proxy::Proxies;

    /// Two at once for a caller, twenty for a network, and the next one after a long time.
    fn brakes() -> Brakes {
        Brakes::new(&Limits { per_second: 1, burst: 2, ..Limits::default() })
    }

    fn from(address: &str, secret: &str) -> Request {
        let mut request = axum::http::Request::get("/");
        if !secret.is_empty() {
            request = request.header("cookie", format!("bottega_session={secret}"));
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts.extensions.insert(ConnectInfo(SocketAddr::new(address.parse().unwrap(), 40_000)));
        Request::read(&parts, &Proxies::default(), false)
    }

    #[test]
    fn who_is_signed_in_does_not_pay_for_strangers_of_the_same_network() {
        let brakes = brakes();
        brakes.know("giulia");
        let floods = (0..1_000).filter(|n| brakes.check(&from("192.0.2.7", &format!("made-up-{n}"))).is_ok());
        assert!(floods.count() < 100, "made-up secrets are bounded together");
        let giulia = from("192.0.2.7", "giulia");
        assert!(brakes.check(&giulia).is_ok() && brakes.check(&giulia).is_ok());
        assert!(matches!(brakes.check(&giulia), Err(Fault::TooMany { .. })), "and has a bound of her own");
    }

    #[test]
    fn what_a_strangers_own_bound_refuses_is_not_charged_to_the_network() {
        let brakes = brakes();
        let stranger = from("192.0.2.7", "");
        let let_through = (0..1_000).filter(|_| brakes.check(&stranger).is_ok()).count();
        assert!(let_through < 10, "{let_through}");
        assert!(brakes.check(&from("192.0.2.7", "a-session-not-seen-yet")).is_ok());
    }

    #[test]
    fn a_site_is_bounded_however_many_networks_it_has() {
        let brakes = brakes();
        let floods =
            (0..1_000).filter(|n| brakes.check(&from(&format!("2001:db8:1:{n:x}::1"), "made-up")).is_ok());
        assert!(floods.count() < 100);
        assert!(brakes.check(&from("2001:db8:2::1", "made-up-elsewhere")).is_ok());
    }

    #[test]
    fn who_was_quiet_is_forgotten() {
        let brakes = brakes();
        brakes.know("giulia");
        brakes.check(&from("192.0.2.7", "giulia")).unwrap();
        brakes.forget_quiet();
        assert!(brakes.knows(&caller_of("giulia")), "she is still signed in");
    }
}
