//! Pages as a browser reads them, to find what data has made of them. Searching strings would find `&lt;script`
//! guilty and `<scr\0ipt` innocent.

use html5ever::driver::{ParseOpts, parse_document};
use html5ever::tendril::TendrilSink;
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// An element of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its name, lower case.
    pub name: String,
    /// Its attributes in order, names in lower case.
    pub attributes: Vec<(String, String)>,
    /// The text directly in it.
    pub text: String,
}

impl Element {
    /// An attribute's value.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Every element of a page in the order of the document, those of templates included.
pub fn elements(html: &str) -> Vec<Element> {
    let dom = parse_document(RcDom::default(), ParseOpts::default()).one(html);
    let mut found = Vec::new();
    // A stack of our own: hostile pages nest deeper than threads. The page itself is held to the end, because a
    // node that is dropped takes its children along.
    let mut waiting = vec![dom.document.clone()];
    while let Some(node) = waiting.pop() {
        if let NodeData::Element { name, attrs, template_contents, .. } = &node.data {
            let attributes = attrs.borrow();
            found.push(Element {
                name: name.local.to_ascii_lowercase().to_string(),
                attributes: attributes
                    .iter()
                    .map(|attribute| {
                        (attribute.name.local.to_ascii_lowercase().to_string(), attribute.value.to_string())
                    })
                    .collect(),
                text: text_of(&node),
            });
            waiting.extend(template_contents.borrow().iter().cloned());
        }
        waiting.extend(node.children.borrow().iter().rev().cloned());
    }
    found
}

fn text_of(node: &Handle) -> String {
    let mut text = String::new();
    for child in node.children.borrow().iter() {
        if let NodeData::Text { contents } = &child.data {
            text.push_str(&contents.borrow());
        }
    }
    text
}

/// The scheme of an address as a browser reads it: lower case, tabs and line ends dropped. `None` when it is
/// relative.
pub fn scheme(address: &str) -> Option<String> {
    let read: String = address
        .trim_start_matches(|c: char| c <= ' ')
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
        .collect();
    let (scheme, _) = read.split_once(':')?;
    let sound = scheme.chars().next()?.is_ascii_alphabetic()
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    sound.then(|| scheme.to_ascii_lowercase())
}

/// What of a mail's cleaned page could do harm; `None` where nothing can. It is read twice, because what one
/// reading writes another may read otherwise.
pub fn harm_in_mail(html: &str) -> Option<String> {
    const MAY: [&str; 69] = [
        "html",
        "head",
        "body",
        "a",
        "abbr",
        "acronym",
        "article",
        "aside",
        "b",
        "bdi",
        "bdo",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "data",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "mark",
        "nav",
        "ol",
        "p",
        "pre",
        "q",
        "rp",
        "rt",
        "rtc",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
    ];
    const MAY_TOO: [&str; 8] = ["thead", "time", "tr", "tt", "u", "ul", "var", "wbr"];
    for element in elements(html) {
        let name = element.name.as_str();
        if !MAY.contains(&name) && !MAY_TOO.contains(&name) {
            return Some(format!("the element {name}"));
        }
        for (attribute, value) in &element.attributes {
            let fits = match attribute.as_str() {
                "href" | "cite" => scheme(value).is_none_or(|scheme| {
                    ["http", "https", "mailto", "tel", "cid"].contains(&scheme.as_str())
                }),
                "src" => {
                    let inline = ["png;", "jpeg;", "jpg;", "gif;", "webp;"]
                        .iter()
                        .any(|kind| value.to_ascii_lowercase().starts_with(&format!("data:image/{kind}")));
                    name == "img" && (inline || scheme(value).as_deref() == Some("cid"))
                }
                "style" | "id" | "class" | "name" | "srcset" | "background" | "action" | "formaction"
                | "ping" | "poster" | "srcdoc" => false,
                other => !other.starts_with("on") && !other.contains(':'),
            };
            if !fits {
                return Some(format!("{name} {attribute}={value:?}"));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_to_its_depth() {
        let page = "<p><b><i onclick=x()>a</i></b><template><u>b</u></template>";
        let names: Vec<String> = elements(page).into_iter().map(|element| element.name).collect();
        for name in ["p", "b", "i", "template", "u"] {
            assert!(names.iter().any(|found| found == name), "{name} in {names:?}");
        }
        assert!(harm_in_mail("<p><b><i onclick=x()>a</i></b>").is_some());
        assert!(harm_in_mail("<p><a href=\"JaVa\tScript:x()\">a</a>").is_some());
        assert!(harm_in_mail("<p>&lt;script&gt;<a href=\"https://example.org\">a</a>").is_none());
    }
}
