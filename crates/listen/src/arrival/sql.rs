//! The statements of the ledger.

engine::statements! {
    /// Which of these raw bytes the source has brought before. Programs that post through the API are
    /// recognised by their ids instead: two customers may well say the same short thing.
    KNOWN = {
        sqlite: "SELECT raw_digest, id, state, fetched_at, historical FROM arrival WHERE source_id = $1
                   AND raw_digest IN (SELECT unhex(value) FROM json_each($2))
                   AND state <> 'duplicate' AND format <> 'api'",
        postgres: "SELECT raw_digest, id, state, fetched_at, historical FROM arrival WHERE source_id = $1
                     AND raw_digest = ANY (SELECT decode(given.hex, 'hex') FROM unnest(CAST($2 AS TEXT[])) AS given (hex))
                     AND state <> 'duplicate' AND format <> 'api'"
    };
    /// What the source stored under an id: the one of this content, if there is one, and any two, in the order of
    /// their index. However often an id comes, no more is read.
    SAME_ID = "SELECT same.id, same.voice_id, CAST(1 AS BIGINT) FROM (SELECT id, voice_id FROM arrival
                 WHERE source_id = $1 AND external_id = $2 AND state = 'stored' AND content_digest = $3 LIMIT 1) same
               UNION ALL
               SELECT other.id, other.voice_id, CAST(0 AS BIGINT) FROM (SELECT id, voice_id FROM arrival
                 WHERE source_id = $1 AND external_id = $2 AND state = 'stored'
                 ORDER BY content_digest LIMIT 2) other";
    /// Marks the first one of an id when a second one says something else; later ones are marked from birth.
    FLAG_SAME_ID = "UPDATE arrival SET flag = CASE WHEN flag IS NULL THEN 'same-id' ELSE flag || ' same-id' END
                    WHERE id = $1 AND (flag IS NULL OR flag NOT LIKE '%same-id%')";
    /// Those of some arrivals of which nothing was made yet, locked where several processes may finish them.
    STILL_OPEN = {
        sqlite: "SELECT id, state FROM arrival WHERE id IN LIST($1) AND state IN ('pending', 'quarantined')",
        postgres: "SELECT id, state FROM arrival WHERE id IN LIST($1) AND state IN ('pending', 'quarantined')
                   ORDER BY id FOR UPDATE"
    };
    /// What became of an arrival.
    END = "UPDATE arrival SET state = $2, external_id = $3, content_digest = $4, cause = $5, flag = $6, voice_id = $7,
             duplicate_of = $8, tries = tries + $9, mapping = COALESCE($10, mapping),
             set_aside_at = CASE WHEN $2 = 'quarantined' THEN set_aside_at END,
             set_aside_by = CASE WHEN $2 = 'quarantined' THEN set_aside_by END,
             set_aside_reason = CASE WHEN $2 = 'quarantined' THEN set_aside_reason END
           WHERE id = $1 AND state = CASE WHEN $9 = 1 THEN 'quarantined' ELSE 'pending' END";
    /// An arrival whose two steps are one.
    ARRIVE = "INSERT INTO arrival (id, source_id, day, fetched_at, item, format, raw_digest, external_id, content_digest,
                state, flag, historical, voice_id, duplicate_of)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    /// Arrivals that a crash left between the two steps.
    PENDING = "SELECT a.id, a.source_id, a.fetched_at, a.item, a.format, a.mapping, a.raw_digest, a.historical, a.import_id
               FROM arrival a WHERE a.state = 'pending' AND a.id > $1 ORDER BY a.id LIMIT $2";
    /// The same, of one source.
    PENDING_OF = "SELECT a.id, a.source_id, a.fetched_at, a.item, a.format, a.mapping, a.raw_digest, a.historical, a.import_id
                  FROM arrival a WHERE a.state = 'pending' AND a.id > $1 AND a.source_id = $3 ORDER BY a.id LIMIT $2";
    /// A page of a source's arrivals in one state, newest first.
    IN_STATE = "SELECT id, fetched_at, item, state, cause, flag, voice_id, duplicate_of, set_aside_at FROM arrival
                WHERE source_id = $1 AND state = $2 AND id < $3 ORDER BY id DESC LIMIT $4";
    /// The same in every state.
    OF_SOURCE = "SELECT id, fetched_at, item, state, cause, flag, voice_id, duplicate_of, set_aside_at FROM arrival
                 WHERE source_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    /// The same of one day.
    OF_DAY = "SELECT id, fetched_at, item, state, cause, flag, voice_id, duplicate_of, set_aside_at FROM arrival
              WHERE source_id = $1 AND day = $4 AND id < $2 ORDER BY id DESC LIMIT $3";
    /// The same, of one day.
    IN_STATE_OF_DAY = "SELECT id, fetched_at, item, state, cause, flag, voice_id, duplicate_of, set_aside_at FROM arrival
                       WHERE source_id = $1 AND state = $2 AND day = $5 AND id < $3 ORDER BY id DESC LIMIT $4";
    /// The raw bytes of an arrival that the actor may see.
    RAW = "SELECT a.raw_digest, a.item FROM arrival a JOIN source s ON s.id = a.source_id
           WHERE a.id = $1 AND s.mailbox_id IN LIST($2)";
}

/// One row for each arrival.
pub static ARRIVALS: engine::Insert = engine::Insert {
    table: "arrival",
    columns: &[
        "id",
        "source_id",
        "day",
        "fetched_at",
        "item",
        "format",
        "raw_digest",
        "state",
        "historical",
        "mapping",
        "duplicate_of",
        "import_id",
    ],
    suffix: "",
};
