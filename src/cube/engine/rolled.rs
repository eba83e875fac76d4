//! Scans answered from roll-ups: exact or not at all.
//!
//! Sums come from cells whose levels cover the scan's. What counts different accounts comes from
//! visits: an account is counted when one of its months is among those wanted, whatever the months
//! and however many of its product groups. Numbers of orders add up over cells when each order is
//! of one account and one month, and the cells are split by nothing else than the scan is.
//!
//! A scan that needs days, hexagons, converted money or anything else that no roll-up has goes to the lines.

mod months;
mod slots;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use self::months::Months;
use self::slots::{Dimension, Slots};
use super::{Engine, Scanned};
use crate::cube::Error;
use crate::cube::level::CubeLevel;
use crate::cube::scan::{Condition, Groups, Part, Scan};
use crate::cube::time::TimeStep;
use crate::stop;
use crate::warehouse::{self, CellStep, Cells, SUMS, Shape, WORD_BITS, Warehouse};

/// Rows that are read until it is asked again whether anybody waits for the answer.
const CHUNK: usize = 1 << 16;

/// How often each shape was asked for.
pub type Asked = Mutex<HashMap<Shape, u64>>;

/// The roll-ups of one version before an engine that reads lines.
#[derive(Clone, Copy)]
pub struct Rolled<'a> {
    /// What has the roll-ups.
    pub warehouse: &'a Warehouse,
    /// What reads the lines of the same version.
    pub lines: &'a dyn Engine,
    /// Where it is counted what is asked for.
    pub asked: Option<&'a Asked>,
}

impl Engine for Rolled<'_> {
    fn scan(&self, scan: &Scan) -> Result<Scanned, Error> {
        if let (Some(asked), Some(shape)) = (self.asked, shape_of(scan)) {
            let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
            *asked.entry(shape).or_default() += 1;
        }
        let reader = Reader::of(self.warehouse, scan);
        let scanned = reader.map(|reader| reader.read()).transpose()?;
        scanned.flatten().map_or_else(|| self.lines.scan(scan), Ok)
    }
}

/// The shapes that the screens of this product ask for, before anyone has asked.
#[must_use]
pub fn usual_shapes() -> Vec<Shape> {
    let shape = |places: &[&str], others: &[&str], step: CellStep| Shape {
        places: places.iter().map(|&column| column.to_owned()).collect(),
        others: others.iter().map(|&column| column.to_owned()).collect(),
        step,
    };
    let districts = [
        "country",
        "state",
        "government_district",
        "district",
        "nuts_1",
        "nuts_2",
        "nuts_3",
    ];
    let municipalities = [
        "country",
        "state",
        "government_district",
        "district",
        "municipality",
    ];
    let postal = ["country", "postal_1", "postal_2", "postal_3", "postal"];
    vec![
        shape(&districts, &[], CellStep::Month),
        shape(&districts, &["category"], CellStep::Month),
        shape(&districts, &["category"], CellStep::Year),
        shape(&districts, &["category"], CellStep::Whole),
        shape(&municipalities, &[], CellStep::Month),
        shape(&municipalities, &[], CellStep::Year),
        shape(&municipalities, &[], CellStep::Whole),
        shape(&postal, &[], CellStep::Month),
        shape(&["country", "state"], &["product"], CellStep::Whole),
        shape(&["country", "state"], &["product"], CellStep::Year),
        shape(&["country", "state"], &["rep"], CellStep::Month),
        shape(
            &["country", "state", "stage", "industry", "abc"],
            &[],
            CellStep::Month,
        ),
        shape(&["own_1", "own_2", "own_3", "own_4"], &[], CellStep::Month),
        shape(&["account"], &[], CellStep::Whole),
    ]
}

