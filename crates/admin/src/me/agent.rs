//! What a browser calls itself, in words that its owner recognises.

use crate::texts::Texts;

/// Browser and system, such as `Firefox, Linux`.
pub(crate) fn describe(t: &Texts, agent: Option<&str>) -> String {
    let agent = agent.unwrap_or_default();
    // The order matters: Edge and Opera say that they are Chrome, and Chrome that it is Safari.
    let browser = first(
        agent,
        &[
            ("Edg", "Edge"),
            ("OPR/", "Opera"),
            ("Firefox/", "Firefox"),
            ("FxiOS/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("CriOS/", "Chrome"),
            ("Safari/", "Safari"),
            ("curl/", "curl"),
        ],
    );
    let system = first(
        agent,
        &[
            ("Windows", "Windows"),
            ("Android", "Android"),
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Mac OS X", "Mac"),
            ("CrOS", "ChromeOS"),
            ("Linux", "Linux"),
        ],
    );
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => t.me_some_browser().to_owned(),
    }
}

fn first(agent: &str, known: &[(&str, &'static str)]) -> Option<&'static str> {
    known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_named_as_their_owners_name_them() {
        let t = Texts::new(kernel::Locale::It);
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
        assert_eq!(describe(&t, Some(chrome)), "Chrome, Linux");
        assert_eq!(describe(&t, Some(&format!("{chrome} Edg/140.0"))), "Edge, Linux");
        assert_eq!(
            describe(&t, Some("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1")),
            "Safari, iPhone"
        );
        assert_eq!(describe(&t, None), t.me_some_browser());
    }
}
