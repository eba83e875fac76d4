//! A look at the sheets of an ODS file before they are read: a short text can stand for billions
//! of cells, as cells and rows carry repeat counts.
//!
//! Source: OASIS `OpenDocument` 1.2, part 1, sections 19.675 and 19.679.

/// The most columns a sheet of any maker has.
pub(super) const MAX_SHEET_COLUMNS: usize = 16_384;

/// What the tags of the sheets say: whether each has an end, and how many cells they are written
/// out to when repeats are.
#[derive(Default)]
pub(super) struct Tables {
    /// A sheet has begun and not ended.
    pub open: bool,
    /// Cells so far, repeats written out.
    pub cells: u64,
    row: u64,
    waiting: u64,
    rest: Vec<u8>,
}

impl Tables {
    /// Looks at the next piece of `content.xml`.
    pub fn look(&mut self, bytes: &[u8]) {
        const MAX_TAG_BYTES: usize = 1 << 20;
        let mut text = std::mem::take(&mut self.rest);
        text.extend_from_slice(bytes);
        let mut at = 0;
        while let Some(start) = memchr::memchr(b'<', &text[at..]) {
            let Some(length) = memchr::memchr(b'>', &text[at + start..]) else {
                at += start;
                break;
            };
            self.tag(&text[at + start + 1..at + start + length]);
            at += start + length + 1;
        }
        if memchr::memchr(b'<', &text[at..]).is_some() && text.len() - at < MAX_TAG_BYTES {
            self.rest = text.split_off(at);
        }
    }

    fn tag(&mut self, tag: &[u8]) {
        let end = tag
            .iter()
            .position(|byte| b" \t\r\n/".contains(byte) && *byte != b'/');
        let closed = tag.ends_with(b"/");
        let name = &tag[..end.unwrap_or(tag.len() - usize::from(closed))];
        match name {
            b"table:table" => self.open = !closed,
            b"/table:table" => self.open = false,
            b"table:table-row" => {
                self.waiting = 0;
                self.row = repeats(tag, b"table:number-rows-repeated=\"");
            }
            b"table:table-cell" | b"table:covered-table-cell" => {
                let cells = repeats(tag, b"table:number-columns-repeated=\"");
                // Empty cells count once a filled one stands behind them.
                let filled = !closed || memchr::memmem::find(tag, b"office:").is_some();
                if filled {
                    let rows = self.row.clamp(1, 1 << 20);
                    let cells = (self.waiting + cells).min(MAX_SHEET_COLUMNS as u64);
                    self.cells = self.cells.saturating_add(cells * rows);
                    self.waiting = 0;
                } else {
                    self.waiting = (self.waiting + cells).min(MAX_SHEET_COLUMNS as u64);
                }
            }
            _ => {}
        }
    }
}

/// The longest piece of a sheet without the beginning or end of a tag: a cell's text, or a tag. It is
/// held in memory at once, and in an archive a few kilobytes can stand for gigabytes of it.
#[derive(Default)]
pub(super) struct Stretch {
    /// Bytes of the longest one so far.
    pub longest: u64,
    run: u64,
}

impl Stretch {
    /// Looks at the next piece of the sheet.
    pub fn look(&mut self, bytes: &[u8]) {
        let mut from = 0;
        for mark in memchr::memchr2_iter(b'<', b'>', bytes) {
            self.longest = self.longest.max(self.run + (mark - from) as u64);
            (self.run, from) = (0, mark + 1);
        }
        self.run += (bytes.len() - from) as u64;
        self.longest = self.longest.max(self.run);
    }
}

/// The number behind `attribute` in `tag`; 1 without.
fn repeats(tag: &[u8], attribute: &[u8]) -> u64 {
    let Some(at) = memchr::memmem::find(tag, attribute) else {
        return 1;
    };
    let digits = tag[at + attribute.len()..].iter();
    let digits = digits.take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number: u64, digit| {
        number
            .saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content: &str, open: bool, cells: u64) {
        for size in [1, 7, 1_000] {
            let mut tables = Tables::default();
            for piece in content.as_bytes().chunks(size) {
                tables.look(piece);
            }
            assert_eq!((tables.open, tables.cells), (open, cells), "{content}");
        }
    }

    #[test]
    fn the_longest_text_is_found_across_pieces() {
        for size in [1, 3, 100] {
            let mut stretch = Stretch::default();
            for piece in b"<a>12345</a><b>1</b>123".chunks(size) {
                stretch.look(piece);
            }
            assert_eq!(stretch.longest, 5, "{size}");
        }
    }

    #[test]
    fn repeats_are_counted() {
        const ROW: &str = "<table:table-row table:number-rows-repeated=\"1000\">";
        const EMPTY: &str = "<table:table-cell table:number-columns-repeated=\"9999\"/>";
        const FULL: &str = "<table:table-cell office:value=\"1\"/>";
        check("<table:table/>", false, 0);
        check("<table:table table:name=\"a\">", true, 0);
        check(
            &format!("<table:table>{ROW}{FULL}{EMPTY}</table:table-row></table:table>"),
            false,
            1_000,
        );
        check(
            &format!("<table:table>{ROW}{EMPTY}{FULL}</table:table-row>"),
            true,
            10_000_000,
        );
        check(&format!("{ROW}{EMPTY}{EMPTY}{FULL}"), false, 16_384_000);
    }
}
