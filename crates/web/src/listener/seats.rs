//! How many connections there are, in all and of each address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Bounds;
use crate::proxy::Proxies;

/// Why there is no seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// The whole house is full.
    House,
    /// This address has as many as it may have.
    Address,
}

/// The seats of the house.
#[derive(Clone)]
pub(super) struct Seats(Arc<House>);

struct House {
    most: usize,
    most_of_one: usize,
    uncounted: Proxies,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_network: HashMap<IpAddr, usize>,
}

/// A seat; free again when dropped.
pub(super) struct Seat {
    seats: Seats,
    network: Option<IpAddr>,
}

impl Seats {
    pub(super) fn new(bounds: &Bounds) -> Seats {
        Seats(Arc::new(House {
            most: bounds.connections,
            most_of_one: bounds.connections_per_address,
            uncounted: bounds.uncounted.clone(),
            taken: Mutex::default(),
        }))
    }

    /// Takes a seat for who comes from this address.
    pub(super) fn take(&self, address: IpAddr) -> Result<Seat, Full> {
        let address = address.to_canonical();
        let counted = !address.is_loopback() && !self.0.uncounted.trusts(address);
        let network = counted.then(|| network_of(address));
        let mut taken = self.taken();
        if taken.all >= self.0.most {
            return Err(Full::House);
        }
        if let Some(network) = network {
            let of_one = taken.by_network.entry(network).or_default();
            if *of_one >= self.0.most_of_one {
                return Err(Full::Address);
            }
            *of_one += 1;
        }
        taken.all += 1;
        Ok(Seat { seats: self.clone(), network })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        // Numbers are whole after a panic too: nothing panics between their changes.
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        taken.all -= 1;
        if let Some(network) = self.network
            && let Some(of_one) = taken.by_network.get_mut(&network)
        {
            *of_one -= 1;
            if *of_one == 0 {
                taken.by_network.remove(&network);
            }
        }
    }
}

/// An IPv4 address, or the /64 in which a subscriber chooses IPv6 addresses as they like.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seats(most: usize, most_of_one: usize) -> Seats {
        let uncounted = "192.0.2.9".parse().unwrap();
        Seats::new(&Bounds {
            connections: most,
            connections_per_address: most_of_one,
            uncounted,
            ..Bounds::default()
        })
    }

    #[test]
    fn one_address_cannot_take_every_seat() {
        let seats = seats(5, 2);
        let take = |address: &str| seats.take(address.parse().unwrap());
        let first = take("198.51.100.1").unwrap_or_else(|_| panic!("a seat"));
        let _second = take("198.51.100.1");
        assert_eq!(take("198.51.100.1").err(), Some(Full::Address));
        assert_eq!(take("::ffff:198.51.100.1").err(), Some(Full::Address), "the same one, written otherwise");
        let _other = take("198.51.100.2");
        drop(first);
        let again = take("198.51.100.1");
        assert!(again.is_ok(), "a seat that was left is free");
        let _of_a_proxy = (take("192.0.2.9"), take("192.0.2.9"));
        assert_eq!(take("192.0.2.9").err(), Some(Full::House), "a proxy is bounded by the house only");
    }

    #[test]
    fn a_subscriber_of_the_new_protocol_is_one_address() {
        let seats = seats(5, 1);
        let _first = seats.take("2001:db8:1:2::1".parse().unwrap());
        assert_eq!(seats.take("2001:db8:1:2:ffff::7".parse().unwrap()).err(), Some(Full::Address));
        assert!(seats.take("2001:db8:1:3::1".parse().unwrap()).is_ok());
    }

    #[test]
    fn addresses_that_left_are_forgotten() {
        let seats = seats(10_000, 10);
        for number in 0..1_000_u32 {
            drop(seats.take(IpAddr::V4(number.into())));
        }
        assert!(seats.taken().by_network.is_empty());
        assert_eq!(seats.taken().all, 0);
    }
}
