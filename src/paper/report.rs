//! A report: title, question, key figures, the map, and a table of every row. PDF 1.7, tagged as
//! PDF/UA-1 asks for, so that a screen reader finds the same facts.

mod page;
mod table;

use std::num::NonZeroU16;

use krilla::destination::XyzDestination;
use krilla::geom::{Point, Rect, Size};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::tagging::{BBox, Tag};

use self::page::{Group, INK, Pages, QUIET, Side, Text};
use super::font::{self, Weight};
use super::plate::{Heading, Plate};
use super::svg::Drawing;
use super::{
    Error, Language, Look, Orientation, figure::number_of, legend, picture, png, scene::Scene,
};
use crate::cube::{Cell, Compare, Modifier, Unit};
use crate::reference::CREDITS;

/// Free on each side of a page, in points.
const MARGIN: f64 = 36.0;

/// Above this the foot of a page begins.
const FOOT: f64 = 34.0;

const TITLE: f64 = 18.0;
const ABOUT: f64 = 9.0;

/// Key figures side by side at most.
const MOST_CARDS: usize = 5;

/// The PDF of `plate`.
///
/// # Errors
/// A row must have an area, and the table must fit the width of the paper.
pub(super) fn of(plate: &Plate, look: &Look) -> Result<Vec<u8>, Error> {
    let scene = Scene::of(plate, look)?;
    let (mut pages, columns) = paper(plate, look, scene.extent())?;
    pages.begin();
    let mut groups = Vec::new();
    let y = title(&mut pages, &mut groups, plate);
    let y = key_figures(&mut pages, &mut groups, plate, y);
    map(&mut pages, &mut groups, (plate, &scene, look), y)?;
    pages.begin();
    let table_page = pages.count() - 1;
    groups.push(table::write(&mut pages, plate, &columns, MARGIN));
    let foot = format!("Revier · {}", plate.made.join(" · "));
    pages.number(&foot, (plate.words.page, plate.words.of));
    let mut outline = Outline::new();
    for (name, at) in [(plate.words.map, 0), (plate.words.table, table_page)] {
        let top = XyzDestination::new(at, Point::from_xy(0.0, 0.0));
        outline.push_child(OutlineNode::new(name.to_owned(), top));
    }
    pages.finish(groups, code(look), (outline, metadata(plate, look)))
}

/// Pages as they are held, across where the table needs it and nothing else is wanted.
fn paper(plate: &Plate, look: &Look, extent: [f64; 2]) -> Result<(Pages, table::Columns), Error> {
    let [width, height] = picture::held(look, extent);
    let upright = Pages::new([width, height], MARGIN);
    match table::Columns::of(plate, upright.wide()) {
        Err(_) if look.orientation == Orientation::Auto && width < height => {
            let across = Pages::new([height, width], MARGIN);
            let columns = table::Columns::of(plate, across.wide())?;
            Ok((across, columns))
        }
        columns => Ok((upright, columns?)),
    }
}

fn code(look: &Look) -> &'static str {
    match look.language {
        Language::German => "de",
        Language::English => "en",
    }
}

fn metadata(plate: &Plate, look: &Look) -> Metadata {
    let about = plate
        .about
        .iter()
        .map(|(heading, text)| format!("{heading}: {text}"));
    let about: Vec<String> = about.collect();
    let [year, month, day] = [
        plate.today.year().unsigned_abs(),
        plate.today.month().unsigned_abs().into(),
        plate.today.day().unsigned_abs().into(),
    ];
    let part = |number: u16| u8::try_from(number).unwrap_or(1);
    Metadata::new()
        .title(plate.title.clone())
        .description(about.join(" · "))
        .language(code(look).to_owned())
        .creator("Revier".to_owned())
        .creation_date(DateTime::new(year).month(part(month)).day(part(day)))
}

