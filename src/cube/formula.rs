//! The language of formulas: `margin / customers`.
//!
//! ```text
//! sum      = product { ("+" | "-") product }
//! product  = factor { ("*" | "/") factor }
//! factor   = "-" factor | number | "(" sum ")" | call | word [ "." word ]
//! call     = ("min" | "max") "(" sum "," sum { "," sum } ")" | "abs" "(" sum ")"
//!          | "if" "(" sum ("<" | "<=" | ">" | ">=" | "=" | "!=") sum "," sum "," sum ")"
//! ```
//!
//! Numbers have a decimal point. Words are letters, digits and `_`.

mod token;

use std::cmp::Ordering;

use self::token::{Token, tokens};

/// Signs of a formula at most.
pub const MAX_FORMULA: usize = 500;

/// Brackets within brackets at most.
const MAX_DEPTH: usize = 50;

/// The words that a formula calls.
pub(super) const FUNCTIONS: [&str; 4] = ["min", "max", "abs", "if"];

/// Why a formula can't be taken, and where: signs are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("sign {at} of the formula: {reason}")]
pub struct FormulaError {
    /// The place of the first sign that is wrong.
    pub at: usize,
    /// What is wrong there.
    pub reason: FormulaReason,
}

/// What is wrong at a place of a formula.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormulaReason {
    /// Something else must stand there.
    #[error("{expected} is expected{}", instead(.found))]
    Expected {
        /// What must stand there.
        expected: &'static str,
        /// What stands there; empty at the end.
        found: String,
    },
    /// A word that is no measure, or no figure of one that a formula can have.
    #[error("\"{word}\" is no {what}{}", super::did_you_mean(.suggestions))]
    Word {
        /// What the word should have been.
        what: &'static str,
        /// The word.
        word: String,
        /// The nearest right ones, or all of them.
        suggestions: Vec<String>,
    },
    /// The numbers on both sides are not of a kind that goes together.
    #[error("{0}")]
    Units(String),
    /// The formula leads back to its own measure.
    #[error("{} leads back to itself", .0.join(" → "))]
    Cycle(Vec<String>),
    /// The formula is too long, or has too many brackets or measures in each other.
    #[error("{what}: {count}, at most {max}")]
    Size {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        count: usize,
        /// How much there may be.
        max: usize,
    },
}

fn instead(found: &str) -> String {
    if found.is_empty() {
        return ", the formula ends".to_owned();
    }
    format!(", not \"{found}\"")
}

/// A part of a formula and the place of its first sign; `L` is what stands for a measure.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term<L> {
    pub(super) at: usize,
    pub(super) node: Node<L>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node<L> {
    Number(f64),
    Leaf(L),
    Negative(Box<Term<L>>),
    Pair(Operator, Box<[Term<L>; 2]>),
    Least(Vec<Term<L>>),
    Greatest(Vec<Term<L>>),
    Size(Box<Term<L>>),
    /// What is compared, then the values of yes and of no.
    If(Comparison, Box<[Term<L>; 4]>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Plus,
    Minus,
    Times,
    Over,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    Different,
}

impl Comparison {
    pub(super) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
            Self::Equal => ordering.is_eq(),
            Self::Different => ordering.is_ne(),
        }
    }
}

/// A measure as the text names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) measure: String,
    /// The word behind the point, and its place.
    pub(super) modifier: Option<(String, usize)>,
}

impl<L> Term<L> {
    /// The terms that it is made of.
    pub(super) fn inner(&self) -> &[Self] {
        match &self.node {
            Node::Number(_) | Node::Leaf(_) => &[],
            Node::Negative(inner) | Node::Size(inner) => std::slice::from_ref(inner),
            Node::Pair(_, both) => both.as_slice(),
            Node::Least(terms) | Node::Greatest(terms) => terms,
            Node::If(_, terms) => terms.as_slice(),
        }
    }

