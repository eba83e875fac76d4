//! The typeface of everything that is printed, and how wide its text is.
//!
//! It is in the binary: what is printed looks the same everywhere, and no font of the system is asked
//! for. Noto Sans, SIL Open Font License 1.1 (`data/fonts/OFL.txt`).

use std::sync::LazyLock;

use ttf_parser::Face;

/// What the family is called.
pub(super) const FAMILY: &str = "Noto Sans";

/// The bytes of each weight.
pub(super) const FILES: [&[u8]; 2] = [
    include_bytes!("../../data/fonts/NotoSans-Regular.ttf"),
    include_bytes!("../../data/fonts/NotoSans-SemiBold.ttf"),
];

/// A weight of the family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    SemiBold,
}

impl Weight {
    /// The number that the weight has in CSS.
    pub(super) fn number(self) -> u16 {
        match self {
            Self::Regular => 400,
            Self::SemiBold => 600,
        }
    }

    fn face(self) -> &'static Face<'static> {
        static FACES: LazyLock<[Face<'static>; 2]> = LazyLock::new(|| {
            FILES.map(|bytes| Face::parse(bytes, 0).expect("the shipped fonts are read by a test"))
        });
        &FACES[self as usize]
    }
}

/// How wide `text` is at `size`, in the unit of `size`; without kerning, so rather too much.
pub(super) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let face = weight.face();
    let advance = |sign: char| {
        let glyph = face.glyph_index(sign).unwrap_or_default();
        f64::from(face.glyph_hor_advance(glyph).unwrap_or_default())
    };
    text.chars().map(advance).sum::<f64>() * size / f64::from(face.units_per_em())
}

/// `text` with signs that the shipped fonts don't have shown as `\u{fffd}`, and without those that
/// nobody sees.
pub(super) fn shown(text: &str) -> String {
    let sign = |sign: char| match sign {
        '\t' | '\n' | '\r' => Some(' '),
        sign if sign.is_control() => None,
        sign if Weight::Regular.face().glyph_index(sign).is_some() => Some(sign),
        _ => Some('\u{fffd}'),
    };
    text.chars().filter_map(sign).collect()
}

/// `text` in lines no wider than `most`, broken between words where that can be.
pub(super) fn lines(text: &str, size: f64, weight: Weight, most: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size, weight) <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_a_width() {
        let width = |text| width(text, 10.0, Weight::Regular);
        assert!((width("0") - 5.72).abs() < 0.01, "{}", width("0"));
        assert!(
            (width("11") - width("08")).abs() < 1e-9,
            "figures are as wide as each other"
        );
        for sign in "äöüßÄÖÜéčłŐΩЖ€−–·©²".chars() {
            let glyph = Weight::SemiBold.face().glyph_index(sign);
            assert!(glyph.is_some(), "{sign}");
        }
    }

    #[test]
    fn what_the_font_lacks_is_marked() {
        assert_eq!(shown("Łódź\t東\u{7}"), "Łódź \u{fffd}");
    }

    #[test]
    fn text_is_broken_between_words() {
        let text = "eins zwei drei vier";
        let lines = lines(text, 10.0, Weight::SemiBold, 55.0);
        assert_eq!(lines.join(" "), text);
        assert!(lines.len() > 1);
        assert!(
            lines
                .iter()
                .all(|line| width(line, 10.0, Weight::SemiBold) <= 55.0)
        );
    }
}
