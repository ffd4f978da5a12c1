//! Writing the typed functions.

use std::collections::BTreeSet;
use std::fmt::Write;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Resource};
use fluent_syntax::serializer;
use fluent_syntax::unicode::unescape_unicode_to_string;

use super::catalogue::Catalogue;
use super::check::Sentence;

/// A part of a sentence that needs no decision at run time.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Text(String),
    Argument(String),
}

/// The whole `texts.rs`.
pub(super) fn code(sentences: &[Sentence<'_>], it: &Catalogue, en: &Catalogue) -> String {
    let mut functions = String::new();
    let mut choosing = [BTreeSet::new(), BTreeSet::new()];
    for sentence in sentences {
        let flat = [(it, sentence.it), (en, sentence.en)]
            .map(|(catalogue, message)| flatten(catalogue, &message.pattern, false));
        for (chosen, pieces) in choosing.iter_mut().zip(&flat) {
            if pieces.is_none() {
                chosen.insert(sentence.key.to_owned());
            }
        }
        function(sentence, &flat, &mut functions);
    }
    let mut code = String::from(HEAD);
    if choosing.iter().any(|keys| !keys.is_empty()) {
        let [it_keys, en_keys] = choosing;
        let _ = writeln!(
            code,
            "/// Sentences with plurals and choices.\nstatic BUNDLES: ::wording::Bundles = ::wording::Bundles::new(\n    {:?},\n    {:?},\n);\n",
            fluent(it, &it_keys),
            fluent(en, &en_keys),
        );
    }
    code.push_str(TYPE);
    if !functions.is_empty() {
        let _ = write!(
            code,
            "\n#[allow(clippy::all, reason = \"names and arguments come from the texts\")]\nimpl Texts {{\n{functions}}}\n"
        );
    }
    code
}

const HEAD: &str = "// Written by wording::build from the texts of this crate.\n\n";

const TYPE: &str = "\
/// What this crate says, in one language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Texts {
    locale: ::wording::Locale,
}

impl Texts {
    /// The sentences in this language.
    pub(crate) fn new(locale: ::wording::Locale) -> Texts {
        Texts { locale }
    }

    /// The language that they are in.
    #[allow(dead_code, reason = \"not every crate asks\")]
    pub(crate) fn locale(&self) -> ::wording::Locale {
        self.locale
    }
}
";

fn function(sentence: &Sentence<'_>, flat: &[Option<Vec<Piece>>; 2], out: &mut String) {
    documentation(sentence, out);
    let name = rust_name(sentence.key);
    let mut parameters = String::from("&self");
    for argument in &sentence.arguments {
        let _ = write!(parameters, ", {}: impl Into<::wording::Arg<'a>>", rust_name(argument));
    }
    let generic = if sentence.arguments.is_empty() { "" } else { "<'a>" };
    if let [Some(it), Some(en)] = flat
        && sentence.arguments.is_empty()
    {
        let text = |pieces: &[Piece]| {
            pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) | Piece::Argument(text) => text.as_str(),
                })
                .collect::<String>()
        };
        let _ = write!(
            out,
            "    pub(crate) fn {name}(&self) -> &'static str {{\n        match self.locale {{\n            ::wording::Locale::It => {:?},\n            ::wording::Locale::En => {:?},\n        }}\n    }}\n",
            text(it),
            text(en)
        );
        return;
    }
    let _ = writeln!(out, "    pub(crate) fn {name}{generic}({parameters}) -> String {{");
    for argument in &sentence.arguments {
        let argument = rust_name(argument);
        let _ = writeln!(out, "        let {argument}: ::wording::Arg<'_> = {argument}.into();");
    }
    if let [None, None] = flat {
        let _ = writeln!(out, "        {}\n    }}", chosen(sentence));
        return;
    }
    let _ = writeln!(out, "        match self.locale {{");
    for (variant, pieces) in ["It", "En"].iter().zip(flat) {
        let _ = write!(out, "            ::wording::Locale::{variant} => ");
        match pieces {
            Some(pieces) => joined(pieces, out),
            None => {
                let _ = writeln!(out, "{},", chosen(sentence));
            }
        }
    }
    out.push_str("        }\n    }\n");
}

/// An arm that puts pieces one after the other.
fn joined(pieces: &[Piece], out: &mut String) {
    let length: usize = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.len(),
            Piece::Argument(_) => 16,
        })
        .sum();
    // The trailing underscore keeps clear of the arguments' names.
    let _ = writeln!(out, "{{\n                let mut said_ = String::with_capacity({length});");
    for piece in pieces {
        let _ = match piece {
            Piece::Text(text) => writeln!(out, "                said_.push_str({text:?});"),
            Piece::Argument(name) => {
                writeln!(out, "                {}.write(self.locale, &mut said_);", rust_name(name))
            }
        };
    }
    out.push_str("                said_\n            }\n");
}

/// An expression that leaves the choice to Fluent.
fn chosen(sentence: &Sentence<'_>) -> String {
    let arguments: Vec<String> =
        sentence.arguments.iter().map(|name| format!("({name:?}, &{})", rust_name(name))).collect();
    format!("BUNDLES.format(self.locale, {:?}, &[{}])", sentence.key, arguments.join(", "))
}

