//! From tokens to an expression of known properties.

use super::token::{Token, TokenKind, tokens, wrong};
use super::{Comparison, Expression, FilterError, Kind, Operand, Pattern, Queryable};
use crate::place::Bounds;
use crate::word;

/// The deepest that parentheses and `NOT` may stand in each other.
const MAX_DEPTH: usize = 64;

/// The most tokens of a filter.
const MAX_TOKENS: usize = 20_000;

pub(super) fn expression(text: &str, known: &[Queryable]) -> Result<Expression, FilterError> {
    let tokens = tokens(text)?;
    if tokens.len() > MAX_TOKENS {
        let problem = format!("a filter has at most {MAX_TOKENS} words and signs");
        return Err(wrong(1, problem));
    }
    let mut parser = Parser {
        tokens,
        place: 0,
        known,
        depth: 0,
    };
    let expression = parser.any_of()?;
    match parser.token().kind {
        TokenKind::End => Ok(expression),
        _ => Err(parser.expected("AND, OR or the end")),
    }
}

struct Parser<'a> {
    tokens: Vec<Token>,
    place: usize,
    known: &'a [Queryable],
    depth: usize,
}

impl Parser<'_> {
    /// The next token; the end again and again.
    fn token(&self) -> &Token {
        let last = self.tokens.len() - 1;
        &self.tokens[self.place.min(last)]
    }

    fn expected(&self, what: &str) -> FilterError {
        wrong(self.token().at, format!("{what} is expected"))
    }

    /// Takes the next token when it is this word of the language, in any case.
    fn word(&mut self, word: &str) -> bool {
        let is =
            matches!(&self.token().kind, TokenKind::Word(own) if own.eq_ignore_ascii_case(word));
        self.place += usize::from(is);
        is
    }

    fn sign(&mut self, sign: &str) -> bool {
        let is = self.token().kind
            == TokenKind::Sign(match sign {
                "(" => "(",
                ")" => ")",
                _ => ",",
            });
        self.place += usize::from(is);
        is
    }

    fn need(&mut self, sign: &str) -> Result<(), FilterError> {
        if self.sign(sign) {
            return Ok(());
        }
        Err(self.expected(sign))
    }

    fn any_of(&mut self) -> Result<Expression, FilterError> {
        let mut parts = vec![self.all_of()?];
        while self.word("OR") {
            parts.push(self.all_of()?);
        }
        Ok(one_or(parts, Expression::Or))
    }

    fn all_of(&mut self) -> Result<Expression, FilterError> {
        let mut parts = vec![self.factor()?];
        while self.word("AND") {
            parts.push(self.factor()?);
        }
        Ok(one_or(parts, Expression::And))
    }

    fn factor(&mut self) -> Result<Expression, FilterError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let problem = format!("parentheses and NOT stand more than {MAX_DEPTH} deep");
            return Err(wrong(self.token().at, problem));
        }
        let factor = if self.word("NOT") {
            Expression::Not(Box::new(self.factor()?))
        } else if self.sign("(") {
            let inner = self.any_of()?;
            self.need(")")?;
            inner
        } else {
            self.predicate()?
        };
        self.depth -= 1;
        Ok(factor)
    }

    fn predicate(&mut self) -> Result<Expression, FilterError> {
        if let [TokenKind::Word(function), TokenKind::Sign("(")] = self.next_two()
            && !function.eq_ignore_ascii_case("DATE")
        {
            if !function.eq_ignore_ascii_case("S_INTERSECTS") {
                let problem = "of functions there are S_INTERSECTS and DATE";
                return Err(wrong(self.token().at, problem));
            }
            self.place += 2;
            return self.touches();
        }
        for (word, truth) in [("TRUE", true), ("FALSE", false)] {
            if self.word(word) {
                return Ok(Expression::Truth(truth));
            }
        }
        if self.token().kind == TokenKind::End {
            return Err(self.expected("a comparison"));
        }
        let left = self.operand()?;
        if let TokenKind::Sign(sign) = self.token().kind
            && let Some(comparison) = comparison(sign)
        {
            let at = self.token().at;
            self.place += 1;
            let right = self.operand()?;
            self.check_kinds(at, &left, &right)?;
            return Ok(Expression::Compare(left, comparison, right));
        }
        self.about(left)
    }

    /// What follows a property that is not simply compared.
    fn about(&mut self, left: Operand) -> Result<Expression, FilterError> {
        let Operand::Property(name) = &left else {
            return Err(self.expected("a comparison such as ="));
        };
        if self.word("IS") {
            let is_not = self.word("NOT");
            if !self.word("NULL") {
                return Err(self.expected("NULL"));
            }
            return Ok(turned(Expression::IsNull(name.clone()), is_not));
        }
        let is_not = self.word("NOT");
        if self.word("LIKE") {
            let TokenKind::Text(pattern) = self.token().kind.clone() else {
                return Err(self.expected("a pattern in quotes"));
            };
            self.place += 1;
            let pattern = Pattern::of(&pattern);
            return Ok(turned(Expression::Like(name.clone(), pattern), is_not));
        }
        if self.word("BETWEEN") {
            let from = self.right_of(&left)?;
            if !self.word("AND") {
                return Err(self.expected("AND"));
            }
            let to = self.right_of(&left)?;
            let from = Expression::Compare(left.clone(), Comparison::GreaterOrEqual, from);
            let to = Expression::Compare(left, Comparison::LessOrEqual, to);
            return Ok(turned(Expression::And(vec![from, to]), is_not));
        }
        if self.word("IN") {
            self.need("(")?;
            let mut any = Vec::new();
            loop {
                let right = self.right_of(&left)?;
                any.push(Expression::Compare(left.clone(), Comparison::Equal, right));
                if !self.sign(",") {
                    break;
                }
            }
            self.need(")")?;
            return Ok(turned(Expression::Or(any), is_not));
        }
        Err(self.expected("a comparison, LIKE, BETWEEN, IN or IS NULL"))
    }

    /// An operand that `left` is compared with.
    fn right_of(&mut self, left: &Operand) -> Result<Operand, FilterError> {
        let at = self.token().at;
        let right = self.operand()?;
        self.check_kinds(at, left, &right)?;
        Ok(right)
    }

    fn operand(&mut self) -> Result<Operand, FilterError> {
        if let [TokenKind::Word(function), TokenKind::Sign("(")] = self.next_two()
            && function.eq_ignore_ascii_case("DATE")
        {
            self.place += 2;
            let TokenKind::Text(day) = self.token().kind.clone() else {
                return Err(self.expected("a day in quotes"));
            };
            self.place += 1;
            self.need(")")?;
            return Ok(Operand::Text(day));
        }
        let operand = match self.token().kind.clone() {
            TokenKind::Text(text) => Operand::Text(text),
            TokenKind::Number(number) => Operand::Number(number),
            TokenKind::Word(name) | TokenKind::Name(name) => {
                let known = self.property(&name, |kind| kind != Kind::Geometry, "property")?;
                Operand::Property(known)
            }
            TokenKind::Sign(_) | TokenKind::End => {
                return Err(self.expected("a property, a text or a number"));
            }
        };
        self.place += 1;
        Ok(operand)
    }

    /// The known property of that name.
    fn property(
        &self,
        name: &str,
        fits: impl Fn(Kind) -> bool,
        what: &str,
    ) -> Result<String, FilterError> {
        let known = self.known.iter().filter(|known| fits(known.kind));
        let mut names = known.map(|known| known.name.as_str());
        if names.clone().any(|known| known == name) {
            return Ok(name.to_owned());
        }
        let mut near = word::nearest(name, names.clone(), 1);
        if near.is_empty() && what == "geometry" {
            near.extend(names.next().map(str::to_owned));
        }
        let hint = match near.first() {
            Some(near) => format!("; did you mean \"{near}\"?"),
            None => format!("; known are {}", names.collect::<Vec<_>>().join(", ")),
        };
        let name = word::shortened(name);
        Err(FilterError {
            at: self.token().at,
            problem: format!("\"{name}\" is no {what}{hint}"),
            word: Some(name),
            suggestions: near,
        })
    }

    /// What stands behind `S_INTERSECTS(`.
    fn touches(&mut self) -> Result<Expression, FilterError> {
        let (TokenKind::Word(name) | TokenKind::Name(name)) = self.token().kind.clone() else {
            return Err(self.expected("the property \"geometry\""));
        };
        self.property(&name, |kind| kind == Kind::Geometry, "geometry")?;
        self.place += 1;
        self.need(",")?;
        let at = self.token().at;
        let is_box = self.word("BBOX");
        if !is_box && !self.word("POINT") {
            return Err(self.expected("BBOX(west, south, east, north) or POINT(lon lat)"));
        }
        self.need("(")?;
        let mut numbers = Vec::new();
        while let TokenKind::Number(number) = self.token().kind {
            self.place += 1;
            numbers.push(number);
            // The numbers of a point stand beside each other.
            if is_box && !self.sign(",") {
                break;
            }
        }
        self.need(")")?;
        self.need(")")?;
        let edges = match numbers[..] {
            [lon, lat] if !is_box => Some([lon, lat, lon, lat]),
            [west, south, east, north] if is_box => Some([west, south, east, north]),
            _ => None,
        };
        let what = if is_box {
            "west, south, east, north are expected, in degrees"
        } else {
            "longitude and latitude are expected, in degrees"
        };
        let bounds = edges.and_then(|edges| Bounds::try_from(edges).ok());
        bounds
            .map(Expression::Touches)
            .ok_or_else(|| wrong(at, what))
    }

    fn next_two(&self) -> [TokenKind; 2] {
        let kind = |place: usize| {
            let token = self.tokens.get(place);
            token.map_or(TokenKind::End, |token| token.kind.clone())
        };
        [kind(self.place), kind(self.place + 1)]
    }

    fn check_kinds(&self, at: usize, a: &Operand, b: &Operand) -> Result<(), FilterError> {
        let kind = |operand: &Operand| match operand {
            Operand::Text(_) => Some(Kind::Text),
            Operand::Number(_) => Some(Kind::Number),
            Operand::Property(name) => {
                let known = self.known.iter().find(|known| known.name == *name);
                known.map(|known| known.kind)
            }
        };
        if kind(a) == kind(b) {
            return Ok(());
        }
        Err(wrong(at, "a number and a text are never compared"))
    }
}

fn comparison(sign: &str) -> Option<Comparison> {
    Some(match sign {
        "=" => Comparison::Equal,
        "<>" => Comparison::NotEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::LessOrEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

fn one_or(mut parts: Vec<Expression>, many: fn(Vec<Expression>) -> Expression) -> Expression {
    match parts.len() {
        1 => parts.remove(0),
        _ => many(parts),
    }
}

fn turned(expression: Expression, is_not: bool) -> Expression {
    if is_not {
        return Expression::Not(Box::new(expression));
    }
    expression
}
