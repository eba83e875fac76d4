//! A street-level base map of the user's own: a `PMTiles` file of vector tiles in the schema of
//! Protomaps (layers `earth`, `water`, `roads`, `places` and so on), read piece by piece.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use pmtiles::{
    AsyncBackend, AsyncPmTilesReader, BackendResponse, MokaCache, PmtError, PmtResult, TileCoord,
    TileType,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::TileId;
use super::layer::Layer;

/// Directories of the file that are kept, a few kilobytes each.
const KEPT_DIRECTORIES: u64 = 1_024;

/// Layers without which no map of streets can be drawn.
const NEEDED: [&str; 2] = ["earth", "roads"];

/// Every layer of the schema: a style names them all, and a file may leave some out.
const SCHEMA: [&str; 9] = [
    "boundaries",
    "buildings",
    "earth",
    "landcover",
    "landuse",
    "places",
    "pois",
    "roads",
    "water",
];

/// Why a file is no base map, or does not give a tile.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It can't be read.
    #[error("the base map {path} can't be read")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It is no such archive, or a broken one.
    #[error("the base map {path} is no whole PMTiles file: {source}")]
    Archive {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        source: PmtError,
    },
    /// It holds pictures.
    #[error("the base map {0} holds pictures: vector tiles (MVT) are needed")]
    Pictures(PathBuf),
    /// Its layers are others.
    #[error(
        "the base map {path} has the layers {found}: those of Protomaps are needed, such as {}",
        NEEDED.join(" and ")
    )]
    Schema {
        /// Which file.
        path: PathBuf,
        /// The layers it has.
        found: String,
    },
}

/// A base map that is open.
pub struct Streets {
    path: PathBuf,
    reader: AsyncPmTilesReader<Disk, MokaCache>,
    metadata: Metadata,
    version: String,
}

/// What the file says of itself, beside its header.
#[derive(Debug, Deserialize)]
struct Metadata {
    #[serde(default)]
    attribution: String,
    #[serde(default)]
    vector_layers: Vec<Value>,
}

