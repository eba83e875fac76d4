//! Who buys: accounts as a file, and what sales need to know of them.

use std::io::{self, Write};

use super::catalogue::{CATEGORIES, TRADES};
use super::name::{Name, person, street};
use super::random::Random;
use super::town::{COUNTRIES, Town, Towns};

/// Months that a calendar of four years touches.
pub(super) const MONTHS: usize = 49;
const HEADINGS: &str = "Kundennummer;Firma;Stadium;Branche;Ansprechpartner;Telefon;E-Mail;Webseite;Straße;PLZ;Ort;Land";
/// Share of the addresses with something wrong in them.
const DIRTY_SHARE: f64 = 0.03;

/// Where the sales force lives, by degrees; an account belongs to the nearest.
const BASES: [[f64; 2]; 24] = [
    [10.0, 53.55],
    [8.8, 53.1],
    [9.7, 52.4],
    [10.1, 54.3],
    [12.1, 54.1],
    [13.4, 52.5],
    [11.6, 52.1],
    [12.4, 51.3],
    [13.7, 51.05],
    [11.0, 51.0],
    [7.0, 51.4],
    [7.6, 51.9],
    [6.9, 50.9],
    [8.7, 50.1],
    [7.0, 49.3],
    [8.5, 49.5],
    [9.2, 48.8],
    [7.9, 48.0],
    [11.1, 49.45],
    [11.6, 48.1],
    [16.3, 48.2],
    [13.6, 47.7],
    [10.6, 47.2],
    [8.3, 47.2],
];

/// Where business grows or shrinks: longitude, latitude, reach in degrees, share gained a year.
const TRENDS: [[f64; 4]; 10] = [
    [12.4, 51.3, 0.9, 0.22],
    [11.6, 48.1, 0.8, 0.10],
    [7.2, 51.5, 0.7, -0.16],
    [9.2, 48.8, 0.7, -0.10],
    [13.4, 52.5, 0.6, 0.15],
    [10.0, 53.5, 0.8, 0.06],
    [7.0, 49.3, 0.6, -0.18],
    [12.1, 54.1, 0.9, 0.16],
    [16.3, 48.2, 0.8, -0.08],
    [9.6, 47.4, 0.8, 0.14],
];

/// What sales need to know of one account that buys.
pub(super) struct Customer {
    /// Its number.
    pub key: String,
    /// Its usual share of the business, against others.
    pub weight: f64,
    /// What it gains or loses a year by where it is.
    pub growth: f64,
    /// Its demand for each category.
    pub demand: [f64; CATEGORIES.len()],
    /// What it pays of the list price.
    pub price_share: f64,
    /// Index of its rep.
    pub rep: usize,
    life: Life,
}

/// When an account buys, in months of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Life {
    from: usize,
    to: usize,
    pause: (usize, usize),
}

/// Everyone who buys, and who sells to them.
pub(super) struct Customers {
    /// In the order of the file.
    pub all: Vec<Customer>,
    /// Names of the sales force.
    pub reps: Vec<String>,
}

impl Customers {
    /// Writes `count` accounts and keeps those who buy. The first one always does.
    pub fn write(
        count: u32,
        towns: &Towns,
        random: &mut Random,
        out: &mut impl Write,
    ) -> io::Result<Self> {
        let reps = BASES.iter().map(|_| person(random)).collect();
        let mut all = Vec::new();
        writeln!(out, "{HEADINGS}")?;
        for number in 0..count {
            let town = towns.draw(random);
            let key = format!("K{}", 100_001 + number);
            let trade = random.below(TRADES.len());
            let (stage, life) = match number {
                0 => ("Kunde", Some(Life::WHOLE)),
                _ => draw_life(random),
            };
            write_account(&key, stage, trade, town, towns, random, out)?;
            if let Some(life) = life {
                all.push(customer(key, trade, town, life, random));
            }
        }
        Ok(Self { all, reps })
    }
}

impl Customer {
    /// Its share of the business in `month`, `years` from the middle of the calendar.
    pub fn weight_in(&self, month: usize, years: f64) -> f64 {
        let Life { from, to, pause } = self.life;
        if !(from..to).contains(&month) || (pause.0..pause.1).contains(&month) {
            return 0.0;
        }
        self.weight * (1.0 + self.growth * years).max(0.15)
    }
}

