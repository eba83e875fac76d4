//! From a question to scans, and from their groups to tables of parts.
//!
//! A level with opened members falls into pieces: the members that stay, and for each opened one
//! its own finer members. The pieces share no line and leave none out, so a table of several
//! pieces still adds up.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Instant;

use super::answer::Step;
use super::engine::{Engine, condition};
use super::level::CubeLevel;
use super::question::{Axis, Best, Filter, Question};
use super::resolve::{accounts_within, number_of, numbers_of, numbers_with_text};
use super::scan::{Condition, Groups, Part, Scan};
use super::value::{self, Given, Value};
use super::{Error, MAX_GROUPS};
use crate::record::money::Currency;
use crate::warehouse::Warehouse;

/// Scans of one question at most.
const MAX_SCANS: usize = 256;

/// Who asks whom, and what was done so far.
pub(super) struct Asker<'a> {
    pub(super) warehouse: &'a Warehouse,
    pub(super) engine: &'a dyn Engine,
    /// The currency into which money is converted.
    money: Option<Currency>,
    steps: RefCell<Vec<Step>>,
}

/// A question in numbers.
pub(super) struct Plan {
    /// All filters.
    pub(super) conditions: Vec<Condition>,
    /// The pieces of each axis, at least one each.
    pub(super) axes: Vec<Vec<Piece>>,
    /// What the figures need.
    pub(super) parts: Vec<Part>,
    /// Currency of the money; none without lines or with several.
    pub(super) currency: Option<String>,
}

/// A part of an axis with one level.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// The level of its members; none for what stands together as `others`.
    pub(super) level: Option<CubeLevel>,
    /// Which lines belong to it.
    pub(super) conditions: Vec<Condition>,
    /// Keys of the members that were opened to come here, outermost first.
    pub(super) path: Vec<String>,
}

/// A member of an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Member {
    /// Place of the piece in its axis.
    pub(super) piece: u16,
    /// Number of the member.
    pub(super) number: i64,
}

/// The parts of every combination of members of some axes.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Members of each row, one an axis, row after row.
    pub(super) members: Vec<Member>,
    /// Values of each row, one a part, row after row.
    pub(super) values: Vec<i64>,
    /// How many rows there are.
    pub(super) rows: usize,
    /// How many more there would be, of which none is wanted.
    pub(super) left_out: usize,
    places: std::cell::OnceCell<HashMap<Vec<Member>, usize>>,
}

/// Tables by the axes they have, one bit each.
pub(super) type Tables = HashMap<u32, Table>;

impl<'a> Asker<'a> {
    pub(super) fn new(warehouse: &'a Warehouse, engine: &'a dyn Engine) -> Self {
        Self {
            warehouse,
            engine,
            money: None,
            steps: RefCell::default(),
        }
    }

    /// Who asks for money in `currency`, whatever the lines are in.
    ///
    /// # Errors
    /// The lines must be in it, or there must be amounts in it.
    pub(super) fn in_currency(mut self, currency: Option<Currency>) -> Result<Self, Error> {
        let Some(currency) = currency else {
            return Ok(self);
        };
        let summary = self.warehouse.summary();
        if summary.currencies.is_empty() || summary.currencies == [currency.code()] {
            return Ok(self);
        }
        let mut conversions = summary.conversions.iter();
        if !conversions.any(|known| known.currency == currency) {
            return Err(Error::Combination(format!(
                "money can be given in {}, not in {currency}: no line is in it",
                summary.currencies.join(" or ")
            )));
        }
        self.money = Some(currency);
        Ok(self)
    }

    /// Whether money is converted line by line.
    pub(super) fn converts(&self) -> bool {
        self.money.is_some()
    }

    /// Refuses to convert lines of which one has no rate.
    fn check_rates(&self, scan: &Scan) -> Result<(), Error> {
        let Some(currency) = scan.money else {
            return Ok(());
        };
        let mut conversions = self.warehouse.summary().conversions.iter();
        if conversions.any(|known| known.currency == currency && known.missing.is_none()) {
            return Ok(());
        }
        let condition = condition(&scan.conditions);
        match self.warehouse.missing_rate(currency, &condition)? {
            None => Ok(()),
            Some((from, day)) => Err(Error::NoRate {
                from,
                to: currency,
                day,
            }),
        }
    }

    /// What was done to compute the answer.
    pub(super) fn into_steps(self) -> Vec<Step> {
        self.steps.into_inner()
    }

    fn scan(&self, scan: &Scan) -> Result<Groups, Error> {
        self.check_rates(scan)?;
        let started = Instant::now();
        let scanned = self.engine.scan(scan)?;
        self.steps.borrow_mut().push(Step {
            source: scanned.source,
            source_rows: scanned.rows,
            groups: scanned.groups.len(),
            milliseconds: started.elapsed().as_secs_f64() * 1_000.0,
            statements: scanned.statements,
        });
        Ok(scanned.groups)
    }

