//! Writes the typed sentences of this room.

fn main() {
    wording::build::generate();
}
