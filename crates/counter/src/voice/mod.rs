//! A single voice: a capture, a review, the answer to a survey. Answering it opens a conversation.

use web::Staff;

use crate::texts::Texts;

/// A score as the customer gave it: "3 su 5". Empty where none was given.
pub(crate) fn score(t: &Texts, staff: &Staff, score: Option<f64>, most: Option<f64>) -> String {
    let figure = |value: f64| staff.formats.decimal(value, if value.fract() == 0.0 { 0 } else { 1 });
    match (score, most) {
        (Some(score), Some(most)) => t.voice_score(figure(score), figure(most)),
        (Some(score), None) => figure(score),
        (None, _) => String::new(),
    }
}
