//! Whole files through the import.

use std::fmt::Write as _;

use tempfile::NamedTempFile;

use super::*;

mod open_quote;
mod sheets;

fn file(content: impl AsRef<[u8]>) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content).unwrap();
    file
}

fn source(file: &NamedTempFile) -> Source {
    Source {
        path: file.path().to_owned(),
        name: "a.csv".to_owned(),
        mapping: None,
        currency: None,
    }
}

/// Every record as one line, then every remark, then the counts.
fn report<T>(
    read: impl FnOnce(&mut dyn FnMut(Chunk<T>) -> ControlFlow<()>) -> Result<Outcome, Error>,
    show: fn(&T) -> String,
) -> String {
    let (mut records, mut remarks) = (String::new(), String::new());
    let outcome = read(&mut |chunk| {
        for row in &chunk.rows {
            writeln!(records, "{}: {}", row.line, show(&row.record)).unwrap();
        }
        for remark in &chunk.remarks {
            let sign = if remark.taken { '~' } else { '-' };
            let (line, reason, detail) = (remark.line, &remark.reason, &remark.detail);
            writeln!(remarks, "{line}{sign} {reason} {}: {detail}", remark.field).unwrap();
        }
        ControlFlow::Continue(())
    });
    match outcome {
        Ok(outcome) => format!(
            "{records}{remarks}{} rows, {} rejected\n",
            outcome.rows, outcome.rejected
        ),
        Err(error) => format!("{error}\n"),
    }
}

fn show_sale(sale: &Sale) -> String {
    let cost = sale
        .cost
        .map_or_else(String::new, |cost| format!(" cost {cost}"));
    format!(
        "{}/{} {} {}|{}|{}|{} {} {}{cost} {}",
        sale.order,
        sale.line,
        sale.day,
        sale.account,
        sale.product,
        sale.category,
        sale.rep,
        sale.units_milli,
        sale.revenue,
        sale.currency
    )
}

fn show_account(account: &Account) -> String {
    let Account {
        key,
        name,
        address: a,
        ..
    } = account;
    let position = account
        .position
        .map_or_else(String::new, |p| format!(" {},{}", p.lon(), p.lat()));
    let stage = account.stage.name();
    format!(
        "{key} {name} {stage} {}|{}|{}|{}{position}",
        a.street, a.postal_code, a.place, a.country
    )
}

#[track_caller]
fn check_sales(content: impl AsRef<[u8]>, expected: &str) {
    let file = file(content);
    assert_eq!(
        report(|sink| sales(&source(&file), sink), show_sale),
        expected
    );
}

#[track_caller]
fn check_accounts(content: impl AsRef<[u8]>, expected: &str) {
    let file = file(content);
    assert_eq!(
        report(|sink| accounts(&source(&file), sink), show_account),
        expected
    );
}

#[test]
fn a_german_file_of_sales_is_read() {
    check_sales(
        b"Belegnummer;Position;Datum;Kundennummer;Artikel;Warengruppe;Au\xdfendienst;Menge;Netto;Kosten\r\n\
          R1;1;31.12.2025;K1;T\xfcr;Holz;Jan;1,5;1.234,50 \x80;900,00\r\n\
          ;;;\r\n\
          R1;2;01.01.26;K2;\"Ein\r\nTor\";Holz;;;-12,5;\r\n\
          R2;1;02.01.2026;K1;;;;2;0,005;\r\n",
        "2: R1/1 2025-12-31 K1|Tür|Holz|Jan 1500 123450 cost 90000 EUR\n\
         4: R1/2 2026-01-01 K2|Ein\r\nTor|Holz| 1000 -1250 EUR\n\
         6: R2/1 2026-01-02 K1||| 2000 1 EUR\n\
         6~ rounded_amount net_amount: \"0,005\" has more than the 2 decimals of EUR; rounded\n\
         3 rows, 0 rejected\n",
    );
}

