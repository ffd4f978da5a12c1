//! Who may hold much of the house: files on their way in, live streams. Both are bounded before they cost anything.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use kernel::{AccountId, Fault};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::{App, sign_in};
use crate::error;
use crate::request::Request;
use crate::staff::Staff;

/// Forms with files that are read at the same time: each may hold [`crate::serve::MOST_BYTES`].
const FORMS_WITH_FILES: usize = 8;
/// How long a form waits for its turn.
const TURN: Duration = Duration::from_secs(15);
/// Live streams of one account: a browser has one, or one for each page where it cannot share.
const STREAMS_PER_ACCOUNT: usize = 24;
/// After how many seconds one may come again.
const AGAIN_SECONDS: u32 = 15;

/// What is under way.
pub(crate) struct Admission {
    files: Arc<Semaphore>,
    streams: Arc<Streams>,
}

type Streams = Mutex<HashMap<Option<AccountId>, usize>>;

impl Default for Admission {
    fn default() -> Admission {
        Admission { files: Arc::new(Semaphore::new(FORMS_WITH_FILES)), streams: Arc::default() }
    }
}

/// The right to send files; given back when dropped.
#[derive(Debug)]
pub struct FilesTurn {
    _permit: OwnedSemaphorePermit,
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
    /// and a few at a time. It replaces neither the mark of the form nor any authorisation. The turn is kept for
    /// as long as the files are.
    pub async fn admit_files(&self, request: &Request) -> Result<FilesTurn, Response> {
        let refused = |fault: Fault| error::page(request, None, &fault).into_response();
        self.brake(request).map_err(refused)?;
        if request.is_cross_site() {
            return Err(error::forged(request).into_response());
        }
        let (app, asking) = (self.clone(), request.clone());
        let known = self.engine().read(move |tx| Ok(Staff::find(tx, &app, &asking)?.is_some())).await;
        if !known.map_err(refused)? {
            return Err(sign_in(request).into_response());
        }
        let turn = tokio::time::timeout(TURN, Arc::clone(&self.admission().files).acquire_owned()).await;
        match turn {
            Ok(Ok(permit)) => Ok(FilesTurn { _permit: permit }),
            _ => Err(refused(Fault::TooMany { retry_after_seconds: AGAIN_SECONDS })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
