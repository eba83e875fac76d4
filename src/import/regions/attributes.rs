//! The attributes of a shapefile, a table in dBASE format.
//!
//! Layout by the dBASE III table file format: 32 bytes of header, 32 bytes a field, rows of
//! fixed width.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// The most fields that are looked at.
const MAX_FIELDS: usize = 2_048;

/// A table of attributes.
#[derive(Debug)]
pub(super) struct Attributes<'a> {
    /// The names of its fields.
    pub headings: Vec<String>,
    fields: Vec<Field>,
    rows: &'a [u8],
    row_bytes: usize,
    encoding: &'static Encoding,
}

#[derive(Debug)]
struct Field {
    kind: u8,
    at: usize,
    length: usize,
}

impl<'a> Attributes<'a> {
    /// The table in `dbf`. Text is written as `cpg` says, else in UTF-8 when all of it is valid
    /// UTF-8, else in Windows-1252.
    ///
    /// # Errors
    /// Header and fields must be whole; else the byte and what is wrong there.
    pub fn open(dbf: &'a [u8], cpg: &[u8]) -> Result<Self, (usize, String)> {
        let short = || (dbf.len(), "the table has no whole header".to_owned());
        let number = |at: usize| {
            let pair = dbf.get(at..)?.first_chunk::<2>()?;
            Some(usize::from(u16::from_le_bytes(*pair)))
        };
        let header_bytes = number(8).ok_or_else(short)?;
        let row_bytes = number(10).filter(|bytes| *bytes > 0).ok_or_else(short)?;
        let rows = dbf.get(header_bytes..).ok_or_else(short)?;
        let (mut headings, mut fields, mut at) = (Vec::new(), Vec::new(), 1);
        let descriptors = dbf.get(32..header_bytes).unwrap_or_default();
        for entry in descriptors.as_chunks::<32>().0.iter().take(MAX_FIELDS) {
            if entry[0] == 0x0d {
                break;
            }
            let length = usize::from(entry[16]);
            let end = entry[..11].iter().position(|byte| *byte == 0);
            headings.push(&entry[..end.unwrap_or(11)]);
            fields.push(Field {
                kind: entry[11],
                at,
                length,
            });
            at += length;
        }
        if at > row_bytes {
            let detail = format!("the fields have {at} bytes, a row {row_bytes}");
            return Err((32, detail));
        }
        let encoding = named(cpg).unwrap_or_else(|| {
            let is_utf_8 = |bytes| std::str::from_utf8(bytes).is_ok();
            let all = headings.iter().all(|heading| is_utf_8(heading));
            // Fields cut at their width may end within a sign, so each is seen by itself.
            let rows = rows.chunks_exact(row_bytes);
            if all
                && rows
                    .flat_map(|row| texts(&fields, row))
                    .all(is_nearly_utf_8)
            {
                UTF_8
            } else {
                WINDOWS_1252
            }
        });
        let headings = headings.iter().map(|heading| {
            let (text, _) = encoding.decode_without_bom_handling(heading);
            text.trim().to_owned()
        });
        Ok(Self {
            headings: headings.collect(),
            fields,
            rows,
            row_bytes,
            encoding,
        })
    }

    /// Whether row `row`, the first being 0, is marked as deleted.
    pub fn is_deleted(&self, row: usize) -> bool {
        self.bytes(row).first() == Some(&b'*')
    }

    /// The values of row `row` in the order of the headings; empty beyond the end.
    pub fn row(&self, row: usize) -> impl Iterator<Item = String> {
        let row = self.bytes(row);
        self.fields.iter().map(|field| {
            let bytes = row.get(field.at..field.at + field.length);
            let bytes = bytes.unwrap_or_default();
            let (text, _) = self.encoding.decode_without_bom_handling(bytes);
            let text = text.trim_matches([' ', '\0', '\u{fffd}', '\t']);
            match field.kind {
                // A number that another program wrote with decimals, such as `9162.000`.
                b'N' | b'F' if text.contains('.') => {
                    let whole = text.trim_end_matches('0').trim_end_matches('.');
                    whole.to_owned()
                }
                b'N' | b'F' if text.starts_with('*') => String::new(),
                _ => text.to_owned(),
            }
        })
    }

