//! One line of an address: where it is cut, and what each piece is.

use crate::geocode::country::Countries;
use crate::geocode::fold::fold;

/// Letters of a line that are read; no address is longer.
const LONGEST_LINE: usize = 500;

/// What a segment between commas says about itself.
pub(super) enum Segment<'a> {
    CareOf(&'a str),
    PoBox(&'a str),
    Floor(&'a str),
    District(&'a str),
    Other,
}

const CARE_OF: [&str; 8] = [
    "c/o",
    "c / o",
    "z.hd.",
    "z. hd.",
    "z.h.",
    "zu händen",
    "p.a.",
    "per adresse",
];
const PO_BOX: [&str; 10] = [
    "postfach",
    "postbox",
    "p.o. box",
    "p.o.box",
    "po box",
    "pobox",
    "case postale",
    "boîte postale",
    "casella postale",
    "bp ",
];
const FLOORS: [&str; 15] = [
    "eg",
    "og",
    "ug",
    "dg",
    "stock",
    "etage",
    "stiege",
    "top",
    "whg",
    "wohnung",
    "hinterhaus",
    "vorderhaus",
    "aufgang",
    "appartement",
    "zimmer",
];
/// Countries as they stand before postal codes.
const PREFIXES: [&str; 11] = ["D", "A", "CH", "DE", "AT", "FL", "LI", "F", "I", "L", "LU"];
const STREETS: [&str; 22] = [
    "str",
    "strasse",
    "weg",
    "gasse",
    "platz",
    "allee",
    "ring",
    "damm",
    "ufer",
    "chaussee",
    "steig",
    "pfad",
    "markt",
    "promenade",
    "street",
    "road",
    "avenue",
    "lane",
    "rue",
    "via",
    "calle",
    "quai",
];

/// The pieces between commas, semicolons, bars, dots in the middle, line ends, and dashes and
/// slashes that stand between spaces; trimmed, none empty.
pub(super) fn segments(text: &str) -> Vec<String> {
    let text: String = text.chars().take(LONGEST_LINE).collect();
    let text = text.replace([';', '|', '·', '•', '\n', '\r', '\t'], ",");
    // `3 - 5` is a house number; `Weg 7 - 20457 Hamburg` is not.
    let mut pieces = vec![String::new()];
    let words: Vec<&str> = text.split(' ').collect();
    for (index, &word) in words.iter().enumerate() {
        let next = words[index + 1..].iter().find(|word| !word.is_empty());
        let is_range = next.is_some_and(|next| {
            let len = next.bytes().take_while(u8::is_ascii_digit).count();
            (1..=3).contains(&len)
        });
        let before = words[..index].iter().rfind(|word| !word.is_empty());
        let is_code = before.is_some_and(|word| PREFIXES.contains(word));
        if matches!(word, "-" | "–" | "/") && !is_range && !is_code {
            pieces.push(String::new());
        } else if let Some(piece) = pieces.last_mut() {
            piece.push(' ');
            piece.push_str(word);
        }
    }
    let mut segments: Vec<String> = Vec::new();
    for piece in pieces.iter().flat_map(|piece| piece.split(',')) {
        let piece = piece.split_whitespace().collect::<Vec<_>>().join(" ");
        match segments.last_mut() {
            // `N 2, 14` is one: a square of Mannheim and its house.
            Some(square)
                if is_square(square) && piece.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                square.push(' ');
                square.push_str(&piece);
            }
            _ if piece.is_empty() => {}
            _ => segments.push(piece),
        }
    }
    segments
}

/// What the segment says about itself by its first word, or by any word where it is a floor.
pub(super) fn kind(segment: &str) -> Segment<'_> {
    if let Some(name) = behind_any(segment, &CARE_OF) {
        return Segment::CareOf(name);
    }
    if let Some(number) = behind_any(segment, &PO_BOX) {
        return Segment::PoBox(if number.is_empty() { segment } else { number });
    }
    if let Some(name) = behind_any(segment, &["ot ", "ortsteil ", "stadtteil "]) {
        return Segment::District(name);
    }
    if segment.split(' ').count() <= 4 && is_floor(segment) {
        return Segment::Floor(segment);
    }
    Segment::Other
}

/// The street with its number, and the floor behind them.
pub(super) fn split_floor(text: &str) -> (&str, &str) {
    let mut starts: Vec<usize> = text.match_indices(' ').map(|(at, _)| at + 1).collect();
    starts.reverse();
    let mut cut = text.len();
    for start in starts {
        let word = text[start..cut].trim();
        let is_part = is_floor(word)
            || cut < text.len()
                && word.ends_with('.')
                && word.starts_with(|c: char| c.is_ascii_digit());
        if !is_part {
            break;
        }
        cut = start;
    }
    (text[..cut].trim(), text[cut..].trim())
}

/// What stands before the postal code, the code, and what stands behind it.
pub(super) fn around_postal_code(text: &str) -> Option<(&str, &str, &str)> {
    let mut found = None;
    let mut start = 0;
    for word in text.split(' ') {
        let end = start + word.len();
        let behind = text[end..].trim();
        let digits = without_prefix(word);
        let is_number = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
        // Four digits are a code in Austria and Switzerland when a name follows them.
        let is_code = match digits.len() {
            5 => true,
            4 => {
                starts_with_name(behind)
                    && (start == 0 || has_digit(&text[..start]) || digits.len() < word.len())
            }
            _ => false,
        };
        if is_number && is_code {
            found = Some((start, end));
        }
        start = end + 1;
    }
    let (mut start, end) = found?;
    // `D 80331` and `CH - 8000`: the prefix stands apart.
    let before = text[..start].trim_end_matches([' ', '-', '–']);
    let prefix = before.rsplit(' ').next().unwrap_or_default();
    if PREFIXES.contains(&prefix) {
        start = before.len() - prefix.len();
    }
    Some((text[..start].trim(), &text[start..end], text[end..].trim()))
}

/// The words before a country in brackets or of at least four letters at the end, and it.
pub(super) fn behind_country<'a>(
    countries: &Countries,
    text: &'a str,
) -> Option<(&'a str, &'a str)> {
    let (words, last) = text.rsplit_once(' ')?;
    let bare = last.trim_matches(['(', ')']);
    let is_marked = bare.len() + 2 == last.len() || bare.chars().count() >= 4;
    (is_marked && has_digit(words) && countries.named(bare).is_some()).then(|| (words.trim(), bare))
}

