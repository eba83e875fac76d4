//! How exact a position is and how sure: measured, not guessed.
//!
//! # Calibration
//!
//! Radii are the 90th percentile of the true distance. They were measured on the 4,689 German
//! charging stations of the Ladesäulenregister (Bundesnetzagentur, 19.07.2019) whose own coordinate
//! lies within 25 km of their postal code.
//!
//! From the centre of a postal code, by the distance to the third nearest other centre:
//!
//! | third nearest centre, km | 0.8–2 | 2–3 | 3–4 | 4–4.8 | 4.8–5.5 | 5.5–6.3 | 6.3–7 | 7–8.3 | 8.3–9.9 | 9.9–30 |
//! |---|---|---|---|---|---|---|---|---|---|---|
//! | median, km | 0.55 | 0.84 | 1.27 | 1.44 | 1.63 | 1.71 | 2.07 | 1.87 | 1.97 | 3.00 |
//! | 90 %, km | 1.11 | 1.74 | 2.92 | 2.98 | 3.58 | 3.90 | 4.63 | 3.89 | 4.64 | 7.12 |
//!
//! From the centre of the place that the code delivers to, by its inhabitants, and from the centre
//! of the code for the same stations:
//!
//! | thousand inhabitants | –2 | 2–5 | 5–10 | 10–20 | 20–40 | 40–80 | 80–160 | 160–320 | 320–700 | 700– |
//! |---|---|---|---|---|---|---|---|---|---|---|
//! | place, median, km | 0.54 | 0.54 | 0.56 | 0.68 | 0.84 | 1.15 | 1.43 | 2.36 | 2.89 | 4.94 |
//! | place, 90 %, km | 2.76 | 3.00 | 2.52 | 2.46 | 4.52 | 3.95 | 4.21 | 6.04 | 9.54 | 11.86 |
//! | code, median, km | 1.83 | 1.51 | 1.63 | 1.71 | 2.01 | 1.92 | 1.49 | 1.09 | 0.89 | 0.68 |
//! | code, 90 %, km | 6.69 | 3.43 | 4.06 | 4.39 | 4.61 | 4.71 | 3.89 | 2.97 | 2.16 | 1.57 |
//!
//! So the centre of a place goes before that of its code below [`CITY`] inhabitants. With the
//! formulas below 90.6 % of the stations lie within the radius of their answer, 91.8 % when the
//! postal code is left out, 92.2 % when everything else is (`cargo bench --bench geocode`): the
//! same stations, so this tells that the formulas fit, not that they hold elsewhere. Other
//! countries have no such register; the same measures hold there, with [`ABROAD`] in reserve.

/// From so many inhabitants on, a postal code tells more than the centre of the place.
pub const CITY: u64 = 80_000;

/// What a radius outside Germany is widened by, where nothing could be measured.
pub const ABROAD: f64 = 1.3;

/// Radius of a coordinate that a file gives, in metres: a house with its grounds.
pub const FILE_M: f64 = 100.0;

/// Inhabitants of a place below the list of places, which starts at 500.
pub const UNLISTED_POPULATION: u64 = 500;

/// The least radius of a place, in metres.
const VILLAGE_M: f64 = 3_200.0;

/// How sure an answer is: the share of such answers that are meant. On the charging stations the
/// answers of [`share::AGREED`] were right (within 15 km) in 100 %, of [`share::PLACE`] in 98 %, of
/// [`share::PART`] in 80 %; [`share::WINNER`] stands on eight rows and is a judgement.
pub mod share {
    /// Postal code and place say the same.
    pub const AGREED: f64 = 0.98;
    /// The place is near the postal code, or is spelt a little differently.
    pub const NEAR: f64 = 0.95;
    /// A postal code alone.
    pub const CODE: f64 = 0.93;
    /// A postal code with a place that nobody knows.
    pub const CODE_UNKNOWN_PLACE: f64 = 0.85;
    /// The winner, where postal code and place contradict each other.
    pub const WINNER: f64 = 0.65;
    /// A place alone, the only one of its name.
    pub const PLACE: f64 = 0.92;
    /// A place found by its first words, or by a part of its name.
    pub const PART: f64 = 0.65;
}

