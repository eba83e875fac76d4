//! The cube: a question of measures, levels and filters in, an exact answer out.
//!
//! 1. [`Request`] is the untrusted JSON document; [`Question::parse`] turns its words into levels
//!    and measures or says which word is wrong and what would have been right.
//! 2. A plan turns the question into one statement over the fact table, totals included.
//! 3. The answer puts keys and names in the place of numbers, sorts and cuts.
//!
//! Sums are never added twice: the total is computed from the lines, not from the rows.

mod answer;
mod line;
mod model;
mod plan;
mod question;
mod time;

pub use answer::{Answer, Cell};
pub use line::{Line, Lines, LinesRequest};
pub use model::{CubeLevel, Measure, Unit};
pub use question::{Filter, FilterRequest, KeyWord, Question, Request, SortRequest};
pub use time::TimeStep;

use crate::warehouse::{self, Warehouse};

/// The key of what has no member at a level.
pub const UNASSIGNED: &str = "unassigned";

/// An answer of more rows must be cut by the question's `limit`.
pub const MAX_ROWS: usize = 100_000;

/// A question with more combinations of members is refused before they are put in order.
pub const MAX_GROUPS: usize = 600_000;

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The document is not of the form of a question.
    #[error("not a question: {0}")]
    Form(#[from] serde_json::Error),
    /// A word is not one of the model.
    #[error("\"{word}\" is no {what}{}", did_you_mean(.suggestions))]
    UnknownWord {
        /// What the word should have been: `measure`, `level` …
        what: &'static str,
        /// The word.
        word: String,
        /// The nearest right ones, or all of them when none is near.
        suggestions: Vec<String>,
    },
    /// A key is not one of its level.
    #[error("\"{key}\" is no key of {level}{}", did_you_mean(.suggestions))]
    UnknownKey {
        /// The level.
        level: &'static str,
        /// The key.
        key: String,
        /// The nearest right ones, or how one looks.
        suggestions: Vec<String>,
    },
    /// No hierarchy of own regions fills the level.
    #[error(
        "{level} has no regions{}: `revier import regions FILE` fills the first level that is free",
        if known.is_empty() { String::new() } else { format!(" ({})", known.join(", ")) }
    )]
    NoHierarchy {
        /// The level.
        level: &'static str,
        /// The levels that have regions, such as `own.1 is "Vertrieb"`.
        known: Vec<String>,
    },
    /// The words are right, their combination is not.
    #[error("{0}")]
    Combination(String),
    /// Money of several currencies can't be added without a rate.
    #[error(
        "the lines are in {}: filter by sale.currency, money of several currencies is not added",
        .0.join(" and ")
    )]
    MixedCurrencies(Vec<String>),
    /// The answer is too long.
    #[error(
        "the answer has at least {rows} rows, more than {max}: give a limit or a coarser level"
    )]
    TooManyRows {
        /// Rows of the answer.
        rows: usize,
        /// Rows at most.
        max: usize,
    },
    /// The warehouse could not answer.
    #[error(transparent)]
    Warehouse(#[from] warehouse::Error),
}

/// The answer of `warehouse` to `question`.
///
/// # Errors
/// Money must be of one currency, the rows few enough, and the engine must answer.
pub fn ask(warehouse: &Warehouse, question: &Question) -> Result<Answer, Error> {
    let plan = plan::Plan::of(warehouse, question)?;
    let currency = plan::currency(warehouse, question, &plan)?;
    let batches = warehouse.query(&plan.sql, &[])?;
    answer::put_together(warehouse, question, &batches, currency)
}

/// The lines behind a cell: those that all filters let through, newest first, one page.
///
/// # Errors
/// The engine must answer.
pub fn drill_through(warehouse: &Warehouse, request: &LinesRequest) -> Result<Lines, Error> {
    line::page(warehouse, request)
}

fn did_you_mean(suggestions: &[String]) -> String {
    match suggestions {
        [] => String::new(),
        [one] => format!("; did you mean \"{one}\"?"),
        several => format!("; known are {}", several.join(", ")),
    }
}
