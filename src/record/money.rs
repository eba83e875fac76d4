//! Money as integer minor units of one currency.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An ISO 4217 currency, three capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// A word that is no ISO 4217 currency.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no ISO 4217 currency such as EUR")]
pub struct CurrencyError(pub String);

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");

    /// The currency of an ISO code in any case, or of `€`, `$`, `£`.
    ///
    /// # Errors
    /// The code must be in ISO 4217.
    pub fn parse(text: &str) -> Result<Self, CurrencyError> {
        let code = match text.trim() {
            "€" => "EUR".to_owned(),
            "$" | "US$" => "USD".to_owned(),
            "£" => "GBP".to_owned(),
            other => other.to_ascii_uppercase(),
        };
        let known = iso_currency::Currency::from_code(&code);
        match <[u8; 3]>::try_from(code.as_bytes()) {
            Ok(letters) if known.is_some() => Ok(Self(letters)),
            _ => Err(CurrencyError(text.trim().to_owned())),
        }
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("letters of an ISO code are ASCII")
    }

    /// Digits behind the decimal point of the major unit: 2 for EUR, 0 for JPY.
    #[must_use]
    pub fn digits(self) -> u32 {
        iso_currency::Currency::from_code(self.code())
            .and_then(iso_currency::Currency::exponent)
            .map_or(2, u32::from)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl TryFrom<String> for Currency {
    type Error = CurrencyError;

    fn try_from(text: String) -> Result<Self, CurrencyError> {
        Self::parse(&text)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_know_their_minor_unit() {
        assert_eq!(Currency::parse("eur").unwrap().digits(), 2);
        assert_eq!(Currency::parse("JPY").unwrap().digits(), 0);
        assert_eq!(Currency::parse("€").unwrap(), Currency::EUR);
        assert_eq!(
            Currency::parse("Taler").unwrap_err().to_string(),
            "\"Taler\" is no ISO 4217 currency such as EUR"
        );
    }
}
