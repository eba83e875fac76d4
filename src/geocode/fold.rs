//! Names as people type them, made comparable.

use std::sync::LazyLock;

/// Letters that are written in several ways, each group by its plain spelling.
const FOLDS: [(&str, &str); 28] = [
    ("àáâãäåāăąǎȁȃạảấầẩẫậắằẳẵặæ", "a"),
    ("çćĉċč", "c"),
    ("ďđð", "d"),
    ("èéêëēĕėęěȅȇẹẻẽếềểễệə", "e"),
    ("ĝğġģǧ", "g"),
    ("ĥħ", "h"),
    ("ìíîïĩīĭįıǐȉȋịỉ", "i"),
    ("ĵ", "j"),
    ("ķĸǩ", "k"),
    ("ĺļľŀł", "l"),
    ("ñńņňŉŋ", "n"),
    ("òóôõöøōŏőơǒȍȏọỏốồổỗộớờởỡợœ", "o"),
    ("ŕŗřȑȓ", "r"),
    ("śŝşšșſ", "s"),
    ("ţťŧț", "t"),
    ("ùúûüũūŭůűųưǔȕȗụủứừửữự", "u"),
    ("ŵ", "w"),
    ("ýÿŷỳỵỷỹ", "y"),
    ("źżž", "z"),
    ("ß", "ss"),
    ("þ", "th"),
    ("ή", "η"),
    ("ά", "α"),
    ("έ", "ε"),
    ("ίϊΐ", "ι"),
    ("ό", "ο"),
    ("ώ", "ω"),
    ("ё", "е"),
];

/// Letters from this one on stand in no group.
const FIRST_PLAIN: usize = 0x1f00;

/// One more than the index in [`FOLDS`] by letter; 0 for letters in no group.
static GROUPS: LazyLock<[u8; FIRST_PLAIN]> = LazyLock::new(|| {
    let mut groups = [0; FIRST_PLAIN];
    for (group, (letters, _)) in (1..).zip(FOLDS) {
        for c in letters.chars() {
            groups[c as usize] = group;
        }
    }
    groups
});

/// The plain spelling of a letter that is written in several ways.
fn plain(c: char) -> Option<&'static str> {
    let group = usize::from(*GROUPS.get(c as usize)?).checked_sub(1)?;
    Some(FOLDS[group].1)
}

/// Words that stand at the end of a town's own name and before what tells it from others.
const QUALIFIERS: [&str; 28] = [
    "a", "aan", "am", "an", "auf", "b", "bei", "beim", "cedex", "d", "i", "im", "in", "o", "ob",
    "on", "ortsteil", "ot", "sous", "sur", "u", "under", "unter", "upon", "v", "vor", "vorm", "z",
];

/// Words before a name that make it another place.
const PREFIXES: [&str; 14] = [
    "alt", "bad", "burg", "gross", "hohen", "klein", "neu", "new", "nieder", "ober", "ost", "st",
    "unter", "west",
];

/// Letters of a name that are read; whatever goes on longer is no name of a place.
const LONGEST_NAME: usize = 200;

/// `text` in lower case, without accents, umlauts in one spelling (`München`, `Muenchen` and
/// `Munchen` are the same), words separated by single spaces, `Sankt` and `Saint` as `st`.
///
/// ```
/// # use revier::geocode::fold::fold;
/// assert_eq!(fold("  Sankt Pölten"), fold("St. Poelten"));
/// ```
#[must_use]
pub fn fold(text: &str) -> String {
    Name::parse(text).full
}

/// `text` folded, but with `ae`, `oe`, `ue` and `aa` as they stand: a swapped letter makes some of
/// them that are no umlauts, as in `Kmaen` for `Kamen`.
#[must_use]
pub fn fold_letters(text: &str) -> String {
    let mut full = String::with_capacity(text.len());
    for c in text.chars().take(LONGEST_NAME) {
        for c in c.to_lowercase().filter(|c| c.is_alphanumeric()) {
            match plain(c) {
                Some(plain) => full.push_str(plain),
                None => full.push(c),
            }
        }
    }
    full
}

