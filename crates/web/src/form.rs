//! Forms: the fields of a page's form and the mark that says it is the page's own.

use axum::extract::{FromRequest, Request as HttpRequest};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Most bytes of a form without files.
const MOST: usize = 2 * 1024 * 1024;

/// A form that was sent: its fields, and the mark that [`crate::App::change`] compares.
#[derive(Debug)]
pub struct Form<T> {
    /// The mark of the session.
    pub csrf: String,
    /// The fields.
    pub fields: T,
}

#[derive(Deserialize)]
struct Mark {
    #[serde(default)]
    csrf: String,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Response;

    async fn from_request(request: HttpRequest, _: &S) -> Result<Self, Response> {
        let bytes = axum::body::to_bytes(request.into_body(), MOST)
            .await
            .map_err(|error| refusal_of(&error).into_response())?;
        let unreadable = |_| StatusCode::UNPROCESSABLE_ENTITY.into_response();
        let Mark { csrf } = serde_html_form::from_bytes(&bytes).map_err(unreadable)?;
        let fields = serde_html_form::from_bytes(&bytes).map_err(unreadable)?;
        Ok(Form { csrf, fields })
    }
}

/// A body that cannot be read to its end is too large, or came too slowly, or was cut off.
fn refusal_of(error: &axum::Error) -> StatusCode {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return StatusCode::PAYLOAD_TOO_LARGE;
        }
        cause = error.source();
    }
    StatusCode::REQUEST_TIMEOUT
}
