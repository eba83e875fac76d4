//! Files with a quotation mark that is not closed.

use super::*;

#[test]
fn rows_behind_an_open_quotation_mark_are_read() {
    let check = |rows: &str, expected: &str| {
        check_accounts(format!("key,city,name\n{rows}"), expected);
    };
    let open = |lines: &str, more: &str, next: u64| {
        format!(
            "{lines} would be one row{more}; perhaps a quotation mark is not closed; reading goes on at line {next}"
        )
    };
    // To the end of the file.
    check(
        "1,A,a\n2,B,\"b\n3,C,c\n4,D,d\n",
        &format!(
            "2: 1 a customer ||A|\n4: 3 c customer ||C|\n5: 4 d customer ||D|\n3- open_quote : {}\n4 rows, 1 rejected\n",
            open("lines 3 to 5", "", 4)
        ),
    );
    // To the next mark, in the last column, in another one, and in the first.
    let expected = format!(
        "2: 1 a customer ||A|\n5: 3 c customer ||C|\n6: 4 d customer ||D|\n4- open_quote : {}\n4 rows, 1 rejected\n",
        open("lines 4 to 5", "", 5)
    );
    check("1,A,a\n\n2,B,\"b\n3,C,\"c\"\n4,D,d\n", &expected);
    check("1,A,a\n\n2,\"B,b\n3,\"C\",c\n4,D,d\n", &expected);
    check("1,A,a\n\n\"2,B,b\n\"3\",C,c\n4,D,d\n", &expected);
    // Twice, and in the last line.
    check(
        "1,\"A,a\r\n2,\"B,b\r\n3,C,\"c",
        &format!(
            "2- open_quote : {}\n3- open_quote : {}\n4- open_quote : the file ends before a quotation mark is closed\n3 rows, 3 rejected\n",
            open("lines 2 to 3", "", 3),
            open("lines 3 to 4", " of 2 fields instead of 3", 4),
        ),
    );
    // Too few fields for its lines.
    check(
        "1,\"A\nB\"\n2,B,b\n",
        &format!(
            "4: 2 b customer ||B|\n2- open_quote : {}\n3- missing_name name: account B\" has no name\n3 rows, 2 rejected\n",
            open("lines 2 to 3", " of 2 fields instead of 3", 3)
        ),
    );
    // Cells of several lines are no harm, nor are empty columns at the end.
    check(
        "1,A,\"a\nB, b\n\n\"\n2,\"A\nB\",\"b\nc\",,\n",
        "2: 1 a\nB, b customer ||A|\n6: 2 b\nc customer ||A\nB|\n2 rows, 0 rejected\n",
    );
}

#[test]
fn headings_with_an_open_quotation_mark_are_refused() {
    let message =
        "a.csv cannot be cut into rows: a quotation mark on line 2 is not closed\n".to_owned();
    check_accounts(
        "Liste\nkey,name,\"city\n1,Eins,Ulm\n2,Zwei,\"Ulm\"\n3,Drei,Ulm\n",
        &message,
    );
    check_accounts(
        "\"key\n(old)\",\"name\nof firm\",key,name\n1,a,2,Zwei\n",
        "4: 2 Zwei customer |||\n1 rows, 0 rejected\n",
    );
}

/// Every line leads to the end of the file; reading them all again would take hours.
#[test]
fn a_file_of_open_quotation_marks_is_given_up() {
    let rows = "1;\"a\";\"\n".repeat(80_000);
    let file = file(format!("key;name;city;place;street\n{rows}"));
    let outcome = accounts(&source(&file), &mut |_| ControlFlow::Continue(()));
    assert_eq!(
        outcome.unwrap_err().to_string().split(" on line").next(),
        Some("a.csv cannot be cut into rows: a quotation mark")
    );
}

/// A mark more or less in rows of one line each: every line is taken or refused, none is lost.
#[test]
fn one_mark_loses_no_line() {
    const SEED: u64 = 11_223;
    const ROWS: u64 = 12;
    let mut random = Xorshift(SEED);
    for round in 0..3_000 {
        let mut content = "key,city,name\n".to_owned();
        let heading_bytes = content.len();
        for row in 0..ROWS {
            let mut cells = ["A", "B", "C"].map(|word| format!("{word} {row}"));
            for cell in &mut cells {
                match random.below(6) {
                    0..3 => *cell = format!("\"{cell}\""),
                    3 => cell.push('"'),
                    _ => {}
                }
            }
            content += &(cells.join(",") + "\n");
        }
        let at = heading_bytes + random.below(content.len() - heading_bytes);
        if content.as_bytes()[at] == b'"' {
            content.remove(at);
        } else {
            content.insert(at, '"');
        }
        let file = file(&content);
        let mut lines = std::collections::BTreeSet::new();
        let outcome = accounts(&source(&file), &mut |chunk| {
            lines.extend(chunk.rows.iter().map(|row| row.line));
            lines.extend(chunk.remarks.iter().map(|remark| remark.line));
            ControlFlow::Continue(())
        });
        outcome.unwrap();
        let all = (2..2 + ROWS).collect();
        assert_eq!(lines, all, "seed {SEED}, round {round}:\n{content}");
    }
}
