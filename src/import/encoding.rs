//! Bytes of a text file as UTF-8, whatever they were, with bounded memory.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use encoding_rs::{Decoder, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::MAX_ROW_BYTES;

const BLOCK_BYTES: usize = 128 * 1024;

/// How the signs of a text file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8 throughout.
    Utf8,
    /// UTF-8 with a few damaged bytes, which become `U+FFFD`.
    DamagedUtf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// The usual one byte a sign of western Windows.
    Windows1252,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::DamagedUtf8 => "UTF-8 with damaged bytes",
            Self::Utf16Le | Self::Utf16Be => "UTF-16",
            Self::Windows1252 => "Windows-1252",
        })
    }
}

/// The encoding of the file at `path`, which is read whole once.
///
/// A byte order mark decides; else zero bytes at every other place mean UTF-16; else what is
/// valid UTF-8 is UTF-8. With invalid bytes it is UTF-8 still when the signs beyond ASCII that
/// are right outnumber the wrong ones by 20 to 1, and Windows-1252 otherwise.
pub(super) fn detect(path: &Path) -> io::Result<Encoding> {
    let mut file = File::open(path)?;
    let mut block = vec![0; BLOCK_BYTES];
    let (mut kept, mut first) = (0, true);
    let (mut right, mut wrong) = (0_u64, 0_u64);
    loop {
        let read = file.read(&mut block[kept..])?;
        let bytes = &block[..kept + read];
        if first {
            first = false;
            if let Some(encoding) = utf_16(bytes) {
                return Ok(encoding);
            }
        }
        let whole = if read == 0 {
            bytes.len()
        } else {
            whole_signs(bytes)
        };
        if std::str::from_utf8(&bytes[..whole]).is_err() || wrong > 0 {
            for chunk in bytes[..whole].utf8_chunks() {
                wrong += u64::from(!chunk.invalid().is_empty());
                right += chunk.valid().chars().filter(|c| !c.is_ascii()).count() as u64;
            }
        } else if right < 1 << 20 {
            let signs = bytes[..whole].iter().filter(|byte| **byte >= 0xc0);
            right += signs.count() as u64;
        }
        if read == 0 {
            break;
        }
        let end = bytes.len();
        block.copy_within(whole..end, 0);
        kept = end - whole;
    }
    Ok(match wrong {
        0 => Encoding::Utf8,
        _ if right > 20 * wrong => Encoding::DamagedUtf8,
        _ => Encoding::Windows1252,
    })
}

fn utf_16(bytes: &[u8]) -> Option<Encoding> {
    match bytes {
        [0xff, 0xfe, ..] => return Some(Encoding::Utf16Le),
        [0xfe, 0xff, ..] => return Some(Encoding::Utf16Be),
        _ => {}
    }
    let pairs = bytes.as_chunks::<2>().0;
    let pairs = &pairs[..pairs.len().min(2_000)];
    let zeros = |place: usize| pairs.iter().filter(|pair| pair[place] == 0).count();
    match (zeros(0), zeros(1)) {
        (0, low) if low * 3 > pairs.len() => Some(Encoding::Utf16Le),
        (high, 0) if high * 3 > pairs.len() => Some(Encoding::Utf16Be),
        _ => None,
    }
}

/// Length of `bytes` without a sign that the end of the block may have cut.
fn whole_signs(bytes: &[u8]) -> usize {
    let tail = bytes.iter().rev().take(3).position(|byte| *byte >= 0xc0);
    tail.map_or(bytes.len(), |back| bytes.len() - back - 1)
}

/// A text file read as UTF-8: without byte order mark, every line ended by `\n`.
///
/// Reading fails when a row grows beyond [`MAX_ROW_BYTES`]; [`Text::start_row`] tells where
/// rows start. What was read since then is kept, so that it can be looked at and read again.
pub(super) struct Text {
    file: File,
    /// None for text that is UTF-8 already.
    decoder: Option<Decoder>,
    returns: bool,
    raw: Vec<u8>,
    /// Text from the start of the row, or before it, to where the file was read.
    kept: Vec<u8>,
    /// Where in the text `kept` starts.
    kept_from: u64,
    last: u8,
    ended: bool,
    given: u64,
    row_at: u64,
    /// Bytes read from the file.
    pub bytes_done: u64,
    /// Whether reading stopped at a row that is too long.
    pub too_long: bool,
}

impl Text {
    /// The text of the file at `path`. With `returns`, lines end in `\r` alone.
    pub fn open(path: &Path, encoding: Encoding, returns: bool) -> io::Result<Self> {
        let from = match encoding {
            Encoding::Utf8 | Encoding::DamagedUtf8 => UTF_8,
            Encoding::Utf16Le => UTF_16LE,
            Encoding::Utf16Be => UTF_16BE,
            Encoding::Windows1252 => WINDOWS_1252,
        };
        Ok(Self {
            file: File::open(path)?,
            decoder: (encoding != Encoding::Utf8).then(|| from.new_decoder_with_bom_removal()),
            returns,
            raw: vec![0; BLOCK_BYTES],
            kept: Vec::with_capacity(BLOCK_BYTES),
            kept_from: 0,
            last: b'\n',
            ended: false,
            given: 0,
            row_at: 0,
            bytes_done: 0,
            too_long: false,
        })
    }

