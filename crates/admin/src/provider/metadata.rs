//! What a provider says of itself: its addresses and keys. It is kept for some minutes, so that setting out asks nothing
//! of the network; whoever comes while it is being asked waits for the one answer.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use kernel::Instant;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, IssuerUrl, ProviderMetadata};
use serde::{Deserialize, Serialize};

use super::Refusal;
use super::web_client::WebClient;

/// How long it counts without asking again. Seconds.
const FRESH_SECONDS: i64 = 300;
/// How long it counts while the provider does not answer. Seconds.
const KEPT_SECONDS: i64 = 3_600;
/// How long a provider that did not answer is left alone. Seconds.
const SILENT_SECONDS: i64 = 5;
/// How old it is at least when a key that it does not hold makes us ask again. Seconds.
const ROTATED_SECONDS: i64 = 60;

/// What providers say beside the standard's fields.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Further {
    /// Whether every answer says who gives it (RFC 9207).
    #[serde(default, rename = "authorization_response_iss_parameter_supported")]
    pub(super) names_itself: bool,
}

impl AdditionalProviderMetadata for Further {}

/// What a provider says of itself.
pub(super) type Metadata = ProviderMetadata<
    Further,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What is remembered of one issuer.
#[derive(Default)]
struct Told {
    /// What it said last, and when.
    metadata: Option<(Instant, Arc<Metadata>)>,
    /// When it last did not answer.
    silent_at: Option<Instant>,
}

type House = Arc<tokio::sync::Mutex<Told>>;

/// By issuer: as many as were ever set up since the process began.
static HOUSES: LazyLock<Mutex<HashMap<String, House>>> = LazyLock::new(Mutex::default);

/// What an issuer says of itself, at most some minutes old.
pub(super) async fn of(issuer: &str, now: Instant) -> Result<Arc<Metadata>, Refusal> {
    ask(issuer.to_owned(), now, FRESH_SECONDS).await
}

/// The same once more, because a key is not among those that it showed; asked at most once a minute.
pub(super) async fn again(issuer: &str, now: Instant) -> Result<Arc<Metadata>, Refusal> {
    ask(issuer.to_owned(), now, ROTATED_SECONDS).await
}

async fn ask(issuer: String, now: Instant, fresh_seconds: i64) -> Result<Arc<Metadata>, Refusal> {
    let house = {
        let mut houses = HOUSES.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(houses.entry(issuer.clone()).or_default())
    };
    // A task of its own: whoever goes away meanwhile does not take the answer from the others.
    let asking = tokio::spawn(async move {
        let mut told = house.lock().await;
        let is_younger = |at: Instant, seconds: i64| (0..seconds).contains(&now.seconds_since(at));
        let known = |told: &Told, seconds: i64| {
            told.metadata.as_ref().filter(|(at, _)| is_younger(*at, seconds)).map(|(_, it)| Arc::clone(it))
        };
        if let Some(fresh) = known(&told, fresh_seconds) {
            return Ok(fresh);
        }
        if told.silent_at.is_none_or(|at| !is_younger(at, SILENT_SECONDS)) {
            match discover(issuer).await {
                Ok(metadata) => {
                    let metadata = Arc::new(metadata);
                    *told = Told { metadata: Some((now, Arc::clone(&metadata))), silent_at: None };
                    return Ok(metadata);
                }
                Err(_) => told.silent_at = Some(now),
            }
        }
        known(&told, KEPT_SECONDS).ok_or(Refusal::Unreachable)
    });
    asking.await.unwrap_or(Err(Refusal::Unreachable))
}

async fn discover(issuer: String) -> Result<Metadata, Refusal> {
    let url = IssuerUrl::new(issuer.clone()).map_err(|_| Refusal::Unreachable)?;
    let http = WebClient::of(&issuer)?;
    Metadata::discover_async(url, &http).await.map_err(|error| {
        tracing::warn!(%error, issuer, "an identity provider cannot be discovered");
        Refusal::Unreachable
    })
}
