//! OpenStreetMap elements from a PBF file.
//!
//! Layout by <https://wiki.openstreetmap.org/wiki/PBF_Format> (fileformat.proto and
//! osmformat.proto 1.5). What a file says of its sizes is never trusted: a block unpacks into a
//! buffer of at most 32 MiB, the limit of the format, and every number is checked before it is
//! used.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use flate2::bufread::ZlibDecoder;

use super::element::{Element, Kinds, Member, MemberKind, Point, Tags};
use super::wire::{Field, Fields, Numbers, signed, zigzag};

/// The most bytes of the header of a blob, by the format.
const MAX_HEADER_BYTES: u32 = 64 * 1024;
/// The most bytes of a blob, packed or unpacked, by the format.
const MAX_BLOB_BYTES: u32 = 32 * 1024 * 1024;
/// The features that a reader must know to read a file that asks for them.
const KNOWN_FEATURES: [&str; 3] = ["OsmSchema-V0.6", "DenseNodes", "HistoricalInformation"];

/// A PBF file, its blobs found but not yet unpacked.
pub(super) struct Pbf {
    file: BufReader<File>,
    blobs: Vec<Blob>,
}

/// Where a blob of data is.
struct Blob {
    at: u64,
    size: u32,
    /// What it holds, once it was read.
    holds: Option<Kinds>,
}

/// What is wrong with a file, and where.
pub(super) struct Damage {
    /// Bytes from its start.
    pub at: u64,
    /// What is wrong.
    pub detail: String,
}

impl Pbf {
    /// Opens the file and finds its blobs; a file that ends within one is refused.
    pub fn open(file: File) -> Result<Self, Damage> {
        let size = file.metadata().map_err(|e| damage(0, e.to_string()))?.len();
        let mut pbf = Self {
            file: BufReader::new(file),
            blobs: Vec::new(),
        };
        let mut at = 0;
        while at < size {
            let (kind, data_at, data_size) = pbf.read_header(at)?;
            let end = data_at + u64::from(data_size);
            if end > size {
                let missing = end - size;
                return Err(damage(
                    at,
                    format!("the file ends {missing} bytes too early"),
                ));
            }
            match kind.as_slice() {
                b"OSMHeader" => {
                    let block = pbf.unpack(data_at, data_size)?;
                    check_features(&block).map_err(|detail| damage(at, detail))?;
                }
                b"OSMData" => pbf.blobs.push(Blob {
                    at: data_at,
                    size: data_size,
                    holds: None,
                }),
                _ => {}
            }
            at = end;
        }
        Ok(pbf)
    }

    /// Gives the elements of `wanted` kinds to `take` in the order of the file until it breaks,
    /// with the share of the blobs read.
    pub fn each(
        &mut self,
        wanted: Kinds,
        take: &mut dyn FnMut(Element<'_>, f64) -> ControlFlow<()>,
    ) -> Result<(), Damage> {
        for index in 0..self.blobs.len() {
            let Blob { at, size, holds } = self.blobs[index];
            if holds.is_some_and(|holds| !holds.meets(wanted)) {
                continue;
            }
            let block = self.unpack(at, size)?;
            #[expect(
                clippy::cast_precision_loss,
                reason = "a share of the work needs no digits"
            )]
            let share = index as f64 / self.blobs.len() as f64;
            let mut broken = false;
            let holds = read_block(&block, wanted, &mut |element| {
                let flow = take(element, share);
                broken = flow.is_break();
                flow
            })
            .ok_or_else(|| damage(at, "a block breaks the rules of the format"))?;
            if broken {
                return Ok(());
            }
            self.blobs[index].holds = Some(holds);
        }
        Ok(())
    }

    fn read_header(&mut self, at: u64) -> Result<(Vec<u8>, u64, u32), Damage> {
        let mut length = [0; 4];
        let ends = |_| damage(at, "the file ends within the header of a block");
        self.file.seek(SeekFrom::Start(at)).map_err(ends)?;
        self.file.read_exact(&mut length).map_err(ends)?;
        let length = u32::from_be_bytes(length);
        if length > MAX_HEADER_BYTES {
            let detail = format!(
                "the header of a block has {length} bytes; at most {MAX_HEADER_BYTES} are allowed"
            );
            return Err(damage(at, detail));
        }
        let mut header = vec![0; length as usize];
        self.file.read_exact(&mut header).map_err(ends)?;
        let (mut kind, mut size) = (Vec::new(), None);
        for field in Fields(&header) {
            match field {
                Some((1, Field::Bytes(text))) => kind = text.to_vec(),
                Some((3, Field::Number(number))) => size = Some(number),
                Some(_) => {}
                None => return Err(damage(at, "the header of a block cannot be read")),
            }
        }
        let size = size.ok_or_else(|| damage(at, "the header of a block tells no size"))?;
        let size = u32::try_from(size)
            .ok()
            .filter(|size| *size <= MAX_BLOB_BYTES)
            .ok_or_else(|| {
                let detail =
                    format!("a block has {size} bytes; at most {MAX_BLOB_BYTES} are allowed");
                damage(at, detail)
            })?;
        Ok((kind, at + 4 + u64::from(length), size))
    }

    fn unpack(&mut self, at: u64, size: u32) -> Result<Vec<u8>, Damage> {
        let mut blob = vec![0; size as usize];
        self.file
            .seek(SeekFrom::Start(at))
            .and_then(|_| self.file.read_exact(&mut blob))
            .map_err(|e| damage(at, e.to_string()))?;
        for field in Fields(&blob) {
            match field {
                Some((1, Field::Bytes(raw))) => return Ok(raw.to_vec()),
                Some((3, Field::Bytes(packed))) => return inflate(packed, at),
                Some((4..=7, Field::Bytes(_))) => {
                    return Err(damage(at, "a block is packed in another way than by zlib"));
                }
                Some(_) => {}
                None => break,
            }
        }
        Err(damage(at, "a block holds no data"))
    }
}

