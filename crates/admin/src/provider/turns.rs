//! How many answers of providers are awaited at once: whoever comes may bring a code back, and must neither make us ask
//! without bound nor keep the others from being asked for.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use super::Refusal;

/// In all.
const AT_ONCE: usize = 64;
/// Of those who come from one network.
const OF_A_NETWORK: usize = 4;
/// How long one waits for a turn.
const PATIENCE: Duration = Duration::from_secs(10);

static ALL: Semaphore = Semaphore::const_new(AT_ONCE);
static NETWORKS: LazyLock<Mutex<HashMap<String, Arc<Semaphore>>>> = LazyLock::new(Mutex::default);

/// A turn; it ends when it is dropped.
pub(super) struct Turn {
    _of_network: OwnedSemaphorePermit,
    _of_all: SemaphorePermit<'static>,
}

/// Waits for a turn of a network's; `Unreachable` when it does not come in time.
pub(super) async fn take(network: &str) -> Result<Turn, Refusal> {
    let own = {
        let mut networks = NETWORKS.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that nobody waits for or asks by any more.
        networks.retain(|_, turns| Arc::strong_count(turns) > 1);
        Arc::clone(
            networks.entry(network.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(OF_A_NETWORK))),
        )
    };
    let turn = async {
        // First one's own: who waits behind their neighbours takes nothing from the others.
        let of_network = own.acquire_owned().await.ok()?;
        let of_all = ALL.acquire().await.ok()?;
        Some(Turn { _of_network: of_network, _of_all: of_all })
    };
    tokio::time::timeout(PATIENCE, turn).await.ok().flatten().ok_or(Refusal::Unreachable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_network_that_takes_all_its_turns_leaves_the_others_theirs() {
        let mut taken = Vec::new();
        for _ in 0..OF_A_NETWORK {
            taken.push(take("198.51.100.1").await.unwrap_or_else(|_| panic!("a turn")));
        }
        assert!(take("198.51.100.1").await.is_err(), "it waits in vain");
        assert!(take("192.0.2.7").await.is_ok());
        taken.pop();
        assert!(take("198.51.100.1").await.is_ok());
    }
}
