//! Makes the files that pages need: htmx from npm, our own modules and styles, the icons. Each gets a name with the
//! hash of its content, so that browsers may keep it for ever, and a compressed twin where that is smaller.
//! The library finds them as a table in `OUT_DIR/assets.rs`. An unchanged `ui/` is not built again.

#[path = "build/modules.rs"]
mod modules;
#[path = "build/packages.rs"]
mod packages;
#[path = "build/styles.rs"]
mod styles;
#[path = "build/table.rs"]
mod table;

use std::path::{Path, PathBuf};
use std::{env, fs};

use table::Table;

fn main() {
    wording::build::generate();
    if let Err(problem) = build() {
        for line in problem.lines() {
            println!("cargo::error={line}");
        }
    }
}

fn build() -> Result<(), String> {
    let ui = directory("CARGO_MANIFEST_DIR")?.join("../../ui");
    let out = directory("OUT_DIR")?;
    for source in ["package.json", "package-lock.json", "manifest.webmanifest", "styles", "modules", "images"]
    {
        println!("cargo::rerun-if-changed={}", ui.join(source).display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");

    let htmx = packages::htmx(&ui, &out.join("ui"))?;
    let module = |name: &str| read(&ui.join("modules").join(name));
    let mut table = Table::new(out.join("assets"))?;

    table.add(
        "app.css",
        "text/css; charset=utf-8",
        styles::join("app.css", &|name| read(&ui.join("styles").join(name)))?,
    )?;
    let shop = modules::join("shop.js", &module)?;
    let notice = format!("/* htmx {}, its licence: /assets/licences.txt */", htmx.version);
    table.add("shop.js", "text/javascript; charset=utf-8", format!("{notice}\n{}\n{shop}", htmx.script))?;
    table.add("door.js", "text/javascript; charset=utf-8", modules::join("door.js", &module)?)?;
    table.add("live.js", "text/javascript; charset=utf-8", modules::join("worker.js", &module)?)?;

    let favicon = read(&ui.join("images/favicon.svg"))?;
    table.icon(&favicon);
    table.add("favicon.svg", "image/svg+xml", favicon)?;
    table.add("icon.svg", "image/svg+xml", read(&ui.join("images/icon.svg"))?)?;
    for icon in ["icon-192.png", "icon-512.png"] {
        let path = ui.join("images").join(icon);
        table.add(icon, "image/png", fs::read(&path).map_err(|cause| explain(&path, &cause))?)?;
    }
    let manifest = table.with_addresses(&read(&ui.join("manifest.webmanifest"))?);
    table.add("manifest.webmanifest", "application/manifest+json", manifest)?;
    let licences = format!("htmx {} (0BSD), https://htmx.org\n\n{}", htmx.version, htmx.licence);
    table.add_unhashed("licences.txt", "text/plain; charset=utf-8", licences)?;
    table.write(&out.join("assets.rs"))
}

fn directory(variable: &str) -> Result<PathBuf, String> {
    env::var_os(variable)
        .map(PathBuf::from)
        .ok_or_else(|| format!("{variable} is set by cargo, and is missing"))
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|cause| explain(path, &cause))
}

fn explain(path: &Path, cause: &std::io::Error) -> String {
    format!("{}: {cause}", path.display())
}
