//! Writes the sentences of this room.

fn main() {
    wording::build::generate();
}
