//! HTML as a flat run of tags and texts, in time linear in its length whatever it holds.

/// A piece of HTML.
#[derive(Debug, PartialEq)]
pub(super) enum Token<'x> {
    /// Text with its character references untouched.
    Text(&'x str),
    Open(Tag<'x>),
    /// The lower-case name of a closing tag.
    Close(String),
}

/// An opening tag.
#[derive(Debug, PartialEq)]
pub(super) struct Tag<'x> {
    /// Lower case.
    pub name: String,
    attributes: &'x str,
}

/// Elements whose content is not text of the message.
const SKIPPED: [&str; 12] = [
    "script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "template", "object",
    "svg", "math",
];

const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];

/// Whether an element of that name never has content.
pub(super) fn is_void(name: &str) -> bool {
    VOID.contains(&name)
}

impl<'x> Tag<'x> {
    /// The attributes: lower-case name and value with its character references. Only the first 16 are read.
    pub fn attributes(&self) -> impl Iterator<Item = (String, &'x str)> + use<'x> {
        const MOST: usize = 16;
        let mut rest = self.attributes;
        std::iter::from_fn(move || {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if rest.is_empty() {
                return None;
            }
            // The first character belongs to the name whatever it is.
            let name_end = rest.char_indices().skip(1).find(|(_, c)| c.is_whitespace() || "=/".contains(*c));
            let (name, after) = rest.split_at(name_end.map_or(rest.len(), |(i, _)| i));
            let after_name = after.trim_start();
            let Some(value) = after_name.strip_prefix('=') else {
                rest = after;
                return Some((name.to_ascii_lowercase(), ""));
            };
            let value = value.trim_start();
            let (value, tail) = match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
                _ => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
            };
            rest = tail;
            Some((name.to_ascii_lowercase(), value))
        })
        .take(MOST)
    }

    pub fn attribute(&self, name: &str) -> Option<&'x str> {
        self.attributes().find(|(n, _)| n == name).map(|(_, v)| v)
    }
}

/// The pieces of an HTML text. Comments, declarations and the content of scripts, styles and the like are left out.
pub(super) struct Scanner<'x> {
    html: &'x str,
    at: usize,
    /// A search that failed once fails for the rest too: this keeps the whole linear.
    no_comment_end: bool,
    no_quote: [bool; 2],
}

impl<'x> Scanner<'x> {
    pub fn new(html: &'x str) -> Self {
        Self { html, at: 0, no_comment_end: false, no_quote: [false; 2] }
    }

    fn comment(&mut self) {
        let rest = &self.html[self.at..];
        let end = (!self.no_comment_end).then(|| rest.find("-->")).flatten();
        self.no_comment_end |= end.is_none();
        self.at += match end {
            Some(end) => end + 3,
            None => rest.find('>').map_or(rest.len(), |i| i + 1),
        };
    }

    /// The offset of the `>` that ends a tag, past quoted attribute values.
    fn tag_end(&mut self, from: usize) -> usize {
        let bytes = self.html.as_bytes();
        let mut at = from;
        while at < bytes.len() {
            match bytes[at] {
                b'>' => return at,
                // A quote opens a value only after an equals sign; elsewhere it is a slip of the sender.
                quote @ (b'"' | b'\'') if self.html[from..at].trim_ascii_end().ends_with('=') => {
                    let kind = usize::from(quote == b'"');
                    let close = (!self.no_quote[kind])
                        .then(|| bytes[at + 1..].iter().position(|b| *b == quote))
                        .flatten();
                    self.no_quote[kind] |= close.is_none();
                    at += close.map_or(1, |i| i + 2);
                }
                _ => at += 1,
            }
        }
        bytes.len()
    }

