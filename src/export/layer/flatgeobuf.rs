//! `FlatGeobuf` 3. The features go into a file beside the export first, as the index stands before
//! them; where each has a place they are then sorted along a Hilbert curve and indexed. With one
//! that has none there can be no index, and they stay in the order of the rows.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use flatbuffers::{FlatBufferBuilder, WIPOffset};
use flatgeobuf::packed_r_tree::{NodeItem, PackedRTree, calc_extent, hilbert_sort};
use flatgeobuf::{ColumnArgs, ColumnType, CrsArgs, FeatureArgs, GeometryArgs, GeometryType};
use flatgeobuf::{HeaderArgs, VERSION};

use super::place::{Geometry, Place};
use super::{Error, Layer, Writer};
use crate::export::about::About;
use crate::export::value::{Column, Kind, Value};
use crate::place::LonLat;
use crate::record::region::Polygon;

/// Children of a node of the index, as all writers have it.
const NODE_SIZE: u16 = 16;

/// The file in the making.
pub(in crate::export) struct Features {
    path: PathBuf,
    draft: Draft,
    drafted: BufWriter<File>,
    columns: Vec<Column>,
    name: String,
    about: String,
    geometry: Geometry,
    builder: FlatBufferBuilder<'static>,
    /// Of each feature its box, with its number as offset, and where in the draft it ends.
    nodes: Vec<NodeItem>,
    ends: Vec<u64>,
    has_all_places: bool,
}

/// The file of features, which is removed with the value.
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Features {
    pub(super) fn start(path: &Path, columns: &[Column], layer: &Layer) -> Result<Self, Error> {
        let mut draft = path.as_os_str().to_owned();
        draft.push(".features");
        let draft = Draft(draft.into());
        let drafted = File::options()
            .create(true)
            .truncate(true)
            .read(true)
            .write(true)
            .open(&draft.0)?;
        Ok(Self {
            path: path.to_owned(),
            draft,
            drafted: BufWriter::new(drafted),
            columns: columns.to_vec(),
            name: layer.name.clone(),
            about: layer.about.clone(),
            geometry: layer.geometry,
            builder: FlatBufferBuilder::new(),
            nodes: Vec::new(),
            ends: Vec::new(),
            has_all_places: true,
        })
    }

    /// The header with its size before it.
    fn header(&mut self, extent: Option<&NodeItem>) -> Vec<u8> {
        let builder = &mut self.builder;
        builder.reset();
        let columns: Vec<_> = self
            .columns
            .iter()
            .map(|column| {
                let arguments = ColumnArgs {
                    name: Some(builder.create_string(&column.heading)),
                    type_: type_of(column.kind),
                    ..ColumnArgs::default()
                };
                flatgeobuf::Column::create(builder, &arguments)
            })
            .collect();
        let crs = CrsArgs {
            org: Some(builder.create_string("EPSG")),
            code: 4326,
            name: Some(builder.create_string("WGS 84")),
            ..CrsArgs::default()
        };
        let edges = extent.map(|all| [all.min_x, all.min_y, all.max_x, all.max_y]);
        let arguments = HeaderArgs {
            name: Some(builder.create_string(&self.name)),
            envelope: edges.map(|edges| builder.create_vector(&edges)),
            geometry_type: match self.geometry {
                Geometry::Points => GeometryType::Point,
                Geometry::Areas => GeometryType::MultiPolygon,
                Geometry::Both => GeometryType::Unknown,
            },
            columns: Some(builder.create_vector(&columns)),
            features_count: self.nodes.len() as u64,
            index_node_size: if extent.is_some() { NODE_SIZE } else { 0 },
            crs: Some(flatgeobuf::Crs::create(builder, &crs)),
            description: Some(builder.create_string(&self.about)),
            ..HeaderArgs::default()
        };
        let header = flatgeobuf::Header::create(builder, &arguments);
        builder.finish_size_prefixed(header, None);
        builder.finished_data().to_vec()
    }

    /// Sorts the nodes along the curve and writes the index of where each feature will be.
    fn write_index(&mut self, extent: &NodeItem, file: &mut impl Write) -> Result<(), Error> {
        hilbert_sort(&mut self.nodes, extent);
        let mut offset = 0;
        let mut indexed = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let mut node = node.clone();
            let (start, end) = self.stretch(node.offset);
            node.offset = offset;
            offset += end - start;
            indexed.push(node);
        }
        let tree = PackedRTree::build(&indexed, extent, NODE_SIZE).map_err(io::Error::other)?;
        Ok(tree.stream_write(file)?)
    }

    /// Where in the draft the feature of that number begins and ends.
    fn stretch(&self, number: u64) -> (u64, u64) {
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        let end = |place: usize| self.ends.get(place).copied().unwrap_or_default();
        (place.checked_sub(1).map_or(0, end), end(place))
    }
}

