//! Sign-in by an identity provider: OpenID Connect's authorization code with PKCE, state and nonce. The protocol is
//! the `openidconnect` crate's; what is asked of the network is bounded in [`web_client`].
//!
//! Metadata and keys are fetched anew for every journey, so that a rotated key is known at once. Somebody is known by
//! the pair of provider and subject; a mail address links once, when the policy says so and the provider says that it
//! verified the address.

mod admission;
pub(crate) mod page;
mod web_client;

use engine::Tx;
use kernel::{Clock, Fault, ProviderId};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenClaims, IdTokenFields,
    IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    StandardErrorResponse, StandardTokenResponse, TokenResponse, UserInfoClaims,
};
use primitives::provider::{self, Provider};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use web::{App, Request};

pub(crate) use admission::admit;

/// The page to which providers send people back.
const BACK: &str = "/sign-in/provider/back";

/// The signatures that are accepted: never none, never a secret that two hold.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
];

/// The address to which a provider sends people back, as it has to be entered there.
pub(crate) fn back(app: &App, request: &Request) -> String {
    format!("{}{BACK}", app.address(request))
}

/// Why a journey led nowhere. The page says a sentence, the log a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// This browser has not gone, or came back already.
    #[error("no journey of this browser")]
    NoJourney,
    /// The person, or the provider, broke it off.
    #[error("broken off at the provider")]
    BrokenOff,
    /// The provider does not answer, or not as the protocol says.
    #[error("the provider does not answer as it should")]
    Unreachable,
    /// What it says is not signed, not for us, not now, or not for this journey.
    #[error("what the provider says cannot be trusted")]
    Untrusted,
    /// The mail domain may not come in.
    #[error("the mail domain may not come in")]
    Domain,
    /// The provider has not verified the mail address.
    #[error("the mail address is not verified")]
    Unverified,
    /// Nobody here is this person, and nobody new comes in by this way.
    #[error("no account")]
    NoAccount,
}

impl Refusal {
    /// As the log writes it.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Refusal::NoJourney => "no-journey",
            Refusal::BrokenOff => "broken-off",
            Refusal::Unreachable => "unreachable",
            Refusal::Untrusted => "untrusted",
            Refusal::Domain => "domain",
            Refusal::Unverified => "unverified",
            Refusal::NoAccount => "no-account",
        }
    }
}

/// Claims beside the standard's: where the groups are.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct OtherClaims(serde_json::Map<String, serde_json::Value>);

impl AdditionalClaims for OtherClaims {}

type Fields = IdTokenFields<
    OtherClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Party = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What is kept, sealed, between going and coming back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Journey {
    provider: ProviderId,
    state: String,
    nonce: String,
    verifier: String,
    /// The address to come back to, as it was told to the provider.
    back: String,
    /// Where one wants to go afterwards.
    pub(crate) then: String,
}

/// A provider with its secret.
#[derive(Clone)]
pub(crate) struct Known {
    /// The provider.
    pub(crate) provider: Provider,
    secret: Option<String>,
}

/// A provider with its secret, opened.
pub(crate) fn known(tx: &mut Tx<'_>, id: ProviderId) -> Result<Known, Fault> {
    let provider = provider::by_id(tx, id)?.ok_or(Fault::NotFound)?;
    let secret = provider.secret(tx)?;
    Ok(Known { provider, secret })
}

/// Whom a provider vouches for.
#[derive(Debug, Clone)]
pub(crate) struct Vouched {
    /// Who they are there, for ever.
    pub(crate) subject: String,
    /// Their mail address.
    pub(crate) email: Option<String>,
    /// Whether the provider has verified the address.
    pub(crate) email_verified: bool,
    /// Their name.
    pub(crate) name: Option<String>,
    /// Their groups, where the provider tells them.
    pub(crate) groups: Vec<String>,
}

/// How many journeys ask a provider at once: whoever comes may set out, and must not make us ask without bound.
static AT_ONCE: Semaphore = Semaphore::const_new(16);

async fn party(known: &Known, back: &str) -> Result<Party, Refusal> {
    let _turn = AT_ONCE.try_acquire().map_err(|_| Refusal::Unreachable)?;
    let is = &known.provider.is;
    let issuer = IssuerUrl::new(is.issuer.clone()).map_err(|_| Refusal::Unreachable)?;
    let http = web_client::WebClient::new()?;
    let metadata = CoreProviderMetadata::discover_async(issuer, &http).await.map_err(|error| {
        tracing::warn!(%error, provider = %known.provider.id, "an identity provider cannot be discovered");
        Refusal::Unreachable
    })?;
    let secret = known.secret.clone().map(ClientSecret::new);
    let back = RedirectUrl::new(back.to_owned()).map_err(|_| Refusal::Unreachable)?;
    let client = Client::from_provider_metadata(metadata, ClientId::new(is.client_id.clone()), secret);
    Ok(client.set_redirect_uri(back))
}

