//! Configuration: `bottega.toml`, overridden by `BOTTEGA_*` variables, overridden by the command line.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use engine::shelf::{Blobs, BucketOptions};
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};
use web::Proxies;

use crate::log::LogFormat;
use crate::server::Serving;

/// Where the configuration is looked for when nobody says otherwise.
pub const FILE: &str = "bottega.toml";
/// Where it is looked for when the working directory has none: there the Debian package keeps it.
pub const SYSTEM_FILE: &str = "/etc/bottega/bottega.toml";

/// Everything that an installation can configure.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The database: `sqlite:PATH` (embedded) or `postgres://USER@HOST/NAME`.
    pub database_url: String,
    /// The address and port at which the product listens.
    pub listen: String,
    /// The address under which browsers reach it, such as `https://bottega.example`; with https, cookies
    /// are kept to it. Empty when it is the address at which it listens.
    pub public_url: String,
    /// The folder of large files, keys and the outbox.
    pub data_dir: PathBuf,
    /// Whether a backup is taken every night: `auto` (on SQLite yes, on PostgreSQL no), `on` or `off`.
    pub backup: Nights,
    /// The folder of nightly backups. Empty: `backups` in the data folder.
    pub backup_dir: PathBuf,
    /// The hour at which it is taken, 0 to 23, in the shop's own zone.
    pub backup_hour: i8,
    /// How many nights are kept.
    pub backup_daily: usize,
    /// Of how many weeks the newest night is kept besides.
    pub backup_weekly: usize,
    /// Whether backups contain the installation's key.
    pub backup_key: bool,
    /// Where large files lie: empty for the data folder, or `s3://BUCKET/PREFIX`.
    pub blobs: String,
    /// The server of the bucket; empty for Amazon's own.
    pub blobs_endpoint: String,
    /// The region of the bucket.
    pub blobs_region: String,
    /// The id of the bucket's access key.
    pub blobs_key_id: String,
    /// The secret of the bucket's access key.
    pub blobs_secret: String,
    /// A file that holds the secret instead.
    pub blobs_secret_file: PathBuf,
    /// Requests a second that one session, token or address may make, on average.
    pub requests_per_second: u32,
    /// Requests that one of them may make at once.
    pub requests_burst: u32,
    /// Seconds that requests and jobs in hand have to end after the order to stop.
    pub drain_seconds: u64,
    /// What a line of the log looks like.
    pub log_format: LogFormat,
    /// How much the log says, such as `info` or `info,web=debug`.
    pub log_level: String,
    /// The proxies in front, as addresses or networks separated by commas, such as `127.0.0.1, 10.0.0.0/8`: only
    /// their `X-Forwarded-For` and `X-Forwarded-Proto` are believed. Empty: this machine's, where `listen` is an address
    /// of this machine alone and `public_url` is https; else nobody's.
    pub trusted_proxies: String,
}

/// Whether there is a backup every night.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Nights {
    /// On SQLite yes; PostgreSQL usually has backups of its own.
    Auto,
    /// Yes.
    On,
    /// No.
    Off,
}

impl Default for Config {
    fn default() -> Self {
        let limits = web::Limits::default();
        Config {
            database_url: "sqlite:bottega-data/bottega.db".into(),
            listen: "127.0.0.1:8420".into(),
            public_url: String::new(),
            data_dir: "bottega-data".into(),
            backup: Nights::Auto,
            backup_dir: PathBuf::new(),
            backup_hour: 3,
            backup_daily: 7,
            backup_weekly: 4,
            backup_key: true,
            blobs: String::new(),
            blobs_endpoint: String::new(),
            blobs_region: "us-east-1".into(),
            blobs_key_id: String::new(),
            blobs_secret: String::new(),
            blobs_secret_file: PathBuf::new(),
            requests_per_second: limits.per_second,
            requests_burst: limits.burst,
            drain_seconds: 20,
            log_format: LogFormat::default(),
            log_level: "info".into(),
            trusted_proxies: String::new(),
        }
    }
}

/// One key, for the reference.
pub struct Key {
    /// Its name in the file.
    pub name: &'static str,
    /// What it is for.
    pub what: &'static str,
}

