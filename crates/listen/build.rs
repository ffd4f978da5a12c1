//! Makes typed functions of this room's texts.

fn main() {
    wording::build::generate();
}
