//! The map itself: areas in their colours on the ground around them, with names.
//!
//! From below: water, countries in quiet grey, the regions that are meant, borders of states, lakes,
//! names. A region without a value is hatched.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::classes::{Classes, Fit, Wish, is_two_sided};
use super::frame::{Frame, GRID, View};
use super::land::{self, Area, Ground};
use super::palette::{Colour, Palette};
use super::plate::{Plate, Row, Source};
use super::svg::{Drawing, Short, escaped};
use super::{Error, Look, label};
use crate::cube::UNASSIGNED;
use crate::place::RegionKey;
use crate::spatial::outline::{Detail, Kind};
use crate::spatial::units::Units;

pub(super) const WATER: Colour = Colour([0xdf, 0xe9, 0xee]);
pub(super) const LAND: Colour = Colour([0xe9, 0xe9, 0xe6]);
pub(super) const BORDER: Colour = Colour([0x7b, 0x8a, 0x88]);
const EDGE: Colour = Colour([0xff, 0xff, 0xff]);
const STATE_LINE: Colour = Colour([0x4a, 0x57, 0x55]);
const LAND_LINE: Colour = Colour([0x9a, 0xa5, 0xa3]);

/// The colours of values, and what could not be drawn.
pub(super) struct Key {
    /// None where no row has a value.
    pub(super) classes: Option<Classes>,
    pub(super) palette: Palette,
    /// The colour of each class.
    pub(super) colours: Vec<Colour>,
}

/// What is shown where, and in which colour.
pub(super) struct Scene<'a> {
    plate: &'a Plate,
    pub(super) key: Key,
    view: View,
    /// Keys of the rows that have an area.
    placed: HashSet<&'a str>,
}

/// A map that is drawn.
pub(super) struct Map {
    pub(super) frame: Frame,
    pub(super) gaps: Gaps,
}

/// Why regions are hatched.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Gaps {
    /// One has no value.
    pub(super) nothing: bool,
    /// One has a value of too little to judge it.
    pub(super) few: bool,
}

impl Key {
    fn of(plate: &Plate, look: &Look) -> Self {
        let judged = plate.judged();
        let rows = judged.filter(|(row, is_few)| row.key != UNASSIGNED && !is_few);
        let values: Vec<f64> = rows.filter_map(|(row, _)| plate.value(row)).collect();
        let chosen = look.palette;
        let turns = chosen.map_or_else(|| is_two_sided(&values), Palette::is_diverging);
        let wish = Wish {
            method: look.method,
            count: look.classes,
            breaks: &look.breaks,
            turns,
            turn: look.turn,
        };
        let fit = Fit::of(&values, &wish);
        let classes = fit
            .as_ref()
            .and_then(|fit| Classes::of(&values, fit, look.method));
        let fitting = Palette::fitting(fit.and_then(|fit| fit.turn));
        let palette = chosen.unwrap_or(fitting);
        Self {
            colours: classes
                .as_ref()
                .map_or_else(Vec::new, |classes| palette.colours(classes)),
            classes,
            palette,
        }
    }

    /// The colour of a value.
    pub(super) fn colour(&self, value: f64) -> Option<Colour> {
        let classes = self.classes.as_ref()?;
        if classes.is_continuous {
            return Some(self.palette.colour_of(classes, value));
        }
        self.colours.get(classes.class_of(value)).copied()
    }
}

impl<'a> Scene<'a> {
    /// The scene of `plate`.
    ///
    /// # Errors
    /// A row must have an area.
    pub(super) fn of(plate: &'a Plate, look: &Look) -> Result<Self, Error> {
        let areas = areas(plate, Detail::Coarse);
        let with_area: HashMap<&str, &Area> =
            areas.iter().map(|area| (area.key.as_str(), area)).collect();
        let rows = plate.rows.iter().map(|row| row.key.as_str());
        let placed: Vec<&str> = rows.filter(|key| with_area.contains_key(key)).collect();
        let shown: Vec<Area> = placed.iter().map(|key| (*with_area[key]).clone()).collect();
        let Some(view) = View::of(&shown) else {
            let example = plate.rows.iter().find(|row| row.key != UNASSIGNED);
            let example = example.map_or(String::new(), |row| format!(", such as {}", row.key));
            return Err(Error::Nothing(format!(
                "none of the {} rows has an area that can be drawn{example}",
                plate.rows.len()
            )));
        };
        Ok(Self {
            plate,
            key: Key::of(plate, look),
            view,
            placed: placed.into_iter().collect(),
        })
    }

