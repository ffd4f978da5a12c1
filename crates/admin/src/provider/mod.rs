//! Sign-in by an identity provider: OpenID Connect's authorization code with PKCE, state and nonce. The protocol is
//! the `openidconnect` crate's; what is asked of the network is bounded in [`web_client`].
//!
//! Metadata and keys are kept for some minutes ([`metadata`]) and asked for again when a key is not among them. Somebody
//! is known by the pair of provider and subject; a mail address links once, when the policy says so and the provider says
//! that it verified the address. What a provider says of a person stands in no log: causes are codes.

mod admission;
mod metadata;
pub(crate) mod page;
mod turns;
mod web_client;

use std::time::Duration;

use engine::Tx;
use kernel::{Fault, Instant, ProviderId};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthorizationCode, ClaimsVerificationError, Client, ClientId,
    ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    IdTokenClaims, IdTokenFields, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RequestTokenError, Scope, StandardErrorResponse, StandardTokenResponse, TokenResponse,
    UserInfoClaims, UserInfoError,
};
use primitives::policy;
use primitives::provider::{self, Provider};
use serde::{Deserialize, Serialize};
use web::{App, Request};

use metadata::Metadata;

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
type Answer = StandardTokenResponse<Fields, CoreTokenType>;
type Claims = IdTokenClaims<OtherClaims, CoreGenderClaim>;
type Party = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Answer,
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
    /// Whether somebody signed in went to prove who they are.
    pub(crate) again: bool,
}

/// A provider with its secret.
#[derive(Clone)]
pub(crate) struct Known {
    /// The provider.
    pub(crate) provider: Provider,
    secret: Option<String>,
    /// How old a sign-in there may be. Seconds.
    most_seconds: i64,
}

/// A provider with its secret, opened.
pub(crate) fn known(tx: &mut Tx<'_>, id: ProviderId) -> Result<Known, Fault> {
    let provider = provider::by_id(tx, id)?.ok_or(Fault::NotFound)?;
    let secret = provider.secret(tx)?;
    Ok(Known { provider, secret, most_seconds: policy::find(tx)?.session_most_seconds })
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
    /// Their groups; `None` where the provider says nothing of groups.
    pub(crate) groups: Option<Vec<String>>,
    /// When they proved there who they are, where the provider tells it.
    pub(crate) proved_at: Option<Instant>,
}

/// How fresh a proof must be that somebody goes to give. Seconds.
const AGAIN_SECONDS: u64 = 60;

fn party(known: &Known, metadata: &Metadata, back: &str) -> Result<Party, Refusal> {
    let secret = known.secret.clone().map(ClientSecret::new);
    let back = RedirectUrl::new(back.to_owned()).map_err(|_| Refusal::Unreachable)?;
    let client_id = ClientId::new(known.provider.is.client_id.clone());
    Ok(Client::from_provider_metadata(metadata.clone(), client_id, secret).set_redirect_uri(back))
}

/// Sets out: the provider's address to go to, and what to keep meanwhile. `again` asks the provider to let the person prove
/// who they are, however lately they did.
pub(crate) async fn set_out(
    now: Instant,
    known: &Known,
    back: &str,
    then: &str,
    again: bool,
) -> Result<(String, Journey), Refusal> {
    let issuer = &known.provider.is.issuer;
    let party = party(known, &*metadata::of(issuer, now).await?, back)?;
    let random = || engine::random_secret().map_err(|_| Refusal::Unreachable);
    // 52 characters of 32 kinds: RFC 7636 asks for 43 to 128.
    let verifier = random()?;
    let (state, nonce) = (random()?, random()?);
    let kept = PkceCodeVerifier::new(verifier.clone());
    let (for_state, for_nonce) = (state.clone(), nonce.clone());
    // To ask for an age makes a provider tell when somebody proved who they are.
    let most = u64::try_from(known.most_seconds).unwrap_or(AGAIN_SECONDS);
    let mut asking = party
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(for_state),
            move || Nonce::new(for_nonce),
        )
        .add_scope(Scope::new("email".to_owned()))
        .add_scope(Scope::new("profile".to_owned()))
        .set_max_age(Duration::from_secs(if again { AGAIN_SECONDS } else { most }))
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&kept));
    if again {
        asking = asking.add_prompt(CoreAuthPrompt::Login);
    }
    let (url, _, _) = asking.url();
    if !web_client::is_allowed(url.as_str(), issuer) {
        return Err(Refusal::Unreachable);
    }
    let journey = Journey {
        provider: known.provider.id,
        state,
        nonce,
        verifier,
        back: back.to_owned(),
        then: then.to_owned(),
        again,
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

/// Writes into the log that a provider is not believed: by a code, because its own words tell of people.
fn untrusted(known: &Known, cause: &str) -> Refusal {
    tracing::warn!(cause, provider = %known.provider.id, "an identity provider is not believed");
    Refusal::Untrusted
}

fn cause_of_claims(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "expired",
        ClaimsVerificationError::InvalidAudience(_) => "audience",
        ClaimsVerificationError::InvalidAuthTime(_) => "auth-time",
        ClaimsVerificationError::InvalidIssuer(_) => "issuer",
        ClaimsVerificationError::InvalidNonce(_) => "nonce",
        ClaimsVerificationError::InvalidSubject(_) => "subject",
        ClaimsVerificationError::SignatureVerification(_) => "signature",
        _ => "claims",
    }
}

