//! An identity provider on the loopback, with real HTTP and real signatures, that does what a test tells it to.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    RsaPublicKeyComponents,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const FIRST: &[u8] = include_bytes!("provider-rsa-1.pk8");
const SECOND: &[u8] = include_bytes!("provider-rsa-2.pk8");

pub const CLIENT: &str = "bottega";
pub const SECRET: &str = "un segreto tra le due case";

/// With what the house signs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    FirstRsa,
    SecondRsa,
    Ecdsa,
    /// With the second key under the name of the first.
    Forged,
    /// With nothing.
    None,
    /// With the secret that the client knows, which is no signature of the house.
    Shared,
}

struct Inside {
    issuer: String,
    ecdsa: EcdsaKeyPair,
    shown: Seal,
    seal: Seal,
    /// What each code stands for: the challenge of its journey, and the claims.
    codes: HashMap<String, (String, Value)>,
    asked: usize,
    userinfo: Option<Value>,
    names_itself: bool,
}

/// The house.
#[derive(Clone)]
pub struct House(Arc<Mutex<Inside>>);

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl House {
    pub fn open() -> House {
        let rng = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap();
        let ecdsa =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &rng).unwrap();
        let (told, address) = std::sync::mpsc::channel::<SocketAddr>();
        let house = House(Arc::new(Mutex::new(Inside {
            issuer: String::new(),
            ecdsa,
            shown: Seal::FirstRsa,
            seal: Seal::FirstRsa,
            codes: HashMap::new(),
            asked: 0,
            userinfo: None,
            names_itself: false,
        })));
        let serving = house.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                told.send(listener.local_addr().unwrap()).unwrap();
                let router = Router::new()
                    .route("/.well-known/openid-configuration", get(metadata))
                    .route("/jwks", get(keys))
                    .route("/token", post(token))
                    .route("/userinfo", get(userinfo))
                    .with_state(serving);
                axum::serve(listener, router).await.unwrap();
            });
        });
        house.0.lock().unwrap().issuer = format!("http://{}", address.recv().unwrap());
        house
    }

    pub fn issuer(&self) -> String {
        self.0.lock().unwrap().issuer.clone()
    }

    /// Signs with this from now on, and shows this key.
    pub fn rotate(&self, shown: Seal, seal: Seal) {
        let mut inside = self.0.lock().unwrap();
        (inside.shown, inside.seal) = (shown, seal);
    }

    /// How often it was asked for its metadata.
    pub fn asked(&self) -> usize {
        self.0.lock().unwrap().asked
    }

    /// Says from now on that every answer names who gives it.
    pub fn names_itself(&self) {
        self.0.lock().unwrap().names_itself = true;
    }

    /// What it tells of a person beside the token.
    pub fn tells(&self, claims: Value) {
        self.0.lock().unwrap().userinfo = Some(claims);
    }

    /// The code that a browser brings back from a journey with this challenge, for somebody with these claims.
    pub fn vouches(&self, challenge: &str, claims: Value) -> String {
        let mut inside = self.0.lock().unwrap();
        let code = format!("code-{}", inside.codes.len());
        inside.codes.insert(code.clone(), (challenge.to_owned(), claims));
        code
    }
}

async fn metadata(State(house): State<House>) -> Json<Value> {
    let mut inside = house.0.lock().unwrap();
    inside.asked += 1;
    let at = |path: &str| format!("{}/{path}", inside.issuer);
    Json(json!({
        "issuer": inside.issuer, "authorization_endpoint": at("authorize"), "token_endpoint": at("token"),
        "userinfo_endpoint": at("userinfo"), "jwks_uri": at("jwks"), "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "authorization_response_iss_parameter_supported": inside.names_itself,
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"]
    }))
}

fn rsa(seal: Seal) -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(if seal == Seal::FirstRsa { FIRST } else { SECOND }).unwrap()
}

async fn keys(State(house): State<House>) -> Json<Value> {
    let inside = house.0.lock().unwrap();
    let key = match inside.shown {
        Seal::Ecdsa => {
            let point = inside.ecdsa.public_key().as_ref();
            json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "ec",
                "x": encode(&point[1..33]), "y": encode(&point[33..]) })
        }
        seal => {
            let public = RsaPublicKeyComponents::<Vec<u8>>::from(rsa(seal).public());
            json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "rsa", "n": encode(public.n), "e": encode(public.e) })
        }
    };
    Json(json!({ "keys": [key] }))
}

fn signed(inside: &Inside, claims: &Value) -> String {
    let (algorithm, kid) = match inside.seal {
        Seal::Ecdsa => ("ES256", "ec"),
        Seal::None => ("none", "rsa"),
        Seal::Shared => ("HS256", "rsa"),
        _ => ("RS256", "rsa"),
    };
    let head = json!({ "alg": algorithm, "kid": kid, "typ": "JWT" });
    let body = format!("{}.{}", encode(head.to_string()), encode(claims.to_string()));
    let rng = SystemRandom::new();
    let signature = match inside.seal {
        Seal::None => Vec::new(),
        Seal::Ecdsa => inside.ecdsa.sign(&rng, body.as_bytes()).unwrap().as_ref().to_vec(),
        Seal::Shared => {
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
            ring::hmac::sign(&key, body.as_bytes()).as_ref().to_vec()
        }
        seal => {
            let key = rsa(if seal == Seal::Forged { Seal::SecondRsa } else { seal });
            let mut signature = vec![0; key.public().modulus_len()];
            key.sign(&RSA_PKCS1_SHA256, &rng, body.as_bytes(), &mut signature).unwrap();
            signature
        }
    };
    format!("{body}.{}", encode(signature))
}

async fn token(
    State(house): State<House>,
    headers: HeaderMap,
    Form(given): Form<HashMap<String, String>>,
) -> Response {
    let refused =
        || (axum::http::StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    let mut inside = house.0.lock().unwrap();
    let secret = SECRET.replace(' ', "+");
    let known = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{secret}")));
    let authorised = headers.get("authorization").is_some_and(|it| it.to_str().unwrap() == known);
    let Some((challenge, claims)) = given.get("code").and_then(|code| inside.codes.remove(code)) else {
        return refused();
    };
    let verifier = given.get("code_verifier").map(|it| encode(Sha256::digest(it))).unwrap_or_default();
    if !authorised || verifier != challenge {
        return refused();
    }
    let token = signed(&inside, &claims);
    Json(json!({ "access_token": "an access token", "token_type": "Bearer", "expires_in": 300, "id_token": token }))
        .into_response()
}

async fn userinfo(State(house): State<House>) -> Response {
    let told = house.0.lock().unwrap().userinfo.clone();
    told.map_or_else(|| axum::http::StatusCode::NOT_FOUND.into_response(), |told| Json(told).into_response())
}
