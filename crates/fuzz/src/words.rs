//! What people look for, and what it is looked for in.

use text::search::{Query, analyse};

/// The first line is what somebody types, the rest is a text.
pub fn search(bytes: &[u8]) {
    let given = String::from_utf8_lossy(bytes);
    let (asked, text) = given.split_once('\n').unwrap_or((&given, &given));
    let _ = text::search::analyse(text, Some("it"));
    for query in [Query::parse(asked), Query::parse_while_typing(asked)] {
        if let Some(written) = query.to_fts5() {
            assert!(!written.contains('\0'), "the index reads C texts: {written:?}");
        }
        assert_eq!(
            query.to_fts5().is_some(),
            query.to_tsquery().is_some(),
            "both engines or none: {asked:?}"
        );
        let score = query.score(text);
        assert!(score.is_finite() && score >= 0.0, "{score}");
        let pieces = query.snippet(text, 160);
        let shown: usize = pieces.iter().map(|piece| piece.text.chars().count()).sum();
        assert!(shown <= 400, "a snippet is short: {shown}");
    }
    let analysed = analyse(text, None);
    assert!(!analysed.contains('\0'));
}

/// Texts in any language and none.
pub fn language(bytes: &[u8]) {
    let given = String::from_utf8_lossy(bytes);
    let guess = text::language::identify(&given);
    assert!((0.0..=1.0).contains(&guess.confidence), "{}", guess.confidence);
}
