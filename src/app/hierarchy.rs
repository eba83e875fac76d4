//! The hierarchies of own regions that stand: the newest batch of each name.

use super::home::Home;
use crate::place::OwnLevel;
use crate::record::region::Hierarchy;
use crate::spatial::hierarchy::file;
use crate::store::{Batch, BatchId};

/// Signs of a name at most.
const MAX_NAME_CHARS: usize = 80;

/// Why regions cannot become a hierarchy.
#[derive(Debug, thiserror::Error)]
pub enum HierarchyError {
    /// There are as many as there can be.
    #[error(
        "there are {limit} hierarchies of own regions, and \"{name}\" would be one more: take one back with `revier undo`, or give the name of the one that the file replaces ({known})"
    )]
    TooMany {
        /// The name of the new one.
        name: String,
        /// How many there can be.
        limit: usize,
        /// The names that there are, comma-separated.
        known: String,
    },
    /// The name is empty or too long to be shown.
    #[error("the name of a hierarchy has 1 to {limit} signs, not {signs}: give a shorter one", limit = MAX_NAME_CHARS)]
    Name {
        /// How many signs it has.
        signs: usize,
    },
}

/// A hierarchy, the level that it fills, and the batch that holds its regions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) level: OwnLevel,
    pub(super) name: String,
    pub(super) batch: BatchId,
}

/// The hierarchies that `batches`, newest first, hold, in the order of their levels; of a name the
/// newest batch counts that brought regions.
pub(super) fn standing(batches: &[Batch]) -> Vec<Standing> {
    let mut found: Vec<Standing> = Vec::new();
    for batch in batches
        .iter()
        .filter(|batch| batch.counts.change_anything())
    {
        let is_known = found.iter().any(|known| known.name == batch.hierarchy);
        if let Some(level) = batch.own_level.filter(|_| !is_known) {
            found.push(Standing {
                level,
                name: batch.hierarchy.clone(),
                batch: batch.id,
            });
        }
    }
    found.sort_by_key(|known| known.level);
    found
}

/// The name of the hierarchy that the file called `file` fills: `wanted`, or without it the name
/// of the file without its ending. With it the level that it has, or the first that is free.
///
/// # Errors
/// It must be a name, and one of those that stand or one that there is room for.
pub(super) fn name_of(
    wanted: Option<&str>,
    file: &str,
    standing: &[Standing],
) -> Result<(String, OwnLevel), HierarchyError> {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let wanted = wanted.map(str::trim).filter(|name| !name.is_empty());
    let name = wanted.unwrap_or_else(|| stem.trim()).to_owned();
    let signs = name.chars().count();
    if !(1..=MAX_NAME_CHARS).contains(&signs) {
        return Err(HierarchyError::Name { signs });
    }
    let own = standing.iter().find(|known| known.name == name);
    let is_free = |level: &OwnLevel| standing.iter().all(|known| known.level != *level);
    let level = own.map(|known| known.level);
    if let Some(level) = level.or_else(|| OwnLevel::ALL.into_iter().find(is_free)) {
        return Ok((name, level));
    }
    let known: Vec<&str> = standing.iter().map(|known| known.name.as_str()).collect();
    Err(HierarchyError::TooMany {
        name,
        limit: OwnLevel::ALL.len(),
        known: known.join(", "),
    })
}

/// The regions of each of `standing`, in their order, or why they cannot be read.
pub(super) fn read_all(
    home: &Home,
    standing: &[Standing],
) -> impl Iterator<Item = Result<Hierarchy, file::Error>> {
    let paths = standing.iter().map(|known| home.regions(known.batch));
    paths.map(|path| file::read(&path))
}
