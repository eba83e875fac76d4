//! Workbooks of several sheets.

use std::fmt::Write as _;

use super::super::*;

/// An archive of `parts` as they are, after APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and
/// 4.3.16.
fn archive(parts: &[(String, String)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in parts {
        let mut sum = flate2::Crc::new();
        sum.update(content.as_bytes());
        let [at, size, name_size] =
            [bytes.len(), content.len(), name.len()].map(|size| u32::try_from(size).unwrap());
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        for number in [sum.sum(), size, size, name_size] {
            common.extend(number.to_le_bytes());
        }
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(name.bytes().chain(content.bytes()));
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(common);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.bytes());
    }
    let count = u16::try_from(parts.len()).unwrap().to_le_bytes();
    let [size, at] =
        [directory.len(), bytes.len()].map(|size| u32::try_from(size).unwrap().to_le_bytes());
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count, count].concat());
    bytes.extend([size, at].concat());
    bytes.extend([0; 2]);
    bytes
}

/// A sheet is written as `name: cell, cell / cell, cell`.
fn rows_of(sheet: &str) -> (&str, Vec<Vec<&str>>) {
    let (name, rows) = sheet.split_once(':').unwrap();
    let rows = rows.split('/').filter(|row| !row.trim().is_empty());
    let rows = rows.map(|row| row.split(',').map(str::trim).collect());
    (name, rows.collect())
}