/// What cells must hold to answer `scan`; none for scans that need days or hexagons.
fn shape_of(scan: &Scan) -> Option<Shape> {
    let mut shape = Shape {
        places: Vec::new(),
        others: Vec::new(),
        step: CellStep::Whole,
    };
    let conditions = scan.conditions.iter().map(Condition::level);
    for level in scan.levels.iter().copied().chain(conditions) {
        match level {
            CubeLevel::Time(TimeStep::Week | TimeStep::Day) | CubeLevel::Hexagon(_) => return None,
            CubeLevel::Time(TimeStep::Year) => shape.step = shape.step.max(CellStep::Year),
            CubeLevel::Time(_) => shape.step = CellStep::Month,
            level => {
                let column = level.member_column()?.to_owned();
                let columns = if level.is_of_account() {
                    &mut shape.places
                } else {
                    &mut shape.others
                };
                if !columns.contains(&column) {
                    columns.push(column);
                }
            }
        }
    }
    shape.places.sort_unstable();
    shape.others.sort_unstable();
    Some(shape)
}

/// What sums of a column are in [`SUMS`].
fn sum_of(part: Part) -> Option<usize> {
    let name = match part {
        Part::Revenue => "revenue",
        Part::Cost => "cost",
        Part::CostedLines => "costed_lines",
        Part::CostedRevenue => "costed_revenue",
        Part::UnitsMilli => "units_milli",
        Part::Lines => "lines",
        Part::Orders => "orders",
        Part::Customers => "customers",
        Part::FirstDay => "first_day",
        Part::LastDay => "last_day",
        Part::NewCustomers | Part::LostCustomers | Part::WonBackCustomers => return None,
    };
    SUMS.iter().position(|known| *known == name)
}

/// Which bits of visits a count of accounts looks at, as a place in `BITS`.
fn bits_of(part: Part) -> Option<usize> {
    match part {
        Part::Customers => Some(0),
        Part::NewCustomers => Some(1),
        Part::LostCustomers => Some(2),
        Part::WonBackCustomers => Some(3),
        _ => None,
    }
}

/// Which members of a level are let through, by number.
struct Allowed {
    level: CubeLevel,
    column: &'static str,
    numbers: Vec<bool>,
}

impl Allowed {
    fn lets(&self, number: i32) -> bool {
        usize::try_from(number).is_ok_and(|number| self.numbers.get(number) == Some(&true))
    }

    /// Whether exactly one member is let through.
    fn is_one(&self) -> bool {
        self.numbers.iter().filter(|allowed| **allowed).count() == 1
    }
}

/// A scan with what its conditions mean for numbers and months.
struct Reader<'a> {
    warehouse: &'a Warehouse,
    scan: &'a Scan,
    months: Months,
    allowed: Vec<Allowed>,
}

/// From where the parts of one grouping come.
struct Sources {
    /// Cells of the sums.
    sums: usize,
    /// Cells of the numbers of orders, if they are wanted.
    orders: Option<usize>,
    /// Visits or else cells of the numbers of accounts, if they are wanted.
    accounts: Option<Accounts>,
}

enum Accounts {
    Visits(usize),
    Cells(usize),
}

impl<'a> Reader<'a> {
    /// None when the scan needs days, hexagons, or months in part.
    fn of(warehouse: &'a Warehouse, scan: &'a Scan) -> Option<Self> {
        shape_of_levels(scan)?;
        let months = Months::of(warehouse.summary(), &scan.conditions)?;
        let mut allowed: Vec<Allowed> = Vec::new();
        for condition in &scan.conditions {
            let level = condition.level();
            if matches!(level, CubeLevel::Time(_)) {
                continue;
            }
            let column = level.member_column()?;
            let let_through = condition.lets_through(warehouse.dictionary(column).ok()?.len() + 1);
            match allowed.iter_mut().find(|known| known.column == column) {
                Some(known) => {
                    for (known, also) in known.numbers.iter_mut().zip(let_through) {
                        *known &= also;
                    }
                }
                None => allowed.push(Allowed {
                    level,
                    column,
                    numbers: let_through,
                }),
            }
        }
        Some(Self {
            warehouse,
            scan,
            months,
            allowed,
        })
    }