    /// Hands every leaf and its place to `take`, in the order of the text.
    pub(super) fn each_leaf<'a>(&'a self, take: &mut impl FnMut(&'a L, usize)) {
        if let Node::Leaf(leaf) = &self.node {
            take(leaf, self.at);
        }
        for term in self.inner() {
            term.each_leaf(take);
        }
    }

    /// The same term with other leaves; `leaf` gets the place of each.
    pub(super) fn with_leaves<M, E>(
        self,
        leaf: &mut impl FnMut(L, usize) -> Result<M, E>,
    ) -> Result<Term<M>, E> {
        let at = self.at;
        let node = match self.node {
            Node::Number(number) => Node::Number(number),
            Node::Leaf(old) => Node::Leaf(leaf(old, at)?),
            Node::Negative(term) => Node::Negative(Box::new(term.with_leaves(leaf)?)),
            Node::Size(term) => Node::Size(Box::new(term.with_leaves(leaf)?)),
            Node::Pair(operator, both) => {
                let [left, right] = *both;
                let both = [left.with_leaves(leaf)?, right.with_leaves(leaf)?];
                Node::Pair(operator, Box::new(both))
            }
            Node::Least(terms) => Node::Least(all_with_leaves(terms, leaf)?),
            Node::Greatest(terms) => Node::Greatest(all_with_leaves(terms, leaf)?),
            Node::If(comparison, terms) => {
                let [a, b, yes, no] = *terms;
                let terms = [
                    a.with_leaves(leaf)?,
                    b.with_leaves(leaf)?,
                    yes.with_leaves(leaf)?,
                    no.with_leaves(leaf)?,
                ];
                Node::If(comparison, Box::new(terms))
            }
        };
        Ok(Term { at, node })
    }
}

fn all_with_leaves<L, M, E>(
    terms: Vec<Term<L>>,
    leaf: &mut impl FnMut(L, usize) -> Result<M, E>,
) -> Result<Vec<Term<M>>, E> {
    let terms = terms.into_iter();
    terms.map(|term| term.with_leaves(leaf)).collect()
}

/// The formula of a text.
///
/// # Errors
/// It must be of the language and not too large.
pub(super) fn parse(text: &str) -> Result<Term<Word>, FormulaError> {
    let count = text.chars().count();
    if count > MAX_FORMULA {
        let what = "the formula is too long";
        return Err(size(MAX_FORMULA + 1, what, count, MAX_FORMULA));
    }
    let mut reader = Reader {
        tokens: tokens(text)?,
        next: 0,
        end: count + 1,
        depth: 0,
    };
    let term = reader.sum()?;
    match reader.peek() {
        None => Ok(term),
        Some(_) => Err(reader.expected("an operator or the end")),
    }
}

fn size(at: usize, what: &'static str, count: usize, max: usize) -> FormulaError {
    let reason = FormulaReason::Size { what, count, max };
    FormulaError { at, reason }
}

/// Reads tokens one after the other.
struct Reader {
    tokens: Vec<(usize, Token)>,
    next: usize,
    /// The place behind the last sign.
    end: usize,
    depth: usize,
}

type Read = Result<Term<Word>, FormulaError>;

