//! What was sold: orders day by day, written as they are made.

use std::io::{self, Write};

use jiff::civil::Date;

use super::calendar::Calendar;
use super::catalogue::{CATEGORIES, Range};
use super::customer::{Customer, Customers};
use super::random::{Random, running};

const HEADINGS: &str = "Belegnummer;Position;Datum;Kundennummer;Artikel;Warengruppe;Außendienst;Menge;Netto;Kosten;Währung";
/// Share of the lines that are credits for goods sent back.
const CREDIT_SHARE: f64 = 0.012;
/// By how much prices and costs rise in a year.
const INFLATION: f64 = 0.03;

/// What holds for all orders of one month.
struct Month {
    number: usize,
    /// Years from the middle of the calendar.
    years: f64,
    /// Running sums of the customers' shares.
    sums: Vec<f64>,
    /// Demand for each category.
    demand: [f64; CATEGORIES.len()],
}

/// Writes `lines` sold lines in the order of their days.
pub(super) fn write(
    lines: u64,
    calendar: &Calendar,
    customers: &Customers,
    random: &mut Random,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "{HEADINGS}")?;
    let range = Range::new();
    let mut month: Option<Month> = None;
    let (mut year, mut number) = (0, 0_u64);
    for (day, share) in calendar.shares(lines) {
        if month
            .as_ref()
            .is_none_or(|month| month.number != calendar.month(day))
        {
            month = Some(Month::of(day, calendar, &customers.all));
        }
        if year != day.year() {
            (year, number) = (day.year(), 0);
        }
        let Some(month) = &month else { continue };
        let mut left = share;
        while left > 0 {
            number += 1;
            let customer = &customers.all[random.weighted(&month.sums)];
            let order = Order {
                number,
                day,
                customer,
                rep: &customers.reps[customer.rep],
            };
            let count = (1 + random.below(4) as u64).min(left);
            for line in 1..=count {
                order.write_line(line, month, &range, random, out)?;
            }
            left -= count;
        }
    }
    Ok(())
}

impl Month {
    fn of(day: Date, calendar: &Calendar, customers: &[Customer]) -> Self {
        let (number, years) = (calendar.month(day), calendar.years_from_middle(day));
        let index = usize::try_from(day.month() - 1).unwrap_or_default();
        Self {
            number,
            years,
            sums: running(
                customers
                    .iter()
                    .map(|customer| customer.weight_in(number, years)),
            ),
            demand: CATEGORIES
                .each_ref()
                .map(|category| category.season[index] * (1.0 + category.growth * years).max(0.1)),
        }
    }
}

struct Order<'a> {
    number: u64,
    day: Date,
    customer: &'a Customer,
    rep: &'a str,
}

impl Order<'_> {
    fn write_line(
        &self,
        line: u64,
        month: &Month,
        range: &Range,
        random: &mut Random,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let Self {
            number,
            day,
            customer,
            rep,
        } = self;
        let mut sum = 0.0;
        let mut sums = [0.0; CATEGORIES.len()];
        for (index, total) in sums.iter_mut().enumerate() {
            sum += customer.demand[index] * month.demand[index];
            *total = sum;
        }
        let index = random.weighted(&sums);
        let (category, product) = (&CATEGORIES[index], range.draw(index, random));
        let tenths = quantity_tenths(product.quantity, category.in_tenths, random);
        let sign = if random.chance(CREDIT_SHARE) { "-" } else { "" };
        let list = product.price_cents * (1.0 + INFLATION * month.years) * tenths / 10.0;
        let net = Euro::of(list * customer.price_share * random.between(0.97, 1.0));
        let cost = Euro::of(list * category.cost_share);
        let quantity = Tenths::of(tenths);
        writeln!(
            out,
            "R{:02}-{number:06};{line};{:02}.{:02}.{:04};{};{};{};{rep};{sign}{quantity};{sign}{net};{sign}{cost};EUR",
            day.year().rem_euclid(100),
            day.day(),
            day.month(),
            day.year(),
            customer.key,
            product.name,
            category.name,
        )
    }
}

/// A quantity around the usual one, in tenths of a unit; whole units unless sold by the tenth.
fn quantity_tenths(usual: f64, in_tenths: bool, random: &mut Random) -> f64 {
    let spread = random.between(0.1, 1.0) * random.between(0.4, 2.6);
    if in_tenths {
        (usual * spread * 10.0).round().max(5.0)
    } else {
        (usual * spread).round().max(1.0) * 10.0
    }
}

/// Cents, shown as euro with a decimal comma.
struct Euro(u64);

impl Euro {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "amounts are positive and far below 2^63"
    )]
    fn of(cents: f64) -> Self {
        Self(cents.round() as u64)
    }
}

impl std::fmt::Display for Euro {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{},{:02}", self.0 / 100, self.0 % 100)
    }
}

/// Tenths, shown with a decimal comma where they are no whole units.
struct Tenths(u64);

impl Tenths {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "quantities are positive and small"
    )]
    fn of(tenths: f64) -> Self {
        Self(tenths as u64)
    }
}

impl std::fmt::Display for Tenths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 % 10 {
            0 => write!(f, "{}", self.0 / 10),
            rest => write!(f, "{},{rest}", self.0 / 10),
        }
    }
}
