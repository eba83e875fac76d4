//! The words and signs of a filter.

use super::FilterError;

/// A word or sign, and where it begins, counted from 1 in signs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) at: usize,
    pub(super) kind: TokenKind,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    /// A name or a word of the language.
    Word(String),
    /// A name in double quotes.
    Name(String),
    Text(String),
    Number(f64),
    /// `(`, `)`, `,` or a comparison.
    Sign(&'static str),
    End,
}

const SIGNS: [&str; 9] = ["<>", "<=", ">=", "=", "<", ">", "(", ")", ","];

/// The tokens of a text, [`TokenKind::End`] last.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, FilterError> {
    let signs: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut place = 0;
    while let Some(sign) = signs.get(place) {
        let at = place + 1;
        if sign.is_whitespace() {
            place += 1;
            continue;
        }
        let kind = match sign {
            '\'' | '"' => {
                let (text, end) = quoted(&signs, place)?;
                place = end;
                if *sign == '"' {
                    TokenKind::Name(text)
                } else {
                    TokenKind::Text(text)
                }
            }
            sign if sign.is_alphabetic() || *sign == '_' => {
                let is_part = |sign: &char| sign.is_alphanumeric() || "_.:".contains(*sign);
                TokenKind::Word(run(&signs, &mut place, is_part))
            }
            sign if sign.is_ascii_digit() || "+-.".contains(*sign) => {
                number(&signs, &mut place, at)?
            }
            _ => {
                let rest: String = signs[place..].iter().take(2).collect();
                let known = SIGNS.iter().find(|known| rest.starts_with(**known));
                let Some(known) = known else {
                    let problem = format!("the sign \"{sign}\" has no meaning here");
                    return Err(wrong(at, problem));
                };
                place += known.len();
                TokenKind::Sign(known)
            }
        };
        tokens.push(Token { at, kind });
    }
    tokens.push(Token {
        at: signs.len() + 1,
        kind: TokenKind::End,
    });
    Ok(tokens)
}

pub(super) fn wrong(at: usize, problem: impl Into<String>) -> FilterError {
    FilterError {
        at,
        problem: problem.into(),
        word: None,
        suggestions: Vec::new(),
    }
}

/// The signs from `place` on that are parts.
fn run(signs: &[char], place: &mut usize, is_part: impl Fn(&char) -> bool) -> String {
    let found: String = signs[*place..]
        .iter()
        .take_while(|sign| is_part(sign))
        .collect();
    *place += found.chars().count();
    found
}

fn number(signs: &[char], place: &mut usize, at: usize) -> Result<TokenKind, FilterError> {
    let mut text = String::new();
    while let Some(sign) = signs.get(*place) {
        let is_sign = "+-".contains(*sign);
        let is_after_e = text.is_empty() || text.ends_with(['e', 'E']);
        if !(sign.is_ascii_digit() || ".eE".contains(*sign) || (is_sign && is_after_e)) {
            break;
        }
        text.push(*sign);
        *place += 1;
    }
    let number: Option<f64> = text.parse().ok();
    let number = number.filter(|number| number.is_finite());
    let number = number.ok_or_else(|| wrong(at, format!("\"{text}\" is no number")));
    Ok(TokenKind::Number(number?))
}

/// What stands in the quotes that begin at `place`, two of them standing for one, and where it
/// ends.
fn quoted(signs: &[char], place: usize) -> Result<(String, usize), FilterError> {
    let quote = signs[place];
    let mut text = String::new();
    let mut at = place + 1;
    while let Some(sign) = signs.get(at) {
        at += 1;
        if *sign != quote {
            text.push(*sign);
        } else if signs.get(at) == Some(&quote) {
            text.push(quote);
            at += 1;
        } else {
            return Ok((text, at));
        }
    }
    Err(wrong(place + 1, "the text has no end"))
}
