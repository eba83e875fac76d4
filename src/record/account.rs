//! A company or household we do business with, or may.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::place::LonLat;

/// The key by which the files of the company name an account; never empty, trimmed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountKey(String);

impl AccountKey {
    /// The key without surrounding white space; `None` when nothing is left.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The stage of life of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Known, never spoken to.
    Prospect,
    /// Showed interest.
    Lead,
    /// Buys; what an imported customer list holds unless it says otherwise.
    #[default]
    Customer,
    /// Has not bought for long.
    Dormant,
    /// Gone.
    Lost,
    /// Was lost and came back.
    Regained,
}

impl Stage {
    /// Every stage in the order of life.
    pub const ALL: [Self; 6] = [
        Self::Prospect,
        Self::Lead,
        Self::Customer,
        Self::Dormant,
        Self::Lost,
        Self::Regained,
    ];

    /// The word of the stage in the API and in SQL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Prospect => "prospect",
            Self::Lead => "lead",
            Self::Customer => "customer",
            Self::Dormant => "dormant",
            Self::Lost => "lost",
            Self::Regained => "regained",
        }
    }

    /// The stage of an English or German word in any case; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word.trim().to_lowercase().as_str() {
            "prospect" | "potenzialkunde" | "potentialkunde" => Some(Self::Prospect),
            "lead" | "interessent" => Some(Self::Lead),
            "customer" | "client" | "kunde" | "bestandskunde" => Some(Self::Customer),
            "dormant" | "inactive" | "ruhend" | "inaktiv" => Some(Self::Dormant),
            "lost" | "verloren" => Some(Self::Lost),
            "regained" | "won back" | "zurückgewonnen" => Some(Self::Regained),
            _ => None,
        }
    }
}

/// A postal address as it was written; parts that were not given are empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Address {
    /// Street with house number.
    pub street: String,
    /// Postal code as written, country prefix and all.
    pub postal_code: String,
    /// Town or village.
    pub place: String,
    /// State, province or region inside the country.
    pub state: String,
    /// Country in any language or code.
    pub country: String,
}

/// An account as a file gives it, before it is located.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Account {
    /// Who it is in the company's own files.
    pub key: String,
    /// Company or household.
    pub name: String,
    /// Stage of life.
    pub stage: Stage,
    /// Industry in the company's own words.
    pub industry: String,
    /// Name of the person to speak to.
    pub contact: String,
    /// Telephone number as written.
    pub phone: String,
    /// Electronic mail address as written.
    pub email: String,
    /// Address of the web site as written.
    pub website: String,
    /// Where it is.
    pub address: Address,
    /// The coordinate that the file itself gives.
    pub position: Option<LonLat>,
}