fn cause_of_code<E: std::error::Error>(
    error: &RequestTokenError<E, StandardErrorResponse<CoreErrorResponseType>>,
) -> String {
    match error {
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            CoreErrorResponseType::Extension(_) => "another-error".to_owned(),
            known => known.as_ref().to_owned(),
        },
        RequestTokenError::Request(_) => "unreachable".to_owned(),
        RequestTokenError::Parse(..) => "unreadable".to_owned(),
        RequestTokenError::Other(_) => "other".to_owned(),
    }
}

fn cause_of_person<E: std::error::Error>(error: &UserInfoError<E>) -> &'static str {
    match error {
        UserInfoError::ClaimsVerification(error) => cause_of_claims(error),
        UserInfoError::Parse(_) => "unreadable",
        UserInfoError::Request(_) => "unreachable",
        UserInfoError::Response(..) => "answer",
        _ => "other",
    }
}

/// What the ID token says, when it is signed by the provider, for us, now and for this journey.
fn claims<'a>(
    now: Instant,
    party: &Party,
    answer: &'a Answer,
    journey: &Journey,
) -> Result<&'a Claims, ClaimsVerificationError> {
    let verifier = party
        .id_token_verifier()
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || chrono::DateTime::from_timestamp_micros(now.micros()).unwrap_or_default());
    let other = |what: &str| ClaimsVerificationError::Other(what.to_owned());
    let token = answer.id_token().ok_or_else(|| other("no ID token"))?;
    let claims = token.claims(&verifier, &Nonce::new(journey.nonce.clone()))?;
    if let Some(expected) = claims.access_token_hash() {
        let algorithm = token.signing_alg().map_err(ClaimsVerificationError::SignatureVerification)?;
        let key = token.signing_key(&verifier).map_err(ClaimsVerificationError::SignatureVerification)?;
        let actual = AccessTokenHash::from_token(answer.access_token(), algorithm, key);
        if !actual.is_ok_and(|actual| actual == *expected) {
            return Err(other("the access token is another's"));
        }
    }
    Ok(claims)
}

/// Comes back: takes the code to the provider and checks what it says. `network` is where the browser comes from.
pub(crate) async fn come_back(
    now: Instant,
    network: &str,
    known: &Known,
    journey: &Journey,
    returned: &Returned,
) -> Result<Vouched, Refusal> {
    let issuer = &known.provider.is.issuer;
    let metadata = metadata::of(issuer, now).await?;
    if metadata.additional_metadata().names_itself && returned.iss.is_none() {
        return Err(untrusted(known, "unnamed"));
    }
    let party = self::party(known, &metadata, &journey.back)?;
    let http = web_client::WebClient::of(issuer)?;
    let _turn = turns::take(network).await?;
    let answer = party
        .exchange_code(AuthorizationCode::new(returned.code.clone()))
        .map_err(|_| Refusal::Unreachable)?
        .set_pkce_verifier(PkceCodeVerifier::new(journey.verifier.clone()))
        .request_async(&http)
        .await
        .map_err(|error| {
            let cause = cause_of_code(&error);
            tracing::warn!(cause, provider = %known.provider.id, "an identity provider refused a code");
            Refusal::Unreachable
        })?;
    let checked = match claims(now, &party, &answer, journey) {
        // Perhaps its keys changed since it was asked for them.
        Err(ClaimsVerificationError::SignatureVerification(_)) => {
            let party = self::party(known, &*metadata::again(issuer, now).await?, &journey.back)?;
            claims(now, &party, &answer, journey)
        }
        checked => checked,
    };
    let claims = checked.map_err(|error| untrusted(known, cause_of_claims(&error)))?;
    let mut vouched = vouched(known, claims);
    if vouched.email.is_none()
        && let Ok(asked) = party.user_info(answer.access_token().clone(), Some(claims.subject().clone()))
    {
        let told: UserInfoClaims<OtherClaims, CoreGenderClaim> =
            asked.request_async(&http).await.map_err(|error| untrusted(known, cause_of_person(&error)))?;
        vouched.email = told.email().map(|email| email.as_str().to_owned());
        vouched.email_verified = told.email_verified().unwrap_or(false);
    }
    Ok(vouched)
}

fn vouched(known: &Known, claims: &Claims) -> Vouched {
    let named = claims.name().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned());
    let groups =
        known.provider.is.group_claim.as_ref().and_then(|claim| claims.additional_claims().0.get(claim));
    let groups = match groups {
        Some(serde_json::Value::Array(groups)) => {
            Some(groups.iter().filter_map(|group| group.as_str().map(str::to_owned)).collect())
        }
        Some(serde_json::Value::String(group)) => Some(vec![group.clone()]),
        _ => None,
    };
    Vouched {
        subject: claims.subject().as_str().to_owned(),
        email: claims.email().map(|email| email.as_str().to_owned()),
        email_verified: claims.email_verified().unwrap_or(false),
        name: named,
        groups,
        proved_at: claims.auth_time().map(|at| Instant::from_micros(at.timestamp_micros())),
    }
}
