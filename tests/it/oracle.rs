//! Random questions to a small random company, against the same arithmetic in plain Rust, with
//! roll-ups and without.
//!
//! `REVIER_QUESTIONS` says how many questions are asked, 300 unless said.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use jiff::civil::Date;
use revier::cube::{Answer, Cell};
use revier::import::Kind;
use revier::tile::TileId;
use revier::tile::layer::Layer;
use serde_json::{Value, json};

use crate::world::{Dice, World};

/// A sales line with the keys of its members by level.
struct Line {
    keys: BTreeMap<&'static str, String>,
    day: Date,
    order: String,
    account: Option<String>,
    units_milli: i64,
    revenue: i64,
    cost: Option<i64>,
    is_first: bool,
    is_last: bool,
    is_return: bool,
}

/// Levels that the oracle knows.
const LEVELS: [&str; 21] = [
    "region.country",
    "region.state",
    "region.government_district",
    "region.district",
    "region.municipality",
    "region.postal_1",
    "region.postal_2",
    "region.postal_3",
    "region.postal",
    "time.year",
    "time.fiscal_year",
    "time.quarter",
    "time.month",
    "time.week",
    "time.day",
    "product.category",
    "product.product",
    "account.account",
    "account.industry",
    "account.stage",
    "rep.rep",
];

const MEASURES: [&str; 15] = [
    "revenue",
    "cost",
    "margin",
    "margin_percent",
    "units",
    "orders",
    "lines",
    "customers",
    "new_customers",
    "lost_customers",
    "won_back_customers",
    "average_order",
    "revenue_per_customer",
    "first_purchase",
    "last_purchase",
];

const PLACES: [(&str, &str, &str); 12] = [
    ("80331", "München", "DE"),
    ("90402", "Nürnberg", "DE"),
    ("86150", "Augsburg", "DE"),
    ("20095", "Hamburg", "DE"),
    ("50667", "Köln", "DE"),
    ("53111", "Bonn", "DE"),
    ("70173", "Stuttgart", "DE"),
    ("76133", "Karlsruhe", "DE"),
    ("1010", "Wien", "AT"),
    ("8001", "Zürich", "CH"),
    ("3011", "Bern", "CH"),
    ("", "", ""),
];

struct Company {
    world: World,
    lines: Vec<Line>,
}

impl Company {
    async fn random(dice: &mut Dice) -> Self {
        let world = World::empty().await;
        let (mut accounts, mut sales) = (
            "Kundennummer;Firma;Straße;PLZ;Ort;Land;Branche;Kundenstatus\n".to_owned(),
            "Belegnummer;Position;Datum;Kundennummer;Artikel;Warengruppe;Außendienst;Menge;Netto;\
             Kosten;Währung\n"
                .to_owned(),
        );
        let mut industries = Vec::new();
        for account in 0..40 {
            let (code, place, country) = *dice.pick(&PLACES);
            let industry = *dice.pick(&["Bau", "Handel", ""]);
            let stage = *dice.pick(&["Kunde", "Interessent"]);
            industries.push((industry, stage));
            writeln!(
                accounts,
                "A{account};Firma {account};;{code};{place};{country};{industry};{stage}"
            )
            .unwrap();
        }
        let mut lines = Vec::new();
        for order in 0..150 {
            // Some lines are of nobody known.
            let account = dice.below(43);
            let day = jiff::civil::date(1969, 11, 3);
            let start = if dice.one_in(40) {
                day
            } else {
                jiff::civil::date(2023, 2, 1)
            };
            let day = start
                .checked_add(jiff::Span::new().days(i64::try_from(dice.below(1_200)).unwrap()))
                .unwrap();
            for line in 1..=1 + dice.below(3) {
                // Products belong to several groups at times; an order may have several reps.
                let product = format!("P{}", dice.below(7));
                let category = *dice.pick(&["Pumpen", "Ventile", ""]);
                let rep = *dice.pick(&["Abel", "Berg", ""]);
                let units = i64::try_from(dice.below(9)).unwrap() * 500 - 500;
                let revenue = i64::try_from(dice.below(100_000)).unwrap() - 5_000;
                let cost = (!dice.one_in(4)).then(|| revenue / 3 * 2);
                let money = |minor: i64| {
                    let sign = if minor < 0 { "-" } else { "" };
                    format!("{sign}{},{:02}", minor.abs() / 100, minor.abs() % 100)
                };
                writeln!(
                    sales,
                    "o{order};{line};{};A{account};{product};{category};{rep};{};{};{};EUR",
                    day.strftime("%d.%m.%Y"),
                    format!("{}", f64::from(i32::try_from(units).unwrap()) / 1000.0)
                        .replace('.', ","),
                    money(revenue),
                    cost.map(money).unwrap_or_default(),
                )
                .unwrap();
                let keys = BTreeMap::from([
                    ("product.product", product),
                    ("product.category", or_unassigned(category)),
                    ("rep.rep", or_unassigned(rep)),
                ]);
                lines.push(Line {
                    keys,
                    day,
                    order: format!("o{order}"),
                    account: (account < 40).then(|| format!("A{account}")),
                    units_milli: units,
                    revenue,
                    cost,
                    is_first: false,
                    is_last: false,
                    is_return: false,
                });
            }
        }
        let accounts = world.write("accounts.csv", accounts);
        let sales = world.write("sales.csv", sales);
        world.import(Kind::Accounts, &accounts).await;
        let summary = world.import(Kind::Sales, &sales).await;
        assert_eq!(summary.counts.added, u64::try_from(lines.len()).unwrap());
        let mut company = Self { world, lines };
        company.put_accounts(&industries).await;
        company.put_visits();
        company
    }

