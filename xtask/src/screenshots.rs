//! Screenshots of the guide: the demo company in a real browser, taken by the browser tests.

use std::process::Command;

use crate::{machine, shell};

/// Writes `docs/guide/images`.
pub fn take() -> anyhow::Result<()> {
    machine::install()?;
    let folder = shell::root().join("docs/guide/images");
    std::fs::create_dir_all(&folder)?;
    shell::say("screenshots into docs/guide/images");
    shell::run_command(
        Command::new("cargo")
            .args(["test", "--workspace", "--test", "browser", "--", "--ignored", "the_contact_sheet"])
            .env("BOTTEGA_SCREENSHOTS", folder)
            .current_dir(shell::root()),
    )
}
