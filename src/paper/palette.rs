//! Palettes of printed maps, which are those of the light screen (`web/src/view/palettes.ts`), and
//! colours between colours, mixed as the eye sees them.
//!
//! `tests/colours.json` has cases that both are tested with.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::classes::Classes;

/// A palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Palette {
    /// Light to dark green.
    Teal,
    /// Yellow over green to violet.
    Viridis,
    /// Yellow over grey to blue.
    Cividis,
    /// Cream over orange to brown.
    Ember,
    /// Light to dark grey.
    Grey,
    /// From both sides of a middle: orange and blue.
    OrangeBlue,
    /// From both sides of a middle: brown and green.
    BrownTeal,
    /// From both sides of a middle: violet and green.
    PurpleGreen,
}

/// A colour as red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Colour(pub [u8; 3]);

impl Colour {
    /// The colour of `0xrrggbb`.
    const fn of(hex: u32) -> Self {
        let [_, red, green, blue] = hex.to_be_bytes();
        Self([red, green, blue])
    }

    /// Whether white text is easier to read on it than black text (luma of ITU-R BT.601).
    pub(super) fn is_dark(self) -> bool {
        let [red, green, blue] = self.0.map(f64::from);
        0.299 * red + 0.587 * green + 0.114 * blue < 140.0
    }
}

impl fmt::Display for Colour {
    /// `#rrggbb`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Palette {
    /// The one that fits: from both sides where the classes turn.
    pub(super) fn fitting(turn: Option<f64>) -> Self {
        match turn {
            Some(_) => Self::OrangeBlue,
            None => Self::Teal,
        }
    }

    pub(super) fn is_diverging(self) -> bool {
        matches!(self, Self::OrangeBlue | Self::BrownTeal | Self::PurpleGreen)
    }

    /// Its colours, equally far apart, from the least value on.
    const fn row(self) -> &'static [u32] {
        match self {
            Self::Teal => &[
                0xee_f4_f1, 0xd3_e6_df, 0xa9_d3_c6, 0x7b_ba_ad, 0x4c_9e_94, 0x25_7d_78, 0x0d_5c_5e,
            ],
            Self::Viridis => &[
                0xfd_e7_25, 0xb5_de_2b, 0x6e_ce_58, 0x35_b7_79, 0x1f_9e_89, 0x26_82_8e, 0x31_68_8e,
                0x3e_4a_89, 0x48_28_78, 0x44_01_54,
            ],
            Self::Cividis => &[
                0xfe_e8_38, 0xe1_cc_55, 0xc3_b3_69, 0xa5_9c_74, 0x8a_86_78, 0x70_71_73, 0x57_5d_6d,
                0x3b_49_6c, 0x12_35_70, 0x00_22_4e,
            ],
            Self::Ember => &[0xfd_f3_dc, 0xf8_cf_7e, 0xe8_94_3a, 0xb9_50_1f, 0x6b_1f_12],
            Self::Grey => &[0xf1_f2_f2, 0x2f_35_36],
            Self::OrangeBlue => &[0xa8_47_0f, 0xe3_9b_5e, 0xf3_f2_ee, 0x7f_ab_d8, 0x1b_4f_8a],
            Self::BrownTeal => &[0x7a_45_10, 0xcf_9a_4a, 0xf3_f2_ee, 0x5f_b2_ae, 0x0d_5c_5e],
            Self::PurpleGreen => &[0x57_30_7f, 0xb1_89_d6, 0xf3_f2_f3, 0x7c_c4_7f, 0x1d_64_33],
        }
    }

    /// The colour at `position`, 0 to 1.
    pub(super) fn at(self, position: f64) -> Colour {
        let row = self.row();
        let place = position.clamp(0.0, 1.0) * steps(row.len() - 1);
        let last = row.len() - 2;
        let index = (0..last)
            .take_while(|step| place >= steps(step + 1))
            .count();
        let [from, to] = [row[index], row[index + 1]].map(Colour::of);
        between(from, to, place - steps(index))
    }

    /// The colour of each class; of a continuous scale the one in its middle.
    pub(super) fn colours(self, classes: &Classes) -> Vec<Colour> {
        let places = places_of(classes, self.is_diverging());
        places.into_iter().map(|place| self.at(place)).collect()
    }

    /// The colour of a value on a continuous scale.
    pub(super) fn colour_of(self, classes: &Classes, value: f64) -> Colour {
        let Some(turn) = classes.turn.filter(|_| self.is_diverging()) else {
            return self.at(classes.position_of(value));
        };
        let reaches = classes.bounds.iter().map(|bound| (bound - turn).abs());
        let reach = reaches.fold(0.0, f64::max);
        self.at(if reach > 0.0 {
            0.5 + (value - turn) / (2.0 * reach)
        } else {
            0.5
        })
    }
}