    /// Metres across and up that are shown.
    pub(super) fn extent(&self) -> [f64; 2] {
        self.view.extent()
    }

    /// The rows that have no area.
    pub(super) fn not_placed(&self) -> impl Iterator<Item = &'a Row> {
        let rows = self.plate.rows.iter();
        rows.filter(|row| !self.placed.contains(row.key.as_str()))
    }

    /// Draws the map with its upper left corner at `at`, of `size` points.
    ///
    /// # Errors
    /// The shipped shapes must be whole.
    pub(super) fn draw(
        &self,
        drawing: &mut Drawing,
        at: [f64; 2],
        size: [f64; 2],
        language: super::Language,
    ) -> Result<Map, Error> {
        let frame = self.view.frame(size);
        let detail = land::detail_of(frame.metres_per_point());
        let areas = areas(self.plate, detail);
        let kind = match self.plate.source {
            Source::Shipped(kind) => Some(kind),
            Source::Own(_) => None,
        };
        let ground = land::ground(kind, detail)?;
        define(drawing, &frame);
        let [x, y] = at.map(Short);
        drawing.raw(format_args!(
            r#"<g transform="translate({x} {y})"><g clip-path="url(#frame)">"#
        ));
        drawing.rectangle([0.0, 0.0], size, &WATER.to_string());
        let step = Short(1.0 / GRID);
        drawing.raw(format_args!(
            r#"<g transform="scale({step})" fill-rule="evenodd" stroke-linejoin="round">"#
        ));
        fill(drawing, &frame, &ground.land, (LAND, LAND_LINE), 5.0);
        let gaps = self.regions(drawing, &frame, &areas);
        outlines(drawing, &frame, &ground);
        fill(drawing, &frame, &ground.lakes, (WATER, LAND_LINE), 2.0);
        drawing.raw("</g>");
        let names = self.names(&frame, &areas, language)?;
        label::write(drawing, &names);
        drawing.raw("</g>");
        let [width, height] = size.map(Short);
        drawing.raw(format_args!(
            r#"<rect width="{width}" height="{height}" fill="none" stroke="{BORDER}" stroke-width="0.6"/></g>"#
        ));
        Ok(Map { frame, gaps })
    }

    /// Draws the regions; tells why some are hatched.
    fn regions(&self, drawing: &mut Drawing, frame: &Frame, areas: &[Area]) -> Gaps {
        let rows: HashMap<&str, (&Row, bool)> = self
            .plate
            .judged()
            .map(|(row, is_few)| (row.key.as_str(), (row, is_few)))
            .collect();
        // Many small regions would be all borders.
        let width = if areas.len() > 1_500 { 1.2 } else { 3.0 };
        let mut gaps = Gaps::default();
        drawing.raw(format_args!(
            r#"<g stroke="{EDGE}" stroke-width="{width}">"#
        ));
        for area in areas {
            let path = frame.rings(&area.rings);
            if path.is_empty() {
                continue;
            }
            let row = rows.get(area.key.as_str()).copied();
            let value = row.and_then(|(row, _)| self.plate.value(row));
            let is_few = row.is_some_and(|(_, is_few)| is_few) && value.is_some();
            let colour = value.and_then(|value| self.key.colour(value));
            let title = match (row, value) {
                (Some((row, _)), Some(value)) => self.tip(row, value),
                _ => String::new(),
            };
            let key = escaped(&area.key);
            if let Some(colour) = colour.filter(|_| !is_few) {
                drawing.raw(format_args!(
                    r#"<path data-key="{key}" fill="{colour}" d="{path}">{title}</path>"#
                ));
                continue;
            }
            let pattern = if is_few { "few" } else { "hatch" };
            gaps.few |= is_few;
            gaps.nothing |= !is_few;
            drawing.raw(format_args!(
                r#"<path fill="{LAND}" stroke="{LAND_LINE}" d="{path}"/><path data-key="{key}" fill="url(#{pattern})" stroke="none" d="{path}">{title}</path>"#
            ));
        }
        drawing.raw("</g>");
        gaps
    }

    /// What a browser tells of a region that is pointed at.
    fn tip(&self, row: &Row, value: f64) -> String {
        let figure = self.plate.figures.short(value, self.plate.unit());
        let text = escaped(&format!("{}: {figure}", row.name));
        format!("<title>{text}</title>")
    }

    /// Regions where there is room for their names, else towns.
    fn names(
        &self,
        frame: &Frame,
        areas: &[Area],
        language: super::Language,
    ) -> Result<Vec<label::Name>, Error> {
        let by_key: BTreeMap<&str, &Area> =
            areas.iter().map(|area| (area.key.as_str(), area)).collect();
        let is_hexagon = matches!(self.plate.source, Source::Shipped(Kind::Hexagon));
        let mut wanted = Vec::new();
        for row in &self.plate.rows {
            let (Some(area), Some(value)) = (by_key.get(row.key.as_str()), self.plate.value(row))
            else {
                continue;
            };
            wanted.push(label::Wanted {
                area,
                // The index of a hexagon tells nobody where it is.
                name: if is_hexagon { "" } else { &row.name },
                figure: self.plate.figures.short(value, self.plate.unit()),
                is_dark: self.key.colour(value).is_some_and(Colour::is_dark),
                at: label_place(area),
            });
        }
        let mut taken = label::Taken::default();
        let names = label::regions(frame, &wanted, &mut taken);
        if !names.is_empty() {
            return Ok(names);
        }
        Ok(label::towns(frame, &land::towns()?, language, &mut taken))
    }
}

