//! What is said, word by word. Sentence files lie beside this in `it` and `en`.

pub(crate) mod present;
