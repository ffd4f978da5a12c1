//! Joins our own style sheets in the order that the first one imports them, and squeezes out what browsers do not need.

/// Joins the sheets that `entry` imports; it holds nothing but imports.
///
/// # Errors
/// A sheet that cannot be read, or one whose braces, strings or comments do not close.
pub fn join(entry: &str, read: &dyn Fn(&str) -> Result<String, String>) -> Result<String, String> {
    let mut joined = String::new();
    for line in read(entry)?.lines() {
        if let Some(name) = line.trim().strip_prefix("@import \"").and_then(|rest| rest.strip_suffix("\";")) {
            joined.push_str(&squeeze(&read(name)?).map_err(|problem| format!("{name}: {problem}"))?);
        }
    }
    Ok(joined)
}

/// Takes away comments, line ends, and spaces where they separate nothing. Strings stay as they are.
pub fn squeeze(css: &str) -> Result<String, String> {
    let mut out = String::with_capacity(css.len());
    let mut space = false;
    let mut depth = 0_i32;
    let mut rest = css.chars().peekable();
    while let Some(letter) = rest.next() {
        if letter == '/' && rest.peek() == Some(&'*') {
            rest.next();
            let mut last = ' ';
            loop {
                let next = rest.next().ok_or("a comment does not end")?;
                if last == '*' && next == '/' {
                    break;
                }
                last = next;
            }
            space = true;
            continue;
        }
        if letter.is_whitespace() {
            space = true;
            continue;
        }
        // A space before a colon can be a descendant (`a :hover`); after one it never means anything.
        let tight =
            out.is_empty() || out.ends_with(['{', '}', ';', ',', ':', '(']) || "{};,)".contains(letter);
        if space && !tight {
            out.push(' ');
        }
        space = false;
        match letter {
            '"' | '\'' => {
                out.push(letter);
                string(letter, &mut rest, &mut out)?;
            }
            '}' => {
                depth -= 1;
                if out.ends_with(';') {
                    out.pop();
                }
                out.push('}');
            }
            other => {
                depth += i32::from(other == '{');
                out.push(other);
            }
        }
    }
    if depth == 0 { Ok(out) } else { Err("braces do not match".to_owned()) }
}

/// Copies a string through its closing quote.
fn string(quote: char, rest: &mut impl Iterator<Item = char>, out: &mut String) -> Result<(), String> {
    loop {
        let next = rest.next().ok_or("a string does not end")?;
        out.push(next);
        if next == '\\' {
            out.extend(rest.next());
        } else if next == quote {
            return Ok(());
        }
    }
}
