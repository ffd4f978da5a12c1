//! What stands around the database: the data folder, the key, whether the database answers at all.

use std::path::Path;

use engine::{DbError, Engine};

use super::Check;
use crate::config::Config;

/// The data folder: there, writable, with room, and nobody else's.
pub(super) fn data_folder(config: &Config) -> Vec<Check> {
    const NAME: &str = "data-folder";
    let folder = &config.data_dir;
    let shown = folder.display();
    if !folder.is_dir() {
        return vec![Check::attention(
            NAME,
            format!("{shown} is not there yet"),
            "the first start of bottega serve makes it; when there was one before, look whether its disk is mounted",
        )];
    }
    let mut found = vec![match writable(folder) {
        Ok(()) => Check::ok(NAME, format!("{shown} can be written")),
        Err(error) => Check::problem(
            NAME,
            format!("{shown} cannot be written: {error}"),
            "give it to the user under whom bottega runs (chown -R), or mount its disk for writing",
        ),
    }];
    found.extend(open_to_others(folder));
    found
}

/// Whether a file can be made there: asking for the mode would not notice a disk mounted read-only.
fn writable(folder: &Path) -> std::io::Result<()> {
    let probe = folder.join(format!(".doctor-{}", std::process::id()));
    std::fs::write(&probe, b"")?;
    std::fs::remove_file(&probe)
}

#[cfg(unix)]
fn open_to_others(folder: &Path) -> Option<Check> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(folder).ok()?.permissions().mode();
    let next = format!("chmod o-rwx {}", folder.display());
    match mode & 0o007 {
        0 => None,
        open if open & 0o002 != 0 => Some(Check::problem(
            "data-folder",
            format!("everybody on this machine may write to {}", folder.display()),
            next,
        )),
        _ => Some(Check::attention(
            "data-folder",
            format!("everybody on this machine may look into {}", folder.display()),
            next,
        )),
    }
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> Option<Check> {
    None
}

/// The key file: there, whole, and readable by its owner only.
pub(super) fn key(config: &Config) -> Check {
    const NAME: &str = "key";
    let path = Engine::key_file(&config.data_dir);
    let shown = path.display();
    match std::fs::read(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Check::attention(
            NAME,
            format!("{shown} is not there"),
            "the first start makes one; when there was one before, put it back from the backup: without it the \
             addresses that answers come back to are not recognised",
        ),
        Err(error) => Check::problem(
            NAME,
            format!("{shown} cannot be read: {error}"),
            "give it to the user under whom bottega runs (chown)",
        ),
        Ok(bytes) if bytes.len() != 32 => Check::problem(
            NAME,
            format!("{shown} has {} bytes instead of 32", bytes.len()),
            "put it back from the backup",
        ),
        Ok(_) if readable_by_others(&path) => Check::problem(
            NAME,
            format!("{shown} may be read by others than its owner"),
            format!("chmod 600 {shown}"),
        ),
        Ok(_) => Check::ok(NAME, format!("{shown} is there, and only its owner reads it")),
    }
}

#[cfg(unix)]
fn readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn readable_by_others(_: &Path) -> bool {
    false
}

/// Who tells where requests come from: without one, everybody behind the proxy is one caller.
pub(super) fn proxies(config: &Config) -> Option<Check> {
    const NAME: &str = "proxies";
    Some(match config.proxies(&config.listen) {
        Err(error) => Check::problem(
            NAME,
            format!("{error:#}"),
            "name the proxies in front as addresses, such as trusted_proxies = \"127.0.0.1\"",
        ),
        Ok(_) if !config.is_behind_a_proxy() => return None,
        Ok(proxies) if proxies.is_empty() => Check::attention(
            NAME,
            "public_url is https and no proxy is trusted: everybody who comes through it counts as one caller, and one \
             stranger can slow all of them down",
            "write the address of the proxy into trusted_proxies, or let listen be 127.0.0.1 where it runs on this \
             machine",
        ),
        Ok(_) => Check::ok(NAME, "the proxy in front tells where requests come from"),
    })
}

/// Why the database does not answer, and what to do.
pub(super) fn unreachable(config: &Config, error: &DbError) -> Check {
    let next = match error {
        DbError::File { cause, .. } if cause.kind() == std::io::ErrorKind::NotFound => {
            "the first start of bottega serve makes it; when there was one before, check database_url and restore the \
             last backup"
        }
        DbError::Address(_) => "write database_url as sqlite:PATH or postgres://USER@HOST/NAME",
        DbError::Postgres(_) | DbError::Pool(_) => {
            "check that PostgreSQL runs, that database_url names it, and that it lets this user in (pg_hba.conf)"
        }
        _ => "check the file's owner and the disk it is on",
    };
    // The address may carry a password, in more than one place.
    let place = engine::shown_address(&config.database_url);
    Check::problem("database", format!("{place} does not answer: {error}"), next)
}

/// Whether this version and the database fit each other.
pub(super) fn schema(found: Option<i64>) -> Check {
    const NAME: &str = "schema";
    let known = engine::newest_schema();
    match found {
        None => Check::attention(
            NAME,
            "the database is empty",
            "the first start of bottega serve fills it; when it held a shop before, check database_url",
        ),
        Some(found) if found > known => Check::problem(
            NAME,
            format!("the database has schema {found}, this version of Bottega knows up to {known}"),
            "install the newer version again",
        ),
        Some(found) if found < known => Check::attention(
            NAME,
            format!("the database has schema {found}, this version of Bottega wants {known}"),
            "bottega migrate brings it up to date",
        ),
        Some(found) => Check::ok(NAME, format!("schema {found}, the newest that this version knows")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_is_away_is_named_without_its_password() {
        for url in [
            "postgres://anna:s3cret@db/shop",
            "postgres://db/shop?user=anna&password=s3cret",
            "postgres://a@db/s?password=s3cret",
        ] {
            let config = Config { database_url: url.into(), ..Config::default() };
            let check = unreachable(&config, &DbError::NotEmpty);
            assert!(check.says.contains("db/") && !check.says.contains("s3cret"), "{}", check.says);
        }
    }
}
