//! KML 2.3 (OGC 12-007r2): a placemark a row; the columns are fields of a schema, so that numbers
//! stay numbers.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use quick_xml::escape::escape;

use super::place::Place;
use super::{Error, Layer, Writer};
use crate::export::about::About;
use crate::export::value::{Column, Kind, Value, fixed_text};
use crate::place::LonLat;
use crate::record::region::Polygon;

/// The file in the making.
pub(in crate::export) struct Placemarks {
    file: BufWriter<File>,
    columns: Vec<Column>,
    /// The column of names.
    name: usize,
}

impl Placemarks {
    pub(super) fn start(path: &Path, columns: &[Column], layer: &Layer) -> Result<Self, Error> {
        let mut file = BufWriter::new(File::create(path)?);
        writeln!(
            file,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document id=\"layer\">\n\
             <name>{}</name><description>{}</description>",
            clean(&layer.name),
            clean(&layer.about)
        )?;
        writeln!(
            file,
            "<Schema name=\"{}\" id=\"fields\">",
            clean(&layer.name)
        )?;
        for column in columns {
            writeln!(
                file,
                "<SimpleField type=\"{}\" name=\"{}\"/>",
                type_of(column.kind),
                clean(&column.heading)
            )?;
        }
        writeln!(file, "</Schema>")?;
        Ok(Self {
            file,
            columns: columns.to_vec(),
            name: layer.label,
        })
    }

    fn put_area(&mut self, polygons: &[Polygon]) -> Result<(), Error> {
        if polygons.len() > 1 {
            write!(self.file, "<MultiGeometry>")?;
        }
        for polygon in polygons {
            write!(self.file, "<Polygon>")?;
            self.put_ring("outerBoundaryIs", &polygon.outer)?;
            for hole in &polygon.holes {
                self.put_ring("innerBoundaryIs", hole)?;
            }
            write!(self.file, "</Polygon>")?;
        }
        if polygons.len() > 1 {
            write!(self.file, "</MultiGeometry>")?;
        }
        Ok(())
    }

    fn put_ring(&mut self, side: &str, ring: &[LonLat]) -> Result<(), Error> {
        write!(self.file, "<{side}><LinearRing><coordinates>")?;
        for (index, at) in ring.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(self.file, "{space}{},{}", at.lon(), at.lat())?;
        }
        write!(self.file, "</coordinates></LinearRing></{side}>")?;
        Ok(())
    }
}

impl Writer for Placemarks {
    fn row(&mut self, row: &[Value], place: Option<&Place>) -> Result<(), Error> {
        write!(self.file, "<Placemark>")?;
        if let Some(Value::Text(name)) = row.get(self.name) {
            write!(self.file, "<name>{}</name>", clean(name))?;
        }
        write!(
            self.file,
            "<ExtendedData><SchemaData schemaUrl=\"#fields\">"
        )?;
        for (column, value) in self.columns.iter().zip(row) {
            if let Some(value) = text_of(value, column.kind) {
                let (heading, value) = (clean(&column.heading), clean(&value));
                write!(
                    self.file,
                    "<SimpleData name=\"{heading}\">{value}</SimpleData>"
                )?;
            }
        }
        write!(self.file, "</SchemaData></ExtendedData>")?;
        match place {
            None => {}
            Some(Place::Point(at)) => write!(
                self.file,
                "<Point><coordinates>{},{}</coordinates></Point>",
                at.lon(),
                at.lat()
            )?,
            Some(Place::Area(polygons)) => self.put_area(polygons)?,
        }
        Ok(writeln!(self.file, "</Placemark>")?)
    }

    fn finish(mut self: Box<Self>, _about: &About) -> Result<(), Error> {
        writeln!(self.file, "</Document></kml>")?;
        Ok(self.file.flush()?)
    }
}

fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Day => "string",
        // KML knows no whole numbers of more than 32 bits.
        Kind::Count | Kind::Money(_) | Kind::Quantity | Kind::Share | Kind::Number => "double",
    }
}

/// The value as text; `None` for no value.
fn text_of(value: &Value, kind: Kind) -> Option<String> {
    Some(match value {
        Value::None => return None,
        Value::Text(text) => text.clone(),
        Value::Day(day) => day.to_string(),
        Value::Count(count) => count.to_string(),
        Value::Fixed(value, digits) => fixed_text(*value, *digits, '.', kind == Kind::Quantity),
        Value::Number(number) => number.is_finite().then(|| number.to_string())?,
    })
}

/// `text` as XML 1.0 takes it, which has no place for most control signs.
fn clean(text: &str) -> String {
    let is_sign = |sign: &char| {
        matches!(sign, '\t' | '\n' | '\r')
            || (*sign >= ' ' && !matches!(sign, '\u{fffe}' | '\u{ffff}'))
    };
    let text: String = text.chars().filter(is_sign).collect();
    escape(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_xml() {
        assert_eq!(
            clean("a<b & \"c\"\u{1}\u{ffff}"),
            "a&lt;b &amp; &quot;c&quot;"
        );
    }
}
