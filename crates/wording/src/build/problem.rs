//! What may be wrong with texts, each with what to do about it.

use std::path::PathBuf;

/// A reason why texts cannot become code. Its text is what the person at the build reads.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it and its fields mean")]
pub enum Problem {
    #[error("wording::build::generate() found no {name}: call it from a build.rs that cargo runs")]
    NotInBuildScript { name: &'static str },
    #[error("{}: {cause}", path.display())]
    File { path: PathBuf, cause: std::io::Error },
    #[error("{file} is missing: every texts folder has it.ftl and en.ftl; write it with the same keys")]
    MissingFile { file: String },
    #[error("{file}: only it.ftl and en.ftl belong in a texts folder; move or remove it")]
    Stranger { file: String },
    #[error("{file}:{line}: this is not Fluent ({cause}); a sentence reads `key-name = Text`")]
    Syntax { file: String, line: usize, cause: String },
    #[error("{file}: `{key}` already stands in {first}; keys are unique in a crate, rename one")]
    Duplicate { file: String, key: String, first: String },
    #[error("{file}: `{key}` {why}")]
    Name { file: String, key: String, why: &'static str },
    #[error("{file}: `{key}` has attributes; make each one a sentence of its own")]
    Attributes { file: String, key: String },
    #[error("{file}: `{key}` has no text; write one or remove the key")]
    Empty { file: String, key: String },
    #[error("{file}: `{key}` has no {language} counterpart; add it to {there}")]
    Untranslated { file: String, key: String, language: &'static str, there: String },
    #[error(
        "{file}: `{key}` takes {}, but in {other_file} it takes {}; use the same arguments in both",
        listed(.arguments), listed(.other_arguments)
    )]
    Arguments {
        file: String,
        key: String,
        arguments: Vec<String>,
        other_file: String,
        other_arguments: Vec<String>,
    },
    #[error(
        "{file}: `{key}` refers to {what}, which is not in this crate's texts; correct the name or add it"
    )]
    Unknown { file: String, key: String, what: String },
    #[error("{file}: `{key}` refers to itself; break the circle")]
    Circle { file: String, key: String },
    #[error(
        "{file}: `{key}` calls {function}(); only NUMBER() exists, dates are formatted by Formats and passed in as text"
    )]
    Function { file: String, key: String, function: String },
}

fn listed(arguments: &[String]) -> String {
    if arguments.is_empty() {
        return "no arguments".to_owned();
    }
    arguments.iter().map(|name| format!("${name}")).collect::<Vec<_>>().join(", ")
}