/// The radius around the centre of a postal code whose third nearest other centre is
/// `spacing_m` away, in metres.
#[must_use]
pub fn code_radius_m(spacing_m: f64) -> f64 {
    const TOWN_M: f64 = 6_500.0;
    let near = spacing_m.min(TOWN_M);
    (0.76 * near + 0.32 * (spacing_m - near)).clamp(500.0, 60_000.0)
}

/// The radius around the centre of a place of so many inhabitants, in metres.
#[must_use]
pub fn place_radius_m(population: u64) -> f64 {
    const SMALL: f64 = 20_000.0;
    #[expect(clippy::cast_precision_loss, reason = "no place has 2^52 inhabitants")]
    let size = population as f64 / SMALL;
    VILLAGE_M * size.max(1.0).powf(0.37)
}

/// How probable it is that a name which nobody knows is a typing error for a place of so many
/// inhabitants, before other candidates: the more people live there, the more often the name is
/// written, and misspelt in about one of a hundred times; the other explanation is a village that
/// no file has.
#[must_use]
pub fn misspelt_weight(population: u64, edits: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "no place has 2^52 inhabitants")]
    let population = population.max(UNLISTED_POPULATION) as f64;
    let rate = match edits {
        0 => 0.1,
        1 => 0.01,
        _ => 0.000_02,
    };
    population * rate
}

/// What speaks for a village that no file has, in the unit of [`misspelt_weight`].
pub const UNKNOWN_VILLAGE: f64 = 20.0;

/// Inhabitants of a village that no file has, times how probable it is that there is one of a
/// name. People look for any village, and no file lists all Ortsteile: of 80 German villages
/// drawn from OpenStreetMap 57 stand in none, and ten of these are called as a place elsewhere
/// that does. With this the answers for them are as sure as they are right: 0.75 on average, and
/// 71 % right. In an address the place is one that the post delivers to: its answers need no such
/// reserve, 98 % of the charging stations were found by it alone.
pub const UNKNOWN_INHABITANTS: u64 = 200;

/// The radius that holds the truth nine times of ten, when the first of `spots` is taken: each is
/// a probability, a distance from the first, and a radius of its own, in metres. What the
/// probabilities leave open is left out.
#[must_use]
pub fn mixed_radius_m(spots: &[(f64, f64, f64)]) -> f64 {
    const HELD: f64 = 0.9;
    let total: f64 = spots.iter().map(|spot| spot.0).sum();
    let mut reaches: Vec<_> = spots
        .iter()
        .map(|&(share, distance_m, radius_m)| (distance_m + radius_m, share))
        .collect();
    reaches.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut held = 0.0;
    for &(reach_m, share) in &reaches {
        held += share;
        if held >= HELD * total {
            return reach_m;
        }
    }
    reaches.last().map_or(0.0, |last| last.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radii_grow_with_what_they_stand_for() {
        assert!((code_radius_m(2_000.0) - 1_520.0).abs() < 1.0);
        assert!(code_radius_m(14_000.0) > code_radius_m(7_000.0));
        assert!((place_radius_m(900) - 3_200.0).abs() < 1.0);
        assert!(place_radius_m(1_500_000) > 12_000.0);
    }

    #[test]
    fn rivals_widen_the_radius() {
        let alone = mixed_radius_m(&[(0.95, 0.0, 3_000.0), (0.05, 90_000.0, 3_000.0)]);
        let torn = mixed_radius_m(&[(0.6, 0.0, 3_000.0), (0.4, 90_000.0, 3_000.0)]);
        assert!((alone - 3_000.0).abs() < 1.0);
        assert!((torn - 93_000.0).abs() < 1.0);
    }
}