/// Every key in the order of the reference. A test holds it equal to [`Config`].
pub const KEYS: [Key; 22] = [
    Key {
        name: "database_url",
        what: "The database: `sqlite:PATH` (embedded, the default) or `postgres://USER@HOST/NAME`, with `?sslmode=` \
               (`disable`, `prefer`, `require`, `verify-full`), `sslrootcert=FILE` and `connect_timeout=SECONDS` where \
               they are needed.",
    },
    Key { name: "listen", what: "The address and port at which the product listens." },
    Key {
        name: "public_url",
        what: "The address under which browsers reach it, such as `https://bottega.example`. With https, cookies are kept \
               to it. Empty: the address at which it listens.",
    },
    Key { name: "data_dir", what: "The folder of large files, keys and the outbox." },
    Key {
        name: "backup",
        what: "Whether `bottega serve` takes a backup every night: `auto` (on SQLite yes, on PostgreSQL no), `on` or \
               `off`.",
    },
    Key {
        name: "backup_dir",
        what: "The folder of backups; better on another disk. Empty: `backups` in the data folder.",
    },
    Key { name: "backup_hour", what: "The hour of the nightly backup, 0 to 23, in the shop's own zone." },
    Key { name: "backup_daily", what: "How many nights are kept." },
    Key { name: "backup_weekly", what: "Of how many weeks the newest night is kept besides." },
    Key {
        name: "backup_key",
        what: "Whether backups contain the installation's key. Without it, keep `bottega.key` in another place.",
    },
    Key {
        name: "blobs",
        what: "Where large files lie: empty for the data folder, or `s3://BUCKET/PREFIX` for a bucket that every node \
               reaches. Backups hold these files too.",
    },
    Key {
        name: "blobs_endpoint",
        what: "The server of the bucket, such as `https://s3.example`; empty: Amazon's own. `http://` is for a server on \
               this machine.",
    },
    Key { name: "blobs_region", what: "The region of the bucket." },
    Key { name: "blobs_key_id", what: "The id of the bucket's access key." },
    Key { name: "blobs_secret", what: "The secret of the bucket's access key; better in the file below." },
    Key {
        name: "blobs_secret_file",
        what: "A file that holds that secret, readable by Bottega's user only.",
    },
    Key {
        name: "requests_per_second",
        what: "Requests a second that one session, token or address may make, on average.",
    },
    Key { name: "requests_burst", what: "Requests that one of them may make at once." },
    Key {
        name: "drain_seconds",
        what: "Seconds that requests and jobs in hand have to end after the order to stop; keep the supervisor's own \
               bound above it.",
    },
    Key { name: "log_format", what: "What a line of the log looks like: `text`, or `json` for programs." },
    Key {
        name: "log_level",
        what: "How much the log of a server says: `error`, `warn`, `info` or `debug`, also by part, as in \
               `info,web=debug` (every answer). `RUST_LOG`, where it is set, decides instead.",
    },
    Key {
        name: "trusted_proxies",
        what: "The proxies in front, as addresses or networks separated by commas, such as `127.0.0.1, 10.0.0.0/8`: only \
               their `X-Forwarded-For` and `X-Forwarded-Proto` are believed. Empty: this machine's own, where `listen` is \
               an address of this machine alone and `public_url` is https, because only a proxy can stand there; else \
               nobody's. Networks wider than `/8` (`/16` of IPv6) are refused.",
    },
];

