//! Whether the invariants of the home hold: what `revier check` verifies.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{App, Derived, Error, blocking, hierarchy, sales_batches, to_its_end};
use crate::cube::{self, Answer, Cell, CubeLevel, Question, Request};
use crate::facts::Facts;
use crate::place::Level;
use crate::store::{Batch, BatchId, Kind};
use crate::warehouse::Warehouse;
use crate::word::with_causes;

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
    fn broken(name: &str, error: &dyn std::error::Error) -> Self {
        Self {
            name: name.to_owned(),
            ok: false,
            detail: with_causes(error),
        }
    }

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
    /// The record store must be readable.
    pub async fn check(&self) -> Result<Report, Error> {
        let app = self.clone();
        let checks = to_its_end(async move { app.checks().await }).await?;
        Ok(Report {
            ok: checks.iter().all(|check| check.ok),
            checks,
        })
    }

    async fn checks(&self) -> Result<Vec<Check>, Error> {
        let _one = self.change.lock().await;
        let batches = self.batches().await?;
        let sales = sales_batches(&batches);
        let brought = |batch: &&Batch| batch.kind == Kind::Sales && batch.counts.change_anything();
        let with_lines: Vec<&Batch> = batches.iter().filter(brought).collect();
        let missing: Vec<String> = with_lines
            .iter()
            .filter(|batch| self.facts.parts(&[batch.id]).is_empty())
            .map(|batch| batch.id.to_string())
            .collect();
        let mut checks = vec![Check {
            name: "every sales batch has its lines".to_owned(),
            ok: missing.is_empty(),
            detail: if missing.is_empty() {
                format!("{} batches", with_lines.len())
            } else {
                format!("lines of batch {} are missing", missing.join(", "))
            },
        }];
        checks.push(self.hierarchy_check(&batches).await);
        let derived = match self.refresh().await {
            Ok(derived) => derived,
            Err(error) => {
                checks.push(Check::broken("the warehouse can be built", &error));
                return Ok(checks);
            }
        };
        let stored = self.store.account_keys().await?.len();
        let in_cube = derived.warehouse.summary().accounts;
        checks.push(Check::equal(
            "store and warehouse hold the same accounts",
            ("store", i64::try_from(stored).unwrap_or(i64::MAX)),
            ("warehouse", i64::try_from(in_cube).unwrap_or(i64::MAX)),
        ));
        let added: u64 = with_lines.iter().map(|batch| batch.counts.added).sum();
        let lines = derived.warehouse.summary().lines;
        checks.push(Check::equal(
            "every line that batches added is in the warehouse",
            ("batches", i64::try_from(added).unwrap_or(i64::MAX)),
            ("warehouse", i64::try_from(lines).unwrap_or(i64::MAX)),
        ));
        let facts = self.facts.clone();
        let rest = blocking(move || {
            let mut checks = parts_checks(&facts, &sales, &derived.warehouse);
            match cube_checks(&derived) {
                Ok(more) => checks.extend(more),
                Err(error) => checks.push(Check::broken("the cube answers", &error)),
            }
            checks
        });
        checks.extend(rest.await);
        Ok(checks)
    }
}

impl App {
    /// The files of the hierarchies that stand are whole.
    async fn hierarchy_check(&self, batches: &[Batch]) -> Check {
        let (home, standing) = (self.home.clone(), hierarchy::standing(batches));
        let count = standing.len();
        let damaged = blocking(move || {
            let known = standing.iter().zip(hierarchy::read_all(&home, &standing));
            let damaged = known.filter_map(|(known, read)| Some((&known.name, read.err()?)));
            damaged
                .map(|(name, error)| format!("\"{name}\": {}", with_causes(&error)))
                .collect::<Vec<_>>()
        });
        let damaged = damaged.await;
        Check {
            name: "every hierarchy has its regions".to_owned(),
            ok: damaged.is_empty(),
            detail: if damaged.is_empty() {
                format!("{count} hierarchies")
            } else {
                damaged.join("; ")
            },
        }
    }
}

