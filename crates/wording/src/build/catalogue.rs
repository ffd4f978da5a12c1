//! Reading the texts of one language.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{Entry, Pattern};
use fluent_syntax::parser;

use super::{LANGUAGES, Problem};

/// Everything one language says in a crate.
pub(super) struct Catalogue {
    pub language: &'static str,
    /// By key, so that the order of files does not matter.
    pub messages: BTreeMap<String, Message>,
    /// Terms (`-name`), by name without the dash; each language has its own.
    pub terms: BTreeMap<String, Message>,
}

/// One sentence or term.
pub(super) struct Message {
    /// Where it stands, relative to the crate.
    pub file: String,
    pub pattern: Pattern<String>,
    /// What its author tells translators.
    pub comment: Vec<String>,
    /// The entry as parsed, to be written out again for the run time.
    pub entry: Entry<String>,
}

/// All folders named `texts` below the crate's `src`, sorted.
pub(super) fn text_folders(root: &Path) -> Result<Vec<PathBuf>, Problem> {
    let mut found = Vec::new();
    let mut waiting = vec![root.join("src")];
    while let Some(folder) = waiting.pop() {
        for path in entries(&folder)? {
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name == "texts") {
                    found.push(path);
                } else {
                    waiting.push(path);
                }
            }
        }
    }
    found.sort();
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let read = || -> std::io::Result<Vec<PathBuf>> {
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
    };
    read().map_err(|cause| Problem::File { path: folder.to_owned(), cause })
}

/// Reports files that no language reads: a mistyped name would otherwise be silence.
pub(super) fn refuse_strangers(root: &Path, folder: &Path, problems: &mut Vec<Problem>) {
    match entries(folder) {
        Err(problem) => problems.push(problem),
        Ok(paths) => problems.extend(
            paths
                .iter()
                .filter(|path| !LANGUAGES.iter().any(|code| path.ends_with(format!("{code}.ftl"))))
                // Rust modules may live beside the texts they speak; editors leave dot files.
                .filter(|path| path.extension().is_none_or(|extension| extension != "rs"))
                .filter(|path| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')))
                .map(|path| Problem::Stranger { file: shown(root, path) }),
        ),
    }
}

/// A path as messages show it: relative to the crate.
fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

impl Catalogue {
    pub(super) fn new(language: &'static str) -> Catalogue {
        Catalogue { language, messages: BTreeMap::new(), terms: BTreeMap::new() }
    }

    /// Adds this language's file of `folder`.
    pub(super) fn read(&mut self, root: &Path, folder: &Path, problems: &mut Vec<Problem>) {
        let path = folder.join(self.language).with_extension("ftl");
        let file = shown(root, &path);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
                problems.push(Problem::MissingFile { file });
                return;
            }
            Err(cause) => {
                problems.push(Problem::File { path, cause });
                return;
            }
        };
        let resource = match parser::parse(text.clone()) {
            Ok(resource) => resource,
            Err((_, errors)) => {
                problems.extend(errors.into_iter().map(|error| Problem::Syntax {
                    file: file.clone(),
                    line: 1 + text.bytes().take(error.pos.start).filter(|&byte| byte == b'\n').count(),
                    cause: error.kind.to_string(),
                }));
                return;
            }
        };
        for entry in resource.body {
            self.add(&file, entry, problems);
        }
    }

    fn add(&mut self, file: &str, entry: Entry<String>, problems: &mut Vec<Problem>) {
        let file = file.to_owned();
        let (names, key, pattern, comment) = match &entry {
            Entry::Message(message) => {
                let key = message.id.name.clone();
                if !message.attributes.is_empty() {
                    problems.push(Problem::Attributes { file, key });
                    return;
                }
                let Some(pattern) = &message.value else {
                    problems.push(Problem::Empty { file, key });
                    return;
                };
                if let Some(why) = why_not_a_key(&key) {
                    problems.push(Problem::Name { file, key, why });
                    return;
                }
                (&mut self.messages, key, pattern, &message.comment)
            }
            Entry::Term(term) => (&mut self.terms, term.id.name.clone(), &term.value, &term.comment),
            _ => return,
        };
        if let Some(first) = names.get(&key) {
            problems.push(Problem::Duplicate { file, key, first: first.file.clone() });
            return;
        }
        let comment = comment.as_ref().map(|comment| comment.content.clone()).unwrap_or_default();
        let message = Message { file, pattern: pattern.clone(), comment, entry: entry.clone() };
        names.insert(key, message);
    }
}

/// Names that the generated type already has.
const TAKEN: [&str; 3] = ["new", "locale", "clone"];

/// Words that Rust keeps for itself.
const KEYWORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
    "where", "while", "yield",
];

/// Why a name cannot become a Rust name; the sentence continues "`name` …".
pub(super) fn why_not_a_name(name: &str) -> Option<&'static str> {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !plain || name.ends_with('-') || name.contains("--") {
        return Some("must be lower-case words joined by single hyphens, like `today-greeting`");
    }
    KEYWORDS.contains(&name).then_some("is a word of Rust; choose a longer name")
}

fn why_not_a_key(key: &str) -> Option<&'static str> {
    why_not_a_name(key)
        .or_else(|| TAKEN.contains(&key).then_some("is a name of the generated type; choose a longer one"))
}
