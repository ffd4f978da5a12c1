//! How the house speaks two languages.
//!
//! Sentences are Fluent files beside the code that says them: every capability folder of a room has
//! a `texts/it.ftl` and a `texts/en.ftl`. The room's `build.rs` is one line,
//!
//! ```ignore
//! fn main() {
//!     wording::build::generate();
//! }
//! ```
//!
//! and its `lib.rs` includes what that wrote,
//!
//! ```ignore
//! wording::include_texts!();
//! // …
//! let t = texts::Texts::new(Locale::It);
//! t.today_greeting(name, waiting)
//! ```
//!
//! A key that a page uses and no file has is a compile error; one that a file has and nobody uses is
//! a `dead_code` warning; a key or argument that only one language has fails the build. Dates, numbers
//! and lists are the business of [`Formats`].

#[cfg(feature = "build")]
pub mod build;

#[cfg(feature = "runtime")]
mod arg;
#[cfg(feature = "runtime")]
mod bundle;
#[cfg(feature = "runtime")]
pub mod format;
#[cfg(feature = "runtime")]
mod number;

#[cfg(feature = "runtime")]
pub use arg::{Arg, ToArg};
#[cfg(feature = "runtime")]
pub use bundle::Bundles;
#[cfg(feature = "runtime")]
pub use format::Formats;
#[cfg(feature = "runtime")]
pub use kernel::Locale;

/// Includes the functions that `wording::build::generate` wrote for the calling crate, as a private
/// module `texts` with the type `texts::Texts`.
#[macro_export]
macro_rules! include_texts {
    () => {
        mod texts {
            //! The sentences of this crate, generated from its `texts/*.ftl`.
            include!(concat!(env!("OUT_DIR"), "/texts.rs"));
        }
    };
}
