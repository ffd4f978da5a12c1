//! What the doctor counts.

engine::statements! {
    /// Outgoing items that wait for a human or have been on their way for long.
    HELD = "SELECT state, CAST(COUNT(*) AS BIGINT) FROM outbox
            WHERE state = 'held' OR (state = 'attempting' AND attempted_at < $1) OR (state = 'queued' AND not_before < $1)
            GROUP BY state ORDER BY state";
    /// Arrivals that wait for their second step, and since when.
    PENDING = "SELECT CAST(COUNT(*) AS BIGINT), MIN(fetched_at) FROM arrival WHERE state = 'pending' AND id > 0";
}