impl Reader {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    /// The place of the next token.
    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |(at, _)| *at)
    }

    fn expected(&self, expected: &'static str) -> FormulaError {
        let found = self.peek().map(Token::to_string).unwrap_or_default();
        let reason = FormulaReason::Expected { expected, found };
        FormulaError {
            at: self.at(),
            reason,
        }
    }

    /// Whether the next token is this sign, which is then taken.
    fn takes(&mut self, sign: &'static str) -> bool {
        let is_next = self.peek() == Some(&Token::Sign(sign));
        self.next += usize::from(is_next);
        is_next
    }

    fn take(&mut self, sign: &'static str, expected: &'static str) -> Result<(), FormulaError> {
        if self.takes(sign) {
            return Ok(());
        }
        Err(self.expected(expected))
    }

    fn sum(&mut self) -> Read {
        let mut left = self.product()?;
        loop {
            let operator = if self.takes("+") {
                Operator::Plus
            } else if self.takes("-") {
                Operator::Minus
            } else {
                return Ok(left);
            };
            left = pair(operator, left, self.product()?);
        }
    }

    fn product(&mut self) -> Read {
        let mut left = self.factor()?;
        loop {
            let operator = if self.takes("*") {
                Operator::Times
            } else if self.takes("/") {
                Operator::Over
            } else {
                return Ok(left);
            };
            left = pair(operator, left, self.factor()?);
        }
    }

    fn factor(&mut self) -> Read {
        let at = self.at();
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(size(
                at,
                "too many brackets in each other",
                self.depth,
                MAX_DEPTH,
            ));
        }
        let term = self.inside(at);
        self.depth -= 1;
        term
    }

    fn inside(&mut self, at: usize) -> Read {
        if self.takes("-") {
            let node = Node::Negative(Box::new(self.factor()?));
            return Ok(Term { at, node });
        }
        if self.takes("(") {
            let term = self.sum()?;
            self.take(")", "an operator or \")\"")?;
            return Ok(term);
        }
        match self.peek().cloned() {
            Some(Token::Number(number, _)) => {
                self.next += 1;
                let node = Node::Number(number);
                Ok(Term { at, node })
            }
            Some(Token::Word(word)) => {
                self.next += 1;
                let is_call = self.peek() == Some(&Token::Sign("("));
                if is_call || FUNCTIONS.contains(&word.as_str()) {
                    return self.call(&word, at);
                }
                let modifier = self.modifier()?;
                let node = Node::Leaf(Word {
                    measure: word,
                    modifier,
                });
                Ok(Term { at, node })
            }
            _ => Err(self.expected("a measure, a number or \"(\"")),
        }
    }

    fn modifier(&mut self) -> Result<Option<(String, usize)>, FormulaError> {
        if !self.takes(".") {
            return Ok(None);
        }
        let at = self.at();
        match self.peek().cloned() {
            Some(Token::Word(word)) => {
                self.next += 1;
                Ok(Some((word, at)))
            }
            _ => Err(self.expected("a word such as previous_year")),
        }
    }

    fn call(&mut self, word: &str, at: usize) -> Read {
        if !FUNCTIONS.contains(&word) {
            let near = crate::word::nearest(word, FUNCTIONS, 1);
            let reason = FormulaReason::Word {
                what: "function",
                word: crate::word::shortened(word),
                suggestions: if near.is_empty() {
                    FUNCTIONS.map(str::to_owned).to_vec()
                } else {
                    near
                },
            };
            return Err(FormulaError { at, reason });
        }
        self.take("(", "\"(\"")?;
        let node = match word {
            "abs" => Node::Size(Box::new(self.sum()?)),
            "if" => self.choice()?,
            least_or_greatest => {
                let mut terms = vec![self.sum()?];
                self.take(",", "an operator or \",\"")?;
                terms.push(self.sum()?);
                while self.takes(",") {
                    terms.push(self.sum()?);
                }
                if least_or_greatest == "min" {
                    Node::Least(terms)
                } else {
                    Node::Greatest(terms)
                }
            }
        };
        self.take(")", "an operator or \")\"")?;
        Ok(Term { at, node })
    }

    fn choice(&mut self) -> Result<Node<Word>, FormulaError> {
        let left = self.sum()?;
        let known = [
            ("<", Comparison::Less),
            ("<=", Comparison::LessOrEqual),
            (">", Comparison::Greater),
            (">=", Comparison::GreaterOrEqual),
            ("=", Comparison::Equal),
            ("!=", Comparison::Different),
        ];
        let mut known = known.into_iter();
        let Some((_, comparison)) = known.find(|(sign, _)| self.takes(sign)) else {
            return Err(self.expected("an operator or a comparison such as \"<\""));
        };
        let right = self.sum()?;
        self.take(",", "an operator or \",\"")?;
        let yes = self.sum()?;
        self.take(",", "an operator or \",\"")?;
        let no = self.sum()?;
        Ok(Node::If(comparison, Box::new([left, right, yes, no])))
    }
}