/// The name of a place, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    full: String,
    base_len: usize,
}

impl Name {
    /// The name in `text`; everything behind a bracket, comma or slash and behind words such as
    /// `am` or `bei` is its qualifier.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut full = String::with_capacity(text.len());
        let mut word = 0;
        let mut cut = None;
        for c in text.chars().take(LONGEST_NAME) {
            if c.is_alphanumeric() {
                push_letter(&mut full, word, c);
                continue;
            }
            if is_joined(c) {
                continue;
            }
            word = end_word(&mut full, word);
            if matches!(c, '(' | '[' | ',' | ';' | '/') && cut.is_none() && word > 0 {
                cut = Some(word - 1);
            }
        }
        end_word(&mut full, word);
        full.truncate(full.trim_end().len());
        let base_len = base_len(&full[..cut.unwrap_or(full.len()).min(full.len())]);
        Self { full, base_len }
    }

    /// Whether nothing is left of it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.full.is_empty()
    }

    /// The whole name, such as `frankfurt am main`.
    #[must_use]
    pub fn full(&self) -> &str {
        &self.full
    }

    /// The name without its qualifier, such as `frankfurt`.
    #[must_use]
    pub fn base(&self) -> &str {
        self.folded().base()
    }

    /// The qualifier, such as `am main`; empty when there is none.
    #[must_use]
    pub fn qualifier(&self) -> &str {
        self.folded().qualifier()
    }

    /// Whether both may name the same place, see [`Folded::agrees`].
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        self.folded().agrees(other.folded())
    }

    /// The name for comparing.
    #[must_use]
    pub fn folded(&self) -> Folded<'_> {
        Folded {
            full: &self.full,
            base_len: self.base_len,
        }
    }
}

/// A folded name that lies somewhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folded<'a> {
    /// The whole name, such as `frankfurt am main`.
    pub full: &'a str,
    /// Bytes of it before the qualifier.
    pub base_len: usize,
}

impl<'a> Folded<'a> {
    /// The name without its qualifier, such as `frankfurt`.
    #[must_use]
    pub fn base(self) -> &'a str {
        &self.full[..self.base_len]
    }

    /// The qualifier, such as `am main`; empty when there is none.
    #[must_use]
    pub fn qualifier(self) -> &'a str {
        self.full[self.base_len..].trim_start()
    }

    /// Whether both may name the same place: the same words, or the same base with qualifiers
    /// that fit, or one within the other (`Hamburg` in `Hamburg-Altona`).
    #[must_use]
    pub fn agrees(self, other: Folded<'_>) -> bool {
        self.full == other.full
            || self.base() == other.base() && qualifiers_fit(self.qualifier(), other.qualifier())
            || contains_words(self.full, other.full)
            || contains_words(other.full, self.full)
    }

    /// Whether both have a word of four letters or more in common, as `Bad Boll` and `Boll`.
    #[must_use]
    pub fn shares_word(self, other: Folded<'_>) -> bool {
        let long = |word: &&str| word.chars().count() >= 4;
        let mut words = self.full.split(' ').filter(long);
        words.any(|word| other.full.split(' ').any(|other| other == word))
    }

    /// Whether both are the same but for a typing error: one letter in short names, two in long.
    #[must_use]
    pub fn resembles(self, other: Folded<'_>) -> bool {
        let allowed = match self.full.chars().count() {
            0..5 => return false,
            5..9 => 1,
            _ => 2,
        };
        edits_within(self.full, other.full, allowed).is_some()
    }
}

/// Whether two qualifiers may be the same: one is missing, or the last word of one abbreviates
/// the last word of the other (`a M` and `am Main`).
#[must_use]
pub fn qualifiers_fit(a: &str, b: &str) -> bool {
    match (a.rsplit(' ').next(), b.rsplit(' ').next()) {
        (Some("") | None, _) | (_, Some("") | None) => true,
        (Some(a), Some(b)) => abbreviates(a, b) || abbreviates(b, a),
    }
}

