//! How a voice came, in words.

use primitives::Channel;

use crate::texts::Texts;

/// "per posta", "al telefono": how somebody said it, for the line above their words. Empty where
/// nothing can be said.
pub(crate) fn by(t: &Texts, channel: Channel) -> &'static str {
    match channel {
        Channel::Mail => t.channel_by_mail(),
        Channel::Phone => t.channel_by_phone(),
        Channel::Counter => t.channel_by_counter(),
        Channel::Form => t.channel_by_form(),
        Channel::Chat => t.channel_by_chat(),
        Channel::Review => t.channel_by_review(),
        Channel::Survey => t.channel_by_survey(),
        Channel::Post => t.channel_by_post(),
        Channel::Other => "",
    }
}

/// "nella lingua": a language as one says in which somebody writes.
pub(crate) fn in_language(t: &Texts, code: &str) -> String {
    match code.split('-').next().unwrap_or(code) {
        "it" => t.channel_language_it().to_owned(),
        "en" => t.channel_language_en().to_owned(),
        "de" => t.channel_language_de().to_owned(),
        "fr" => t.channel_language_fr().to_owned(),
        "es" => t.channel_language_es().to_owned(),
        "pt" => t.channel_language_pt().to_owned(),
        "ro" => t.channel_language_ro().to_owned(),
        "nl" => t.channel_language_nl().to_owned(),
        other => t.channel_language_other(other),
    }
}
