//! A row as a sold line.

use jiff::civil::Date;

use super::date;
use super::distinct::{Seen, fnv_64};
use super::field::{Columns, split_currency};
use super::number::{self, Number, NumberStyle};
use super::reason::Reason;
use super::style::Styles;
use super::table::{Cell, Row};
use crate::record::money::Currency;
use crate::record::remark::Remark;
use crate::record::sale::Sale;

/// The most minor units an amount or cost may have, either side of zero: thousands of such add up
/// within 64 bits.
const MAX_MINOR: i64 = 1_000_000_000_000_000;
/// The most a quantity may be, either side of zero.
const MAX_UNITS: i64 = 1_000_000_000_000;

/// Turns rows into sold lines.
pub(super) struct Sales {
    columns: SaleColumns,
    styles: Styles,
    fallback: Fallback,
    last_currency: (String, Currency, u32),
    keys: Seen,
    numbers: Seen,
}

/// The column of every field, looked up once.
#[derive(Clone, Copy)]
struct SaleColumns {
    order: Option<usize>,
    line: Option<usize>,
    date: Option<usize>,
    account: Option<usize>,
    product: Option<usize>,
    category: Option<usize>,
    rep: Option<usize>,
    quantity: Option<usize>,
    net_amount: Option<usize>,
    cost: Option<usize>,
    currency: Option<usize>,
}

/// The currency of rows that name none.
#[derive(Clone, Copy)]
struct Fallback {
    currency: Currency,
    /// It was told by the caller or the heading, so `$` in a cell may be any dollar.
    told: bool,
}

/// What two amounts of one row share.
#[derive(Clone, Copy)]
struct Money {
    currency: Currency,
    digits: u32,
    /// The row's own column names the currency.
    named: bool,
}

impl Sales {
    /// For rows with `columns` in `styles`. Rows without a currency are in `currency`, else in
    /// that of the heading of the net amount, else in euro.
    pub fn new(
        columns: &Columns,
        styles: Styles,
        headings: &[String],
        currency: Option<Currency>,
    ) -> Self {
        let get = |field| columns.get(field);
        let heading = get("net_amount").and_then(|column| split_currency(headings.get(column)?));
        let told = currency.or(heading.map(|(_, currency)| currency));
        let fallback = Fallback {
            currency: told.unwrap_or(Currency::EUR),
            told: told.is_some(),
        };
        Self {
            columns: SaleColumns {
                order: get("order"),
                line: get("line"),
                date: get("date"),
                account: get("account"),
                product: get("product"),
                category: get("category"),
                rep: get("rep"),
                quantity: get("quantity"),
                net_amount: get("net_amount"),
                cost: get("cost"),
                currency: get("currency"),
            },
            styles,
            fallback,
            last_currency: (String::new(), fallback.currency, fallback.currency.digits()),
            keys: Seen::default(),
            numbers: Seen::default(),
        }
    }

    /// The sold line in `row`; the one remark that refuses it otherwise.
    ///
    /// # Errors
    /// It must have a date, a net amount, no unreadable cell, and a key of order and line that
    /// no earlier row has.
    pub fn read(&mut self, row: &Row, doubts: &mut Vec<Remark>) -> Result<Sale, Remark> {
        let columns = self.columns;
        let text = |column| cell(row, column).text.to_owned();
        let day = self.day(row)?;
        let (units_milli, _) = self.quantity(row, doubts)?;
        let amount_cell = cell(row, columns.net_amount);
        let amount = parse(row, "net_amount", amount_cell, self.styles.amount)?;
        let amount = amount.ok_or_else(|| {
            let detail = "the row has no net amount".to_owned();
            Reason::MissingAmount.remark(row.line, "net_amount", "", detail)
        })?;
        let money = self.money(row, amount)?;
        let revenue = money.minor(row, "net_amount", amount_cell, amount, doubts)?;
        let cost_cell = cell(row, columns.cost);
        let cost = match parse(row, "cost", cost_cell, self.styles.cost)? {
            Some(cost) => Some(money.minor(row, "cost", cost_cell, cost, doubts)?),
            None => None,
        };
        let mut sale = Sale {
            order: String::new(),
            line: String::new(),
            day,
            account: text(columns.account),
            product: text(columns.product),
            category: text(columns.category),
            rep: text(columns.rep),
            units_milli,
            revenue,
            cost,
            currency: money.currency,
        };
        (sale.order, sale.line) = self.key(row, &sale)?;
        Ok(sale)
    }

