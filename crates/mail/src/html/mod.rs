//! HTML bodies: a tolerant reader, the plain text made from it, and the sanitised page.

mod clean;
mod plain;
mod scan;

pub(crate) use clean::sanitise;
pub(crate) use plain::to_text;

/// HTML beyond this many bytes is cut off.
pub(crate) const LONGEST: usize = 2 * 1024 * 1024;