    /// Regions as the card of each account tells them, industries as the file does.
    async fn put_accounts(&mut self, industries: &[(&str, &str)]) {
        let mut regions = Vec::new();
        for account in 0..40 {
            let card = self
                .world
                .app
                .account(&format!("A{account}"))
                .await
                .unwrap();
            let card = serde_json::to_value(card).unwrap();
            let steps: BTreeMap<String, String> = card["region"]
                .as_array()
                .unwrap()
                .iter()
                .map(|step| {
                    let text = |field: &str| step[field].as_str().unwrap().to_owned();
                    (text("level"), text("key"))
                })
                .collect();
            let text = |field: &str| card[field].as_str().unwrap_or_default().to_owned();
            regions.push((steps, text("postal_code")));
        }
        for line in &mut self.lines {
            let account = line
                .account
                .as_ref()
                .map(|key| key[1..].parse::<usize>().unwrap());
            for level in LEVELS.iter().filter(|level| !level.starts_with("time.")) {
                let key = account.and_then(|account| {
                    let (steps, postal) = &regions[account];
                    let (industry, stage) = industries[account];
                    let country = steps.get("region.country");
                    let digits =
                        |count: usize| Some(format!("{}-{}", country?, postal.get(..count)?));
                    match *level {
                        "account.account" => Some(format!("A{account}")),
                        "account.industry" => Some(industry.to_owned()),
                        "account.stage" => {
                            Some(if stage == "Kunde" { "customer" } else { "lead" }.to_owned())
                        }
                        "region.postal_1" => digits(1),
                        "region.postal_2" => digits(2),
                        "region.postal_3" => digits(3),
                        "region.postal" => digits(postal.len().max(1)),
                        other => steps.get(other).cloned(),
                    }
                });
                line.keys
                    .entry(level)
                    .or_insert_with(|| or_unassigned(&key.unwrap_or_default()));
            }
        }
    }

    fn put_visits(&mut self) {
        let end = self.lines.iter().map(|line| line.day).max().unwrap();
        let year_after = |day: Date| day.checked_add(jiff::Span::new().years(1)).unwrap();
        let mut days: BTreeMap<String, BTreeSet<Date>> = BTreeMap::new();
        for line in &self.lines {
            if let Some(account) = &line.account {
                days.entry(account.clone()).or_default().insert(line.day);
            }
        }
        for line in &mut self.lines {
            let Some(days) = line.account.as_ref().map(|account| &days[account]) else {
                continue;
            };
            let before = days.range(..line.day).next_back();
            let next = days.range(line.day..).nth(1);
            line.is_first = before.is_none();
            line.is_return = before.is_some_and(|before| year_after(*before) <= line.day);
            line.is_last = *next.unwrap_or(&end) >= year_after(line.day);
        }
    }
}

