//! The statements of conversations.

/// The columns of `Conversation`, in order.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.mailbox_id, b.name, p.root_id, r.name, c.subject, c.state, c.channel, c.language, ",
            "c.owner_id, a.name, c.team_id, c.product_id, c.reply_token, c.preview, c.continues_id, ",
            "c.joined_into_id, c.opened_at, c.last_at, c.waiting_since, c.due_at, c.snoozed_until, c.closed_at, ",
            "c.revision FROM conversation c JOIN mailbox b ON b.id = c.mailbox_id ",
            "LEFT JOIN person p ON p.id = c.person_id LEFT JOIN person r ON r.id = p.root_id ",
            "LEFT JOIN account a ON a.id = c.owner_id ",
            $rest
        )
    };
}

engine::statements! {
    /// A conversation that the actor may see.
    VISIBLE = select("WHERE c.id = $1 AND c.mailbox_id IN LIST($2)");
    /// The conversation of a reply token.
    BY_TOKEN = "SELECT id, mailbox_id, person_id FROM conversation WHERE reply_token = $1";
    /// Opens a conversation.
    CREATE = "INSERT INTO conversation (id, mailbox_id, person_id, subject, state, channel, language, owner_id, team_id,
                product_id, reply_token, preview, historical, continues_id, external_id, opened_at, last_at, closed_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', $12, $13, $14, $15, $15, $16)";
    /// What decides how something said moves a conversation.
    MOVING = "SELECT mailbox_id, state, last_at, waiting_since, revision FROM conversation WHERE id = $1";
    /// Something was said.
    SAID = "UPDATE conversation SET last_at = CASE WHEN last_at < $2 THEN $2 ELSE last_at END, state = $3,
              waiting_since = $4, preview = COALESCE($5, preview),
              closed_at = CASE WHEN CAST($6 AS BIGINT) IS NULL THEN NULL ELSE COALESCE(closed_at, $6) END,
              snoozed_until = CASE WHEN $3 = 'snoozed' THEN snoozed_until ELSE NULL END, revision = revision + 1
            WHERE id = $1";
    /// Sets the state.
    SET_STATE = "UPDATE conversation SET state = $2, waiting_since = $3, snoozed_until = $4, closed_at = $5,
                   revision = revision + 1 WHERE id = $1";
    /// Since when the customer has had no answer: their first words after our last.
    UNANSWERED_SINCE = "SELECT MIN(occurred_at) FROM message WHERE conversation_id = $1 AND kind = 'incoming'
                        AND occurred_at > COALESCE((SELECT MAX(occurred_at) FROM message
                                                    WHERE conversation_id = $1 AND kind = 'outgoing'), -1)";
    /// Conversations to wake.
    SNOOZE_ENDED = "SELECT id, mailbox_id, revision FROM conversation
                    WHERE snoozed_until IS NOT NULL AND snoozed_until <= $1 ORDER BY snoozed_until, id LIMIT 200";
    /// Puts into hands.
    ASSIGN = "UPDATE conversation SET owner_id = $2, team_id = $3, revision = revision + 1 WHERE id = $1";
    /// Moves the messages of a conversation to another.
    MOVE_MESSAGES = "UPDATE message SET conversation_id = $2 WHERE conversation_id = $1";
    /// Moves the voices of a conversation to another.
    MOVE_VOICES = "UPDATE voice SET conversation_id = $2 WHERE conversation_id = $1";
    /// A conversation whose messages were moved.
    JOINED = "UPDATE conversation SET joined_into_id = $2, continues_id = NULL, state = 'closed', closed_at = $3,
                waiting_since = NULL, snoozed_until = NULL, revision = revision + 1 WHERE id = $1";
    /// A conversation that stands for itself.
    APART = "UPDATE conversation SET continues_id = NULL, revision = revision + 1 WHERE id = $1";
}
