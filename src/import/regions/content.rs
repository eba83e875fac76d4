//! What a file of regions is, told by its content, and its features.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use encoding_rs::{UTF_8, WINDOWS_1252};

use super::layer::{Layer, damaged};
use super::{RegionSource, geojson, geopackage, kml, shapefile};
use crate::import::archive::{self, Part};
use crate::import::error::Error;

/// The most bytes of a file, or of what an archive unpacks to, that are read.
const MAX_FILE_BYTES: u64 = 512 << 20;

/// The features of `source`.
pub(super) fn layer(source: &RegionSource) -> Result<Layer, Error> {
    let (path, name) = (&source.source.path, source.source.name.as_str());
    let unreadable = |source| Error::Unreadable {
        name: name.to_owned(),
        source,
    };
    // Before it is opened: a pipe would wait for its other end.
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        let found = if metadata.is_dir() {
            "a folder"
        } else {
            "a pipe or device"
        };
        return Err(Error::NotAFile {
            name: name.to_owned(),
            found,
        });
    }
    let mut start = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(1_024)
        .read_to_end(&mut start)
        .map_err(unreadable)?;
    let wanted = source.layer.as_deref();
    if start.starts_with(b"PK") {
        return archive(path, name, wanted);
    }
    if start.starts_with(&geopackage::MAGIC) {
        return geopackage::read(path, name, wanted);
    }
    if start.starts_with(&shapefile::MAGIC) {
        let beside = |ending| beside(path, ending, name);
        let files = shapefile::Files {
            shp: whole(path, name)?,
            dbf: beside("dbf")?,
            prj: beside("prj")?,
            cpg: beside("cpg")?,
        };
        return shapefile::read(&files, name);
    }
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
    match text.trim_ascii_start().first() {
        None => Err(Error::Empty {
            name: name.to_owned(),
        }),
        Some(b'{') => geojson::read(&decoded(whole(path, name)?), name),
        Some(b'<') => kml::read(&decoded(whole(path, name)?), name),
        Some(_) => Err(Error::NotRegions {
            name: name.to_owned(),
            found: word_for(&start),
        }),
    }
}

/// Whether the file at `path`, called `name` in messages, is a map of one of the formats of
/// regions, told by its beginning and, of an archive, by what is in it. Another map, such as one
/// of streets, is none.
///
/// # Errors
/// The file must be readable.
pub fn is_map(path: &Path, name: &str) -> Result<bool, Error> {
    let unreadable = |source| Error::Unreadable {
        name: name.to_owned(),
        source,
    };
    let (file, _) = crate::import::open_file(path, name)?;
    let mut start = Vec::new();
    file.take(1_024)
        .read_to_end(&mut start)
        .map_err(unreadable)?;
    if start.starts_with(b"PK") {
        // A workbook is an archive, too; a broken archive is refused as one.
        let parts = archive::parts(path).unwrap_or_default();
        let ends = |part: &Part, ending: &str| part.name.to_lowercase().ends_with(ending);
        return Ok(parts
            .iter()
            .any(|part| ends(part, ".shp") || ends(part, ".kml")));
    }
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
    Ok(start.starts_with(&geopackage::MAGIC)
        || start.starts_with(&shapefile::MAGIC)
        || text.trim_ascii_start().starts_with(b"{")
        || start.windows(4).any(|word| word == b"<kml"))
}

/// What a file that cannot be read seems to be.
fn word_for(start: &[u8]) -> &'static str {
    match start {
        [b'%', b'P', b'D', b'F', ..] => "a PDF document",
        [3 | 0x83 | 0x8b, ..] => "a table in dBASE format (open the .shp beside it)",
        [0x1f, 0x8b, ..] => "a gzip archive",
        _ if start.contains(&0) => "a binary file",
        _ => "text of another kind",
    }
}

/// The file at `path`.
fn whole(path: &Path, name: &str) -> Result<Vec<u8>, Error> {
    let unreadable = |source| Error::Unreadable {
        name: name.to_owned(),
        source,
    };
    let file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    limit(size, "bytes", name)?;
    let mut bytes = Vec::new();
    // The file may grow while it is read.
    file.take(MAX_FILE_BYTES)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    Ok(bytes)
}

fn limit(size: u64, unit: &'static str, name: &str) -> Result<(), Error> {
    if size <= MAX_FILE_BYTES {
        return Ok(());
    }
    Err(Error::TooLarge {
        name: name.to_owned(),
        size,
        unit,
        limit: MAX_FILE_BYTES,
    })
}