    /// Notes that a row starts `byte` bytes into the text.
    pub fn start_row(&mut self, byte: u64) {
        self.row_at = byte;
    }

    /// The text between two places, neither before the start of the row.
    pub fn between(&self, from: u64, to: u64) -> &[u8] {
        let [from, to] = [from, to].map(|at| self.place(at));
        self.kept.get(from..to).unwrap_or_default()
    }

    /// Goes back to `byte`, which lies in the row, and starts a row there.
    pub fn restart(&mut self, byte: u64) {
        self.row_at = byte;
        self.given = byte;
    }

    /// Where `byte` stands in what is kept.
    fn place(&self, byte: u64) -> usize {
        let place = byte.saturating_sub(self.kept_from);
        usize::try_from(place).map_or(self.kept.len(), |place| place.min(self.kept.len()))
    }

    /// Reads a block of the file, and forgets what stands before the row.
    fn fill(&mut self) -> io::Result<()> {
        let gone = self.place(self.row_at.min(self.given));
        self.kept.drain(..gone);
        self.kept_from += gone as u64;
        let before = self.kept.len();
        while self.kept.len() == before && !self.ended {
            let first = self.bytes_done == 0;
            let read = self.file.read(&mut self.raw)?;
            self.bytes_done += read as u64;
            self.ended = read == 0;
            let raw = &self.raw[..read];
            if let Some(decoder) = &mut self.decoder {
                let most = decoder.max_utf8_buffer_length(read);
                self.kept.resize(before + most.unwrap_or(4 * read + 16), 0);
                let out = &mut self.kept[before..];
                let (_, _, written, _) = decoder.decode_to_utf8(raw, out, self.ended);
                self.kept.truncate(before + written);
            } else {
                let mark: &[u8] = if first { b"\xef\xbb\xbf" } else { b"" };
                self.kept
                    .extend_from_slice(raw.strip_prefix(mark).unwrap_or(raw));
            }
        }
        let block = &mut self.kept[before..];
        if self.returns {
            for byte in block.iter_mut().filter(|byte| **byte == b'\r') {
                *byte = b'\n';
            }
        }
        self.last = block.last().copied().unwrap_or(self.last);
        if self.ended && self.last != b'\n' {
            self.kept.push(b'\n');
            self.last = b'\n';
        }
        Ok(())
    }
}

impl Read for Text {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given - self.row_at.min(self.given) > (MAX_ROW_BYTES + out.len()) as u64 {
            self.too_long = true;
            return Err(io::Error::other("row too long"));
        }
        if self.place(self.given) == self.kept.len() {
            self.fill()?;
        }
        let rest = &self.kept[self.place(self.given)..];
        let size = rest.len().min(out.len());
        out[..size].copy_from_slice(&rest[..size]);
        self.given += size as u64;
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], encoding: Encoding, expected: &str) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        assert_eq!(detect(file.path()).unwrap(), encoding);
        let mut text = String::new();
        let mut reader = Text::open(file.path(), encoding, false).unwrap();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, expected);
        assert_eq!(reader.bytes_done, bytes.len() as u64);
    }

    #[test]
    fn encodings_are_recognised() {
        check(b"", Encoding::Utf8, "");
        check(b"a;b\n", Encoding::Utf8, "a;b\n");
        check("Köln".as_bytes(), Encoding::Utf8, "Köln\n");
        check(b"\xef\xbb\xbfK\xc3\xb6ln\n", Encoding::Utf8, "Köln\n");
        check(b"K\xf6ln \x80\n", Encoding::Windows1252, "Köln €\n");
        check(b"\xff\xfeK\0\xf6\0", Encoding::Utf16Le, "Kö\n");
        check(b"\xfe\xff\0K\0\xf6", Encoding::Utf16Be, "Kö\n");
        check(b"K\0\xf6\0l\0n\0", Encoding::Utf16Le, "Köln\n");
        check(b"\0K\0\xf6\0l\0n", Encoding::Utf16Be, "Köln\n");
    }

    #[test]
    fn a_damaged_byte_does_not_turn_utf_8_into_something_else() {
        let mut bytes = "ä".repeat(30).into_bytes();
        bytes.extend(b"\xe4\n");
        check(
            &bytes,
            Encoding::DamagedUtf8,
            &format!("{}\u{fffd}\n", "ä".repeat(30)),
        );
    }

    #[test]
    fn signs_across_blocks_stay_whole() {
        for lead in 0..4 {
            let text = format!(
                "{}{}\n",
                "x".repeat(BLOCK_BYTES - lead),
                "€".repeat(BLOCK_BYTES)
            );
            check(text.as_bytes(), Encoding::Utf8, &text);
        }
    }
}
