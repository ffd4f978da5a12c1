//! Proxies in front of the shop: whose word about the browser's address and scheme counts.
//!
//! Anybody can write `X-Forwarded-For`. It is read only when the peer itself is a trusted proxy, and from its right
//! end: every proxy appends whom it saw, so the first address from the right that is no trusted proxy is the
//! browser's, whatever stands further left. `Forwarded` (RFC 7239) is not read at all: the usual proxies neither
//! write nor remove it, so it is the browser's own word.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use axum::http::HeaderMap;

/// Most hops that are read: a longer list is nobody's proxy chain.
const MOST_HOPS: usize = 32;

/// A network such as `10.0.0.0/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

/// The widest networks that may be one's own: `10.0.0.0/8` and, of the new protocol, what a provider has; its private
/// addresses are `fc00::/7`.
const WIDEST_V4: u8 = 8;
const WIDEST_V6: u8 = 16;
const WIDEST_PRIVATE_V6: u8 = 7;

/// A text that is no network of proxies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNetwork {
    /// It cannot be read.
    #[error("{0:?} is no address and no network such as 10.0.0.0/8 or fd00::/8")]
    Unreadable(String),
    /// It holds strangers, who would be believed whatever they say.
    #[error("{0:?} is too wide: whoever sends from it would be believed; name the proxies alone")]
    TooWide(String),
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Network, InvalidNetwork> {
        let shown = || text.chars().take(60).collect();
        let invalid = || InvalidNetwork::Unreadable(shown());
        let (address, bits) = text.trim().split_once('/').unwrap_or((text.trim(), ""));
        let base: IpAddr = address.parse().map_err(|_| invalid())?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = if bits.is_empty() && !text.contains('/') {
            most
        } else {
            bits.parse::<u8>().ok().filter(|bits| *bits <= most).ok_or_else(invalid)?
        };
        let widest = match base {
            IpAddr::V4(_) => WIDEST_V4,
            IpAddr::V6(base) if base.is_unique_local() => WIDEST_PRIVATE_V6,
            IpAddr::V6(_) => WIDEST_V6,
        };
        if bits < widest {
            return Err(InvalidNetwork::TooWide(shown()));
        }
        Ok(Network { base, bits })
    }
}

impl Network {
    fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let beyond = 32 - u32::from(self.bits);
                base.to_bits().checked_shr(beyond).unwrap_or(0)
                    == address.to_bits().checked_shr(beyond).unwrap_or(0)
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let beyond = 128 - u32::from(self.bits);
                base.to_bits().checked_shr(beyond).unwrap_or(0)
                    == address.to_bits().checked_shr(beyond).unwrap_or(0)
            }
            _ => false,
        }
    }
}

/// The proxies that are trusted; none unless the configuration names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Vec<Network>);

impl FromStr for Proxies {
    type Err = InvalidNetwork;

    /// Networks, separated by commas or spaces.
    fn from_str(text: &str) -> Result<Proxies, InvalidNetwork> {
        let parts = text.split([',', ' ']).filter(|part| !part.trim().is_empty());
        parts.map(str::parse).collect::<Result<_, _>>().map(Proxies)
    }
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The browser's address.
    pub address: IpAddr,
    /// Whether a trusted proxy says that the browser came by HTTPS.
    pub https: bool,
}

impl Proxies {
    /// The machine itself, before which nothing can stand but a proxy of its own.
    pub fn of_this_machine() -> Proxies {
        let one = |base: IpAddr, bits| Network { base, bits };
        Proxies(vec![one(Ipv4Addr::LOCALHOST.into(), 32), one(Ipv6Addr::LOCALHOST.into(), 128)])
    }

    /// Whether nobody is trusted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an address is one of them.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// Where a request comes from, given the peer of its connection.
    pub fn origin(&self, peer: IpAddr, headers: &HeaderMap) -> Origin {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return Origin { address: peer, https: false };
        }
        let seen: Vec<Option<IpAddr>> =
            hops(headers, "x-forwarded-for").iter().map(|hop| address(hop)).collect();
        let scheme = hops(headers, "x-forwarded-proto").pop();
        let mut found = peer;
        for hop in seen.iter().rev().take(MOST_HOPS) {
            // What is no address ends what can be believed: the proxy that wrote it is the last that is known.
            let Some(hop) = hop else { break };
            found = *hop;
            if !self.trusts(*hop) {
                break;
            }
        }
        Origin { address: found, https: scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https")) }
    }
}

/// The comma-separated parts of every header of a name, in order.
fn hops(headers: &HeaderMap, name: &str) -> Vec<String> {
    let mut hops = Vec::new();
    for value in headers.get_all(name) {
        // Bytes that are no text spoil their own part only: what the proxy appended to them counts.
        let text = String::from_utf8_lossy(value.as_bytes());
        hops.extend(text.split(',').map(|part| part.trim().to_owned()));
    }
    hops
}