    /// The plan of `question`.
    ///
    /// # Errors
    /// Its keys must be known, and its money of one currency.
    pub(super) fn plan(&self, question: &Question) -> Result<Plan, Error> {
        for axis in &question.axes {
            axis.level.require(self.warehouse)?;
        }
        let mut conditions = Vec::new();
        for filter in &question.filters {
            conditions.extend(self.condition(filter)?);
        }
        let plain = conditions.clone();
        let mut others: Vec<(CubeLevel, Vec<i64>)> = Vec::new();
        for filter in &question.filters {
            if let Filter::Best(best) = filter {
                let numbers = self.best(best, &plain)?;
                if best.others {
                    others.push((best.level, numbers));
                } else {
                    conditions.push(Condition::In(best.level, numbers));
                }
            }
        }
        let axes = question.axes.iter().map(|axis| {
            let kept = others.iter().find(|(level, _)| *level == axis.level);
            let mut pieces = Vec::new();
            self.pieces(
                axis,
                kept.map(|(_, numbers)| numbers.as_slice()),
                &[],
                &[],
                &mut pieces,
            )?;
            Ok::<_, Error>(pieces)
        });
        let axes: Vec<Vec<Piece>> = axes.collect::<Result<_, _>>()?;
        let mut parts: Vec<Part> = Vec::new();
        for part in question
            .figures
            .iter()
            .flat_map(|figure| figure.measure.parts())
        {
            if !parts.contains(part) {
                parts.push(*part);
            }
        }
        let wants_money = question
            .figures
            .iter()
            .any(|figure| figure.measure.needs_one_currency());
        let is_split = question
            .axes
            .iter()
            .any(|axis| axis.level == CubeLevel::Currency);
        let currency = self.currency(&conditions, wants_money && !is_split)?;
        Ok(Plan {
            conditions,
            axes,
            parts,
            currency,
        })
    }

    /// The parts of `plan` by account, but for [`Part::Customers`].
    ///
    /// # Errors
    /// The engine must answer.
    pub(super) fn by_account(&self, plan: &Plan) -> Result<(Scan, Groups), Error> {
        // That an account is one customer, no engine needs to count.
        let counted = |part: &&Part| **part != Part::Customers;
        let mut parts: Vec<Part> = plan.parts.iter().filter(counted).copied().collect();
        if parts.is_empty() {
            parts.push(Part::Lines);
        }
        let scan = Scan {
            levels: vec![CubeLevel::Account],
            sets: vec![1],
            parts,
            conditions: plan.conditions.clone(),
            money: self.money,
            // Each account, what has none, and one more.
            most: usize::try_from(self.warehouse.summary().accounts).map_or(MAX_GROUPS, |n| n + 2),
        };
        let groups = self.scan(&scan)?;
        Ok((scan, groups))
    }

    /// The condition of a filter; none yet for the largest members, which need the others.
    pub(super) fn condition(&self, filter: &Filter) -> Result<Option<Condition>, Error> {
        Ok(Some(match filter {
            Filter::In(level, keys) => {
                Condition::In(*level, numbers_of(self.warehouse, *level, keys)?)
            }
            Filter::NotIn(level, keys) => {
                Condition::NotIn(*level, numbers_of(self.warehouse, *level, keys)?)
            }
            Filter::Text(level, text) => {
                Condition::In(*level, numbers_with_text(self.warehouse, *level, text)?)
            }
            Filter::Between(step, from, to) => Condition::Between(*step, *from, *to),
            Filter::Within(shape) => {
                Condition::In(CubeLevel::Account, accounts_within(self.warehouse, shape)?)
            }
            Filter::Best(_) => return Ok(None),
        }))
    }

    /// The numbers of the largest or smallest members, equals by number; what is unassigned is
    /// not among them.
    fn best(&self, best: &Best, conditions: &[Condition]) -> Result<Vec<i64>, Error> {
        best.level.require(self.warehouse)?;
        if best.by.needs_one_currency() {
            self.currency(conditions, true)?;
        }
        let parts = best.by.parts();
        let scan = Scan {
            levels: vec![best.level],
            sets: vec![1],
            parts: parts.to_vec(),
            conditions: conditions.to_vec(),
            money: self.money,
            most: MAX_GROUPS + 1,
        };
        let groups = self.scan(&scan)?;
        if groups.len() > MAX_GROUPS {
            return Err(too_many(groups.len(), MAX_GROUPS));
        }
        let mut members: Vec<(Value, i64)> = groups
            .iter(&scan)
            .filter(|(_, members, _)| *members != [0])
            .map(|(_, members, values)| {
                (
                    value::of(&best.by, &Given::now(parts, values, None)),
                    members[0],
                )
            })
            .collect();
        members.sort_by(|(a, first), (b, second)| {
            value::compare(a, b, best.largest).then(first.cmp(second))
        });
        members.truncate(best.count);
        Ok(members.into_iter().map(|(_, number)| number).collect())
    }