fn damage(at: u64, detail: impl Into<String>) -> Damage {
    Damage {
        at,
        detail: detail.into(),
    }
}

fn inflate(packed: &[u8], at: u64) -> Result<Vec<u8>, Damage> {
    let mut block = Vec::new();
    let mut unpacked = ZlibDecoder::new(packed).take(u64::from(MAX_BLOB_BYTES) + 1);
    unpacked
        .read_to_end(&mut block)
        .map_err(|e| damage(at, e.to_string()))?;
    if block.len() as u64 > u64::from(MAX_BLOB_BYTES) {
        let detail =
            format!("a block unpacks to more than the {MAX_BLOB_BYTES} bytes that are allowed");
        return Err(damage(at, detail));
    }
    Ok(block)
}

fn check_features(block: &[u8]) -> Result<(), String> {
    for field in Fields(block) {
        match field {
            Some((4, Field::Bytes(feature))) => {
                let feature = String::from_utf8_lossy(feature);
                if !KNOWN_FEATURES.contains(&feature.as_ref()) {
                    return Err(format!("the file needs the unknown feature {feature:?}"));
                }
            }
            Some(_) => {}
            None => return Err("the header cannot be read".to_owned()),
        }
    }
    Ok(())
}

/// How the coordinates of a block become ten millionths of a degree.
#[derive(Clone, Copy)]
struct Grid {
    granularity: i64,
    lat_offset: i64,
    lon_offset: i64,
}

impl Grid {
    fn point(self, lon: i64, lat: i64) -> Option<Point> {
        let scaled = |offset: i64, value: i64| {
            let nanodegrees = offset.checked_add(self.granularity.checked_mul(value)?)?;
            i32::try_from(nanodegrees / 100).ok()
        };
        Some(Point {
            x: scaled(self.lon_offset, lon)?,
            y: scaled(self.lat_offset, lat)?,
        })
    }
}

