//! KML: placemarks with polygons, longitude before latitude in WGS84.
//!
//! Elements by OGC 12-007r2 (KML 2.3). Attributes are `name`, `id`, the fields of
//! `ExtendedData`, and `folder`, the name of the folder around the placemark.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::layer::{Layer, Ring, Shape, damaged};
use crate::import::error::Error;

/// The deepest that elements may stand in each other.
const MAX_DEPTH: usize = 200;
/// The most bytes of a text that is no list of coordinates.
const MAX_TEXT_BYTES: usize = 64 << 10;

/// The features of the text of the file called `name`.
pub(super) fn read(text: &str, name: &str) -> Result<Layer, Error> {
    let mut reader = Reader::from_str(text);
    let mut document = Document {
        layer: Layer::new("KML", name),
        open: Vec::new(),
        folders: Vec::new(),
        placemark: None,
        text: String::new(),
        is_kml: false,
    };
    let place = |reader: &Reader<&[u8]>| usize::try_from(reader.error_position()).unwrap_or(0);
    loop {
        let event = reader.read_event();
        let event = event.map_err(|error| damaged(name, place(&reader), error.to_string()))?;
        match event {
            Event::Start(start) => {
                if document.open.len() == MAX_DEPTH {
                    let detail = format!("its elements stand more than {MAX_DEPTH} deep");
                    return Err(damaged(name, place(&reader), detail));
                }
                document.start(&start);
            }
            Event::Empty(start) => {
                document.start(&start);
                document.end()?;
            }
            Event::End(_) => document.end()?,
            Event::Text(text) => document.text(&text),
            Event::CData(text) => document.text(&text),
            Event::GeneralRef(reference) => {
                if let Some(text) = resolved(&reference) {
                    document.text(&text);
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if !document.open.is_empty() {
        return Err(damaged(name, text.len(), "an element has no end"));
    }
    if !document.is_kml {
        return Err(Error::NotRegions {
            name: name.to_owned(),
            found: "XML other than KML",
        });
    }
    Ok(document.layer)
}

fn resolved(reference: &BytesRef<'_>) -> Option<String> {
    if let Ok(Some(sign)) = reference.resolve_char_ref() {
        return Some(sign.to_string());
    }
    resolve_predefined_entity(reference).map(str::to_owned)
}

struct Document {
    layer: Layer,
    /// Local names of the elements around, and what they carry as `name` or `id`.
    open: Vec<(String, String)>,
    /// Names of the folders around; empty until they are read.
    folders: Vec<String>,
    placemark: Option<Placemark>,
    text: String,
    is_kml: bool,
}

/// The placemark that is being read.
#[derive(Default)]
struct Placemark {
    cells: Vec<(String, String)>,
    outer: Option<Ring>,
    holes: Vec<Ring>,
    polygons: Vec<Vec<Ring>>,
    other: Option<&'static str>,
    broken: Option<String>,
}

impl Document {
    fn start(&mut self, start: &BytesStart<'_>) {
        let word = start.local_name().as_ref().to_owned();
        let mut label = String::new();
        for attribute in start.attributes().with_checks(false).flatten() {
            let key = attribute.key.local_name();
            let wanted = if word == "Placemark" { "id" } else { "name" };
            if key.as_ref() == wanted {
                let text = quick_xml::escape::unescape(&attribute.value);
                label = text.unwrap_or_default().into_owned();
            }
        }
        self.is_kml |= self.open.is_empty() && word == "kml";
        self.text.clear();
        match word.as_str() {
            "Folder" => self.folders.push(String::new()),
            "Placemark" => {
                let mut placemark = Placemark::default();
                placemark.cells.push(("id".to_owned(), label.clone()));
                self.placemark = Some(placemark);
            }
            _ => {}
        }
        if let Some(placemark) = &mut self.placemark {
            match word.as_str() {
                "Polygon" => {
                    placemark.outer = None;
                    placemark.holes.clear();
                }
                "Point" => placemark.other = placemark.other.or(Some("a point")),
                "LineString" | "Track" => placemark.other = Some("a line"),
                "Model" => placemark.other = Some("a model"),
                _ => {}
            }
        }
        self.open.push((word, label));
    }

    fn text(&mut self, text: &str) {
        let is_wanted = self.open.last().is_some_and(|(word, _)| {
            matches!(
                word.as_str(),
                "name" | "value" | "SimpleData" | "coordinates"
            )
        });
        let is_short = self
            .open
            .last()
            .is_some_and(|(word, _)| word != "coordinates")
            && self.text.len() + text.len() > MAX_TEXT_BYTES;
        if is_wanted && !is_short {
            self.text.push_str(text);
        }
    }

    fn end(&mut self) -> Result<(), Error> {
        let Some((word, label)) = self.open.pop() else {
            return Ok(());
        };
        let text = std::mem::take(&mut self.text);
        let (parent, data) = self
            .open
            .last()
            .map_or(("", ""), |(word, label)| (word.as_str(), label.as_str()));
        let Some(placemark) = &mut self.placemark else {
            match (word.as_str(), self.folders.last_mut()) {
                ("name", Some(folder)) if parent == "Folder" => *folder = text,
                ("Folder", _) => {
                    self.folders.pop();
                }
                _ => {}
            }
            return Ok(());
        };
        match word.as_str() {
            "name" if parent == "Placemark" => placemark.cells.push(("name".to_owned(), text)),
            "value" if parent == "Data" => placemark.cells.push((data.to_owned(), text)),
            "SimpleData" => placemark.cells.push((label, text)),
            "coordinates" if parent == "LinearRing" => {
                let is_within = |word: &str| self.open.iter().any(|(open, _)| open == word);
                match ring(&text) {
                    Err(broken) => placemark.broken = Some(broken),
                    Ok(ring) if is_within("innerBoundaryIs") => placemark.holes.push(ring),
                    Ok(ring) if is_within("Polygon") => placemark.outer = Some(ring),
                    Ok(_) => placemark.other = Some("a line"),
                }
            }
            "Polygon" => {
                let holes = std::mem::take(&mut placemark.holes);
                if let Some(outer) = placemark.outer.take() {
                    placemark.polygons.push([vec![outer], holes].concat());
                }
            }
            "Placemark" => {
                let placemark = self.placemark.take().unwrap_or_default();
                self.push(placemark)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn push(&mut self, placemark: Placemark) -> Result<(), Error> {
        let folder = self.folders.last().cloned().unwrap_or_default();
        let folder = ("folder".to_owned(), folder);
        let mut cells: Vec<(usize, String)> = Vec::new();
        for (heading, text) in placemark.cells.into_iter().chain([folder]) {
            if heading.is_empty() || text.trim().is_empty() {
                continue;
            }
            let column = self.layer.column(&heading)?;
            // What stands first counts, but for data that repeat `id` or `name`.
            match cells.iter_mut().find(|(at, _)| *at == column) {
                Some(cell) => cell.1 = text,
                None => cells.push((column, text)),
            }
        }
        let shape = match (placemark.broken, placemark.other) {
            (Some(broken), _) => Shape::Broken(broken),
            _ if !placemark.polygons.is_empty() => Shape::Area(placemark.polygons),
            (None, Some(other)) => Shape::Other(other),
            (None, None) => Shape::Nothing,
        };
        self.layer.push(cells, shape)
    }
}

/// The ring of a text such as `11.5,48.1,0 11.6,48.1,0`.
fn ring(text: &str) -> Result<Ring, String> {
    let position = |tuple: &str| {
        let mut numbers = tuple.split(',').map(|n| n.trim().parse::<f64>().ok());
        let position = [numbers.next().flatten(), numbers.next().flatten()];
        let [Some(lon), Some(lat)] = position else {
            return Err(format!("\"{tuple:.60}\" is no longitude and latitude"));
        };
        Ok([lon, lat])
    };
    text.split_whitespace().map(position).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placemarks_carry_their_data() {
        let text = r#"<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>Datei</name>
<Folder><name>S&#252;d &amp; West</name>
<Placemark id="p1"><name><![CDATA[Gebiet <1>]]></name>
 <ExtendedData><Data name="Schlüssel"><value>S1</value></Data>
  <SchemaData><SimpleData name="Leiter">Ada</SimpleData></SchemaData></ExtendedData>
 <MultiGeometry><Point><coordinates>1,1</coordinates></Point>
 <Polygon><innerBoundaryIs><LinearRing><coordinates>0.1,0.1 0.2,0.1 0.1,0.2 0.1,0.1</coordinates></LinearRing></innerBoundaryIs>
 <outerBoundaryIs><LinearRing><coordinates> 0,0,5
   1,0,5 0,1,5 0,0,5 </coordinates></LinearRing></outerBoundaryIs></Polygon></MultiGeometry>
</Placemark></Folder>
<Placemark><name>Punkt</name><Point><coordinates>1,1</coordinates></Point></Placemark>
<Placemark><name>Kaputt</name><Polygon><outerBoundaryIs><LinearRing><coordinates>0;0 1;0</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
</Document></kml>"#;
        let layer = read(text, "a.kml").unwrap();
        let [first, point, broken] = layer.features.as_slice() else {
            panic!("three placemarks");
        };
        let cells: Vec<_> = first
            .cells
            .iter()
            .map(|(column, text)| format!("{}={text}", layer.headings[*column]))
            .collect();
        let expected = [
            "id=p1",
            "name=Gebiet <1>",
            "Schlüssel=S1",
            "Leiter=Ada",
            "folder=Süd & West",
        ];
        assert_eq!(cells, expected);
        let Shape::Area(polygons) = &first.shape else {
            panic!("an area");
        };
        assert_eq!((polygons.len(), polygons[0].len()), (1, 2));
        assert!((polygons[0][0][1][0] - 1.0).abs() < 1e-9 && polygons[0][0][1][1].abs() < 1e-9);
        assert_eq!(point.shape, Shape::Other("a point"));
        assert_eq!(point.cells.len(), 1);
        assert!(matches!(broken.shape, Shape::Broken(_)));
    }

    #[test]
    fn other_xml_is_refused() {
        assert!(read("<gpx></gpx>", "a.kml").is_err());
        assert!(read("<kml><Document>", "a.kml").is_err());
        assert!(read(&"<kml>".repeat(1_000), "a.kml").is_err());
    }
}
