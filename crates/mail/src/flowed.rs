//! `format=flowed` (RFC 3676): soft line breaks joined, stuffed spaces removed.

/// The text as its author wrote it. With `delsp` the space at a soft break goes too.
pub(crate) fn unflow(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // The quote depth of the paragraph that the last line left open.
    let mut open: Option<usize> = None;
    for (index, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let depth = line.bytes().take_while(|b| *b == b'>').count();
        let content = &line[depth..];
        let content = content.strip_prefix(' ').unwrap_or(content);
        let flows = content.ends_with(' ') && content != "-- ";
        if open != Some(depth) || content == "-- " {
            if index > 0 {
                out.push('\n');
            }
            out.extend(std::iter::repeat_n('>', depth));
            if depth > 0 && !content.is_empty() {
                out.push(' ');
            }
        }
        out.push_str(if flows && delsp { content.strip_suffix(' ').unwrap_or(content) } else { content });
        open = flows.then_some(depth);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_breaks_are_joined_within_one_quote_depth() {
        assert_eq!(
            unflow("Una frase \r\nlunga.\r\nAltra.\r\n> cita \r\n> zione\r\n>> due\r\n", false),
            "Una frase lunga.\nAltra.\n> cita zione\n>> due\n"
        );
        assert_eq!(unflow("spez \nzato", true), "spezzato");
    }

    #[test]
    fn stuffing_goes_and_the_signature_mark_stays() {
        assert_eq!(unflow(" From me\n-- \nMario \nRossi", false), "From me\n-- \nMario Rossi");
        assert_eq!(unflow("\n\na", false), "\n\na");
    }
}
