//! The sections of a file of houses as bytes.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::Crc;

use super::build::{Built, Raw, RawPlace, Texts, Words};
use super::file::{HEADER_BYTES, MAGIC, SECTIONS, VERSION};
use crate::disk;
use crate::place::LonLat;

/// The sections as they are filled.
pub(super) struct Sections {
    /// Their bytes, in the order of the file.
    pub bytes: [Vec<u8>; SECTIONS],
    /// What is in them.
    pub built: Built,
}

impl Default for Sections {
    fn default() -> Self {
        Self {
            bytes: Default::default(),
            built: Built {
                houses: 0,
                streets: 0,
                localities: 0,
                places: 0,
                size_bytes: 0,
            },
        }
    }
}

impl Sections {
    pub fn locality(&mut self, raw: &Raw, texts: &mut Texts) {
        let out = &mut self.bytes[3];
        out.extend(raw.country);
        out.extend([0; 2]);
        out.extend(texts.id(raw.postal).to_le_bytes());
        out.extend(texts.id(raw.place).to_le_bytes());
        out.extend(index(self.built.streets).to_le_bytes());
    }

    /// One street from its houses, sorted, and behind them its points.
    pub fn street(
        &mut self,
        key: u32,
        houses: &[(usize, u32, Raw)],
        words: &Words,
        texts: &mut Texts,
    ) {
        let points: Vec<&Raw> = houses.iter().map(|(_, _, raw)| raw).collect();
        let (middle, reach_m) = middle(&points);
        let houses_at = index(self.bytes[6].len() as u64);
        let (mut count, mut number, mut x, mut y) = (0_u32, 0, middle.x, middle.y);
        let mut last: Option<&Raw> = None;
        for raw in points.iter().filter(|raw| raw.number != u32::MAX) {
            let again = last.is_some_and(|last| {
                (last.number, last.x, last.y) == (raw.number, raw.x, raw.y)
                    && words.text(last.rest) == words.text(raw.rest)
            });
            if again {
                continue;
            }
            let out = &mut self.bytes[6];
            varint(out, u64::from(raw.number - number));
            varint(out, u64::from(texts.id(raw.rest)));
            varint(out, zigzag(raw.x.wrapping_sub(x)));
            varint(out, zigzag(raw.y.wrapping_sub(y)));
            (number, x, y) = (raw.number, raw.x, raw.y);
            count += 1;
            last = Some(raw);
        }
        let out = &mut self.bytes[4];
        out.extend(key.to_le_bytes());
        out.extend(middle.x.to_le_bytes());
        out.extend(middle.y.to_le_bytes());
        out.extend(reach_m.to_le_bytes());
        out.extend(houses_at.to_le_bytes());
        out.extend(count.to_le_bytes());
        self.built.streets += 1;
        self.built.houses += u64::from(count);
    }

    pub fn place(&mut self, place: &RawPlace, words: &Words, texts: &mut Texts) {
        if words.text(place.name).is_empty() {
            return;
        }
        let out = &mut self.bytes[7];
        out.extend(texts.id(place.name).to_le_bytes());
        out.extend(texts.id(place.postal).to_le_bytes());
        out.extend(place.x.to_le_bytes());
        out.extend(place.y.to_le_bytes());
        out.extend(place.population.unwrap_or(u32::MAX).to_le_bytes());
        out.push(u8::try_from(place.kind).unwrap_or_default());
        out.extend([0; 3]);
        self.built.places += 1;
    }
}

/// The house or point nearest to the middle of all, and the distance within which nine of ten
/// of them lie.
fn middle<'a>(points: &[&'a Raw]) -> (&'a Raw, u32) {
    let median = |of: fn(&Raw) -> i32| {
        let mut values: Vec<i32> = points.iter().map(|raw| of(raw)).collect();
        values.sort_unstable();
        values[values.len() / 2]
    };
    let (x, y) = (median(|raw| raw.x), median(|raw| raw.y));
    let nearest = points.iter().min_by_key(|raw| distance_2(raw, x, y));
    let nearest: &'a Raw = nearest.expect("a street has a house or a point");
    let mut distances: Vec<i64> = points
        .iter()
        .map(|raw| distance_2(raw, nearest.x, nearest.y))
        .collect();
    distances.sort_unstable();
    let reach_2 = distances[(distances.len() * 9).div_ceil(10).max(1) - 1];
    (nearest, metres(reach_2))
}

/// Squared distance in millionths of a degree of latitude.
pub(super) fn distance_2(raw: &Raw, x: i32, y: i32) -> i64 {
    let (dx, dy) = (
        i64::from(raw.x) - i64::from(x),
        i64::from(raw.y) - i64::from(y),
    );
    let shrink = (f64::from(raw.y) / 1e6).to_radians().cos();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "at most 3.6e8"
    )]
    let dx = (dx as f64 * shrink) as i64;
    dx * dx + dy * dy
}

/// A squared distance in metres, rounded up.
fn metres(distance_2: i64) -> u32 {
    /// Metres of a millionth of a degree on the mean sphere.
    const STEP_M: f64 = 0.111_195;
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most half the circumference of the earth"
    )]
    let metres = ((distance_2 as f64).sqrt() * STEP_M).ceil() as u32;
    metres
}

pub(super) fn micro(position: LonLat) -> (i32, i32) {
    #[expect(clippy::cast_possible_truncation, reason = "at most 1.8e8")]
    let micro = |degrees: f64| (degrees * 1e6).round() as i32;
    (micro(position.lon()), micro(position.lat()))
}

/// The alpha-2 code in `text`; zeros when it is none.
pub(super) fn code(text: &str) -> [u8; 2] {
    match text.trim().as_bytes() {
        [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
            [a.to_ascii_uppercase(), b.to_ascii_uppercase()]
        }
        _ => [0; 2],
    }
}

/// Words with the end of each before them.
pub(super) fn pool<'a>(words: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let mut text = Vec::new();
    let ends: Vec<u32> = words
        .map(|word| {
            text.extend(word.bytes());
            index(text.len() as u64)
        })
        .collect();
    let mut bytes = index(ends.len() as u64).to_le_bytes().to_vec();
    bytes.extend(ends.iter().flat_map(|end| end.to_le_bytes()));
    bytes.extend(text);
    bytes
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(low_bits(number) | 0x80);
        number >>= 7;
    }
    out.push(low_bits(number));
}

fn low_bits(number: u64) -> u8 {
    u8::try_from(number & 0x7f).expect("seven bits fit")
}

fn zigzag(step: i32) -> u64 {
    u64::from(((step << 1) ^ (step >> 31)).cast_unsigned())
}

pub(super) fn index(length: u64) -> u32 {
    u32::try_from(length).expect("200 million addresses stay below 4 GiB in every section")
}

/// Writes the sections to a temporary file beside `path`, forces it to the disk and names it.
pub(super) fn write(path: &Path, sections: &[Vec<u8>; SECTIONS]) -> io::Result<()> {
    let mut header = MAGIC.to_vec();
    header.extend(VERSION.to_le_bytes());
    let mut at = HEADER_BYTES as u64;
    for section in sections {
        header.extend(at.to_le_bytes());
        header.extend((section.len() as u64).to_le_bytes());
        at += section.len() as u64;
    }
    disk::put(path, |file| {
        let mut crc = Crc::new();
        let mut file = BufWriter::with_capacity(1 << 20, file);
        for part in std::iter::once(&header).chain(sections) {
            crc.update(part);
            file.write_all(part)?;
        }
        file.write_all(&crc.sum().to_le_bytes())?;
        file.flush()
    })
}