#[test]
fn bad_rows_are_remarked_on() {
    check_sales(
        "order,line,date,quantity,net_amount,cost,currency\n\
         1,1,2025-01-01,1,5.00,,USD\n\
         1,1,2025-01-02,1,6.00,,USD\n\
         2,1,,1,5,,\n\
         2,2,2025-02-30,1,5,,\n\
         2,3,2025-01-01,1,,,\n\
         2,4,2025-01-01,1,five,,\n\
         2,5,2025-01-01,a dozen,5,,\n\
         2,6,2025-01-01,1,5,,Taler\n\
         2,7,2025-01-01,1,5,,JPY,more\n\
         2,8,2025-01-01,1.0005,5.4,4.5,JPY\n\
         2,9,2025-01-01,1,€ 5,,USD\n\
         2,10,2025-01-01,1,99999999999999999999,,USD\n\
         \"2,11,2025-01-01,1,5\n2,12,2025-01-01,1,5,,\n",
        "2: 1/1 2025-01-01 ||| 1000 500 USD\n\
         11: 2/8 2025-01-01 ||| 1001 5 cost 5 JPY\n\
         15: 2/12 2025-01-01 ||| 1000 500 EUR\n\
         3- duplicate_key order: line 2 already has line 1 of order 1\n\
         4- missing_date date: the row has no date\n\
         5- bad_date date: \"2025-02-30\" is no day of the years 1900 to 2199\n\
         6- missing_amount net_amount: the row has no net amount\n\
         7- bad_amount net_amount: \"five\" is not a number\n\
         8- bad_quantity quantity: \"a dozen\" is not a number\n\
         9- unknown_currency currency: \"Taler\" is no ISO 4217 currency such as EUR\n\
         10- too_many_fields : the row has 8 fields, the file 7 headings\n\
         11~ rounded_quantity quantity: \"1.0005\" has more than 3 decimals; rounded\n\
         11~ rounded_amount net_amount: \"5.4\" has more than the 0 decimals of JPY; rounded\n\
         11~ rounded_amount cost: \"4.5\" has more than the 0 decimals of JPY; rounded\n\
         12- bad_amount net_amount: \"€ 5\" is not in USD as its row\n\
         13- bad_amount net_amount: \"99999999999999999999\" is too large: at most 10000000000000 USD\n\
         14- open_quote : lines 14 to 15 would be one row of 1 fields instead of 7; perhaps a quotation mark is not closed; reading goes on at line 15\n\
         14 rows, 11 rejected\n",
    );
}

#[test]
fn rows_without_order_get_the_same_keys_each_time() {
    let expected = "2: #148c5f13501c18c8/1 2025-01-01 K1||| 1000 500 EUR\n\
         3: #148c5f13501c18c8/2 2025-01-01 K1||| 1000 500 EUR\n\
         4: #871dbebcb4c3d1dd/1 2025-01-01 K2||| 1000 500 EUR\n\
         3 rows, 0 rejected\n";
    check_sales(
        "date;account;net_amount\n2025-01-01;K1;5\n2025-01-01;K1;5,0\n2025-01-01;K2;5\n",
        expected,
    );
    check_sales(
        "account,net_amount,date\nK1,5.00,01.01.2025\nK1,5,01.01.2025\nK2,5,01.01.2025\n",
        expected,
    );
}

/// The numbers of a file do not meet those of another: February adds to an order of January.
#[test]
fn rows_without_line_get_it_from_their_content() {
    check_sales(
        "order;line;date;net_amount\nA;;2025-01-01;1\nB;;2025-01-01;1\nA;;2025-01-01;1\nA;3;2025-01-01;1\nA;;2025-01-01;5\n",
        "2: A/#1d303f50ced19328/1 2025-01-01 ||| 1000 100 EUR\n\
         3: B/#1d303f50ced19328/1 2025-01-01 ||| 1000 100 EUR\n\
         4: A/#1d303f50ced19328/2 2025-01-01 ||| 1000 100 EUR\n\
         5: A/3 2025-01-01 ||| 1000 100 EUR\n\
         6: A/#eec6d73cab4c4284/1 2025-01-01 ||| 1000 500 EUR\n\
         5 rows, 0 rejected\n",
    );
    check_sales(
        "order;date;net_amount\nA;2025-01-01;5\n",
        "2: A/#eec6d73cab4c4284/1 2025-01-01 ||| 1000 500 EUR\n1 rows, 0 rejected\n",
    );
}