/// The file beside `path` with another `ending`, in small or capital letters; empty when there
/// is none.
fn beside(path: &Path, ending: &str, name: &str) -> Result<Vec<u8>, Error> {
    let endings = [ending.to_owned(), ending.to_uppercase()];
    let mut paths = endings.iter().map(|ending| path.with_extension(ending));
    match paths.find(|path| path.is_file()) {
        Some(path) => whole(&path, name),
        None => Ok(Vec::new()),
    }
}

/// Text in UTF-8, or in Windows-1252 when it is not valid UTF-8.
fn decoded(bytes: Vec<u8>) -> String {
    let text = String::from_utf8(bytes).unwrap_or_else(|error| {
        let bytes = error.as_bytes();
        let encoding = if bytes.starts_with(b"\xef\xbb\xbf") {
            UTF_8
        } else {
            WINDOWS_1252
        };
        encoding.decode(bytes).0.into_owned()
    });
    match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}

/// The features of a ZIP archive: a shapefile, or a KML document.
fn archive(path: &Path, name: &str, wanted: Option<&str>) -> Result<Layer, Error> {
    let broken = |error: std::io::Error| damaged(name, 0, error.to_string());
    let mut parts = archive::parts(path).map_err(broken)?;
    // What macOS adds of its own.
    parts.retain(|part| !part.name.starts_with("__MACOSX/") && !file_name(part).starts_with("._"));
    let ending_of = |part: &Part| {
        file_name(part)
            .rsplit_once('.')
            .map(|(_, end)| end.to_lowercase())
    };
    let with_ending = |ending: &str| {
        let fitting = parts
            .iter()
            .filter(|part| ending_of(part).as_deref() == Some(ending));
        fitting.collect::<Vec<_>>()
    };
    let shapes = with_ending("shp");
    if !shapes.is_empty() {
        let shp = choose(&shapes, name, wanted)?;
        let stem = &shp.name[..shp.name.len() - "shp".len()];
        let part = |ending: &str| {
            let own = format!("{stem}{ending}");
            parts
                .iter()
                .find(|part| part.name.eq_ignore_ascii_case(&own))
        };
        let (dbf, prj, cpg) = (part("dbf"), part("prj"), part("cpg"));
        let all = [Some(shp), dbf, prj, cpg];
        limit(
            all.iter().flatten().map(|part| part.size).sum(),
            "bytes unpacked",
            name,
        )?;
        let unpacked = |part: Option<&Part>| {
            part.map_or(Ok(Vec::new()), |part| unpacked(path, part).map_err(broken))
        };
        let files = shapefile::Files {
            shp: unpacked(Some(shp))?,
            dbf: unpacked(dbf)?,
            prj: unpacked(prj)?,
            cpg: unpacked(cpg)?,
        };
        return shapefile::read(&files, name);
    }
    let documents = with_ending("kml");
    let main = documents
        .iter()
        .find(|part| part.name.eq_ignore_ascii_case("doc.kml"));
    let document = match main {
        Some(main) => main,
        None if documents.is_empty() => {
            return Err(Error::NotRegions {
                name: name.to_owned(),
                found: "a ZIP archive without .shp and .kml",
            });
        }
        None => choose(&documents, name, wanted)?,
    };
    limit(document.size, "bytes unpacked", name)?;
    kml::read(&decoded(unpacked(path, document).map_err(broken)?), name)
}

fn file_name(part: &Part) -> &str {
    part.name.rsplit(['/', '\\']).next().unwrap_or_default()
}

/// The part whose name without folder and ending is `wanted`, or the only one.
fn choose<'a>(parts: &[&'a Part], name: &str, wanted: Option<&str>) -> Result<&'a Part, Error> {
    let stem = |part: &Part| {
        let file = file_name(part);
        file.rsplit_once('.')
            .map_or(file, |(stem, _)| stem)
            .to_owned()
    };
    let mut fitting = parts
        .iter()
        .filter(|part| wanted.is_none_or(|wanted| stem(part).eq_ignore_ascii_case(wanted)));
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(Error::Layers {
            name: name.to_owned(),
            wanted: wanted.map(str::to_owned),
            layers: parts
                .iter()
                .map(|part| stem(part))
                .collect::<Vec<_>>()
                .join(", "),
        }),
    }
}

fn unpacked(path: &Path, part: &Part) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // `unpack` gives no more than the size that the limit was held against.
    archive::unpack(path, part, &mut |block| bytes.extend_from_slice(block))?;
    Ok(bytes)
}