fn or_unassigned(key: &str) -> String {
    if key.is_empty() { "unassigned" } else { key }.to_owned()
}

impl Line {
    fn key(&self, level: &str, fiscal: i16) -> String {
        let day = self.day;
        let (year, month) = (day.year(), i16::from(day.month()));
        match level {
            "time.year" => year.to_string(),
            "time.fiscal_year" => {
                let begin = if month >= fiscal { year } else { year - 1 };
                if fiscal == 1 {
                    begin.to_string()
                } else {
                    format!("{begin}/{:02}", (begin + 1) % 100)
                }
            }
            "time.quarter" => format!("{year}-Q{}", (month + 2) / 3),
            "time.month" => format!("{year}-{month:02}"),
            "time.week" => {
                let week = day.iso_week_date();
                format!("{}-W{:02}", week.year(), week.week())
            }
            "time.day" => day.to_string(),
            level => self.keys[level].clone(),
        }
    }
}

/// A measure over lines, as a cell of an answer in JSON.
fn measured(measure: &str, lines: &[&Line]) -> Value {
    let sum = |value: &dyn Fn(&Line) -> i64| lines.iter().map(|line| value(line)).sum::<i64>();
    let accounts = |is_wanted: &dyn Fn(&Line) -> bool| {
        let wanted = lines.iter().filter(|line| is_wanted(line));
        wanted
            .filter_map(|line| line.account.as_ref())
            .collect::<BTreeSet<_>>()
            .len()
    };
    let costed: Vec<&&Line> = lines.iter().filter(|line| line.cost.is_some()).collect();
    let cost: i64 = costed.iter().filter_map(|line| line.cost).sum();
    let costed_revenue: i64 = costed.iter().map(|line| line.revenue).sum();
    let revenue = sum(&|line| line.revenue);
    let orders = lines
        .iter()
        .map(|line| &line.order)
        .collect::<BTreeSet<_>>()
        .len();
    let ratio = |value: i64, whole: usize| {
        if whole == 0 {
            return Value::Null;
        }
        // Exact in halves: far from the limits of a float.
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
        let rounded = (value as f64 / whole as f64).round() as i64;
        json!(rounded)
    };
    match measure {
        "revenue" => json!(revenue),
        "cost" | "margin" if costed.is_empty() => Value::Null,
        "cost" => json!(cost),
        "margin" => json!(costed_revenue - cost),
        "margin_percent" if costed_revenue == 0 => Value::Null,
        #[expect(clippy::cast_precision_loss)]
        "margin_percent" => json!((costed_revenue - cost) as f64 / costed_revenue as f64),
        "units" => {
            let milli = sum(&|line| line.units_milli);
            #[expect(clippy::cast_precision_loss)]
            if milli % 1000 == 0 {
                json!(milli / 1000)
            } else {
                json!(milli as f64 / 1000.0)
            }
        }
        "orders" => json!(orders),
        "lines" => json!(lines.len()),
        "customers" => json!(accounts(&|_| true)),
        "new_customers" => json!(accounts(&|line| line.is_first)),
        "lost_customers" => json!(accounts(&|line| line.is_last)),
        "won_back_customers" => json!(accounts(&|line| line.is_return)),
        "average_order" => ratio(revenue, orders),
        "revenue_per_customer" => ratio(revenue, accounts(&|_| true)),
        "first_purchase" => json!(
            lines
                .iter()
                .map(|line| line.day)
                .min()
                .map(|day| day.to_string())
        ),
        "last_purchase" => json!(
            lines
                .iter()
                .map(|line| line.day)
                .max()
                .map(|day| day.to_string())
        ),
        other => panic!("no measure {other}"),
    }
}