/// Edits of one letter (change, insert, drop, swap with its neighbour) that turn `a` into `b`
/// (optimal string alignment). O(|a| |b|).
#[must_use]
pub fn edit_distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &y) in b.iter().enumerate() {
            let mut best = (last[j] + usize::from(x != y))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

/// [`edit_distance`] when it is at most `most`, without further work when it is more.
#[must_use]
pub fn edits_within(a: &str, b: &str, most: usize) -> Option<usize> {
    /// Longer names take the slow way.
    const LONGEST: usize = 63;
    if a == b {
        return Some(0);
    }
    if !a.is_ascii() || !b.is_ascii() || a.len() > LONGEST || b.len() > LONGEST {
        return Some(edit_distance(a, b)).filter(|distance| *distance <= most);
    }
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same..], &b[same..]);
    let same = a.iter().rev().zip(b.iter().rev());
    let same = same.take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - same], &b[..b.len() - same]);
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before = [0_usize; LONGEST + 1];
    let mut last = [0_usize; LONGEST + 1];
    let mut next = [0_usize; LONGEST + 1];
    for (at, cell) in last.iter_mut().enumerate() {
        *cell = at;
    }
    for (i, &x) in a.iter().enumerate() {
        next[0] = i + 1;
        let mut fewest = next[0];
        for (j, &y) in b.iter().enumerate() {
            let mut best = (last[j] + usize::from(x != y))
                .min(last[j + 1] + 1)
                .min(next[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                best = best.min(before[j - 1] + 1);
            }
            next[j + 1] = best;
            fewest = fewest.min(best);
        }
        // A swap reaches back two rows, so one row above the limit is no end yet.
        if fewest > most + 1 {
            return None;
        }
        (before, last, next) = (last, next, before);
    }
    Some(last[b.len()]).filter(|distance| *distance <= most)
}

fn push_letter(full: &mut String, word: usize, c: char) {
    if c.is_ascii() {
        push_plain(full, word, c.to_ascii_lowercase());
        return;
    }
    for c in c.to_lowercase() {
        match plain(c) {
            Some(plain) => plain.chars().for_each(|c| push_plain(full, word, c)),
            None => push_plain(full, word, c),
        }
    }
}

/// Appends a letter, writing `ae`, `oe`, `ue` and `aa` as one vowel.
fn push_plain(full: &mut String, word: usize, c: char) {
    let last = full[word..].bytes().next_back();
    let doubled = match c {
        'e' => matches!(last, Some(b'a' | b'o' | b'u')),
        'a' => last == Some(b'a'),
        _ => false,
    };
    if !doubled {
        full.push(c);
    }
}

/// Ends the word that starts at `word` and gives where the next one starts.
fn end_word(full: &mut String, word: usize) -> usize {
    if full.len() == word {
        return word;
    }
    if matches!(
        &full[word..],
        "sankt" | "sanct" | "saint" | "sainte" | "ste"
    ) {
        full.truncate(word);
        full.push_str("st");
    }
    full.push(' ');
    full.len()
}

/// Apostrophes and combining accents stand within a word.
fn is_joined(c: char) -> bool {
    matches!(c, '\'' | '’' | '`' | '´' | 'ʼ' | '\u{300}'..='\u{36f}')
}

/// How much of the words is the town's own name: all before the first qualifier or number.
fn base_len(words: &str) -> usize {
    let mut len = 0;
    for word in words.split(' ') {
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        if len > 0 && (is_number || QUALIFIERS.contains(&word)) {
            return len - 1;
        }
        len += word.len() + 1;
    }
    words.len()
}

/// Whether the letters of `short` come in this order in `long`, the first ones being equal.
fn abbreviates(short: &str, long: &str) -> bool {
    let mut letters = long.chars();
    short.chars().next() == long.chars().next()
        && short.chars().all(|c| letters.any(|letter| letter == c))
}