fn xlsx(sheets: &[&str]) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    const TO: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let (mut listed, mut related, mut parts) = (String::new(), String::new(), Vec::new());
    for (index, sheet) in sheets.iter().enumerate() {
        let (name, rows) = rows_of(sheet);
        let id = index + 1;
        write!(
            listed,
            r#"<sheet name="{name}" sheetId="{id}" r:id="r{id}"/>"#
        )
        .unwrap();
        write!(
            related,
            r#"<Relationship Id="r{id}" Type="{TO}/worksheet" Target="worksheets/sheet{id}.xml"/>"#
        )
        .unwrap();
        let mut data = String::new();
        for (row, cells) in (1..).zip(rows) {
            write!(data, r#"<row r="{row}">"#).unwrap();
            for (column, cell) in ('A'..).zip(cells) {
                write!(
                    data,
                    r#"<c r="{column}{row}" t="inlineStr"><is><t>{cell}</t></is></c>"#
                )
                .unwrap();
            }
            data.push_str("</row>");
        }
        parts.push((
            format!("xl/worksheets/sheet{id}.xml"),
            format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData></worksheet>"#),
        ));
    }
    parts.push((
        "xl/workbook.xml".to_owned(),
        format!(r#"<workbook xmlns="{MAIN}" xmlns:r="{TO}"><sheets>{listed}</sheets></workbook>"#),
    ));
    parts.push((
        "xl/_rels/workbook.xml.rels".to_owned(),
        format!(r#"<Relationships xmlns="{PACKAGE}">{related}</Relationships>"#),
    ));
    parts.push((
            "_rels/.rels".to_owned(),
            format!(r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{TO}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#),
        ));
    archive(&parts)
}

fn ods(sheets: &[&str]) -> Vec<u8> {
    const NAMES: &str = "urn:oasis:names:tc:opendocument:xmlns";
    const MIME: &str = "application/vnd.oasis.opendocument.spreadsheet";
    let mut tables = String::new();
    for sheet in sheets {
        let (name, rows) = rows_of(sheet);
        write!(tables, r#"<table:table table:name="{name}">"#).unwrap();
        for row in rows {
            tables.push_str("<table:table-row>");
            for cell in row {
                write!(tables, r#"<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>"#).unwrap();
            }
            tables.push_str("</table:table-row>");
        }
        tables.push_str("</table:table>");
    }
    let content = format!(
        r#"<office:document-content xmlns:office="{NAMES}:office:1.0" xmlns:table="{NAMES}:table:1.0" xmlns:text="{NAMES}:text:1.0"><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"#
    );
    archive(&[
        ("mimetype".to_owned(), MIME.to_owned()),
        (
            "META-INF/manifest.xml".to_owned(),
            format!(r#"<manifest:manifest xmlns:manifest="{NAMES}:manifest:1.0"/>"#),
        ),
        ("content.xml".to_owned(), content),
    ])
}

/// The format of a workbook of `sheets`, and the names of its accounts or why it has none.
#[track_caller]
fn check(sheets: &[&str], mapping: Option<&str>, expected: &str) {
    for content in [xlsx(sheets), ods(sheets)] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        let source = Source {
            path: file.path().to_owned(),
            name: "a.xlsx".to_owned(),
            mapping: mapping.map(|mapping| Mapping::parse(mapping).unwrap()),
            currency: None,
        };
        let format = preview(file.path(), "a.xlsx", Some(Kind::Accounts)).unwrap();
        let mut found = format.format.split_once(' ').unwrap().1.to_owned();
        let outcome = accounts(&source, &mut |chunk| {
            for row in chunk.rows {
                write!(found, "; {}", row.record.name).unwrap();
            }
            ControlFlow::Continue(())
        });
        if let Err(error) = outcome {
            let error = error.to_string();
            write!(found, "; {}", error.split(';').next().unwrap()).unwrap();
        }
        assert_eq!(found, expected);
    }
}

#[test]
fn the_sheet_that_fits_is_read() {
    const INFO: &str = "Info: Stand, Heute / Autor, Ich";
    const CUSTOMERS: &str = "Kunden: Kundennummer, Firma / 1, Eins";
    check(
        &[
            INFO,
            "Leer:",
            CUSTOMERS,
            "Alt: Kundennummer, Firma / 2, Zwei",
        ],
        None,
        "sheet 'Kunden', not read: 'Info', 'Alt'; Eins",
    );
    check(
        &["Leer:", CUSTOMERS, "Leer 2:"],
        None,
        "sheet 'Kunden'; Eins",
    );
    check(
        &[INFO, "Rest: a, b"],
        None,
        "sheet 'Info', not read: 'Rest'; a.xlsx (sheet 'Info') has no column for key: its headings are \"Stand\", \"Heute\"",
    );
    // The preview knows of no mapping; the import finds the sheet that has its headings.
    check(
        &[
            INFO,
            "A: Nr, Wer / 1, Eins",
            "B:x",
            "C:x",
            "D:x",
            "E:x",
            "F:x",
        ],
        Some(r#"{"key":"Nr","name":"Wer"}"#),
        "sheet 'Info', not read: 'A', 'B', 'C', 'D', 'E' and 1 more; Eins",
    );
}

#[test]
fn rows_with_addresses_come_from_the_sheet_that_has_them() {
    use crate::import::addressed::{Addressed, Said};
    let sheets = [
        "Notes: a, b / c, d",
        "Customers: Kunden / PLZ, Ort / 1010, Wien /  , ",
    ];
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), xlsx(&sheets)).unwrap();
    let mut rows = Addressed::open(&Source {
        path: file.path().to_owned(),
        name: "a.xlsx".to_owned(),
        mapping: None,
        currency: None,
    })
    .unwrap();
    assert_eq!(rows.delimiter(), None);
    let mut found = Vec::new();
    rows.each_chunk(&mut |chunk| {
        found.extend(chunk.rows.into_iter().map(|row| match row.said {
            Said::Address { address, .. } => format!("{} {}", address.postal_code, address.place),
            other => format!("{other:?}"),
        }));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(found, ["Title", "Headings", "1010 Wien", " "]);
}

#[test]
fn a_cell_that_unpacks_to_too_much_is_refused() {
    let long = "x".repeat(1_100_000);
    let sheet = format!("Kunden: Kundennummer, Firma / 1, {long}");
    let renamed = |from: &[u8; 10], to: &[u8; 10]| {
        let mut content = xlsx(&[&sheet]);
        for at in 0..content.len() {
            if content[at..].starts_with(from) {
                content[at..at + to.len()].copy_from_slice(to);
            }
        }
        content
    };
    let elsewhere = renamed(b"worksheets", b"elsewheres");
    let called_otherwise = renamed(b"sheet1.xml", b"sheet1.png");
    for content in [xlsx(&[&sheet]), ods(&[&sheet]), elsewhere, called_otherwise] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        let error = preview(file.path(), "a.xlsx", None).unwrap_err();
        assert!(error.to_string().contains("bytes in one cell"), "{error}");
    }
}
