//! Names on the map: of the regions where there is room for them, else of the towns around. None
//! covers another; where two want the same place, the more important one has it.

use super::Language;
use super::font::{self, Weight};
use super::frame::Frame;
use super::land::{Area, Town};
use super::palette::Colour;
use super::svg::{Anchor, Drawing, Label};

/// Up to so many regions are named.
const MOST_REGIONS: usize = 80;

/// Towns that are named at most, for each square of a hundred points.
const TOWNS: f64 = 0.9;

/// The size of a name, in points.
const SIZE: f64 = 6.6;

/// From one line to the next.
const LEADING: f64 = 8.0;

/// Room between names, in points.
const GAP: f64 = 1.5;

const INK: Colour = Colour([0x1d, 0x26, 0x28]);
const WHITE: Colour = Colour([0xff, 0xff, 0xff]);

/// A name and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Name {
    lines: Vec<String>,
    /// The base line of the first line.
    at: [f64; 2],
    anchor: Anchor,
    /// Where the place itself is, for a town.
    dot: Option<[f64; 2]>,
    is_capital: bool,
    /// Whether it is white, for a dark region.
    is_light: bool,
}

/// A region that wants its name on the map.
pub(super) struct Wanted<'a> {
    pub(super) area: &'a Area,
    /// Empty where there is none worth reading.
    pub(super) name: &'a str,
    /// Its figure in a few signs.
    pub(super) figure: String,
    /// Whether its colour is dark.
    pub(super) is_dark: bool,
    /// Where its name is to stand, in degrees.
    pub(super) at: [f64; 2],
}

/// Boxes that are taken: left, top, right, bottom.
#[derive(Default)]
pub(super) struct Taken(Vec<[f64; 4]>);

impl Taken {
    /// Takes a box unless another is in its way.
    fn take(&mut self, [left, top, right, bottom]: [f64; 4]) -> bool {
        let is_free = self.0.iter().all(|other| {
            right + GAP < other[0]
                || other[2] + GAP < left
                || bottom + GAP < other[1]
                || other[3] + GAP < top
        });
        if is_free {
            self.0.push([left, top, right, bottom]);
        }
        is_free
    }
}

