//! What every floor of the house stands on: ids, instants, languages, the actor, permissions,
//! paging and the error that a use case answers with. No database, no web.

mod locale;

pub use locale::{Locale, UnknownLocale};
