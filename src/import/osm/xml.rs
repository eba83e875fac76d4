//! OpenStreetMap elements from an XML file, packed by gzip or not.
//!
//! Layout by <https://wiki.openstreetmap.org/wiki/OSM_XML>. The file is read as a stream: no
//! tag, no element and no text may grow beyond a limit, and a packed file that unpacks to
//! hundreds of times its size is refused.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use flate2::bufread::MultiGzDecoder;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::element::{Element, Kinds, Member, MemberKind, Point, Tags};
use super::pbf::Damage;

/// The most bytes of one tag or text.
const MAX_TAG_BYTES: u64 = 1 << 20;
/// The most nodes, members and tags of one element; the largest relations have some 30,000.
const MAX_PARTS: usize = 200_000;
/// The deepest that tags may stand in each other; an OpenStreetMap file needs three.
const MAX_DEPTH: u32 = 64;
/// A gzip file of OpenStreetMap unpacks to ten to twenty times its size.
const MAX_UNPACKED_RATIO: u64 = 200;
/// What any file may unpack to.
const FREE_UNPACKED_BYTES: u64 = 1 << 30;

/// An XML file.
pub(super) struct Xml {
    file: File,
    size: u64,
    packed: bool,
}

impl Xml {
    /// The XML file, unpacked while it is read when it is `packed` by gzip.
    pub fn open(file: File, packed: bool) -> io::Result<Self> {
        let size = file.metadata()?.len();
        Ok(Self { file, size, packed })
    }

    /// Gives the elements of `wanted` kinds to `take` in the order of the file until it breaks,
    /// with the share of the file read.
    pub fn each(
        &mut self,
        wanted: Kinds,
        take: &mut dyn FnMut(Element<'_>, f64) -> ControlFlow<()>,
    ) -> Result<(), Damage> {
        let failed = |error: io::Error| Damage {
            at: 0,
            detail: error.to_string(),
        };
        self.file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let file = BufReader::with_capacity(1 << 16, self.file.try_clone().map_err(failed)?);
        let text: Box<dyn Read> = if self.packed {
            Box::new(MultiGzDecoder::new(file))
        } else {
            Box::new(file)
        };
        let limit = FREE_UNPACKED_BYTES.max(self.size.saturating_mul(MAX_UNPACKED_RATIO));
        let mut reader = Reader::from_reader(Metered {
            inner: BufReader::with_capacity(1 << 16, text.take(limit)),
            used: 0,
        });
        reader.config_mut().check_end_names = true;
        let outcome = read(&mut reader, wanted, self.size, take);
        let at = reader.buffer_position();
        outcome.map_err(|detail| {
            let detail = if at >= limit {
                format!("the file unpacks to more than {limit} bytes")
            } else {
                detail
            };
            Damage { at, detail }
        })
    }
}

/// A reader that ends with an error when a tag is too long.
struct Metered<R> {
    inner: R,
    used: u64,
}

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.used += read as u64;
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used > MAX_TAG_BYTES {
            let detail = format!("a tag has more than {MAX_TAG_BYTES} bytes");
            return Err(io::Error::other(detail));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.used += count as u64;
        self.inner.consume(count);
    }
}

/// The element that is being read.
#[derive(Default)]
struct Open {
    id: i64,
    at: Option<Point>,
    nodes: Vec<i64>,
    members: Vec<(MemberKind, i64, String)>,
    tags: Vec<(String, String)>,
}

fn read<R: BufRead>(
    reader: &mut Reader<Metered<R>>,
    wanted: Kinds,
    size: u64,
    take: &mut dyn FnMut(Element<'_>, f64) -> ControlFlow<()>,
) -> Result<(), String> {
    let mut buffer = Vec::new();
    let mut open = Open::default();
    let mut kind: Option<String> = None;
    let mut rooted = false;
    let mut depth = 0;
    // The end of the tags is not known in a packed file, so the share is a guess that never
    // reaches the end.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a share of the work needs no digits"
    )]
    let share = |at: u64| {
        let done = at as f64 / (size.max(1) as f64 * 12.0);
        done / (1.0 + done)
    };
    loop {
        buffer.clear();
        reader.get_mut().used = 0;
        let at = reader.buffer_position();
        let event = reader
            .read_event_into(&mut buffer)
            .map_err(|e| e.to_string())?;
        let (tag, empty) = match &event {
            Event::Start(tag) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(format!(
                        "tags stand more than {MAX_DEPTH} deep in each other"
                    ));
                }
                (tag, false)
            }
            Event::Empty(tag) => (tag, true),
            Event::End(end) => {
                depth -= 1;
                let name = end.name();
                if kind.as_deref() == Some(name.as_ref()) {
                    kind = None;
                    if give(&open, name.as_ref(), share(at), take).is_break() {
                        return Ok(());
                    }
                }
                if name.as_ref() == "osm" {
                    return Ok(());
                }
                continue;
            }
            Event::Eof => return Err("the file ends before its last tag".to_owned()),
            _ => continue,
        };
        let name = tag.name().as_ref().to_owned();
        match name.as_str() {
            "osm" => rooted = true,
            _ if !rooted => return Err("the file is no OpenStreetMap file".to_owned()),
            "node" | "way" | "relation" => {
                open.nodes.clear();
                open.members.clear();
                open.tags.clear();
                if is_wanted(&name, wanted) {
                    start(&mut open, tag)?;
                    if empty {
                        if give(&open, &name, share(at), take).is_break() {
                            return Ok(());
                        }
                    } else {
                        kind = Some(name);
                    }
                }
            }
            "nd" | "member" | "tag" if kind.is_some() => part(&mut open, tag)?,
            _ => {}
        }
    }
}

