//! Whether the invariants of the home hold: what `revier check` verifies.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{App, Derived, Error, blocking, sales_batches};
use crate::cube::{self, Answer, Cell, CubeLevel, Question, Request};
use crate::place::Level;
use crate::store::Kind;

/// The outcome of every check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// Whether all hold.
    pub ok: bool,
    /// Each with its figures.
    pub checks: Vec<Check>,
}

/// One invariant of the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// What must hold.
    pub name: String,
    /// Whether it does.
    pub ok: bool,
    /// The figures that were compared.
    pub detail: String,
}

impl Check {
    fn equal(name: &str, left: (&str, i64), right: (&str, i64)) -> Self {
        Self {
            name: name.to_owned(),
            ok: left.1 == right.1,
            detail: format!("{} {}, {} {}", left.0, left.1, right.0, right.1),
        }
    }
}

impl App {
    /// Verifies the invariants of the home against its own data.
    ///
    /// # Errors
    /// The home must be readable.
    pub async fn check(&self) -> Result<Report, Error> {
        let _one = self.change.lock().await;
        let derived = self.refresh().await?;
        let batches = self.batches().await?;
        let mut checks = Vec::new();
        let missing: Vec<String> = sales_batches(&batches)
            .into_iter()
            .filter(|id| {
                let brought = batches
                    .iter()
                    .any(|b| b.id == *id && b.counts.change_anything());
                brought && self.facts.parts(&[*id]).is_empty()
            })
            .map(|id| id.to_string())
            .collect();
        checks.push(Check {
            name: "every sales batch has its lines".to_owned(),
            ok: missing.is_empty(),
            detail: if missing.is_empty() {
                format!("{} batches", sales_batches(&batches).len())
            } else {
                format!("lines of batch {} are missing", missing.join(", "))
            },
        });
        let stored = self.store.account_keys().await?.len();
        let in_cube = derived.warehouse.summary().accounts;
        checks.push(Check::equal(
            "store and warehouse hold the same accounts",
            ("store", i64::try_from(stored).unwrap_or(i64::MAX)),
            ("warehouse", i64::try_from(in_cube).unwrap_or(i64::MAX)),
        ));
        let added: u64 = batches
            .iter()
            .filter(|batch| batch.kind == Kind::Sales)
            .map(|batch| batch.counts.added)
            .sum();
        let lines = derived.warehouse.summary().lines;
        checks.push(Check::equal(
            "every line that batches added is in the warehouse",
            ("batches", i64::try_from(added).unwrap_or(i64::MAX)),
            ("warehouse", i64::try_from(lines).unwrap_or(i64::MAX)),
        ));
        checks.extend(blocking(move || cube_checks(&derived)).await?);
        Ok(Report {
            ok: checks.iter().all(|check| check.ok),
            checks,
        })
    }
}

/// Every level adds up to the total, each currency by itself; the map holds every site.
fn cube_checks(derived: &Derived) -> Result<Vec<Check>, Error> {
    let warehouse = &derived.warehouse;
    let mut checks = Vec::new();
    for currency in warehouse.summary().currencies.clone() {
        for level in CubeLevel::all().filter(|level| *level != CubeLevel::Account) {
            let filter = serde_json::json!([{"level": "sale.currency", "in": [currency]}]);
            let answer = ask(warehouse, level, &filter)?;
            checks.push(Check::equal(
                &format!("{} adds up to the total in {currency}", level.id()),
                (
                    "rows",
                    answer.rows.iter().map(|row| integer(row.last())).sum(),
                ),
                ("total", integer(answer.total.get("revenue"))),
            ));
        }
        for pair in Level::ALL[..5].windows(2) {
            checks.push(nested(warehouse, pair[0], pair[1], &currency)?);
        }
    }
    let located = warehouse.sites()?.len();
    checks.push(Check::equal(
        "the tile of the world holds every located account",
        ("located", i64::try_from(located).unwrap_or(i64::MAX)),
        (
            "tile",
            i64::try_from(derived.sites.len()).unwrap_or(i64::MAX),
        ),
    ));
    Ok(checks)
}

/// The children of every member of `upper`, its unassigned ones included, add up to it.
fn nested(
    warehouse: &crate::warehouse::Warehouse,
    upper: Level,
    lower: Level,
    currency: &str,
) -> Result<Check, Error> {
    let (upper, lower) = (CubeLevel::Region(upper), CubeLevel::Region(lower));
    let filter = serde_json::json!([{"level": "sale.currency", "in": [currency]}]);
    let parents = ask(warehouse, upper, &filter)?;
    let children = cube::ask(
        warehouse,
        &Question::try_from(request(&[upper, lower], &filter)?)?,
    )?;
    let mut wrong = 0;
    for parent in &parents.rows {
        let sum: i64 = children
            .rows
            .iter()
            .filter(|child| child.first() == parent.first())
            .map(|child| integer(child.last()))
            .sum();
        wrong += i64::from(sum != integer(parent.last()));
    }
    Ok(Check {
        name: format!("{} adds up to {} in {currency}", lower.id(), upper.id()),
        ok: wrong == 0,
        detail: format!("{} members, {wrong} do not add up", parents.rows.len()),
    })
}

fn ask(
    warehouse: &crate::warehouse::Warehouse,
    level: CubeLevel,
    filters: &serde_json::Value,
) -> Result<Answer, Error> {
    let question = Question::try_from(request(&[level], filters)?)?;
    Ok(cube::ask(warehouse, &question)?)
}

fn request(levels: &[CubeLevel], filters: &serde_json::Value) -> Result<Request, Error> {
    let rows: Vec<&str> = levels.iter().map(|level| level.id()).collect();
    let request = serde_json::json!({
        "measures": ["revenue"], "rows": rows, "filters": filters, "limit": cube::MAX_ROWS,
    });
    Ok(serde_json::from_value(request).map_err(cube::Error::from)?)
}

fn integer(cell: Option<&Cell>) -> i64 {
    match cell {
        Some(Cell::Integer(value)) => *value,
        _ => 0,
    }
}
