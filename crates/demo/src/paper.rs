//! The files that customers attach: a small picture, a one-page document, both valid and made here.

use crate::dice::Dice;
use crate::story::Attachment;

const WIDTH: usize = 48;
const HEIGHT: usize = 36;

/// A small grey picture with a darker patch: a machine photographed in a dim kitchen.
pub(crate) fn photo(name: &str, dice: &mut Dice) -> Attachment {
    let (left, top) = (dice.between(6, 26) as usize, dice.between(5, 18) as usize);
    let light = dice.between(110, 190) as usize;
    let mut rows = Vec::with_capacity((WIDTH + 1) * HEIGHT);
    for y in 0..HEIGHT {
        rows.push(0);
        for x in 0..WIDTH {
            let inside = (left..left + 16).contains(&x) && (top..top + 14).contains(&y);
            rows.push((if inside { light / 2 } else { light + x / 2 + y / 3 }) as u8);
        }
    }
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend((WIDTH as u32).to_be_bytes());
    header.extend((HEIGHT as u32).to_be_bytes());
    header.extend([8, 0, 0, 0, 0]);
    chunk(&mut bytes, b"IHDR", &header);
    chunk(&mut bytes, b"IDAT", &stored(&rows));
    chunk(&mut bytes, b"IEND", &[]);
    Attachment { name: name.to_owned(), media_type: "image/png", bytes }
}

/// A one-page document with one line of text.
pub(crate) fn pdf(name: &str, line: &str) -> Attachment {
    let line: String = line.chars().filter(|letter| letter.is_ascii() && !"()\\".contains(*letter)).collect();
    let stream = format!("BT /F1 14 Tf 72 760 Td ({line}) Tj ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
            .to_owned(),
        format!("<</Length {}>>stream\n{stream}\nendstream", stream.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    let mut text = "%PDF-1.4\n".to_owned();
    let mut table = String::new();
    for (index, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", text.len()));
        text.push_str(&format!("{} 0 obj{object}endobj\n", index + 1));
    }
    let start = text.len();
    text.push_str(&format!(
        "xref\n0 6\n0000000000 65535 f \n{table}trailer<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    ));
    Attachment { name: name.to_owned(), media_type: "application/pdf", bytes: text.into_bytes() }
}

fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    out.extend((data.len() as u32).to_be_bytes());
    let start = out.len();
    out.extend(kind);
    out.extend(data);
    let check = crc(&out[start..]);
    out.extend(check.to_be_bytes());
}

/// A zlib stream with one stored block; the picture is smaller than a block may be.
fn stored(data: &[u8]) -> Vec<u8> {
    let length = data.len() as u16;
    let mut out = vec![0x78, 0x01, 0x01];
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend(data);
    let (mut low, mut high) = (1u32, 0u32);
    for byte in data {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    out.extend(((high << 16) | low).to_be_bytes());
    out
}

fn crc(data: &[u8]) -> u32 {
    !data.iter().fold(!0u32, |sum, byte| {
        (0..8).fold(
            sum ^ u32::from(*byte),
            |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 },
        )
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_check_of_a_known_chunk_is_right() {
        assert_eq!(super::crc(b"IEND"), 0xAE42_6082);
    }
}
