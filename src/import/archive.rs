//! A look into a ZIP archive before it is trusted: its parts, and that they unpack to no more
//! than they say.
//!
//! Layout by APPNOTE.TXT 6.3.10 (PKWARE), sections 4.3.7, 4.3.12 and 4.3.16.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::DeflateDecoder;

/// One file in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// Its path in the archive.
    pub name: String,
    /// Bytes it says it unpacks to.
    pub size: u64,
    packed: u64,
    method: u16,
    at: u64,
}

/// The parts that the directory of the archive at `path` lists. Archives beyond 4 GiB or 65,534
/// parts, which need ZIP64, are refused: no workbook is one.
pub(super) fn parts(path: &Path) -> io::Result<Vec<Part>> {
    const END_BYTES: usize = 22;
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let tail_at = size.saturating_sub((END_BYTES + usize::from(u16::MAX)) as u64);
    file.seek(SeekFrom::Start(tail_at))?;
    let mut tail = Vec::new();
    file.by_ref().take(1 << 17).read_to_end(&mut tail)?;
    let end = tail
        .windows(END_BYTES)
        .rposition(|window| window.starts_with(b"PK\x05\x06"))
        .ok_or_else(|| broken("the archive has no directory"))?;
    let (count, length, start) = (
        u16_at(&tail, end + 10),
        u32_at(&tail, end + 12),
        u32_at(&tail, end + 16),
    );
    if count == u16::MAX || start == u32::MAX {
        return Err(broken("the archive is too large"));
    }
    file.seek(SeekFrom::Start(u64::from(start)))?;
    let mut directory = Vec::new();
    file.take(u64::from(length)).read_to_end(&mut directory)?;
    let (mut parts, mut at) = (Vec::new(), 0);
    for _ in 0..count {
        let entry = directory.get(at..at + 46).unwrap_or_default();
        if !entry.starts_with(b"PK\x01\x02") {
            return Err(broken("the directory of the archive is damaged"));
        }
        let name_length = usize::from(u16_at(entry, 28));
        let name = directory.get(at + 46..at + 46 + name_length);
        parts.push(Part {
            name: String::from_utf8_lossy(name.unwrap_or_default()).into_owned(),
            size: u64::from(u32_at(entry, 24)),
            packed: u64::from(u32_at(entry, 20)),
            method: u16_at(entry, 10),
            at: u64::from(u32_at(entry, 42)),
        });
        let more = usize::from(u16_at(entry, 30)) + usize::from(u16_at(entry, 32));
        at += 46 + name_length + more;
    }
    Ok(parts)
}

/// Unpacks `part` of the archive at `path` and gives it to `look` piece by piece, keeping nothing.
///
/// # Errors
/// The part must be readable and unpack to exactly the size it says.
pub(super) fn unpack(path: &Path, part: &Part, look: &mut dyn FnMut(&[u8])) -> io::Result<()> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(part.at))?;
    let mut header = [0; 30];
    file.read_exact(&mut header)?;
    if !header.starts_with(b"PK\x03\x04") {
        return Err(broken("a part of the archive is not where it should be"));
    }
    let skip = i64::from(u16_at(&header, 26)) + i64::from(u16_at(&header, 28));
    file.seek(SeekFrom::Current(skip))?;
    let packed = file.take(part.packed);
    match part.method {
        0 => measure(packed, part.size, look),
        8 => measure(DeflateDecoder::new(packed), part.size, look),
        _ => Err(broken("a part of the archive is packed in an unknown way")),
    }
}

fn measure(mut reader: impl Read, size: u64, look: &mut dyn FnMut(&[u8])) -> io::Result<()> {
    let mut block = vec![0; 64 * 1024];
    let mut unpacked = 0;
    loop {
        let read = reader.read(&mut block)?;
        unpacked += read as u64;
        if unpacked > size || (read == 0 && unpacked < size) {
            return Err(broken(
                "a part of the archive has another size than it says",
            ));
        }
        if read == 0 {
            return Ok(());
        }
        look(&block[..read]);
    }
}

fn broken(detail: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, detail)
}

/// The little-endian number at `at`; 0 beyond the end.
fn u16_at(bytes: &[u8], at: usize) -> u16 {
    let pair = bytes.get(at..at + 2).and_then(|pair| pair.try_into().ok());
    u16::from_le_bytes(pair.unwrap_or_default())
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
    u32::from_le_bytes(four.unwrap_or_default())
}
