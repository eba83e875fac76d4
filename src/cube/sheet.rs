//! The rows of a table with all their figures: what is computed by looking at other rows, at
//! parents or at another time.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::Error;
use super::compare::{Move, step_of};
use super::level::CubeLevel;
use super::measure::{Compare, Figure, Modifier};
use super::names::Names;
use super::plan::{Asker, Member, Piece, Plan, Table, Tables};
use super::question::{Filter, Question};
use super::scan::Part;
use super::time::TimeStep;
use super::value::{self, Given, Land, Value, divided, place_of};
use crate::place::{Level, RegionKey};
use crate::spatial::units::Units;

/// Everything that figures are computed from.
pub(super) struct Sources<'a> {
    pub(super) asker: &'a Asker<'a>,
    pub(super) question: &'a Question,
    pub(super) plan: &'a Plan,
    pub(super) tables: &'a Tables,
    pub(super) moves: &'a [(Move, Tables)],
    pub(super) names: &'a Names<'a>,
}

/// Rows with their figures.
pub(super) struct Sheet {
    /// The axes of its rows.
    pub(super) axes: Vec<usize>,
    /// Members of each row, one an axis.
    pub(super) members: Vec<Member>,
    /// For each figure the value of each row.
    pub(super) columns: Vec<Vec<Value>>,
    /// How many rows there are.
    pub(super) rows: usize,
}

/// Where the values of a row stand: in the table of now, and of each comparison.
struct Place {
    now: Option<usize>,
    before: Vec<Option<usize>>,
}

impl Sheet {
    /// The rows of one subset of the axes.
    pub(super) fn of(sources: &Sources<'_>, subset: u32) -> Result<Self, Error> {
        let axes: Vec<usize> = (0..sources.plan.axes.len())
            .filter(|axis| subset >> axis & 1 == 1)
            .collect();
        let Some(table) = sources.tables.get(&subset) else {
            return Err(Error::Combination("no such table".to_owned()));
        };
        let pieces: Vec<&Vec<Piece>> = axes.iter().map(|axis| &sources.plan.axes[*axis]).collect();
        let (members, places) = rows_of(sources, subset, table, &pieces);
        let mut sheet = Self {
            axes,
            members,
            columns: Vec::new(),
            rows: places.len(),
        };
        let lands = sheet.lands(sources);
        let parents = sheet.parents(sources, subset, &places)?;
        for figure in &sources.question.figures {
            let column = sheet.column(figure, sources, subset, &places, &lands, &parents);
            sheet.columns.push(column);
        }
        Ok(sheet)
    }

    /// The members of a row.
    pub(super) fn row(&self, row: usize) -> &[Member] {
        let width = self.axes.len();
        &self.members[row * width..(row + 1) * width]
    }

    fn column(
        &self,
        figure: &Figure,
        sources: &Sources<'_>,
        subset: u32,
        places: &[Place],
        lands: &[Option<Land>],
        parents: &Parents,
    ) -> Vec<Value> {
        let parts = &sources.plan.parts;
        let table = &sources.tables[&subset];
        let times = self.times(sources);
        let given = |row: usize| {
            let place: &Place = &places[row];
            let values = place.now.map(|place| values_of(table, place, parts));
            let land = lands.get(row).copied().flatten();
            let mut given = Given::now(parts, values.unwrap_or_default(), land);
            for (time, before) in times.iter().zip(&place.before) {
                if let Some((compare, tables)) = time {
                    let values = before.map(|place| values_of(&tables[&subset], place, parts));
                    given.before[place_of(*compare)] = Some(values.unwrap_or_default());
                }
            }
            given
        };
        let now = |row: usize| value::of(&figure.measure, &given(row));
        let before = |row: usize| {
            let then = figure.modifier.compare();
            let then = then.and_then(|compare| given(row).at(compare));
            then.map_or(Value::None, |then| value::of(&figure.measure, &then))
        };
        let rows = 0..self.rows;
        match figure.modifier {
            Modifier::Plain => rows.map(now).collect(),
            Modifier::Before(_) => rows.map(before).collect(),
            Modifier::Change(_) => rows.map(|row| now(row).less(before(row))).collect(),
            Modifier::ChangePercent(_) => rows
                .map(|row| {
                    let before = before(row);
                    let size = match before {
                        Value::Integer(value) => Value::Integer(value.saturating_abs()),
                        Value::Decimal(value) => Value::Decimal(value.abs()),
                        other => other,
                    };
                    now(row).less(before).over(size)
                })
                .collect(),
            Modifier::ShareOfTotal => {
                let total = sources.total(figure);
                rows.map(|row| now(row).over(total)).collect()
            }
            Modifier::ShareOfParent => rows
                .map(|row| now(row).over(parents.value(row, figure, parts)))
                .collect(),
            Modifier::Index => rows
                .map(
                    |row| match now(row).over(parents.value(row, figure, parts)) {
                        Value::Decimal(ratio) => Value::Decimal(ratio * 100.0),
                        other => other,
                    },
                )
                .collect(),
            modifier => {
                let values: Vec<Value> = rows.map(now).collect();
                self.beside(modifier, &values, sources)
            }
        }
    }

