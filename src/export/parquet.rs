//! Parquet through DuckDB, with geometries `GeoParquet`: rows go into a table of a file of its own beside the export, which is
//! then copied. So the types are DuckDB's, and memory does not grow with the rows.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use duckdb::arrow::array::{
    Array, ArrayRef, BinaryArray, Date32Array, Decimal128Array, Float64Array, Int64Array,
    RecordBatch, StringArray,
};
use duckdb::arrow::datatypes::{Field, Schema};
use duckdb::{Config, Connection};

use super::about::About;
use super::layer::{GEOMETRY, Geometries, Place};
use super::value::{Column, Kind, QUANTITY_DIGITS, Value};
use super::{Error, Writer};

/// Rows are handed to the engine in slices of this many.
const SLICE: usize = 16_384;

/// Digits of the decimal numbers, the most that there may be: sums are 64 bits wide.
const PRECISION: u8 = 38;

/// The file in the making.
pub(super) struct Table {
    // Closed before its file is removed: fields are dropped in their order.
    connection: Connection,
    draft: Draft,
    path: PathBuf,
    columns: Vec<Column>,
    slice: Vec<Vec<Value>>,
    geometries: Option<Geometries>,
}

/// The engine's own file, which is removed with the value.
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
        let _ = std::fs::remove_file(beside(&self.0, ".wal"));
    }
}

impl Table {
    pub(super) fn start(path: &Path, columns: &[Column]) -> Result<Self, Error> {
        Self::begin(path, columns, None)
    }

    /// One whose rows have places.
    pub(super) fn start_layer(path: &Path, columns: &[Column]) -> Result<Self, Error> {
        Self::begin(path, columns, Some(Geometries::default()))
    }

    fn begin(
        path: &Path,
        columns: &[Column],
        geometries: Option<Geometries>,
    ) -> Result<Self, Error> {
        let draft = Draft(beside(path, ".rows"));
        if draft.0.exists() {
            std::fs::remove_file(&draft.0)?;
        }
        let config = Config::default()
            .enable_autoload_extension(false)?
            .max_memory("256MB")?
            .threads(2)?;
        let connection = Connection::open_with_flags(&draft.0, config)?;
        let definitions = columns
            .iter()
            .map(|column| format!("{} {}", quoted(&column.heading, '"'), type_of(column.kind)));
        let geometry = geometries.as_ref().map(|_| format!("{GEOMETRY} BLOB"));
        let definitions: Vec<String> = definitions.chain(geometry).collect();
        connection.execute_batch(&format!("CREATE TABLE export ({})", definitions.join(", ")))?;
        Ok(Self {
            connection,
            draft,
            path: path.to_owned(),
            columns: columns.to_vec(),
            slice: Vec::with_capacity(SLICE),
            geometries,
        })
    }

    fn flush(&mut self) -> Result<(), Error> {
        let slice = std::mem::take(&mut self.slice);
        if slice.is_empty() {
            return Ok(());
        }
        let (mut fields, mut arrays) = (Vec::new(), Vec::new());
        for (place, column) in self.columns.iter().enumerate() {
            let values = slice
                .iter()
                .map(|row| row.get(place).unwrap_or(&Value::None));
            let array = array(column.kind, values)?;
            fields.push(Field::new(&column.heading, array.data_type().clone(), true));
            arrays.push(array);
        }
        if let Some(geometries) = &mut self.geometries {
            let blobs = geometries.take();
            let array = BinaryArray::from_iter(blobs);
            fields.push(Field::new(GEOMETRY, array.data_type().clone(), true));
            arrays.push(Arc::new(array));
        }
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?;
        let mut appender = self.connection.appender("export")?;
        appender.append_record_batch(batch)?;
        appender.flush()?;
        Ok(())
    }
}

impl Writer for Table {
    fn row(&mut self, row: &[Value], place: Option<&Place>) -> Result<(), Error> {
        self.slice.push(row.to_vec());
        let geometries = self.geometries.as_mut();
        let are_many = geometries.is_some_and(|geometries| {
            geometries.push(place);
            geometries.are_many()
        });
        if are_many || self.slice.len() == SLICE {
            self.flush()?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, _about: &About) -> Result<(), Error> {
        self.flush()?;
        let path = self.path.display().to_string();
        let Self {
            connection,
            draft,
            geometries,
            ..
        } = *self;
        let metadata = geometries.map_or(String::new(), |geometries| {
            let metadata = quoted(&geometries.metadata().to_string(), '\'');
            format!(", KV_METADATA {{geo: {metadata}}}")
        });
        let copy = format!(
            "COPY export TO {} (FORMAT parquet, COMPRESSION zstd{metadata})",
            quoted(&path, '\'')
        );
        connection.execute_batch(&copy)?;
        drop(connection);
        drop(draft);
        Ok(())
    }
}

fn type_of(kind: Kind) -> String {
    match kind {
        Kind::Text => "VARCHAR".to_owned(),
        Kind::Day => "DATE".to_owned(),
        Kind::Count => "BIGINT".to_owned(),
        Kind::Money(digits) => format!("DECIMAL({PRECISION}, {digits})"),
        Kind::Quantity => format!("DECIMAL({PRECISION}, {QUANTITY_DIGITS})"),
        Kind::Share | Kind::Number => "DOUBLE".to_owned(),
    }
}

fn array<'a>(kind: Kind, values: impl Iterator<Item = &'a Value>) -> Result<ArrayRef, Error> {
    let decimals = |values: &mut dyn Iterator<Item = &'a Value>, digits: u32| {
        let numbers: Decimal128Array = values.map(|value| scaled(value, digits)).collect();
        let scale = i8::try_from(digits).unwrap_or_default();
        numbers.with_precision_and_scale(PRECISION, scale)
    };
    let mut values = values;
    Ok(match kind {
        Kind::Text => {
            let texts = values.map(|value| match value {
                Value::Text(text) => Some(text.as_str()),
                _ => None,
            });
            Arc::new(texts.collect::<StringArray>())
        }
        Kind::Day => Arc::new(values.map(day_number).collect::<Date32Array>()),
        Kind::Count => {
            let counts = values.map(|value| match value {
                Value::Count(count) => Some(*count),
                _ => None,
            });
            Arc::new(counts.collect::<Int64Array>())
        }
        Kind::Money(digits) => Arc::new(decimals(&mut values, digits)?),
        Kind::Quantity => Arc::new(decimals(&mut values, QUANTITY_DIGITS)?),
        Kind::Share | Kind::Number => Arc::new(values.map(Value::number).collect::<Float64Array>()),
    })
}

/// A fixed number in units of the last of `digits` places, which are never fewer than its own.
fn scaled(value: &Value, digits: u32) -> Option<i128> {
    let Value::Fixed(value, own) = value else {
        return None;
    };
    let factor = 10_i128.checked_pow(digits.checked_sub(*own)?)?;
    i128::from(*value).checked_mul(factor)
}

/// Days since 1970-01-01.
fn day_number(value: &Value) -> Option<i32> {
    let Value::Day(day) = value else {
        return None;
    };
    let since = day.since(jiff::civil::date(1970, 1, 1)).ok()?;
    Some(since.get_days())
}

/// `path` with `ending` behind its name.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn quoted(text: &str, mark: char) -> String {
    let doubled = format!("{mark}{mark}");
    format!("{mark}{}{mark}", text.replace(mark, &doubled))
}