impl Config {
    /// Reads the file (the default one may be missing, a named one may not) and the environment.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Config> {
        if let Some(file) = file
            && !file.is_file()
        {
            anyhow::bail!("{} is not a file: check --config", file.display());
        }
        let here = Path::new(FILE);
        let file = file.unwrap_or(if here.is_file() { here } else { Path::new(SYSTEM_FILE) });
        // The variables of tests share the prefix and are no keys.
        let keys = KEYS.map(|key| key.name);
        let mut figment = Figment::from(Serialized::defaults(Config::default()));
        if file.is_file() {
            figment = figment.merge(Toml::file_exact(file));
        }
        figment
            .merge(Env::prefixed("BOTTEGA_").only(&keys))
            .extract::<Config>()
            .context("the configuration cannot be read: see docs/reference/configuration.md")
            .and_then(Config::checked)
    }

    fn checked(self) -> anyhow::Result<Config> {
        if !(0..24).contains(&self.backup_hour) {
            anyhow::bail!("backup_hour is {}: write an hour from 0 to 23", self.backup_hour);
        }
        Ok(self)
    }

    /// What the engine needs.
    pub fn engine(&self) -> engine::Options {
        engine::Options { url: self.database_url.clone(), data_dir: self.data_dir.clone() }
    }

    /// Where backups go.
    pub fn backup_dir(&self) -> PathBuf {
        if self.backup_dir.as_os_str().is_empty() {
            self.data_dir.join("backups")
        } else {
            self.backup_dir.clone()
        }
    }

    /// How nights are kept; `None` when they are not.
    pub fn nightly(&self) -> Option<keep::Nightly> {
        let wanted = match self.backup {
            Nights::Auto => self.database_url.starts_with("sqlite:"),
            Nights::On => true,
            Nights::Off => false,
        };
        wanted.then(|| self.plan())
    }

    /// How nights are kept, where they are.
    pub fn plan(&self) -> keep::Nightly {
        keep::Nightly {
            folder: self.backup_dir(),
            hour: self.backup_hour,
            daily: self.backup_daily,
            weekly: self.backup_weekly,
            with_key: self.backup_key,
        }
    }

    /// Where the large files lie.
    pub fn blobs(&self) -> anyhow::Result<Blobs> {
        if self.blobs.is_empty() {
            return Ok(Blobs::Folder);
        }
        let place =
            self.blobs.strip_prefix("s3://").filter(|place| !place.starts_with('/') && !place.is_empty());
        let place = place.with_context(|| format!("blobs = {:?}: write s3://BUCKET/PREFIX", self.blobs))?;
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let secret = if self.blobs_secret_file.as_os_str().is_empty() {
            self.blobs_secret.clone()
        } else {
            let file = self.blobs_secret_file.display();
            std::fs::read_to_string(&self.blobs_secret_file)
                .with_context(|| format!("blobs_secret_file {file} cannot be read"))?
                .trim()
                .to_owned()
        };
        if self.blobs_key_id.is_empty() || secret.is_empty() {
            anyhow::bail!("{} needs blobs_key_id and blobs_secret_file (or blobs_secret)", self.blobs);
        }
        Ok(Blobs::Bucket(BucketOptions {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            endpoint: Some(self.blobs_endpoint.clone()).filter(|endpoint| !endpoint.is_empty()),
            region: self.blobs_region.clone(),
            key_id: self.blobs_key_id.clone(),
            secret,
        }))
    }

    /// The proxies whose word counts for a server that listens at an address. Where only this machine can connect and
    /// browsers come by https, whoever connects is the proxy that speaks https.
    pub fn proxies(&self, listen: &str) -> anyhow::Result<Proxies> {
        let named: Proxies = self.trusted_proxies.parse().context("trusted_proxies cannot be read")?;
        let is_behind_own = self.is_behind_a_proxy() && web::request::is_own_name(listen);
        Ok(if named.is_empty() && is_behind_own { Proxies::of_this_machine() } else { named })
    }

    /// Whether a proxy must stand in front: https is its work.
    pub fn is_behind_a_proxy(&self) -> bool {
        self.public_url.starts_with("https:")
    }

    /// What one caller may ask of a server that listens at an address.
    pub fn limits(&self, listen: &str) -> anyhow::Result<web::Limits> {
        let proxies = self.proxies(listen)?;
        Ok(web::Limits { per_second: self.requests_per_second, burst: self.requests_burst, proxies })
    }

    /// How long what runs may go on after the order to stop.
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }

    /// How the product is served at an address.
    pub fn serving(&self, listen: &str) -> anyhow::Result<Serving> {
        Ok(Serving {
            listen: listen.to_owned(),
            public_url: self.public_url(),
            limits: self.limits(listen)?,
            drain: self.drain(),
        })
    }

    /// The public address, when one is set.
    pub fn public_url(&self) -> Option<String> {
        let url = self.public_url.trim_end_matches('/');
        (!url.is_empty()).then(|| url.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_only_a_proxy_can_connect_it_is_believed() {
        let config = |public_url: &str, trusted: &str| Config {
            public_url: public_url.into(),
            trusted_proxies: trusted.into(),
            ..Config::default()
        };
        let public = config("https://bottega.example", "");
        for own in ["127.0.0.1:8420", "[::1]:8420", "localhost:8420"] {
            assert_eq!(public.proxies(own).unwrap(), Proxies::of_this_machine(), "{own}");
        }
        assert!(public.proxies("0.0.0.0:8420").unwrap().is_empty(), "others can connect, too");
        assert!(config("", "").proxies("127.0.0.1:8420").unwrap().is_empty(), "browsers connect themselves");
        let named = config("https://bottega.example", "10.0.0.1").proxies("127.0.0.1:8420").unwrap();
        assert_eq!(named, "10.0.0.1".parse().unwrap());
        assert!(config("", "0.0.0.0/0").proxies("127.0.0.1:8420").is_err(), "the whole internet is no proxy");
    }

    #[test]
    fn every_key_is_in_the_reference() {
        let defaults = serde_json::to_value(Config::default()).unwrap();
        let mut held: Vec<&str> = defaults.as_object().unwrap().keys().map(String::as_str).collect();
        let mut told: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
        held.sort_unstable();
        told.sort_unstable();
        assert_eq!(held, told);
    }
}