    /// The groups; none when roll-ups can't tell all parts, or a sum does not fit.
    fn read(&self) -> Result<Option<Scanned>, Error> {
        let mut groups = Groups::default();
        let mut read: Vec<(String, u64)> = Vec::new();
        for set in &self.scan.sets {
            let Some(sources) = self.sources(*set) else {
                return Ok(None);
            };
            if let Some(id) = self.is_as_it_stands(*set, &sources) {
                let cells = self.warehouse.cells(id)?;
                note(&mut read, format!("cells_{id}"), cells.rows);
                self.copy(*set, cells, &mut groups);
                continue;
            }
            let Some(slots) = self.slots(*set)? else {
                return Ok(None);
            };
            let Some(slots) = self.grouping(*set, &sources, slots, &mut read)? else {
                return Ok(None);
            };
            slots.put_into(&mut groups, self.scan, *set);
        }
        let names: Vec<String> = read.iter().map(|(name, _)| name.clone()).collect();
        Ok(Some(Scanned {
            groups,
            source: names.join(" + "),
            rows: read.iter().map(|(_, rows)| rows).sum(),
            statements: Vec::new(),
        }))
    }

    /// The cells that are the groups of `set`, every part of them.
    fn is_as_it_stands(&self, set: u32, sources: &Sources) -> Option<usize> {
        let id = sources.sums;
        let (shape, _) = self.warehouse.rollups().cells.get(id)?;
        let is_all_here = sources.orders.is_none_or(|orders| orders == id)
            && match sources.accounts {
                None => true,
                Some(Accounts::Cells(accounts)) => accounts == id,
                Some(Accounts::Visits(_)) => false,
            };
        let count = self.scan.levels_of(set).count();
        let mut levels = self.scan.levels_of(set);
        let is_by_these = count == shape.places.len() + shape.others.len()
            && levels.all(|(_, level)| level.member_column().is_some());
        let is_whole =
            shape.step == CellStep::Whole && self.allowed.is_empty() && self.months.is_whole();
        let is_told = self.scan.parts.iter().all(|part| sum_of(*part).is_some());
        (count > 0 && is_all_here && is_by_these && is_whole && is_told).then_some(id)
    }

    /// Hands the cells over as the groups of `set`.
    fn copy(&self, set: u32, cells: &Cells, groups: &mut Groups) {
        let mut columns: Vec<Option<&[i32]>> = vec![None; self.scan.levels.len()];
        for (place, level) in self.scan.levels_of(set) {
            let column = level.member_column();
            let column = column.and_then(|column| cells.levels.get(column));
            columns[place] = column.map(Vec::as_slice);
        }
        let sums = self.scan.parts.iter().filter_map(|part| sum_of(*part));
        let sums: Vec<&[i64]> = sums.map(|sum| cells.sums[sum].as_slice()).collect();
        groups.sets.resize(groups.sets.len() + cells.rows, set);
        groups.members.reserve(cells.rows * columns.len());
        groups.values.reserve(cells.rows * sums.len());
        for row in 0..cells.rows {
            let members = columns
                .iter()
                .map(|column| column.map_or(0, |column| column[row]));
            groups.members.extend(members.map(i64::from));
            groups.values.extend(sums.iter().map(|sum| sum[row]));
        }
    }

