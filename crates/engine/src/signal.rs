//! Live signals: "conversation 42 is at revision 7". A browser that hears one fetches the fragment
//! again with its own rights; one that misses it heals at the next.

use serde::{Deserialize, Serialize};

/// What changed, for whom it may matter. It carries ids only, never text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// What kind of thing changed, such as `conversation`.
    pub kind: String,
    /// Its id as written outside.
    pub id: String,
    /// Its revision after the change; 0 where it has none.
    pub revision: i64,
    /// The mailbox in which it is visible, raw; `None` is for everybody who works here.
    pub mailbox: Option<i64>,
}
