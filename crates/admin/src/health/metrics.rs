//! The figures of the house itself.

use web::health::{Kind, Metric};

/// Every metric of this room.
pub(super) const ALL: &[&Metric] = &[
    &JOBS,
    &JOBS_OLDEST_DUE_SECONDS,
    &OUTBOX_ITEMS,
    &OUTBOX_OLDEST_DUE_SECONDS,
    &DISK_FREE_BYTES,
    &DISK_SIZE_BYTES,
    &BACKUP_AGE_SECONDS,
    &BACKUP_BYTES,
    &DATABASE_BYTES,
    &SCHEMA_NUMBER,
    &NODES,
    &BUILD_INFO,
];

const fn gauge(
    name: &'static str,
    unit: &'static str,
    labels: &'static [&'static str],
    means: &'static str,
    when_high: &'static str,
) -> Metric {
    Metric { name, kind: Kind::Gauge, unit, labels, means, when_high }
}

pub(super) static JOBS: Metric = gauge(
    "bottega_jobs",
    "jobs",
    &["state"],
    "Background jobs that are waiting, running or dead (stopped after eight attempts).",
    "`dead` above 0: open Settings, Jobs; the cause stands beside each, and it can be tried again once mended.",
);
pub(super) static JOBS_OLDEST_DUE_SECONDS: Metric = gauge(
    "bottega_jobs_oldest_due_seconds",
    "seconds",
    &[],
    "For how long the first due job has been waiting to be taken; 0 when none is due.",
    "Above 120: the process does not keep up; above 900: no process takes jobs. Look at the log and whether \
     `bottega serve` runs.",
);
pub(super) static OUTBOX_ITEMS: Metric = gauge(
    "bottega_outbox_items",
    "items",
    &["state"],
    "What has not left: queued, attempting, failed or held. What was sent is not counted here.",
    "`failed` growing: open Settings, Leaving, which says why and leads to the conversations. `queued` growing: see the next.",
);
pub(super) static OUTBOX_OLDEST_DUE_SECONDS: Metric = gauge(
    "bottega_outbox_oldest_due_seconds",
    "seconds",
    &[],
    "For how long the first item that should have left has been waiting; 0 when none has.",
    "Above 120: customers wait for words that somebody wrote. Look at the jobs and at the disk of the data folder.",
);
pub(super) static DISK_FREE_BYTES: Metric = gauge(
    "bottega_disk_free_bytes",
    "bytes",
    &["holds"],
    "Room left on the disk that holds the database (SQLite) and on the one that holds the large files.",
    "Alarming when low: below 5 GB and 15 % make room or a larger disk; at 0 nothing can be written.",
);
pub(super) static DISK_SIZE_BYTES: Metric = gauge(
    "bottega_disk_size_bytes",
    "bytes",
    &["holds"],
    "Size of those disks.",
    "Nothing: it is there to compute shares from.",
);
pub(super) static DATABASE_BYTES: Metric = gauge(
    "bottega_database_bytes",
    "bytes",
    &[],
    "Size of the database as it says itself, without the large files.",
    "Nothing by itself: compare its growth with the room on the disk.",
);
pub(super) static SCHEMA_NUMBER: Metric = gauge(
    "bottega_schema_number",
    "number",
    &[],
    "The newest migration that ran on the database.",
    "Different from what the version knows: a newer version has migrated it; install that one here too.",
);
pub(super) static NODES: Metric = gauge(
    "bottega_nodes",
    "processes",
    &[],
    "Processes that hold a number on this database: servers, and commands of the last quarter of an hour.",
    "Above some hundreds: something starts and ends processes in a loop.",
);
pub(super) static BUILD_INFO: Metric = gauge(
    "bottega_build_info",
    "1",
    &["version", "database", "database_version"],
    "Always 1; its labels say which version runs on which database.",
    "Nothing: two versions at once mean that an upgrade is half done.",
);
pub(super) static BACKUP_AGE_SECONDS: Metric = gauge(
    "bottega_backup_age_seconds",
    "seconds",
    &[],
    "How long ago the last good backup was taken; missing when there never was one.",
    "Above 180,000 (two days): the nightly backup does not run or fails. `bottega doctor` and the log say why.",
);
pub(super) static BACKUP_BYTES: Metric = gauge(
    "bottega_backup_bytes",
    "bytes",
    &[],
    "The size of the last good backup.",
    "Look whether the disk of the backups has room for as many of them as are kept.",
);