    fn grouping(
        &self,
        set: u32,
        sources: &Sources,
        mut slots: Slots,
        read: &mut Vec<(String, u64)>,
    ) -> Result<Option<Slots>, Error> {
        let mut note = |name: String, rows: usize| note(read, name, rows);
        let parts = || self.scan.parts.iter().copied().enumerate();
        let from_cells = |id: usize, wanted: Vec<(usize, usize)>, slots: &mut Slots| {
            let cells = self.warehouse.cells(id)?;
            Ok::<_, Error>((cells.rows, self.add_cells(set, id, cells, &wanted, slots)))
        };
        let sums: Vec<(usize, usize)> = parts()
            .filter(|(_, part)| *part != Part::Orders && bits_of(*part).is_none())
            .filter_map(|(place, part)| Some((place, sum_of(part)?)))
            .collect();
        let (rows, fits) = from_cells(sources.sums, sums, &mut slots)?;
        note(format!("cells_{}", sources.sums), rows);
        if !fits {
            return Ok(None);
        }
        let of_part = |wanted: Part| -> Vec<(usize, usize)> {
            parts()
                .filter(|(_, part)| *part == wanted)
                .filter_map(|(place, part)| Some((place, sum_of(part)?)))
                .collect()
        };
        if let Some(id) = sources.orders {
            let (rows, _) = from_cells(id, of_part(Part::Orders), &mut slots)?;
            note(format!("cells_{id}"), rows);
        }
        match sources.accounts {
            Some(Accounts::Cells(id)) => {
                let (rows, _) = from_cells(id, of_part(Part::Customers), &mut slots)?;
                note(format!("cells_{id}"), rows);
            }
            Some(Accounts::Visits(id)) => {
                let rows = self.add_visits(set, id, &mut slots)?;
                note(format!("visits_{id}"), rows);
            }
            None => {}
        }
        Ok(Some(slots))
    }

    /// From where the parts of a grouping can come; none when some can't.
    fn sources(&self, set: u32) -> Option<Sources> {
        let list = self.warehouse.rollups();
        let covering = |is_enough: &dyn Fn(&Shape) -> bool| {
            let known = list.cells.iter().enumerate();
            known
                .filter(|(_, (shape, _))| self.is_covered(set, shape) && is_enough(shape))
                .min_by_key(|(_, (_, rows))| *rows)
                .map(|(id, _)| id)
        };
        let wants_orders = self.scan.parts.contains(&Part::Orders);
        let counts: Vec<Part> = self
            .scan
            .parts
            .iter()
            .copied()
            .filter(|part| bits_of(*part).is_some())
            .collect();
        let orders = |shape: &Shape| list.orders_add_up && self.is_split_alike(set, shape);
        let counted =
            |shape: &Shape| self.is_split_alike(set, shape) && self.is_one_step(set, shape.step);
        let both = covering(&|shape| !wants_orders || orders(shape));
        Some(Sources {
            sums: both.or_else(|| covering(&|_| true))?,
            orders: if wants_orders {
                Some(covering(&orders)?)
            } else {
                None
            },
            accounts: if counts.is_empty() {
                None
            } else if let Some(id) = covering(&counted).filter(|_| counts == [Part::Customers]) {
                Some(Accounts::Cells(id))
            } else {
                Some(Accounts::Visits(self.visits_for(set)?))
            },
        })
    }

    /// Whether the cells of `shape` can be grouped by the levels of `set` under all conditions.
    fn is_covered(&self, set: u32, shape: &Shape) -> bool {
        let has = |column: &str| {
            let mut columns = shape.places.iter().chain(&shape.others);
            columns.any(|known| known == column)
        };
        let levels = self.scan.levels_of(set).map(|(_, level)| level);
        let mut levels = levels.chain(self.allowed.iter().map(|allowed| allowed.level));
        let mut step = if self.months.is_whole() {
            CellStep::Whole
        } else if self.months.is_by_year() {
            CellStep::Year
        } else {
            CellStep::Month
        };
        let covers = levels.all(|level| match level {
            CubeLevel::Time(TimeStep::Year) => {
                step = step.max(CellStep::Year);
                true
            }
            CubeLevel::Time(_) => {
                step = CellStep::Month;
                true
            }
            level => level.member_column().is_some_and(has),
        });
        covers && shape.step >= step
    }

