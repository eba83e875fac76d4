//! The answer to a question: keys, names and figures in the place of numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::best::Best;
use super::compare::Move;
use super::measure::{Compare, Figure, Modifier, Unit};
use super::names::Names;
use super::plan::{Asker, Plan, Tables, too_many};
use super::question::{Having, Question};
use super::sheet::{Sheet, Sources};
use super::value::Value;
use super::{Error, MAX_ROWS};

/// The answer to a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    /// Headings of the rows: levels, then measures.
    pub columns: Vec<String>,
    /// One row per combination of members that has lines.
    pub rows: Vec<Vec<Cell>>,
    /// Of a question that opens members: for each row and level where its member stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<Vec<Origin>>,
    /// Rows without some of the levels, where the question wants them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subtotals: Vec<Subtotals>,
    /// Per level the name of each key that stands in the rows.
    pub members: BTreeMap<String, BTreeMap<String, String>>,
    /// Each measure over all lines, computed from the lines; no money over several currencies.
    pub total: BTreeMap<String, Cell>,
    /// How many rows there are without limit and offset.
    pub row_count: usize,
    /// Currency of the money; absent when there are no lines.
    pub currency: Option<String>,
    /// The version of the data that was seen.
    pub version: String,
    /// How it was computed, where the question wants to know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub explain: Vec<Step>,
}

/// Where a member of an opened level stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Origin {
    /// Word of the level that the member is of; absent for `others`.
    pub level: Option<String>,
    /// Keys of the members that were opened to come here, outermost first.
    pub within: Vec<String>,
}

/// Rows without some of the levels of a question, computed from the lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Subtotals {
    /// Headings of the rows: the remaining levels, then the measures.
    pub columns: Vec<String>,
    /// One row per combination of members that has lines.
    pub rows: Vec<Vec<Cell>>,
    /// As those of the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<Vec<Origin>>,
}

/// A scan that was made for the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Step {
    /// Name of the table that was read.
    pub source: String,
    /// Rows of that table.
    pub source_rows: u64,
    /// Groups that came back.
    pub groups: usize,
    /// How long it took.
    pub milliseconds: f64,
    /// What the engine was told, in its own language.
    pub statements: Vec<String>,
}

/// A cell of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Cell {
    /// No value, such as a margin without costs.
    None,
    /// Minor units, a count or a whole quantity.
    Integer(i64),
    /// A quantity with decimals, a share or another number.
    Decimal(f64),
    /// A key, a day or a class.
    Key(String),
}

impl Cell {
    /// A quantity given in thousandths.
    pub(super) fn quantity(milli: i64) -> Self {
        if milli % 1_000 == 0 {
            return Self::Integer(milli / 1_000);
        }
        Self::Decimal(super::value::float(milli) / 1_000.0)
    }
}

/// The answer to `question`.
pub(super) fn answer(asker: Asker<'_>, question: &Question) -> Result<Answer, Error> {
    let plan = asker.plan(question)?;
    let full = (1_u32 << plan.axes.len()) - 1;
    let subsets = subsets_of(question, full);
    let best = Best::of(question);
    let wanted = best.as_ref().map(|best| (full, best));
    let tables =
        asker.wanted_tables(&plan.axes, &subsets, &plan.conditions, &plan.parts, wanted)?;
    let moves = moves(&asker, question, &plan, &subsets)?;
    let names = Names::of(asker.warehouse, &plan.axes)?;
    let sources = Sources {
        asker: &asker,
        question,
        plan: &plan,
        tables: &tables,
        moves: &moves,
        names: &names,
    };
    let mut writer = Writer {
        question,
        plan: &plan,
        names: &names,
        members: BTreeMap::new(),
    };
    let sheet = Sheet::of(&sources, full)?;
    let (order, row_count) = in_order(&sheet, question, &names);
    let row_count = row_count + tables.get(&full).map_or(0, |table| table.left_out);
    if order.len() > MAX_ROWS {
        return Err(too_many(order.len(), MAX_ROWS));
    }
    let rows = writer.rows(&sheet, &order);
    let origins = writer.origins(&sheet, &order);
    let mut subtotals = Vec::new();
    if question.subtotals {
        for subset in (1..full).rev() {
            let sheet = Sheet::of(&sources, subset)?;
            let mut order: Vec<usize> = (0..sheet.rows).collect();
            order.sort_by(|a, b| sheet.compare(*a, *b, &[], &names));
            if order.len() > MAX_ROWS {
                return Err(too_many(order.len(), MAX_ROWS));
            }
            subtotals.push(Subtotals {
                columns: writer.headings(&sheet),
                rows: writer.rows(&sheet, &order),
                origins: writer.origins(&sheet, &order),
            });
        }
    }
    let total = total(&sources, asker.warehouse.summary().currencies.len())?;
    let members = writer.members;
    let (columns, currency) = (question.headings(), plan.currency.clone());
    let version = asker.warehouse.version().to_owned();
    Ok(Answer {
        columns,
        rows,
        origins,
        subtotals,
        members,
        total,
        row_count,
        currency,
        version,
        explain: if question.explain {
            asker.into_steps()
        } else {
            Vec::new()
        },
    })
}

/// The subsets of the axes whose tables the answer needs.
fn subsets_of(question: &Question, full: u32) -> Vec<u32> {
    if question.subtotals {
        return (0..=full).rev().collect();
    }
    let needs_parent = question
        .figures
        .iter()
        .any(|figure| matches!(figure.modifier, Modifier::ShareOfParent | Modifier::Index));
    let last = question.axes.len().saturating_sub(1);
    let mut subsets = vec![full];
    if needs_parent && full != 0 {
        subsets.push(full & !(1 << last));
    }
    subsets.push(0);
    subsets.dedup();
    subsets
}

