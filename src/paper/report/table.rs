//! The table of a report: every row of the answer, its heading again on each page, and the total.

use krilla::tagging::{TableHeaderScope, Tag};

use super::super::Error;
use super::super::font::{self, Weight};
use super::super::plate::Plate;
use super::page::{Group, INK, Pages, Part, QUIET, Side, Text};
use crate::cube::{Cell, Unit};

/// The size of its text, and the least it may shrink to.
const SIZE: f64 = 8.0;
const LEAST_SIZE: f64 = 5.5;

/// Between two columns, in sizes of the text.
const GAP: f64 = 1.4;

/// From one row to the next, in sizes of the text.
const LEADING: f64 = 1.6;

/// The least width of the column of names, in sizes of the text.
const NAME: f64 = 14.0;

/// Above this the foot of a page begins.
const FOOT: f64 = 18.0;

/// What the columns are as wide as.
pub(super) struct Columns {
    size: f64,
    /// Of each figure.
    figures: Vec<f64>,
    name: f64,
    number: f64,
    wide: f64,
}

/// The rows as they are written.
struct Written<'a> {
    plate: &'a Plate,
    columns: &'a Columns,
    left: f64,
}

impl Columns {
    /// The columns of `plate` on a page of `wide` points.
    ///
    /// # Errors
    /// They must fit, if with small text.
    pub(super) fn of(plate: &Plate, wide: f64) -> Result<Self, Error> {
        let mut size = SIZE;
        loop {
            let columns = Self::at(plate, wide, size);
            if columns.name >= NAME * size {
                return Ok(columns);
            }
            if size <= LEAST_SIZE {
                return Err(Error::Look(format!(
                    "the {} figures of the question don't fit side by side: choose landscape or \
                     larger paper, or ask for fewer",
                    plate.headings.len()
                )));
            }
            size -= 0.5;
        }
    }

    fn at(plate: &Plate, wide: f64, size: f64) -> Self {
        let width = |text: &str, weight| font::width(text, size, weight);
        let figure = |place: usize| {
            let unit = plate.headings[place].figure.unit();
            let cells = plate.rows.iter().filter_map(|row| row.cells.get(place));
            let cells = cells.map(|cell| plate.figures.bare(cell, unit));
            let widest = cells
                .map(|text| width(&text, Weight::Regular))
                .fold(0.0, f64::max);
            let total = plate.figures.bare(&plate.total[place], unit);
            let heading = plate.figures.heading(&plate.headings[place].name, unit);
            let words = heading.split(' ');
            let word = words
                .map(|word| width(word, Weight::SemiBold))
                .fold(0.0, f64::max);
            widest.max(width(&total, Weight::SemiBold)).max(word)
        };
        let figures: Vec<f64> = (0..plate.headings.len()).map(figure).collect();
        let number = plate.figures.count(plate.rows.len());
        let number = width(&number, Weight::Regular).max(width(plate.words.rank, Weight::SemiBold));
        let gaps = GAP * size * f64::from(u32::try_from(figures.len() + 1).unwrap_or(u32::MAX));
        let name = wide - number - gaps - figures.iter().sum::<f64>();
        Self {
            size,
            figures,
            // Figures far from their name are hard to follow.
            name: name.min(size * 32.0),
            number,
            wide,
        }
    }
}

/// Writes the table from the top of the page that was begun.
pub(super) fn write(pages: &mut Pages, plate: &Plate, columns: &Columns, top: f64) -> Group {
    let left = top;
    let written = Written {
        plate,
        columns,
        left,
    };
    let leading = columns.size * LEADING;
    let bottom = pages.high() - FOOT;
    let mut table = Group::new(Tag::Table.with_summary(Some(plate.title.clone())));
    let (head, mut y) = written.heading(pages, top);
    table.nest(head);
    let mut body = Group::new(Tag::TBody);
    for (place, row) in plate.rows.iter().enumerate() {
        if y + leading > bottom {
            pages.begin();
            y = written.repeated(pages, top);
        }
        y += leading;
        let number = plate.figures.count(place + 1);
        let cells = (number.as_str(), row.name.as_str(), row.cells.as_slice());
        body.nest(written.row(pages, cells, y, Weight::Regular));
        pages.line(
            [left, y + leading * 0.3],
            [left + columns.used(), y + leading * 0.3],
            0.25,
        );
    }
    if y + leading * 1.3 > bottom {
        pages.begin();
        y = written.repeated(pages, top);
    }
    y += leading * 1.15;
    pages.line(
        [left, y - leading * 0.85],
        [left + columns.used(), y - leading * 0.85],
        0.8,
    );
    let cells = ("", plate.words.total, plate.total.as_slice());
    body.nest(written.row(pages, cells, y, Weight::SemiBold));
    table.nest(body);
    table
}

