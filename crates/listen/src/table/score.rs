//! Scores as people write them.

/// Reads a score, and the highest one when it is said beside it: `4`, `4,5`, `4/5`, `8 su 10`, `★★★☆☆`.
pub(crate) fn read(given: &str) -> Option<(f64, Option<f64>)> {
    let given = given.trim();
    let stars = given.chars().filter(|c| matches!(c, '★' | '⭐')).count();
    let empty = given.chars().filter(|c| *c == '☆').count();
    if stars + empty > 0 {
        let others = given.chars().any(|c| c.is_alphanumeric());
        return (!others).then_some((stars as f64, (stars + empty >= 5).then_some((stars + empty) as f64)));
    }
    let lower = given.to_lowercase();
    for between in ["/", " su ", " out of ", " of "] {
        if let Some((score, most)) = lower.split_once(between) {
            return Some((number(score)?, Some(number(most).filter(|most| *most > 0.0)?)));
        }
    }
    let bare = lower.trim_end_matches(|c: char| c.is_alphabetic() || c == '.').trim_end_matches('%').trim();
    // "5 stars" is a score, "very good" is none.
    if bare.is_empty() { None } else { number(bare).map(|score| (score, None)) }
}

fn number(text: &str) -> Option<f64> {
    let text = text.trim().replace(',', ".");
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || b".-+".contains(&byte));
    text.parse::<f64>().ok().filter(|number| plain && number.is_finite())
}

/// The highest score that could be given, from the highest that was; `None` beyond the usual scales.
pub(crate) fn most(highest: f64) -> Option<f64> {
    [5.0, 7.0, 10.0, 100.0].into_iter().find(|most| highest <= *most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_read_as_people_write_them() {
        for (given, expected) in [
            ("4", Some((4.0, None))),
            ("1.0", Some((1.0, None))),
            ("4,5", Some((4.5, None))),
            ("4/5", Some((4.0, Some(5.0)))),
            ("8 su 10", Some((8.0, Some(10.0)))),
            ("3 out of 5", Some((3.0, Some(5.0)))),
            ("★★★☆☆", Some((3.0, Some(5.0)))),
            ("⭐⭐", Some((2.0, None))),
            ("5 stelle", Some((5.0, None))),
            ("80%", Some((80.0, None))),
            ("-1", Some((-1.0, None))),
            ("very good", None),
            ("", None),
            ("inf", None),
            ("4/0", None),
        ] {
            assert_eq!(read(given), expected, "{given:?}");
        }
    }

    #[test]
    fn the_scale_is_the_smallest_usual_one() {
        assert_eq!(
            [4.0, 6.0, 9.0, 11.0, 500.0].map(most),
            [Some(5.0), Some(7.0), Some(10.0), Some(100.0), None]
        );
    }
}