#[test]
fn numbers_that_would_not_add_up_are_refused() {
    check_sales(
        "order;line;date;quantity;net_amount;cost\n\
         1;1;2025-01-01;-1000000000000;10000000000000,00;-10000000000000\n\
         1;2;2025-01-01;1000000000000,001;1;\n\
         1;3;2025-01-01;1;-10000000000000,01;\n\
         1;4;2025-01-01;1;1;10000000000000,01\n\
         1;5;2025-01-01;1;JPY 1000000000000001;\n",
        "2: 1/1 2025-01-01 ||| -1000000000000000 1000000000000000 cost -1000000000000000 EUR\n\
         3- bad_quantity quantity: \"1000000000000,001\" is too large: at most 1000000000000\n\
         4- bad_amount net_amount: \"-10000000000000,01\" is too large: at most 10000000000000 EUR\n\
         5- bad_amount cost: \"10000000000000,01\" is too large: at most 10000000000000 EUR\n\
         6- bad_amount net_amount: \"JPY 1000000000000001\" is too large: at most 1000000000000000 JPY\n\
         5 rows, 4 rejected\n",
    );
}

#[test]
fn fields_that_are_too_long_are_refused() {
    let (most, more) = ("ä".repeat(MAX_FIELD_CHARS), "ä".repeat(MAX_FIELD_CHARS + 1));
    check_accounts(
        format!("key;name;note\n1;{most};\n2;{more};\n3;Drei;{more}\n"),
        &format!(
            "2: 1 {most} customer |||\n4: 3 Drei customer |||\n3- field_too_long name: the field has 4097 signs; at most 4096 are kept\n3 rows, 1 rejected\n"
        ),
    );
}

#[test]
fn chunks_of_long_rows_are_short() {
    let text = "x".repeat(MAX_FIELD_CHARS);
    let mut content = "key;name;city;street;contact\n".to_owned();
    for row in 0..1_200 {
        writeln!(content, "{row};{text};{text};{text};{text}").unwrap();
    }
    let mut sizes = Vec::new();
    let outcome = accounts(&source(&file(content)), &mut |chunk| {
        sizes.push(chunk.rows.len());
        ControlFlow::Continue(())
    });
    assert_eq!((outcome.unwrap().rows, sizes), (1_200, vec![1_024, 176]));
}

#[test]
fn the_currency_is_found() {
    let check = |heading: &str, cell: &str, told: Option<&str>, expected: &str| {
        let file = file(format!("date;{heading}\n2025-01-01;{cell}\n"));
        let mut source = source(&file);
        source.currency = told.map(|code| Currency::parse(code).unwrap());
        let mut found = String::new();
        let outcome = sales(&source, &mut |chunk| {
            found.extend(
                chunk
                    .rows
                    .iter()
                    .map(|row| row.record.currency.code().to_owned()),
            );
            found.extend(chunk.remarks.into_iter().map(|remark| remark.reason));
            ControlFlow::Continue(())
        });
        outcome.unwrap();
        assert_eq!(found, expected, "{heading} {cell} {told:?}");
    };
    check("Umsatz", "5", None, "EUR");
    check("Umsatz", "5", Some("CHF"), "CHF");
    check("Umsatz (CHF)", "5", None, "CHF");
    check("Umsatz", "CHF 5", None, "CHF");
    check("Umsatz", "$5", None, "USD");
    check("Umsatz", "$5", Some("CAD"), "CAD");
    check("Umsatz;Währung", "5;usd", Some("CAD"), "USD");
    check("Umsatz;Währung", "5 €;USD", None, "bad_amount");
}

