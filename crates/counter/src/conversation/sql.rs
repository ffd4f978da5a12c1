//! The statements of a conversation's page.

/// What stands around a conversation; `$hex` writes digest and bytes of a blob as hexadecimal digits. The
/// last mail brings its raw bytes along where its writer has several addresses: it says itself from which one
/// it came.
macro_rules! around {
    ($hex:literal) => {
        concat!(
            "SELECT 'mailbox', b.id, b.name, COALESCE(b.address, ''), CAST(0 AS BIGINT) FROM mailbox b WHERE b.id = $2
              UNION ALL
              SELECT 'colleague', a.id, a.name, a.role, CAST(0 AS BIGINT) FROM account a
                JOIN mailbox_grant g ON g.account_id = a.id WHERE g.mailbox_id = $2 AND a.ended_at IS NULL
              UNION ALL
              SELECT 'person', p.id, COALESCE(p.language, ''), COALESCE(o.name, ''), p.known_since FROM person p
                LEFT JOIN organisation o ON o.id = p.organisation_id WHERE p.id = $3
              UNION ALL
              SELECT i.kind, i.id, i.value, i.shown, i.person_id FROM identity i
                WHERE i.person_id IN (SELECT id FROM person WHERE root_id = $3) AND i.kind IN ('email', 'phone')
              UNION ALL
              SELECT 'last-mail', v.id, COALESCE((SELECT ",
            $hex,
            " FROM blob b
                WHERE b.digest = v.raw_digest AND b.bytes IS NOT NULL
                  AND (SELECT COUNT(*) FROM identity i WHERE i.person_id = v.person_id AND i.kind = 'email') > 1), ''),
                COALESCE((SELECT CAST(b.size AS TEXT) FROM blob b WHERE b.digest = v.raw_digest), ''),
                COALESCE(v.person_id, 0) FROM voice v
                WHERE v.id = (SELECT MAX(id) FROM voice WHERE conversation_id = $1 AND channel = 'mail')
              UNION ALL
              SELECT 'product', d.id, d.name, d.version, CAST(0 AS BIGINT) FROM product d WHERE d.id = $4
              UNION ALL
              SELECT 'continues', c.id, c.subject, COALESCE(r.name, ''), CAST(0 AS BIGINT) FROM conversation c
                LEFT JOIN person q ON q.id = c.person_id LEFT JOIN person r ON r.id = q.root_id
                WHERE c.id = $5 AND c.mailbox_id IN LIST($6)
              UNION ALL
              SELECT 'tag', t.id, t.name, '', CAST(0 AS BIGINT) FROM conversation_tag x
                JOIN tag t ON t.id = x.tag_id WHERE x.conversation_id = $1"
        )
    };
}

engine::statements! {
    /// What stands around a conversation, one row each: (kind, id, text, more, number). One statement,
    /// because a page that asked for each of them apart would ask seven times.
    AROUND = {
        sqlite: around!("hex(b.digest) || hex(b.bytes)"),
        postgres: around!("encode(b.digest, 'hex') || encode(b.bytes, 'hex')")
    };
    /// The files of a stretch of a thread.
    FILES = "SELECT id, voice_id, message_id, name, media_type, size, inline FROM attachment
             WHERE voice_id IN LIST($1)
             UNION ALL
             SELECT id, voice_id, message_id, name, media_type, size, inline FROM attachment
             WHERE message_id IN LIST($2) ORDER BY id";
    /// What was done about a conversation in a stretch of time, the latest first.
    DONE = "SELECT e.kind, e.occurred_at, e.actor_kind, e.actor_id, a.name, e.detail
            FROM event e LEFT JOIN account a ON a.id = e.actor_id
            WHERE e.case_id = $1 AND e.occurred_at >= $2 AND e.occurred_at <= $3
              AND e.kind IN ('conversation.state', 'conversation.assigned', 'conversation.continuation')
            ORDER BY e.occurred_at DESC, e.id DESC LIMIT 200";
}