    /// Whether the cells are split by no product level of which the grouping puts several members
    /// together.
    fn is_split_alike(&self, set: u32, shape: &Shape) -> bool {
        shape.others.iter().all(|column| {
            let is_of = |level: CubeLevel| level.member_column() == Some(column.as_str());
            let is_level = self.scan.levels_of(set).any(|(_, level)| is_of(level));
            let mut allowed = self.allowed.iter();
            is_level || allowed.any(|allowed| is_of(allowed.level) && allowed.is_one())
        })
    }

    /// Whether the grouping puts no two steps of time of the cells together.
    fn is_one_step(&self, set: u32, step: CellStep) -> bool {
        let mut levels = self.scan.levels_of(set).map(|(_, level)| level);
        match step {
            CellStep::Whole => true,
            CellStep::Year => {
                self.months.is_one_year()
                    || levels.any(|level| level == CubeLevel::Time(TimeStep::Year))
            }
            CellStep::Month => {
                self.months.is_one_month()
                    || levels.any(|level| level == CubeLevel::Time(TimeStep::Month))
            }
        }
    }

    /// The visits that have the product levels of the grouping and its conditions.
    fn visits_for(&self, set: u32) -> Option<usize> {
        let list = self.warehouse.rollups();
        let levels = self.scan.levels_of(set).map(|(_, level)| level);
        let needed: Vec<&str> = levels
            .chain(self.allowed.iter().map(|allowed| allowed.level))
            .filter(|level| !level.is_of_account() && !matches!(level, CubeLevel::Time(_)))
            .filter_map(CubeLevel::member_column)
            .collect();
        list.visits.iter().position(|others| {
            needed
                .iter()
                .all(|column| others.iter().any(|known| known == column))
        })
    }

    /// Slots for the groups of `set`; none when there may be too many to number.
    fn slots(&self, set: u32) -> Result<Option<Slots>, Error> {
        let mut dimensions = Vec::new();
        for (place, level) in self.scan.levels_of(set) {
            let (first, size) = match level {
                CubeLevel::Time(step) => self.months.numbers(step),
                level => {
                    let column = level.member_column().unwrap_or_default();
                    let members = self.warehouse.dictionary(column)?.len();
                    (0, i64::try_from(members + 1).unwrap_or(i64::MAX))
                }
            };
            dimensions.push(Dimension { place, first, size });
        }
        Ok(Slots::new(dimensions, &self.scan.parts))
    }

    /// Adds cells to the slots: to each part of `wanted` (a place among the parts) a column of
    /// sums. False when a sum does not fit.
    fn add_cells(
        &self,
        set: u32,
        id: usize,
        cells: &Cells,
        wanted: &[(usize, usize)],
        slots: &mut Slots,
    ) -> bool {
        let (shape, _) = &self.warehouse.rollups().cells[id];
        let filters: Vec<(&[i32], &Allowed)> = self
            .allowed
            .iter()
            .filter_map(|allowed| Some((cells.levels.get(allowed.column)?.as_slice(), allowed)))
            .collect();
        let levels: Vec<(CubeLevel, Option<&[i32]>)> = self
            .scan
            .levels_of(set)
            .map(|(_, level)| {
                let column = level
                    .member_column()
                    .and_then(|column| cells.levels.get(column));
                (level, column.map(Vec::as_slice))
            })
            .collect();
        let times = self.months.by_cell(shape.step);
        let mut numbers = vec![0_i64; levels.len()];
        for row in 0..cells.rows {
            if row.is_multiple_of(CHUNK) && !stop::is_wanted() {
                // The lines, which are asked then, say so.
                return false;
            }
            let time = i64::from(cells.times[row]);
            let Some(first_month) = times.month_of(time) else {
                continue;
            };
            if !filters
                .iter()
                .all(|(column, allowed)| allowed.lets(column[row]))
            {
                continue;
            }
            for (number, (level, column)) in numbers.iter_mut().zip(&levels) {
                *number = match (level, column) {
                    (_, Some(column)) => i64::from(column[row]),
                    (CubeLevel::Time(step), None) => step.of_month(first_month),
                    _ => 0,
                };
            }
            let slot = slots.slot(&numbers);
            for (part, sum) in wanted {
                if !slots.add(slot, *part, cells.sums[*sum][row]) {
                    return false;
                }
            }
        }
        true
    }

