//! Joins our own ES modules into one plain script. Each module becomes a function that returns what it exports, so
//! names stay as private as they were; only the forms of `import` and `export` that the modules use are known, and
//! every other is an error.

use std::collections::BTreeSet;

/// Joins the module `entry` and everything that it imports, dependencies first.
///
/// # Errors
/// A module that cannot be read, a circular import, one name exported twice, or a form that is not understood.
pub fn join(entry: &str, read: &dyn Fn(&str) -> Result<String, String>) -> Result<String, String> {
    let mut joined = Joined { read, done: BTreeSet::new(), exported: BTreeSet::new(), text: String::new() };
    joined.visit(entry, &mut Vec::new())?;
    Ok(format!("(() => {{\n\"use strict\";\n{}}})();\n", joined.text))
}

struct Joined<'a> {
    read: &'a dyn Fn(&str) -> Result<String, String>,
    done: BTreeSet<String>,
    exported: BTreeSet<String>,
    text: String,
}

impl Joined<'_> {
    fn visit(&mut self, name: &str, path: &mut Vec<String>) -> Result<(), String> {
        if self.done.contains(name) {
            return Ok(());
        }
        if path.iter().any(|visited| visited == name) {
            return Err(format!("{name} imports itself by way of {}", path.join(", ")));
        }
        path.push(name.to_owned());
        let module = parse(&(self.read)(name)?).map_err(|problem| format!("{name}: {problem}"))?;
        for import in &module.imports {
            self.visit(import, path)?;
        }
        path.pop();
        self.done.insert(name.to_owned());

        for export in &module.exports {
            if !self.exported.insert(export.clone()) {
                return Err(format!("{name}: {export} is exported by another module too"));
            }
        }
        let names = module.exports.join(", ");
        if names.is_empty() {
            self.text.push_str(&format!("(() => {{\n{}}})();\n", module.body));
        } else {
            self.text.push_str(&format!(
                "const {{ {names} }} = (() => {{\n{}return {{ {names} }};\n}})();\n",
                module.body
            ));
        }
        Ok(())
    }
}

struct Module {
    imports: Vec<String>,
    exports: Vec<String>,
    body: String,
}

fn parse(source: &str) -> Result<Module, String> {
    let mut module = Module { imports: Vec::new(), exports: Vec::new(), body: String::new() };
    let mut in_comment = false;
    for (number, line) in source.lines().enumerate() {
        let at = |problem: &str| format!("line {}: {problem}", number + 1);
        let mut code = line.trim().to_owned();
        if in_comment || code.starts_with("/*") {
            let Some((_, after)) = code.split_once("*/") else {
                in_comment = true;
                continue;
            };
            in_comment = false;
            code = after.trim().to_owned();
        }
        if code.starts_with("//") {
            continue;
        }
        // A type in the middle of a line; the parentheses of the cast stay.
        while let Some((before, after)) = code.split_once("/** @") {
            let (_, after) =
                after.split_once("*/").ok_or_else(|| at("a type comment does not end on its line"))?;
            code = format!("{}{}", before, after.trim_start());
        }
        if code.matches('`').count() % 2 == 1 {
            return Err(at("a template literal goes over several lines"));
        }
        if code.starts_with("import ") {
            module
                .imports
                .push(imported(&code).ok_or_else(|| at("write imports as import { … } from \"./….js\";"))?);
            continue;
        }
        if let Some(declaration) = code.strip_prefix("export ") {
            let name = declared(declaration)
                .ok_or_else(|| at("export a function, a const or a class by its name"))?;
            module.exports.push(name);
            code = declaration.to_owned();
        }
        if !code.is_empty() {
            module.body.push_str(&code);
            module.body.push('\n');
        }
    }
    Ok(module)
}

fn imported(code: &str) -> Option<String> {
    let (names, from) = code.strip_prefix("import {")?.split_once("} from \"./")?;
    if names.contains(" as ") {
        return None;
    }
    from.strip_suffix("\";").map(str::to_owned)
}

fn declared(code: &str) -> Option<String> {
    let rest = ["async function ", "function ", "const ", "class "]
        .iter()
        .find_map(|word| code.strip_prefix(word))?;
    let name: String =
        rest.chars().take_while(|letter| letter.is_alphanumeric() || "_$".contains(*letter)).collect();
    (!name.is_empty()).then_some(name)
}
