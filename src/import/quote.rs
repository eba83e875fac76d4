//! Quotation marks that are not closed: rows that have swallowed other rows.

/// Where in a row a byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the start of a cell.
    Start,
    /// In a cell without quotation marks, or behind them.
    Plain,
    /// Between the quotation marks of a cell.
    Quoted,
    /// Behind a quotation mark that closes the cell unless another follows.
    Closing,
}

/// Whether `raw`, a row of several lines as it stands in the file, seems to hold other rows of
/// `columns` cells, as it does when a quotation mark is not closed. It does if
///
/// 1. a line below the first has, before the mark that closes the cell, as many delimiters as a
///    whole row; or
/// 2. both the first line and one below it have as many delimiters as a whole row; or
/// 3. the mark that closes a cell on a line below the first stands where cells are opened, with
///    text behind it.
///
/// Cost: `O(raw)`.
pub(super) fn swallows(raw: &[u8], delimiter: u8, columns: usize) -> bool {
    let whole = columns.saturating_sub(1);
    let mut place = Place::Start;
    let (mut all, mut quoted) = (0, 0);
    let (mut first_is_whole, mut below) = (false, false);
    // The two bytes before this one.
    let (mut earlier, mut last) = (b'\n', b'\n');
    for byte in raw {
        let from = place;
        place = match (from, *byte) {
            (Place::Quoted, b'"') => Place::Closing,
            (Place::Quoted, _) | (Place::Start | Place::Closing, b'"') => Place::Quoted,
            (_, sign) if sign == delimiter => Place::Start,
            _ => Place::Plain,
        };
        let opens = from == Place::Closing && (earlier == delimiter || earlier == b'\n');
        if below && opens && place == Place::Plain && !byte.is_ascii_whitespace() {
            return true;
        }
        if *byte == delimiter {
            all += 1;
            quoted += usize::from(below && from == Place::Quoted && quoted == all - 1);
        }
        if whole > 0 && (quoted >= whole || (below && first_is_whole && all >= whole)) {
            return true;
        }
        if *byte == b'\n' {
            first_is_whole |= !below && all >= whole;
            below = true;
            (all, quoted) = (0, 0);
        }
        (earlier, last) = (last, *byte);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, columns: usize, expected: bool) {
        assert_eq!(swallows(raw.as_bytes(), b';', columns), expected, "{raw}");
    }

    #[test]
    fn rows_within_rows_are_seen() {
        check("1;a;\"b\n2;c;d\n3;e;f\"\n", 3, true);
        check("1;a;\"b\n2;c;\"d\"\n", 3, true);
        check("1;\"a;b\n2;c;d\";e\n", 3, true);
        check("\"1;a;b\n2\";c;d\n", 3, true);
        check("1;\"a\n2;\"c\";d\n", 3, true);
        check("\"1\n\"2\";c;d\n", 3, true);
    }

    #[test]
    fn cells_of_several_lines_are_left_alone() {
        check("1;a;\"b\nc; d\ne\"\n", 3, false);
        check("\"1\n2\";a;b\n", 3, false);
        check("\"1\n2\";a;\"b\nc\"\n", 3, false);
        check("1;\"a; b\n\"\"c\"\"; d\n\";e\r\n", 3, false);
        check("1;\"a\nsaid \"b\" c\";d\n", 3, false);
        check("\"a\n\nb\"\n", 1, false);
    }
}
