//! What the house itself says of its state: jobs, what leaves, the disk, the database.

use engine::{Dialect, Disk, Tx, params};
use kernel::{Fault, Instant, Permission};
use primitives::held;
use web::health::{Asking, Health, Level, Place, Vital};

use super::metrics;
use crate::texts::Texts;

/// A due job that nobody takes for so long is worth a look, and for so long a standstill. Seconds.
const LATE_SECONDS: f64 = 120.0;
const STANDSTILL_SECONDS: f64 = 900.0;
/// Sends that failed are told of for so long. Seconds.
const FAILED_TOLD_SECONDS: i64 = 7 * 86_400;
/// Free bytes and shares below which a disk is worth a look, and below which writing will soon fail.
const LITTLE: (u64, f64) = (5_000_000_000, 0.15);
const VERY_LITTLE: (u64, f64) = (1_000_000_000, 0.05);

/// What the room says of the house's state.
pub(crate) const HEALTH: Health = Health { look, metrics: metrics::ALL };

engine::statements! {
    /// Jobs in each state, and since when the first of each is due; and what has not left, by state: how much, since
    /// when the first was to leave, and how much ended lately. What somebody withdrew did not fail, and what is held for
    /// another reason than a restore is told apart.
    QUEUES = "SELECT 'job', state, CAST(COUNT(*) AS BIGINT), MIN(run_at), CAST(0 AS BIGINT) FROM job GROUP BY state
              UNION ALL
              SELECT 'outbox',
                CASE WHEN state = 'failed' AND reason IN ($2, $3) THEN 'withdrawn'
                  WHEN state = 'held' AND reason <> $4 THEN 'held elsewhere' ELSE state END,
                CAST(COUNT(*) AS BIGINT), MIN(not_before),
                CAST(COALESCE(SUM(CASE WHEN ended_at >= $1 THEN 1 ELSE 0 END), 0) AS BIGINT)
              FROM outbox WHERE state IN ('queued', 'attempting', 'failed', 'held') GROUP BY 2";
    /// The database itself: its version, its size, its schema, the processes that use it.
    DATABASE = {
        sqlite: "SELECT sqlite_version(), (SELECT page_count FROM pragma_page_count()) * (SELECT page_size FROM pragma_page_size()),
                   (SELECT COALESCE(MAX(number), 0) FROM schema_version),
                   (SELECT COUNT(*) FROM node_lease WHERE leased_until > $1)",
        postgres: "SELECT CAST(current_setting('server_version') AS TEXT),
                     CAST(pg_database_size(current_database()) AS BIGINT),
                     (SELECT CAST(COALESCE(MAX(number), 0) AS BIGINT) FROM schema_version),
                     (SELECT CAST(COUNT(*) AS BIGINT) FROM node_lease WHERE leased_until > $1)"
    };
}

fn look(tx: &mut Tx<'_>, asking: &Asking<'_>) -> Result<Vec<Vital>, Fault> {
    let t = Texts::new(asking.formats.locale);
    let queues = queues(tx, asking)?;
    let mut vitals = vec![jobs(&queues, asking, &t), outbox(&queues, asking, &t)];
    vitals.push(disk(asking, &t));
    vitals.push(super::backup::vital(tx, asking, &t)?);
    vitals.push(database(tx, asking, &t)?);
    Ok(vitals)
}

/// How long a due instant has been waiting, in seconds.
fn late(asking: &Asking<'_>, due: Option<Instant>) -> f64 {
    due.map_or(0.0, |due| asking.seconds_since(due))
}

fn level_of_wait(seconds: f64) -> Level {
    match seconds {
        _ if seconds > STANDSTILL_SECONDS => Level::Bad,
        _ if seconds > LATE_SECONDS => Level::Attention,
        _ => Level::Ok,
    }
}

/// What waits in one state of one queue.
struct Queued {
    queue: String,
    state: String,
    count: i64,
    due: Option<Instant>,
    lately: i64,
}

fn queues(tx: &mut Tx<'_>, asking: &Asking<'_>) -> Result<Vec<Queued>, Fault> {
    let lately = asking.clock.now().plus_seconds(-FAILED_TOLD_SECONDS);
    let asked = params![lately, held::WITHDRAWN_RESTORED, held::WITHDRAWN, held::RESTORED];
    Ok(tx.query(&QUEUES, asked, |row| {
        Ok(Queued {
            queue: row.take()?,
            state: row.take()?,
            count: row.take()?,
            due: row.take()?,
            lately: row.take()?,
        })
    })?)
}