/// The title and the question; gives where the next thing begins.
fn title(pages: &mut Pages, groups: &mut Vec<Group>, plate: &Plate) -> f64 {
    let wide = pages.wide();
    let mut y = MARGIN;
    let mut heading = Group::new(Tag::Hn(NonZeroU16::MIN, Some(plate.title.clone())));
    for line in font::lines(&plate.title, TITLE, Weight::SemiBold, wide) {
        y += TITLE * 1.15;
        heading.hold(pages.text(Text {
            words: line,
            at: [MARGIN, y - 3.0],
            size: TITLE,
            weight: Weight::SemiBold,
            colour: INK,
            side: Side::Left,
        }));
    }
    groups.push(heading);
    for line in picture::about_lines(plate, ABOUT, wide) {
        y += ABOUT * 1.35;
        let mut paragraph = Group::new(Tag::P);
        paragraph.hold(pages.text(Text {
            words: line,
            at: [MARGIN, y],
            size: ABOUT,
            weight: Weight::Regular,
            colour: QUIET,
            side: Side::Left,
        }));
        groups.push(paragraph);
    }
    y + 12.0
}

/// A measure over all lines, with its change where the question compares.
struct Card<'a> {
    name: &'a str,
    total: String,
    change: Option<(f64, String)>,
}

fn cards(plate: &Plate) -> Vec<Card<'_>> {
    let columns: Vec<(&Heading, &Cell)> = plate.headings.iter().zip(&plate.total).collect();
    let plain = columns.iter().filter(|(heading, _)| {
        heading.figure.modifier == Modifier::Plain && heading.figure.unit() != Unit::Class
    });
    let card = |(heading, total): &(&'_ Heading, &Cell)| {
        let mut changes = columns
            .iter()
            .filter_map(|(other, cell)| match other.figure.modifier {
                Modifier::ChangePercent(compare)
                    if other.figure.measure == heading.figure.measure =>
                {
                    Some((compare, number_of(cell)?))
                }
                _ => None,
            });
        let change = changes.next_back().map(|(compare, share)| {
            let to = match compare {
                Compare::PreviousYear => plate.words.to_year,
                Compare::PreviousPeriod => plate.words.to_period,
            };
            (share, format!("{} {to}", plate.figures.change(share)))
        });
        (plate.figures.exact(total, heading.figure.unit()), change)
    };
    plain
        .take(MOST_CARDS)
        .map(|column| {
            let (total, change) = card(column);
            Card {
                name: &column.0.name,
                total,
                change,
            }
        })
        .collect()
}

/// The key figures side by side; gives where the next thing begins.
fn key_figures(pages: &mut Pages, groups: &mut Vec<Group>, plate: &Plate, y: f64) -> f64 {
    const BIG: f64 = 14.0;
    const SMALL: f64 = 8.0;
    let cards = cards(plate);
    if cards.is_empty() {
        return y;
    }
    let count = f64::from(u32::try_from(cards.len()).unwrap_or(1));
    let each = (pages.wide() / count).min(190.0);
    // All alike, so that the widest fits.
    let widest = cards
        .iter()
        .map(|card| font::width(&card.total, BIG, Weight::SemiBold));
    let widest = widest.fold(0.0, f64::max);
    let big = BIG * ((each - 14.0) / widest).min(1.0);
    pages.line([MARGIN, y], [MARGIN + pages.wide(), y], 0.5);
    let has_change = cards.iter().any(|card| card.change.is_some());
    for (place, card) in (0_u32..).zip(&cards) {
        let x = MARGIN + each * f64::from(place);
        let mut group = Group::new(Tag::P);
        let name = fitted(card.name, (SMALL, Weight::Regular), each - 10.0);
        let mut lines = vec![
            (name, SMALL, Weight::Regular, QUIET, y + 13.0),
            (card.total.clone(), big, Weight::SemiBold, INK, y + 30.0),
        ];
        if let Some((share, text)) = &card.change {
            let colour = if *share < 0.0 { page::DOWN } else { page::UP };
            lines.push((text.clone(), SMALL, Weight::Regular, colour, y + 41.0));
        }
        for (text, size, weight, colour, y) in lines {
            group.hold(pages.text(Text {
                words: text,
                at: [x, y],
                size,
                weight,
                colour,
                side: Side::Left,
            }));
        }
        groups.push(group);
    }
    y + if has_change { 50.0 } else { 38.0 }
}

