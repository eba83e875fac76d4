//! The reference data of the product, embedded in the binary: regions, postal codes, places.
//!
//! What each file holds, where it comes from and under which licence is told in
//! `data/README.md`. Files whose name ends in `.gz` are handed out decompressed.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::GzDecoder;
use rust_embed::RustEmbed;

/// The files of `data/files`: from the folder in debug builds, from the binary in release builds.
#[derive(RustEmbed)]
#[folder = "data/files/"]
struct Files;

/// The files of `data/derived`, which `data/README.md` tells how to make from the others.
#[derive(RustEmbed)]
#[folder = "data/derived/"]
struct Derived;

/// The bytes of a file of `data/derived` as they lie in the binary: release builds read nothing
/// until they are looked at, and the operating system reads only the pages that are.
///
/// # Errors
/// The file must be shipped.
pub fn in_place(name: &str) -> Result<Cow<'static, [u8]>, Error> {
    let file = Derived::get(name).ok_or_else(|| Error::Missing(name.to_owned()))?;
    Ok(file.data)
}

/// The first eight hexadecimal digits of the SHA-256 of a shipped file; empty for no file.
#[must_use]
pub fn fingerprint(name: &str) -> String {
    let file = Files::get(name);
    let hash = file
        .map(|file| file.metadata.sha256_hash())
        .unwrap_or_default();
    let [a, b, c, d, ..] = hash;
    format!("{:08x}", u32::from_be_bytes([a, b, c, d]))
}

/// Whom the product thanks for its data, in the words that their licences ask for.
pub const CREDITS: [&str; 5] = [
    "© GeoBasis-DE / BKG 2016 (Daten verändert)",
    "© Statistisches Bundesamt (Destatis), 2019 (CC BY 4.0)",
    "© GeoNames (CC BY 4.0)",
    "U.S. Census Bureau",
    "Natural Earth",
];

/// Why a shipped file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No file of that name is shipped.
    #[error("no reference file {0}")]
    Missing(String),
    /// The file is not what its name promises.
    #[error("reference file {name} cannot be read")]
    Broken {
        /// Name below `data/files`.
        name: String,
        /// What the decompressor or the text decoder found.
        source: std::io::Error,
    },
}

/// Whether a file `name`, such as `postal/DE.tsv.gz`, is shipped.
#[must_use]
pub fn exists(name: &str) -> bool {
    Files::get(name).is_some()
}

/// The names of the shipped files whose name starts with `prefix`, sorted.
#[must_use]
pub fn names(prefix: &str) -> Vec<String> {
    let mut names: Vec<_> = Files::iter()
        .filter(|name| name.starts_with(prefix))
        .map(Cow::into_owned)
        .collect();
    names.sort();
    names
}

/// The bytes of file `name`, decompressed when the name ends in `.gz`.
///
/// # Errors
/// The file must be shipped and intact.
pub fn bytes(name: &str) -> Result<Vec<u8>, Error> {
    let file = Files::get(name).ok_or_else(|| Error::Missing(name.to_owned()))?;
    if !is_compressed(name) {
        return Ok(file.data.into_owned());
    }
    let mut bytes = Vec::with_capacity(decompressed_size_bytes(&file.data));
    GzDecoder::new(file.data.as_ref())
        .read_to_end(&mut bytes)
        .map_err(|source| broken(name, source))?;
    Ok(bytes)
}

/// The text of file `name`, decompressed when the name ends in `.gz`.
///
/// # Errors
/// The file must be shipped, intact and UTF-8.
pub fn text(name: &str) -> Result<String, Error> {
    String::from_utf8(bytes(name)?)
        .map_err(|error| broken(name, std::io::Error::other(error.utf8_error())))
}

fn is_compressed(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, end)| end == "gz")
}

/// A gzip file ends with its decompressed size modulo 2^32 (RFC 1952, section 2.3.1). It only
/// sizes the buffer, so a lying figure is bounded by what deflate can reach at best, 1 : 1032.
fn decompressed_size_bytes(file: &[u8]) -> usize {
    file.last_chunk::<4>().map_or(0, |size| {
        (u32::from_le_bytes(*size) as usize).min(file.len().saturating_mul(1032))
    })
}

fn broken(name: &str, source: std::io::Error) -> Error {
    Error::Broken {
        name: name.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_file_can_be_read() {
        for name in names("") {
            text(&name).unwrap();
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = text("units.xlsx").unwrap_err();
        assert_eq!(error.to_string(), "no reference file units.xlsx");
        assert!(!exists("units.xlsx"));
    }
}