fn jobs(queues: &[Queued], asking: &Asking<'_>, t: &Texts) -> Vital {
    let row = |state: &str| queues.iter().find(|it| it.queue == "job" && it.state == state);
    let count = |state: &str| row(state).map_or(0, |row| row.count);
    let due = row("waiting").and_then(|row| row.due);
    let (wait, dead) = (late(asking, due), count("dead"));
    let slow = level_of_wait(wait);
    let level = if dead > 0 { slow.max(Level::Attention) } else { slow };
    let sentence = match (slow, due) {
        (Level::Attention | Level::Bad, Some(due)) => {
            t.health_jobs_late(count("waiting"), asking.ago(due)).to_string()
        }
        _ if dead > 0 => t.health_jobs_dead(dead).to_string(),
        _ => t.health_jobs_ok(count("running"), count("waiting")).to_string(),
    };
    let mut vital = Vital::new("jobs", t.health_jobs(), level, sentence)
        .place(Place::new("/settings/jobs", Permission::ManageJobs))
        .reading(&metrics::JOBS_OLDEST_DUE_SECONDS, &[], wait);
    for state in ["waiting", "running", "dead"] {
        vital = vital.reading(&metrics::JOBS, &[state], count(state) as f64);
    }
    match (slow, dead) {
        (Level::Ok, 0) => vital,
        (Level::Ok, _) => vital.next(t.health_jobs_dead_next()),
        _ => vital.next(t.health_jobs_late_next()),
    }
}

fn outbox(queues: &[Queued], asking: &Asking<'_>, t: &Texts) -> Vital {
    let row = |state: &str| queues.iter().find(|it| it.queue == "outbox" && it.state == state);
    let count = |state: &str| row(state).map_or(0, |row| row.count);
    let due =
        ["queued", "attempting"].into_iter().filter_map(|state| row(state).and_then(|row| row.due)).min();
    let failed = row("failed").map_or(0, |row| row.lately);
    let (restored, elsewhere) = (count("held"), count("held elsewhere"));
    let kept_back = restored + elsewhere;
    let (wait, waiting) = (late(asking, due), count("queued") + count("attempting"));
    let slow = level_of_wait(wait);
    let level = if failed + kept_back > 0 { slow.max(Level::Attention) } else { slow };
    let mut sentences = Vec::new();
    match (slow, due) {
        (Level::Attention | Level::Bad, Some(due)) => {
            sentences.push(t.health_outbox_late(waiting, asking.ago(due)).to_string());
        }
        _ if failed > 0 => sentences.push(t.health_outbox_failed(failed).to_string()),
        _ if waiting > 0 => sentences.push(t.health_outbox_waiting(waiting).to_string()),
        _ if kept_back == 0 => sentences.push(t.health_outbox_ok().to_owned()),
        _ => {}
    }
    match elsewhere {
        0 if restored > 0 => sentences.push(t.health_outbox_held_restored(restored).to_string()),
        0 => {}
        _ => sentences.push(t.health_outbox_held(kept_back).to_string()),
    }
    let sentence = sentences.join(" ");
    let stuck = match (slow, failed) {
        (_, 1..) => "/settings/outbox",
        (Level::Ok, _) if kept_back > 0 => "/settings/outbox?state=held",
        _ => "/settings/outbox?state=queued",
    };
    let mut vital = Vital::new("outbox", t.health_outbox(), level, sentence)
        .place(Place::new(stuck, Permission::ManageJobs))
        .reading(&metrics::OUTBOX_OLDEST_DUE_SECONDS, &[], wait);
    for state in ["queued", "attempting", "failed"] {
        vital = vital.reading(&metrics::OUTBOX_ITEMS, &[state], count(state) as f64);
    }
    vital = vital.reading(&metrics::OUTBOX_ITEMS, &["held"], kept_back as f64);
    match (slow, failed) {
        (Level::Ok, 0) if kept_back > 0 => vital.next(t.health_outbox_held_next()),
        (Level::Ok, 0) => vital,
        (Level::Ok, _) => vital.next(t.health_outbox_failed_next()),
        _ => vital.next(t.health_outbox_late_next()),
    }
}

