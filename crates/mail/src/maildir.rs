//! The messages of a Maildir.

use std::{
    fs,
    io::Result,
    path::{Path, PathBuf},
};

/// Every message in `cur` and `new` of the Maildir and of its subfolders (`.Sent` of Maildir++ as well as `Sent`),
/// sorted by path. `tmp` holds unfinished deliveries and is never looked at; symbolic links are not followed.
///
/// # Errors
/// When the path or a folder below it cannot be read.
pub fn items(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if !entry.file_type()?.is_dir() {
                continue;
            }
            match entry.file_name().to_str() {
                Some("cur" | "new") => messages(&entry.path(), &mut found)?,
                Some("tmp") => {}
                _ => folders.push(entry.path()),
            }
        }
    }
    found.sort();
    Ok(found)
}

fn messages(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !hidden && entry.file_type()?.is_file() {
            found.push(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_cur_and_new_are_listed_and_tmp_is_not() {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["cur", "new", "tmp", ".Sent/cur", ".Sent/tmp", "Archive/new"] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
            fs::write(dir.path().join(folder).join("1:2,S"), "x").unwrap();
        }
        fs::write(dir.path().join("dovecot-uidlist"), "x").unwrap();
        let names: Vec<_> = items(dir.path())
            .unwrap()
            .iter()
            .map(|p| p.strip_prefix(dir.path()).unwrap().to_owned())
            .collect();
        assert_eq!(
            names,
            [".Sent/cur/1:2,S", "Archive/new/1:2,S", "cur/1:2,S", "new/1:2,S"].map(PathBuf::from)
        );
    }
}
