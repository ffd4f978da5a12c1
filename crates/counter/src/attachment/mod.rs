//! Files that came or went with a message, to open or to keep.

use axum::extract::{Path, State};
use kernel::{AttachmentId, Fault, Permission};
use primitives::attachment;
use web::{App, Reply, Request};

/// `GET /attachments/{id}`.
pub async fn show(State(app): State<App>, request: Request, Path(id): Path<String>) -> Reply {
    app.page(request, move |tx, staff| {
        staff.actor.authorise(Permission::ReadVoices)?;
        let id: AttachmentId = id.parse().map_err(|_| Fault::NotFound)?;
        let (file, bytes) = attachment::visible(tx, &staff.actor, id)?.ok_or(Fault::NotFound)?;
        Ok(Reply::file(&file.name, &file.media_type, bytes))
    })
    .await
}