type Take<'a> = &'a mut dyn FnMut(Element<'_>) -> ControlFlow<()>;

/// Reads a block and tells what it holds; `None` when it is damaged.
fn read_block(block: &[u8], wanted: Kinds, take: Take<'_>) -> Option<Kinds> {
    let mut words: Vec<&str> = Vec::new();
    let mut groups = Vec::new();
    let mut grid = Grid {
        granularity: 100,
        lat_offset: 0,
        lon_offset: 0,
    };
    for field in Fields(block) {
        match field? {
            (1, Field::Bytes(table)) => {
                for word in Fields(table) {
                    if let (1, Field::Bytes(word)) = word? {
                        // A broken word must not move the others.
                        words.push(std::str::from_utf8(word).unwrap_or_default());
                    }
                }
            }
            (2, Field::Bytes(group)) => groups.push(group),
            (17, Field::Number(number)) => grid.granularity = signed(number),
            (19, Field::Number(number)) => grid.lat_offset = signed(number),
            (20, Field::Number(number)) => grid.lon_offset = signed(number),
            _ => {}
        }
    }
    let mut holds = Kinds::default();
    for group in groups {
        for field in Fields(group) {
            let flow = match field? {
                (1, Field::Bytes(node)) => {
                    holds.nodes = true;
                    if wanted.nodes {
                        read_node(node, &words, grid, take)?
                    } else {
                        ControlFlow::Continue(())
                    }
                }
                (2, Field::Bytes(dense)) => {
                    holds.nodes = true;
                    if wanted.nodes {
                        read_dense(dense, &words, grid, take)?
                    } else {
                        ControlFlow::Continue(())
                    }
                }
                (3, Field::Bytes(way)) => {
                    holds.ways = true;
                    if wanted.ways {
                        read_way(way, &words, take)?
                    } else {
                        ControlFlow::Continue(())
                    }
                }
                (4, Field::Bytes(relation)) => {
                    holds.relations = true;
                    if wanted.relations {
                        read_relation(relation, &words, take)?
                    } else {
                        ControlFlow::Continue(())
                    }
                }
                _ => ControlFlow::Continue(()),
            };
            if flow.is_break() {
                return Some(holds);
            }
        }
    }
    Some(holds)
}

fn read_node(node: &[u8], words: &[&str], grid: Grid, take: Take<'_>) -> Option<ControlFlow<()>> {
    let (mut id, mut lon, mut lat) = (0, 0, 0);
    let (mut keys, mut values): (&[u8], &[u8]) = (&[], &[]);
    for field in Fields(node) {
        match field? {
            (1, Field::Number(number)) => id = zigzag(number),
            (2, Field::Bytes(packed)) => keys = packed,
            (3, Field::Bytes(packed)) => values = packed,
            (8, Field::Number(number)) => lat = zigzag(number),
            (9, Field::Number(number)) => lon = zigzag(number),
            _ => {}
        }
    }
    let tags = tags(keys, values, words)?;
    let at = grid.point(lon, lat)?;
    Some(take(Element::Node {
        id,
        at,
        tags: Tags(&tags),
    }))
}

fn read_dense(dense: &[u8], words: &[&str], grid: Grid, take: Take<'_>) -> Option<ControlFlow<()>> {
    let (mut ids, mut lons, mut lats, mut pairs) =
        (Numbers(&[]), Numbers(&[]), Numbers(&[]), Numbers(&[]));
    for field in Fields(dense) {
        match field? {
            (1, Field::Bytes(packed)) => ids = Numbers(packed),
            (8, Field::Bytes(packed)) => lats = Numbers(packed),
            (9, Field::Bytes(packed)) => lons = Numbers(packed),
            (10, Field::Bytes(packed)) => pairs = Numbers(packed),
            _ => {}
        }
    }
    let (mut id, mut lon, mut lat) = (0_i64, 0_i64, 0_i64);
    let mut tags: Vec<(&str, &str)> = Vec::new();
    for step in ids {
        id = id.checked_add(zigzag(step?))?;
        lon = lon.checked_add(zigzag(lons.next()??))?;
        lat = lat.checked_add(zigzag(lats.next()??))?;
        tags.clear();
        while let Some(key) = pairs.next() {
            let key = key?;
            if key == 0 {
                break;
            }
            let value = pairs.next()??;
            tags.push((word(words, key)?, word(words, value)?));
        }
        let at = grid.point(lon, lat)?;
        let flow = take(Element::Node {
            id,
            at,
            tags: Tags(&tags),
        });
        if flow.is_break() {
            return Some(flow);
        }
    }
    Some(ControlFlow::Continue(()))
}

fn read_way(way: &[u8], words: &[&str], take: Take<'_>) -> Option<ControlFlow<()>> {
    let mut id = 0;
    let (mut keys, mut values): (&[u8], &[u8]) = (&[], &[]);
    let mut nodes = Vec::new();
    for field in Fields(way) {
        match field? {
            (1, Field::Number(number)) => id = signed(number),
            (2, Field::Bytes(packed)) => keys = packed,
            (3, Field::Bytes(packed)) => values = packed,
            (8, Field::Bytes(packed)) => nodes = running_sums(packed)?,
            _ => {}
        }
    }
    let tags = tags(keys, values, words)?;
    Some(take(Element::Way {
        id,
        nodes: &nodes,
        tags: Tags(&tags),
    }))
}

fn read_relation(relation: &[u8], words: &[&str], take: Take<'_>) -> Option<ControlFlow<()>> {
    let (mut keys, mut values): (&[u8], &[u8]) = (&[], &[]);
    let (mut roles, mut kinds) = (Numbers(&[]), Numbers(&[]));
    let mut ids = Vec::new();
    for field in Fields(relation) {
        match field? {
            (2, Field::Bytes(packed)) => keys = packed,
            (3, Field::Bytes(packed)) => values = packed,
            (8, Field::Bytes(packed)) => roles = Numbers(packed),
            (9, Field::Bytes(packed)) => ids = running_sums(packed)?,
            (10, Field::Bytes(packed)) => kinds = Numbers(packed),
            _ => {}
        }
    }
    let tags = tags(keys, values, words)?;
    let mut members = Vec::with_capacity(ids.len());
    for id in ids {
        let kind = match kinds.next()?? {
            0 => MemberKind::Node,
            1 => MemberKind::Way,
            _ => MemberKind::Relation,
        };
        let role = word(words, roles.next()??)?;
        members.push(Member { kind, id, role });
    }
    Some(take(Element::Relation {
        members: &members,
        tags: Tags(&tags),
    }))
}

fn tags<'a>(keys: &[u8], values: &[u8], words: &[&'a str]) -> Option<Vec<(&'a str, &'a str)>> {
    let mut values = Numbers(values);
    let mut tags = Vec::new();
    for key in Numbers(keys) {
        tags.push((word(words, key?)?, word(words, values.next()??)?));
    }
    Some(tags)
}

fn word<'a>(words: &[&'a str], index: u64) -> Option<&'a str> {
    words.get(usize::try_from(index).ok()?).copied()
}

fn running_sums(packed: &[u8]) -> Option<Vec<i64>> {
    let mut sum = 0_i64;
    let mut sums = Vec::new();
    for step in Numbers(packed) {
        sum = sum.checked_add(zigzag(step?))?;
        sums.push(sum);
    }
    Some(sums)
}
