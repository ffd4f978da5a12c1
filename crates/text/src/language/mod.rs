//! Which language a text is written in.

/// What a text was taken for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guess {
    /// BCP 47 code, `None` when it cannot be told.
    pub language: Option<&'static str>,
    /// From 0 to 1.
    pub confidence: f32,
}

/// Guesses the language of a text.
pub fn identify(text: &str) -> Guess {
    match whatlang::detect(text) {
        Some(info) => Guess { language: code(info.lang()), confidence: info.confidence() as f32 },
        None => Guess { language: None, confidence: 0.0 },
    }
}

fn code(lang: whatlang::Lang) -> Option<&'static str> {
    use whatlang::Lang;
    Some(match lang {
        Lang::Ita => "it",
        Lang::Eng => "en",
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        _ => return None,
    })
}