fn pair(operator: Operator, left: Term<Word>, right: Term<Word>) -> Term<Word> {
    Term {
        at: left.at,
        node: Node::Pair(operator, Box::new([left, right])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A term with brackets around every pair.
    fn text(term: &Term<Word>) -> String {
        let all = |terms: &[Term<Word>]| terms.iter().map(text).collect::<Vec<_>>().join(" ");
        match &term.node {
            Node::Number(number) => number.to_string(),
            Node::Leaf(word) => match &word.modifier {
                Some((modifier, _)) => format!("{}.{modifier}", word.measure),
                None => word.measure.clone(),
            },
            Node::Negative(term) => format!("-{}", text(term)),
            Node::Size(term) => format!("abs({})", text(term)),
            Node::Pair(operator, both) => format!("({operator:?} {})", all(&**both)),
            Node::Least(terms) => format!("min({})", all(terms)),
            Node::Greatest(terms) => format!("max({})", all(terms)),
            Node::If(comparison, terms) => format!("if({comparison:?} {})", all(&**terms)),
        }
    }

    #[track_caller]
    fn check(formula: &str, expected: &str) {
        assert_eq!(text(&parse(formula).unwrap()), expected);
    }

    #[test]
    fn products_bind_before_sums_and_the_left_before_the_right() {
        check("a + b * c", "(Plus a (Times b c))");
        check("a - b - c", "(Minus (Minus a b) c)");
        check("a / b / c", "(Over (Over a b) c)");
        check("(a + b) * -c", "(Times (Plus a b) -c)");
        check("1.5*a.previous_year", "(Times 1.5 a.previous_year)");
        check("min(a, b, 2)", "min(a b 2)");
        check(
            "if(a >= 0, abs(b), max(c, d))",
            "if(GreaterOrEqual a 0 abs(b) max(c d))",
        );
    }

    #[track_caller]
    fn check_refused(formula: &str, message: &str) {
        assert_eq!(parse(formula).unwrap_err().to_string(), message);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        check_refused(
            "",
            "sign 1 of the formula: a measure, a number or \"(\" is expected, the formula ends",
        );
        check_refused(
            "a +",
            "sign 4 of the formula: a measure, a number or \"(\" is expected, the formula ends",
        );
        check_refused(
            "(§",
            "sign 2 of the formula: a measure, a number or an operator is expected, not \"§\"",
        );
        check_refused(
            "(a b)",
            "sign 4 of the formula: an operator or \")\" is expected, not \"b\"",
        );
        check_refused(
            "1,5 * a",
            "sign 2 of the formula: an operator or the end is expected, not \",\"",
        );
        check_refused(
            "mix(a, b)",
            "sign 1 of the formula: \"mix\" is no function; did you mean \"max\"?",
        );
        check_refused(
            "if(a, b, c)",
            "sign 5 of the formula: an operator or a comparison such as \"<\" is expected, not \",\"",
        );
        check_refused(
            "1.2.3",
            "sign 4 of the formula: an operator or the end is expected, not \".\"",
        );
    }

    #[test]
    fn large_formulas_are_refused_and_none_panics() {
        let brackets = "(".repeat(200);
        assert!(parse(&brackets).is_err());
        assert!(parse(&format!("{}a", "-".repeat(400))).is_err());
        let long = "a+".repeat(249) + "a";
        assert!(parse(&long).is_ok());
        assert!(parse(&"a+".repeat(400)).is_err());
        for text in ["\u{0}", "1e400", "..", ")", "a.", "1.", "==", "!"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