    fn bytes(&self, row: usize) -> &[u8] {
        let start = row.checked_mul(self.row_bytes);
        let row = start.and_then(|start| self.rows.get(start..)?.get(..self.row_bytes));
        row.unwrap_or_default()
    }
}

/// The fields of text in `row`.
fn texts<'a>(fields: &'a [Field], row: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let texts = fields.iter().filter(|field| field.kind == b'C');
    texts.filter_map(|field| row.get(field.at..field.at + field.length))
}

/// Whether `bytes` are UTF-8, but for a sign that the end of the field has cut.
fn is_nearly_utf_8(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

/// The encoding that a `.cpg` names, such as `UTF-8`, `1252` or `ISO 8859-1`.
fn named(cpg: &[u8]) -> Option<&'static Encoding> {
    let text = String::from_utf8_lossy(cpg.get(..64).unwrap_or(cpg)).to_lowercase();
    let word = text.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let word = word.strip_prefix("ansi").unwrap_or(word).trim();
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    match digits.as_str() {
        "65001" => return Some(UTF_8),
        "125" | "" => {}
        "1250" | "1251" | "1252" | "1253" | "1254" | "1257" => {
            return Encoding::for_label(format!("windows-{digits}").as_bytes());
        }
        digits if digits.starts_with("8859") => {
            let part = &digits[4..];
            return Encoding::for_label(format!("iso-8859-{part}").as_bytes());
        }
        _ => {}
    }
    Encoding::for_label(word.as_bytes())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A table of text fields of 12 bytes.
    pub(in crate::import::regions) fn table(headings: &[&str], rows: &[&[&[u8]]]) -> Vec<u8> {
        let header = 32 + 32 * headings.len() + 1;
        let row_bytes = 1 + 12 * headings.len();
        let mut dbf = vec![0; 32];
        dbf[0] = 3;
        dbf[4..8].copy_from_slice(&u32::try_from(rows.len()).unwrap().to_le_bytes());
        dbf[8..10].copy_from_slice(&u16::try_from(header).unwrap().to_le_bytes());
        dbf[10..12].copy_from_slice(&u16::try_from(row_bytes).unwrap().to_le_bytes());
        for heading in headings {
            let mut entry = [0; 32];
            entry[..heading.len()].copy_from_slice(heading.as_bytes());
            entry[11] = b'C';
            entry[16] = 12;
            dbf.extend(entry);
        }
        dbf.push(0x0d);
        for row in rows {
            dbf.push(b' ');
            for cell in *row {
                let mut padded = [b' '; 12];
                padded[..cell.len()].copy_from_slice(cell);
                dbf.extend(padded);
            }
        }
        dbf
    }

    #[track_caller]
    fn check(name: &[u8], cpg: &[u8], expected: &str) {
        let dbf = table(&["KEY", "NAME"], &[&[b"1", name]]);
        let attributes = Attributes::open(&dbf, cpg).unwrap();
        assert_eq!(attributes.headings, ["KEY", "NAME"]);
        let row: Vec<String> = attributes.row(0).collect();
        assert_eq!(row, ["1", expected]);
        assert!(attributes.row(1).all(|text| text.is_empty()));
    }

    #[test]
    fn encodings_are_named_or_guessed() {
        check("Köln".as_bytes(), b"", "Köln");
        check(b"K\xf6ln", b"", "Köln");
        check(b"K\xf6ln", b"ANSI 1252", "Köln");
        check(b"K\xf6ln", b"ISO 8859-1\r\n", "Köln");
        check(b"K\xf6ln", b"88591", "Köln");
        check("Köln".as_bytes(), b"65001", "Köln");
        check("Köln".as_bytes(), b"UTF-8\n", "Köln");
        check(b"K\xf6ln", b"?", "Köln");
        // Cut in the middle of its last sign.
        check(b"Muehlenb\xc3\xbcr\xc3", b"", "Muehlenbür");
    }

    #[test]
    fn tables_that_lie_are_refused() {
        let dbf = table(&["KEY"], &[]);
        assert!(Attributes::open(&dbf[..9], b"").is_err());
        let mut wide = dbf.clone();
        wide[10..12].copy_from_slice(&5_u16.to_le_bytes());
        assert!(Attributes::open(&wide, b"").is_err());
        let mut far = dbf;
        far[8..10].copy_from_slice(&u16::MAX.to_le_bytes());
        assert!(Attributes::open(&far, b"").is_err());
    }
}