fn level_of_disk(disk: &Disk) -> Level {
    // A large disk may be nearly full by its share and still have room for years.
    let below = |(bytes, share): (u64, f64)| disk.free < bytes && disk.free_share() < share;
    match () {
        () if below(VERY_LITTLE) || disk.free < VERY_LITTLE.0 / 4 => Level::Bad,
        () if below(LITTLE) => Level::Attention,
        () => Level::Ok,
    }
}

fn disk(asking: &Asking<'_>, t: &Texts) -> Vital {
    let disks = asking.engine.disks();
    let Some(fullest) = disks.iter().min_by_key(|disk| disk.free) else {
        return Vital::new("disk", t.health_disk(), Level::Attention, t.health_disk_unknown().to_string());
    };
    let level = level_of_disk(fullest);
    let (free, size) = (asking.formats.bytes(fullest.free), asking.formats.bytes(fullest.size));
    let sentence = t.health_disk_free(free, size).to_string();
    let mut vital = Vital::new("disk", t.health_disk(), level, sentence);
    for disk in &disks {
        vital = vital.reading(&metrics::DISK_FREE_BYTES, &[disk.holds], disk.free as f64).reading(
            &metrics::DISK_SIZE_BYTES,
            &[disk.holds],
            disk.size as f64,
        );
    }
    if level == Level::Ok { vital } else { vital.next(t.health_disk_next()) }
}

fn database(tx: &mut Tx<'_>, asking: &Asking<'_>, t: &Texts) -> Result<Vital, Fault> {
    let name = match tx.dialect() {
        Dialect::Sqlite => "SQLite",
        Dialect::Postgres => "PostgreSQL",
    };
    let (version, bytes, schema, nodes) = tx.one(&DATABASE, params![asking.clock.now()], |row| {
        Ok((row.take::<String>()?, row.take::<i64>()?, row.take::<i64>()?, row.take::<i64>()?))
    })?;
    // A package may add its own words behind the number.
    let number = version.split_whitespace().next().unwrap_or_default();
    let size = asking.formats.bytes(bytes.unsigned_abs());
    let bottega = env!("CARGO_PKG_VERSION");
    let (gone, current) = (asking.engine.is_gone(), schema == engine::newest_schema());
    let (level, sentence) = if gone {
        (Level::Bad, t.health_database_gone().to_owned())
    } else if current {
        (Level::Ok, t.health_database_ok(bottega, format!("{name} {number}"), schema, size).to_string())
    } else {
        (Level::Bad, t.health_database_schema(engine::newest_schema(), schema).to_string())
    };
    let vital = Vital::new("database", t.health_database(), level, sentence)
        .reading(&metrics::BUILD_INFO, &[bottega, name, number], 1.0)
        .reading(&metrics::DATABASE_BYTES, &[], bytes as f64)
        .reading(&metrics::SCHEMA_NUMBER, &[], schema as f64)
        .reading(&metrics::NODES, &[], nodes as f64);
    Ok(match (gone, current) {
        (true, _) => vital.next(t.health_database_gone_next()),
        (false, true) => vital,
        (false, false) => vital.next(t.health_database_schema_next()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_judged_by_what_is_left_in_bytes_and_in_share() {
        let level = |free, size| level_of_disk(&Disk { holds: "files", free, size });
        assert_eq!(level(50_000_000_000, 100_000_000_000), Level::Ok);
        assert_eq!(level(40_000_000_000, 4_000_000_000_000), Level::Ok, "one per cent, and years of room");
        assert_eq!(level(4_000_000_000, 10_000_000_000), Level::Ok, "small and half empty");
        assert_eq!(level(4_000_000_000, 100_000_000_000), Level::Attention);
        assert_eq!(level(900_000_000, 100_000_000_000), Level::Bad);
        assert_eq!(level(100_000_000, 1_000_000_000), Level::Bad, "a tenth of nearly nothing");
    }

    #[test]
    fn what_waits_long_is_worth_a_look_and_then_a_standstill() {
        assert_eq!(level_of_wait(0.0), Level::Ok);
        assert_eq!(level_of_wait(300.0), Level::Attention);
        assert_eq!(level_of_wait(3_600.0), Level::Bad);
    }
}