impl Life {
    const WHOLE: Self = Self {
        from: 0,
        to: MONTHS,
        pause: (0, 0),
    };
}

/// A stage as the file writes it, and when the account buys; never for those yet to be won.
fn draw_life(random: &mut Random) -> (&'static str, Option<Life>) {
    let whole = Life::WHOLE;
    let bought = |stage, life| (stage, Some(life));
    match random.below(100) {
        0..12 => ("Potenzialkunde", None),
        12..20 => ("Interessent", None),
        20..28 => bought(
            "ruhend",
            Life {
                to: MONTHS - 8 - random.below(5),
                ..whole
            },
        ),
        28..35 => bought(
            "verloren",
            Life {
                to: 6 + random.below(28),
                ..whole
            },
        ),
        35..38 => {
            let start = 6 + random.below(12);
            let pause = (start, start + 13 + random.below(8));
            bought("zurückgewonnen", Life { pause, ..whole })
        }
        38..58 => bought(
            "Kunde",
            Life {
                from: random.below(MONTHS - 3),
                ..whole
            },
        ),
        _ => bought("Kunde", whole),
    }
}

fn customer(key: String, trade: usize, town: &Town, life: Life, random: &mut Random) -> Customer {
    // Pareto with exponent 4/3: a fifth of the customers make two thirds of the business.
    let rank = random.between(0.000_05, 1.0).sqrt();
    let weight = 1.0 / (rank * rank.sqrt());
    let mut demand = CATEGORIES.each_ref().map(|category| category.demand(town));
    let [first, second] = TRADES[trade].1;
    demand[first] *= 4.0;
    demand[second] *= 2.0;
    let near = |[lon, lat]: &[f64; 2]| distance_2(town, *lon, *lat);
    let rep = (0..BASES.len())
        .min_by(|a, b| near(&BASES[*a]).total_cmp(&near(&BASES[*b])))
        .unwrap_or_default();
    let growth = TRENDS.iter().map(|[lon, lat, reach, share]| {
        share / (1.0 + distance_2(town, *lon, *lat) / (reach * reach))
    });
    Customer {
        key,
        weight,
        growth: growth.sum(),
        demand,
        price_share: 1.0 - (weight / 400.0).min(0.12) - random.between(0.0, 0.06),
        rep,
        life,
    }
}

/// Squared distance in degrees of latitude, near enough for Central Europe.
fn distance_2(town: &Town, lon: f64, lat: f64) -> f64 {
    let (dx, dy) = ((town.lon - lon) * 0.65, town.lat - lat);
    dx * dx + dy * dy
}

fn write_account(
    key: &str,
    stage: &str,
    trade: usize,
    town: &Town,
    towns: &Towns,
    random: &mut Random,
    out: &mut impl Write,
) -> io::Result<()> {
    let trade = TRADES[trade].0;
    let Name {
        company,
        contact,
        phone,
        email,
        website,
    } = Name::draw(trade, town.country, random);
    let street = street(town.country, random);
    let mut code = random.pick(&town.codes).clone();
    let mut place = town.name.clone();
    let mut country = COUNTRIES[town.country].name;
    if random.chance(DIRTY_SHARE) {
        match random.below(6) {
            0 => code.clear(),
            1 => code = no_code(town.country, random),
            2 => place = mistyped(&place, random),
            3 => country = "",
            4 => code = format!("{}-{code}", ["D", "A", "CH"][town.country]),
            _ => code.clone_from(&towns.draw(random).codes[0]),
        }
    }
    writeln!(
        out,
        "{key};{company};{stage};{trade};{contact};{phone};{email};{website};{street};{code};{place};{country}"
    )
}

/// A postal code that does not exist: none starts with 00 in Germany, 0 in Austria and
/// Switzerland.
fn no_code(country: usize, random: &mut Random) -> String {
    let number = 100 + random.below(900);
    if country == 0 {
        format!("00{number}")
    } else {
        format!("0{number}")
    }
}

/// `name` with two letters in the wrong order, or one missing.
fn mistyped(name: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    if letters.len() < 4 {
        return name.to_owned();
    }
    let at = 1 + random.below(letters.len() - 2);
    if letters[at] != letters[at + 1] && random.chance(0.5) {
        letters.swap(at, at + 1);
    } else {
        letters.remove(at);
    }
    letters.into_iter().collect()
}
