//! Mails in the manner of real programs, each with the message that must come out of it.
//!
//! `BOTTEGA_UPDATE_GOLDEN=1` writes the expectations anew; read the difference before you commit it.

use std::{env, fs, path::Path};

#[test]
fn every_golden_mail_gives_its_message() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let files = mail::folder::items(&folder).unwrap();
    let mails: Vec<_> = files.into_iter().filter(|p| p.extension().is_some_and(|e| e == "eml")).collect();
    assert!(mails.len() >= 20);
    for path in mails {
        let message = mail::parse(&fs::read(&path).unwrap());
        let actual = format!("{}\n", serde_json::to_string_pretty(&message).unwrap());
        let golden = path.with_extension("json");
        if env::var_os("BOTTEGA_UPDATE_GOLDEN").is_some() {
            fs::write(&golden, actual).unwrap();
            continue;
        }
        let expected = fs::read_to_string(&golden).unwrap().replace("\r\n", "\n");
        assert_eq!(actual, expected, "{}", path.display());
    }
}
