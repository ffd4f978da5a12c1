//! PostgreSQL by TLS: what the address asks for is what happens, or nothing does.

use std::path::{Path, PathBuf};
use std::process::Command;

use engine::shelf::Blobs;
use engine::{Engine, Options};
use kernel::SystemClock;

use crate::cluster::{Cluster, is_root};

engine::statements! {
    /// Whether this connection is encrypted.
    ENCRYPTED = {
        sqlite: "SELECT 0",
        postgres: "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    };
}

/// A certificate of its own authority, for 127.0.0.1.
fn certificate(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    let (key, certificate) = (folder.join(format!("{name}.key")), folder.join(format!("{name}.crt")));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "30",
        ])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (key, certificate)
}

/// Whether a look at the database under this address is encrypted; the error when there is none.
fn look(url: &str, parameters: &str) -> Result<bool, String> {
    let folder = tempfile::tempdir().unwrap();
    let options =
        Options { url: format!("{url}?connect_timeout=3&{parameters}"), data_dir: folder.path().into() };
    let (engine, _) =
        Engine::look(&options, &Blobs::Folder, &SystemClock).map_err(|error| error.to_string())?;
    engine
        .read_blocking(|tx| Ok(tx.one(&ENCRYPTED, &[], |row| row.take())?))
        .map_err(|fault| fault.to_string())
}

#[test]
fn what_the_address_asks_of_tls_is_never_silently_less() {
    let cluster = Cluster::start("");
    let url = cluster.database("shop");
    let asked = ["sslmode=require", "sslmode=verify-full", "sslmode=verify-ca"];
    for ask in asked {
        assert!(look(&url, ask).is_err(), "{ask} was answered by a server without TLS");
    }
    assert_eq!(look(&url, "sslmode=prefer"), Ok(false));
    assert_eq!(look(&url, ""), Ok(false));

    let folder = cluster.folder();
    let (key, ours) = certificate(folder, "ours");
    let (_, another) = certificate(folder, "another");
    if is_root() {
        assert!(Command::new("chown").arg("nobody").args([&key, &ours]).status().unwrap().success());
    }
    cluster.crash();
    cluster.up(&format!("-c ssl=on -c ssl_key_file={} -c ssl_cert_file={}", key.display(), ours.display()));
    for ask in ["", "sslmode=prefer", "sslmode=require"] {
        assert_eq!(look(&url, ask), Ok(true), "{ask}");
    }
    assert_eq!(look(&url, "sslmode=disable"), Ok(false));
    let trusting = |mode: &str, authority: &Path| {
        look(&url, &format!("sslmode={mode}&sslrootcert={}", authority.display()))
    };
    assert_eq!(trusting("verify-full", &ours), Ok(true));
    assert_eq!(trusting("require", &ours), Ok(true));
    for mode in ["verify-full", "verify-ca", "require"] {
        assert!(trusting(mode, &another).is_err(), "{mode} took a stranger's certificate");
    }
    assert!(look(&url, "sslmode=verify-full").is_err(), "no authority of the machine knows it");
    let by_name = url.replace("127.0.0.1", "127.0.0.2");
    assert!(
        look(&by_name, &format!("sslmode=verify-full&sslrootcert={}", ours.display())).is_err(),
        "a certificate for another name was taken"
    );
}
