//! Small texts in addresses and headers: ids, cursors, instants, ways back, languages.

use kernel::{ConversationId, Cursor, Instant, Locale};

/// Ids of one type, read from anything.
pub fn ids(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(id) = text.parse::<ConversationId>() {
        assert!(id.0 >= 0, "an id is positive: {text:?}");
        let written = id.to_string();
        assert_eq!(
            written.parse::<ConversationId>().ok(),
            Some(id),
            "what was written can be read: {text:?}"
        );
        assert_eq!(written.len(), 17);
    }
    if let Ok(eight) = <[u8; 8]>::try_from(bytes) {
        let id = ConversationId(i64::from_be_bytes(eight) & i64::MAX);
        assert_eq!(id.to_string().parse::<ConversationId>().ok(), Some(id));
    }
}

/// Cursors and instants.
pub fn cursors(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(cursor) = text.parse::<Cursor>() {
        // Instants beyond the calendar are drawn to its ends, so the text may be another one.
        assert_eq!(cursor.to_string().parse::<Cursor>().ok(), Some(cursor), "{text:?}");
    }
    if let Ok(instant) = text.parse::<Instant>() {
        let again: Instant = instant.to_string().parse().expect("an instant that was written can be read");
        assert_eq!(again, instant, "{text:?}");
    }
}

/// Where one is led back to, and in which language.
pub fn ways(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let safe = web::request::safe_path(&text);
    assert!(safe.starts_with('/') && !safe.starts_with("//") && !safe.starts_with("/\\"), "{safe:?}");
    assert!(!safe.chars().any(char::is_control), "{safe:?}");
    let encoded = web::request::encode(&text);
    assert!(encoded.bytes().all(|byte| byte.is_ascii_graphic()), "{encoded:?}");
    assert!(!encoded.contains(['"', '\'', '<', '>', '&', '?', '#', ';']), "{encoded:?}");
    let _ = Locale::from_accept_language(&text);
}
