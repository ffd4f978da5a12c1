//! Who may hold much of the house: files on their way in, live streams. Both are bounded before they cost anything.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use kernel::{AccountId, Fault};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use crate::app::{App, sign_in};
use crate::error;
use crate::request::Request;
use crate::staff::Staff;

/// Forms with files that are read at the same time: each may hold [`crate::serve::MOST_BYTES`].
const FORMS_WITH_FILES: usize = 8;
/// Of them, forms of one account.
const FORMS_OF_AN_ACCOUNT: usize = 2;
/// A form that announces no more needs no turn: an answer without files never waits. Bytes.
const SMALL_FORM: u64 = 256 * 1024;
/// How long a form waits for its turn.
const TURN: Duration = Duration::from_secs(15);
/// Live streams of one account: a browser has one, or one for each page where it cannot share.
const STREAMS_PER_ACCOUNT: usize = 24;
/// After how many seconds one may come again.
const AGAIN_SECONDS: u32 = 15;

/// What is under way.
pub(crate) struct Admission {
    files: Arc<Semaphore>,
    files_of: Mutex<HashMap<Option<AccountId>, Arc<Semaphore>>>,
    streams: Arc<Streams>,
}

type Streams = Mutex<HashMap<Option<AccountId>, usize>>;

impl Default for Admission {
    fn default() -> Admission {
        Admission {
            files: Arc::new(Semaphore::new(FORMS_WITH_FILES)),
            files_of: Mutex::default(),
            streams: Arc::default(),
        }
    }
}

/// The right to send files; given back when dropped.
#[derive(Debug)]
pub struct FilesTurn {
    /// The account's own permit and the house's; none where the form is small.
    _permits: Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)>,
}

/// The right to hear a live stream; given back when dropped.
pub(crate) struct StreamSeat {
    streams: Arc<Streams>,
    account: Option<AccountId>,
}

impl Drop for StreamSeat {
    fn drop(&mut self) {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = streams.get_mut(&self.account) {
            *open -= 1;
            if *open == 0 {
                streams.remove(&self.account);
            }
        }
    }
}

impl Admission {
    /// A turn for one more form of an account. It waits for its own account's turn first: nobody takes the house's
    /// turns by waiting in line.
    async fn files(&self, account: Option<AccountId>) -> Result<FilesTurn, Fault> {
        let own = {
            let mut of = self.files_of.lock().unwrap_or_else(PoisonError::into_inner);
            // Who sends or waits holds it; the others are forgotten.
            of.retain(|_, turns| Arc::strong_count(turns) > 1);
            let turns = of.entry(account).or_insert_with(|| Arc::new(Semaphore::new(FORMS_OF_AN_ACCOUNT)));
            Arc::clone(turns)
        };
        let house = Arc::clone(&self.files);
        let both =
            async { Ok::<_, AcquireError>((own.acquire_owned().await?, house.acquire_owned().await?)) };
        match tokio::time::timeout(TURN, both).await {
            Ok(Ok(permits)) => Ok(FilesTurn { _permits: Some(permits) }),
            _ => Err(Fault::TooMany { retry_after_seconds: AGAIN_SECONDS }),
        }
    }

    /// A seat for one more stream of an account.
    pub(crate) fn stream(&self, account: Option<AccountId>) -> Result<StreamSeat, Fault> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let open = streams.entry(account).or_default();
        if *open >= STREAMS_PER_ACCOUNT {
            return Err(Fault::TooMany { retry_after_seconds: AGAIN_SECONDS });
        }
        *open += 1;
        Ok(StreamSeat { streams: Arc::clone(&self.streams), account })
    }
}

impl App {
    /// Lets a form with files in, before anything of it is read: only from who is signed in, from our own pages,
    /// and a few at a time, fewer of one account. A small form needs no turn. It replaces neither the mark of the
    /// form nor any authorisation. The turn is kept for as long as the files are.
    pub async fn admit_files(&self, request: &Request) -> Result<FilesTurn, Response> {
        let refused = |fault: Fault| error::page(request, None, &fault).into_response();
        self.brake(request).map_err(refused)?;
        if request.is_cross_site() {
            return Err(error::forged(request).into_response());
        }
        let (app, asking) = (self.clone(), request.clone());
        let account = self.engine().read(move |tx| {
            let found = Staff::find(tx, &app, &asking)?;
            Ok(found.map(|staff| staff.actor.account))
        });
        let Some(account) = account.await.map_err(refused)? else {
            return Err(sign_in(request).into_response());
        };
        if request.body_bytes.is_some_and(|bytes| bytes <= SMALL_FORM) {
            return Ok(FilesTurn { _permits: None });
        }
        self.admission().files(account).await.map_err(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_account_leaves_turns_for_the_others() {
        let admission = Admission::default();
        let mut held = Vec::new();
        for _ in 0..FORMS_OF_AN_ACCOUNT {
            held.push(admission.files(Some(AccountId(1))).await.unwrap());
        }
        let one_more = admission.files(Some(AccountId(1))).await;
        assert!(matches!(one_more, Err(Fault::TooMany { .. })), "the paused clock has waited for its turn");
        for account in 2..=4 {
            for _ in 0..FORMS_OF_AN_ACCOUNT {
                held.push(admission.files(Some(AccountId(account))).await.unwrap());
            }
        }
        assert!(admission.files(Some(AccountId(9))).await.is_err(), "the house has eight");
        held.remove(0);
        assert!(admission.files(Some(AccountId(9))).await.is_ok(), "one that ended makes room");
        held.clear();
        let _last = admission.files(Some(AccountId(5))).await.unwrap();
        assert_eq!(admission.files_of.lock().unwrap().len(), 1, "who sends nothing is forgotten");
    }

    #[test]
    fn an_account_has_a_bounded_number_of_streams_and_takes_none_of_others() {
        let admission = Admission::default();
        let mut open: Vec<_> = (0..STREAMS_PER_ACCOUNT)
            .map(|_| admission.stream(Some(AccountId(1))).unwrap_or_else(|_| panic!()))
            .collect();
        assert!(matches!(admission.stream(Some(AccountId(1))), Err(Fault::TooMany { .. })));
        assert!(admission.stream(Some(AccountId(2))).is_ok());
        open.pop();
        assert!(admission.stream(Some(AccountId(1))).is_ok(), "one that ended makes room");
        open.clear();
        assert!(admission.streams.lock().unwrap().is_empty());
    }
}
