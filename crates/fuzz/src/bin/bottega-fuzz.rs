//! The targets under libFuzzer: `BOTTEGA_FUZZ_TARGET` says which. `cargo xtask fuzz` builds and runs it.
#![no_main]

use std::sync::LazyLock;

static TARGET: LazyLock<fuzz::Target> = LazyLock::new(|| {
    let name = std::env::var("BOTTEGA_FUZZ_TARGET").unwrap_or_default();
    fuzz::target(&name).unwrap_or_else(|| panic!("BOTTEGA_FUZZ_TARGET={name:?} names no target"))
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (TARGET.run)(bytes));