impl Columns {
    /// How wide all of them are.
    fn used(&self) -> f64 {
        let gaps = u32::try_from(self.figures.len() + 1).unwrap_or(u32::MAX);
        let used = self.number + self.name + self.figures.iter().sum::<f64>();
        (used + GAP * self.size * f64::from(gaps)).min(self.wide)
    }
}

impl Written<'_> {
    /// The text of a cell; `column` is 0 for the number, 1 for the name, then the figures.
    fn cell(&self, column: usize, text: &str, y: f64, weight: Weight) -> Text {
        let columns = self.columns;
        let gap = GAP * columns.size;
        let begin = self.left + columns.number + gap;
        let (x, side) = match column {
            0 => (self.left + columns.number, Side::Right),
            1 => (begin, Side::Left),
            figure => {
                let before = columns.figures[..figure - 1].iter().map(|wide| wide + gap);
                (begin + columns.name + before.sum::<f64>(), Side::Right)
            }
        };
        Text {
            words: text.to_owned(),
            at: [x, y],
            size: columns.size,
            weight,
            colour: if column == 0 { QUIET } else { INK },
            side,
        }
    }

    /// The headings with their lines, each set at the bottom; gives where the rows begin.
    fn headings(&self, top: f64) -> (Vec<Vec<Text>>, f64) {
        let plate = self.plate;
        let names = plate
            .headings
            .iter()
            .map(|heading| plate.figures.heading(&heading.name, heading.figure.unit()));
        let first = [plate.words.rank.to_owned(), plate.level.clone()];
        let names = first.into_iter().chain(names);
        let size = self.columns.size;
        let broken: Vec<Vec<String>> = names
            .enumerate()
            .map(|(column, name)| {
                let most = match column {
                    0 => self.columns.number,
                    1 => self.columns.name,
                    figure => self.columns.figures[figure - 2],
                };
                font::lines(&name, size, Weight::SemiBold, most + 0.1)
            })
            .collect();
        let step = size * 1.25;
        let most = broken.iter().map(Vec::len).max().unwrap_or(1);
        let last = top + step * steps(most);
        let lines = broken.into_iter().enumerate().map(|(column, lines)| {
            let first = last - step * steps(lines.len() - 1);
            let line = |(place, text): (usize, &String)| {
                self.cell(column, text, first + step * steps(place), Weight::SemiBold)
            };
            lines.iter().enumerate().map(line).collect()
        });
        (lines.collect(), last + size * 0.3)
    }

    /// The heading at its first place.
    fn heading(&self, pages: &mut Pages, top: f64) -> (Group, f64) {
        let (cells, y) = self.headings(top);
        let mut row = Group::new(Tag::TR);
        for lines in cells {
            let mut cell = Group::new(Tag::TH(TableHeaderScope::Column));
            for line in lines {
                cell.hold(pages.text(line));
            }
            row.nest(cell);
        }
        self.rule(pages, y);
        let mut head = Group::new(Tag::THead);
        head.nest(row);
        (head, y)
    }

    /// The heading again, on a further page.
    fn repeated(&self, pages: &mut Pages, top: f64) -> f64 {
        let (cells, y) = self.headings(top);
        for line in cells.into_iter().flatten() {
            pages.ornament(line);
        }
        self.rule(pages, y);
        y
    }

    fn rule(&self, pages: &mut Pages, y: f64) {
        pages.line(
            [self.left, y + 1.0],
            [self.left + self.columns.used(), y + 1.0],
            0.8,
        );
    }

    fn row(
        &self,
        pages: &mut Pages,
        (number, name, cells): (&str, &str, &[Cell]),
        y: f64,
        weight: Weight,
    ) -> Group {
        let mut row = Group::new(Tag::TR);
        let data = |part: Part| {
            let mut cell = Group::new(Tag::TD);
            cell.hold(part);
            cell
        };
        if number.is_empty() {
            row.nest(Group::new(Tag::TD));
        } else {
            row.nest(data(pages.text(self.cell(0, number, y, Weight::Regular))));
        }
        let name = super::fitted(name, (self.columns.size, weight), self.columns.name);
        let mut head = Group::new(Tag::TH(TableHeaderScope::Row));
        head.hold(pages.text(self.cell(1, &name, y, weight)));
        row.nest(head);
        for (place, cell) in cells.iter().enumerate() {
            let unit = self
                .plate
                .headings
                .get(place)
                .map_or(Unit::Count, |heading| heading.figure.unit());
            let figure = self.plate.figures.bare(cell, unit);
            row.nest(data(pages.text(self.cell(place + 2, &figure, y, weight))));
        }
        row
    }
}

fn steps(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
