//! The sanitised page of a mail: no scripts, styles, forms; nothing that calls home when it is opened.

use std::{borrow::Cow, collections::HashSet, sync::LazyLock};

use ammonia::Builder;

use super::plain::{is_hidden, references};
use super::scan::{Scanner, Token, is_void};

/// Tags nested deeper are dropped, their text stays: the HTML parser's work grows with depth.
const DEEPEST: usize = 64;

/// The parser's work grows with the square of the references in a row.
const MOST_REFERENCES: usize = 50_000;

const KEPT_ATTRIBUTES: [&str; 17] = [
    "href", "src", "alt", "title", "width", "height", "colspan", "rowspan", "align", "valign", "lang", "dir",
    "cite", "start", "type", "reversed", "datetime",
];

static BUILDER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .link_rel(Some("noopener noreferrer nofollow"))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "cid", "data"]))
        .add_generic_attributes(["dir"])
        .rm_tags(["map", "area"])
        .clean_content_tags(HashSet::from([
            "script", "style", "title", "textarea", "select", "option", "iframe", "object", "embed", "svg",
            "math", "template", "noembed", "noframes",
        ]))
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("img", "src") => is_local_image(value).then_some(Cow::Borrowed(value)),
            (_, "src" | "href" | "cite") if scheme_is(value, "data:") => None,
            _ => Some(Cow::Borrowed(value)),
        });
    builder
});

/// HTML that is safe to show. Images are kept only where they came with the mail (`cid:` or inline data): a remote
/// one tells its owner who read the mail, and when.
pub(crate) fn sanitise(html: &str) -> String {
    BUILDER.clean(&well_nested(html)).to_string().trim().to_owned()
}

fn scheme_is(value: &str, scheme: &str) -> bool {
    value.trim_start().get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme))
}

fn is_local_image(value: &str) -> bool {
    const DATA: [&str; 5] =
        ["data:image/png;", "data:image/jpeg;", "data:image/jpg;", "data:image/gif;", "data:image/webp;"];
    scheme_is(value, "cid:") || DATA.iter().any(|d| scheme_is(value, d))
}

/// The same page with every tag closed in order and bounded in depth. Safety is the sanitiser's work; this only
/// spares it the inputs on which HTML parsing is quadratic.
fn well_nested(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut open: Vec<String> = Vec::new();
    let mut references_left = MOST_REFERENCES;
    // The name and depth of an element that its own page hides: without its style it would show.
    let mut hidden: Option<(String, usize)> = None;
    for token in Scanner::new(html) {
        if let Some((name, depth)) = &mut hidden {
            match &token {
                Token::Open(tag) if tag.name == *name => *depth += 1,
                Token::Close(closed) if closed == name => *depth -= 1,
                _ => {}
            }
            if *depth == 0 {
                hidden = None;
            }
            continue;
        }
        match token {
            Token::Open(tag) if !is_void(&tag.name) && is_hidden(&tag) => hidden = Some((tag.name, 1)),
            Token::Text(text) => push_text(&mut out, &references(text), &mut references_left),
            Token::Close(name) => {
                if let Some(at) = open.iter().rposition(|o| *o == name) {
                    for name in open.drain(at..).rev() {
                        close(&mut out, &name);
                    }
                } else if name == "p" || name == "br" {
                    out.push_str("<br>");
                }
            }
            Token::Open(tag) => {
                while open.last().is_some_and(|last| ends(last, &tag.name)) {
                    if let Some(last) = open.pop() {
                        close(&mut out, &last);
                    }
                }
                let void = is_void(&tag.name);
                if (!void && open.len() >= DEEPEST) || !tag.name.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    continue;
                }
                out.push('<');
                out.push_str(&tag.name);
                for (name, value) in tag.attributes().filter(|(n, _)| KEPT_ATTRIBUTES.contains(&n.as_str())) {
                    out.push_str(&format!(" {name}=\"{}\"", value.replace('"', "&quot;")));
                }
                out.push('>');
                if !void {
                    open.push(tag.name);
                }
            }
        }
    }
    for name in open.iter().rev() {
        close(&mut out, name);
    }
    out
}

/// Text with only the references that it needs; past their bound the signs themselves are left out.
fn push_text(out: &mut String, text: &str, references_left: &mut usize) {
    for c in text.chars() {
        let reference = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            c => {
                out.push(c);
                continue;
            }
        };
        if *references_left > 0 {
            *references_left -= 1;
            out.push_str(reference);
        }
    }
}

fn close(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Whether an element ends when the other one begins, as HTML lets authors leave out closing tags.
fn ends(last: &str, next: &str) -> bool {
    match last {
        "p" => matches!(
            next,
            "p" | "div" | "table" | "ul" | "ol" | "blockquote" | "pre" | "hr" | "h1" | "h2" | "h3"
        ),
        "li" => next == "li",
        "dt" | "dd" => matches!(next, "dt" | "dd"),
        "td" | "th" => matches!(next, "td" | "th" | "tr" | "tbody"),
        "tr" => matches!(next, "tr" | "tbody"),
        "option" => matches!(next, "option"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_styles_and_forms_are_gone() {
        let html = "<style>p{}</style><p onclick=\"x()\" style=\"color:red\">ciao<script>x()</script></p>\
                    <form action=\"/x\"><input name=a><button>Via</button></form>\
                    <a href=\"javascript:x()\">a</a><iframe src=x></iframe><base href=\"//x\">";
        let out = sanitise(html);
        assert_eq!(sanitise("<div style='display:none'>a<div>b</div></div><p>c</p>"), "<p>c</p>");
        assert!(out.contains("ciao"));
        for gone in ["script", "style", "form", "input", "onclick", "javascript", "iframe", "<base"] {
            assert!(!out.contains(gone), "{gone} in {out}");
        }
    }

    #[test]
    fn links_open_without_telling_and_images_do_not_call_home() {
        let out = sanitise(
            "<a href=\"https://example.org/\">x</a><img src=\"https://t.example/p.gif\" alt=\"logo\"><img src=\"cid:a@b\">",
        );
        assert!(out.contains("rel=\"noopener noreferrer nofollow\""));
        assert!(!out.contains("t.example") && out.contains("logo") && out.contains("cid:a@b"));
        let out = sanitise(
            "<a href=\"data:text/html,x\">x</a><img src=\"data:image/svg+xml,x\"><img src=\"data:image/png;base64,AA==\">",
        );
        assert!(!out.contains("data:text") && !out.contains("svg") && out.contains("data:image/png"));
    }

    #[test]
    fn hostile_nesting_is_quick() {
        for piece in
            ["<div>", "<b><i><p>", "<table><td>", "<font a=1><p>", "<a><b></a>", "</p>", "<select><option>"]
        {
            let html = piece.repeat(60_000);
            sanitise(&html);
        }
    }
}