    /// For each comparison its tables, unless nothing tells which time the rows are of.
    fn times<'a>(&self, sources: &Sources<'a>) -> Vec<Option<(Compare, &'a Tables)>> {
        let mut pieces = self.axes.iter().flat_map(|axis| &sources.plan.axes[*axis]);
        let has_time = pieces.any(|piece| step_of(piece).is_some());
        let moves = sources.moves.iter();
        moves
            .map(|(way, tables)| (way.has_filter || has_time).then_some((way.compare, tables)))
            .collect()
    }

    /// Figures that look at the other rows of the same group: those that share all members but
    /// the last.
    fn beside(&self, modifier: Modifier, values: &[Value], sources: &Sources<'_>) -> Vec<Value> {
        let mut result = vec![Value::None; values.len()];
        for group in self.groups() {
            match modifier {
                Modifier::Rank => rank(&group, values, &mut result),
                Modifier::CumulativeShare | Modifier::AbcClass => {
                    self.pareto(modifier, group, values, &mut result, sources);
                }
                Modifier::MovingAverage(steps) => {
                    self.moving_average(steps, group, values, &mut result, sources);
                }
                _ => {
                    let mut sum = 0_i64;
                    for row in self.in_order(group, values, sources) {
                        if let Value::Integer(value) = values[row] {
                            sum = sum.saturating_add(value);
                        }
                        result[row] = Value::Integer(sum);
                    }
                }
            }
        }
        result
    }

    /// Rows by all their members but the last.
    fn groups(&self) -> Vec<Vec<usize>> {
        let width = self.axes.len();
        if width < 2 {
            return vec![(0..self.rows).collect()];
        }
        let mut groups: HashMap<&[Member], Vec<usize>> = HashMap::new();
        for row in 0..self.rows {
            let outer = &self.row(row)[..width - 1];
            groups.entry(outer).or_default().push(row);
        }
        groups.into_values().collect()
    }

    /// The step of time of the last axis, where all its members are of one.
    fn last_step(&self, sources: &Sources<'_>) -> Option<TimeStep> {
        let pieces = &sources.plan.axes[*self.axes.last()?];
        match pieces.as_slice() {
            [only] => step_of(only),
            _ => None,
        }
    }

    /// Rows in the order of time, or else largest first, equals by key.
    fn in_order(
        &self,
        mut group: Vec<usize>,
        values: &[Value],
        sources: &Sources<'_>,
    ) -> Vec<usize> {
        let last = self.axes.len().saturating_sub(1);
        if self.last_step(sources).is_some() {
            group.sort_by_key(|row| self.row(*row)[last].number);
        } else {
            group.sort_by(|a, b| {
                value::compare(&values[*a], &values[*b], true)
                    .then_with(|| self.by_keys(*a, *b, sources.names))
            });
        }
        group
    }

    fn pareto(
        &self,
        modifier: Modifier,
        mut group: Vec<usize>,
        values: &[Value],
        result: &mut [Value],
        sources: &Sources<'_>,
    ) {
        group.sort_by(|a, b| {
            value::compare(&values[*a], &values[*b], true)
                .then_with(|| self.by_keys(*a, *b, sources.names))
        });
        let integer = |row: usize| match values[row] {
            Value::Integer(value) => value,
            _ => 0,
        };
        let whole = group
            .iter()
            .fold(0_i64, |sum, row| sum.saturating_add(integer(*row)));
        let mut sum = 0_i64;
        for row in group {
            let begins = value::share(sum, whole).number();
            sum = sum.saturating_add(integer(row));
            result[row] = if modifier == Modifier::CumulativeShare {
                value::share(sum, whole)
            } else {
                match begins {
                    Some(begins) if begins < 0.8 => Value::Class("A"),
                    Some(begins) if begins < 0.95 => Value::Class("B"),
                    Some(_) => Value::Class("C"),
                    None => Value::None,
                }
            };
        }
    }

    fn moving_average(
        &self,
        steps: u8,
        group: Vec<usize>,
        values: &[Value],
        result: &mut [Value],
        sources: &Sources<'_>,
    ) {
        let last = self.axes.len().saturating_sub(1);
        if self.last_step(sources).is_none() {
            return;
        }
        let by_number: HashMap<i64, i64> = group
            .iter()
            .filter_map(|row| match values[*row] {
                Value::Integer(value) => Some((self.row(*row)[last].number, value)),
                _ => None,
            })
            .collect();
        let Some(first) = by_number.keys().min().copied() else {
            return;
        };
        for row in group {
            let number = self.row(row)[last].number;
            let from = number - i64::from(steps) + 1;
            if from < first {
                continue;
            }
            let sum: i64 = (from..=number)
                .map(|number| by_number.get(&number).copied().unwrap_or_default())
                .fold(0, i64::saturating_add);
            result[row] = divided(sum, i64::from(steps));
        }
    }

    /// What is known of the region of each row: of its finest level of regions, or else of the
    /// one region that the question asks for.
    fn lands(&self, sources: &Sources<'_>) -> Vec<Option<Land>> {
        let mut figures = sources.question.figures.iter();
        if !figures.any(|figure| figure.measure.needs_region()) {
            return Vec::new();
        }
        let asked = sources.asked_land();
        let land = |row: usize| {
            let mut finest: Option<(Level, Option<Land>)> = None;
            for (member, axis) in self.row(row).iter().zip(&self.axes) {
                let piece = &sources.plan.axes[*axis][usize::from(member.piece)];
                let Some(CubeLevel::Region(level)) = piece.level else {
                    continue;
                };
                if finest.is_none_or(|(known, _)| level > known) {
                    let key = sources.names.key(piece, member.number);
                    finest = Some((level, land_of(level, &key)));
                }
            }
            finest.map_or(asked, |(_, land)| land)
        };
        (0..self.rows).map(land).collect()
    }

    /// The values of the parent of each row.
    fn parents(
        &self,
        sources: &Sources<'_>,
        subset: u32,
        places: &[Place],
    ) -> Result<Parents, Error> {
        let is_wanted =
            |figure: &Figure| matches!(figure.modifier, Modifier::ShareOfParent | Modifier::Index);
        if !sources.question.figures.iter().any(is_wanted) {
            return Ok(Parents::default());
        }
        let parts = &sources.plan.parts;
        let total = sources.total_values();
        let mut parents = Parents {
            values: Vec::with_capacity(places.len()),
            lands: Vec::with_capacity(places.len()),
        };
        let Some(last) = self.axes.last() else {
            parents.values.push(total);
            parents.lands.push(sources.asked_land());
            return Ok(parents);
        };
        if self.axes.len() > 1 {
            let outer = subset & !(1 << last);
            let table = &sources.tables[&outer];
            let sheet_lands = Self {
                axes: self.axes[..self.axes.len() - 1].to_vec(),
                members: (0..self.rows)
                    .flat_map(|row| self.row(row)[..self.axes.len() - 1].to_vec())
                    .collect(),
                columns: Vec::new(),
                rows: self.rows,
            }
            .lands(sources);
            for row in 0..self.rows {
                let place = table.find(&self.row(row)[..self.axes.len() - 1]);
                let values = place.map(|place| values_of(table, place, parts).to_vec());
                parents.values.push(values.unwrap_or_default());
                parents.lands.push(sheet_lands.get(row).copied().flatten());
            }
            return Ok(parents);
        }
        let pieces = &sources.plan.axes[*last];
        let mut of_pieces = Vec::new();
        for piece in pieces {
            of_pieces.push(ParentTable::of(sources, piece, &total)?);
        }
        for row in 0..self.rows {
            let member = self.row(row)[0];
            let piece = usize::from(member.piece);
            let (values, land) = of_pieces[piece].find(&pieces[piece], member.number, sources);
            parents.values.push(values.unwrap_or_else(|| total.clone()));
            parents.lands.push(land);
        }
        Ok(parents)
    }

    /// The order of two rows by `order`, ties by keys, so that pages never overlap. What stands
    /// together as `others` is no member: it comes last, however large it is.
    pub(super) fn compare(
        &self,
        a: usize,
        b: usize,
        order: &[(usize, bool)],
        names: &Names<'_>,
    ) -> Ordering {
        for (column, descending) in order {
            let ordering = match column.checked_sub(self.axes.len()) {
                Some(figure) => {
                    let values = &self.columns[figure];
                    let others = |row: usize| self.is_of_others(row, names);
                    (others(a).cmp(&others(b)))
                        .then_with(|| value::compare(&values[a], &values[b], *descending))
                }
                None => names.compare(
                    self.axes[*column],
                    self.row(a)[*column],
                    self.row(b)[*column],
                    *descending,
                ),
            };
            if ordering.is_ne() {
                return ordering;
            }
        }
        self.by_keys(a, b, names)
    }

    fn is_of_others(&self, row: usize, names: &Names<'_>) -> bool {
        let mut members = self.row(row).iter().zip(&self.axes);
        members.any(|(member, axis)| names.is_others(*axis, *member))
    }

    fn by_keys(&self, a: usize, b: usize, names: &Names<'_>) -> Ordering {
        let members = self.row(a).iter().zip(self.row(b)).zip(&self.axes);
        members
            .map(|((a, b), axis)| names.compare(*axis, *a, *b, false))
            .find(|ordering| ordering.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

/// The rows of a subset: those of now, then those that only a comparison has.
fn rows_of(
    sources: &Sources<'_>,
    subset: u32,
    table: &Table,
    pieces: &[&Vec<Piece>],
) -> (Vec<Member>, Vec<Place>) {
    let width = pieces.len();
    let mut members = table.members.clone();
    let mut places: Vec<Place> = (0..table.rows)
        .map(|row| Place {
            now: Some(row),
            before: Vec::new(),
        })
        .collect();
    if width == 0 && places.is_empty() {
        // The total of no line is a row too.
        places.push(Place {
            now: None,
            before: Vec::new(),
        });
    }
    let mut added: HashMap<Vec<Member>, usize> = HashMap::new();
    for (index, (way, tables)) in sources.moves.iter().enumerate() {
        let other = &tables[&subset];
        for (row, place) in places.iter_mut().enumerate() {
            place.before.resize(index, None);
            let moved = way.members(&members[row * width..(row + 1) * width], pieces, false);
            place
                .before
                .push(moved.and_then(|moved| other.find(&moved)));
        }
        for row in 0..other.rows {
            let then = &other.members[row * width..(row + 1) * width];
            let Some(now) = way.members(then, pieces, true) else {
                continue;
            };
            // Only the way back that leads here again belongs to this row.
            let leads_here = way
                .members(&now, pieces, false)
                .is_some_and(|again| again == then);
            let is_new = table.find(&now).is_none() && !added.contains_key(&now);
            if leads_here && is_new && Move::is_known(&now, pieces, sources.asker.warehouse) {
                added.insert(now.clone(), places.len());
                members.extend_from_slice(&now);
                let mut before = vec![None; index];
                before.push(Some(row));
                places.push(Place { now: None, before });
            }
        }
    }
    for place in &mut places {
        place.before.resize(sources.moves.len(), None);
    }
    (members, places)
}

fn rank(group: &[usize], values: &[Value], result: &mut [Value]) {
    let mut order: Vec<usize> = group
        .iter()
        .copied()
        .filter(|row| values[*row] != Value::None)
        .collect();
    order.sort_by(|a, b| value::compare(&values[*a], &values[*b], true));
    let mut rank = 0;
    for (place, row) in order.iter().enumerate() {
        let is_tie =
            place > 0 && value::compare(&values[order[place - 1]], &values[*row], true).is_eq();
        if !is_tie {
            rank = i64::try_from(place + 1).unwrap_or(i64::MAX);
        }
        result[*row] = Value::Integer(rank);
    }
}

fn values_of<'a>(table: &'a Table, row: usize, parts: &[Part]) -> &'a [i64] {
    &table.values[row * parts.len()..(row + 1) * parts.len()]
}