    fn day(&self, row: &Row) -> Result<Date, Remark> {
        let cell = cell(row, self.columns.date);
        if cell.text.is_empty() {
            let detail = "the row has no date".to_owned();
            return Err(Reason::MissingDate.remark(row.line, "date", "", detail));
        }
        date::parse(cell, self.styles.date).ok_or_else(|| {
            let order = if self.styles.date.month_first {
                " (months stand before days in this column)"
            } else {
                ""
            };
            let detail = format!(
                "\"{}\" is no day of the years 1900 to 2199{order}",
                cell.text
            );
            Reason::BadDate.remark(row.line, "date", cell.text, detail)
        })
    }

    /// Thousandths, 1,000 where the row has none, and whether it was given.
    fn quantity(&self, row: &Row, doubts: &mut Vec<Remark>) -> Result<(i64, bool), Remark> {
        let cell = cell(row, self.columns.quantity);
        if cell.text.is_empty() {
            return Ok((1_000, false));
        }
        let refuse = |detail| Reason::BadQuantity.remark(row.line, "quantity", cell.text, detail);
        let number = number::parse(cell, self.styles.quantity)
            .map_err(|error| refuse(format!("\"{}\" {error}", cell.text)))?;
        let fitting = number.in_units(3);
        let (milli, exact) = fitting
            .filter(|(milli, _)| milli.unsigned_abs() <= MAX_UNITS.unsigned_abs() * 1_000)
            .ok_or_else(|| {
                refuse(format!(
                    "\"{}\" is too large: at most {MAX_UNITS}",
                    cell.text
                ))
            })?;
        if !exact {
            let detail = format!("\"{}\" has more than 3 decimals; rounded", cell.text);
            doubts.push(Reason::RoundedQuantity.remark(row.line, "quantity", cell.text, detail));
        }
        Ok((milli, true))
    }

    /// The currency of the row: its own column, else the sign beside the amount, else the
    /// fallback.
    fn money(&mut self, row: &Row, amount: Number) -> Result<Money, Remark> {
        let text = cell(row, self.columns.currency).text;
        if text.is_empty() {
            let Fallback { currency, told } = self.fallback;
            let currency = match amount.currency {
                Some(sign) if !(told && is_sort_of(sign, currency)) => sign,
                _ => currency,
            };
            return Ok(Money {
                currency,
                digits: if currency == Currency::EUR {
                    2
                } else {
                    currency.digits()
                },
                named: told,
            });
        }
        if self.last_currency.0 != text {
            let currency = Currency::parse(text).map_err(|error| {
                Reason::UnknownCurrency.remark(row.line, "currency", text, error.to_string())
            })?;
            self.last_currency = (text.to_owned(), currency, currency.digits());
        }
        let (_, currency, digits) = self.last_currency;
        Ok(Money {
            currency,
            digits,
            named: true,
        })
    }

