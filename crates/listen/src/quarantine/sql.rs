//! The statements of the quarantine.

/// The columns of [`super::Held`], in order.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.source_id, s.name, s.mailbox_id, a.fetched_at, a.item, a.format, a.state, a.cause, a.tries, ",
            "COALESCE(b.size, 0), a.voice_id, a.set_aside_at, a.set_aside_reason, k.name FROM arrival a ",
            "JOIN source s ON s.id = a.source_id LEFT JOIN blob b ON b.digest = a.raw_digest ",
            "LEFT JOIN account k ON k.id = a.set_aside_by ",
            $rest
        )
    };
}

engine::statements! {
    /// A page of what stands in visible quarantine and nobody has set aside, newest first; of one source and of
    /// one kind of cause, where these are given.
    TO_LOOK_AT = select("WHERE a.state = 'quarantined' AND a.set_aside_at IS NULL AND a.id < $1
                           AND +s.mailbox_id IN LIST($2) AND (CAST($3 AS BIGINT) = 0 OR +a.source_id = $3)
                           AND ($4 = '' OR a.cause = $4 OR a.cause LIKE $4 || ' %')
                         ORDER BY a.id DESC LIMIT $5");
    /// The same of what was set aside.
    SET_ASIDE = select("WHERE a.state = 'quarantined' AND a.set_aside_at IS NOT NULL AND a.id < $1
                          AND +s.mailbox_id IN LIST($2) AND (CAST($3 AS BIGINT) = 0 OR +a.source_id = $3)
                          AND ($4 = '' OR a.cause = $4 OR a.cause LIKE $4 || ' %')
                        ORDER BY a.id DESC LIMIT $5");
    /// A visible arrival.
    ONE = select("WHERE a.id = $1 AND s.mailbox_id IN LIST($2)");
    /// How many stand there for which cause, by source.
    CAUSES = "SELECT s.id, s.name, a.cause, CAST(COUNT(*) AS BIGINT)
              FROM source s CROSS JOIN arrival a
              WHERE a.source_id = s.id AND a.state = 'quarantined' AND a.set_aside_at IS NULL AND s.mailbox_id IN LIST($1) GROUP BY s.id, s.name, a.cause ORDER BY s.name, s.id, a.cause";
    /// An arrival, to try it again.
    TO_TRY = "SELECT a.id, a.source_id, a.fetched_at, a.item, a.format, a.mapping, a.raw_digest, a.historical
              FROM arrival a WHERE a.id = $1";
    /// The next arrivals of a run, and how large they are.
    NEXT = "SELECT a.id, a.source_id, a.fetched_at, a.item, a.format, a.mapping, a.raw_digest, a.historical,
              COALESCE(b.size, 0)
            FROM arrival a JOIN source s ON s.id = a.source_id LEFT JOIN blob b ON b.digest = a.raw_digest
            WHERE a.state = 'quarantined' AND a.id > $1 AND a.id <= $2 AND +s.mailbox_id IN LIST($3)
              AND (CAST($4 AS BIGINT) = 0 OR +a.source_id = $4) AND ($5 = '' OR a.cause = $5 OR a.cause LIKE $5 || ' %')
              AND ($6 = 1 OR a.set_aside_at IS NULL)
            ORDER BY a.id LIMIT $7";
    /// Sets an arrival aside, or takes that back.
    PUT = "UPDATE arrival SET set_aside_at = $2, set_aside_by = $3, set_aside_reason = $4
           WHERE id = $1 AND state = 'quarantined'";
    /// Begins a run.
    BEGIN_RUN = "INSERT INTO retry_run (id, mailboxes, source_id, cause, arrival_id, state, position, upto, expected,
                   account_id, created_at) VALUES ($1, $2, $3, $4, $5, 'running', $6, $7, $8, $9, $10)";
    /// A run.
    RUN = "SELECT r.id, r.mailboxes, r.source_id, s.name, r.cause, r.arrival_id, r.state, r.position, r.upto,
             r.expected, r.tried, r.stored, r.duplicate, r.created_at
           FROM retry_run r LEFT JOIN source s ON s.id = r.source_id WHERE r.id = $1";
    /// A run comes further, by whoever knows where it is.
    ADVANCE = "UPDATE retry_run SET position = $2, tried = tried + $3
               WHERE id = $1 AND state = 'running' AND position = $4";
    /// What became of those that were tried.
    BECAME = "UPDATE retry_run SET stored = stored + $2, duplicate = duplicate + $3 WHERE id = $1";
    /// A run is over.
    END_RUN = "UPDATE retry_run SET state = 'ended', ended_at = $2 WHERE id = $1 AND state = 'running'";
}