/// An address as proxies write it: bare, with a port, in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('[') {
        return inner.split(']').next()?.parse().ok().map(|it: IpAddr| it.to_canonical());
    }
    let bare = if text.matches(':').count() == 1 { text.split(':').next()? } else { text };
    bare.parse().ok().map(|it: IpAddr| it.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(trusted: &str, peer: &str, pairs: &[(&'static str, &'static str)]) -> Origin {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        trusted.parse::<Proxies>().unwrap().origin(peer.parse().unwrap(), &headers)
    }

    fn address_of(trusted: &str, peer: &str, pairs: &[(&'static str, &'static str)]) -> String {
        from(trusted, peer, pairs).address.to_string()
    }

    #[test]
    fn whoever_is_no_trusted_proxy_speaks_for_nobody() {
        let spoofed = [("x-forwarded-for", "192.0.2.1"), ("x-forwarded-proto", "https")];
        assert_eq!(address_of("", "198.51.100.9", &spoofed), "198.51.100.9");
        assert_eq!(address_of("10.0.0.0/8", "198.51.100.9", &spoofed), "198.51.100.9");
        assert!(!from("10.0.0.0/8", "198.51.100.9", &spoofed).https);
        assert!(from("10.0.0.0/8", "10.1.2.3", &spoofed).https);
    }

    #[test]
    fn the_rightmost_address_that_is_no_proxy_is_the_browsers() {
        let trusted = "10.0.0.0/8, 127.0.0.1";
        // The browser wrote the first one itself.
        let chain = [("x-forwarded-for", "1.1.1.1, 192.0.2.7, 10.0.0.5")];
        assert_eq!(address_of(trusted, "127.0.0.1", &chain), "192.0.2.7");
        let two = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "192.0.2.7:5555")];
        assert_eq!(address_of(trusted, "10.9.9.9", &two), "192.0.2.7");
        assert_eq!(address_of(trusted, "10.9.9.9", &[("x-forwarded-for", "10.0.0.1, 10.0.0.2")]), "10.0.0.1");
        assert_eq!(address_of(trusted, "10.9.9.9", &[("x-forwarded-for", "1.1.1.1, nonsense")]), "10.9.9.9");
        assert_eq!(address_of(trusted, "::ffff:10.9.9.9", &[]), "10.9.9.9");
    }

    #[test]
    fn what_the_browser_wrote_is_not_the_proxys_word() {
        let trusted = "127.0.0.1";
        let both = [("forwarded", "for=1.1.1.1;proto=https"), ("x-forwarded-for", "192.0.2.7")];
        let origin = from(trusted, "127.0.0.1", &both);
        assert_eq!((origin.address.to_string().as_str(), origin.https), ("192.0.2.7", false));
        let alone = [("forwarded", "for=1.1.1.1;proto=https")];
        let origin = from(trusted, "127.0.0.1", &alone);
        assert_eq!((origin.address.to_string().as_str(), origin.https), ("127.0.0.1", false));
    }

    #[test]
    fn bytes_that_are_no_text_do_not_hide_what_the_proxy_appended() {
        let mut headers = HeaderMap::new();
        let spoiled = axum::http::HeaderValue::from_bytes(b"\xff, 192.0.2.7").unwrap();
        headers.append("x-forwarded-for", spoiled);
        let origin = "127.0.0.1".parse::<Proxies>().unwrap().origin("127.0.0.1".parse().unwrap(), &headers);
        assert_eq!(origin.address.to_string(), "192.0.2.7");
    }

    #[test]
    fn networks_are_read_and_nonsense_is_refused() {
        assert!("fd00::/8".parse::<Network>().unwrap().contains("fd12::1".parse().unwrap()));
        assert!("10.0.0.0/8".parse::<Network>().unwrap().contains("10.8.8.8".parse().unwrap()));
        for everybody in ["0.0.0.0/0", "128.0.0.0/1", "10.0.0.0/7", "::/0", "2000::/3", "2001::/15"] {
            let refused = everybody.parse::<Proxies>();
            assert!(matches!(refused, Err(InvalidNetwork::TooWide(_))), "{everybody}: {refused:?}");
        }
        for nonsense in ["proxy", "10.0.0.0/33", "10.0.0.0/", "/8", "10.0.0.0/-1", "fd00::/129"] {
            assert!(nonsense.parse::<Network>().is_err(), "{nonsense}");
        }
        assert_eq!(" ".parse::<Proxies>().unwrap(), Proxies::default());
    }
}