impl Streets {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// It must be a whole `PMTiles` file of vector tiles in the schema of Protomaps.
    pub async fn open(path: &Path) -> Result<Self, Error> {
        let refused = |source| Error::File {
            path: path.to_owned(),
            source,
        };
        let broken = |source| Error::Archive {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(refused)?;
        let about = file.metadata().map_err(refused)?;
        let changed = about.modified().map_err(refused)?;
        let changed = changed.duration_since(std::time::UNIX_EPOCH);
        let size = about.len();
        let version = format!("{:x}-{:x}", size, changed.unwrap_or_default().as_millis());
        let reader = AsyncPmTilesReader::try_from_cached_source(
            Disk {
                file: Arc::new(file),
                size,
            },
            MokaCache::new(KEPT_DIRECTORIES),
        );
        let reader = reader.await.map_err(broken)?;
        if reader.get_header().tile_type != TileType::Mvt {
            return Err(Error::Pictures(path.to_owned()));
        }
        let metadata = reader.get_metadata().await.map_err(broken)?;
        let metadata: Metadata =
            serde_json::from_str(&metadata).map_err(|_| broken(PmtError::InvalidMetadata))?;
        let found = metadata.vector_layers.iter();
        let found: Vec<&str> = found.filter_map(|layer| layer["id"].as_str()).collect();
        if !NEEDED.iter().all(|needed| found.contains(needed)) {
            let found = if found.is_empty() {
                vec!["none"]
            } else {
                found
            };
            return Err(Error::Schema {
                path: path.to_owned(),
                found: found.join(", "),
            });
        }
        Ok(Self {
            path: path.to_owned(),
            reader,
            metadata,
            version,
        })
    }

    /// Changes with the file.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Who made it, as plain text; empty where the file does not say.
    #[must_use]
    pub fn credit(&self) -> String {
        let mut plain = String::new();
        let mut is_markup = false;
        for letter in self.metadata.attribution.chars() {
            match letter {
                '<' => is_markup = true,
                '>' => is_markup = false,
                _ if !is_markup => plain.push(letter),
                _ => {}
            }
        }
        plain.trim().to_owned()
    }

    /// The vector tile, not packed; none where the file has none.
    ///
    /// # Errors
    /// The file must still be there and whole.
    pub async fn tile(&self, tile: TileId) -> Result<Option<Vec<u8>>, Error> {
        let broken = |source| Error::Archive {
            path: self.path.clone(),
            source,
        };
        let at = TileCoord::new(tile.z(), tile.x(), tile.y()).map_err(broken)?;
        let found = self.reader.get_tile_decompressed(at).await;
        let found = found.map_err(broken)?.filter(|bytes| !bytes.is_empty());
        Ok(found.map(Vec::from))
    }

    /// The `TileJSON` 3.0.0 of the map; `tiles` is the address with `{z}`, `{x}` and `{y}`. Layers of
    /// the schema that the file leaves out are told without fields.
    #[must_use]
    pub fn describe(&self, tiles: &str) -> Value {
        let header = self.reader.get_header();
        let found = &self.metadata.vector_layers;
        let left_out = SCHEMA
            .into_iter()
            .filter(|id| !found.iter().any(|layer| layer["id"] == *id))
            .map(|id| json!({"id": id, "fields": {}}));
        let layers: Vec<Value> = found.iter().cloned().chain(left_out).collect();
        json!({
            "tilejson": "3.0.0",
            "name": Layer::Streets.name(),
            "tiles": [tiles],
            "vector_layers": layers,
            "minzoom": header.min_zoom,
            "maxzoom": header.max_zoom,
            "bounds": [
                header.min_longitude, header.min_latitude,
                header.max_longitude, header.max_latitude,
            ],
            "attribution": self.credit(),
        })
    }
}

/// A file that is read at any place. Not a memory map: who shortens the file meanwhile gets an
/// error, and the server lives on.
struct Disk {
    file: Arc<File>,
    size: u64,
}

impl AsyncBackend for Disk {
    async fn read(&self, offset: u64, length: usize) -> PmtResult<BackendResponse> {
        let file = self.file.clone();
        // A broken file may ask for more than it has.
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let length = length.min(left);
        let read = move || {
            let mut bytes = vec![0; length];
            let mut filled = 0;
            while filled < length {
                let at = offset.saturating_add(filled as u64);
                match file.read_at(&mut bytes[filled..], at) {
                    Ok(0) => break,
                    Ok(count) => filled += count,
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            bytes.truncate(filled);
            Ok(bytes)
        };
        let bytes = tokio::task::spawn_blocking(read).await;
        let bytes = bytes.map_err(std::io::Error::other).flatten()?;
        Ok(BackendResponse::new(Bytes::from(bytes)))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use fast_mvt::{MvtGeomType, MvtLayerBuilder};
    use pmtiles::{Compression, PmTilesWriter};

    use super::*;

    /// A small map: one tile of the whole world with earth and a road.
    pub(crate) fn write(path: &Path, kind: TileType, layers: &[&str]) {
        let mut tile = Vec::new();
        for name in layers {
            let layer = MvtLayerBuilder::new(*name).unwrap();
            let mut feature = layer.feature_of(MvtGeomType::Point);
            feature.points([(2_048, 2_048).into()]).unwrap();
            feature.tag_string("kind", "highway").unwrap();
            tile.extend(feature.end().encode());
        }
        let layers: Vec<Value> = layers
            .iter()
            .map(|id| json!({"id": id, "fields": {}}))
            .collect();
        let metadata = json!({
            "attribution": "<a href=\"https://example.org\">© The mappers</a>",
            "vector_layers": layers,
        });
        let mut writer = PmTilesWriter::new(kind)
            .tile_compression(Compression::Gzip)
            .min_zoom(0)
            .max_zoom(0)
            .bounds(5.0, 47.0, 15.0, 55.0)
            .metadata(metadata.to_string())
            .create(File::create(path).unwrap())
            .unwrap();
        writer
            .add_tile(TileCoord::new(0, 0, 0).unwrap(), &tile)
            .unwrap();
        writer.finalize().unwrap();
    }

    #[tokio::test]
    async fn tiles_come_as_they_are_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.pmtiles");
        write(&path, TileType::Mvt, &["earth", "roads"]);
        let streets = Streets::open(&path).await.unwrap();
        assert_eq!(streets.credit(), "© The mappers");
        let world = TileId::parse(0, 0, 0).unwrap();
        let bytes = streets.tile(world).await.unwrap().unwrap();
        assert_eq!(crate::tile::tests::decode(&bytes, "roads").len(), 1);
        let near = TileId::parse(1, 0, 0).unwrap();
        assert!(streets.tile(near).await.unwrap().is_none());
        let described = streets.describe("/t/{z}/{x}/{y}.mvt");
        assert_eq!(described["maxzoom"], 0);
        assert_eq!(described["vector_layers"][1]["id"], "roads");
        assert_eq!(described["vector_layers"].as_array().unwrap().len(), 9);
    }

    #[track_caller]
    fn refused(opened: Result<Streets, Error>) -> String {
        opened.err().expect("it is refused").to_string()
    }

    #[tokio::test]
    async fn what_is_no_map_of_streets_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.pmtiles");
        let begins = |text: String, begin: &str| assert!(text.contains(begin), "{text}");
        begins(refused(Streets::open(&path).await), "can't be read");
        std::fs::write(&path, "customers;").unwrap();
        begins(refused(Streets::open(&path).await), "no whole PMTiles file");
        write(&path, TileType::Png, &["earth", "roads"]);
        begins(refused(Streets::open(&path).await), "holds pictures");
        write(&path, TileType::Mvt, &["streets"]);
        begins(
            refused(Streets::open(&path).await),
            "has the layers streets",
        );
        write(&path, TileType::Mvt, &["earth", "roads"]);
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            if let Ok(streets) = Streets::open(&path).await {
                let world = TileId::parse(0, 0, 0).unwrap();
                assert!(streets.tile(world).await.is_err(), "{length} bytes");
            }
        }
    }
}
