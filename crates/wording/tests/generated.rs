//! The functions written for the small room in `room/` (see `snapshot.rs`) speak.

#[allow(dead_code, reason = "the room has a sentence that nobody says")]
mod texts {
    // Included rather than a file of its own, so that the formatter leaves the snapshot as it was written.
    include!("room/texts.rs");
}

use texts::Texts;
use wording::Locale;

#[test]
fn a_room_speaks_both_languages() {
    let (it, en) = (Texts::new(Locale::It), Texts::new(Locale::En));
    let name = String::from("Marta");
    assert_eq!(it.locale(), Locale::It);
    assert_eq!(it.today_title(), "Oggi in Bottega");
    assert_eq!(en.today_greeting(&name), "Good morning, Marta.");
    assert_eq!(it.today_waiting(1, &name), "Una persona aspetta Marta.");
    assert_eq!(en.today_waiting(1200, name.as_str()), "1,200 people wait for Marta.");
    assert_eq!(it.counter_total(20_u64, 1234_usize), "20 di 1.234, solo ciò che puoi vedere");
    assert_eq!(it.today_rule(), "Prima riga,\nseconda riga con \"virgolette\" e {graffe}.");
    assert_eq!(en.counter_share(0.42), "Share: 42%");
}
