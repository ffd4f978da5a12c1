//! Files that came or went with a message. They are visible where their message is.

use engine::blob::{self, BlobDigest};
use engine::{DbError, Row, Tx, params};
use kernel::{Actor, AttachmentId, Clock, MailboxId, MessageId, VoiceId};
use serde::Serialize;

/// A file to keep.
#[derive(Debug, Clone)]
pub struct NewAttachment<'a> {
    /// Its name as the sender gave it.
    pub name: &'a str,
    /// Its media type as the sender gave it.
    pub media_type: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Whether it belongs inside the text.
    pub inline: bool,
}

/// What it came or went with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A voice.
    Voice(VoiceId),
    /// An outgoing message or a note.
    Message(MessageId),
}

/// A file as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// The voice it came with.
    #[serde(skip)]
    pub voice: Option<VoiceId>,
    /// The message it went with.
    #[serde(skip)]
    pub message: Option<MessageId>,
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub size: i64,
    /// Whether it belongs inside the text.
    pub inline: bool,
}

engine::statements! {
    /// Keeps a file.
    CREATE = "INSERT INTO attachment (id, mailbox_id, voice_id, message_id, name, media_type, size, digest, inline)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// The files of some voices.
    OF_VOICES = "SELECT id, voice_id, message_id, name, media_type, size, inline FROM attachment
                 WHERE voice_id IN LIST($1) ORDER BY voice_id, id";
    /// The files of some messages.
    OF_MESSAGES = "SELECT id, voice_id, message_id, name, media_type, size, inline FROM attachment
                   WHERE message_id IN LIST($1) ORDER BY message_id, id";
    /// A file that the actor may see.
    VISIBLE = "SELECT id, voice_id, message_id, name, media_type, size, inline, digest FROM attachment
               WHERE id = $1 AND mailbox_id IN LIST($2)";
}

fn read(row: &mut Row<'_>) -> Result<Attachment, DbError> {
    Ok(Attachment {
        id: row.take()?,
        voice: row.take()?,
        message: row.take()?,
        name: row.take()?,
        media_type: row.take()?,
        size: row.take()?,
        inline: row.take()?,
    })
}

/// Keeps a file with its voice or message.
pub fn keep(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    mailbox: MailboxId,
    owner: Owner,
    new: &NewAttachment<'_>,
) -> Result<AttachmentId, DbError> {
    let id: AttachmentId = tx.mint(clock);
    let digest = blob::put(tx, new.bytes)?;
    let (voice, message) = match owner {
        Owner::Voice(voice) => (Some(voice), None),
        Owner::Message(message) => (None, Some(message)),
    };
    let size = new.bytes.len();
    tx.execute(
        &CREATE,
        params![id, mailbox, voice, message, new.name, new.media_type, size, digest, new.inline],
    )?;
    Ok(id)
}

/// The files of some voices. The caller has checked that they are visible.
pub fn of_voices(tx: &mut Tx<'_>, voices: &[VoiceId]) -> Result<Vec<Attachment>, DbError> {
    tx.query(&OF_VOICES, params![voices.iter().map(|id| id.raw()).collect::<Vec<_>>()], read)
}

/// The files of some messages. The caller has checked that they are visible.
pub fn of_messages(tx: &mut Tx<'_>, messages: &[MessageId]) -> Result<Vec<Attachment>, DbError> {
    tx.query(&OF_MESSAGES, params![messages.iter().map(|id| id.raw()).collect::<Vec<_>>()], read)
}

/// A file and its bytes, if the actor may see it.
pub fn visible(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: AttachmentId,
) -> Result<Option<(Attachment, Vec<u8>)>, DbError> {
    let found =
        tx.find(&VISIBLE, params![id, actor.mailbox_keys()], |row| Ok((read(row)?, row.take::<Vec<u8>>()?)))?;
    let Some((attachment, digest)) = found else { return Ok(None) };
    let digest = BlobDigest::from_column(&digest)
        .ok_or_else(|| DbError::Blob { digest: attachment.id.to_string(), problem: "without address" })?;
    Ok(Some((attachment, blob::get(tx, &digest)?)))
}