    fn pieces(
        &self,
        axis: &Axis,
        kept: Option<&[i64]>,
        conditions: &[Condition],
        path: &[String],
        pieces: &mut Vec<Piece>,
    ) -> Result<(), Error> {
        axis.level.require(self.warehouse)?;
        let mut opened = Vec::new();
        for (key, inner) in &axis.opened {
            let Some(number) = number_of(self.warehouse, axis.level, key)? else {
                continue;
            };
            opened.push(number);
            let inside = [conditions, &[Condition::In(axis.level, vec![number])]].concat();
            let path = [path, std::slice::from_ref(key)].concat();
            self.pieces(inner, None, &inside, &path, pieces)?;
        }
        let mut rest = conditions.to_vec();
        if !opened.is_empty() {
            rest.push(Condition::NotIn(axis.level, opened));
        }
        let piece = |level, condition: Option<Condition>| Piece {
            level,
            conditions: rest.iter().cloned().chain(condition).collect(),
            path: path.to_vec(),
        };
        if let Some(kept) = kept {
            let within = Condition::In(axis.level, kept.to_vec());
            let without = Condition::NotIn(axis.level, kept.to_vec());
            pieces.push(piece(Some(axis.level), Some(within)));
            pieces.push(piece(None, Some(without)));
        } else {
            pieces.push(piece(Some(axis.level), None));
        }
        Ok(())
    }

    /// The currency of the lines; `None` for no line or several currencies.
    ///
    /// # Errors
    /// When `is_needed`, the lines must be of one currency.
    pub(super) fn currency(
        &self,
        conditions: &[Condition],
        is_needed: bool,
    ) -> Result<Option<String>, Error> {
        if let Some(currency) = self.money {
            return Ok(Some(currency.code().to_owned()));
        }
        let known = &self.warehouse.summary().currencies;
        if known.len() < 2 {
            return Ok(known.first().cloned());
        }
        let groups = self.scan(&Scan {
            levels: vec![CubeLevel::Currency],
            sets: vec![1],
            parts: vec![Part::Lines],
            conditions: conditions.to_vec(),
            money: None,
            most: MAX_GROUPS,
        })?;
        let dictionary = self.warehouse.dictionary("currency")?;
        let mut currencies: Vec<String> = groups
            .members
            .iter()
            .filter_map(|number| dictionary.member(*number))
            .map(|member| member.key.to_owned())
            .collect();
        currencies.sort_unstable();
        if currencies.len() > 1 && is_needed {
            return Err(Error::MixedCurrencies(currencies));
        }
        Ok(currencies.pop().filter(|_| currencies.is_empty()))
    }

    /// The tables of `subsets` of the axes, one bit an axis.
    pub(super) fn tables(
        &self,
        axes: &[Vec<Piece>],
        subsets: &[u32],
        conditions: &[Condition],
        parts: &[Part],
    ) -> Result<Tables, Error> {
        self.wanted_tables(axes, subsets, conditions, parts, None)
    }

    /// The tables of `subsets` of the axes, one bit an axis; of the one that `wanted` names only
    /// the rows that it may want.
    ///
    /// Groupings of the same lines go into one scan.
    pub(super) fn wanted_tables(
        &self,
        axes: &[Vec<Piece>],
        subsets: &[u32],
        conditions: &[Condition],
        parts: &[Part],
        wanted: Option<(u32, &super::best::Best)>,
    ) -> Result<Tables, Error> {
        let mut lines: Vec<(Vec<Condition>, Vec<Grouping>)> = Vec::new();
        for subset in subsets {
            for choice in choices(axes, *subset) {
                let mut all = conditions.to_vec();
                for (axis, piece) in &choice {
                    all.extend_from_slice(&axes[*axis][*piece].conditions);
                }
                let grouping = Grouping {
                    subset: *subset,
                    choice,
                };
                match lines.iter_mut().find(|(known, _)| *known == all) {
                    Some((_, groupings)) => groupings.push(grouping),
                    None => lines.push((all, vec![grouping])),
                }
            }
        }
        if lines.len() > MAX_SCANS {
            return Err(Error::Combination(format!(
                "the opened members make {} combinations, more than {MAX_SCANS}: open fewer",
                lines.len()
            )));
        }
        let mut tables: Tables = subsets
            .iter()
            .map(|subset| (*subset, Table::default()))
            .collect();
        for (conditions, groupings) in lines {
            let wanted = wanted.as_ref();
            self.fill(&mut tables, (axes, parts), conditions, &groupings, wanted)?;
        }
        Ok(tables)
    }

