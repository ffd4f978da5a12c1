//! What is asked of an identity provider over the network: by HTTPS (on the machine itself without, when the provider is
//! there), within a bound of time and size, and never led elsewhere.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::Url;
use reqwest::redirect::Policy;
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls_platform_verifier::BuilderVerifierExt;

use super::Refusal;

/// Most bytes of an answer: metadata and keys have some kilobytes.
const MOST_BYTES: usize = 512 * 1024;
/// How long a provider may take to answer.
const ANSWER: Duration = Duration::from_secs(10);
/// How long it may take to be reached.
const CONNECT: Duration = Duration::from_secs(5);

/// One client for the process: it keeps the certificates that it has read.
static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum WebError {
    /// By plain HTTP over the network, or to this machine in the name of a provider that is not on it.
    #[error("this address is not asked: it is not https")]
    Plain,
    /// It could not be reached, or answered too late.
    #[error("{0}")]
    Failed(#[from] reqwest::Error),
    /// The answer is too large.
    #[error("the answer is larger than {MOST_BYTES} bytes")]
    TooLarge,
    /// The answer cannot be put together.
    #[error("the answer is damaged")]
    Damaged,
}

/// The client, for one provider.
pub(super) struct WebClient {
    client: reqwest::Client,
    issuer: String,
}

fn build() -> Result<reqwest::Client, Box<dyn std::error::Error + Send + Sync>> {
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .timeout(ANSWER)
        .connect_timeout(CONNECT)
        .user_agent("Bottega")
        .build()?;
    Ok(client)
}

impl WebClient {
    /// The client that asks the provider with this issuer.
    pub(super) fn of(issuer: &str) -> Result<WebClient, Refusal> {
        let issuer = issuer.to_owned();
        if let Some(client) = CLIENT.get() {
            return Ok(WebClient { client: client.clone(), issuer });
        }
        let client = build().map_err(|error| {
            tracing::error!(%error, "no identity provider can be asked: the system's certificates cannot be read");
            Refusal::Unreachable
        })?;
        Ok(WebClient { client: CLIENT.get_or_init(|| client).clone(), issuer })
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, WebError> {
        if !is_allowed(&request.uri().to_string(), &self.issuer) {
            return Err(WebError::Plain);
        }
        let mut answer = self.client.execute(request.try_into()?).await?;
        let mut parts = axum::http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            parts = parts.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > MOST_BYTES {
                return Err(WebError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        parts.body(body).map_err(|_| WebError::Damaged)
    }
}

/// Whether it is on the machine itself, without TLS.
fn is_plain_here(url: &Url) -> bool {
    url.scheme() == "http" && matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// Whether an address may be asked in the name of an issuer: by HTTPS; on the machine itself only when the issuer is there,
/// because a provider elsewhere must not make us knock at doors inside.
pub(super) fn is_allowed(address: &str, issuer: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    url.scheme() == "https" || (is_plain_here(&url) && Url::parse(issuer).is_ok_and(|it| is_plain_here(&it)))
}

impl<'c> AsyncHttpClient<'c> for WebClient {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, WebError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_leaves_the_machine() {
        let (there, here) = ("https://login.example", "http://127.0.0.1:9000");
        assert!(is_allowed("https://login.example/token", there));
        assert!(is_allowed("http://127.0.0.1:9000/jwks", here));
        for wrong in ["http://login.example/", "ftp://127.0.0.1/", "nonsense", "file:///etc/passwd"] {
            assert!(!is_allowed(wrong, here), "{wrong}");
        }
    }

    #[test]
    fn a_provider_elsewhere_does_not_make_us_knock_at_this_machine() {
        for inside in ["http://127.0.0.1:8080/token", "http://localhost/", "http://[::1]:9200/_search"] {
            assert!(!is_allowed(inside, "https://login.example"), "{inside}");
        }
    }
}
