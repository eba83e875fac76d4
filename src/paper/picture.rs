//! A whole sheet: title, what was asked, the map, its legend, credits.

use super::font::{self, Weight};
use super::frame::Frame;
use super::legend::{self, Swatch};
use super::palette::Colour;
use super::plate::Plate;
use super::scene::Scene;
use super::svg::{Anchor, Drawing, Label};
use super::{Error, Look, Orientation};
use crate::reference::CREDITS;

const INK: Colour = Colour([0x1d, 0x26, 0x28]);
const QUIET: Colour = Colour([0x5d, 0x6b, 0x69]);

/// Free on each side of the sheet, in points.
const MARGIN: f64 = 30.0;

const TITLE: f64 = 17.0;
const ABOUT: f64 = 8.5;
const CREDIT: f64 = 6.0;

/// A drawing and where on it what is.
#[cfg_attr(not(test), expect(dead_code, reason = "tests look there"))]
pub(super) struct Picture {
    pub(super) svg: String,
    /// The upper left corner of the map, in points.
    pub(super) at: [f64; 2],
    pub(super) frame: Frame,
    pub(super) swatches: Vec<Swatch>,
}

/// The map on a sheet of its own.
///
/// # Errors
/// A row must have an area, and the shipped shapes must be whole.
pub(super) fn sheet(plate: &Plate, look: &Look) -> Result<Picture, Error> {
    let scene = Scene::of(plate, look)?;
    let size = held(look, scene.extent());
    let wide = size[0] - 2.0 * MARGIN;
    let mut drawing = Drawing::default();
    drawing.rectangle([0.0, 0.0], size, "#ffffff");
    let mut y = MARGIN;
    for line in font::lines(&plate.title, TITLE, Weight::SemiBold, wide) {
        y += TITLE;
        let weight = Weight::SemiBold;
        write(
            &mut drawing,
            &line,
            [MARGIN, y - 3.0],
            (TITLE, weight, INK),
            Anchor::Start,
        );
        y += 3.0;
    }
    for line in about_lines(plate, ABOUT, wide) {
        y += ABOUT + 2.5;
        write(
            &mut drawing,
            &line,
            [MARGIN, y],
            (ABOUT, Weight::Regular, QUIET),
            Anchor::Start,
        );
    }
    let foot = foot_lines(plate, wide);
    let at = [MARGIN, y + 10.0];
    let foot_height = (CREDIT + 2.0) * f64::from(u32::try_from(foot.len()).unwrap_or(0)) + 6.0;
    let strip = size[1] - MARGIN - foot_height - legend::HEIGHT;
    let map = scene.draw(&mut drawing, at, [wide, strip - 6.0 - at[1]], look.language)?;
    let swatches = legend::draw(&mut drawing, [MARGIN, strip], wide, (plate, &scene, &map));
    let mut y = size[1] - MARGIN - foot_height + 6.0;
    for line in foot {
        y += CREDIT + 2.0;
        write(
            &mut drawing,
            &line,
            [MARGIN, y - 2.0],
            (CREDIT, Weight::Regular, QUIET),
            Anchor::Start,
        );
    }
    let about = about_lines(plate, ABOUT, f64::INFINITY).join(" · ");
    Ok(Picture {
        svg: drawing.finish(size, &plate.title, &about),
        at,
        frame: map.frame,
        swatches,
    })
}

/// The sheet as it is held, in points.
pub(super) fn held(look: &Look, [across, up]: [f64; 2]) -> [f64; 2] {
    let [short, long] = look.size.points();
    match look.orientation {
        Orientation::Landscape => [long, short],
        Orientation::Auto if across > up => [long, short],
        Orientation::Portrait | Orientation::Auto => [short, long],
    }
}

/// The question in words, each filter kept together where it can be.
pub(super) fn about_lines(plate: &Plate, size: f64, wide: f64) -> Vec<String> {
    let parts = plate
        .about
        .iter()
        .map(|(heading, text)| format!("{heading}: {text}"));
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line)
                if font::width(&format!("{line} · {part}"), size, Weight::Regular) <= wide =>
            {
                line.push_str(" · ");
                line.push_str(&part);
            }
            _ => lines.extend(font::lines(&part, size, Weight::Regular, wide)),
        }
    }
    lines
}

fn foot_lines(plate: &Plate, wide: f64) -> Vec<String> {
    let mut lines = vec![format!("Revier · {}", plate.made.join(" · "))];
    let credits = format!("{}: {}", plate.words.credits, CREDITS.join(" · "));
    lines.extend(font::lines(&credits, CREDIT, Weight::Regular, wide));
    lines
}

fn write(
    drawing: &mut Drawing,
    text: &str,
    at: [f64; 2],
    (size, weight, colour): (f64, Weight, Colour),
    anchor: Anchor,
) {
    drawing.label(Label {
        text,
        at,
        size,
        weight,
        colour,
        anchor,
        has_halo: false,
    });
}
