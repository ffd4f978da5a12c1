//! The project's own errands: `cargo xtask test|check|generate|package|bench|soak|faults|fuzz`.

mod bench;
mod check;
mod crates;
mod faults;
mod fuzz;
mod generate;
mod licences;
mod machine;
mod package;
mod screenshots;
mod shell;
mod soak;
mod test;

use anyhow::bail;

const USAGE: &str = "\
cargo xtask test [ARGS…]     install what tests need, start it, run every test, stop it (ARGS go to the runner)
cargo xtask check            format, lints, docs, licences and bans, file length, scripts, generated references
cargo xtask generate         write the references of commands, configuration and API, and the screenshots
cargo xtask package [--try]  the Debian package; --try installs the tests' build into a root of its own and runs it
cargo xtask bench [--large] [--growth]  every budget on both engines, and imports of the shared data; print the tables
cargo xtask soak [MINUTES]   half of the full load for so many minutes (2) on the tests' build, memory watched
cargo xtask fuzz [--minutes N] [TARGET…]   the readers of foreign bytes under libFuzzer, N minutes each (5)
cargo xtask faults [--kills N]  kill the process N times (5000) on each engine and compare what is left";

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let errand = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    match errand.as_str() {
        "test" => test::run(&rest),
        "check" => check::run(),
        "generate" => generate::run(&rest),
        "package" => package::run(&rest),
        "bench" => bench::run(&rest),
        "soak" => soak::run(&rest),
        "fuzz" => fuzz::run(&rest),
        "faults" => faults::run(&rest),
        _ => bail!("{USAGE}"),
    }
}
