//! The words, numbers and signs of a formula.

use std::fmt;

use super::{FormulaError, FormulaReason};

/// A piece of a formula.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A number and how it is written.
    Number(f64, String),
    Word(String),
    Sign(&'static str),
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number(_, text) | Self::Word(text) => text,
            Self::Sign(sign) => sign,
        })
    }
}

/// The signs, longer ones before those that they begin with.
const SIGNS: [&str; 14] = [
    "<=", ">=", "!=", "+", "-", "*", "/", "(", ")", ",", ".", "<", ">", "=",
];

/// The tokens of a text, each with the place of its first sign, counted from 1.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, FormulaError> {
    let mut tokens = Vec::new();
    let (mut rest, mut at) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let is_word = |sign: char| sign == '_' || sign.is_alphabetic();
        let length = if first.is_whitespace() {
            first.len_utf8()
        } else if first.is_ascii_digit() {
            let length = number_length(rest);
            let number = rest[..length].parse().unwrap_or(f64::INFINITY);
            tokens.push((at, Token::Number(number, rest[..length].to_owned())));
            length
        } else if is_word(first) {
            let is_end = |sign: char| !is_word(sign) && !sign.is_ascii_digit();
            let length = rest.find(is_end).unwrap_or(rest.len());
            tokens.push((at, Token::Word(rest[..length].to_owned())));
            length
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            tokens.push((at, Token::Sign(sign)));
            sign.len()
        } else {
            let reason = FormulaReason::Expected {
                expected: "a measure, a number or an operator",
                found: first.to_string(),
            };
            return Err(FormulaError { at, reason });
        };
        at += rest[..length].chars().count();
        rest = &rest[length..];
    }
    Ok(tokens)
}

/// Digits, and behind a point more of them.
fn number_length(text: &str) -> usize {
    let digits = |text: &str| {
        let end = text.find(|sign: char| !sign.is_ascii_digit());
        end.unwrap_or(text.len())
    };
    let whole = digits(text);
    match text[whole..].strip_prefix('.').map(digits) {
        Some(places) if places > 0 => whole + 1 + places,
        _ => whole,
    }
}