/// `text` as far as it fits.
fn fitted(text: &str, (size, weight): (f64, Weight), most: f64) -> String {
    let mut text = text.to_owned();
    if font::width(&text, size, weight) <= most {
        return text;
    }
    while !text.is_empty() && font::width(&text, size, weight) > most - size {
        text.pop();
    }
    format!("{}…", text.trim_end())
}

/// The map with its legend and credits, from `y` to the foot of the page.
fn map(
    pages: &mut Pages,
    groups: &mut Vec<Group>,
    (plate, scene, look): (&Plate, &Scene<'_>, &Look),
    y: f64,
) -> Result<(), Error> {
    let wide = pages.wide();
    let credits = format!("{}: {}", plate.words.credits, CREDITS.join(" · "));
    let credits = font::lines(&credits, 6.0, Weight::Regular, wide);
    let credit_height = 8.0 * f64::from(u32::try_from(credits.len()).unwrap_or(0));
    let high = pages.high() - FOOT - credit_height - y - 4.0;
    if high < legend::HEIGHT + 80.0 {
        return Err(Error::Look(
            "title and filters leave no room for the map: choose larger paper or a shorter title"
                .to_owned(),
        ));
    }
    let mut drawing = Drawing::default();
    let map_high = high - legend::HEIGHT - 6.0;
    let map = scene.draw(&mut drawing, [0.0, 0.0], [wide, map_high], look.language)?;
    legend::draw(
        &mut drawing,
        [0.0, map_high + 6.0],
        wide,
        (plate, scene, &map),
    );
    let svg = drawing.finish([wide, high], &plate.title, "");
    let drawn = png::tree(&svg)?;
    let (area, size) = area([MARGIN, y], [wide, high])?;
    let figure = Tag::Figure(Some(alternative(plate, scene)));
    let figure = figure.with_bbox(Some(BBox::new(pages.count() - 1, area)));
    let mut group = Group::new(figure);
    group.hold(pages.drawing(drawn, [MARGIN, y], size));
    groups.push(group);
    let mut paragraph = Group::new(Tag::P);
    for (place, line) in (1_u32..).zip(&credits) {
        paragraph.hold(pages.text(Text {
            words: line.clone(),
            at: [MARGIN, y + high + 8.0 * f64::from(place) - 1.0],
            size: 6.0,
            weight: Weight::Regular,
            colour: QUIET,
            side: Side::Left,
        }));
    }
    groups.push(paragraph);
    Ok(())
}

/// A rectangle as the writer takes it, and its size.
fn area([x, y]: [f64; 2], [wide, high]: [f64; 2]) -> Result<(Rect, Size), Error> {
    let [left, top, width, height] = [x, y, wide, high].map(page::short);
    let area = Rect::from_xywh(left, top, width, height);
    area.zip(Size::from_wh(width, height))
        .ok_or_else(|| Error::Encoding("the map has no area".to_owned()))
}

/// What the map shows, for those who do not see it.
fn alternative(plate: &Plate, scene: &Scene<'_>) -> String {
    let mut text = format!("{}: {}.", plate.words.map, plate.title);
    if let Some(classes) = &scene.key.classes {
        let written = |value: f64| plate.figures.short(value, plate.unit());
        let ends = classes.bounds.windows(2).zip(&classes.counts);
        let classes: Vec<String> = ends
            .map(|(ends, count)| {
                let (from, to) = (written(ends[0]), written(ends[1]));
                format!("{from} – {to}: {}", plate.figures.count(*count))
            })
            .collect();
        let classes = classes.join("; ");
        text = format!("{text} {}: {classes}.", plate.words.classes);
    }
    text
}
