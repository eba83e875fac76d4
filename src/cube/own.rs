//! Own measures: formulas over other measures, understood and checked as a whole before one of them
//! counts.
//!
//! What a formula gives is computed from the values of its measures for the lines of a row, of a
//! subtotal or of the total, so it is right for each of them and adds up over none. A value that is
//! missing makes the result missing, and so does a division by zero.

mod kind;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::kind::Kind;
use super::formula::{FUNCTIONS, FormulaError, FormulaReason, Node, Operator, Term, Word, parse};
use super::measure::{Compare, Measure, Unit};
use super::scan::Part;
use super::value::{self, Given, Value};
use crate::record::measure::{MeasureDefinition, MeasureFormat};
use crate::word::{nearest, shortened};

/// Own measures of one home at most.
pub const MAX_OWN_MEASURES: usize = 200;

/// Signs of the name of an own measure at most.
const MAX_NAME: usize = 40;

/// Signs of a label at most.
const MAX_LABEL: usize = 60;

/// Decimals of a number at most.
const MAX_DECIMALS: u8 = 4;

/// Numbers, measures and operators of a formula at most, those of its own measures among them.
const MAX_TERMS: usize = 1_000;

/// Why an own measure can't be kept, changed or removed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MeasureError {
    /// The formula is wrong.
    #[error(transparent)]
    Formula(#[from] FormulaError),
    /// The formula is right, but another one that uses it would no longer be.
    #[error("{name} uses it and would be wrong: {error}")]
    Breaks {
        /// The measure that uses it.
        name: String,
        /// What would be wrong there.
        error: FormulaError,
    },
    /// The name, a label, the format or the decimals are unfit.
    #[error("{0}")]
    Unfit(String),
    /// Another measure has the name.
    #[error("there is a measure \"{0}\" already")]
    Taken(String),
    /// There is no own measure of that name.
    #[error("there is no own measure \"{0}\"")]
    None(String),
    /// Other measures use it.
    #[error("{name} is used by {}: change or remove that first", .by.join(", "))]
    Used {
        /// The measure.
        name: String,
        /// Who uses it.
        by: Vec<String>,
    },
    /// There is no room for another one.
    #[error("there are {MAX_OWN_MEASURES} own measures, as many as may be: remove one first")]
    TooMany,
}

/// An own measure that is understood.
#[derive(Debug)]
pub struct OwnMeasure {
    definition: MeasureDefinition,
    term: Term<Leaf>,
    unit: Unit,
    parts: Vec<Part>,
    compares: Vec<Compare>,
    /// Terms of the formula and of those that it uses.
    size: usize,
}

/// The same definition is the same measure.
impl PartialEq for OwnMeasure {
    fn eq(&self, other: &Self) -> bool {
        self.definition == other.definition
    }
}

impl Eq for OwnMeasure {}

/// A measure in a formula.
#[derive(Debug)]
struct Leaf {
    measure: Measure,
    /// The time at which it is meant; none for that of the question.
    at: Option<Compare>,
}

impl OwnMeasure {
    /// Its name, formula and labels.
    #[must_use]
    pub fn definition(&self) -> &MeasureDefinition {
        &self.definition
    }

