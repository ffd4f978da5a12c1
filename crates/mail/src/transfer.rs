//! Content-Transfer-Encoding, read the lenient way: what is damaged is kept as far as it can be read.

/// Decoded bytes, and whether the encoding was damaged or not what it said.
pub(crate) struct Transfer {
    pub bytes: Vec<u8>,
    pub damaged: bool,
}

/// Undoes the named transfer encoding; an unknown name leaves the bytes as they are.
pub(crate) fn decode(encoding: &str, bytes: &[u8]) -> Transfer {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "base64" => base64(bytes),
        "quoted-printable" => quoted_printable(bytes),
        "x-uuencode" | "uuencode" | "x-uue" => uuencoded(bytes),
        _ => Transfer { bytes: bytes.to_vec(), damaged: false },
    }
}

/// A part that is one uuencode block.
fn uuencoded(bytes: &[u8]) -> Transfer {
    let text = String::from_utf8_lossy(bytes);
    match take_uuencoded(&text).and_then(|(_, files)| files.into_iter().next()) {
        Some(file) => Transfer { bytes: file.bytes, damaged: false },
        None => Transfer { bytes: bytes.to_vec(), damaged: true },
    }
}

fn base64_value(byte: u8) -> Option<u32> {
    Some(match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// Base64. Foreign characters are skipped; text that follows the padding (a footer that a list added) ends
/// it; bytes that are mostly not base64 at all come back as they are.
pub(crate) fn base64(bytes: &[u8]) -> Transfer {
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    let (mut group, mut digits, mut foreign) = (0u32, 0u32, 0usize);
    let (mut padded, mut ended) = (false, false);
    for line in bytes.split(|b| *b == b'\n') {
        let line = line.trim_ascii();
        ended |= padded && line.is_empty();
        if ended && !line.is_empty()
            || padded && line.iter().any(|b| base64_value(*b).is_none() && *b != b'=')
        {
            foreign += 1;
            break;
        }
        for &byte in line {
            if let Some(value) = base64_value(byte) {
                group = group << 6 | value;
                digits += 1;
                if digits == 4 {
                    out.extend_from_slice(&group.to_be_bytes()[1..]);
                    (group, digits) = (0, 0);
                }
            } else if byte == b'=' {
                flush(&mut out, group, digits);
                (group, digits, padded) = (0, 0, true);
            } else {
                foreign += 1;
            }
        }
    }
    flush(&mut out, group, digits);
    if foreign * 6 > bytes.len() {
        return Transfer { bytes: bytes.to_vec(), damaged: true };
    }
    Transfer { bytes: out, damaged: foreign > 0 || digits == 1 }
}

fn flush(out: &mut Vec<u8>, group: u32, digits: u32) {
    match digits {
        2 => out.push((group >> 4) as u8),
        3 => out.extend_from_slice(&[(group >> 10) as u8, (group >> 2) as u8]),
        _ => {}
    }
}

/// Quoted-printable. An equals sign that starts no code stays as it is.
pub(crate) fn quoted_printable(bytes: &[u8]) -> Transfer {
    let mut out = Vec::with_capacity(bytes.len());
    let mut damaged = false;
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let content = line.trim_ascii_end();
        let ending: &[u8] = if line.ends_with(b"\r\n") {
            b"\r\n"
        } else if line.ends_with(b"\n") {
            b"\n"
        } else {
            b""
        };
        let mut rest = content;
        let mut soft = false;
        while let Some(at) = rest.iter().position(|b| *b == b'=') {
            out.extend_from_slice(&rest[..at]);
            rest = &rest[at + 1..];
            if rest.is_empty() {
                soft = true;
            } else if let [high, low, tail @ ..] = rest
                && let (Some(high), Some(low)) = (hex(*high), hex(*low))
            {
                out.push(high << 4 | low);
                rest = tail;
            } else {
                damaged = true;
                out.push(b'=');
            }
        }
        out.extend_from_slice(rest);
        if !soft {
            out.extend_from_slice(ending);
        }
    }
    Transfer { bytes: out, damaged }
}

/// The value of one hexadecimal digit.
pub(crate) fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

/// A file that stood in a text as a uuencode block.
pub(crate) struct UuFile {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Takes uuencode blocks (`begin 644 name` … `end`) out of a text. A block without its end stays text.
pub(crate) fn take_uuencoded(text: &str) -> Option<(String, Vec<UuFile>)> {
    if !text.contains("begin ") {
        return None;
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut kept = String::with_capacity(text.len());
    let mut files = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if let Some(name) = uu_begin(lines[at])
            && let Some((bytes, next)) = uu_body(&lines, at + 1)
        {
            files.push(UuFile { name: name.to_owned(), bytes });
            at = next;
        } else {
            kept.push_str(lines[at]);
            at += 1;
        }
    }
    (!files.is_empty()).then_some((kept, files))
}

fn uu_begin(line: &str) -> Option<&str> {
    let (mode, name) = line.trim_end().strip_prefix("begin ")?.split_once(' ')?;
    ((3..=4).contains(&mode.len()) && mode.bytes().all(|b| b.is_ascii_digit()) && !name.trim().is_empty())
        .then(|| name.trim())
}

/// Decodes until `end`; a line that cannot be one of a block gives up, so that each line is looked at once.
fn uu_body(lines: &[&str], from: usize) -> Option<(Vec<u8>, usize)> {
    let mut out = Vec::new();
    for (offset, line) in lines[from..].iter().enumerate() {
        let line = line.trim_end_matches(['\r', '\n']);
        if line.trim_end() == "end" {
            return Some((out, from + offset + 1));
        }
        let bytes = line.as_bytes();
        let Some(&first) = bytes.first() else { continue };
        if !(0x20..=0x60).contains(&first) {
            return None;
        }
        let wanted = usize::from((first - 0x20) & 0x3f);
        let mut given = Vec::with_capacity(wanted + 2);
        for group in bytes[1..].chunks(4) {
            let digit = |i: usize| group.get(i).map_or(0, |b| b.wrapping_sub(0x20) & 0x3f);
            given.push(digit(0) << 2 | digit(1) >> 4);
            given.push(digit(1) << 4 | digit(2) >> 2);
            given.push(digit(2) << 6 | digit(3));
        }
        given.resize(wanted, 0);
        out.extend_from_slice(&given);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_reads_through_noise_and_stops_at_a_footer() {
        assert_eq!(base64(b"Y2lh\r\nbw==").bytes, b"ciao");
        assert_eq!(base64(b"Y2lhbw==\r\n\r\n-- \r\nlist footer").bytes, b"ciao");
        assert_eq!(base64(b"Y2l*hbw").bytes, b"ciao");
        let plain = base64(b"this was never base64, you see?");
        assert_eq!((plain.bytes.as_slice(), plain.damaged), (&b"this was never base64, you see?"[..], true));
    }

    #[test]
    fn quoted_printable_keeps_a_lonely_equals_sign() {
        assert_eq!(quoted_printable(b"perch=C3=A9=\r\n no  \r\nx").bytes, "perché no\r\nx".as_bytes());
        let bare = quoted_printable(b"1+1=2 and a=b");
        assert_eq!((bare.bytes.as_slice(), bare.damaged), (&b"1+1=2 and a=b"[..], true));
    }

    #[test]
    fn uuencoded_files_leave_the_text() {
        let (text, files) = take_uuencoded("Ecco:\nbegin 644 nota.txt\n$8VEA;P``\n`\nend\nFine\n").unwrap();
        assert_eq!(text, "Ecco:\nFine\n");
        assert_eq!((files[0].name.as_str(), files[0].bytes.as_slice()), ("nota.txt", &b"ciao"[..]));
        assert!(take_uuencoded("begin 644 nota.txt\nnever ended\n").is_none());
    }
}
