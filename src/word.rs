//! Words as people type and read them: which known one was meant, what an error says in full.

use std::fmt::Write;

/// Longer words are no typing errors; comparing them would cost time for nothing.
const LONGEST: usize = 64;

/// The up to `count` words of `known` nearest to `word`, best first; none when all are far off or
/// the word has more than 64 signs.
///
/// Near is a Damerau-Levenshtein distance of at most a third of the longer word, case ignored, or
/// one word beginning with or containing the other.
#[must_use]
pub fn nearest<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
    count: usize,
) -> Vec<String> {
    let word = word.to_lowercase();
    let length = word.chars().count();
    if length > LONGEST {
        return Vec::new();
    }
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let longer = length.max(lower.chars().count());
            if longer > LONGEST {
                return None;
            }
            let distance =
                rapidfuzz::distance::damerau_levenshtein::distance(word.chars(), lower.chars());
            let contained =
                word.len() > 2 && (lower.contains(&word) || word.contains(lower.as_str()));
            (contained || distance * 3 <= longer).then_some((distance, candidate))
        })
        .collect();
    near.sort_unstable();
    near.into_iter()
        .take(count)
        .map(|(_, candidate)| candidate.to_owned())
        .collect()
}

/// `text` cut to a length that an error can repeat.
#[must_use]
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What `error` says, then what caused it, in one line.
#[must_use]
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // Transparent errors say what their cause says; once is enough.
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            let _ = write!(text, ": {cause_text}");
        }
        source = cause.source();
    }
    text
}

/// `text` as one part of a web address, all but letters, digits and `-._~` as `%XX` (RFC 3986, 2).
#[must_use]
pub fn encoded(text: &str) -> String {
    let mut part = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            part.push(char::from(byte));
        } else {
            let _ = write!(part, "%{byte:02X}");
        }
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: &[&str]) {
        let known = ["revenue", "margin", "region.state", "region.district"];
        assert_eq!(nearest(word, known, 2), expected);
    }

    #[test]
    fn typing_errors_and_parts_find_the_word() {
        check("revenu", &["revenue"]);
        check("state", &["region.state"]);
        check("Margni", &["margin"]);
        check("zebra", &[]);
        check(&"revenue".repeat(1_000), &[]);
    }
}