    /// Counts accounts by their visits. Rows read.
    fn add_visits(&self, set: u32, id: usize, slots: &mut Slots) -> Result<usize, Error> {
        let list = self.warehouse.rollups();
        let visits = self.warehouse.visits(id)?;
        let masks = self.months.masks(list.first_month, WORD_BITS);
        let mut filters: Vec<(Column<'_>, &Allowed)> = Vec::new();
        for allowed in &self.allowed {
            filters.push((self.column(allowed.level, allowed.column, visits)?, allowed));
        }
        let mut levels = Vec::new();
        for (_, level) in self.scan.levels_of(set) {
            levels.push(match level.member_column() {
                Some(column) => (level, self.column(level, column, visits)?),
                None => (level, Column::None),
            });
        }
        let steps: Vec<(usize, TimeStep)> = levels
            .iter()
            .enumerate()
            .filter_map(|(at, (level, _))| match level {
                CubeLevel::Time(step) => Some((at, *step)),
                _ => None,
            })
            .collect();
        let wanted: Vec<(usize, usize)> = self
            .scan
            .parts
            .iter()
            .enumerate()
            .filter_map(|(place, part)| Some((place, bits_of(*part)?)))
            .collect();
        let mut counter = Counter {
            masks: &masks,
            first_month: list.first_month,
            steps: &steps,
            wanted: &wanted,
            members: Vec::new(),
            bits: Vec::new(),
        };
        let rows = visits.accounts.len();
        let (mut row, mut looked) = (0, 0);
        while row < rows {
            if row >= looked + CHUNK {
                if !stop::is_wanted() {
                    return Err(warehouse::Error::Stopped.into());
                }
                looked = row;
            }
            let account = visits.accounts[row];
            let begin = row;
            while row < rows && visits.accounts[row] == account {
                row += 1;
            }
            let is_let = |at: usize, is_of_account: bool| {
                filters.iter().all(|(column, allowed)| {
                    is_of_account != allowed.level.is_of_account()
                        || allowed.lets(column.number(at, account))
                })
            };
            if !is_let(begin, true) {
                continue;
            }
            counter.clear();
            for at in begin..row {
                if is_let(at, false) {
                    let numbers = levels
                        .iter()
                        .map(|(_, column)| i64::from(column.number(at, account)));
                    counter.take(numbers, visits.words[at], |kind| visits.bits[kind][at]);
                }
            }
            counter.count(slots);
        }
        Ok(rows)
    }

    fn column<'v>(
        &'v self,
        level: CubeLevel,
        column: &'static str,
        visits: &'v crate::warehouse::Visits,
    ) -> Result<Column<'v>, Error> {
        Ok(if level == CubeLevel::Account {
            Column::Account
        } else if level.is_of_account() {
            Column::OfAccount(self.warehouse.numbers_of_accounts(column)?)
        } else {
            visits
                .others
                .get(column)
                .map_or(Column::None, |numbers| Column::OfRow(numbers))
        })
    }
}

/// Notes once what is read.
fn note(read: &mut Vec<(String, u64)>, name: String, rows: usize) {
    if !read.iter().any(|(known, _)| *known == name) {
        read.push((name, u64::try_from(rows).unwrap_or_default()));
    }
}

