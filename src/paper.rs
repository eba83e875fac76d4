//! Maps on paper: an answer by region as a picture (SVG, PNG) or a report (PDF).
//!
//! 1. `plate` takes a question whose only level is one of regions, and its answer, and puts into
//!    words what is printed: title, filters, figures, the rows of the table.
//! 2. `classes` and `palette` give each value its colour, as the screen does.
//! 3. `land` reads outlines; `projection` and `frame` bring them onto the paper, areas kept.
//! 4. `scene` draws the map, `picture` a sheet around it; the one drawing is SVG.
//! 5. `png` makes pixels of it, `report` a PDF with key figures and the table.
//!
//! Everything that is needed is in the binary: no network, no font of the system, no driver. The same
//! question, version, day and look give the same bytes.

mod classes;
mod figure;
mod font;
mod frame;
mod label;
mod land;
mod legend;
mod palette;
mod picture;
mod plate;
mod png;
mod projection;
mod report;
mod scene;
mod svg;
#[cfg(test)]
mod tests;
mod words;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::export::Language;
use crate::{reference, spatial::topology};

pub use classes::{Method, Turn};
pub use palette::{Colour, Palette};
pub use plate::{Plate, Subject};

/// The form of a printed map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Pixels.
    Png,
    /// Shapes and text.
    Svg,
    /// A report of several pages.
    Pdf,
}

impl Format {
    /// Every form.
    pub const ALL: [Self; 3] = [Self::Png, Self::Svg, Self::Pdf];

    /// How the name of such a file ends.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
            Self::Pdf => "pdf",
        }
    }

    /// What such a file is in the language of the web.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Svg => "image/svg+xml",
            Self::Pdf => "application/pdf",
        }
    }
}

/// The size of the paper.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// 210 × 297 mm
    #[default]
    A4,
    /// 297 × 420 mm
    A3,
}

impl Size {
    /// Width and height upright, in points.
    fn points(self) -> [f64; 2] {
        let millimetres = match self {
            Self::A4 => [210.0, 297.0],
            Self::A3 => [297.0, 420.0],
        };
        millimetres.map(|millimetres| millimetres * 72.0 / 25.4)
    }
}

/// How the paper is held.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Orientation {
    /// The one in which the map is larger.
    #[default]
    Auto,
    /// Upright.
    Portrait,
    /// Across.
    Landscape,
}

/// How a map is to be printed.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Its form.
    pub format: Format,
    /// The language of its words and figures.
    pub language: Language,
    /// The size of the paper.
    pub size: Size,
    /// How the paper is held.
    pub orientation: Orientation,
    /// Word of the measure that gives the colours; the first of the question unless said.
    pub measure: Option<String>,
    /// How values are put into classes.
    pub method: Method,
    /// How many classes, 2 to 9.
    pub classes: usize,
    /// The bounds between the classes of [`Method::Manual`], ascending, in the units of the answer;
    /// of [`Method::Continuous`] the two ends of its scale, or none.
    pub breaks: Vec<f64>,
    /// Where a diverging palette turns, of bounds that are given.
    pub turn: Turn,
    /// The palette; the one that fits unless said.
    pub palette: Option<Palette>,
    /// A ratio of a region that has less than so many of a measure is not judged, where the question
    /// has that measure.
    pub least: (String, u32),
    /// The title; what is asked for unless said.
    pub title: Option<String>,
}

impl Look {
    /// Classes unless said.
    pub const CLASSES: usize = 7;

    /// Customers that a ratio needs unless said.
    pub const LEAST: u32 = 5;

    /// The usual look of `format` in `language`.
    #[must_use]
    pub fn of(format: Format, language: Language) -> Self {
        Self {
            format,
            language,
            size: Size::default(),
            orientation: Orientation::default(),
            measure: None,
            method: Method::default(),
            classes: Self::CLASSES,
            breaks: Vec::new(),
            turn: Turn::default(),
            palette: None,
            least: ("customers".to_owned(), Self::LEAST),
            title: None,
        }
    }

    /// Whether it makes sense.
    ///
    /// # Errors
    /// There must be 2 to 9 classes, their bounds finite and ascending and of a method that has
    /// given ones.
    pub fn check(&self) -> Result<(), Error> {
        if !(2..=9).contains(&self.classes) {
            return Err(Error::Look(format!(
                "a map has 2 to 9 classes, not {}",
                self.classes
            )));
        }
        let ascends = self.breaks.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascends || self.breaks.iter().any(|bound| !bound.is_finite()) {
            return Err(Error::Look(
                "the bounds between classes are numbers that ascend".to_owned(),
            ));
        }
        if self.breaks.len() > 8 {
            return Err(Error::Look(format!(
                "a map has at most 8 bounds between classes, not {}",
                self.breaks.len()
            )));
        }
        let is_right = match self.method {
            Method::Manual => true,
            Method::Continuous => matches!(self.breaks.len(), 0 | 2),
            _ => self.breaks.is_empty(),
        };
        if !is_right {
            return Err(Error::Look(
                "bounds are for the method \"manual\", or two of them for the ends of \
                 \"continuous\""
                    .to_owned(),
            ));
        }
        if self.turn != Turn::Auto && self.breaks.is_empty() {
            return Err(Error::Look(
                "a turn of the palette is for bounds that are given".to_owned(),
            ));
        }
        Ok(())
    }
}

/// Why there is no map.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The question is not one of a map.
    #[error("{0}")]
    Question(String),
    /// The look makes no sense.
    #[error("{0}")]
    Look(String),
    /// Nothing of the answer can be drawn.
    #[error("{0}")]
    Nothing(String),
    /// The shapes cannot be read.
    #[error("the shapes {name} cannot be read")]
    Shapes {
        /// Which shapes.
        name: String,
        /// Why not.
        source: topology::Error,
    },
    /// The labels cannot be read.
    #[error("the labels cannot be read")]
    Labels(#[source] reference::Error),
    /// The drawing cannot be read back.
    #[error("the drawing of the map is not understood")]
    Shape(#[source] resvg::usvg::Error),
    /// The picture cannot be written.
    #[error("the map could not be written: {0}")]
    Encoding(String),
}

/// The map of `plate` as the bytes of a file.
///
/// # Errors
/// Something of the answer must have an area, and the shipped shapes must be whole.
pub fn draw(plate: &Plate, look: &Look) -> Result<Vec<u8>, Error> {
    match look.format {
        Format::Pdf => report::of(&plate.in_font(), look),
        Format::Svg => Ok(picture::sheet(plate, look)?.svg.into_bytes()),
        Format::Png => png::of(&picture::sheet(&plate.in_font(), look)?.svg),
    }
}