/// Where each class stands in the palette, 0 to 1: few classes still span it, both sides of a turn
/// alike.
fn places_of(classes: &Classes, is_diverging: bool) -> Vec<f64> {
    let last = classes.count() - 1;
    let Some(turn) = classes.turn.filter(|_| is_diverging) else {
        let even = |index| {
            if last == 0 {
                0.5
            } else {
                steps(index) / steps(last)
            }
        };
        return (0..=last).map(even).collect();
    };
    let middle = classes.class_of(turn);
    // With a bound at the turn itself, no class lies on both of its sides.
    #[expect(
        clippy::float_cmp,
        reason = "the turn was taken from the bounds or is 0"
    )]
    let is_at_bound = middle > 0 && classes.bounds[middle] == turn;
    let offset = if is_at_bound { 0.5 } else { 0.0 };
    let step = |index| steps(index) - steps(middle) + offset;
    let reach = step(0).abs().max(step(last).abs()).max(0.5);
    (0..=last)
        .map(|index| 0.5 + step(index) / (2.0 * reach))
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "a palette has a few steps")]
fn steps(count: usize) -> f64 {
    count as f64
}

/// `part` of the way from one colour to another, in `OKLab` (Ottosson 2020).
fn between(from: Colour, to: Colour, part: f64) -> Colour {
    if part <= 0.0 {
        return from;
    }
    if part >= 1.0 {
        return to;
    }
    let (start, end) = (lab(from), lab(to));
    let [light, u, v] = [0, 1, 2].map(|axis: usize| start[axis] + (end[axis] - start[axis]) * part);
    let long = (light + 0.396_337_777_4 * u + 0.215_803_757_3 * v).powi(3);
    let medium = (light - 0.105_561_345_8 * u - 0.063_854_172_8 * v).powi(3);
    let short = (light - 0.089_484_177_5 * u - 1.291_485_548 * v).powi(3);
    Colour(
        [
            4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short,
            -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short,
            -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701 * short,
        ]
        .map(encoded),
    )
}

/// Lightness and two axes of hue.
fn lab(colour: Colour) -> [f64; 3] {
    let [red, green, blue] = colour.0.map(linear);
    let long = (0.412_221_470_8 * red + 0.536_332_536_3 * green + 0.051_445_992_9 * blue).cbrt();
    let medium = (0.211_903_498_2 * red + 0.680_699_545_1 * green + 0.107_396_956_6 * blue).cbrt();
    let short = (0.088_302_461_9 * red + 0.281_718_837_6 * green + 0.629_978_700_5 * blue).cbrt();
    [
        0.210_454_255_3 * long + 0.793_617_785 * medium - 0.004_072_046_8 * short,
        1.977_998_495_1 * long - 2.428_592_205 * medium + 0.450_593_709_9 * short,
        0.025_904_037_1 * long + 0.782_771_766_2 * medium - 0.808_675_766 * short,
    ]
}

/// A part of a colour as light, 0 to 1 (IEC 61966-2-1).
fn linear(part: u8) -> f64 {
    let part = f64::from(part) / 255.0;
    if part <= 0.040_45 {
        part / 12.92
    } else {
        ((part + 0.055) / 1.055).powf(2.4)
    }
}

fn encoded(light: f64) -> u8 {
    let light = light.clamp(0.0, 1.0);
    let part = if light <= 0.003_130_8 {
        12.92 * light
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0..=255"
    )]
    let part = (part * 255.0).round() as u8;
    part
}

#[cfg(test)]
mod tests {
    use super::super::classes::{Fit, Method};
    use super::*;

    #[derive(Deserialize)]
    struct Case {
        palette: Option<Palette>,
        method: Method,
        values: Vec<f64>,
        breaks: Vec<f64>,
        turn: Option<f64>,
        colours: Vec<String>,
    }

    #[test]
    fn colours_are_those_of_the_screen() {
        let cases: Vec<Case> =
            serde_json::from_str(include_str!("../../tests/colours.json")).unwrap();
        assert!(cases.len() > 20);
        for case in cases {
            let fit = Fit {
                breaks: case.breaks.clone(),
                turn: case.turn,
            };
            let classes = Classes::of(&case.values, &fit, case.method).unwrap();
            let palette = case.palette.unwrap_or(Palette::fitting(case.turn));
            let colours: Vec<String> = if classes.is_continuous {
                let of = |value: &f64| palette.colour_of(&classes, *value).to_string();
                case.values.iter().map(of).collect()
            } else {
                let colours = palette.colours(&classes);
                colours.iter().map(ToString::to_string).collect()
            };
            assert_eq!(colours, case.colours, "{palette:?} {:?}", case.breaks);
        }
    }
}