impl Writer for Features {
    fn row(&mut self, row: &[Value], place: Option<&Place>) -> Result<(), Error> {
        let builder = &mut self.builder;
        builder.reset();
        let geometry = place.map(|place| geometry(builder, place));
        let properties = properties(row);
        let arguments = FeatureArgs {
            geometry,
            properties: Some(builder.create_vector(&properties)),
            ..FeatureArgs::default()
        };
        let feature = flatgeobuf::Feature::create(builder, &arguments);
        builder.finish_size_prefixed(feature, None);
        let bytes = builder.finished_data();
        self.drafted.write_all(bytes)?;
        let end = self.ends.last().copied().unwrap_or_default() + bytes.len() as u64;
        let mut node = NodeItem::create(self.nodes.len() as u64);
        if let Some(place) = place {
            let [west, south, east, north] = place.edges();
            node.expand_xy(west, south);
            node.expand_xy(east, north);
        }
        self.has_all_places &= place.is_some();
        self.nodes.push(node);
        self.ends.push(end);
        Ok(())
    }

    fn finish(mut self: Box<Self>, _about: &About) -> Result<(), Error> {
        let mut file = BufWriter::new(File::create(&self.path)?);
        file.write_all(&[b'f', b'g', b'b', VERSION, b'f', b'g', b'b', 0])?;
        let is_indexed = self.has_all_places && !self.nodes.is_empty();
        let extent = is_indexed.then(|| calc_extent(&self.nodes));
        let header = self.header(extent.as_ref());
        file.write_all(&header)?;
        if let Some(extent) = &extent {
            self.write_index(extent, &mut file)?;
        }
        self.drafted.flush()?;
        let mut drafted = BufReader::new(File::open(&self.draft.0)?);
        for node in &self.nodes {
            let (start, end) = self.stretch(node.offset);
            drafted.seek(SeekFrom::Start(start))?;
            io::copy(&mut (&mut drafted).take(end - start), &mut file)?;
        }
        Ok(file.flush()?)
    }
}

/// The values that there are, each behind the number of its column.
fn properties(row: &[Value]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (column, value) in (0_u16..).zip(row) {
        if let Value::None = value {
            continue;
        }
        bytes.extend(column.to_le_bytes());
        match value {
            Value::Text(text) => put_text(&mut bytes, text),
            Value::Day(day) => put_text(&mut bytes, &day.to_string()),
            Value::Count(count) => bytes.extend(count.to_le_bytes()),
            other => bytes.extend(other.number().unwrap_or(f64::NAN).to_le_bytes()),
        }
    }
    bytes
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend(text.as_bytes());
}

type Offset<'a> = WIPOffset<flatgeobuf::Geometry<'a>>;

/// A point, or a multi-polygon.
fn geometry<'a>(builder: &mut FlatBufferBuilder<'a>, place: &Place) -> Offset<'a> {
    let arguments = match place {
        Place::Point(at) => GeometryArgs {
            xy: Some(builder.create_vector(&[at.lon(), at.lat()])),
            type_: GeometryType::Point,
            ..GeometryArgs::default()
        },
        Place::Area(polygons) => {
            let parts: Vec<Offset<'_>> = polygons
                .iter()
                .map(|polygon| polygon_part(builder, polygon))
                .collect();
            GeometryArgs {
                parts: Some(builder.create_vector(&parts)),
                type_: GeometryType::MultiPolygon,
                ..GeometryArgs::default()
            }
        }
    };
    flatgeobuf::Geometry::create(builder, &arguments)
}

/// All positions one after the other, and where each ring ends.
fn polygon_part<'a>(builder: &mut FlatBufferBuilder<'a>, polygon: &Polygon) -> Offset<'a> {
    let flat = |at: &LonLat| [at.lon(), at.lat()];
    let positions: Vec<f64> = polygon.rings().flatten().flat_map(flat).collect();
    let ends = polygon.rings().scan(0_u32, |end, ring| {
        *end = end.saturating_add(u32::try_from(ring.len()).unwrap_or(u32::MAX));
        Some(*end)
    });
    let ends: Vec<u32> = ends.collect();
    let arguments = GeometryArgs {
        xy: Some(builder.create_vector(&positions)),
        ends: Some(builder.create_vector(&ends)),
        type_: GeometryType::Polygon,
        ..GeometryArgs::default()
    };
    flatgeobuf::Geometry::create(builder, &arguments)
}

fn type_of(kind: Kind) -> ColumnType {
    match kind {
        Kind::Text => ColumnType::String,
        Kind::Day => ColumnType::DateTime,
        Kind::Count => ColumnType::Long,
        Kind::Money(_) | Kind::Quantity | Kind::Share | Kind::Number => ColumnType::Double,
    }
}
