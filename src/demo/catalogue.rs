//! What is sold: ten categories with their season, their growth and their own geography, fifteen
//! products each.

use super::random::{Random, running};
use super::town::Town;

/// A category of products.
pub(super) struct Category {
    /// Its name.
    pub name: &'static str,
    /// What its products are called before their series.
    nouns: [&'static str; 3],
    /// Price of its cheapest product in cents, per unit.
    price_cents: f64,
    /// Usual quantity of one line.
    quantity: f64,
    /// Whether it is sold by the tenth, in metres or tons.
    pub in_tenths: bool,
    /// Cost as a share of the list price.
    pub cost_share: f64,
    /// Demand in each month, about 1 on average.
    pub season: [f64; 12],
    /// Demand gained or lost in a year, as a share of that of the middle.
    pub growth: f64,
    /// Demand anywhere, and what the south, north, east, west and large towns add.
    reach: [f64; 6],
}

/// What the customers do, and how much more they take of some categories.
pub(super) const TRADES: [(&str, [usize; 2]); 10] = [
    ("Haustechnik", [0, 6]),
    ("Solartechnik", [1, 0]),
    ("Tiefbau", [2, 9]),
    ("Ausbau", [5, 3]),
    ("Bedachungen", [4, 3]),
    ("Trockenbau", [5, 8]),
    ("Bäder", [6, 0]),
    ("Holzbau", [7, 4]),
    ("Metallbau", [8, 1]),
    ("Gebäudeservice", [9, 8]),
];

const EVEN: [f64; 12] = [0.8, 0.9, 1.0, 1.05, 1.1, 1.1, 1.0, 0.95, 1.1, 1.1, 1.0, 0.9];
const SUMMER: [f64; 12] = [0.4, 0.5, 0.9, 1.2, 1.4, 1.5, 1.4, 1.3, 1.2, 1.0, 0.7, 0.5];
const AUTUMN: [f64; 12] = [0.9, 0.8, 0.7, 0.7, 0.7, 0.8, 0.9, 1.1, 1.5, 1.6, 1.4, 0.9];
const WINTER: [f64; 12] = [2.6, 2.2, 1.0, 0.2, 0.1, 0.1, 0.1, 0.2, 0.5, 1.2, 2.0, 2.3];
const RAINY: [f64; 12] = [0.6, 0.8, 1.4, 1.5, 1.2, 0.9, 0.8, 0.8, 1.2, 1.3, 0.9, 0.6];
const GIFTS: [f64; 12] = [0.8, 0.8, 0.9, 1.0, 1.0, 0.9, 0.8, 0.8, 0.9, 1.0, 1.4, 1.7];

/// Everything that is sold.
pub(super) const CATEGORIES: [Category; 10] = [
    category(
        "Wärmepumpen",
        ["Luftwärmepumpe", "Erdwärmepumpe", "Pufferspeicher"],
        245_000.0,
        2.4,
        0.76,
        AUTUMN,
        0.14,
        [0.5, 1.8, 0.0, 0.1, 0.2, 0.0],
    ),
    category(
        "Solartechnik",
        ["Solarmodul", "Wechselrichter", "Batteriespeicher"],
        24_000.0,
        30.0,
        0.81,
        SUMMER,
        -0.10,
        [0.5, 1.3, 0.0, 0.5, 0.0, 0.0],
    ),
    metres(
        "Entwässerung",
        ["Drainagerohr", "Kontrollschacht", "Rigole"],
        2_100.0,
        190.0,
        0.66,
        RAINY,
        0.05,
        [0.4, 0.0, 2.0, 0.1, 0.3, 0.0],
    ),
    metres(
        "Dämmstoffe",
        ["Holzfaserplatte", "Mineralwolle", "Einblasdämmung"],
        1_600.0,
        250.0,
        0.72,
        EVEN,
        0.06,
        [0.8, 0.0, 0.1, 0.9, 0.0, 0.2],
    ),
    category(
        "Dachbaustoffe",
        ["Dachziegel", "Dachfenster", "Unterspannbahn"],
        3_400.0,
        120.0,
        0.70,
        SUMMER,
        -0.03,
        [0.7, 0.0, 0.7, 0.0, 0.7, 0.0],
    ),
    metres(
        "Trockenbau",
        ["Gipsplatte", "Ständerprofil", "Akustikdecke"],
        1_100.0,
        330.0,
        0.74,
        EVEN,
        0.02,
        [0.6, 0.0, 0.0, 0.2, 0.2, 1.4],
    ),
    category(
        "Bad und Fliesen",
        ["Bodenfliese", "Duschwanne", "Waschtisch"],
        7_400.0,
        48.0,
        0.64,
        EVEN,
        0.0,
        [0.6, 0.0, 0.1, 0.0, 1.2, 0.5],
    ),
    metres(
        "Holzbau",
        [
            "Brettschichtholz",
            "Konstruktionsvollholz",
            "Terrassendiele",
        ],
        2_600.0,
        160.0,
        0.78,
        SUMMER,
        0.08,
        [0.3, 1.6, 0.0, 0.3, 0.0, -0.1],
    ),
    category(
        "Werkzeug",
        ["Akkuschrauber", "Kreissäge", "Bohrkrone"],
        11_800.0,
        18.0,
        0.61,
        GIFTS,
        0.01,
        [1.0, 0.0, 0.0, 0.0, 0.1, 0.2],
    ),
    metres(
        "Winterdienst",
        ["Streusalz", "Schneeräumer", "Streusplitt"],
        13_500.0,
        29.0,
        0.69,
        WINTER,
        -0.05,
        [0.2, 1.1, 0.0, 0.5, 0.0, 0.1],
    ),
];

/// Categories sold by the piece.
#[expect(
    clippy::too_many_arguments,
    reason = "the arguments are the columns of the table above"
)]
const fn category(
    name: &'static str,
    nouns: [&'static str; 3],
    price_cents: f64,
    quantity: f64,
    cost_share: f64,
    season: [f64; 12],
    growth: f64,
    reach: [f64; 6],
) -> Category {
    Category {
        name,
        nouns,
        price_cents,
        quantity,
        in_tenths: false,
        cost_share,
        season,
        growth,
        reach,
    }
}

/// Categories sold by the metre or ton.
#[expect(
    clippy::too_many_arguments,
    reason = "the arguments are the columns of the table above"
)]
const fn metres(
    name: &'static str,
    nouns: [&'static str; 3],
    price_cents: f64,
    quantity: f64,
    cost_share: f64,
    season: [f64; 12],
    growth: f64,
    reach: [f64; 6],
) -> Category {
    Category {
        name,
        nouns,
        price_cents,
        quantity,
        in_tenths: true,
        cost_share,
        season,
        growth,
        reach,
    }
}

impl Category {
    /// Demand for the category in `town`, from its place alone.
    pub fn demand(&self, town: &Town) -> f64 {
        let share = |value: f64| value.clamp(0.0, 1.0);
        let large = share((town.population - 50_000.0) / 250_000.0);
        let [anywhere, south, north, east, west, in_large] = self.reach;
        let demand = anywhere
            + south * share((51.0 - town.lat) / 3.0)
            + north * share((town.lat - 51.0) / 2.5)
            + east * share((town.lon - 10.5) / 2.5)
            + west * share((9.5 - town.lon) / 2.5)
            + in_large * large;
        demand.max(0.05)
    }
}

/// A product.
pub(super) struct Product {
    /// Its name.
    pub name: String,
    /// Price of a unit in cents.
    pub price_cents: f64,
    /// Usual quantity of a line.
    pub quantity: f64,
}

/// The products of every category, the best selling first, and the running sums of their shares.
pub(super) struct Range {
    /// By category and rank.
    pub products: Vec<Vec<Product>>,
    sums: Vec<f64>,
}

impl Range {
    /// Fifteen products a category: three nouns in five series. The dearer, the fewer.
    pub fn new() -> Self {
        const SERIES: [(&str, f64); 5] = [
            ("Alpha", 1.0),
            ("Komet", 1.5),
            ("Nova", 2.2),
            ("Orbit", 3.1),
            ("Zenit", 4.5),
        ];
        let products = CATEGORIES.iter().map(|category| {
            let mut products = Vec::new();
            for (series, dearer) in SERIES {
                for (noun, step) in category.nouns.iter().zip([1.0, 1.3, 0.7]) {
                    products.push(Product {
                        name: format!("{noun} {series}"),
                        price_cents: (category.price_cents * dearer * step).round(),
                        quantity: category.quantity / dearer,
                    });
                }
            }
            products
        });
        Self {
            products: products.collect(),
            sums: running((0..15).map(|rank| 1.0 / f64::from(rank + 3))),
        }
    }

    /// A product of the category of that index, drawn by rank.
    pub fn draw(&self, category: usize, random: &mut Random) -> &Product {
        &self.products[category][random.weighted(&self.sums)]
    }
}
