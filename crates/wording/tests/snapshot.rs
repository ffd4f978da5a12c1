//! What is written for the small room in `room/` is `room/texts.rs`, which `generated.rs` compiles.

use std::path::Path;

#[test]
fn the_generated_code_is_the_snapshot() {
    let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/room");
    let code = wording::build::code_for(&room).expect("the texts of the room are right");
    let snapshot = room.join("texts.rs");
    if std::env::var_os("UPDATE_SNAPSHOT").is_some() {
        std::fs::write(&snapshot, &code).expect("the snapshot can be written");
    }
    let written = std::fs::read_to_string(&snapshot).expect("the snapshot exists");
    assert!(code == written, "run this test with UPDATE_SNAPSHOT=1 and read the difference:\n{code}");
}
