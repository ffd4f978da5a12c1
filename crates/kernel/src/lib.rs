//! What every floor of the house stands on: ids, instants, languages, the actor, permissions,
//! paging and the error that a use case answers with. No database, no web.

mod actor;
pub mod fault;
pub mod id;
mod instant;
mod locale;
mod names;
pub mod paging;

pub use actor::{Actor, ActorKind, Denied, Permission, Role};
pub use fault::{Clash, Fault, Reason};
pub use id::{IdMinter, InvalidId};
pub use instant::{Clock, Instant, InvalidInstant, ManualClock, SystemClock};
pub use locale::{Locale, UnknownLocale};
pub use names::*;
pub use paging::{Cursor, Page};
pub use serde;
