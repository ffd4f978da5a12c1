//! How old the last good backup is, and whether the last try failed.

use engine::Tx;
use keep::Kept;
use kernel::Fault;
use web::health::{Asking, Level, Vital};

use super::metrics;
use crate::texts::Texts;

/// A backup older than this is worth a look, and older than this a danger. Seconds.
const OLD_SECONDS: f64 = 50.0 * 3_600.0;
const VERY_OLD_SECONDS: f64 = 8.0 * 86_400.0;
/// How many of the newest backups are looked at for a good one.
const NEWEST: u32 = 200;

pub(super) fn vital(tx: &mut Tx<'_>, asking: &Asking<'_>, t: &Texts) -> Result<Vital, Fault> {
    let newest = keep::newest(tx, NEWEST)?;
    let good = newest.iter().find(|kept| is_good(kept));
    let failed = newest.iter().take_while(|kept| !is_good(kept)).filter(|kept| kept.state == "failed").last();
    let age = good.map(|kept| asking.seconds_since(kept.started_at));
    let level = level_of(age, failed.is_some());
    let sentence = match (good, failed) {
        (None, None) => t.health_backup_none().to_string(),
        (None, Some(failed)) => t.health_backup_never(asking.ago(failed.started_at)).to_string(),
        (Some(good), None) => {
            let size = asking.formats.bytes(good.bytes.unwrap_or_default().unsigned_abs());
            t.health_backup_good(asking.ago(good.started_at), size).to_string()
        }
        (Some(good), Some(failed)) => {
            t.health_backup_failed(asking.ago(failed.started_at), asking.ago(good.started_at)).to_string()
        }
    };
    let mut vital = Vital::new("backup", t.health_backup(), level, sentence);
    if let Some((good, age)) = good.zip(age) {
        vital = vital.reading(&metrics::BACKUP_AGE_SECONDS, &[], age).reading(
            &metrics::BACKUP_BYTES,
            &[],
            good.bytes.unwrap_or_default() as f64,
        );
    }
    Ok(match (level, failed) {
        (Level::Ok, _) => vital,
        (_, Some(_)) => vital.next(t.health_backup_failed_next()),
        (_, None) => vital.next(t.health_backup_none_next()),
    })
}

fn is_good(kept: &Kept) -> bool {
    kept.state == "good" || kept.state == "removed"
}

/// How it stands, by the age of the last good one in seconds and whether a try after it failed.
fn level_of(age: Option<f64>, failed: bool) -> Level {
    match age {
        Some(age) if age > VERY_OLD_SECONDS => Level::Bad,
        Some(age) if age > OLD_SECONDS || failed => Level::Attention,
        Some(_) => Level::Ok,
        None => Level::Attention,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_ages() {
        assert_eq!(level_of(Some(3_600.0), false), Level::Ok);
        assert_eq!(level_of(Some(3_600.0), true), Level::Attention, "the last try failed");
        assert_eq!(level_of(Some(3.0 * 86_400.0), false), Level::Attention);
        assert_eq!(level_of(Some(30.0 * 86_400.0), false), Level::Bad);
        assert_eq!(level_of(None, false), Level::Attention);
    }
}