/// Whether the words of `part` stand in `whole` side by side, and not behind a word that makes
/// them another name, as in `Bad Essen`.
fn contains_words(whole: &str, part: &str) -> bool {
    if part.is_empty() || part.len() >= whole.len() {
        return false;
    }
    whole.match_indices(part).any(|(at, _)| {
        let (before, behind) = (&whole[..at], &whole[at + part.len()..]);
        (behind.is_empty() || behind.starts_with(' '))
            && (before.is_empty()
                || before
                    .strip_suffix(' ')
                    .and_then(|words| words.rsplit(' ').next())
                    .is_some_and(|word| !PREFIXES.contains(&word)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_fold(text: &str, folded: &str) {
        assert_eq!(fold(text), folded);
    }

    #[test]
    fn spellings_become_one() {
        check_fold("München", "munchen");
        check_fold("MUENCHEN", "munchen");
        check_fold("Mu\u{308}nchen", "munchen");
        check_fold("Großräschen", "grossraschen");
        check_fold("St.-Ingbert", "st ingbert");
        check_fold("Sankt  Ingbert ", "st ingbert");
        check_fold("L’Aquila", "laquila");
        check_fold("Århus", "arhus");
        check_fold("Aarhus", "arhus");
        check_fold("Łódź", "lodz");
        check_fold("Αθήνα", "αθηνα");
        check_fold(" - ", "");
    }

    #[track_caller]
    fn check_base(text: &str, base: &str, qualifier: &str) {
        let name = Name::parse(text);
        assert_eq!((name.base(), name.qualifier()), (base, qualifier));
    }

    #[test]
    fn qualifiers_are_told_from_names() {
        check_base("Frankfurt am Main", "frankfurt", "am main");
        check_base("Frankfurt (Oder)", "frankfurt", "oder");
        check_base("Bad Homburg v.d.H.", "bad homburg", "v d h");
        check_base("Am Mellensee", "am mellensee", "");
        check_base("Praha 10-Vinohrady", "praha", "10 vinohrady");
        check_base("Cunewalde, OT Weigsdorf", "cunewalde", "ot weigsdorf");
        check_base("(Oder)", "oder", "");
        check_base("", "", "");
    }

    #[track_caller]
    fn check_agrees(a: &str, b: &str, expected: bool) {
        let (a, b) = (Name::parse(a), Name::parse(b));
        assert_eq!(
            (a.agrees(&b), b.agrees(&a)),
            (expected, expected),
            "{a:?} {b:?}"
        );
    }

    #[test]
    fn names_agree_when_they_may_be_the_same() {
        check_agrees("Frankfurt a.M.", "Frankfurt am Main", true);
        check_agrees("Frankfurt/Main", "Frankfurt am Main", true);
        check_agrees("Frankfurt", "Frankfurt (Oder)", true);
        check_agrees("Frankfurt am Main", "Frankfurt (Oder)", false);
        check_agrees("Weiden i.d.OPf.", "Weiden in der Oberpfalz", true);
        check_agrees("Neustadt/Wstr.", "Neustadt an der Weinstraße", true);
        check_agrees("Hamburg-Altona", "Hamburg", true);
        check_agrees("Burgliebenau", "Schkopau Burgliebenau", true);
        check_agrees("Essen", "Bad Essen", false);
        check_agrees("Essen", "Essenheim", false);
        check_agrees("", "Essen", false);
    }

    #[track_caller]
    fn check_distance(a: &str, b: &str, expected: usize) {
        assert_eq!(edit_distance(a, b), expected);
    }

    #[test]
    fn typing_errors_are_counted() {
        check_distance("mannheim", "mannheim", 0);
        check_distance("manheim", "mannheim", 1);
        check_distance("mannhiem", "mannheim", 1);
        check_distance("", "abc", 3);
        let resemble = |a, b| Name::parse(a).folded().resembles(Name::parse(b).folded());
        assert!(resemble("Manheim", "Mannheim"));
        assert!(!resemble("Ulm", "Elm"));
    }
}
