//! Blobs as objects of a bucket that speaks S3, for more than one node.
//!
//! Every request has a bound and is tried again a few times; what fails then is told as the store being away,
//! and the transaction that wanted it is not made.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kernel::Instant;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig};
use tokio::runtime::Runtime;

use super::{Lying, MARK, address, parts};
use crate::DbError;
use crate::blob::BlobDigest;

/// Longest wait for one request.
const REQUEST: Duration = Duration::from_secs(20);
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(3);
/// How often a request that failed is tried again, and until when.
const RETRIES: usize = 3;
const RETRY_UNTIL: Duration = Duration::from_secs(10);
/// An object older than this is written again when it is put again, so that the sweep finds it young. Hours.
const OLD_HOURS: i64 = 6;

/// How long what was put counts as put lately: far below the age at which the sweep takes it.
const STAGED: Duration = Duration::from_secs(600);
/// So many may be noted before old notes are thrown away.
const MOST_STAGED: usize = 4_096;

/// How a bucket is reached.
#[derive(Clone)]
pub struct BucketOptions {
    /// Its name.
    pub bucket: String,
    /// Under what in it the blobs lie; may be empty.
    pub prefix: String,
    /// The server, such as `https://s3.example`; Amazon's own when `None`. `http://` sends everything plain.
    pub endpoint: Option<String>,
    /// The region, such as `eu-south-1`.
    pub region: String,
    /// The id of the access key.
    pub key_id: String,
    /// The secret of the access key.
    pub secret: String,
}

impl std::fmt::Debug for BucketOptions {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "s3://{}/{} at {:?}", self.bucket, self.prefix, self.endpoint)
    }
}

pub(crate) struct Bucket {
    store: AmazonS3,
    prefix: Path,
    runtime: Option<Runtime>,
    /// What this process put lately, so that a write that is run again need not ask.
    staged: Mutex<HashMap<BlobDigest, std::time::Instant>>,
}

impl Bucket {
    pub(crate) fn open(options: &BucketOptions) -> Result<Bucket, DbError> {
        // The client asks the process for its cryptography; another part of it may have chosen already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = ClientOptions::new()
            .with_timeout(REQUEST)
            .with_connect_timeout(CONNECT)
            .with_allow_http(options.endpoint.as_deref().is_some_and(|url| url.starts_with("http://")));
        let retry = RetryConfig {
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(100),
                max_backoff: Duration::from_secs(2),
                base: 2.0,
            },
            max_retries: RETRIES,
            retry_timeout: RETRY_UNTIL,
        };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&options.bucket)
            .with_region(&options.region)
            .with_access_key_id(&options.key_id)
            .with_secret_access_key(&options.secret)
            .with_client_options(client)
            .with_retry(retry);
        if let Some(endpoint) = &options.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        let store = builder.build().map_err(|error| told(&error))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("bottega-bucket")
            .enable_all()
            .build()
            .map_err(|cause| DbError::File { path: "the threads of the bucket".into(), cause })?;
        let prefix = Path::parse(options.prefix.trim_matches('/'))
            .map_err(|error| DbError::Away(error.to_string()))?;
        Ok(Bucket { store, prefix, runtime: Some(runtime), staged: Mutex::default() })
    }

    /// Waits for something of the bucket's own threads.
    fn wait<T>(&self, what: impl Future<Output = object_store::Result<T>>) -> Result<T, object_store::Error> {
        match &self.runtime {
            Some(runtime) => runtime.handle().block_on(what),
            None => Err(object_store::Error::NotSupported { source: "the bucket is closed".into() }),
        }
    }

    pub(super) fn is_staged(&self, digest: &BlobDigest) -> bool {
        let staged = self.staged.lock().unwrap_or_else(PoisonError::into_inner);
        staged.get(digest).is_some_and(|at| at.elapsed() < STAGED)
    }

    fn note_staged(&self, digest: &BlobDigest) {
        let mut staged = self.staged.lock().unwrap_or_else(PoisonError::into_inner);
        if staged.len() >= MOST_STAGED {
            staged.retain(|_, at| at.elapsed() < STAGED);
        }
        staged.insert(*digest, std::time::Instant::now());
    }

    fn place(&self, digest: &BlobDigest) -> Path {
        let (group, rest) = parts(digest);
        self.prefix.clone().join(group).join(rest)
    }

    pub(super) fn put(&self, digest: &BlobDigest, packed: &[u8]) -> Result<(), DbError> {
        let place = self.place(digest);
        let young = match self.wait(self.store.head(&place)) {
            Ok(found) => found.size == packed.len() as u64 && !is_old(found.last_modified.timestamp_micros()),
            Err(object_store::Error::NotFound { .. }) => false,
            Err(error) => return Err(told(&error)),
        };
        if !young {
            let payload = PutPayload::from(packed.to_vec());
            self.wait(self.store.put(&place, payload)).map_err(|error| told(&error))?;
        }
        self.note_staged(digest);
        Ok(())
    }

    pub(super) fn get(&self, digest: &BlobDigest) -> Result<Vec<u8>, DbError> {
        let place = self.place(digest);
        let got = self.wait(async { self.store.get(&place).await?.bytes().await });
        match got {
            Ok(bytes) => Ok(bytes.to_vec()),
            Err(object_store::Error::NotFound { .. }) => {
                Err(DbError::Blob { digest: digest.hex(), problem: "not in the bucket" })
            }
            Err(error) => Err(told(&error)),
        }
    }

    pub(super) fn remove(&self, digest: &BlobDigest) -> Result<(), DbError> {
        match self.wait(self.store.delete(&self.place(digest))) {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(told(&error)),
        }
    }

    pub(super) fn mark(&self) -> Result<Option<String>, DbError> {
        let place = self.prefix.clone().join(MARK);
        match self.wait(async { self.store.get(&place).await?.bytes().await }) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(told(&error)),
        }
    }

    pub(super) fn set_mark(&self, mark: &str) -> Result<(), DbError> {
        let place = self.prefix.clone().join(MARK);
        let payload = PutPayload::from(mark.as_bytes().to_vec());
        self.wait(self.store.put(&place, payload)).map(|_| ()).map_err(|error| told(&error))
    }

    pub(super) fn each(
        &self,
        look: &mut dyn FnMut(Vec<Lying>) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        let list = |place: &Path| {
            self.wait(self.store.list_with_delimiter(Some(place))).map_err(|error| told(&error))
        };
        for group in list(&self.prefix)?.common_prefixes {
            let objects = list(&group)?.objects;
            let name = group.filename().unwrap_or_default().to_owned();
            let lying = objects.iter().filter_map(|object| {
                let digest = address(&name, object.location.filename()?)?;
                Some(Lying { digest, put_at: Instant::from_micros(object.last_modified.timestamp_micros()) })
            });
            look(lying.collect())?;
        }
        Ok(())
    }
}

impl Drop for Bucket {
    /// A runtime must not be ended by one of another's threads that may not block.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// By the bucket's own clock an object has an age only when it is compared with the bucket's now, which is not
/// known; the machine's will do for hours.
fn is_old(put_at: i64) -> bool {
    kernel::Clock::now(&kernel::SystemClock).seconds_since(Instant::from_micros(put_at)) > OLD_HOURS * 3_600
}

/// What failed, without the address, which may be signed.
fn told(error: &object_store::Error) -> DbError {
    DbError::Away(error.to_string().lines().next().unwrap_or_default().to_owned())
}