/// The names of regions, the largest first; each with its figure where it fits into its region.
/// None where there are too many to be read.
pub(super) fn regions(frame: &Frame, wanted: &[Wanted<'_>], taken: &mut Taken) -> Vec<Name> {
    if wanted.len() > MOST_REGIONS {
        return Vec::new();
    }
    let mut sized: Vec<([f64; 2], &Wanted<'_>)> = wanted
        .iter()
        .map(|wanted| {
            let [left, top, right, bottom] = frame.bounds(&wanted.area.rings);
            ([right - left, bottom - top], wanted)
        })
        .collect();
    sized.sort_by(|([a, b], one), ([c, d], other)| {
        (c * d)
            .total_cmp(&(a * b))
            .then_with(|| one.area.key.cmp(&other.area.key))
    });
    let names = sized.into_iter();
    names
        .filter_map(|(size, wanted)| region(frame, size, wanted, taken))
        .collect()
}

fn region(frame: &Frame, size: [f64; 2], wanted: &Wanted<'_>, taken: &mut Taken) -> Option<Name> {
    let [x, y] = frame.place(wanted.at[0], wanted.at[1]);
    // A name may be somewhat wider than its region, which is rarely a rectangle.
    let most = (size[0] * 1.1).max(24.0);
    let mut name = font::lines(wanted.name, SIZE, Weight::SemiBold, most);
    if name.len() > 3 || wanted.name.is_empty() {
        name.clear();
    }
    let figure = wanted.figure.clone();
    let both: Vec<String> = name.iter().cloned().chain([figure.clone()]).collect();
    for lines in [both, name, vec![figure]] {
        let widths = lines
            .iter()
            .map(|line| font::width(line, SIZE, Weight::SemiBold));
        let width = widths.fold(0.0, f64::max);
        let height = LEADING * steps(lines.len());
        if lines.is_empty() || width > most * 1.15 || height > size[1].max(LEADING) {
            continue;
        }
        let top = y - height / 2.0;
        let place = [x - width / 2.0, top, x + width / 2.0, top + height];
        let is_seen =
            frame.contains([place[0], place[1]], 2.0) && frame.contains([place[2], place[3]], 2.0);
        if is_seen && taken.take(place) {
            return Some(Name {
                lines,
                at: [x, top + SIZE * 0.95],
                anchor: Anchor::Middle,
                dot: None,
                is_capital: false,
                // What does not fit lies on its neighbours, whose colours are others.
                is_light: wanted.is_dark && width < size[0] * 0.85 && height < size[1] * 0.85,
            });
        }
    }
    None
}

/// The names of towns, `towns` being the most important first.
pub(super) fn towns(
    frame: &Frame,
    towns: &[Town],
    language: Language,
    taken: &mut Taken,
) -> Vec<Name> {
    let most = frame.size[0] * frame.size[1] / 10_000.0 * TOWNS;
    let mut names: Vec<Name> = Vec::new();
    for town in towns {
        if steps(names.len()) >= most {
            break;
        }
        let at = frame.place(town.at[0], town.at[1]);
        if !frame.contains(at, 4.0) || is_crowded(&names, at) {
            continue;
        }
        let name = match language {
            Language::German => &town.name_de,
            Language::English => &town.name,
        };
        let width = font::width(name, SIZE, Weight::Regular);
        let right = at[0] + 3.2 + width <= frame.size[0] - 2.0;
        let (left, anchor, x) = if right {
            (at[0] - 2.0, Anchor::Start, at[0] + 3.2)
        } else {
            (at[0] - 3.2 - width, Anchor::End, at[0] - 3.2)
        };
        let place = [
            left,
            at[1] - SIZE / 2.0,
            left + width + 5.2,
            at[1] + SIZE / 2.0,
        ];
        if taken.take(place) {
            names.push(Name {
                lines: vec![name.clone()],
                at: [x, at[1] + SIZE * 0.36],
                anchor,
                dot: Some(at),
                is_capital: town.is_capital,
                is_light: false,
            });
        }
    }
    names
}

/// Whether a town stands so near another one that the map would be full of them there.
fn is_crowded(names: &[Name], at: [f64; 2]) -> bool {
    const APART: f64 = 42.0;
    names.iter().filter_map(|name| name.dot).any(|dot| {
        let [x, y] = [dot[0] - at[0], dot[1] - at[1]];
        x * x + y * y < APART * APART
    })
}

/// Writes names onto a drawing.
pub(super) fn write(drawing: &mut Drawing, names: &[Name]) {
    for name in names {
        if let Some([x, y]) = name.dot {
            let radius = if name.is_capital { 1.7 } else { 1.3 };
            let [x, y, radius] = [x, y, radius].map(super::svg::Short);
            drawing.raw(format_args!(
                r##"<circle cx="{x}" cy="{y}" r="{radius}" fill="{INK}" stroke="#ffffff" stroke-width="0.6"/>"##
            ));
        }
        let last = name.lines.len() - 1;
        for (place, line) in name.lines.iter().enumerate() {
            // The figure is lighter than the name above it.
            let is_name = name.dot.is_none() && (place < last || last == 0);
            drawing.label(Label {
                text: line,
                at: [name.at[0], name.at[1] + LEADING * steps(place)],
                size: SIZE,
                weight: if is_name || name.is_capital {
                    Weight::SemiBold
                } else {
                    Weight::Regular
                },
                colour: if name.is_light { WHITE } else { INK },
                anchor: name.anchor,
                has_halo: !name.is_light,
            });
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few hundred names")]
fn steps(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_covers_another() {
        let mut taken = Taken::default();
        assert!(taken.take([0.0, 0.0, 10.0, 5.0]));
        assert!(!taken.take([9.0, 4.0, 20.0, 9.0]));
        assert!(!taken.take([11.0, 0.0, 20.0, 5.0]), "too near");
        assert!(taken.take([12.0, 0.0, 20.0, 5.0]));
    }
}
