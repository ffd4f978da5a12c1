//! Plain text made from HTML: quotes as `> ` lines, so that folding sees in it what it sees in a text mail.

use mail_parser::decoders::html::add_html_token;

use super::scan::{Scanner, Tag, Token, is_void};

/// Quotes nested deeper are shown at this depth.
const DEEPEST_QUOTE: usize = 8;

/// The text of an HTML body, line breaks where a reader would see them.
pub(crate) fn to_text(html: &str) -> String {
    let mut writer = Writer::default();
    for token in Scanner::new(html) {
        match token {
            Token::Text(text) => writer.text(&references(text)),
            Token::Open(tag) => writer.open(&tag),
            Token::Close(name) => writer.close(&name),
        }
    }
    writer.finish()
}

/// Decodes character references.
pub(super) fn references(text: &str) -> String {
    const LONGEST: usize = 32;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(LONGEST).position(|b| b == b';');
        let token = end.map_or("", |e| &rest[..=e]);
        if token.len() > 2
            && token[1..token.len() - 1].bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#')
        {
            add_html_token(&mut out, token.as_bytes(), false);
            rest = &rest[token.len()..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out.retain(|c| c != '\0');
    out
}

#[derive(Default)]
struct Writer {
    out: String,
    /// The line being written, without its quote marks.
    line: String,
    quotes: usize,
    /// The quote depth of the line before.
    last_depth: usize,
    /// For every open blockquote, whether it counts as a quote (an indentation does not).
    blocks: Vec<bool>,
    preformatted: usize,
    /// Depth inside an element that is not shown, by its name.
    hidden: Option<(String, usize)>,
    /// Blank lines wanted before the next text.
    blank: bool,
    lists: Vec<Option<u32>>,
}

impl Writer {
    fn text(&mut self, text: &str) {
        if self.hidden.is_some() {
            return;
        }
        if self.preformatted > 0 {
            for (i, line) in text.split('\n').enumerate() {
                if i > 0 {
                    self.break_line(true);
                }
                self.line.push_str(line.trim_end_matches('\r'));
            }
            return;
        }
        for c in text.chars() {
            match c {
                ' ' | '\t' | '\r' | '\n' | '\u{c}' => {
                    if !self.line.is_empty() && !self.line.ends_with([' ', '\t']) {
                        self.line.push(' ');
                    }
                }
                '\u{200b}' | '\u{feff}' | '\u{200c}' | '\u{ad}' => {}
                '\u{a0}' => self.line.push(' '),
                c => self.line.push(c),
            }
        }
    }

    /// Ends the line; an empty one is written only where it is meant (`<br>`).
    fn break_line(&mut self, meant: bool) {
        let line = std::mem::take(&mut self.line);
        // The signature mark keeps its space.
        let line = if line.trim() == "--" { "-- " } else { line.trim_end() };
        if line.is_empty() && !meant {
            return;
        }
        if self.blank && !self.out.is_empty() && !self.out.ends_with("\n\n") {
            // Between two depths the blank line belongs to the shallower one.
            self.marks(self.quotes.min(self.last_depth), true);
            self.out.push('\n');
        }
        self.blank = false;
        self.last_depth = self.quotes;
        self.marks(self.quotes, line.is_empty());
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn marks(&mut self, depth: usize, bare: bool) {
        let depth = depth.min(DEEPEST_QUOTE);
        for _ in 0..depth {
            self.out.push('>');
        }
        if depth > 0 && !bare {
            self.out.push(' ');
        }
    }

    fn paragraph(&mut self) {
        self.break_line(false);
        self.blank = true;
    }

    fn open(&mut self, tag: &Tag<'_>) {
        let name = tag.name.as_str();
        if let Some((hidden, depth)) = &mut self.hidden {
            *depth += usize::from(hidden == name);
            return;
        }
        if !is_void(name) && is_hidden(tag) {
            self.hidden = Some((name.to_owned(), 1));
            return;
        }
        if is_signature(tag) && !self.out.trim_end().ends_with("--") && !self.line.trim_end().ends_with("--")
        {
            self.paragraph();
            self.line.push_str("-- ");
            self.break_line(true);
        }
        match name {
            "br" => self.break_line(true),
            "hr" | "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dl" => self.paragraph(),
            "pre" => {
                self.paragraph();
                self.preformatted += 1;
            }
            "blockquote" => {
                self.paragraph();
                let quote = !is_indentation(tag);
                self.blocks.push(quote);
                self.quotes += usize::from(quote);
            }
            "ul" | "ol" => {
                self.break_line(false);
                self.lists.push((name == "ol").then_some(0));
            }
            "li" => {
                self.break_line(false);
                match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        self.line = format!("{number}. ");
                    }
                    _ => self.line.push_str("- "),
                }
            }
            "td" | "th" if !self.line.is_empty() && !self.line.ends_with([' ', '\t']) => self.line.push(' '),
            name if is_block(name) => self.break_line(false),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if let Some((hidden, depth)) = &mut self.hidden {
            if hidden == name {
                *depth -= 1;
                if *depth == 0 {
                    self.hidden = None;
                }
            }
            return;
        }
        match name {
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dl" => self.paragraph(),
            "pre" => {
                self.paragraph();
                self.preformatted = self.preformatted.saturating_sub(1);
            }
            "blockquote" => {
                self.break_line(false);
                if let Some(quote) = self.blocks.pop() {
                    self.quotes -= usize::from(quote);
                }
                self.blank = true;
            }
            "ul" | "ol" => {
                self.break_line(false);
                self.lists.pop();
            }
            name if is_block(name) => self.break_line(false),
            _ => {}
        }
    }

    fn finish(mut self) -> String {
        self.break_line(false);
        let text = self.out.trim_matches('\n');
        let mut tidy = String::with_capacity(text.len());
        let mut blank = 0;
        for line in text.split('\n') {
            blank = if line.trim().is_empty() { blank + 1 } else { 0 };
            if blank <= 2 {
                tidy.push_str(line);
                tidy.push('\n');
            }
        }
        tidy.truncate(tidy.trim_end_matches('\n').len());
        tidy
    }
}

fn is_block(name: &str) -> bool {
    const BLOCKS: [&str; 22] = [
        "address", "article", "aside", "body", "center", "dd", "div", "dt", "fieldset", "figure", "footer",
        "form", "header", "html", "li", "main", "nav", "section", "table", "tbody", "tr", "thead",
    ];
    BLOCKS.contains(&name)
}

fn style(tag: &Tag<'_>) -> String {
    tag.attribute("style")
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .to_ascii_lowercase()
}

/// A preheader that only the list of an inbox shows, and the like.
pub(super) fn is_hidden(tag: &Tag<'_>) -> bool {
    let style = style(tag);
    style.contains("display:none") || style.contains("mso-hide:all")
}

/// Webmails indent by a blockquote without a border.
fn is_indentation(tag: &Tag<'_>) -> bool {
    let style = style(tag);
    style.contains("border:none") || style.contains("border:medium")
}

/// The element into which Gmail or Outlook put the signature.
fn is_signature(tag: &Tag<'_>) -> bool {
    let class = tag.attribute("class").unwrap_or_default();
    let id = tag.attribute("id").unwrap_or_default();
    class.split_whitespace().any(|c| matches!(c, "gmail_signature" | "moz-signature"))
        || matches!(id, "Signature" | "divtagdefaultwrapper-signature" | "ms-outlook-mobile-signature")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_become_lines_and_paragraphs() {
        assert_eq!(
            to_text("<p>Uno</p><p>Due<br>tre</p><div>quattro</div><div>cinque</div>"),
            "Uno\n\nDue\ntre\n\nquattro\ncinque"
        );
        assert_eq!(to_text("<ul><li>a<li>b</ul><ol><li>c</ol>"), "- a\n- b\n1. c");
        assert_eq!(to_text("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>"), "a b\nc");
        assert_eq!(to_text("<pre>a\n  b</pre>"), "a\n  b");
    }

    #[test]
    fn quotes_get_their_marks_and_indentations_none() {
        let html =
            "<div>Si.</div><blockquote type=cite><div>Vieni?</div><blockquote>Dove</blockquote></blockquote>";
        assert_eq!(to_text(html), "Si.\n\n> Vieni?\n>\n>> Dove");
        assert_eq!(
            to_text("<blockquote style=\"margin:0 0 0 40px; border:none\">rientro</blockquote>"),
            "rientro"
        );
    }

    #[test]
    fn references_and_invisible_things() {
        assert_eq!(
            to_text("perch&eacute; &amp; caff&#232; &#x20AC;5 a&b &nosuch;"),
            "perché & caffè €5 a&b &nosuch;"
        );
        assert_eq!(
            to_text("<div style=\"display: none\">pre<div>x</div></div>testo<title>no</title>"),
            "testo"
        );
    }

    #[test]
    fn a_signature_element_gets_its_mark() {
        assert_eq!(to_text("Ciao<div class=\"gmail_signature\">Mario</div>"), "Ciao\n\n-- \nMario");
        assert_eq!(
            to_text("Ciao<div>-- </div><div class=\"gmail_signature\">Mario</div>"),
            "Ciao\n-- \nMario"
        );
    }
}
