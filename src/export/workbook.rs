//! XLSX: a sheet of rows with a fixed heading and filters, and one that says what they are.
//!
//! Rows go to a file beside the export as they come, so memory does not grow with them. Texts are
//! written as text cells, which Excel never computes.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use rust_xlsxwriter::{
    ColNum, ExcelDateTime, Format, FormatAlign, IgnoreError, RowNum, Workbook, Worksheet,
};

use super::about::About;
use super::layer::Place;
use super::value::{Column, Kind, Value};
use super::{Error, Language, Writer};
use crate::cube::rounded;

/// Signs of a cell at most, counted in UTF-16 as Excel does.
const MAX_SIGNS: usize = 32_767;

/// Rows whose texts decide on the width of the columns.
const MEASURED_ROWS: RowNum = 1_000;

/// Width of a column, in signs.
const WIDTH: std::ops::RangeInclusive<usize> = 8..=60;

/// The workbook in the making.
pub(super) struct Sheets {
    book: Workbook,
    sheet: Worksheet,
    path: PathBuf,
    columns: Vec<Column>,
    widths: Vec<usize>,
    looks: Looks,
    language: Language,
    rows: RowNum,
}

/// How numbers are shown; Excel puts the signs of the reader's language.
struct Looks {
    heading: Format,
    wrapped: Format,
    day: Format,
    whole: Format,
    milli: Format,
    share: Format,
    number: Format,
    /// By places.
    money: Vec<Format>,
}

impl Looks {
    fn new() -> Self {
        let number = |form: &str| Format::new().set_num_format(form);
        Self {
            heading: Format::new().set_bold(),
            wrapped: Format::new().set_text_wrap().set_align(FormatAlign::Top),
            // 14 is the reader's own short form of a day.
            day: Format::new().set_num_format_index(14),
            whole: number("#,##0"),
            milli: number("#,##0.###"),
            share: number("0.0%"),
            number: number("#,##0.00"),
            money: ["#,##0", "#,##0.0", "#,##0.00", "#,##0.000", "#,##0.0000"]
                .map(number)
                .to_vec(),
        }
    }

    fn of(&self, value: &Value, kind: Kind) -> &Format {
        match (value, kind) {
            (Value::Fixed(milli, _), Kind::Quantity) if milli % 1_000 != 0 => &self.milli,
            (Value::Fixed(_, digits), Kind::Money(_)) => {
                let digits = usize::try_from(*digits).unwrap_or_default();
                &self.money[digits.min(self.money.len() - 1)]
            }
            (_, Kind::Day) => &self.day,
            (_, Kind::Share) => &self.share,
            (_, Kind::Number) => &self.number,
            _ => &self.whole,
        }
    }
}

impl Sheets {
    pub(super) fn start(
        path: &Path,
        columns: &[Column],
        language: Language,
    ) -> Result<Self, Error> {
        let mut book = Workbook::new();
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            book.set_tempdir(folder)?;
        }
        let sheet = book.new_worksheet_with_constant_memory()?;
        let mut sheets = Self {
            book,
            sheet,
            path: path.to_owned(),
            columns: columns.to_vec(),
            widths: Vec::new(),
            looks: Looks::new(),
            language,
            rows: 0,
        };
        for (place, column) in (0..).zip(columns) {
            let heading = fitting(&column.heading);
            let look = &sheets.looks.heading;
            sheets
                .sheet
                .write_string_with_format(0, place, heading, look)?;
            // Room for the button of the filter too.
            sheets.widths.push(column.heading.chars().count() + 3);
        }
        Ok(sheets)
    }
}

