//! Delimited text: which sign cuts it, and its rows with true line numbers.

use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use csv::{Reader, ReaderBuilder, StringRecord, Terminator};

use super::MAX_ROW_BYTES;
use super::encoding::{Encoding, Text, detect};
use super::error::Error;
use super::quote::swallows;
use super::table::{Headed, Row};

const SAMPLE_BYTES: u64 = 256 * 1024;
const BUFFER_BYTES: usize = 64 * 1024;
/// The most text that is read again after marks that are not closed, beyond the size of the text:
/// each of them may lead up to a megabyte astray.
const MAX_REREAD_BYTES: u64 = 64 << 20;

/// A delimited text file.
pub(super) struct Delimited {
    /// The sign between cells.
    pub delimiter: u8,
    encoding: Encoding,
    /// Lines end in `\r` alone.
    returns: bool,
    /// The first line is `sep=;`, by which spreadsheets are told the delimiter.
    told: bool,
    path: PathBuf,
}

impl Delimited {
    /// Looks at the start of the file for its delimiter, and at all of it for its encoding.
    pub fn open(path: &Path, name: &str) -> Result<Self, Error> {
        let unreadable = |source| Error::Unreadable {
            name: name.to_owned(),
            source,
        };
        let encoding = detect(path).map_err(unreadable)?;
        let mut sample = Vec::new();
        let text = Text::open(path, encoding, false).map_err(unreadable)?;
        text.take(SAMPLE_BYTES)
            .read_to_end(&mut sample)
            .map_err(unreadable)?;
        let strange = |byte: &&u8| **byte < 0x20 && !b"\t\n\r\x0c\x1a".contains(byte);
        if sample.iter().filter(strange).count() * 100 > sample.len() || sample.contains(&0) {
            return Err(Error::NotATable {
                name: name.to_owned(),
                found: "no text",
            });
        }
        let body = &sample[..sample.len().saturating_sub(1)];
        let returns = !body.contains(&b'\n') && body.contains(&b'\r');
        if returns {
            for byte in sample.iter_mut().filter(|byte| **byte == b'\r') {
                *byte = b'\n';
            }
        }
        let told = told_delimiter(&sample);
        Ok(Self {
            delimiter: told.unwrap_or_else(|| sniff(&sample)),
            encoding,
            returns,
            told: told.is_some(),
            path: path.to_owned(),
        })
    }

    /// The format in words.
    pub fn format(&self) -> String {
        let delimiter = match self.delimiter {
            b'\t' => "tab".to_owned(),
            sign => format!("'{}'", char::from(sign)),
        };
        format!("CSV; delimiter {delimiter}, {}", self.encoding)
    }

    /// Gives every row, headings and all, to `take` until it breaks.
    ///
    /// Of a row below the headings whose quotation mark seems not to be closed only the first
    /// line counts as read: the next row starts on the line below.
    pub fn each(
        &self,
        name: &str,
        headed: Option<Headed>,
        take: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let text = Text::open(&self.path, self.encoding, self.returns).map_err(|source| {
            Error::Unreadable {
                name: name.to_owned(),
                source,
            }
        })?;
        let mut reader = self.reader(text);
        // Where in the text `reader` began: bytes and lines before it.
        let (mut from_byte, mut from_line) = (0, 0);
        let mut reread = 0;
        let mut row = Row::default();
        let mut skip = self.told;
        loop {
            let (start, before) = place(&reader, from_byte, from_line);
            match reader.read_record(&mut row.cells) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => return Err(broken(error, reader.get_ref(), before, name)),
            }
            let (end, next_line) = place(&reader, from_byte, from_line);
            let inner = memchr::memchr_iter(b'\n', row.cells.as_slice().as_bytes()).count() as u64;
            row.last_line = next_line - 1;
            row.line = row.last_line.saturating_sub(inner).max(before);
            row.open_quote = false;
            row.torn.clear();
            let mut first_line_end = end;
            if inner > 0 {
                let raw = reader.get_ref().between(start, end);
                let blank = raw.iter().take_while(|byte| **byte == b'\n').count();
                let raw = &raw[blank..];
                row.line = before + blank as u64;
                row.open_quote = self.is_open(&row, raw, inner, headed);
                let first = memchr::memchr(b'\n', raw).map_or(raw.len(), |at| at + 1);
                if row.open_quote && headed.is_some() {
                    row.torn = self.torn(&raw[..first]);
                }
                first_line_end = start + (blank + first) as u64;
            }
            let text = reader.get_mut();
            row.bytes_done = text.bytes_done;
            if row.open_quote && headed.is_some() {
                reread += end - first_line_end;
                if reread > MAX_REREAD_BYTES + end {
                    return Err(Error::OpenQuote {
                        name: name.to_owned(),
                        line: row.line,
                    });
                }
                (from_byte, from_line) = (first_line_end, row.line);
                let mut text = reader.into_inner();
                text.restart(first_line_end);
                reader = self.reader(text);
            } else {
                text.start_row(end);
            }
            if std::mem::take(&mut skip) {
                continue;
            }
            if take(&row).is_break() {
                return Ok(());
            }
        }
    }

    fn reader(&self, text: Text) -> Reader<Text> {
        // Only `\n` ends a row here, so that the line count after each row is exact; a `\r` before
        // it is white space that `Row::cell` trims.
        ReaderBuilder::new()
            .delimiter(self.delimiter)
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(text)
    }

    /// The cells of `line` when quotation marks mean nothing.
    fn torn(&self, line: &[u8]) -> StringRecord {
        let mut reader = ReaderBuilder::new()
            .delimiter(self.delimiter)
            .has_headers(false)
            .quoting(false)
            .from_reader(line);
        let cells = reader.records().next().and_then(Result::ok);
        cells.unwrap_or_default()
    }

    /// Whether a quotation mark of `row`, which stands in the file as `raw` and has `inner` line
    /// ends within its cells, seems not to be closed. Before the headings are known, a row counts
    /// as wide as it is.
    fn is_open(&self, row: &Row, raw: &[u8], inner: u64, headed: Option<Headed>) -> bool {
        let columns = match headed {
            Some(headed) if row.line <= headed.line => return false,
            Some(headed) => headed.columns,
            None => row.cells.len(),
        };
        // A row that is closed has a line end behind it.
        let to_the_end = memchr::memchr_iter(b'\n', raw).count() as u64 == inner;
        let wrong_width = row.cells.len() < columns || row.width() > columns;
        to_the_end || wrong_width || swallows(raw, self.delimiter, columns)
    }
}