fn is_wanted(name: &str, wanted: Kinds) -> bool {
    match name {
        "node" => wanted.nodes,
        "way" => wanted.ways,
        _ => wanted.relations,
    }
}

fn start(open: &mut Open, tag: &BytesStart<'_>) -> Result<(), String> {
    let (mut lon, mut lat) = (None, None);
    open.id = 0;
    each_attribute(tag, &mut |key, value| {
        match key {
            "id" => open.id = value.parse().map_err(|_| bad(key, value))?,
            "lon" => lon = Some(degrees(value).ok_or_else(|| bad(key, value))?),
            "lat" => lat = Some(degrees(value).ok_or_else(|| bad(key, value))?),
            _ => {}
        }
        Ok(())
    })?;
    open.at = lon.zip(lat).map(|(x, y)| Point { x, y });
    Ok(())
}

fn part(open: &mut Open, tag: &BytesStart<'_>) -> Result<(), String> {
    let parts = open.nodes.len() + open.members.len() + open.tags.len();
    if parts >= MAX_PARTS {
        return Err(format!("an element has more than {MAX_PARTS} parts"));
    }
    let (mut key_text, mut value_text, mut role) = (String::new(), String::new(), String::new());
    let (mut id, mut kind) = (None, MemberKind::Relation);
    each_attribute(tag, &mut |key, value| {
        match key {
            "k" => value.clone_into(&mut key_text),
            "v" => value.clone_into(&mut value_text),
            "role" => value.clone_into(&mut role),
            "ref" => id = Some(value.parse().map_err(|_| bad(key, value))?),
            "type" => {
                kind = match value {
                    "node" => MemberKind::Node,
                    "way" => MemberKind::Way,
                    _ => MemberKind::Relation,
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    match tag.name().as_ref() {
        "tag" => open.tags.push((key_text, value_text)),
        "nd" => open.nodes.extend(id),
        _ => open.members.extend(id.map(|id| (kind, id, role))),
    }
    Ok(())
}

fn each_attribute(
    tag: &BytesStart<'_>,
    take: &mut dyn FnMut(&str, &str) -> Result<(), String>,
) -> Result<(), String> {
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(|e| e.to_string())?;
        let text = quick_xml::escape::unescape(&attribute.value).map_err(|e| e.to_string())?;
        take(attribute.key.as_ref(), &text)?;
    }
    Ok(())
}

fn give(
    open: &Open,
    name: &str,
    share: f64,
    take: &mut dyn FnMut(Element<'_>, f64) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let pairs = open.tags.iter().map(|(key, value)| (&**key, &**value));
    let pairs: Vec<(&str, &str)> = pairs.collect();
    let tags = Tags(&pairs);
    let element = match name {
        "node" => match open.at {
            Some(at) => Element::Node {
                id: open.id,
                at,
                tags,
            },
            // A deleted node of a file with history has no position.
            None => return ControlFlow::Continue(()),
        },
        "way" => Element::Way {
            id: open.id,
            nodes: &open.nodes,
            tags,
        },
        _ => {
            let members = open.members.iter().map(|(kind, id, role)| Member {
                kind: *kind,
                id: *id,
                role,
            });
            let members: Vec<Member<'_>> = members.collect();
            return take(
                Element::Relation {
                    members: &members,
                    tags,
                },
                share,
            );
        }
    };
    take(element, share)
}

fn bad(key: &str, value: &str) -> String {
    let value: String = value.chars().take(40).collect();
    format!("{value:?} is no {key}")
}

/// Degrees as ten millionths of one.
fn degrees(text: &str) -> Option<i32> {
    let number: f64 = text.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "it was seen to fit")]
    (number.abs() <= 180.0).then(|| (number * 1e7).round() as i32)
}
