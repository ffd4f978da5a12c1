//! How a PostgreSQL is reached: its address, by TLS or not, and how long anything there may take.
//!
//! The address is that of libpq, `postgres://USER:PASSWORD@HOST:PORT/NAME?…`, with these of its parameters:
//! `sslmode` (`disable`, `prefer`, `require`, `verify-ca`, `verify-full`), `sslrootcert` (a PEM file; `system`
//! for the machine's own authorities) and `connect_timeout` (seconds). `require` encrypts and asks nobody who
//! answers; `verify-full` also checks that it is who the address names; `verify-ca` is taken as `verify-full`,
//! which is stricter. What was asked for is never silently less: a server without TLS is refused.

use std::sync::Arc;
use std::time::Duration;

use postgres::config::SslMode;
use postgres::{Client, Config};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::DbError;

/// How long a connection may take when the address does not say. Everything else follows from it.
const PATIENCE: Duration = Duration::from_secs(5);

/// A PostgreSQL, as its address names it.
#[derive(Clone)]
pub(crate) struct Dial {
    config: Config,
    tls: MakeRustlsConnect,
    patience: Duration,
}

impl Dial {
    /// Reads an address.
    pub(crate) fn of(url: &str) -> Result<Dial, DbError> {
        let wrong = || DbError::Address(url.to_owned());
        let (plain, mode, root) = take_tls(url);
        let mut config: Config = plain.parse().map_err(|_| wrong())?;
        let (ssl, verify) = match mode.as_deref() {
            None | Some("prefer" | "allow") => (SslMode::Prefer, false),
            Some("disable") => (SslMode::Disable, false),
            // libpq: a named authority is asked even where the mode alone would not.
            Some("require") => (SslMode::Require, root.is_some()),
            Some("verify-ca" | "verify-full") => (SslMode::Require, true),
            Some(_) => return Err(wrong()),
        };
        let patience =
            config.get_connect_timeout().copied().filter(|given| !given.is_zero()).unwrap_or(PATIENCE);
        config.ssl_mode(ssl);
        config.connect_timeout(patience);
        // A peer that has gone without a word is noticed by the system within half a minute.
        config.keepalives(true);
        config.keepalives_idle(patience * 2);
        config.keepalives_interval(patience);
        config.keepalives_retries(2);
        config.tcp_user_timeout(patience * 4);
        Ok(Dial { config, tls: MakeRustlsConnect::new(tls(verify, root.as_deref())?), patience })
    }

    /// Connects.
    pub(crate) fn connect(&self) -> Result<Client, DbError> {
        Ok(self.config.connect(self.tls.clone())?)
    }

    /// How long a connection may take, and how long one waits for a free one.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// How long whoever asked at the edge waits for an answer.
    pub(crate) fn answer_within(&self) -> Duration {
        self.patience * 4
    }

    /// How long one statement may run before the server ends it.
    pub(crate) fn statement_within(&self) -> Duration {
        self.patience * 12
    }

    /// After so long in one transaction's hands without an end a connection leads nowhere: the server would
    /// have ended any statement before.
    pub(crate) fn lost_after(&self) -> Duration {
        self.patience * 14
    }
}

/// Takes the parameters that the driver does not know out of an address: the rest, `sslmode`, `sslrootcert`.
fn take_tls(url: &str) -> (String, Option<String>, Option<String>) {
    let Some((before, query)) = url.split_once('?') else { return (url.to_owned(), None, None) };
    let (mut mode, mut root, mut rest) = (None, None, Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = Some(value.to_owned()),
            Some(("sslrootcert", value)) => root = Some(value.replace("%2F", "/").replace("%2f", "/")),
            _ => rest.push(pair),
        }
    }
    let query = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
    (format!("{before}{query}"), mode, root)
}

fn tls(verify: bool, root: Option<&str>) -> Result<ClientConfig, DbError> {
    let refused = |cause: String| DbError::Tls(cause);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(error.to_string()))?;
    if !verify {
        let anybody = Arc::new(Anybody(provider));
        return Ok(builder.dangerous().with_custom_certificate_verifier(anybody).with_no_client_auth());
    }
    let mut authorities = RootCertStore::empty();
    match root {
        Some(file) if file != "system" => {
            let found =
                CertificateDer::pem_file_iter(file).map_err(|error| refused(format!("{file}: {error}")))?;
            for certificate in found {
                let certificate = certificate.map_err(|error| refused(format!("{file}: {error}")))?;
                authorities.add(certificate).map_err(|error| refused(format!("{file}: {error}")))?;
            }
        }
        _ => {
            authorities.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if authorities.is_empty() {
        return Err(refused("no certificate authority is known: name one by sslrootcert=FILE".into()));
    }
    Ok(builder.with_root_certificates(authorities).with_no_client_auth())
}

/// Encrypts with whoever answers, as `sslmode=require` asks: the signatures must be right, the name may be any.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_address_says_of_tls_is_taken_and_the_rest_left() {
        let (rest, mode, root) =
            take_tls("postgres://a:b@h/n?sslmode=verify-full&connect_timeout=3&sslrootcert=%2Fetc%2Fca.pem");
        assert_eq!(rest, "postgres://a:b@h/n?connect_timeout=3");
        assert_eq!((mode.as_deref(), root.as_deref()), (Some("verify-full"), Some("/etc/ca.pem")));
        assert_eq!(take_tls("postgres://h/n").0, "postgres://h/n");
        assert_eq!(Dial::of("postgres://h/n?connect_timeout=3").unwrap().patience(), Duration::from_secs(3));
    }

    #[test]
    fn an_unknown_mode_is_refused_and_no_error_shows_a_password() {
        let Err(error) = Dial::of("postgres://anna:secret@h/n?sslmode=perhaps") else { panic!("refused") };
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
