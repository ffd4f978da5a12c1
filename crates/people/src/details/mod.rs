//! Personal data: name, organisation, language, who follows them, what they agreed to, and of which
//! merges they are made.

pub(crate) mod page;
