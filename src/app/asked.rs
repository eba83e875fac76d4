//! What was asked for, kept from one start to the next, so that the roll-ups of the next version
//! serve the questions of this home.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use super::home::Home;
use crate::cube::{Asked, usual_shapes};
use crate::disk;
use crate::warehouse::Shape;
use crate::word::with_causes;

/// How often the usual shapes count as asked for.
const USUAL: u64 = 100;

/// More shapes are not remembered: those asked for least are forgotten.
const MAX_SHAPES: usize = 200;

/// What was asked for in earlier runs. It can be lost without harm, so a damaged file is none.
pub(super) fn read(home: &Home) -> Asked {
    let read = std::fs::read(home.questions()).ok();
    let asked = read.and_then(|bytes| serde_json::from_slice::<Vec<(Shape, u64)>>(&bytes).ok());
    Mutex::new(asked.unwrap_or_default().into_iter().collect())
}

/// Keeps what was asked for.
pub(super) fn write(home: &Home, asked: &Asked) {
    let mut shapes: Vec<(Shape, u64)> = counted(asked).into_iter().collect();
    shapes.sort_by(|(a, first), (b, second)| second.cmp(first).then_with(|| a.cmp(b)));
    shapes.truncate(MAX_SHAPES);
    let bytes = serde_json::to_vec(&shapes).unwrap_or_default();
    if let Err(error) = disk::put(&home.questions(), |file| file.write_all(&bytes)) {
        tracing::warn!(
            error = with_causes(&error),
            "what was asked for could not be kept"
        );
    }
}

/// The shapes that the next version should have roll-ups of, with how often they were asked for.
pub(super) fn wanted(asked: &Asked) -> Vec<(Shape, u64)> {
    let mut shapes = counted(asked);
    for shape in usual_shapes() {
        *shapes.entry(shape).or_default() += USUAL;
    }
    shapes.into_iter().collect()
}

fn counted(asked: &Asked) -> HashMap<Shape, u64> {
    asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
