//! The items of a file or a folder, one after another, whatever their size together.

use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::input::{self, Origin};
use super::{ImportError, Kind};
use crate::arrival::{Format, Item};
use crate::intake::LARGEST;
use crate::table::{Choice, Dialect, Field, Records, Table};

/// An item of which only its place is asked: its name, its bytes, what they are.
type Bare = (String, Vec<u8>, Format);
type Found = Result<Bare, std::io::Error>;

/// A file and the name by which its owner knows it.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub name: String,
    pub origin: Origin,
}

/// The files of an import, in order, and how many bytes they are.
pub(crate) fn files(kind: Kind, path: &Path) -> Result<(Vec<Named>, u64), ImportError> {
    let failed = |cause| ImportError::Read { path: path.display().to_string(), cause };
    let paths: Vec<PathBuf> = match kind {
        Kind::Maildir => mail::maildir::items(path),
        _ => mail::folder::items(path),
    }
    .map_err(failed)?;
    let mut bytes = 0;
    let named = paths
        .into_iter()
        .map(|file| {
            bytes += std::fs::metadata(&file).map_or(0, |data| data.len());
            let name = file.strip_prefix(path).ok().filter(|name| !name.as_os_str().is_empty());
            let name = name.or(file.file_name().map(Path::new)).unwrap_or(&file);
            Named { name: name.to_string_lossy().into_owned(), origin: Origin::Path(file) }
        })
        .collect();
    Ok((named, bytes))
}

/// Every item of some files.
pub(crate) struct Items {
    kind: Kind,
    choice: Choice,
    files: std::vec::IntoIter<Named>,
    current: Option<(String, Box<dyn Iterator<Item = Found> + Send>)>,
    read: Arc<AtomicU64>,
    /// Files in which there is nothing.
    pub empty: Vec<String>,
}

impl Items {
    pub(crate) fn new(kind: Kind, choice: Choice, files: Vec<Named>, read: Arc<AtomicU64>) -> Items {
        Items { kind, choice, files: files.into_iter(), current: None, read, empty: Vec::new() }
    }

    /// Passes over so many items, without finding out their digests.
    pub(crate) fn pass_over(&mut self, items: usize) -> Result<(), ImportError> {
        for _ in 0..items {
            if self.bare().transpose()?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn open(&mut self, file: &Named) -> Result<Option<Box<dyn Iterator<Item = Found> + Send>>, ImportError> {
        let failed = |cause| ImportError::Read { path: file.name.clone(), cause };
        let name = file.name.clone();
        Ok(Some(match self.kind {
            Kind::Eml | Kind::Maildir => {
                let input = input::open(&file.origin, &self.read).map_err(failed)?;
                Box::new(std::iter::once_with(move || whole(input, name)))
            }
            Kind::Mbox => {
                let mut input = input::open(&file.origin, &self.read).map_err(failed)?;
                if input.fill_buf().map_err(failed)?.is_empty() {
                    return Ok(None);
                }
                let mails = mail::mbox::Reader::with_bound(input, LARGEST + 1);
                Box::new(mails.enumerate().map(move |(place, raw)| {
                    raw.map(|raw| (format!("{name}:{}", place + 1), raw, Format::Mail))
                }))
            }
            Kind::Jsonl => {
                let mut input = input::open_text(&file.origin, &self.read).map_err(failed)?;
                if input.fill_buf().map_err(failed)?.is_empty() {
                    return Ok(None);
                }
                Box::new(rows(Records::new(input, Dialect::lines()), 1, name, Format::Line))
            }
            Kind::Csv => {
                let input = input::open_text(&file.origin, &self.read).map_err(failed)?;
                let Some(table) = Table::look(input, &self.choice).map_err(failed)? else {
                    return Ok(None);
                };
                check(&table.columns, &self.choice, &name)?;
                if table.reading.place(Field::Text).is_none() && table.reading.place(Field::Score).is_none() {
                    return Err(ImportError::NoText { file: name, columns: shown(&table.columns) });
                }
                let format = Format::Row(table.reading.to_json().into());
                Box::new(rows(table.records, 2, name, format))
            }
        }))
    }
}

/// A chosen column must be there.
fn check(columns: &[String], choice: &Choice, file: &str) -> Result<(), ImportError> {
    match choice.missing(columns) {
        Some(column) => Err(ImportError::NoSuchColumn {
            file: file.to_owned(),
            column: column.to_owned(),
            columns: shown(columns),
        }),
        None => Ok(()),
    }
}

/// The names of columns as an error shows them: not too many, and nothing that a terminal would obey.
fn shown(columns: &[String]) -> String {
    let name = |column: &String| -> String {
        column.chars().filter(|c| !c.is_control()).take(40).collect::<String>()
    };
    let mut names: Vec<String> = columns.iter().take(20).map(name).collect();
    if columns.len() > names.len() {
        names.push(format!("and {} more", columns.len() - names.len()));
    }
    names.join(", ")
}

/// One file that is one item.
fn whole(input: Box<dyn BufRead + Send>, name: String) -> Found {
    let mut raw = Vec::new();
    input.take(LARGEST as u64 + 1).read_to_end(&mut raw)?;
    Ok((name, raw, Format::Mail))
}

/// The rows or lines of a file, blank ones left out and counted all the same.
fn rows<R: BufRead + Send + 'static>(
    records: Records<R>,
    first: usize,
    file: String,
    format: Format,
) -> impl Iterator<Item = Found> + Send {
    records.enumerate().filter_map(move |(place, raw)| match raw {
        Ok(raw) if raw.trim_ascii().is_empty() => None,
        Ok(raw) => Some(Ok((format!("{file}:{}", place + first), raw, format.clone()))),
        Err(error) => Some(Err(error)),
    })
}

impl Iterator for Items {
    type Item = Result<Item, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.bare()?.map(|(name, raw, format)| Item::new(name, raw, format)))
    }
}

impl Items {
    fn bare(&mut self) -> Option<Result<Bare, ImportError>> {
        loop {
            if let Some((file, items)) = &mut self.current {
                match items.next() {
                    Some(Ok(item)) => return Some(Ok(item)),
                    Some(Err(cause)) => {
                        let path = std::mem::take(file);
                        self.current = None;
                        return Some(Err(ImportError::Read { path, cause }));
                    }
                    None => self.current = None,
                }
            }
            let file = self.files.next()?;
            match self.open(&file) {
                Ok(Some(items)) => self.current = Some((file.name, items)),
                Ok(None) => self.empty.push(file.name),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