    /// Skips to after the closing tag of an element whose content is not text.
    fn skip_content(&mut self, name: &str) {
        let bytes = self.html.as_bytes();
        while self.at < bytes.len() {
            let Some(next) = self.html[self.at..].find("</") else { break };
            let start = self.at + next + 2;
            let end = start + name.len();
            if bytes.len() >= end && bytes[start..end].eq_ignore_ascii_case(name.as_bytes()) {
                self.at = self.html[end..].find('>').map_or(bytes.len(), |i| end + i + 1);
                return;
            }
            self.at = start;
        }
        self.at = bytes.len();
    }
}

impl<'x> Iterator for Scanner<'x> {
    type Item = Token<'x>;

    fn next(&mut self) -> Option<Token<'x>> {
        loop {
            let rest = &self.html[self.at..];
            if rest.is_empty() {
                return None;
            }
            let Some(after) = rest.strip_prefix('<') else {
                let end = rest.find('<').unwrap_or(rest.len());
                self.at += end;
                return Some(Token::Text(&rest[..end]));
            };
            if after.starts_with("!--") {
                self.comment();
                continue;
            }
            if after.starts_with(['!', '?']) {
                self.at += rest.find('>').map_or(rest.len(), |i| i + 1);
                continue;
            }
            let closing = after.starts_with('/');
            let name_at = self.at + 1 + usize::from(closing);
            let name_text = &self.html[name_at..];
            if !name_text.starts_with(|c: char| c.is_ascii_alphabetic()) {
                // A lonely `<` is text, up to the next one.
                let end = rest[1..].find('<').map_or(rest.len(), |i| i + 1);
                self.at += end;
                return Some(Token::Text(&rest[..end]));
            }
            let name_length =
                name_text.find(|c: char| c.is_whitespace() || "/>".contains(c)).unwrap_or(name_text.len());
            let name = name_text[..name_length].to_ascii_lowercase();
            let end = self.tag_end(name_at + name_length);
            let attributes = &self.html[name_at + name_length..end];
            self.at = (end + 1).min(self.html.len());
            if closing {
                return Some(Token::Close(name));
            }
            if SKIPPED.contains(&name.as_str()) {
                if !attributes.ends_with('/') {
                    self.skip_content(&name);
                }
                continue;
            }
            return Some(Token::Open(Tag { name, attributes }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(html: &str) -> String {
        Scanner::new(html)
            .map(|t| match t {
                Token::Text(t) => format!("[{t}]"),
                Token::Open(t) => format!("<{}>", t.name),
                Token::Close(n) => format!("</{n}>"),
            })
            .collect()
    }

    #[test]
    fn tags_and_texts_are_told_apart() {
        assert_eq!(shape("<P>a <b>b</B><br/>c"), "<p>[a ]<b>[b]</b><br>[c]");
        assert_eq!(shape("1 < 2 <i>x</i>"), "[1 ][< 2 ]<i>[x]</i>");
        assert_eq!(
            shape("<!doctype html><!-- no <b> -->si<style>p{}</style><script>a<b</script>!"),
            "[si][!]"
        );
        assert_eq!(shape("<a title=\"x > y\">z"), "<a>[z]");
    }

    #[test]
    fn attributes_are_read() {
        let odd = Scanner::new("<p \u{fffd}=1 è>x").find_map(|t| match t {
            Token::Open(tag) => Some(tag.attributes().count()),
            _ => None,
        });
        assert_eq!(odd, Some(2));
        let Some(Token::Open(tag)) = Scanner::new("<img SRC='a b' alt=c width = \"3\" hidden>").next() else {
            panic!()
        };
        let list: Vec<_> = tag.attributes().collect();
        let expected = [("src", "a b"), ("alt", "c"), ("width", "3"), ("hidden", "")];
        assert_eq!(list, expected.map(|(n, v)| (n.to_owned(), v)));
    }

    #[test]
    fn unclosed_things_take_linear_time() {
        for piece in ["<!--", "<a b=\"", "<script>", "<", "</", "<a '"] {
            let html = piece.repeat(200_000);
            assert!(Scanner::new(&html).count() <= 400_000);
        }
    }
}