    /// What its numbers are.
    #[must_use]
    pub fn unit(&self) -> Unit {
        self.unit
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The times that the formula looks at beside that of the question.
    pub(super) fn compares(&self) -> &[Compare] {
        &self.compares
    }

    pub(super) fn needs_region(&self) -> bool {
        let mut needs = false;
        self.term
            .each_leaf(&mut |leaf, _| needs |= leaf.measure.needs_region());
        needs
    }

    /// Whether the formula names the measure `name`.
    fn uses(&self, name: &str) -> bool {
        let mut uses = false;
        self.term
            .each_leaf(&mut |leaf, _| uses |= leaf.measure.id() == name);
        uses
    }

    /// Its value for the lines of a row.
    pub(super) fn value(&self, given: &Given<'_>) -> Value {
        let number = computed(&self.term, given);
        let Some(number) = number.filter(|number| number.is_finite()) else {
            return Value::None;
        };
        match self.unit {
            Unit::Quantity => Value::Integer(whole(number * 1_000.0)),
            Unit::Money | Unit::Count => Value::Integer(whole(number)),
            // A zero has no sign.
            _ => Value::Decimal(number + 0.0),
        }
    }
}

/// The nearest whole number, halves away from zero. What is half in decimals may be a hair less in
/// binary, so a hair is added before.
fn whole(number: f64) -> i64 {
    value::rounded(number * (1.0 + 4.0 * f64::EPSILON))
}

/// The value of a term: money in minor units, quantities in whole ones.
fn computed(term: &Term<Leaf>, given: &Given<'_>) -> Option<f64> {
    match &term.node {
        Node::Number(number) => Some(*number),
        Node::Leaf(leaf) => leaf.value(given),
        Node::Negative(term) => Some(-computed(term, given)?),
        Node::Size(term) => Some(computed(term, given)?.abs()),
        Node::Pair(operator, both) => {
            let (left, right) = (computed(&both[0], given)?, computed(&both[1], given)?);
            match operator {
                Operator::Plus => Some(left + right),
                Operator::Minus => Some(left - right),
                Operator::Times => Some(left * right),
                Operator::Over => (right != 0.0).then(|| left / right),
            }
        }
        Node::Least(terms) => folded(terms, given, f64::min),
        Node::Greatest(terms) => folded(terms, given, f64::max),
        Node::If(comparison, terms) => {
            let [left, right, yes, no] = &**terms;
            let (left, right) = (computed(left, given)?, computed(right, given)?);
            let holds = comparison.holds(left.partial_cmp(&right)?);
            computed(if holds { yes } else { no }, given)
        }
    }
}

fn folded(
    terms: &[Term<Leaf>],
    given: &Given<'_>,
    choose: impl Fn(f64, f64) -> f64,
) -> Option<f64> {
    let mut numbers = terms.iter().map(|term| computed(term, given));
    let first = numbers.next()??;
    numbers.try_fold(first, |chosen, number| Some(choose(chosen, number?)))
}

impl Leaf {
    fn value(&self, given: &Given<'_>) -> Option<f64> {
        let then;
        let given = match self.at {
            None => given,
            Some(compare) => {
                then = given.at(compare)?;
                &then
            }
        };
        if let Measure::Own(own) = &self.measure {
            return computed(&own.term, given);
        }
        let number = value::of(&self.measure, given).number()?;
        Some(match self.measure.unit() {
            Unit::Quantity => number / 1_000.0,
            _ => number,
        })
    }
}

/// The own measures of a home, which do not contradict each other.
#[derive(Debug, Clone, Default)]
pub struct OwnMeasures(BTreeMap<String, Arc<OwnMeasure>>);

impl OwnMeasures {
    /// Those of `definitions` that can be understood, and why the others can't.
    #[must_use]
    pub fn of(definitions: Vec<MeasureDefinition>) -> (Self, Vec<(String, FormulaError)>) {
        let mut known: BTreeMap<String, MeasureDefinition> = definitions
            .into_iter()
            .map(|definition| (definition.name.clone(), definition))
            .collect();
        let mut wrong = Vec::new();
        loop {
            match understood(&known) {
                Ok(own) => return (own, wrong),
                Err((name, error)) => {
                    known.remove(&name);
                    wrong.push((name, error));
                }
            }
        }
    }

    /// Each of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<OwnMeasure>> {
        self.0.values()
    }

    /// The one that is called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<OwnMeasure>> {
        self.0.get(name)
    }

    /// These and a new one.
    ///
    /// # Errors
    /// The name must be fit and free, and the formula right.
    pub fn with(&self, definition: MeasureDefinition) -> Result<Self, MeasureError> {
        if self.0.contains_key(&definition.name) || Measure::built_in(&definition.name).is_some() {
            return Err(MeasureError::Taken(definition.name));
        }
        if self.0.len() >= MAX_OWN_MEASURES {
            return Err(MeasureError::TooMany);
        }
        self.put(definition)
    }

    /// These with another definition of one of them.
    ///
    /// # Errors
    /// There must be one of that name, the formula must be right, and so must those that use it stay.
    pub fn changed(&self, definition: MeasureDefinition) -> Result<Self, MeasureError> {
        if !self.0.contains_key(&definition.name) {
            return Err(MeasureError::None(definition.name));
        }
        self.put(definition)
    }

    /// These without one of them.
    ///
    /// # Errors
    /// There must be one of that name, and no other may use it.
    pub fn without(&self, name: &str) -> Result<Self, MeasureError> {
        if !self.0.contains_key(name) {
            return Err(MeasureError::None(name.to_owned()));
        }
        let users = self.0.values().filter(|own| own.uses(name));
        let by: Vec<String> = users.map(|own| own.definition.name.clone()).collect();
        if !by.is_empty() {
            let name = name.to_owned();
            return Err(MeasureError::Used { name, by });
        }
        let mut rest = self.clone();
        rest.0.remove(name);
        Ok(rest)
    }

    fn put(&self, definition: MeasureDefinition) -> Result<Self, MeasureError> {
        check_words(&definition)?;
        let name = definition.name.clone();
        let own = self.0.values().map(|own| own.definition.clone());
        let mut definitions: BTreeMap<String, MeasureDefinition> =
            own.map(|own| (own.name.clone(), own)).collect();
        definitions.insert(name.clone(), definition);
        // Itself first, so that what is wrong with it is told as such.
        let own = Reader::of(&definitions).own(&name)?;
        check_format(&own)?;
        understood(&definitions).map_err(|(name, error)| MeasureError::Breaks { name, error })
    }
}