fn land_of(level: Level, key: &str) -> Option<Land> {
    if level == Level::Postal {
        return None;
    }
    let units = Units::shipped();
    let unit = units.get(units.find(&RegionKey::new(key))?);
    Some(Land {
        inhabitants: unit.population,
        area_km2: unit.area_km2,
    })
}

/// The values of the parent of each row.
#[derive(Default)]
struct Parents {
    values: Vec<Vec<i64>>,
    lands: Vec<Option<Land>>,
}

impl Parents {
    fn value(&self, row: usize, figure: &Figure, parts: &[Part]) -> Value {
        let values = self.values.get(row).map_or(&[][..], Vec::as_slice);
        let land = self.lands.get(row).copied().flatten();
        value::of(&figure.measure, &Given::now(parts, values, land))
    }
}

/// The parents of the members of a piece that stands alone.
enum ParentTable {
    /// All members have the one that was opened.
    Opened(Vec<i64>, Option<Land>),
    /// Regions have the region that they lie in.
    Regions(HashMap<(Level, i64), Vec<i64>>),
    /// Steps of time have the longer one that they lie in.
    Steps(TimeStep, TimeStep, HashMap<i64, Vec<i64>>),
    /// The total.
    None,
}

impl ParentTable {
    fn of(sources: &Sources<'_>, piece: &Piece, total: &[i64]) -> Result<Self, Error> {
        let (asker, plan) = (sources.asker, sources.plan);
        if let Some(key) = piece.path.last() {
            let conditions = [plan.conditions.clone(), piece.conditions.clone()].concat();
            let tables = asker.tables(&[], &[0], &conditions, &plan.parts)?;
            let values = &tables[&0].values;
            let values = if values.is_empty() {
                vec![0; total.len()]
            } else {
                values.clone()
            };
            let land = Level::ALL.into_iter().find_map(|level| land_of(level, key));
            return Ok(Self::Opened(values, land));
        }
        let level = |level: CubeLevel| -> Result<HashMap<i64, Vec<i64>>, Error> {
            let whole = Piece {
                level: Some(level),
                conditions: Vec::new(),
                path: Vec::new(),
            };
            let tables = asker.tables(&[vec![whole]], &[1], &plan.conditions, &plan.parts)?;
            let table = &tables[&1];
            let rows = (0..table.rows).map(|row| {
                (
                    table.members[row].number,
                    values_of(table, row, &plan.parts).to_vec(),
                )
            });
            Ok(rows.collect())
        };
        match piece.level {
            Some(CubeLevel::Region(own)) if own != Level::Postal => {
                let mut all = HashMap::new();
                for upper in Level::ALL.into_iter().take_while(|upper| *upper < own) {
                    let values = level(CubeLevel::Region(upper))?;
                    all.extend(
                        values
                            .into_iter()
                            .map(|(number, values)| ((upper, number), values)),
                    );
                }
                Ok(Self::Regions(all))
            }
            Some(CubeLevel::Time(step)) => match step.parent() {
                Some(parent) => Ok(Self::Steps(step, parent, level(CubeLevel::Time(parent))?)),
                None => Ok(Self::None),
            },
            _ => Ok(Self::None),
        }
    }