/// The comparisons that the figures need, with the tables of their time.
fn moves(
    asker: &Asker<'_>,
    question: &Question,
    plan: &Plan,
    subsets: &[u32],
) -> Result<Vec<(Move, Tables)>, Error> {
    let mut wanted: Vec<Compare> = question.figures.iter().flat_map(Figure::compares).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut moves = Vec::new();
    for compare in wanted {
        let way = Move::of(compare, &plan.conditions, &plan.axes, asker.warehouse)?;
        let conditions = way.conditions(&plan.conditions)?;
        let axes = way.axes(&plan.axes)?;
        let is_split = plan.currency.is_none();
        let then = asker.currency(&conditions, false)?;
        if !is_split && then.is_some() && then != plan.currency {
            let both = [plan.currency.clone(), then].into_iter().flatten();
            return Err(Error::MixedCurrencies(both.collect()));
        }
        let tables = asker.tables(&axes, subsets, &conditions, &plan.parts)?;
        moves.push((way, tables));
    }
    Ok(moves)
}

/// The rows that the question wants to see, in its order, and how many there are in all.
fn in_order(sheet: &Sheet, question: &Question, names: &Names<'_>) -> (Vec<usize>, usize) {
    let is_let_through = |row: usize| {
        question.having.iter().all(|bounds| {
            let unit = question.figures[bounds.figure].unit();
            is_within(sheet.columns[bounds.figure][row], unit, bounds)
        })
    };
    let mut rows: Vec<usize> = (0..sheet.rows).filter(|row| is_let_through(*row)).collect();
    let row_count = rows.len();
    let end = question
        .limit
        .map_or(row_count, |limit| question.offset.saturating_add(limit));
    let compare = |a: &usize, b: &usize| sheet.compare(*a, *b, &question.sort, names);
    if end < row_count && end > 0 {
        rows.select_nth_unstable_by(end - 1, compare);
    }
    rows.truncate(end);
    rows.sort_unstable_by(compare);
    (rows.into_iter().skip(question.offset).collect(), row_count)
}

fn is_within(value: Value, unit: Unit, bounds: &Having) -> bool {
    let number = match value.number() {
        Some(milli) if unit == Unit::Quantity => Some(milli / 1_000.0),
        number => number,
    };
    number.is_some_and(|number| {
        bounds.from.is_none_or(|from| number >= from) && bounds.to.is_none_or(|to| number <= to)
    })
}

/// Every figure over all lines.
fn total(sources: &Sources<'_>, currencies: usize) -> Result<BTreeMap<String, Cell>, Error> {
    let sheet = Sheet::of(sources, 0)?;
    let is_mixed = sources.plan.currency.is_none() && currencies > 1;
    let figures = sources.question.figures.iter().zip(&sheet.columns);
    Ok(figures
        .map(|(figure, column)| {
            let has_no_sum = is_mixed && figure.measure.needs_one_currency();
            let value = column.first().copied().filter(|_| !has_no_sum);
            let cell = value.map_or(Cell::None, |value| value.cell(figure.unit()));
            (figure.id(), cell)
        })
        .collect())
}

/// Puts keys and names in the place of numbers.
struct Writer<'a> {
    question: &'a Question,
    plan: &'a Plan,
    names: &'a Names<'a>,
    members: BTreeMap<String, BTreeMap<String, String>>,
}

impl Writer<'_> {
    fn headings(&self, sheet: &Sheet) -> Vec<String> {
        let levels = sheet
            .axes
            .iter()
            .map(|axis| self.question.axes[*axis].level.id().to_owned());
        let figures = self.question.figures.iter().map(Figure::id);
        levels.chain(figures).collect()
    }

    fn rows(&mut self, sheet: &Sheet, order: &[usize]) -> Vec<Vec<Cell>> {
        for axis in &sheet.axes {
            let level = self.question.axes[*axis].level.id();
            self.members.entry(level.to_owned()).or_default();
        }
        order.iter().map(|row| self.row(sheet, *row)).collect()
    }

    fn row(&mut self, sheet: &Sheet, row: usize) -> Vec<Cell> {
        let mut cells = Vec::with_capacity(sheet.axes.len() + sheet.columns.len());
        for (member, axis) in sheet.row(row).iter().zip(&sheet.axes) {
            let piece = &self.plan.axes[*axis][usize::from(member.piece)];
            let (key, name) = self.names.key_and_name(piece, member.number);
            if let Some(level) = piece.level {
                let names = self.members.entry(level.id().to_owned()).or_default();
                if !names.contains_key(&key) {
                    names.insert(key.clone(), name);
                }
            }
            cells.push(Cell::Key(key));
        }
        let figures = self.question.figures.iter().zip(&sheet.columns);
        cells.extend(figures.map(|(figure, column)| column[row].cell(figure.unit())));
        cells
    }

    /// Where the members of the rows stand; nothing when no member is opened.
    fn origins(&self, sheet: &Sheet, order: &[usize]) -> Vec<Vec<Origin>> {
        let mut pieces = sheet.axes.iter().map(|axis| &self.plan.axes[*axis]);
        if pieces.all(|pieces| pieces.len() == 1) {
            return Vec::new();
        }
        let origin = |(member, axis): (&super::plan::Member, &usize)| {
            let piece = &self.plan.axes[*axis][usize::from(member.piece)];
            Origin {
                level: piece.level.map(|level| level.id().to_owned()),
                within: piece.path.clone(),
            }
        };
        let rows = order.iter().map(|row| {
            let members = sheet.row(*row).iter().zip(&sheet.axes);
            members.map(origin).collect()
        });
        rows.collect()
    }
}