/// Every definition understood, or the first that is wrong.
fn understood(
    definitions: &BTreeMap<String, MeasureDefinition>,
) -> Result<OwnMeasures, (String, FormulaError)> {
    let mut reader = Reader::of(definitions);
    for name in definitions.keys() {
        reader.own(name).map_err(|error| (name.clone(), error))?;
        reader.path.clear();
    }
    Ok(OwnMeasures(reader.done))
}

fn check_words(definition: &MeasureDefinition) -> Result<(), MeasureError> {
    let unfit = |message: String| Err(MeasureError::Unfit(message));
    let name = &definition.name;
    let is_sign = |sign: char| sign == '_' || sign.is_ascii_lowercase() || sign.is_ascii_digit();
    if !name.starts_with(|first: char| first.is_ascii_lowercase())
        || !name.chars().all(is_sign)
        || name.len() > MAX_NAME
    {
        return unfit(format!(
            "the name of a measure is a lower-case letter, then such letters, digits and \"_\", \
             {MAX_NAME} signs at most, such as margin_per_customer"
        ));
    }
    if FUNCTIONS.contains(&name.as_str()) {
        return unfit(format!("{name} is a function: choose another name"));
    }
    for label in [&definition.label_de, &definition.label_en] {
        let signs = label.chars().count();
        if signs > MAX_LABEL || label.chars().any(char::is_control) {
            return unfit(format!(
                "a label is one line of {MAX_LABEL} signs at most, this one has {signs}"
            ));
        }
    }
    match definition.decimals {
        Some(decimals) if decimals > MAX_DECIMALS => unfit(format!(
            "a number has {MAX_DECIMALS} decimals at most, not {decimals}"
        )),
        _ => Ok(()),
    }
}

/// Money, counts and quantities look as they do everywhere.
fn check_format(own: &OwnMeasure) -> Result<(), MeasureError> {
    let what = match own.unit {
        Unit::Money => "money",
        Unit::Count => "a count",
        Unit::Quantity => "a quantity",
        _ => return Ok(()),
    };
    let MeasureDefinition {
        format, decimals, ..
    } = &own.definition;
    if format.is_some() || decimals.is_some() {
        return Err(MeasureError::Unfit(format!(
            "the formula gives {what}, which has a format and decimals of its own: leave them out"
        )));
    }
    Ok(())
}

/// Understands definitions one after the other, those that a formula uses first.
struct Reader<'a> {
    definitions: &'a BTreeMap<String, MeasureDefinition>,
    done: BTreeMap<String, Arc<OwnMeasure>>,
    /// The names that led here.
    path: Vec<String>,
}

impl<'a> Reader<'a> {
    fn of(definitions: &'a BTreeMap<String, MeasureDefinition>) -> Self {
        Self {
            definitions,
            done: BTreeMap::new(),
            path: Vec::new(),
        }
    }

    /// The own measure of a name that there is.
    fn own(&mut self, name: &str) -> Result<Arc<OwnMeasure>, FormulaError> {
        if let Some(own) = self.done.get(name) {
            return Ok(own.clone());
        }
        if let Some(place) = self.path.iter().position(|known| known == name) {
            let mut path = self.path[place..].to_vec();
            path.push(name.to_owned());
            let reason = FormulaReason::Cycle(path);
            return Err(FormulaError { at: 1, reason });
        }
        self.path.push(name.to_owned());
        let definition = &self.definitions[name];
        let term = parse(&definition.formula)?;
        let leaves = self.leaves(&term)?.into_iter();
        let mut leaves = leaves.map(Ok::<_, FormulaError>);
        let mut next = |_, _| leaves.next().expect("there is one leaf a word");
        let term = term.with_leaves(&mut next)?;
        self.path.pop();
        let own = Arc::new(own_of(definition.clone(), term)?);
        self.done.insert(name.to_owned(), own.clone());
        Ok(own)
    }

