//! Tags: words that a shop puts on conversations.

use engine::{DbError, Tx, params};
use kernel::{Clock, ConversationId, TagId};

engine::statements! {
    /// A tag by name.
    FIND = "SELECT id FROM tag WHERE name = $1";
    /// Creates a tag.
    CREATE = "INSERT INTO tag (id, name) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    /// Puts a tag on a conversation.
    PUT = "INSERT INTO conversation_tag (conversation_id, tag_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    /// The tags of some conversations.
    OF = "SELECT c.conversation_id, t.name FROM conversation_tag c JOIN tag t ON t.id = c.tag_id
          WHERE c.conversation_id IN LIST($1) ORDER BY t.name";
}

/// The tag of this name, created when it is new.
pub fn find_or_create(tx: &mut Tx<'_>, clock: &dyn Clock, name: &str) -> Result<TagId, DbError> {
    if let Some(id) = tx.find(&FIND, params![name], |row| row.take())? {
        return Ok(id);
    }
    let id: TagId = tx.mint(clock);
    tx.execute(&CREATE, params![id, name])?;
    Ok(id)
}

/// Puts a tag on a conversation.
pub fn put(tx: &mut Tx<'_>, conversation: ConversationId, tag: TagId) -> Result<(), DbError> {
    tx.execute(&PUT, params![conversation, tag])?;
    Ok(())
}

/// The tags of some conversations. The caller has checked that they are visible.
pub fn of(
    tx: &mut Tx<'_>,
    conversations: &[ConversationId],
) -> Result<Vec<(ConversationId, String)>, DbError> {
    let keys: Vec<i64> = conversations.iter().map(|id| id.raw()).collect();
    tx.query(&OF, params![keys], |row| Ok((row.take()?, row.take()?)))
}