    /// The values of the parent of a member, none where it is the total, and what is known of
    /// the region.
    fn find(
        &self,
        piece: &Piece,
        number: i64,
        sources: &Sources<'_>,
    ) -> (Option<Vec<i64>>, Option<Land>) {
        match self {
            Self::Opened(values, land) => (Some(values.clone()), *land),
            Self::None => (None, sources.asked_land()),
            Self::Steps(step, parent, values) => {
                let parent = parent.of_day(step.days(number).0);
                (values.get(&parent).cloned(), sources.asked_land())
            }
            Self::Regions(values) => {
                let units = Units::shipped();
                let key = RegionKey::new(sources.names.key(piece, number));
                let parent = units.find(&key).and_then(|id| units.get(id).parent);
                let Some(parent) = parent.map(|id| units.get(id)) else {
                    return (None, sources.asked_land());
                };
                let number = sources
                    .asker
                    .warehouse
                    .dictionary(parent.level.name())
                    .ok()
                    .and_then(|dictionary| dictionary.number(parent.key.as_str()));
                let values = number.and_then(|number| values.get(&(parent.level, number)));
                (values.cloned(), land_of(parent.level, parent.key.as_str()))
            }
        }
    }
}

impl Sources<'_> {
    /// The values of the parts over all lines.
    fn total_values(&self) -> Vec<i64> {
        let table = &self.tables[&0];
        if table.rows == 0 {
            return vec![0; self.plan.parts.len()];
        }
        values_of(table, 0, &self.plan.parts).to_vec()
    }

    fn total(&self, figure: &Figure) -> Value {
        let (values, land) = (self.total_values(), self.asked_land());
        value::of(
            &figure.measure,
            &Given::now(&self.plan.parts, &values, land),
        )
    }

    /// What is known of the one region that the filters let through, the finest if several do.
    fn asked_land(&self) -> Option<Land> {
        let asked = self
            .question
            .filters
            .iter()
            .filter_map(|filter| match filter {
                Filter::In(CubeLevel::Region(level), keys) if keys.len() == 1 => {
                    Some((*level, keys[0].as_str()))
                }
                _ => None,
            });
        let (level, key) = asked.max_by_key(|(level, _)| *level)?;
        land_of(level, key)
    }
}
