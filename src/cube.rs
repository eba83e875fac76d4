//! The cube: a question of measures, levels and filters in, an exact answer out.
//!
//! 1. [`Request`] is the untrusted JSON document; [`Question`] its words made levels, figures and
//!    filters, or an error that says which word is wrong and what would have been right.
//! 2. A plan turns keys into member numbers and the question into [`Scan`]s: plain aggregations
//!    over the sales lines, groups and totals together.
//! 3. An [`Engine`] computes scans.
//! 4. What is more than plain aggregation (ratios, own measures, comparisons, shares, ranks) is
//!    computed from the groups, once for every engine.
//! 5. The answer puts keys and names in the place of numbers, sorts and cuts.
//!
//! Sums are never added twice: totals and subtotals are computed from the lines, not from rows.

mod answer;
mod best;
mod compare;
mod engine;
mod formula;
mod level;
mod line;
mod measure;
mod names;
mod own;
mod plan;
mod question;
mod request;
mod resolve;
mod scan;
mod sheet;
mod spread;
mod tally;
mod time;
mod value;

pub use answer::{Answer, Cell, Origin, Step, Subtotals};
pub use engine::{Asked, Clustered, Embedded, Engine, Rolled, Scanned, usual_shapes};
pub use formula::{FormulaError, FormulaReason, MAX_FORMULA};
pub use level::CubeLevel;
pub use line::{Line, Lines, LinesRequest};
pub use measure::{Additivity, Compare, Figure, Measure, Modifier, Unit};
pub use own::{MAX_OWN_MEASURES, MeasureError, OwnMeasure, OwnMeasures};
pub use question::{Axis, Best, Filter, Having, Question, Shape};
pub use request::{
    AxisRequest, CircleRequest, FilterRequest, HavingRequest, KeyWord, OpenedRequest, Request,
    ShapeRequest, SortRequest,
};
pub use scan::{Condition, Groups, Part, Scan};
pub use spread::{Spread, check as check_spread};
pub use tally::Tally;
pub use time::{Shift, TimeStep};
pub(crate) use value::{float, rounded};

use std::sync::Arc;

use jiff::civil::Date;

use crate::cluster;
use crate::record::money::Currency;
use crate::warehouse::{self, Ledger, Warehouse};

/// The key of what has no member at a level.
pub const UNASSIGNED: &str = "unassigned";

/// The key of what stands together beside the largest or smallest members.
pub const OTHERS: &str = "others";

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
    /// A line can't be converted.
    #[error(
        "no rate from {from} to {to} on {day} or in the ten days before: import rates that reach \
         that day (`revier import rates FILE`), or leave such lines out by a filter"
    )]
    NoRate {
        /// The currency of the line.
        from: String,
        /// The currency that was asked for.
        to: Currency,
        /// The day of the line.
        day: Date,
    },
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
    /// The cluster could not answer.
    #[error(transparent)]
    Cluster(#[from] cluster::Error),
    /// A sum is larger than any that is shown.
    #[error("a sum does not fit into 64 bits")]
    SumTooLarge,
}

/// The answer of `warehouse` to `question`.
///
/// # Errors
/// Money must be of one currency, the rows few enough, and the engine must answer.
pub fn ask(warehouse: &Warehouse, question: &Question) -> Result<Answer, Error> {
    ask_engine(&Embedded(warehouse), None, warehouse, question)
}

/// The answer to `question`: from the roll-ups of `warehouse`, which tells keys and names too, and
/// where these can't tell or the question wants none from the engine that reads `lines`. What is
/// asked for is counted in `asked`.
///
/// # Errors
/// Money must be of one currency, the rows few enough, and the engine must answer.
pub fn ask_engine(
    lines: &dyn Engine,
    asked: Option<&Asked>,
    warehouse: &Warehouse,
    question: &Question,
) -> Result<Answer, Error> {
    let rolled = Rolled {
        warehouse,
        lines,
        asked,
    };
    answer::answer(rolled.asker(question)?, question)
}

/// What `question` says of each account, with the engines of [`ask_engine`].
///
/// # Errors
/// Its measures must add up over accounts, and the engine must answer.
pub fn ask_by_account(
    lines: &dyn Engine,
    asked: Option<&Asked>,
    warehouse: &Warehouse,
    question: &Question,
) -> Result<Spread, Error> {
    let rolled = Rolled {
        warehouse,
        lines,
        asked,
    };
    spread::spread(&rolled.asker(question)?, question)
}

/// What `question` says of each account of `ledger`, which is of `warehouse`, where lines alone tell
/// it; with the engines of [`ask_engine`].
///
/// # Errors
/// As [`ask_by_account`].
pub fn tally(
    lines: &dyn Engine,
    warehouse: &Warehouse,
    ledger: &Arc<Ledger>,
    question: &Question,
) -> Result<Option<Tally>, Error> {
    let rolled = Rolled {
        warehouse,
        lines,
        asked: None,
    };
    Tally::of(&rolled.asker(question)?, ledger, question)
}

/// The lines behind a cell: those that all filters let through, newest first, one page.
///
/// # Errors
/// The engine must answer.
pub fn drill_through(warehouse: &Warehouse, request: &LinesRequest) -> Result<Lines, Error> {
    line::page(warehouse, request)
}

/// How many lines all `filters` let through.
///
/// # Errors
/// The filters must be right and the engine must answer.
pub fn count_lines(warehouse: &Warehouse, filters: &[FilterRequest]) -> Result<u64, Error> {
    line::count(warehouse, filters)
}

/// Hands every line that all `filters` let through to `take`, newest first. Memory does not grow
/// with the lines beyond what the engine is allowed.
///
/// # Errors
/// The filters must be right and the engine must answer; an error of `take` ends it.
pub fn each_line<E: From<Error> + From<warehouse::Error>>(
    warehouse: &Warehouse,
    filters: &[FilterRequest],
    take: impl FnMut(Line) -> Result<(), E>,
) -> Result<(), E> {
    line::each(warehouse, filters, take)
}

impl Rolled<'_> {
    /// Who asks for `question`: the roll-ups first, unless it wants none.
    fn asker(&self, question: &Question) -> Result<plan::Asker<'_>, Error> {
        let engine: &dyn Engine = if question.rollups { self } else { self.lines };
        plan::Asker::new(self.warehouse, engine).in_currency(question.currency)
    }
}

fn did_you_mean(suggestions: &[String]) -> String {
    match suggestions {
        [] => String::new(),
        [one] => format!("; did you mean \"{one}\"?"),
        several => format!("; known are {}", several.join(", ")),
    }
}