#[test]
fn accounts_are_read() {
    check_accounts(
        "Kundennummer\tFirma\tStraße\tHausnummer\tPLZ\tOrt\tLand\tStatus\tLon\tLat\n\
         1\tEins\tWeg\t5\t01067\tDresden\tD\tInteressent\t13,74\t51.05\n\
         2\tZwei\n\
         \tDrei\n\
         4\t\n\
         1\tFünf\n\
         6\tSechs\t\t7\t\t\t\tFreund\t0\t0\n\
         7\tSieben\t\t\t\t\t\t\t13.4\t\n\
         8\tAcht\t\t\t\t\t\t\t13.4\t94.2\n",
        "2: 1 Eins lead Weg 5|01067|Dresden|D 13.74,51.05\n\
         3: 2 Zwei customer |||\n\
         7: 6 Sechs customer 7|||\n\
         8: 7 Sieben customer |||\n\
         9: 8 Acht customer |||\n\
         4- missing_key key: the row has no key\n\
         5- missing_name name: account 4 has no name\n\
         6- duplicate_key key: line 2 already has account 1\n\
         7~ bad_stage stage: \"Freund\" is no stage; taken as customer\n\
         7~ bad_position lon: 0, 0 stands for an unknown position\n\
         8~ bad_position lat: latitude \"\" is not a number\n\
         9~ bad_position lon: latitude 94.2 is outside -90..=90\n\
         8 rows, 3 rejected\n",
    );
}

#[test]
fn titles_above_the_headings_are_passed_over() {
    check_accounts(
        "Kundenliste;;\nStand 1.1.2026;;\n\nNr.;Firma;Ort\n1;Eins;Ulm\n",
        "5: 1 Eins customer ||Ulm|\n1 rows, 0 rejected\n",
    );
}