/// Sets out: the provider's address to go to, and what to keep meanwhile.
pub(crate) async fn set_out(known: &Known, back: &str, then: &str) -> Result<(String, Journey), Refusal> {
    let party = party(known, back).await?;
    let random = || engine::random_secret().map_err(|_| Refusal::Unreachable);
    // 52 characters of 32 kinds: RFC 7636 asks for 43 to 128.
    let verifier = random()?;
    let (state, nonce) = (random()?, random()?);
    let kept = PkceCodeVerifier::new(verifier.clone());
    let (for_state, for_nonce) = (state.clone(), nonce.clone());
    let (url, _, _) = party
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(for_state),
            move || Nonce::new(for_nonce),
        )
        .add_scope(Scope::new("email".to_owned()))
        .add_scope(Scope::new("profile".to_owned()))
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&kept))
        .url();
    if !web_client::is_allowed(url.as_str()) {
        return Err(Refusal::Unreachable);
    }
    let journey = Journey {
        provider: known.provider.id,
        state,
        nonce,
        verifier,
        back: back.to_owned(),
        then: then.to_owned(),
    };
    Ok((url.to_string(), journey))
}

/// What a browser brings back.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Returned {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    /// Who answers (RFC 9207): against a provider that passes another's answer on.
    iss: Option<String>,
    error: Option<String>,
}

/// Whether what came back belongs to the journey, before anything is asked of the network.
pub(crate) fn belongs(journey: &Journey, known: &Known, returned: &Returned) -> Result<(), Refusal> {
    if returned.state != journey.state {
        return Err(Refusal::NoJourney);
    }
    if returned.iss.as_ref().is_some_and(|issuer| *issuer != known.provider.is.issuer) {
        return Err(Refusal::Untrusted);
    }
    if returned.error.is_some() || returned.code.is_empty() {
        return Err(Refusal::BrokenOff);
    }
    Ok(())
}

/// Comes back: takes the code to the provider and checks what it says.
pub(crate) async fn come_back(
    clock: &dyn Clock,
    known: &Known,
    journey: &Journey,
    returned: &Returned,
) -> Result<Vouched, Refusal> {
    let party = party(known, &journey.back).await?;
    let http = web_client::WebClient::new()?;
    let untrusted = |error: &dyn std::fmt::Display| {
        tracing::warn!(%error, provider = %known.provider.id, "an identity provider is not believed");
        Refusal::Untrusted
    };
    let answer = party
        .exchange_code(AuthorizationCode::new(returned.code.clone()))
        .map_err(|_| Refusal::Unreachable)?
        .set_pkce_verifier(PkceCodeVerifier::new(journey.verifier.clone()))
        .request_async(&http)
        .await
        .map_err(|error| {
            tracing::warn!(%error, provider = %known.provider.id, "an identity provider refused a code");
            Refusal::Unreachable
        })?;
    let now = clock.now();
    let verifier = party
        .id_token_verifier()
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || chrono::DateTime::from_timestamp_micros(now.micros()).unwrap_or_default());
    let token = answer.id_token().ok_or_else(|| untrusted(&"no ID token"))?;
    let claims = token.claims(&verifier, &Nonce::new(journey.nonce.clone())).map_err(|it| untrusted(&it))?;
    if let Some(expected) = claims.access_token_hash() {
        let algorithm = token.signing_alg().map_err(|it| untrusted(&it))?;
        let key = token.signing_key(&verifier).map_err(|it| untrusted(&it))?;
        let actual = AccessTokenHash::from_token(answer.access_token(), algorithm, key);
        if actual.map_err(|it| untrusted(&it))? != *expected {
            return Err(untrusted(&"the access token is another's"));
        }
    }
    let mut vouched = vouched(known, claims);
    if vouched.email.is_none()
        && let Ok(asked) = party.user_info(answer.access_token().clone(), Some(claims.subject().clone()))
    {
        let told: UserInfoClaims<OtherClaims, CoreGenderClaim> =
            asked.request_async(&http).await.map_err(|it| untrusted(&it))?;
        vouched.email = told.email().map(|email| email.as_str().to_owned());
        vouched.email_verified = told.email_verified().unwrap_or(false);
    }
    Ok(vouched)
}

fn vouched(known: &Known, claims: &IdTokenClaims<OtherClaims, CoreGenderClaim>) -> Vouched {
    let named = claims.name().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned());
    let groups =
        known.provider.is.group_claim.as_ref().and_then(|claim| claims.additional_claims().0.get(claim));
    let groups = match groups {
        Some(serde_json::Value::Array(groups)) => {
            groups.iter().filter_map(|group| group.as_str().map(str::to_owned)).collect()
        }
        Some(serde_json::Value::String(group)) => vec![group.clone()],
        _ => Vec::new(),
    };
    Vouched {
        subject: claims.subject().as_str().to_owned(),
        email: claims.email().map(|email| email.as_str().to_owned()),
        email_verified: claims.email_verified().unwrap_or(false),
        name: named,
        groups,
    }
}