/// The areas of the regions that are meant.
fn areas(plate: &Plate, detail: Detail) -> Vec<Area> {
    match &plate.source {
        Source::Shipped(kind) => land::areas(*kind, detail, &plate.asked.keys(*kind)),
        Source::Own(regions) => land::own_areas(regions),
    }
}

/// Where the name of a region stands: the point well inside that is known of official ones, else
/// one inside.
fn label_place(area: &Area) -> [f64; 2] {
    let units = Units::shipped();
    match units.find(&RegionKey::new(area.key.as_str())) {
        Some(id) => units.get(id).label.into(),
        None => area.inside(),
    }
}

/// What the map refers to: the edge that it is cut at, and the hatch.
fn define(drawing: &mut Drawing, frame: &Frame) {
    let [width, height] = frame.size.map(Short);
    drawing.raw(format_args!(
        r#"<defs><clipPath id="frame"><rect width="{width}" height="{height}"/></clipPath>"#
    ));
    drawing.raw(hatch("hatch", GRID));
    drawing.raw(dots("few", GRID));
    drawing.raw("</defs>");
}

/// The borders of countries and states, above the regions, so that the palest ones end somewhere.
fn outlines(drawing: &mut Drawing, frame: &Frame, ground: &Ground) {
    let countries = ground.land.iter().map(|area| frame.rings(&area.rings));
    let countries: String = countries.collect();
    let states = frame.lines(&ground.state_lines);
    for (path, colour, width) in [(countries, LAND_LINE, 5), (states, STATE_LINE, 6)] {
        if !path.is_empty() {
            drawing.raw(format_args!(
                r#"<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>"#
            ));
        }
    }
}

/// The pattern of what has no data, in a space with so many units to a point.
pub(super) fn hatch(name: &str, unit: f64) -> String {
    let [side, half, over, width] = [4.0, 2.0, 6.0, 0.45].map(|points| Short(points * unit));
    format!(
        r#"<pattern id="{name}" patternUnits="userSpaceOnUse" width="{side}" height="{side}"><path d="M-{half} {half}L{half} -{half}M0 {side}L{side} 0M{half} {over}L{over} {half}" stroke="{BORDER}" stroke-width="{width}"/></pattern>"#
    )
}

/// The pattern of what can't be judged, in a space with so many units to a point.
pub(super) fn dots(name: &str, unit: f64) -> String {
    let [side, first, second, radius] = [4.0, 1.0, 3.0, 0.5].map(|points| Short(points * unit));
    format!(
        r#"<pattern id="{name}" patternUnits="userSpaceOnUse" width="{side}" height="{side}"><circle cx="{first}" cy="{first}" r="{radius}" fill="{BORDER}"/><circle cx="{second}" cy="{second}" r="{radius}" fill="{BORDER}"/></pattern>"#
    )
}

fn fill(
    drawing: &mut Drawing,
    frame: &Frame,
    areas: &[Area],
    (inside, edge): (Colour, Colour),
    width: f64,
) {
    let width = Short(width);
    drawing.raw(format_args!(
        r#"<g fill="{inside}" stroke="{edge}" stroke-width="{width}">"#
    ));
    for area in areas {
        let path = frame.rings(&area.rings);
        if !path.is_empty() {
            drawing.raw(format_args!(r#"<path d="{path}"/>"#));
        }
    }
    drawing.raw("</g>");
}