    /// What stands for each word of a formula, in the order of its text. Measures that lead to
    /// measures are followed here, where no term is, so that the stack stays small.
    fn leaves(&mut self, term: &Term<Word>) -> Result<Vec<Leaf>, FormulaError> {
        let mut words = Vec::new();
        term.each_leaf(&mut |word, at| words.push((word, at)));
        let leaves = words.into_iter();
        leaves.map(|(word, at)| self.leaf(word, at)).collect()
    }

    fn leaf(&mut self, word: &Word, at: usize) -> Result<Leaf, FormulaError> {
        let measure = self.measure(&word.measure, at)?;
        if measure.unit() == Unit::Day {
            let reason = format!("{} is a day, a formula has numbers", measure.id());
            return Err(units(at, reason));
        }
        let Some((modifier, place)) = &word.modifier else {
            return Ok(Leaf { measure, at: None });
        };
        let known = Compare::ALL.map(Compare::id);
        let Some(compare) = Compare::ALL
            .into_iter()
            .find(|compare| compare.id() == modifier)
        else {
            return Err(unknown(*place, "other time", modifier, &known));
        };
        if !measure.compares().is_empty() {
            let reason = format!("{} looks at another time already", measure.id());
            return Err(units(at, reason));
        }
        Ok(Leaf {
            measure,
            at: Some(compare),
        })
    }

    fn measure(&mut self, word: &str, at: usize) -> Result<Measure, FormulaError> {
        if let Some(measure) = Measure::built_in(word) {
            return Ok(measure);
        }
        if self.definitions.contains_key(word) {
            let own = self
                .own(word)
                .map_err(|error| FormulaError { at, ..error })?;
            return Ok(Measure::Own(own));
        }
        let built_in: Vec<Measure> = Measure::all().collect();
        let mut known: Vec<&str> = built_in.iter().map(Measure::id).collect();
        known.extend(self.definitions.keys().map(String::as_str));
        Err(unknown(at, "measure", word, &known))
    }
}

fn unknown(at: usize, what: &'static str, word: &str, known: &[&str]) -> FormulaError {
    let near = nearest(word, known.iter().copied(), 1);
    let reason = FormulaReason::Word {
        what,
        word: shortened(word),
        suggestions: if near.is_empty() {
            known.iter().map(|&word| word.to_owned()).collect()
        } else {
            near
        },
    };
    FormulaError { at, reason }
}

fn units(at: usize, reason: String) -> FormulaError {
    let reason = FormulaReason::Units(reason);
    FormulaError { at, reason }
}

fn own_of(definition: MeasureDefinition, term: Term<Leaf>) -> Result<OwnMeasure, FormulaError> {
    let size = terms(&term);
    if size > MAX_TERMS {
        let reason = FormulaReason::Size {
            what: "too many terms, those of the measures in it among them",
            count: size,
            max: MAX_TERMS,
        };
        return Err(FormulaError { at: 1, reason });
    }
    let unit = match Kind::of(&term)? {
        Kind::Money => Unit::Money,
        Kind::Count => Unit::Count,
        Kind::Quantity => Unit::Quantity,
        kind => match definition.format {
            Some(MeasureFormat::Percent) => Unit::Share,
            None if kind == Kind::Share => Unit::Share,
            _ => Unit::Number,
        },
    };
    let (mut parts, mut compares) = (Vec::new(), Vec::new());
    term.each_leaf(&mut |leaf, _| {
        parts.extend_from_slice(leaf.measure.parts());
        compares.extend(leaf.at);
        compares.extend_from_slice(leaf.measure.compares());
    });
    parts.sort_unstable();
    parts.dedup();
    compares.sort_unstable();
    compares.dedup();
    if parts.is_empty() {
        let reason = "a formula needs at least one measure, such as revenue".to_owned();
        return Err(units(1, reason));
    }
    Ok(OwnMeasure {
        definition,
        term,
        unit,
        parts,
        compares,
        size,
    })
}

fn terms(term: &Term<Leaf>) -> usize {
    let inner = term.inner().iter().map(terms).sum::<usize>();
    let own = match &term.node {
        Node::Leaf(Leaf {
            measure: Measure::Own(own),
            ..
        }) => own.size,
        _ => 1,
    };
    inner + own
}
