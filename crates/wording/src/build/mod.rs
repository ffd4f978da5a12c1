//! The build side: reads a crate's `texts/{it,en}.ftl` files, checks that both languages say the same
//! things, and writes one typed function per sentence.

mod catalogue;
mod check;
mod emit;
mod problem;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use catalogue::Catalogue;
pub use problem::Problem;

/// The languages a crate must have, in the order of `kernel::Locale::ALL`.
const LANGUAGES: [&str; 2] = ["it", "en"];

/// Called from a room's `build.rs`: writes `$OUT_DIR/texts.rs` from the texts below `src`, or fails
/// the build with one sentence per problem.
#[expect(clippy::print_stdout, reason = "cargo reads a build script's wishes from its standard output")]
pub fn generate() {
    // Any change below src rebuilds the crate anyway; this also notices new texts folders.
    println!("cargo::rerun-if-changed=src");
    if let Err(problems) = generate_into_out_dir() {
        for problem in problems {
            println!("cargo::error={problem}");
        }
        std::process::exit(1);
    }
}

fn generate_into_out_dir() -> Result<(), Vec<Problem>> {
    let folder = |name: &'static str| {
        std::env::var_os(name).map(PathBuf::from).ok_or_else(|| vec![Problem::NotInBuildScript { name }])
    };
    let root = folder("CARGO_MANIFEST_DIR")?;
    let target = folder("OUT_DIR")?.join("texts.rs");
    let code = code_for(&root)?;
    std::fs::write(&target, code).map_err(|cause| vec![Problem::File { path: target, cause }])
}

/// The code that [`generate`] writes for the crate in `root`.
///
/// # Errors
/// Every problem found, so that a translator can mend them all in one go.
pub fn code_for(root: &Path) -> Result<String, Vec<Problem>> {
    let folders = catalogue::text_folders(root).map_err(|problem| vec![problem])?;
    let mut problems = Vec::new();
    let [it, en] = LANGUAGES.map(|language| {
        let mut catalogue = Catalogue::new(language);
        for folder in &folders {
            catalogue.read(root, folder, &mut problems);
        }
        catalogue
    });
    for folder in &folders {
        catalogue::refuse_strangers(root, folder, &mut problems);
    }
    // Parity of broken files would only bury the cause.
    if !problems.is_empty() {
        return Err(problems);
    }
    let sentences = check::sentences(&it, &en)?;
    Ok(emit::code(&sentences, &it, &en))
}
