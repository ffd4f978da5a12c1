//! Texts with faults, and what the build says about each.

use std::fs;

use super::code_for;

/// The problems of a crate with these texts in one folder, one per line.
fn problems(it: &str, en: &str) -> String {
    problems_of(&[("src/today/texts/it.ftl", it), ("src/today/texts/en.ftl", en)])
}

fn problems_of(files: &[(&str, &str)]) -> String {
    let root = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(root.path().join("src")).expect("a src folder");
    for (name, text) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a texts folder");
        fs::write(path, text).expect("a file");
    }
    match code_for(root.path()) {
        Ok(_) => String::new(),
        Err(problems) => problems.iter().map(|problem| format!("{problem}\n")).collect(),
    }
}

#[test]
fn a_crate_without_texts_gets_an_empty_type() {
    let root = tempfile::tempdir().expect("a folder");
    fs::create_dir(root.path().join("src")).expect("a src folder");
    let code = code_for(root.path()).expect("no texts is fine");
    assert!(code.contains("struct Texts") && !code.contains("BUNDLES"));
}

#[test]
fn a_key_of_one_language_names_the_file_that_lacks_it() {
    assert_eq!(
        problems("a = A\nb = B\n", "a = A\n"),
        "src/today/texts/it.ftl: `b` has no English counterpart; add it to src/today/texts/en.ftl\n"
    );
    assert_eq!(
        problems("a = A\n", "a = A\nb = B\n"),
        "src/today/texts/en.ftl: `b` has no Italian counterpart; add it to src/today/texts/it.ftl\n"
    );
}

#[test]
fn arguments_must_agree_through_references_too() {
    assert_eq!(
        problems("a = { $n } { b }\nb = { $name }\n", "a = { $n }\nb = { $name }\n"),
        "src/today/texts/it.ftl: `a` takes $n, $name, but in src/today/texts/en.ftl it takes $n; \
         use the same arguments in both\n"
    );
    assert!(problems("a = A\n", "a = { $n }\n").contains("takes no arguments, but in"));
}

#[test]
fn a_key_stands_once_in_a_crate() {
    let found = problems_of(&[
        ("src/one/texts/it.ftl", "a = A\n"),
        ("src/one/texts/en.ftl", "a = A\n"),
        ("src/two/texts/it.ftl", "a = A\n"),
        ("src/two/texts/en.ftl", "b = B\n"),
    ]);
    assert_eq!(
        found,
        "src/two/texts/it.ftl: `a` already stands in src/one/texts/it.ftl; keys are unique in a crate, rename one\n"
    );
}

#[test]
fn a_missing_or_strange_file_is_named() {
    let found =
        problems_of(&[("src/today/texts/it.ftl", "a = A\n"), ("src/today/texts/english.ftl", "a = A\n")]);
    assert!(found.contains("src/today/texts/en.ftl is missing"), "{found}");
    assert!(found.contains("src/today/texts/english.ftl: only it.ftl and en.ftl belong"), "{found}");
}

#[test]
fn faults_are_reported_together_with_their_line() {
    let found = problems("a = A\nthis is nothing\n\nb = { $n }}\nc = { $n\n", "a = A\n");
    assert!(found.contains("src/today/texts/it.ftl:2: this is not Fluent"), "{found}");
    assert!(found.contains("src/today/texts/it.ftl:4: this is not Fluent"), "{found}");
}

#[test]
fn what_the_run_time_could_not_say_is_refused() {
    let same = |text: &str| problems(text, text);
    assert!(same("a = { -house }\n").contains("refers to `-house`, which is not in this crate's texts"));
    assert!(same("a = { b }\n").contains("refers to `b`, which"));
    assert!(same("a = { b }\nb = { a }\n").contains("refers to itself"));
    assert!(same("-t = { -t }\na = { -t }\n").contains("refers to itself"));
    assert!(same("a = { DATETIME($d) }\n").contains("calls DATETIME()"));
    assert!(same("a = A\n    .title = T\n").contains("has attributes"));
    assert!(same("type = A\n").contains("is a word of Rust"));
    assert!(same("new = A\n").contains("is a name of the generated type"));
    assert!(same("camelCase = A\n").contains("must be lower-case words"));
    assert!(same("a = { $firstName }\n").contains("has an argument whose name"));
}