impl Writer for Sheets {
    fn row(&mut self, row: &[Value], _place: Option<&Place>) -> Result<(), Error> {
        self.rows += 1;
        for (place, value) in row.iter().enumerate() {
            let kind = self.columns[place].kind;
            let look = self.looks.of(value, kind);
            write(&mut self.sheet, (self.rows, column(place)), value, look)?;
            if self.rows <= MEASURED_ROWS {
                self.widths[place] = self.widths[place].max(width(value));
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, about: &About) -> Result<(), Error> {
        let last = column(self.columns.len().saturating_sub(1));
        for (place, width) in (0..).zip(&self.widths) {
            let width = u32::try_from(*width.clamp(WIDTH.start(), WIDTH.end()));
            self.sheet
                .set_column_width(place, width.unwrap_or_default())?;
        }
        self.sheet.set_name(about.rows_title)?;
        self.sheet.set_freeze_panes(1, 0)?;
        self.sheet.autofilter(0, 0, self.rows, last)?;
        // Keys such as 09162 are texts, whatever Excel thinks of it.
        let is_number = IgnoreError::NumberStoredAsText;
        self.sheet
            .ignore_error_range(1, 0, self.rows.max(1), last, is_number)?;
        let Self {
            mut book,
            sheet,
            path,
            looks,
            language,
            ..
        } = *self;
        book.push_worksheet(sheet);
        let mut sheet = book.new_worksheet_with_constant_memory()?;
        sheet.set_name(about.title)?;
        sheet.set_column_width(0, 34)?;
        sheet.set_column_width(1, 90)?;
        for (row, (name, kind, value)) in (0..).zip(&about.lines) {
            sheet.write_string_with_format(row, 0, fitting(name), &looks.heading)?;
            match value {
                Value::Text(text) => {
                    let text = fitting(text);
                    sheet.write_string_with_format(row, 1, text, &looks.wrapped)?;
                }
                value => write(&mut sheet, (row, 1), value, looks.of(value, *kind))?,
            }
        }
        book.push_worksheet(sheet);
        let title = match language {
            Language::German => "Revier-Export",
            Language::English => "Export of Revier",
        };
        book.set_properties(&rust_xlsxwriter::DocProperties::new().set_title(title));
        book.save(&path)?;
        Ok(())
    }
}

fn write(
    sheet: &mut Worksheet,
    (row, column): (RowNum, ColNum),
    value: &Value,
    look: &Format,
) -> Result<(), Error> {
    match value {
        Value::None => {}
        Value::Text(text) => {
            sheet.write_string(row, column, fitting(text))?;
        }
        Value::Day(day) => match excel_day(*day) {
            Some(day) => {
                sheet.write_datetime_with_format(row, column, &day, look)?;
            }
            // Excel knows no day before 1900.
            None => {
                sheet.write_string(row, column, day.to_string())?;
            }
        },
        Value::Count(_) | Value::Fixed(..) | Value::Number(_) => {
            let number = value.number().filter(|number| number.is_finite());
            if let Some(number) = number {
                sheet.write_number_with_format(row, column, number, look)?;
            }
        }
    }
    Ok(())
}

fn excel_day(day: Date) -> Option<ExcelDateTime> {
    let year = u16::try_from(day.year())
        .ok()
        .filter(|year| *year >= 1900)?;
    let (month, day) = (
        u8::try_from(day.month()).ok()?,
        u8::try_from(day.day()).ok()?,
    );
    ExcelDateTime::from_ymd(year, month, day).ok()
}

/// `text` as far as a cell has room for it.
fn fitting(text: &str) -> String {
    if text.len() <= MAX_SIGNS {
        return text.to_owned();
    }
    let mut signs = 0;
    let mut kept = String::new();
    for sign in text.chars() {
        signs += sign.len_utf16();
        if signs > MAX_SIGNS - 1 {
            kept.push('…');
            break;
        }
        kept.push(sign);
    }
    kept
}

fn width(value: &Value) -> usize {
    match value {
        Value::None => 0,
        Value::Text(text) => text.chars().take(*WIDTH.end()).count() + 1,
        Value::Day(_) => 11,
        Value::Count(_) | Value::Fixed(..) | Value::Number(_) => {
            let whole = value.number().unwrap_or_default().abs().max(1.0).log10();
            // A third more for the signs between thousands, then sign, point and places.
            let digits = rounded(whole * 1.33) + 6;
            usize::try_from(digits).unwrap_or_default()
        }
    }
}

fn column(place: usize) -> ColNum {
    ColNum::try_from(place).unwrap_or(ColNum::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_takes_no_more_than_excel_does() {
        assert_eq!(fitting("short"), "short");
        let long = fitting(&"😀".repeat(40_000));
        assert!(long.encode_utf16().count() <= MAX_SIGNS);
        assert!(long.ends_with('…'));
    }
}
