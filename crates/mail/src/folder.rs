//! The files of a folder of mails.

use std::{
    fs,
    io::{Error, ErrorKind, Result},
    path::{Path, PathBuf},
};

/// Every regular file below the path whatever its name, sorted; dot files and dot folders are left out, symbolic
/// links are not followed. A path that is a file gives that file.
///
/// # Errors
/// When the path or a folder below it cannot be read, and when the path is neither a file nor a folder: a pipe or a
/// device never ends.
pub fn items(path: &Path) -> Result<Vec<PathBuf>> {
    let kind = fs::metadata(path)?;
    if kind.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    if !kind.is_dir() {
        return Err(Error::new(ErrorKind::InvalidInput, "it is neither a file nor a folder"));
    }
    let mut found = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in read(&folder)? {
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

/// Opens a folder; the error says which one it was.
fn read(folder: &Path) -> Result<fs::ReadDir> {
    fs::read_dir(folder).map_err(|error| Error::new(error.kind(), format!("{}: {error}", folder.display())))
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
