//! The form of an answer: fields, and files where the browser sends them.

use axum::RequestPartsExt;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::Tx;
use engine::idempotency::{self, Answer};
use kernel::{Actor, Clock, Fault, IdentityId, Reason};
use sha2::{Digest, Sha256};
use web::admission::FilesTurn;
use web::{App, Form};

use crate::answer::{File, MOST_FILE_BYTES};

/// Most files of one answer.
const MOST_FILES: usize = 20;
/// Most bytes of a field that is no file: the longest answer, in the widest characters.
const MOST_FIELD_BYTES: usize = 1024 * 1024;

/// What was sent.
#[derive(Debug, Default)]
pub struct Sent {
    /// The mark of the session.
    pub csrf: String,
    fields: Vec<(String, String)>,
    files: Vec<File>,
    too_large: bool,
    turn: Option<FilesTurn>,
}

impl FromRequest<App> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, state: &App) -> Result<Self, Response> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
            let form = Form::<Vec<(String, String)>>::from_request(request, state).await?;
            return Ok(Sent { csrf: form.csrf, fields: form.fields, ..Sent::default() });
        }
        let (mut parts, body) = request.into_parts();
        let asking =
            parts.extract_with_state::<web::Request, _>(state).await.map_err(IntoResponse::into_response)?;
        let turn = state.admit_files(&asking).await?;
        let request = Request::from_parts(parts, body);
        let multipart = Multipart::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        let mut sent = Sent::read(multipart).await?;
        sent.turn = Some(turn);
        Ok(sent)
    }
}

impl Sent {
    async fn read(mut multipart: Multipart) -> Result<Sent, Response> {
        let mut sent = Sent::default();
        let mut room = MOST_FILE_BYTES;
        let broken = |error: axum::extract::multipart::MultipartError| error.into_response();
        while let Some(mut field) = multipart.next_field().await.map_err(broken)? {
            let name = field.name().unwrap_or_default().to_owned();
            let file_name = field.file_name().map(str::to_owned);
            let media_type = field.content_type().map(str::to_owned);
            let most = if file_name.is_some() { room } else { MOST_FIELD_BYTES };
            let mut bytes = Vec::new();
            let mut over = false;
            // What is too large is read to its end and dropped, so that the page can say so: a browser
            // that is cut off while it sends shows nothing of ours.
            while let Some(chunk) = field.chunk().await.map_err(broken)? {
                over |= bytes.len() + chunk.len() > most;
                if !over {
                    bytes.extend_from_slice(&chunk);
                }
            }
            match file_name {
                Some(_) if over || sent.files.len() >= MOST_FILES => sent.too_large = true,
                // A file field that nothing was chosen for comes as an empty one.
                Some(given) if given.is_empty() && bytes.is_empty() => {}
                Some(given) => {
                    room -= bytes.len();
                    sent.files.push(File {
                        name: plain_name(&given),
                        media_type: plain_type(media_type.as_deref()),
                        bytes,
                    });
                }
                None if over => return Err(StatusCode::PAYLOAD_TOO_LARGE.into_response()),
                None => {
                    let value = String::from_utf8_lossy(&bytes).into_owned();
                    if name == "csrf" {
                        sent.csrf = value;
                    } else {
                        sent.fields.push((name, value));
                    }
                }
            }
        }
        Ok(sent)
    }

    /// A field; empty when it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The address that was chosen.
    pub fn to(&self) -> Result<Option<IdentityId>, Fault> {
        match self.get("to") {
            "" => Ok(None),
            id => id.parse().map(Some).map_err(|_| Fault::invalid("recipient", Reason::Unknown)),
        }
    }

    /// The files, unless they were too large together.
    pub fn files(&self) -> Result<&[File], Fault> {
        if self.too_large {
            return Err(Fault::invalid("file", Reason::TooLong(MOST_FILE_BYTES)));
        }
        Ok(&self.files)
    }

    /// Does `work` once, however often this very form is sent: pressing twice, going back and pressing
    /// again. Another text in the same form is another answer.
    pub fn once(
        &self,
        tx: &mut Tx<'_>,
        clock: &dyn Clock,
        actor: &Actor,
        path: &str,
        work: impl FnOnce(&mut Tx<'_>) -> Result<String, Fault>,
    ) -> Result<String, Fault> {
        let mut digest = Sha256::new();
        for (name, value) in &self.fields {
            digest.update(format!("{name}={}:{value}\n", value.len()));
        }
        for file in &self.files {
            digest.update(format!("{}={}:", file.name, file.bytes.len()));
            digest.update(&file.bytes);
        }
        let content: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let owner = format!("form:{}", actor.account.map(|id| id.to_string()).unwrap_or_default());
        let key = (!self.get("nonce").is_empty()).then_some(content.as_str());
        let done = idempotency::once(tx, clock, &owner, key, path.as_bytes(), |tx| {
            Ok(Answer { status: 303, body: work(tx)? })
        })?;
        Ok(done.body)
    }
}

/// A file's own name, without the folders that some browsers send and without control characters.
fn plain_name(given: &str) -> String {
    let name = given.rsplit(['/', '\\']).next().unwrap_or(given);
    let name: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    if name.trim().is_empty() { "file".to_owned() } else { name.trim().to_owned() }
}

/// A media type that can stand in a mail; what is not one is plain bytes.
fn plain_type(given: Option<&str>) -> String {
    let token = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.+_".contains(&byte))
    };
    given
        .and_then(|given| given.split(';').next())
        .map(|given| given.trim().to_ascii_lowercase())
        .filter(|given| given.split_once('/').is_some_and(|(a, b)| token(a) && token(b) && a != "multipart"))
        .unwrap_or_else(|| "application/octet-stream".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_types_of_files_are_made_plain() {
        assert_eq!(plain_name("C:\\fakepath\\gruppo\r\n.jpg"), "gruppo  .jpg");
        assert_eq!(plain_name("../../etc/passwd"), "passwd");
        assert_eq!(plain_name("/"), "file");
        assert_eq!(plain_type(Some("Image/PNG; x=1")), "image/png");
        for odd in ["multipart/mixed", "text", "text/\r\nplain", "a b/c", ""] {
            assert_eq!(plain_type(Some(odd)), "application/octet-stream", "{odd:?}");
        }
    }
}