/// The parts, read again from disk, hold the lines and the revenue that the warehouse has.
fn parts_checks(facts: &Facts, sales: &[BatchId], warehouse: &Warehouse) -> Vec<Check> {
    let totals = match facts.totals(sales) {
        Ok(totals) => totals,
        Err(error) => return vec![Check::broken("every part can be read", &error)],
    };
    let mut checks = Vec::new();
    for (currency, lines, revenue) in totals {
        let filter = serde_json::json!([{"level": "sale.currency", "in": [currency]}]);
        let answer = request(&[], &["lines", "revenue"], &filter)
            .and_then(|request| Ok(Question::try_from(request)?))
            .and_then(|question| Ok(cube::ask(warehouse, &question)?));
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return vec![Check::broken("the cube answers", &error)],
        };
        for (measure, in_parts) in [("lines", lines), ("revenue", revenue)] {
            checks.push(Check::equal(
                &format!("parts and warehouse hold the same {measure} in {currency}"),
                ("parts", in_parts),
                ("warehouse", integer(answer.total.get(measure))),
            ));
        }
    }
    checks
}

/// Every level adds up to the total, each currency by itself; the map holds every site.
fn cube_checks(derived: &Derived) -> Result<Vec<Check>, Error> {
    let warehouse = &derived.warehouse;
    let mut checks = Vec::new();
    for currency in warehouse.summary().currencies.clone() {
        let levels = CubeLevel::all().filter(|level| level.is_filled(warehouse));
        for level in levels.filter(|level| *level != CubeLevel::Account) {
            let filter = serde_json::json!([{"level": "sale.currency", "in": [currency]}]);
            let answer = ask(warehouse, &[level], &filter)?;
            checks.push(Check::equal(
                &format!("{} adds up to the total in {currency}", level.id()),
                (
                    "rows",
                    answer.rows.iter().map(|row| integer(row.last())).sum(),
                ),
                ("total", integer(answer.total.get("revenue"))),
            ));
        }
        checks.push(rolled_up(warehouse, &currency)?);
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

/// Roll-ups tell what the lines tell, level by level.
fn rolled_up(warehouse: &Warehouse, currency: &str) -> Result<Check, Error> {
    let filter = serde_json::json!([{"level": "sale.currency", "in": [currency]}]);
    let measures = ["revenue", "margin", "units", "orders", "lines", "customers"];
    let levels = CubeLevel::all().filter(|level| level.is_filled(warehouse));
    let (mut compared, mut different) = (0, Vec::new());
    for level in levels.filter(|level| *level != CubeLevel::Account) {
        let mut question = Question::try_from(request(&[level], &measures, &filter)?)?;
        question.limit = Some(cube::MAX_ROWS);
        let from_rollups = cube::ask(warehouse, &question)?;
        question.rollups = false;
        compared += 1;
        if from_rollups != cube::ask(warehouse, &question)? {
            different.push(level.id());
        }
    }
    Ok(Check {
        name: format!("roll-ups tell what the lines tell in {currency}"),
        ok: different.is_empty(),
        detail: if different.is_empty() {
            format!("{compared} levels")
        } else {
            format!("they differ at {}", different.join(", "))
        },
    })
}

/// The children of every member of `upper`, its unassigned ones included, add up to it.
fn nested(
    warehouse: &Warehouse,
    upper: Level,
    lower: Level,
    currency: &str,
) -> Result<Check, Error> {
    let (upper, lower) = (CubeLevel::Region(upper), CubeLevel::Region(lower));
    let filter = serde_json::json!([{"level": "sale.currency", "in": [currency]}]);
    let parents = ask(warehouse, &[upper], &filter)?;
    let children = ask(warehouse, &[upper, lower], &filter)?;
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

/// The whole answer, page by page: a home may have more postal codes than one page has rows.
fn ask(
    warehouse: &Warehouse,
    levels: &[CubeLevel],
    filters: &serde_json::Value,
) -> Result<Answer, Error> {
    let mut question = Question::try_from(request(levels, &["revenue"], filters)?)?;
    question.limit = Some(cube::MAX_ROWS);
    let mut answer = cube::ask(warehouse, &question)?;
    while answer.rows.len() < answer.row_count {
        question.offset = answer.rows.len();
        answer.rows.extend(cube::ask(warehouse, &question)?.rows);
    }
    Ok(answer)
}

fn request(
    levels: &[CubeLevel],
    measures: &[&str],
    filters: &serde_json::Value,
) -> Result<Request, Error> {
    let rows: Vec<&str> = levels.iter().map(|level| level.id()).collect();
    let request = serde_json::json!({"measures": measures, "rows": rows, "filters": filters});
    Ok(serde_json::from_value(request).map_err(cube::Error::from)?)
}

fn integer(cell: Option<&Cell>) -> i64 {
    match cell {
        Some(Cell::Integer(value)) => *value,
        _ => 0,
    }
}