/// Levels and conditions of a scan that roll-ups could have.
fn shape_of_levels(scan: &Scan) -> Option<()> {
    let is_known = |level: &CubeLevel| {
        !matches!(
            level,
            CubeLevel::Time(TimeStep::Week | TimeStep::Day) | CubeLevel::Hexagon(_)
        )
    };
    let is_hexagon = |condition: &Condition| matches!(condition.level(), CubeLevel::Hexagon(_));
    let fits = scan.money.is_none()
        && scan.levels.iter().all(is_known)
        && !scan.conditions.iter().any(is_hexagon);
    fits.then_some(())
}

/// Where the number of a level stands for a row of visits.
enum Column<'a> {
    Account,
    OfAccount(&'a [i32]),
    OfRow(&'a [i32]),
    None,
}

impl Column<'_> {
    fn number(&self, row: usize, account: i32) -> i32 {
        match self {
            Self::Account => account,
            Self::OfAccount(numbers) => {
                let place = usize::try_from(account).unwrap_or_default();
                numbers
                    .get(place.wrapping_sub(1))
                    .copied()
                    .unwrap_or_default()
            }
            Self::OfRow(numbers) => numbers[row],
            Self::None => 0,
        }
    }
}

/// The bits of one account, put together by the members of the grouping.
struct Counter<'a> {
    masks: &'a [i64],
    first_month: i64,
    /// Places and steps of the levels of time.
    steps: &'a [(usize, TimeStep)],
    /// Places of parts with their kind of bits.
    wanted: &'a [(usize, usize)],
    /// The members of each entry.
    members: Vec<Vec<i64>>,
    /// For each entry the words of each kind of bits that is wanted.
    bits: Vec<i64>,
}

impl Counter<'_> {
    fn clear(&mut self) {
        self.members.clear();
        self.bits.clear();
    }

    /// Words of an entry.
    fn width(&self) -> usize {
        self.masks.len() * self.wanted.len()
    }

    fn take(
        &mut self,
        numbers: impl Iterator<Item = i64> + Clone,
        word: i32,
        bits: impl Fn(usize) -> i64,
    ) {
        let width = self.width();
        let mut known = self.members.iter();
        let known = known.position(|known| known.iter().copied().eq(numbers.clone()));
        let entry = known.unwrap_or_else(|| {
            self.members.push(numbers.collect());
            self.bits.resize(self.bits.len() + width, 0);
            self.members.len() - 1
        });
        let Some(word) = usize::try_from(word)
            .ok()
            .filter(|word| *word < self.masks.len())
        else {
            // After the last month that is let through.
            return;
        };
        for (place, (_, kind)) in self.wanted.iter().enumerate() {
            self.bits[entry * width + place * self.masks.len() + word] |= bits(*kind);
        }
    }

    fn count(&mut self, slots: &mut Slots) {
        let width = self.width();
        for (entry, numbers) in self.members.iter_mut().enumerate() {
            for (place, (part, _)) in self.wanted.iter().enumerate() {
                let begin = entry * width + place * self.masks.len();
                let bits = &self.bits[begin..begin + self.masks.len()];
                let months = self.masks.iter().zip(bits).map(|(mask, bits)| mask & bits);
                if self.steps.is_empty() {
                    if months.clone().any(|months| months != 0) {
                        let slot = slots.slot(numbers);
                        slots.add(slot, *part, 1);
                    }
                    continue;
                }
                // Steps of time follow each other, so a new one is one that differs from the last.
                let mut last: Option<usize> = None;
                for (word, mut months) in (0_i64..).zip(months) {
                    while months != 0 {
                        let bit = i64::from(months.trailing_zeros());
                        months &= months - 1;
                        let month = self.first_month + word * WORD_BITS + bit;
                        for (place, step) in self.steps {
                            numbers[*place] = step.of_month(month);
                        }
                        let slot = slots.slot(numbers);
                        if last != Some(slot) {
                            slots.add(slot, *part, 1);
                            last = Some(slot);
                        }
                    }
                }
            }
        }
    }
}
