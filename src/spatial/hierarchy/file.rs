//! The file of a hierarchy of own regions.
//!
//! Written once and never changed. All numbers are little-endian; a text is its length in bytes
//! (u32) and then UTF-8; positions are longitude and latitude in 1e-7 degree (1 cm), i32 each.
//!
//! ```text
//! magic "REVREGIO", version u32
//! name of the hierarchy              text
//! regions                            u32, and of each
//!   key, name, parent (or empty)     texts
//!   attributes                       u32, and of each heading and value
//!   polygons                         u32, and of each
//!     rings, the outer one first     u32, and of each
//!       positions                    u32, then these
//! CRC-32 of all before it
//! ```
//!
//! The checksum guards against damage; what is read is checked all the same, so that no file can
//! do more than be refused.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use flate2::Crc;

use crate::disk;
use crate::place::{LonLat, RegionKey};
use crate::record::region::{Hierarchy, OwnRegion, Polygon};
use crate::spatial::topology::{PER_DEGREE, fixed};

/// The first bytes of a file.
const MAGIC: &[u8; 8] = b"REVREGIO";
/// The layout that is read and written.
const VERSION: u32 = 1;
/// Bytes of the largest file that is read: more than the import takes of positions and text.
const MAX_BYTES: u64 = 1 << 30;
/// Bytes of a position, of a count, and the fewest of a region.
const POSITION_BYTES: usize = 8;
const COUNT_BYTES: usize = 4;
const LEAST_REGION_BYTES: usize = 5 * COUNT_BYTES;

/// Why a file of regions cannot be used or made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It cannot be written.
    #[error("{} cannot be written", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is no file of regions, of another version, or damaged; importing again makes it anew.
    #[error("{} {detail}: import its regions again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
}

/// Writes the file of `hierarchy` at `path`: whole or not at all, also when the power goes.
/// Memory grows with the file.
///
/// # Errors
/// The disk must take it.
pub fn write(path: &Path, hierarchy: &Hierarchy) -> Result<(), Error> {
    let bytes = encode(hierarchy);
    disk::put(path, |file| file.write_all(&bytes)).map_err(|source| Error::Unwritable {
        path: path.to_owned(),
        source,
    })
}

/// Reads the file at `path`, at most 1 GB.
///
/// # Errors
/// It must be a whole file of this version.
pub fn read(path: &Path) -> Result<Hierarchy, Error> {
    let unreadable = |source| Error::Unreadable {
        path: path.to_owned(),
        source,
    };
    let file = fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    decode(&bytes).map_err(|detail| Error::Damaged {
        path: path.to_owned(),
        detail,
    })
}

fn encode(hierarchy: &Hierarchy) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    put_count(&mut bytes, VERSION as usize);
    put_text(&mut bytes, &hierarchy.name);
    put_count(&mut bytes, hierarchy.regions.len());
    for region in &hierarchy.regions {
        put_text(&mut bytes, region.key.as_str());
        put_text(&mut bytes, &region.name);
        put_text(
            &mut bytes,
            region.parent.as_ref().map_or("", RegionKey::as_str),
        );
        put_count(&mut bytes, region.attributes.len());
        for (heading, value) in &region.attributes {
            put_text(&mut bytes, heading);
            put_text(&mut bytes, value);
        }
        put_count(&mut bytes, region.polygons.len());
        for polygon in &region.polygons {
            put_count(&mut bytes, 1 + polygon.holes.len());
            for ring in polygon.rings() {
                put_count(&mut bytes, ring.len());
                for at in ring {
                    bytes.extend(fixed(at.lon()).to_le_bytes());
                    bytes.extend(fixed(at.lat()).to_le_bytes());
                }
            }
        }
    }
    let sum = checksum(&bytes);
    bytes.extend(sum.to_le_bytes());
    bytes
}

fn put_count(bytes: &mut Vec<u8>, count: usize) {
    let count = u32::try_from(count).expect("the import takes less than four thousand million");
    bytes.extend(count.to_le_bytes());
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_count(bytes, text.len());
    bytes.extend(text.as_bytes());
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// The hierarchy of `bytes`; else what is wrong with them.
fn decode(bytes: &[u8]) -> Result<Hierarchy, String> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("is larger than {MAX_BYTES} bytes"));
    }
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        return Err("is no file of regions".to_owned());
    };
    let version = Reader(rest).number()?;
    if version != VERSION {
        return Err(format!("has version {version}; read is {VERSION}"));
    }
    let (content, sum) = bytes.split_at(bytes.len() - COUNT_BYTES);
    if sum != checksum(content).to_le_bytes() {
        return Err("is damaged, its checksum is wrong".to_owned());
    }
    let head = MAGIC.len() + COUNT_BYTES;
    let mut reader = Reader(content.get(head..).ok_or_else(ended)?);
    let name = reader.text()?;
    let regions = reader.list(LEAST_REGION_BYTES, Reader::region)?;
    if reader.0.is_empty() {
        Ok(Hierarchy { name, regions })
    } else {
        Err(format!("is damaged, {} bytes are left", reader.0.len()))
    }
}