/// A random formula over some measures, and its value over lines: `None` where one is missing.
#[derive(Debug)]
enum Formula {
    Number(i32),
    Measure(&'static str),
    Pair(char, Box<[Formula; 2]>),
    Greatest(Box<[Formula; 2]>),
    If(Box<[Formula; 4]>),
}

/// Money to add up, and counts to divide it by.
const MONEY: [&str; 4] = ["revenue", "cost", "margin", "average_order"];
const COUNTS: [&str; 4] = ["orders", "lines", "customers", "new_customers"];

impl Formula {
    /// A formula that gives money.
    fn money(dice: &mut Dice, depth: usize) -> Self {
        if depth == 0 {
            return Self::Measure(dice.pick::<&str>(&MONEY));
        }
        let money = |dice: &mut Dice| Self::money(dice, depth - 1);
        match dice.below(6) {
            0 => Self::Pair('+', Box::new([money(dice), money(dice)])),
            1 => Self::Pair('-', Box::new([money(dice), money(dice)])),
            2 => Self::Pair('*', Box::new([money(dice), Self::number(dice)])),
            3 => Self::Pair('/', Box::new([money(dice), Self::count(dice)])),
            4 => Self::Greatest(Box::new([money(dice), Self::Number(0)])),
            _ => Self::If(Box::new([
                money(dice),
                money(dice),
                money(dice),
                money(dice),
            ])),
        }
    }

    /// A formula that gives a plain number.
    fn ratio(dice: &mut Dice, depth: usize) -> Self {
        let (left, right) = (Self::money(dice, depth), Self::money(dice, depth));
        Self::Pair('/', Box::new([left, right]))
    }

    fn number(dice: &mut Dice) -> Self {
        Self::Number(i32::try_from(dice.below(9)).unwrap() + 1)
    }

    fn count(dice: &mut Dice) -> Self {
        Self::Measure(dice.pick::<&str>(&COUNTS))
    }

    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Measure(measure) => (*measure).to_owned(),
            Self::Pair(sign, both) => format!("({} {sign} {})", both[0].text(), both[1].text()),
            Self::Greatest(both) => format!("max({}, {})", both[0].text(), both[1].text()),
            Self::If(all) => {
                let [a, b, yes, no] = &**all;
                let (a, b, yes, no) = (a.text(), b.text(), yes.text(), no.text());
                format!("if({a} < {b}, {yes}, {no})")
            }
        }
    }

    fn value(&self, lines: &[&Line]) -> Option<f64> {
        match self {
            Self::Number(number) => Some(f64::from(*number)),
            Self::Measure(measure) => measured(measure, lines).as_f64(),
            Self::Pair(sign, both) => {
                let (left, right) = (both[0].value(lines)?, both[1].value(lines)?);
                match sign {
                    '+' => Some(left + right),
                    '-' => Some(left - right),
                    '*' => Some(left * right),
                    _ if right == 0.0 => None,
                    _ => Some(left / right),
                }
            }
            Self::Greatest(both) => Some(both[0].value(lines)?.max(both[1].value(lines)?)),
            Self::If(all) => {
                let [a, b, yes, no] = &**all;
                let holds = a.value(lines)? < b.value(lines)?;
                if holds { yes } else { no }.value(lines)
            }
        }
    }
}

