//! Turns the texts of this room into typed functions.

fn main() {
    wording::build::generate();
}