fn documentation(sentence: &Sentence<'_>, out: &mut String) {
    for line in &sentence.it.comment {
        let _ = writeln!(out, "    /// {line}");
    }
    if !sentence.it.comment.is_empty() {
        out.push_str("    ///\n");
    }
    out.push_str("    /// ```text\n");
    for (language, message) in [("it", sentence.it), ("en", sentence.en)] {
        for line in serialized(vec![message.entry.clone()]).lines().filter(|line| !line.starts_with('#')) {
            let _ = writeln!(out, "    /// {language}: {line}");
        }
    }
    out.push_str("    /// ```\n");
}

/// The pattern as text and arguments, or `None` where something has to be chosen.
fn flatten(catalogue: &Catalogue, pattern: &Pattern<String>, in_term: bool) -> Option<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
    for element in &pattern.elements {
        let added = match element {
            PatternElement::TextElement { value } => vec![Piece::Text(value.clone())],
            PatternElement::Placeable { expression: Expression::Inline(inline) } => {
                flatten_inline(catalogue, inline, in_term)?
            }
            PatternElement::Placeable { expression: Expression::Select { .. } } => return None,
        };
        for piece in added {
            match (pieces.last_mut(), piece) {
                (Some(Piece::Text(text)), Piece::Text(more)) => text.push_str(&more),
                (_, piece) => pieces.push(piece),
            }
        }
    }
    Some(pieces)
}

fn flatten_inline(
    catalogue: &Catalogue,
    inline: &InlineExpression<String>,
    in_term: bool,
) -> Option<Vec<Piece>> {
    match inline {
        InlineExpression::StringLiteral { value } => {
            Some(vec![Piece::Text(unescape_unicode_to_string(value).into_owned())])
        }
        InlineExpression::VariableReference { id } if !in_term => {
            Some(vec![Piece::Argument(id.name.clone())])
        }
        InlineExpression::MessageReference { id, attribute: None } => {
            flatten(catalogue, &catalogue.messages.get(&id.name)?.pattern, in_term)
        }
        InlineExpression::TermReference { id, attribute: None, arguments: None } => {
            flatten(catalogue, &catalogue.terms.get(&id.name)?.pattern, true)
        }
        InlineExpression::Placeable { expression } => match &**expression {
            Expression::Inline(inline) => flatten_inline(catalogue, inline, in_term),
            Expression::Select { .. } => None,
        },
        _ => None,
    }
}

/// The Fluent text that the run time needs: the given sentences, the sentences they refer to, and
/// the terms of the language.
fn fluent(catalogue: &Catalogue, keys: &BTreeSet<String>) -> String {
    let mut needed = BTreeSet::new();
    let mut waiting: Vec<String> = keys.iter().cloned().collect();
    while let Some(key) = waiting.pop() {
        if let Some(message) = catalogue.messages.get(&key)
            && needed.insert(key)
        {
            references(&message.pattern, &mut waiting);
        }
    }
    if needed.is_empty() {
        return String::new();
    }
    for term in catalogue.terms.values() {
        references(&term.pattern, &mut waiting);
    }
    needed.extend(waiting);
    let messages = needed.iter().filter_map(|key| catalogue.messages.get(key));
    serialized(catalogue.terms.values().chain(messages).map(|message| message.entry.clone()).collect())
}

/// The keys of the sentences that a pattern refers to.
fn references(pattern: &Pattern<String>, found: &mut Vec<String>) {
    fn expression(expression_: &Expression<String>, found: &mut Vec<String>) {
        match expression_ {
            Expression::Inline(inline_) => inline(inline_, found),
            Expression::Select { selector, variants } => {
                inline(selector, found);
                variants.iter().for_each(|variant| references(&variant.value, found));
            }
        }
    }
    fn inline(inline_: &InlineExpression<String>, found: &mut Vec<String>) {
        match inline_ {
            InlineExpression::MessageReference { id, .. } => found.push(id.name.clone()),
            InlineExpression::Placeable { expression: nested } => expression(nested, found),
            _ => {}
        }
    }
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression: placed } = element {
            expression(placed, found);
        }
    }
}

/// Fluent text without comments.
fn serialized(entries: Vec<Entry<String>>) -> String {
    let body = entries
        .into_iter()
        .map(|entry| match entry {
            Entry::Message(mut message) => {
                message.comment = None;
                Entry::Message(message)
            }
            Entry::Term(mut term) => {
                term.comment = None;
                Entry::Term(term)
            }
            other => other,
        })
        .collect();
    serializer::serialize(&Resource { body })
}

fn rust_name(name: &str) -> String {
    name.replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_texts_become_one_piece() {
        let mut catalogue = Catalogue::new("it");
        let resource =
            fluent_syntax::parser::parse("-casa = Bottega\na = Da {-casa}{\" \"}e { $chi }".to_owned());
        for entry in resource.expect("valid Fluent").body {
            let (names, key, pattern) = match &entry {
                Entry::Term(term) => (&mut catalogue.terms, &term.id.name, &term.value),
                Entry::Message(message) => {
                    (&mut catalogue.messages, &message.id.name, message.value.as_ref().expect("a value"))
                }
                _ => continue,
            };
            let message = super::super::catalogue::Message {
                file: "it.ftl".into(),
                pattern: pattern.clone(),
                comment: vec![],
                entry: entry.clone(),
            };
            names.insert(key.clone(), message);
        }
        assert_eq!(
            flatten(&catalogue, &catalogue.messages["a"].pattern, false),
            Some(vec![Piece::Text("Da Bottega e ".into()), Piece::Argument("chi".into())])
        );
    }
}
