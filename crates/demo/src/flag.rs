//! The words that say when a sentence fits: who speaks, in what mood, about what.

macro_rules! flags {
    ($($constant:ident = $bit:expr, $word:literal;)*) => {
        $(pub(crate) const $constant: u32 = 1 << $bit;)*

        /// The flag of a word, a leading `!` ignored.
        pub(crate) fn named(word: &str) -> Option<u32> {
            match word.trim_start_matches('!') {
                $($word => Some($constant),)*
                _ => None,
            }
        }
    };
}

flags! {
    HOME = 0, "home";
    BAR = 1, "bar";
    INN = 2, "inn";
    OFFICE = 3, "office";
    DEALER = 4, "dealer";
    ANGRY = 5, "angry";
    KIND = 6, "kind";
    CALM = 7, "calm";
    SIX = 8, "six";
    PLUS = 9, "plus";
    MINI = 10, "mini";
    GRINDER = 11, "grinder";
    OWNER = 12, "owner";
    FRESH = 13, "fresh";
    OLD = 14, "old";
    GOOD = 15, "good";
    BAD = 16, "bad";
    FORMAL = 17, "formal";
    CASUAL = 18, "casual";
    EVENING = 19, "evening";
    MORNING = 20, "morning";
    LOYAL = 21, "loyal";
    GERMAN = 22, "german";
    A = 23, "a";
    B = 24, "b";
    C = 25, "c";
    D = 26, "d";
    PHONE = 27, "phone";
    EXPIRED = 28, "expired";
}
/// Every strand of a subject at once. A strand says which of its matters a story is about, so that answers
/// meet questions.
pub(crate) const ANY_STRAND: u32 = A | B | C | D;
