//! Keys and names of members, and their order.

use std::cmp::Ordering;

use super::level::CubeLevel;
use super::plan::{Member, Piece};
use super::resolve::hexagon_key;
use super::{Error, OTHERS, UNASSIGNED};
use crate::warehouse::{Dictionary, Warehouse};

/// The dictionaries of the levels of a question.
pub(super) struct Names<'a> {
    axes: &'a [Vec<Piece>],
    dictionaries: Vec<(CubeLevel, &'a Dictionary)>,
}

impl<'a> Names<'a> {
    pub(super) fn of(warehouse: &'a Warehouse, axes: &'a [Vec<Piece>]) -> Result<Self, Error> {
        let mut dictionaries: Vec<(CubeLevel, &Dictionary)> = Vec::new();
        for level in axes.iter().flatten().filter_map(|piece| piece.level) {
            let is_known = dictionaries.iter().any(|(known, _)| *known == level);
            if let Some(column) = level.member_column().filter(|_| !is_known) {
                dictionaries.push((level, warehouse.dictionary(column)?));
            }
        }
        Ok(Self { axes, dictionaries })
    }

    fn member(&self, level: CubeLevel, number: i64) -> Option<crate::warehouse::Member<'a>> {
        let known = self.dictionaries.iter().find(|(known, _)| *known == level);
        known.and_then(|(_, dictionary)| dictionary.member(number))
    }

    /// The key of a member of `piece`.
    pub(super) fn key(&self, piece: &Piece, number: i64) -> String {
        self.key_and_name(piece, number).0
    }

    /// Key and name of a member of `piece`.
    pub(super) fn key_and_name(&self, piece: &Piece, number: i64) -> (String, String) {
        match piece.level {
            None => (OTHERS.to_owned(), String::new()),
            Some(CubeLevel::Time(step)) => (step.key(number), step.key(number)),
            Some(CubeLevel::Hexagon(_)) if number != 0 => {
                (hexagon_key(number), hexagon_key(number))
            }
            Some(level) => self.member(level, number).map_or_else(
                || (UNASSIGNED.to_owned(), String::new()),
                |member| (member.key.to_owned(), member.name.to_owned()),
            ),
        }
    }

    /// Whether a member of an axis is what stands together beside the largest or smallest.
    pub(super) fn is_others(&self, axis: usize, member: Member) -> bool {
        let piece = &self.axes[axis][usize::from(member.piece)];
        piece.level.is_none()
    }

    /// The order of two members of an axis by key: what was opened stands where the member that
    /// was opened would; `unassigned`, then `others` come last either way.
    pub(super) fn compare(&self, axis: usize, a: Member, b: Member, descending: bool) -> Ordering {
        let directed = |ordering: Ordering| {
            if descending {
                ordering.reverse()
            } else {
                ordering
            }
        };
        let pieces = &self.axes[axis];
        let piece = |member: Member| &pieces[usize::from(member.piece)];
        let (of_a, of_b) = (piece(a), piece(b));
        if a.piece == b.piece
            && let Some(CubeLevel::Time(_) | CubeLevel::Hexagon(_)) = of_a.level
        {
            let is_none = |member: Member| {
                member.number == 0 && matches!(of_a.level, Some(CubeLevel::Hexagon(_)))
            };
            let last = is_none(a).cmp(&is_none(b));
            return last.then(directed(a.number.cmp(&b.number)));
        }
        let depth = of_a.path.len().max(of_b.path.len());
        for step in 0..=depth {
            let ordering = match (self.step(of_a, a, step), self.step(of_b, b, step)) {
                (Some(a), Some(b)) => (a.0.cmp(&b.0)).then_with(|| directed(a.1.cmp(b.1))),
                (a, b) => a.is_some().cmp(&b.is_some()),
            };
            if ordering.is_ne() {
                return ordering;
            }
        }
        Ordering::Equal
    }

    /// The key at one step of the way to a member, and how far to the end it stands.
    fn step(&'a self, piece: &'a Piece, member: Member, step: usize) -> Option<(u8, &'a str)> {
        match step.cmp(&piece.path.len()) {
            Ordering::Less => Some((0, piece.path[step].as_str())),
            Ordering::Greater => None,
            Ordering::Equal => Some(match piece.level {
                None => (2, ""),
                Some(level) => self
                    .member(level, member.number)
                    .map_or((1, ""), |member| (0, member.key)),
            }),
        }
    }
}