#[test]
fn files_that_are_no_tables_are_refused() {
    check_accounts("", "a.csv is empty\n");
    check_accounts("\n\n;;\n", "a.csv is empty\n");
    check_accounts(
        "%PDF-1.7",
        "a.csv is a PDF document, neither delimited text (CSV) nor a workbook (XLSX, XLS, ODS)\n",
    );
    check_accounts(
        [0_u8, 1, 2, 3].repeat(9),
        "a.csv is no text, neither delimited text (CSV) nor a workbook (XLSX, XLS, ODS)\n",
    );
    check_accounts(
        "PK\x03\x04 nothing",
        "a.csv cannot be read as a workbook: the archive has no directory\n",
    );
    check_accounts(
        "a;b\n1;2\n",
        "a.csv has no column for key: its headings are \"a\", \"b\"; accepted are such as \"Kundennummer\", \"Kundenkonto\", \"Deb.-Nr.\", \"Adressnummer\", \"Cust. no.\", \"Client ID\", \"External ID\", \"key\"\n",
    );
    check_accounts(
        "x;".repeat(2_000),
        "a.csv has 2000 columns; at most 1024 can be read\n",
    );
    let open = format!("key;name\n1;a\n2;\"{}", "b\n".repeat(2 << 20));
    check_accounts(
        open,
        "line 3 of a.csv starts a row of more than 1048576 bytes; perhaps a quotation mark is not closed\n",
    );
    let missing = Source {
        path: "/nowhere/a.csv".into(),
        ..source(&file(""))
    };
    let error = accounts(&missing, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!(error.to_string(), "a.csv cannot be read");
    let device = Source {
        path: "/dev/null".into(),
        ..missing
    };
    let error = accounts(&device, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a.csv is a pipe or device, no regular file; save the rows in a file and import that"
    );
}

#[test]
fn a_mapping_is_all_that_is_read() {
    let file = file("Nr.;Firma;PLZ;Code\n1;Eins;89073;X1\n");
    let mut source = source(&file);
    source.mapping = Some(Mapping::parse(r#"{"key":"code","name":"Firma","street":""}"#).unwrap());
    let found = report(|sink| accounts(&source, sink), show_account);
    assert_eq!(found, "2: X1 Eins customer |||\n1 rows, 0 rejected\n");
}

#[test]
fn chunks_show_progress_and_can_be_the_last() {
    let mut content = "key;name\n".to_owned();
    for row in 0..40_000 {
        writeln!(content, "{row};Firma {row}").unwrap();
    }
    let file = file(&content);
    let mut sizes = Vec::new();
    let mut progress = Progress::default();
    let outcome = accounts(&source(&file), &mut |chunk| {
        sizes.push(chunk.rows.len());
        assert!(chunk.progress.bytes_done > progress.bytes_done);
        progress = chunk.progress;
        ControlFlow::Continue(())
    });
    assert_eq!(sizes, [16_384, 16_384, 7_232]);
    assert_eq!(
        (progress.rows, progress.bytes_done),
        (40_000, content.len() as u64)
    );
    assert!(!outcome.unwrap().cancelled);
    let outcome = accounts(&source(&file), &mut |_| ControlFlow::Break(())).unwrap();
    assert_eq!((outcome.cancelled, outcome.rows), (true, 16_384));
}

#[test]
fn a_preview_shows_what_would_be_read() {
    let file = file("date;net_amount;Firma\n1/2/2025;5;Eins\n1/13/2025;6;\n1/13/2025;6;Zwei\n");
    let found = preview(file.path(), "s.csv", None).unwrap();
    assert_eq!(found.kind, Some(Kind::Sales));
    assert_eq!(found.format, "CSV; delimiter ';', UTF-8, month before day");
    assert_eq!(found.rows[1], ["1/13/2025", "6", ""]);
    let json = serde_json::to_value(&found.columns).unwrap();
    assert_eq!(
        json,
        serde_json::json!([
            {"heading": "date", "field": "date", "samples": ["1/2/2025", "1/13/2025"]},
            {"heading": "net_amount", "field": "net_amount", "samples": ["5", "6"]},
            {"heading": "Firma", "field": null, "samples": ["Eins", "Zwei"]},
        ])
    );
    let told = preview(file.path(), "s.csv", Some(Kind::Accounts)).unwrap();
    assert_eq!(told.columns[2].field.as_deref(), Some("name"));
}

fn workbook(kind: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/workbook");
    std::fs::read(format!("{folder}/sales.{kind}")).unwrap()
}

#[test]
fn workbooks_are_read_by_their_content() {
    let expected = "3: #ad5aa2c81f453f26/1 2025-12-31 K1||| 1500 30 EUR\n\
         5: #7d2db95c9ff00027/1 2025-02-01 1067||| 2500 123450 EUR\n\
         2 rows, 0 rejected\n";
    check_sales(workbook("xls"), expected);
    check_sales(workbook("xlsx"), expected);
    check_sales(
        workbook("ods"),
        "2: #ad5aa2c81f453f26/1 2025-12-31 K1||| 1500 30 EUR\n\
         3: #1a2fc19ba602f7d5/1 2025-02-01 ||| 1000 123450 EUR\n\
         2 rows, 0 rejected\n",
    );
    let file = file(workbook("xlsx"));
    let found = preview(file.path(), "a.xlsx", None).unwrap();
    assert_eq!(found.format, "XLSX; sheet 'Umsatz'");
    assert_eq!(found.rows[1], ["01.02.2025", "1067", "2,5", "1.234,50 €"]);
}

#[test]
fn archives_that_lie_are_refused() {
    let check = |kind: &str, mark: &[u8], at: usize, bytes: &[u8], message: &str| {
        let mut content = workbook(kind);
        let start = content
            .windows(mark.len())
            .rposition(|w| w == mark)
            .unwrap()
            + at;
        content[start..start + bytes.len()].copy_from_slice(bytes);
        check_sales(content, &format!("a.csv {message}\n"));
    };
    let entry = b"PK\x01\x02";
    check(
        "xlsx",
        entry,
        24,
        &[0xff; 4],
        "is too large for a workbook: 4294980896 bytes unpacked, at most 2147483648 can be read; save it as CSV",
    );
    check(
        "xlsx",
        entry,
        24,
        &[1, 0, 0, 0],
        "cannot be read as a workbook: a part of the archive has another size than it says",
    );
    check(
        "ods",
        entry,
        42,
        &[9, 0, 0, 0],
        "cannot be read as a workbook: a part of the archive is not where it should be",
    );
    check(
        "xls",
        b"\xd0\xcf\x11\xe0",
        30,
        &[0; 200],
        "cannot be read as a workbook: Xls error: Cfb error: Invalid sector shift, expecting 0x09 or 0x0C found 0",
    );
}

/// Marsaglia, Xorshift RNGs (Journal of Statistical Software, 2003).
struct Xorshift(u64);

impl Xorshift {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// Thousands of damaged files: every one must end in rows or an error, none in a panic.
#[test]
fn damaged_files_do_no_harm() {
    const SEED: u64 = 20_261_122;
    let seeds: [&[u8]; 4] = [
        b"Belegnummer;Position;Datum;Kundennummer;Menge;Netto;Kosten;W\xe4hrung\r\nR1;1;31.12.2025;K1;1,5;1.234,50 \x80;(900)-;EUR\r\nR2;\"x\ny\";1/2/25;K2;;12,-;;$\r\n",
        "key,name,lon,lat,stage\n1,\"Ein \"\"s\"\"\",13.4,52.5,lead\n2,Zwei,−1,°,kunde\n".as_bytes(),
        b"\xff\xfed\0a\0t\0e\0;\0n\0e\0t\0\n\x001\0.\x002\0.\x003\x004\0;\x005\0\n\0",
        b"sep=|\ndate|line|order|net\n20250101|1||1'234.5\nDec 3, 2025||A|1,234\n",
    ];
    let mut random = Xorshift(SEED);
    for round in 0..2_000 {
        let mut bytes = seeds[round % seeds.len()].to_vec();
        for _ in 0..=random.below(6) {
            let at = random.below(bytes.len());
            match random.below(5) {
                0 => bytes.truncate(at.max(1)),
                1 => bytes.insert(at, b"\"\n\r;,.-\0\xff9"[random.below(10)]),
                2 => {
                    bytes.remove(at);
                    bytes.push(b'\n');
                }
                3 => {
                    let piece = bytes[at..].to_vec();
                    bytes.extend(piece);
                }
                _ => bytes[at] = u8::try_from(random.below(256)).unwrap(),
            }
        }
        let file = file(&bytes);
        let source = source(&file);
        let _ = preview(file.path(), "a.csv", None);
        let mut rows = 0;
        let outcome = accounts(&source, &mut |chunk| {
            rows += chunk.rows.len() + chunk.remarks.iter().filter(|r| !r.taken).count();
            ControlFlow::Continue(())
        });
        assert!(
            outcome.is_err() || outcome.is_ok_and(|o| o.rows == rows as u64),
            "seed {SEED}, round {round}"
        );
        let _ = sales(&source, &mut |_| ControlFlow::Continue(()));
    }
}

#[test]
fn damaged_workbooks_do_no_harm() {
    const SEED: u64 = 7;
    let mut random = Xorshift(SEED);
    for kind in ["xls", "xlsx", "ods"] {
        let whole = workbook(kind);
        for _ in 0..150 {
            let mut bytes = whole.clone();
            for _ in 0..=random.below(4) {
                let at = random.below(bytes.len());
                bytes[at] = u8::try_from(random.below(256)).unwrap();
            }
            if random.below(4) == 0 {
                bytes.truncate(random.below(bytes.len()));
            }
            let file = file(&bytes);
            let _ = preview(file.path(), "a.xlsx", None);
            let _ = sales(&source(&file), &mut |_| ControlFlow::Continue(()));
        }
    }
}
