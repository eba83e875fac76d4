//! Exchange rates as the European Central Bank lays them out: a column of days, then one column a
//! currency with what one euro was worth in it.

use std::ops::ControlFlow;

use super::error::Error;
use super::field::{Kind, no_column};
use super::number::{self, NumberStyle};
use super::reason::Reason;
use super::style::Styles;
use super::table::{Cell, Row};
use super::{Mapping, Outcome, Source, date, open};
use crate::record::money::Currency;
use crate::record::rate::Rate;
use crate::record::remark::Remark;

/// The largest rate: a million million units for a euro.
const MAX_MICRO: i64 = 1_000_000_000_000_000_000;

/// The rates of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates {
    /// The rates, in the order of the file.
    pub rates: Vec<Rate>,
    /// Remarks on rows and fields that were refused.
    pub remarks: Vec<Remark>,
    /// What became of the rows.
    pub outcome: Outcome,
}

/// Reads a file of exchange rates.
///
/// A field that is empty or says `N/A` has no rate, as on days on which a currency was not traded.
///
/// # Errors
/// The file must be a readable table with a column for the day and one at least whose heading is
/// the code of a currency.
pub fn rates(source: &Source) -> Result<Rates, Error> {
    let (mut table, mapping, columns) = open(source, Kind::Rates)?;
    let styles = Styles::of(&mut table, &columns)?;
    let day_column = columns.get("date").unwrap_or_default();
    let headings = table.headings.clone();
    let currencies: Vec<(usize, Currency)> = headings
        .iter()
        .enumerate()
        .filter_map(|(column, heading)| Some((column, Currency::parse(heading).ok()?)))
        .filter(|(column, currency)| *column != day_column && *currency != Currency::EUR)
        .collect();
    if currencies.is_empty() {
        return Err(no_column("USD", Kind::Rates, &headings, &source.name));
    }
    let style = NumberStyle {
        decimal: style_of(&mut table, &currencies)?,
        proved: false,
    };
    let (mut rates, mut remarks) = (Vec::new(), Vec::new());
    let (mut rows, mut rejected) = (0, 0);
    table.each_row(&mut |row| {
        rows += 1;
        let cell = row.cell(day_column);
        let Some(day) = date::parse(cell, styles.date) else {
            let detail = format!("\"{}\" is no day of the years 1900 to 2199", cell.text);
            remarks.push(Reason::BadDate.remark(row.line, "date", cell.text, detail));
            rejected += 1;
            return ControlFlow::Continue(());
        };
        for (column, currency) in &currencies {
            match rate_of(row, *column, style) {
                Ok(None) => {}
                Ok(Some(micro)) => rates.push(Rate {
                    currency: *currency,
                    day,
                    micro,
                }),
                Err(detail) => {
                    let value = row.cell(*column).text;
                    remarks.push(Reason::BadRate.remark(row.line, currency.code(), value, detail));
                }
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok(Rates {
        rates,
        remarks,
        outcome: Outcome {
            rows,
            rejected,
            mapping,
            cancelled: false,
        },
    })
}

/// The decimal sign of the rates: the one that more of them prove, else that of the file.
fn style_of(
    table: &mut super::table::Table,
    currencies: &[(usize, Currency)],
) -> Result<number::Decimal, Error> {
    let (mut points, mut commas) = (0_u64, 0_u64);
    table.each_row(&mut |row| {
        for (column, _) in currencies {
            match number::evidence(row.cell(*column)) {
                number::Evidence::Proof(number::Decimal::Point) => points += 1,
                number::Evidence::Proof(number::Decimal::Comma) => commas += 1,
                _ => {}
            }
        }
        if points + commas > 1_000 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    let is_comma = commas > points || (commas == points && table.leans_to_comma());
    Ok(if is_comma {
        number::Decimal::Comma
    } else {
        number::Decimal::Point
    })
}

/// Millionths of a unit for a euro; none where there is no rate.
fn rate_of(row: &Row, column: usize, style: NumberStyle) -> Result<Option<i64>, String> {
    let cell: Cell<'_> = row.cell(column);
    if cell.text.is_empty() || cell.text.eq_ignore_ascii_case("n/a") || cell.text == "-" {
        return Ok(None);
    }
    let number =
        number::parse(cell, style).map_err(|error| format!("\"{}\" {error}", cell.text))?;
    let micro = number.in_units(6).map(|(micro, _)| micro);
    let micro = micro.filter(|micro| (1..=MAX_MICRO).contains(micro));
    micro.map(Some).ok_or_else(|| {
        format!(
            "\"{}\" is no rate: it must be more than 0 and at most a million million",
            cell.text
        )
    })
}

/// The mapping that the headings of a file of rates suggest.
#[must_use]
pub(super) fn is_rates(headings: &[String]) -> bool {
    let mapping = Mapping::recognise(headings, Kind::Rates);
    let currencies = headings
        .iter()
        .filter(|heading| Currency::parse(heading).is_ok());
    mapping.is_complete(Kind::Rates) && currencies.count() > 0
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(text: &str) -> Rates {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        rates(&Source {
            path: file.path().to_owned(),
            name: "eurofxref-hist.csv".to_owned(),
            mapping: None,
            currency: None,
        })
        .unwrap()
    }

    fn shown(rates: &Rates) -> Vec<String> {
        let rates = rates.rates.iter();
        rates
            .map(|rate| format!("{} {} {}", rate.day, rate.currency, rate.micro))
            .collect()
    }

    #[test]
    fn the_layout_of_the_central_bank_is_read() {
        let read = read(
            "Date,USD,JPY,CHF,\n2025-11-21,1.1520,180.35,0.9290,\n2025-11-20,1.1525,N/A,0.9291,\n",
        );
        assert_eq!(
            shown(&read),
            [
                "2025-11-21 USD 1152000",
                "2025-11-21 JPY 180350000",
                "2025-11-21 CHF 929000",
                "2025-11-20 USD 1152500",
                "2025-11-20 CHF 929100",
            ]
        );
        assert!(read.remarks.is_empty());
    }

    #[test]
    fn a_german_table_is_read_and_what_is_no_rate_is_told() {
        let read = read("Datum;CHF;USD\n21.11.2025;0,929;0\n32.11.2025;0,9;1\n");
        assert_eq!(shown(&read), ["2025-11-21 CHF 929000"]);
        let reasons: Vec<&str> = read
            .remarks
            .iter()
            .map(|remark| remark.reason.as_str())
            .collect();
        assert_eq!(reasons, ["bad_rate", "bad_date"]);
        assert_eq!(read.outcome.rejected, 1);
    }
}