    /// Order and line of the row. What is missing is made from the content, so that the same
    /// file gives the same keys and another one with more rows of the order gives others: `#` and
    /// the FNV-1a hash of the values, and a running number among rows of equal hash.
    fn key(&mut self, row: &Row, sale: &Sale) -> Result<(String, String), Remark> {
        let order = cell(row, self.columns.order).text;
        let line = cell(row, self.columns.line).text;
        if order.is_empty() {
            let order = format!("#{:016x}", content_hash(sale, line));
            let line = self.numbers.count(&[order.as_bytes()]);
            return Ok((order, line.to_string()));
        }
        if line.is_empty() {
            let hash = format!("#{:016x}", content_hash(sale, ""));
            loop {
                let number = self.numbers.count(&[order.as_bytes(), hash.as_bytes()]);
                let line = format!("{hash}/{number}");
                let parts = [order.as_bytes(), line.as_bytes()];
                if self.keys.first_line(&parts, row.line).is_none() {
                    return Ok((order.to_owned(), line));
                }
            }
        }
        let parts = [order.as_bytes(), line.as_bytes()];
        match self.keys.first_line(&parts, row.line) {
            None => Ok((order.to_owned(), line.to_owned())),
            Some(first) => {
                let detail = format!("line {first} already has line {line} of order {order}");
                let value = format!("{order}/{line}");
                Err(Reason::DuplicateKey.remark(row.line, "order", &value, detail))
            }
        }
    }
}

impl Money {
    /// `number` in minor units.
    fn minor(
        self,
        row: &Row,
        field: &str,
        cell: Cell<'_>,
        number: Number,
        doubts: &mut Vec<Remark>,
    ) -> Result<i64, Remark> {
        let Self {
            currency,
            digits,
            named,
        } = self;
        let refuse = |detail| Err(Reason::BadAmount.remark(row.line, field, cell.text, detail));
        if let Some(sign) = number.currency
            && sign != currency
            && !(named && is_sort_of(sign, currency))
        {
            return refuse(format!("\"{}\" is not in {currency} as its row", cell.text));
        }
        let fitting = number.in_units(digits);
        let fitting = fitting.filter(|(minor, _)| minor.unsigned_abs() <= MAX_MINOR.unsigned_abs());
        let Some((minor, exact)) = fitting else {
            let most = MAX_MINOR / 10_i64.pow(digits.min(15));
            return refuse(format!(
                "\"{}\" is too large: at most {most} {currency}",
                cell.text
            ));
        };
        if !exact {
            let detail = format!(
                "\"{}\" has more than the {digits} decimals of {currency}; rounded",
                cell.text
            );
            doubts.push(Reason::RoundedAmount.remark(row.line, field, cell.text, detail));
        }
        Ok(minor)
    }
}

/// Whether `$` (read as USD) or `£` (read as GBP) may stand for `currency`: any dollar, any pound.
fn is_sort_of(sign: Currency, currency: Currency) -> bool {
    match sign.code() {
        "USD" => currency.code().ends_with('D'),
        "GBP" => currency.code().ends_with('P'),
        _ => false,
    }
}

fn cell(row: &Row, column: Option<usize>) -> Cell<'_> {
    column.map_or_else(Cell::default, |column| row.cell(column))
}

/// The number in `cell`; `None` when it is empty.
fn parse(
    row: &Row,
    field: &str,
    cell: Cell<'_>,
    style: NumberStyle,
) -> Result<Option<Number>, Remark> {
    if cell.text.is_empty() {
        return Ok(None);
    }
    number::parse(cell, style).map(Some).map_err(|error| {
        let detail = format!("\"{}\" {error}", cell.text);
        Reason::BadAmount.remark(row.line, field, cell.text, detail)
    })
}

/// A hash of what the row says, however it is written: dates and amounts as read.
fn content_hash(sale: &Sale, line: &str) -> u64 {
    let cost = sale.cost.map_or_else(String::new, |cost| cost.to_string());
    fnv_64(&[
        line.as_bytes(),
        sale.day.to_string().as_bytes(),
        sale.account.as_bytes(),
        sale.product.as_bytes(),
        sale.category.as_bytes(),
        sale.rep.as_bytes(),
        sale.units_milli.to_string().as_bytes(),
        sale.revenue.to_string().as_bytes(),
        cost.as_bytes(),
        sale.currency.code().as_bytes(),
    ])
}
