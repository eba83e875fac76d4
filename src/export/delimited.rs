//! CSV as spreadsheets expect it: English with comma and point, German with semicolon, decimal
//! comma and the mark that tells Excel that it is UTF-8.

use std::fs::File;
use std::io::{BufWriter, Write};

use super::about::About;
use super::layer::Place;
use super::value::{Column, Kind, Value, fixed_text};
use super::{Error, Language, Writer};

/// The file in the making.
pub(super) struct Delimited {
    csv: csv::Writer<BufWriter<File>>,
    kinds: Vec<Kind>,
    language: Language,
}

impl Delimited {
    pub(super) fn start(file: File, columns: &[Column], language: Language) -> Result<Self, Error> {
        let mut file = BufWriter::new(file);
        let delimiter = match language {
            Language::German => {
                file.write_all("\u{feff}".as_bytes())?;
                b';'
            }
            Language::English => b',',
        };
        let mut csv = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(csv::Terminator::CRLF)
            .from_writer(file);
        let headings = columns.iter().map(|column| harmless(&column.heading));
        csv.write_record(headings).map_err(into_io)?;
        Ok(Self {
            csv,
            kinds: columns.iter().map(|column| column.kind).collect(),
            language,
        })
    }
}

impl Writer for Delimited {
    fn row(&mut self, row: &[Value], _place: Option<&Place>) -> Result<(), Error> {
        for (value, kind) in row.iter().zip(&self.kinds) {
            let text = text(value, *kind, self.language);
            self.csv.write_field(text).map_err(into_io)?;
        }
        self.csv.write_record(None::<&[u8]>).map_err(into_io)?;
        Ok(())
    }

    fn finish(mut self: Box<Self>, _about: &About) -> Result<(), Error> {
        Ok(self.csv.flush()?)
    }
}

fn text(value: &Value, kind: Kind, language: Language) -> String {
    let point = match language {
        Language::German => ',',
        Language::English => '.',
    };
    match (value, language) {
        (Value::None, _) => String::new(),
        (Value::Text(text), _) => harmless(text),
        (Value::Day(day), Language::English) => day.to_string(),
        (Value::Day(day), Language::German) => day.strftime("%d.%m.%Y").to_string(),
        (Value::Count(count), _) => count.to_string(),
        (Value::Fixed(value, digits), _) => {
            fixed_text(*value, *digits, point, kind == Kind::Quantity)
        }
        (Value::Number(number), Language::English) => number.to_string(),
        (Value::Number(number), Language::German) => number.to_string().replace('.', ","),
    }
}

/// `text` with `'` before it where a spreadsheet would take it for a formula.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        return format!("'{text}");
    }
    text.to_owned()
}

fn into_io(error: csv::Error) -> std::io::Error {
    std::io::Error::other(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &Value, kind: Kind, english: &str, german: &str) {
        assert_eq!(text(value, kind, Language::English), english);
        assert_eq!(text(value, kind, Language::German), german);
    }

    #[test]
    fn numbers_are_written_as_the_language_has_them() {
        check(&Value::Fixed(-500, 2), Kind::Money(2), "-5.00", "-5,00");
        check(&Value::milli(2_500), Kind::Quantity, "2.5", "2,5");
        check(&Value::Number(0.25), Kind::Share, "0.25", "0,25");
        check(
            &Value::Number(1e-9),
            Kind::Share,
            "0.000000001",
            "0,000000001",
        );
        check(&Value::Count(-1), Kind::Count, "-1", "-1");
        let day = Value::Day(jiff::civil::date(2025, 12, 24));
        check(&day, Kind::Day, "2025-12-24", "24.12.2025");
        check(&Value::None, Kind::Money(2), "", "");
    }

    #[test]
    fn texts_become_no_formulas() {
        for wicked in ["=1+1", "+49", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            let expected = format!("'{wicked}");
            check(&Value::text(wicked), Kind::Text, &expected, &expected);
        }
        check(&Value::text("a=1"), Kind::Text, "a=1", "a=1");
    }
}