/// What a random question asks for.
struct Asked {
    measures: Vec<&'static str>,
    levels: Vec<&'static str>,
    opened: Option<(String, &'static str)>,
    filters: Vec<Filter>,
    fiscal: i16,
    has_subtotals: bool,
}

enum Filter {
    In(&'static str, Vec<String>),
    NotIn(&'static str, Vec<String>),
    Between(&'static str, String, String),
}

impl Asked {
    fn random(dice: &mut Dice, company: &Company) -> Self {
        let fiscal = *dice.pick(&[1, 4, 7]);
        let mut levels: Vec<&'static str> = Vec::new();
        for _ in 0..dice.below(4) {
            let level = *dice.pick(&LEVELS);
            if !levels.contains(&level) {
                levels.push(level);
            }
        }
        let mut measures: Vec<&'static str> = Vec::new();
        for _ in 0..=dice.below(5) {
            let measure = *dice.pick(&MEASURES);
            if !measures.contains(&measure) {
                measures.push(measure);
            }
        }
        let mut filters = Vec::new();
        for _ in 0..dice.below(3) {
            let level = *dice.pick(&LEVELS);
            let mut keys: Vec<String> = (0..=dice.below(3))
                .map(|_| dice.pick(&company.lines).key(level, fiscal))
                .collect();
            keys.sort();
            keys.dedup();
            filters.push(match dice.below(3) {
                0 => Filter::NotIn(level, keys),
                1 if level.starts_with("time.") => {
                    Filter::Between(level, keys[0].clone(), keys[keys.len() - 1].clone())
                }
                _ => Filter::In(level, keys),
            });
        }
        let opened = levels
            .first()
            .copied()
            .filter(|_| dice.one_in(3))
            .and_then(|level| {
                let finer = *dice.pick(&LEVELS);
                let key = dice.pick(&company.lines).key(level, fiscal);
                (!levels.contains(&finer)).then_some((key, finer))
            });
        Self {
            has_subtotals: levels.len() > 1 && dice.one_in(3),
            measures,
            levels,
            opened,
            filters,
            fiscal,
        }
    }

    fn question(&self, rollups: bool) -> Value {
        let filters: Vec<Value> = self
            .filters
            .iter()
            .map(|filter| match filter {
                Filter::In(level, keys) => json!({"level": level, "in": keys}),
                Filter::NotIn(level, keys) => json!({"level": level, "not_in": keys}),
                Filter::Between(level, from, to) => json!({"level": level, "from": from, "to": to}),
            })
            .collect();
        let mut rows: Vec<Value> = self.levels.iter().map(|level| json!(level)).collect();
        if let Some((key, finer)) = &self.opened {
            rows[0] = json!({"level": self.levels[0], "expand": {key.as_str(): finer}});
        }
        json!({"measures": self.measures, "rows": rows, "filters": filters, "rollups": rollups,
               "fiscal_year_start": self.fiscal, "subtotals": self.has_subtotals})
    }

    fn is_let(&self, line: &Line) -> bool {
        self.filters.iter().all(|filter| match filter {
            Filter::In(level, keys) => keys.contains(&line.key(level, self.fiscal)),
            Filter::NotIn(level, keys) => !keys.contains(&line.key(level, self.fiscal)),
            // The keys of a step of time are in the order of time.
            Filter::Between(level, from, to) => {
                (from..=to).contains(&&line.key(level, self.fiscal))
            }
        })
    }

    /// The keys of a line, each with the level it is of.
    fn keys(&self, levels: &[&str], line: &Line) -> Vec<(String, String)> {
        let key = |level: &&str| {
            let key = line.key(level, self.fiscal);
            match &self.opened {
                Some((opened, finer)) if *level == self.levels[0] && *opened == key => {
                    ((*finer).to_owned(), line.key(finer, self.fiscal))
                }
                _ => ((*level).to_owned(), key),
            }
        };
        levels.iter().map(key).collect()
    }

    /// The rows over some of the levels: keys, each with the level it is of, then measures.
    fn rows(&self, company: &Company, levels: &[&str]) -> BTreeSet<String> {
        let mut groups: BTreeMap<Vec<(String, String)>, Vec<&Line>> = BTreeMap::new();
        for line in company.lines.iter().filter(|line| self.is_let(line)) {
            let keys = self.keys(levels, line);
            groups.entry(keys).or_default().push(line);
        }
        let row = |(keys, lines): (Vec<(String, String)>, Vec<&Line>)| {
            let measures: Vec<Value> = self
                .measures
                .iter()
                .map(|measure| measured(measure, &lines))
                .collect();
            json!([keys, measures]).to_string()
        };
        groups.into_iter().map(row).collect()
    }

    fn check(&self, company: &Company, answer: &Answer) {
        let question = self.question(true);
        let lines: Vec<&Line> = company
            .lines
            .iter()
            .filter(|line| self.is_let(line))
            .collect();
        for measure in &self.measures {
            let total = serde_json::to_value(&answer.total[*measure]).unwrap();
            assert_eq!(
                total,
                measured(measure, &lines),
                "total {measure} of {question}"
            );
        }
        if self.levels.is_empty() {
            return;
        }
        let found = answered(&self.levels, &answer.rows, &answer.origins);
        assert_eq!(found, self.rows(company, &self.levels), "{question}");
        for subtotals in &answer.subtotals {
            let levels: Vec<&str> = self
                .levels
                .iter()
                .copied()
                .filter(|level| subtotals.columns.iter().any(|column| column == level))
                .collect();
            let found = answered(&levels, &subtotals.rows, &subtotals.origins);
            assert_eq!(
                found,
                self.rows(company, &levels),
                "{levels:?} of {question}"
            );
        }
    }
}

/// The rows of an answer in the same form.
fn answered(
    levels: &[&str],
    rows: &[Vec<Cell>],
    origins: &[Vec<revier::cube::Origin>],
) -> BTreeSet<String> {
    let row = |(place, row): (usize, &Vec<Cell>)| {
        let keys = keys_of(levels, rows, origins, place);
        json!([keys, row[levels.len()..]]).to_string()
    };
    let found: BTreeSet<String> = rows.iter().enumerate().map(row).collect();
    assert_eq!(found.len(), rows.len(), "no row stands twice");
    found
}

/// The keys of a row, each with the level it is of.
fn keys_of(
    levels: &[&str],
    rows: &[Vec<Cell>],
    origins: &[Vec<revier::cube::Origin>],
    place: usize,
) -> Vec<(String, String)> {
    let key = |(axis, level): (usize, &&str)| {
        let origin = origins.get(place).map(|origins| &origins[axis]);
        let own = origin.and_then(|origin| origin.level.clone());
        let level = own.unwrap_or_else(|| (*level).to_owned());
        let Cell::Key(key) = &rows[place][axis] else {
            panic!("{:?} is no key", rows[place][axis])
        };
        (level, key.clone())
    };
    levels.iter().enumerate().map(key).collect()
}

#[tokio::test]
async fn random_questions_are_answered_as_plain_arithmetic_does() {
    let wanted = std::env::var("REVIER_QUESTIONS").ok();
    let wanted = wanted.map_or(300, |count| count.parse::<usize>().unwrap());
    let mut dice = Dice(20_261_122);
    let company = Company::random(&mut dice).await;
    let mut from_rollups = 0;
    for _ in 0..wanted {
        let asked = Asked::random(&mut dice, &company);
        let ask = |rollups: bool| {
            let mut question = asked.question(rollups);
            question["explain"] = json!(true);
            company.world.ask(question)
        };
        let mut answer = ask(true).await;
        asked.check(&company, &answer);
        let mut again = ask(false).await;
        let is_rolled = |answer: &Answer| answer.explain.iter().any(|step| step.source != "sale");
        assert!(!is_rolled(&again));
        from_rollups += usize::from(is_rolled(&answer));
        answer.explain.clear();
        again.explain.clear();
        assert_eq!(answer, again, "{}", asked.question(true));
    }
    assert!(
        from_rollups * 5 > wanted,
        "only {from_rollups} of {wanted} were asked of roll-ups"
    );
}

/// What a tile of the world and what has no site add up to is what the lines say.
#[tokio::test]
async fn random_questions_about_sites_are_answered_as_plain_arithmetic_does() {
    let all = [
        "revenue",
        "cost",
        "margin",
        "units",
        "lines",
        "customers",
        "new_customers",
    ];
    let mut dice = Dice(20_261_124);
    let company = Company::random(&mut dice).await;
    for _ in 0..120 {
        let asked = Asked::random(&mut dice, &company);
        // New customers are not told by lines alone, so the engine answers then.
        let words = &all[..all.len() - dice.below(2)];
        let question = json!({"measures": words, "filters": asked.question(true)["filters"],
                              "fiscal_year_start": asked.fiscal});
        let document = question.to_string();
        let kept = company.world.app.keep_question(document.as_bytes()).await;
        let kept = kept.unwrap().id;
        let told = company.world.app.tile_json(Layer::Sites, Some(&kept)).await;
        let told = told.unwrap();
        let whole = TileId::parse(0, 0, 0).unwrap();
        let tile = company
            .world
            .app
            .tile(Layer::Sites, whole, Some(&kept))
            .await;
        let mut placed = BTreeMap::new();
        if let Some(tile) = tile.unwrap() {
            crate::tile::add(&mut placed, &tile, words);
        }
        let lines: Vec<&Line> = company
            .lines
            .iter()
            .filter(|line| asked.is_let(line))
            .collect();
        for word in words {
            let expected = match *word {
                "units" => lines.iter().map(|line| line.units_milli).sum(),
                word => measured(word, &lines).as_i64().unwrap_or_default(),
            };
            assert_eq!(told["total"][word], expected, "{word} of {question}");
            let without = told["without_site"][word].as_i64().unwrap();
            let here = placed.get(*word).copied().unwrap_or_default();
            assert_eq!(here + without, expected, "{word} on the map of {question}");
        }
    }
}

/// Own measures give for each row and for the total what their formula gives for its lines.
#[tokio::test]
async fn random_formulas_give_what_plain_arithmetic_does() {
    let mut dice = Dice(20_261_123);
    let company = Company::random(&mut dice).await;
    for round in 0..60 {
        let is_ratio = dice.one_in(3);
        let formula = if is_ratio {
            Formula::ratio(&mut dice, 2)
        } else {
            Formula::money(&mut dice, 3)
        };
        let name = format!("own_{round}");
        let measure = json!({"name": name, "formula": formula.text()});
        let measure = serde_json::from_value(measure).unwrap();
        company.world.app.add_measure(measure).await.unwrap();
        let asked = Asked::random(&mut dice, &company);
        let mut question = asked.question(!dice.one_in(2));
        question["measures"] = json!([name]);
        let answer = company.world.ask(question).await;
        let mut groups: BTreeMap<Vec<(String, String)>, Vec<&Line>> = BTreeMap::new();
        let lines = company.lines.iter().filter(|line| asked.is_let(line));
        for line in lines.clone() {
            groups
                .entry(asked.keys(&asked.levels, line))
                .or_default()
                .push(line);
        }
        let close = |found: &Cell, lines: &[&Line]| {
            let found = serde_json::to_value(found).unwrap().as_f64();
            // Money is rounded to the cent; a half may go either way after so many steps.
            match (found, formula.value(lines)) {
                (None, None) => true,
                (Some(found), Some(expected)) if is_ratio => {
                    (found - expected).abs() <= 1e-12 * expected.abs()
                }
                (Some(found), Some(expected)) => (found - expected).abs() <= 0.500_001,
                _ => false,
            }
        };
        let all: Vec<&Line> = lines.collect();
        assert!(
            close(&answer.total[&name], &all),
            "total of {}",
            formula.text()
        );
        if asked.levels.is_empty() {
            continue;
        }
        assert_eq!(answer.rows.len(), groups.len());
        for (place, row) in answer.rows.iter().enumerate() {
            let origins = answer.origins.get(place).map(std::slice::from_ref);
            let row = std::slice::from_ref(row);
            let keys = keys_of(&asked.levels, row, origins.unwrap_or_default(), 0);
            let cell = &row[0][asked.levels.len()];
            assert!(
                close(cell, &groups[&keys]),
                "{keys:?}: {cell:?} of {}",
                formula.text()
            );
        }
    }
}

/// Figures that look at other rows or another time: the same with roll-ups and without.
#[tokio::test]
async fn derived_figures_do_not_depend_on_rollups() {
    let mut dice = Dice(7);
    let company = Company::random(&mut dice).await;
    let words = [
        "revenue.share_of_total",
        "revenue.share_of_parent",
        "margin_percent.index",
        "customers.rank",
        "revenue.cumulative_share",
        "revenue.abc",
        "revenue.running_total",
        "customers.previous_year",
        "orders.previous_period",
    ];
    for _ in 0..150 {
        let asked = Asked::random(&mut dice, &company);
        let mut question = asked.question(true);
        let has_time = asked.levels.iter().any(|level| level.starts_with("time."));
        let (word, other) = (*dice.pick(&words), *dice.pick(&words));
        let needs_time = |word: &str| word.contains("previous");
        if !has_time && (needs_time(word) || needs_time(other)) {
            question["filters"]
                .as_array_mut()
                .unwrap()
                .push(json!({"level": "time.month", "from": "2024-03", "to": "2025-02"}));
        }
        question["measures"] = if word == other {
            json!([word])
        } else {
            json!([word, other])
        };
        let ask = |rollups: bool| {
            let mut question = question.clone();
            question["rollups"] = json!(rollups);
            let app = &company.world.app;
            async move { app.ask(question.to_string().as_bytes()).await }
        };
        match (ask(true).await, ask(false).await) {
            (Ok(a), Ok(b)) => assert_eq!(a, b, "{question}"),
            // Several filters of time, or steps that do not fall on each other.
            (Err(a), Err(b)) => assert_eq!(a.to_string(), b.to_string(), "{question}"),
            (a, b) => panic!("{a:?} against {b:?} of {question}"),
        }
    }
}