/// Where `reader` stands in the text: the byte, and the line from 1.
fn place(reader: &Reader<Text>, from_byte: u64, from_line: u64) -> (u64, u64) {
    let position = reader.position();
    (from_byte + position.byte(), from_line + position.line())
}

fn broken(error: csv::Error, text: &Text, line: u64, name: &str) -> Error {
    if text.too_long {
        return Error::RowTooLong {
            name: name.to_owned(),
            line,
            limit: MAX_ROW_BYTES,
        };
    }
    Error::Unreadable {
        name: name.to_owned(),
        source: error.into(),
    }
}

/// The delimiter that a first line such as `sep=;` tells.
fn told_delimiter(sample: &[u8]) -> Option<u8> {
    let line = sample.split(|byte| *byte == b'\n').next()?.trim_ascii_end();
    match line {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', sign] if sign.is_ascii_punctuation() => {
            Some(*sign)
        }
        _ if sample.starts_with(b"sep=\t") => Some(b'\t'),
        _ => None,
    }
}

/// The delimiter under which most rows of `sample` have the same number of cells, more cells
/// counting more; a comma when none cuts at all.
fn sniff(sample: &[u8]) -> u8 {
    const ROWS: usize = 200;
    let mut best = (0, b',');
    for delimiter in *b";\t,|" {
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(sample);
        let widths: Vec<usize> = reader
            .into_byte_records()
            .map_while(Result::ok)
            .take(ROWS)
            .map(|record| record.len())
            .collect();
        let score = widths
            .iter()
            .filter(|width| **width > 1)
            .map(|width| {
                let same = widths.iter().filter(|other| *other == width).count();
                same * same * (width - 1)
            })
            .max()
            .unwrap_or_default();
        if score > best.0 {
            best = (score, delimiter);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content: &str, format: &str, expected: &[(u64, &str)]) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        let delimited = Delimited::open(file.path(), "a.csv").unwrap();
        assert_eq!(delimited.format(), format);
        let mut rows = Vec::new();
        let read = delimited.each("a.csv", None, &mut |row| {
            if !row.is_blank() {
                let cells = (0..row.cells.len()).map(|column| row.cell(column).text);
                rows.push((row.line, cells.collect::<Vec<_>>().join("|")));
            }
            ControlFlow::Continue(())
        });
        read.unwrap();
        let rows: Vec<(u64, &str)> = rows.iter().map(|(line, row)| (*line, &**row)).collect();
        assert_eq!(rows, expected);
    }

    #[test]
    fn rows_come_with_their_lines() {
        let semicolon = "CSV; delimiter ';', UTF-8";
        check(
            "a;b\n1;2\n3;4",
            semicolon,
            &[(1, "a|b"), (2, "1|2"), (3, "3|4")],
        );
        check(
            "a;b\r\n1;\r\n\r\n3;4\r\n",
            semicolon,
            &[(1, "a|b"), (2, "1|"), (4, "3|4")],
        );
        check("\n\na;b\n\n\n1;2\n", semicolon, &[(3, "a|b"), (6, "1|2")]);
        check("a;b\r1;2\r", semicolon, &[(1, "a|b"), (2, "1|2")]);
        check(
            "a;b\n\"x\ny\";2\n\n\"3\r\n\";\"4\n\n\"\n5;6\n",
            semicolon,
            &[(1, "a|b"), (2, "x\ny|2"), (5, "3|4"), (9, "5|6")],
        );
    }

    #[test]
    fn delimiters_are_found() {
        check(
            "a,b\n\"1;2\",3\n",
            "CSV; delimiter ',', UTF-8",
            &[(1, "a|b"), (2, "1;2|3")],
        );
        check(
            "a\tb,c\n1\t2,3\n",
            "CSV; delimiter tab, UTF-8",
            &[(1, "a|b,c"), (2, "1|2,3")],
        );
        check(
            "a|b\n1|2\n",
            "CSV; delimiter '|', UTF-8",
            &[(1, "a|b"), (2, "1|2")],
        );
        check(
            "sep=;\r\na;b,c,d\r\n",
            "CSV; delimiter ';', UTF-8",
            &[(2, "a|b,c,d")],
        );
        check(
            "a;b\n1,5;2,5\n3,5;4,5\n",
            "CSV; delimiter ';', UTF-8",
            &[(1, "a|b"), (2, "1,5|2,5"), (3, "3,5|4,5")],
        );
        check(
            "only\n1\n",
            "CSV; delimiter ',', UTF-8",
            &[(1, "only"), (2, "1")],
        );
    }
}
