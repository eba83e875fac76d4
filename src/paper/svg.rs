//! Writes SVG 1.1: shapes and text in points of type, with two digits behind the point.

use std::fmt::{self, Display, Write};

use super::font::{FAMILY, Weight};
use super::palette::Colour;

/// A drawing that is being written.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    text: String,
}

/// Text and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label<'a> {
    pub(super) text: &'a str,
    /// The base line, at the end that `anchor` names.
    pub(super) at: [f64; 2],
    pub(super) size: f64,
    pub(super) weight: Weight,
    pub(super) colour: Colour,
    pub(super) anchor: Anchor,
    /// Whether a white rim sets it off from what lies below.
    pub(super) has_halo: bool,
}

/// Which part of a text stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A number as short as it is exact enough.
pub(super) struct Short(pub(super) f64);

impl Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.2}", self.0);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        f.write_str(if text == "-0" { "0" } else { text })
    }
}

/// Text with the signs that XML keeps for itself written otherwise, and without those that it does
/// not know.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            sign => escaped.push(sign),
        }
    }
    escaped
}

impl Drawing {
    /// Adds what is SVG already.
    pub(super) fn raw(&mut self, text: impl Display) {
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{text}");
    }

    pub(super) fn rectangle(&mut self, [x, y]: [f64; 2], [width, height]: [f64; 2], fill: &str) {
        let [x, y, width, height] = [x, y, width, height].map(Short);
        self.raw(format_args!(
            r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"/>"#
        ));
    }

    pub(super) fn label(&mut self, label: Label<'_>) {
        let [x, y] = label.at.map(Short);
        let size = Short(label.size);
        let weight = match label.weight {
            Weight::Regular => String::new(),
            Weight::SemiBold => format!(r#" font-weight="{}""#, label.weight.number()),
        };
        let anchor = match label.anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let halo = if label.has_halo {
            r##" stroke="#ffffff" stroke-width="2" stroke-opacity="0.9" stroke-linejoin="round" paint-order="stroke""##
        } else {
            ""
        };
        let (colour, text) = (label.colour, escaped(label.text));
        self.raw(format_args!(
            r#"<text x="{x}" y="{y}" font-size="{size}" fill="{colour}"{weight}{anchor}{halo}>{text}</text>"#
        ));
    }

    /// The whole document of `size` points, with what it shows in words.
    pub(super) fn finish(self, size: [f64; 2], title: &str, about: &str) -> String {
        let [width, height] = size.map(Short);
        let millimetres = size.map(|points| Short(points * 25.4 / 72.0));
        let [wide, high] = millimetres;
        let (title, about, body) = (escaped(title), escaped(about), self.text);
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{wide}mm" height="{high}mm" viewBox="0 0 {width} {height}" font-family="{FAMILY}, sans-serif" role="img">
<title>{title}</title>
<desc>{about}</desc>
{body}</svg>
"#
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let short = [1.0, 0.5, 12.345, -0.001, 100.0].map(|number| Short(number).to_string());
        assert_eq!(short, ["1", "0.5", "12.35", "0", "100"]);
    }

    #[test]
    fn text_is_no_markup() {
        assert_eq!(
            escaped("<A & \"B\">\u{1}\n"),
            "&lt;A &amp; &quot;B&quot;&gt; "
        );
        let mut drawing = Drawing::default();
        drawing.label(Label {
            text: "a < b",
            at: [1.0, 2.0],
            size: 8.0,
            weight: Weight::SemiBold,
            colour: Colour([0, 0, 255]),
            anchor: Anchor::End,
            has_halo: false,
        });
        let text = drawing.finish([72.0, 144.0], "T", "");
        assert!(text.contains(r##"<text x="1" y="2" font-size="8" fill="#0000ff" font-weight="600" text-anchor="end">a &lt; b</text>"##), "{text}");
        assert!(
            text.contains(r#"width="25.4mm" height="50.8mm" viewBox="0 0 72 144""#),
            "{text}"
        );
    }
}
