//! The strip below the map: what the colours mean, what is not shown, and how long a way is.

use super::classes::Classes;
use super::figure::number_of;
use super::font::{self, Weight};
use super::palette::Colour;
use super::plate::Plate;
use super::scene::{BORDER, Key, LAND, Map, Scene, dots, hatch};
use super::svg::{Anchor, Drawing, Label, Short};
use crate::cube::Unit;

/// How high the strip is, in points.
pub(super) const HEIGHT: f64 = 54.0;

const INK: Colour = Colour([0x1d, 0x26, 0x28]);
const QUIET: Colour = Colour([0x5d, 0x6b, 0x69]);

/// The size of the heading and of the figures.
const SIZE: f64 = 7.5;

/// A class of colour in the legend: the middle of its swatch, and its colour.
pub(super) type Swatch = ([f64; 2], Colour);

/// Draws the strip at `at`, `width` points wide.
pub(super) fn draw(
    drawing: &mut Drawing,
    at: [f64; 2],
    width: f64,
    (plate, scene, map): (&Plate, &Scene<'_>, &Map),
) -> Vec<Swatch> {
    let [x, y] = at;
    let unit = plate.unit();
    let bar = scale_bar(drawing, [x + width, y], plate, map);
    let room = width - bar - 16.0;
    let Some(classes) = &scene.key.classes else {
        text(drawing, plate.words.no_value, [x, y + 14.0], QUIET);
        return Vec::new();
    };
    let middle = classes.bounds[classes.bounds.len() / 2];
    let scale = plate.figures.scale(middle, unit);
    let name = &plate.heading().name;
    heading(
        drawing,
        name,
        &plate.figures.unit(unit, scale),
        [x, y + 9.0],
    );
    let gaps = gaps(plate, map);
    let widths = gaps
        .iter()
        .map(|(word, _)| 38.0 + font::width(word, SIZE, Weight::Regular));
    let gap: f64 = widths.sum();
    let all = (room - gap).clamp(120.0, 52.0 * steps(classes.count().max(5)));
    let top = y + 15.0;
    let swatches = if classes.is_continuous {
        gradient(drawing, &scene.key, classes, ([x, top], all))
    } else {
        swatches(drawing, &scene.key, ([x, top], all))
    };
    let written = |value: f64| plate.figures.scaled(value, unit, scale);
    bounds(drawing, classes, &written, ([x, top + 19.0], all));
    let mut left = x + all + 14.0;
    for (word, pattern) in gaps {
        hatched(drawing, (word, &pattern), [left, top]);
        left += 38.0 + font::width(word, SIZE, Weight::Regular);
    }
    if let Some(note) = not_on_map(plate, scene) {
        let most = width - 4.0;
        let line = font::lines(&note, 6.5, Weight::Regular, most);
        let line = line.first().map_or("", String::as_str);
        small(drawing, line, [x, y + HEIGHT - 8.0]);
    }
    swatches
}

fn heading(drawing: &mut Drawing, name: &str, unit: &str, at: [f64; 2]) {
    drawing.label(Label {
        text: name,
        at,
        size: SIZE,
        weight: Weight::SemiBold,
        colour: INK,
        anchor: Anchor::Start,
        has_halo: false,
    });
    if !unit.is_empty() {
        let x = at[0] + font::width(name, SIZE, Weight::SemiBold) + 4.0;
        text(drawing, unit, [x, at[1]], QUIET);
    }
}

/// How high a swatch is.
const THICK: f64 = 10.0;

fn swatches(drawing: &mut Drawing, key: &Key, ([x, y], all): ([f64; 2], f64)) -> Vec<Swatch> {
    let each = all / steps(key.colours.len());
    let mut swatches = Vec::new();
    for (place, colour) in key.colours.iter().enumerate() {
        let left = x + each * steps(place);
        drawing.rectangle([left, y], [each, THICK], &colour.to_string());
        swatches.push(([left + each / 2.0, y + THICK / 2.0], *colour));
    }
    outline(drawing, [x, y], [all, THICK]);
    swatches
}

/// Colours in so many steps look as if they had none.
const SHADES: usize = 64;

fn gradient(
    drawing: &mut Drawing,
    key: &Key,
    classes: &Classes,
    ([x, y], all): ([f64; 2], f64),
) -> Vec<Swatch> {
    let (low, high) = (classes.bounds[0], classes.bounds[classes.bounds.len() - 1]);
    let each = all / steps(SHADES);
    let mut swatches = Vec::new();
    for place in 0..SHADES {
        let value = low + (high - low) * (steps(place) + 0.5) / steps(SHADES);
        let colour = key.palette.colour_of(classes, value);
        let left = x + each * steps(place);
        // Without a seam to the next one.
        let wide = if place + 1 < SHADES { each + 0.3 } else { each };
        drawing.rectangle([left, y], [wide, THICK], &colour.to_string());
        swatches.push(([left + each / 2.0, y + THICK / 2.0], colour));
    }
    outline(drawing, [x, y], [all, THICK]);
    swatches
}

/// The bounds of the classes below them; a class of one value has it in its middle.
fn bounds(
    drawing: &mut Drawing,
    classes: &Classes,
    written: &dyn Fn(f64) -> String,
    ([x, y], all): ([f64; 2], f64),
) {
    let count = classes.bounds.len() - 1;
    let each = all / steps(count);
    let mut free_from = f64::NEG_INFINITY;
    let last = x + all;
    let end = written(classes.bounds[count]);
    let end_left = last - font::width(&end, SIZE, Weight::Regular);
    for (place, bound) in classes.bounds.iter().enumerate() {
        let label = written(*bound);
        let wide = font::width(&label, SIZE, Weight::Regular);
        // A class of one value has it in its middle.
        let inset = if classes.is_single { each / 2.0 } else { 0.0 };
        let at = x + each * steps(place) + inset;
        let (left, anchor) = if classes.is_single {
            if place == count {
                break;
            }
            (at - wide / 2.0, Anchor::Middle)
        } else if place == 0 {
            (at, Anchor::Start)
        } else if place == count {
            (at - wide, Anchor::End)
        } else {
            (at - wide / 2.0, Anchor::Middle)
        };
        let keeps_end = classes.is_single || place == count || left + wide + 4.0 <= end_left;
        let is_free = left >= free_from && keeps_end;
        if !is_free {
            continue;
        }
        free_from = left + wide + 4.0;
        drawing.label(Label {
            text: &label,
            at: [at, y],
            size: SIZE,
            weight: Weight::Regular,
            colour: INK,
            anchor,
            has_halo: false,
        });
    }
}

/// Why regions are hatched, each with its pattern.
fn gaps(plate: &Plate, map: &Map) -> Vec<(&'static str, String)> {
    let nothing = (plate.words.no_data, hatch("hatch-of-legend", 1.0));
    let few = (plate.words.few, dots("few-of-legend", 1.0));
    let found = [(map.gaps.nothing, nothing), (map.gaps.few, few)];
    found
        .into_iter()
        .filter_map(|(is_there, gap)| is_there.then_some(gap))
        .collect()
}

fn hatched(drawing: &mut Drawing, (word, pattern): (&str, &str), [x, y]: [f64; 2]) {
    drawing.raw(format_args!("<defs>{pattern}</defs>"));
    let name = pattern.split('"').nth(1).unwrap_or_default();
    drawing.rectangle([x, y], [20.0, THICK], &LAND.to_string());
    drawing.rectangle([x, y], [20.0, THICK], &format!("url(#{name})"));
    outline(drawing, [x, y], [20.0, THICK]);
    text(drawing, word, [x + 24.0, y + 8.0], INK);
}

fn outline(drawing: &mut Drawing, [x, y]: [f64; 2], [width, height]: [f64; 2]) {
    let [x, y, width, height] = [x, y, width, height].map(Short);
    drawing.raw(format_args!(
        r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="none" stroke="{BORDER}" stroke-width="0.4"/>"#
    ));
}

/// What stands in the table and not on the map.
fn not_on_map(plate: &Plate, scene: &Scene<'_>) -> Option<String> {
    let rows: Vec<_> = scene.not_placed().collect();
    if rows.is_empty() {
        return None;
    }
    let names: Vec<&str> = rows.iter().take(4).map(|row| row.name.as_str()).collect();
    let more = if rows.len() > 4 { ", …" } else { "" };
    let mut note = format!("{}: {}{more}", plate.words.not_on_map, names.join(", "));
    let is_sum = plate.heading().figure.measure.is_additive()
        && plate.heading().figure.modifier == crate::cube::Modifier::Plain;
    if is_sum && plate.unit() != Unit::Share {
        let cells = rows
            .iter()
            .filter_map(|row| number_of(&row.cells[plate.drawn]));
        let sum = plate.figures.short(cells.sum(), plate.unit());
        note = format!("{note} ({sum})");
    }
    Some(note)
}

/// A bar of a round length at the right; gives its width. Where the scale changes over the map,
/// there is only a word about the projection.
fn scale_bar(drawing: &mut Drawing, [right, y]: [f64; 2], plate: &Plate, map: &Map) -> f64 {
    const MOST: f64 = 90.0;
    let note = plate.words.equal_area;
    let mut wide = font::width(note, 6.5, Weight::Regular);
    if map.frame.has_one_scale() {
        let metres = round_below(MOST * map.frame.metres_per_point());
        let length = metres / map.frame.metres_per_point();
        wide = wide.max(length);
        let half = length / 2.0;
        let (left, top) = (right - length, y + 15.0);
        drawing.rectangle([left, top], [half, 3.0], &INK.to_string());
        drawing.rectangle([left + half, top], [half, 3.0], "#ffffff");
        outline(drawing, [left, top], [length, 3.0]);
        let ends = [
            ("0".to_owned(), left, Anchor::Start),
            (plate.figures.length(metres), right, Anchor::End),
        ];
        for (label, x, anchor) in ends {
            drawing.label(Label {
                text: &label,
                at: [x, y + 9.5],
                size: SIZE,
                weight: Weight::Regular,
                colour: INK,
                anchor,
                has_halo: false,
            });
        }
    }
    drawing.label(Label {
        text: note,
        at: [right, y + 27.0],
        size: 6.5,
        weight: Weight::Regular,
        colour: QUIET,
        anchor: Anchor::End,
        has_halo: false,
    });
    wide
}

/// The largest of 1, 2 and 5 times a power of ten that is not above `most`.
fn round_below(most: f64) -> f64 {
    let power = 10_f64.powf(most.log10().floor());
    let times = [5.0, 2.0, 1.0]
        .into_iter()
        .find(|times| times * power <= most);
    times.unwrap_or(1.0) * power
}

fn text(drawing: &mut Drawing, text: &str, at: [f64; 2], colour: Colour) {
    drawing.label(Label {
        text,
        at,
        size: SIZE,
        weight: Weight::Regular,
        colour,
        anchor: Anchor::Start,
        has_halo: false,
    });
}

fn small(drawing: &mut Drawing, text: &str, at: [f64; 2]) {
    drawing.label(Label {
        text,
        at,
        size: 6.5,
        weight: Weight::Regular,
        colour: QUIET,
        anchor: Anchor::Start,
        has_halo: false,
    });
}

#[expect(clippy::cast_precision_loss, reason = "a few swatches")]
fn steps(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_round_lengths() {
        let round = |most| format!("{:.0}", round_below(most));
        let rounded = [999.0, 1_000.0, 4_999.0, 250_000.0].map(round);
        assert_eq!(rounded, ["500", "1000", "2000", "200000"]);
    }
}
