//! The files of a folder of mails.

use std::{
    fs,
    io::Result,
    path::{Path, PathBuf},
};

/// Every regular file below the path whatever its name, sorted; dot files and dot folders are left out, symbolic
/// links are not followed. A path that is a file gives that file.
///
/// # Errors
/// When the path or a folder below it cannot be read.
pub fn items(path: &Path) -> Result<Vec<PathBuf>> {
    if fs::metadata(path)?.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_but_hidden_ones_and_links_is_an_item() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("root");
        fs::create_dir_all(root.join("b/c")).unwrap();
        fs::create_dir_all(root.join(".git")).unwrap();
        for file in ["z", "a.eml", "b/c/1", ".hidden", ".git/x"] {
            fs::write(root.join(file), "x").unwrap();
        }
        fs::write(dir.path().join("outside"), "x").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(dir.path(), root.join("link")).unwrap();
        let names: Vec<_> =
            items(&root).unwrap().iter().map(|p| p.strip_prefix(&root).unwrap().to_owned()).collect();
        assert_eq!(names, ["a.eml", "b/c/1", "z"].map(PathBuf::from));
        assert_eq!(items(&root.join("z")).unwrap().len(), 1);
        assert!(items(&root.join("none")).is_err());
    }
}