/// Whether the words look like those of a street.
pub(super) fn is_street(text: &str) -> bool {
    let folded = fold(text);
    let mut words = folded.split(' ');
    words.any(|word| {
        STREETS.contains(&word)
            || ["str", "strasse", "weg", "gasse", "platz", "allee"]
                .iter()
                .any(|end| word.len() > end.len() + 2 && word.ends_with(end))
    })
}

/// The name of a street in the one form in which streets are compared: folded, without spaces,
/// `Straße`, `Strasse` and `Str.` as `str`.
///
/// ```
/// # use revier::geocode::address::street_key;
/// assert_eq!(street_key("Paul-Wittsack-Straße"), street_key("Paul Wittsack Str."));
/// ```
#[must_use]
pub fn street_key(street: &str) -> String {
    let mut key = String::with_capacity(street.len());
    for word in fold(street).split(' ') {
        match word.strip_suffix("strasse") {
            Some(name) => {
                key.push_str(name);
                key.push_str("str");
            }
            None => key.push_str(word),
        }
    }
    key
}

/// What stands behind the first of `starts` with which `text` begins, case ignored.
fn behind_any<'a>(text: &'a str, starts: &[&str]) -> Option<&'a str> {
    starts.iter().find_map(|start| {
        let head = text.get(..start.len())?;
        let is_same = head.to_lowercase() == *start;
        is_same.then(|| text[start.len()..].trim_matches([' ', ':', '.']))
    })
}

fn is_floor(words: &str) -> bool {
    words
        .split([' ', '.'])
        .any(|word| FLOORS.iter().any(|floor| word.eq_ignore_ascii_case(floor)))
}

fn is_square(segment: &str) -> bool {
    let compact: Vec<u8> = segment.bytes().filter(|c| *c != b' ').collect();
    matches!(compact[..], [b'A'..=b'U', b'1'..=b'9'])
}

fn starts_with_name(text: &str) -> bool {
    text.starts_with(char::is_alphabetic)
}

fn has_digit(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
}

/// The word without the country before its code, as in `D-80331`.
fn without_prefix(word: &str) -> &str {
    match word.split_once('-') {
        Some((prefix, code))
            if prefix.len() <= 3
                && prefix.bytes().all(|c| c.is_ascii_alphabetic())
                && !prefix.is_empty() =>
        {
            code
        }
        _ => word.trim_matches([',', '(', ')']),
    }
}
