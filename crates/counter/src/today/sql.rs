//! The statements of Today.

engine::statements! {
    /// The newest voices that nobody has answered yet, in visible mailboxes. The plus keeps SQLite from
    /// sorting whole mailboxes: the index of voices alone has them in order.
    ALONE = "SELECT v.id, v.channel, v.subject, v.body, v.score, v.score_most, COALESCE(r.name, v.author), v.occurred_at
             FROM voice v LEFT JOIN person p ON p.id = v.person_id LEFT JOIN person r ON r.id = p.root_id
             WHERE v.conversation_id IS NULL AND +v.mailbox_id IN LIST($1)
             ORDER BY v.occurred_at DESC, v.id DESC LIMIT $2";
}