fn ended() -> String {
    "is damaged, it ends too early".to_owned()
}

/// What is not yet read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(ended)?;
        self.0 = rest;
        Ok(taken)
    }

    fn word(&mut self) -> Result<[u8; 4], String> {
        self.take(4)?.try_into().map_err(|_| ended())
    }

    fn number(&mut self) -> Result<u32, String> {
        Ok(u32::from_le_bytes(self.word()?))
    }

    fn text(&mut self) -> Result<String, String> {
        let length = self.number()? as usize;
        let bytes = self.take(length)?.to_vec();
        String::from_utf8(bytes).map_err(|_| "is damaged, a text is no UTF-8".to_owned())
    }

    /// A count and as many items of at least `least` bytes, so that no count asks for more memory
    /// than the file has bytes.
    fn list<T>(
        &mut self,
        least: usize,
        item: impl Fn(&mut Self) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        let count = self.number()? as usize;
        if count > self.0.len() / least {
            return Err(ended());
        }
        (0..count).map(|_| item(self)).collect()
    }

    fn region(&mut self) -> Result<OwnRegion, String> {
        let (key, name, parent) = (self.text()?, self.text()?, self.text()?);
        let attribute = |reader: &mut Self| Ok((reader.text()?, reader.text()?));
        let attributes = self.list(2 * COUNT_BYTES, attribute)?;
        Ok(OwnRegion {
            key: RegionKey::new(key),
            name,
            parent: (!parent.is_empty()).then(|| RegionKey::new(parent)),
            attributes: BTreeMap::from_iter(attributes),
            polygons: self.list(COUNT_BYTES, Self::polygon)?,
        })
    }

    fn polygon(&mut self) -> Result<Polygon, String> {
        let ring = |reader: &mut Self| reader.list(POSITION_BYTES, Self::position);
        let mut rings = self.list(COUNT_BYTES, ring)?.into_iter();
        let outer = rings.next();
        Ok(Polygon {
            outer: outer.ok_or("is damaged, a polygon has no ring")?,
            holes: rings.collect(),
        })
    }

    fn position(&mut self) -> Result<LonLat, String> {
        let degrees = |word| f64::from(i32::from_le_bytes(word)) / PER_DEGREE;
        let (lon, lat) = (degrees(self.word()?), degrees(self.word()?));
        LonLat::parse(lon, lat).map_err(|error| format!("is damaged, {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(min: f64, max: f64) -> Vec<LonLat> {
        let corners = [[min, min], [max, min], [max, max], [min, max], [min, min]];
        corners.map(|at| LonLat::try_from(at).unwrap()).to_vec()
    }

    fn hierarchy() -> Hierarchy {
        let region = |key: &str, parent: Option<&str>| OwnRegion {
            key: RegionKey::new(key),
            name: format!("Gebiet {key}"),
            parent: parent.map(RegionKey::new),
            attributes: BTreeMap::from([("Leiter".to_owned(), "Jörg".to_owned())]),
            polygons: vec![Polygon {
                outer: ring(0.0, 8.123_456_7),
                holes: vec![ring(2.0, 6.0)],
            }],
        };
        Hierarchy {
            name: "Vertrieb".to_owned(),
            regions: vec![region("N", None), region("S", Some("N"))],
        }
    }

    #[test]
    fn what_is_written_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("000001.regions");
        write(&path, &hierarchy()).unwrap();
        assert_eq!(read(&path).unwrap(), hierarchy());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let error = read(folder.path()).unwrap_err();
        assert!(matches!(error, Error::Unreadable { .. }), "{error}");
    }

    #[test]
    fn every_damaged_byte_and_every_cut_is_seen() {
        let bytes = encode(&hierarchy());
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert!(decode(&damaged).is_err(), "byte {at}");
            assert!(decode(&bytes[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn counts_beyond_the_file_are_refused_before_memory_is_taken() {
        for at in 0..encode(&hierarchy()).len() - 8 {
            let mut bytes = encode(&hierarchy());
            bytes.truncate(bytes.len() - COUNT_BYTES);
            bytes[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
            let sum = checksum(&bytes);
            bytes.extend(sum.to_le_bytes());
            // A name or a position may be other bytes; nothing may panic or take all memory.
            let _ = decode(&bytes);
        }
    }
}
