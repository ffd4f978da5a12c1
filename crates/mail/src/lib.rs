//! Mail: bytes to clean messages and back.
//!
//! The layers, from the wire up. `transfer` and `charset` turn bytes into text and guess where a sender did not say
//! how; `headers`, `words`, `fields`, `date` and `address` make typed values of header fields (mail-parser reads the
//! grammar of dates, media types and addresses; what it cannot read is mended before or after it); `entity` finds
//! the parts by their boundaries, bounded in depth and number; `body` chooses the text, the page and the files;
//! `html` sanitises the page and makes text of it; [`fold`] parts the sender's own words from quotes, signatures
//! and forwarded mail; `labels` says what kind of mail it is. [`parse`] runs all of them and never fails.
//! [`mbox`], [`maildir`] and [`folder`] read files of mails one by one, [`compose`] writes a mail.
//! Nothing here knows a database, the web or the clock.

mod address;
mod body;
mod charset;
pub mod compose;
mod date;
mod entity;
mod fields;
mod flowed;
pub mod fold;
pub mod folder;
mod headers;
mod html;
mod labels;
pub mod maildir;
pub mod mbox;
mod message;
mod transfer;
mod words;

pub use address::Address;
pub use body::Attachment;
pub use message::{CleanMessage, parse};

/// Sanitises HTML that did not come in a mail by the same rules: no scripts, styles, forms, remote images.
pub fn sanitise_html(html: &str) -> String {
    html::sanitise(&html[..html.floor_char_boundary(html::LONGEST)])
}

/// Plain text of an HTML fragment, quotes as `> ` lines.
pub fn html_to_text(html: &str) -> String {
    html::to_text(&html[..html.floor_char_boundary(html::LONGEST)])
}
