//! Opens files for reading: compressed ones, UTF-16 ones, and how far the reading has come.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Error, ErrorKind, Read, Result};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::{CoderResult, Decoder, UTF_16BE, UTF_16LE};
use flate2::bufread::MultiGzDecoder;

/// A compressed file may always grow to this size. Bytes.
const FREE: u64 = 256 * 1024 * 1024;
/// Beyond it, to so many times what was read of it: texts reach 20, bombs 1,000.
const RATIO: u64 = 100;

/// Where the bytes of a file are.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    /// On disk.
    Path(PathBuf),
    /// Uploaded.
    Bytes(Arc<[u8]>),
}

/// Opens a file; `read` counts the bytes taken from it. Compressed files are known by their first bytes.
pub(crate) fn open(origin: &Origin, read: &Arc<AtomicU64>) -> Result<Box<dyn BufRead + Send>> {
    let raw: Box<dyn Read + Send> = match origin {
        Origin::Path(path) => Box::new(File::open(path)?),
        Origin::Bytes(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
    };
    let mut counted = BufReader::with_capacity(256 * 1024, Counted { inner: raw, read: Arc::clone(read) });
    if counted.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        let begun = read.load(Ordering::Relaxed);
        let packed = MultiGzDecoder::new(counted);
        let bounded = Bounded { inner: packed, given: 0, begun, read: Arc::clone(read) };
        return Ok(Box::new(BufReader::with_capacity(256 * 1024, bounded)));
    }
    Ok(Box::new(counted))
}

/// The same for a text: UTF-16 becomes UTF-8 on the way.
pub(crate) fn open_text(origin: &Origin, read: &Arc<AtomicU64>) -> Result<Box<dyn BufRead + Send>> {
    let mut input = open(origin, read)?;
    let start = input.fill_buf()?;
    let decoder = match start {
        [0xff, 0xfe, ..] => UTF_16LE.new_decoder_with_bom_removal(),
        [0xfe, 0xff, ..] => UTF_16BE.new_decoder_with_bom_removal(),
        _ => match wide(start) {
            Some(true) => UTF_16LE.new_decoder(),
            Some(false) => UTF_16BE.new_decoder(),
            None => return Ok(input),
        },
    };
    let narrow = Narrow { input, decoder, held: Vec::new(), start: 0, ended: false };
    Ok(Box::new(BufReader::with_capacity(64 * 1024, narrow)))
}

/// Whether nearly every second byte is zero, as in UTF-16 of our alphabets; `true` is little end first.
fn wide(start: &[u8]) -> Option<bool> {
    let start = &start[..start.len().min(512)];
    let pairs = start.len() / 2;
    if pairs < 4 {
        return None;
    }
    let zeros = |offset: usize| start.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    match (zeros(0), zeros(1)) {
        (first, second) if second * 10 > pairs * 8 && first * 10 < pairs => Some(true),
        (first, second) if first * 10 > pairs * 8 && second * 10 < pairs => Some(false),
        _ => None,
    }
}

struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let read = self.inner.read(out)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Stops a file that grows out of all proportion.
struct Bounded<R> {
    inner: R,
    given: u64,
    begun: u64,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let read = self.inner.read(out)?;
        self.given += read as u64;
        // The first buffer was counted before the decoder began.
        let taken = self.read.load(Ordering::Relaxed).saturating_sub(self.begun) + 256 * 1024;
        if self.given > FREE && self.given / RATIO > taken {
            return Err(Error::new(ErrorKind::InvalidData, "it unpacks to far more than any text would"));
        }
        Ok(read)
    }
}

/// UTF-16 as UTF-8.
struct Narrow {
    input: Box<dyn BufRead + Send>,
    decoder: Decoder,
    held: Vec<u8>,
    start: usize,
    ended: bool,
}

impl Read for Narrow {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        while self.start == self.held.len() && !self.ended {
            let piece = self.input.fill_buf()?;
            let last = piece.is_empty();
            self.held.resize(piece.len() * 3 + 16, 0);
            let (result, read, written, _) = self.decoder.decode_to_utf8(piece, &mut self.held, last);
            self.held.truncate(written);
            self.start = 0;
            self.input.consume(read);
            self.ended = last && result == CoderResult::InputEmpty;
        }
        let length = out.len().min(self.held.len() - self.start);
        out[..length].copy_from_slice(&self.held[self.start..self.start + length]);
        self.start += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn text(bytes: Vec<u8>) -> Result<String> {
        let mut out = Vec::new();
        open_text(&Origin::Bytes(bytes.into()), &Arc::default())?.read_to_end(&mut out)?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    #[test]
    fn texts_are_read_in_any_of_the_encodings_of_their_programs() {
        let wide = |text: &str, little: bool| -> Vec<u8> {
            text.encode_utf16()
                .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
                .collect()
        };
        let said = "testo,voto\nperché sì €,5\n";
        assert_eq!(text(said.as_bytes().to_vec()).unwrap(), said);
        assert_eq!(text([vec![0xff, 0xfe], wide(said, true)].concat()).unwrap(), said);
        assert_eq!(text([vec![0xfe, 0xff], wide(said, false)].concat()).unwrap(), said);
        assert_eq!(text(wide(said, true)).unwrap(), said);
        assert_eq!(text(wide(said, false)).unwrap(), said);
        assert_eq!(text(Vec::new()).unwrap(), "");
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gz.write_all(&[vec![0xff, 0xfe], wide(said, true)].concat()).unwrap();
        assert_eq!(text(gz.finish().unwrap()).unwrap(), said);
    }

    #[test]
    fn a_bomb_is_stopped_and_a_cut_file_is_an_error() {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        let zeros = vec![0_u8; 1 << 20];
        for _ in 0..400 {
            gz.write_all(&zeros).unwrap();
        }
        let bomb = gz.finish().unwrap();
        let mut sink = std::io::sink();
        let mut input = open(&Origin::Bytes(bomb.into()), &Arc::default()).unwrap();
        let error = std::io::copy(&mut input, &mut sink).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert!(text(vec![0x1f, 0x8b, 8, 0, 0, 0]).is_err());
    }
}