    /// Puts the groups of one scan into the tables of its groupings.
    fn fill(
        &self,
        tables: &mut Tables,
        (axes, parts): (&[Vec<Piece>], &[Part]),
        conditions: Vec<Condition>,
        groupings: &[Grouping],
        wanted: Option<&(u32, &super::best::Best)>,
    ) -> Result<(), Error> {
        let mut levels: Vec<CubeLevel> = Vec::new();
        let mut sets: Vec<u32> = Vec::new();
        let mut by_set: HashMap<u32, Vec<Placed<'_>>> = HashMap::new();
        for grouping in groupings {
            let mut set = 0;
            let mut places = Vec::new();
            for (axis, piece) in &grouping.choice {
                let level = axes[*axis][*piece].level;
                let place = level.map(|level| {
                    levels
                        .iter()
                        .position(|known| *known == level)
                        .unwrap_or_else(|| {
                            levels.push(level);
                            levels.len() - 1
                        })
                });
                set |= place.map_or(0, |place| 1 << place);
                places.push(place);
            }
            if !sets.contains(&set) {
                sets.push(set);
            }
            by_set.entry(set).or_default().push((grouping, places));
        }
        let scan = Scan {
            most: (MAX_GROUPS + 1) * sets.len(),
            levels,
            sets,
            parts: parts.to_vec(),
            conditions,
            money: self.money,
        };
        let groups = self.scan(&scan)?;
        for (set, placed) in &by_set {
            let of_set = || groups.iter(&scan).filter(|(known, ..)| known == set);
            for (grouping, places) in placed {
                let Some(table) = tables.get_mut(&grouping.subset) else {
                    continue;
                };
                let mut take = |members: &[i64], values: &[i64]| {
                    for ((_, piece), place) in grouping.choice.iter().zip(places) {
                        table.members.push(Member {
                            piece: u16::try_from(*piece).unwrap_or(u16::MAX),
                            number: place.map_or(0, |place| members[place]),
                        });
                    }
                    table.values.extend_from_slice(values);
                    table.rows += 1;
                };
                match wanted.filter(|(subset, _)| *subset == grouping.subset) {
                    None => of_set().for_each(|(_, members, values)| take(members, values)),
                    Some((_, best)) => {
                        let all = of_set().map(|(_, _, values)| values);
                        let mut wanted = best.places(parts, all).into_iter().peekable();
                        let (mut count, mut kept) = (0, 0);
                        for (_, members, values) in of_set() {
                            if wanted.next_if_eq(&count).is_some() {
                                take(members, values);
                                kept += 1;
                            }
                            count += 1;
                        }
                        table.left_out += count - kept;
                    }
                }
            }
        }
        let rows = tables.values().map(|table| table.rows + table.left_out);
        match rows.max() {
            Some(rows) if rows > MAX_GROUPS => Err(too_many(rows, MAX_GROUPS)),
            _ => Ok(()),
        }
    }
}

impl Table {
    /// The place of the row of these members.
    pub(super) fn find(&self, members: &[Member]) -> Option<usize> {
        let places = self.places.get_or_init(|| {
            let width = self.members.len() / self.rows.max(1);
            let rows = (0..self.rows).map(|row| {
                let members = &self.members[row * width..(row + 1) * width];
                (members.to_vec(), row)
            });
            rows.collect()
        });
        places.get(members).copied()
    }
}

/// A choice with the places of its levels in the scan; none for `others`.
type Placed<'a> = (&'a Grouping, Vec<Option<usize>>);

/// One choice of pieces, for one subset of the axes.
struct Grouping {
    subset: u32,
    /// Axis and piece.
    choice: Vec<(usize, usize)>,
}

/// Every choice of a piece for each axis of `subset`.
fn choices(axes: &[Vec<Piece>], subset: u32) -> Vec<Vec<(usize, usize)>> {
    let mut choices = vec![Vec::new()];
    for (axis, pieces) in axes.iter().enumerate() {
        if subset >> axis & 1 == 1 {
            choices = choices
                .iter()
                .flat_map(|choice| {
                    (0..pieces.len())
                        .map(move |piece| [choice.as_slice(), &[(axis, piece)]].concat())
                })
                .collect();
        }
    }
    choices
}

pub(super) fn too_many(rows: usize, max: usize) -> Error {
    Error::TooManyRows { rows, max }
}
