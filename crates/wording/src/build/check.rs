//! Both languages must say the same things with the same arguments.

use std::collections::BTreeSet;

use fluent_syntax::ast::{Expression, InlineExpression, Pattern, PatternElement};

use super::Problem;
use super::catalogue::{Catalogue, Message, why_not_a_name};

/// A sentence that both languages have.
pub(super) struct Sentence<'a> {
    pub key: &'a str,
    /// Names of the arguments, sorted.
    pub arguments: Vec<String>,
    pub it: &'a Message,
    pub en: &'a Message,
}

/// Pairs the sentences of both languages.
pub(super) fn sentences<'a>(it: &'a Catalogue, en: &'a Catalogue) -> Result<Vec<Sentence<'a>>, Vec<Problem>> {
    let mut problems = Vec::new();
    for (from, to) in [(it, en), (en, it)] {
        for (key, message) in &from.messages {
            if !to.messages.contains_key(key) {
                problems.push(Problem::Untranslated {
                    file: message.file.clone(),
                    key: key.clone(),
                    language: if to.language == "it" { "Italian" } else { "English" },
                    there: message
                        .file
                        .replace(&format!("{}.ftl", from.language), &format!("{}.ftl", to.language)),
                });
            }
        }
        for (name, term) in &from.terms {
            let mut visit = Visit::new(from, name, term, true);
            visit.pattern(&term.pattern);
            problems.append(&mut visit.problems);
        }
    }
    let mut sentences = Vec::new();
    for (key, it_message) in &it.messages {
        let Some(en_message) = en.messages.get(key) else { continue };
        let mut sides = [(it, it_message), (en, en_message)].map(|(catalogue, message)| {
            let mut visit = Visit::new(catalogue, key, message, false);
            visit.pattern(&message.pattern);
            visit
        });
        problems.extend(sides.iter_mut().flat_map(|side| std::mem::take(&mut side.problems)));
        let [it_arguments, en_arguments] = sides.map(|side| side.arguments.into_iter().collect::<Vec<_>>());
        if it_arguments == en_arguments {
            sentences.push(Sentence { key, arguments: it_arguments, it: it_message, en: en_message });
        } else {
            problems.push(Problem::Arguments {
                file: it_message.file.clone(),
                key: key.clone(),
                arguments: it_arguments,
                other_file: en_message.file.clone(),
                other_arguments: en_arguments,
            });
        }
    }
    if problems.is_empty() { Ok(sentences) } else { Err(problems) }
}

/// A walk through a pattern and everything it refers to.
struct Visit<'a> {
    catalogue: &'a Catalogue,
    file: &'a str,
    /// What is being visited, innermost last: coming back to one of them is a circle.
    path: Vec<String>,
    in_term: bool,
    arguments: BTreeSet<String>,
    problems: Vec<Problem>,
}

impl<'a> Visit<'a> {
    fn new(catalogue: &'a Catalogue, key: &str, message: &'a Message, in_term: bool) -> Visit<'a> {
        Visit {
            catalogue,
            file: &message.file,
            path: vec![if in_term { format!("-{key}") } else { key.to_owned() }],
            in_term,
            arguments: BTreeSet::new(),
            problems: Vec::new(),
        }
    }

    fn pattern(&mut self, pattern: &Pattern<String>) {
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                self.expression(expression);
            }
        }
    }

    fn expression(&mut self, expression: &Expression<String>) {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                self.inline(selector);
                for variant in variants {
                    self.pattern(&variant.value);
                }
            }
        }
    }

    fn inline(&mut self, inline: &InlineExpression<String>) {
        let (file, key) = (self.file.to_owned(), self.path.first().cloned().unwrap_or_default());
        match inline {
            InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
            // Inside a term these are parameters that the reference gives, not arguments.
            InlineExpression::VariableReference { .. } if self.in_term => {}
            InlineExpression::VariableReference { id } => {
                if why_not_a_name(&id.name).is_some() {
                    let why = "has an argument whose name is not lower-case words joined by hyphens, or is a word of Rust";
                    self.problems.push(Problem::Name { file, key, why });
                }
                self.arguments.insert(id.name.clone());
            }
            InlineExpression::FunctionReference { id, arguments } => {
                if id.name != "NUMBER" {
                    self.problems.push(Problem::Function { file, key, function: id.name.clone() });
                }
                for argument in &arguments.positional {
                    self.inline(argument);
                }
            }
            InlineExpression::MessageReference { id, .. } => {
                let catalogue = self.catalogue;
                match catalogue.messages.get(&id.name) {
                    Some(message) => self.enter(id.name.clone(), &message.pattern, self.in_term),
                    None => {
                        self.problems.push(Problem::Unknown { file, key, what: format!("`{}`", id.name) })
                    }
                }
            }
            InlineExpression::TermReference { id, .. } => {
                let catalogue = self.catalogue;
                match catalogue.terms.get(&id.name) {
                    Some(term) => self.enter(format!("-{}", id.name), &term.pattern, true),
                    None => {
                        self.problems.push(Problem::Unknown { file, key, what: format!("`-{}`", id.name) })
                    }
                }
            }
            InlineExpression::Placeable { expression } => self.expression(expression),
        }
    }

    fn enter(&mut self, name: String, pattern: &Pattern<String>, in_term: bool) {
        if self.path.contains(&name) {
            self.problems.push(Problem::Circle { file: self.file.to_owned(), key: name });
            return;
        }
        self.path.push(name);
        let outside = std::mem::replace(&mut self.in_term, in_term);
        self.pattern(pattern);
        self.in_term = outside;
        self.path.pop();
    }
}
