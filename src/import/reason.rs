//! Why a row was refused, or taken with a doubt: one list of stable words.

use std::fmt;

use crate::record::remark::Remark;

/// The reason of a remark. The words are part of the API and never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Refused: an account without a key.
    MissingKey,
    /// Refused: an account without a name.
    MissingName,
    /// Refused: a sale without a date.
    MissingDate,
    /// Refused: a sale without a net amount.
    MissingAmount,
    /// Refused: the date cannot be read, or is no day of the calendar.
    BadDate,
    /// Refused: the amount or cost cannot be read, contradicts its column or its currency, or
    /// is larger than can be kept.
    BadAmount,
    /// Refused: the quantity cannot be read or is larger than can be kept.
    BadQuantity,
    /// Refused: the exchange rate cannot be read, or is not more than 0.
    BadRate,
    /// Refused: the word for the currency is not in ISO 4217.
    UnknownCurrency,
    /// Refused: an earlier row of the file has the same key.
    DuplicateKey,
    /// Refused: the row has more fields than the file has headings.
    TooManyFields,
    /// Refused: a quotation mark seems not to be closed, as the row runs over several lines and
    /// has the wrong number of fields or lines that are rows themselves, or runs to the end of
    /// the file.
    OpenQuote,
    /// Refused: a field that is read has more signs than can be kept.
    FieldTooLong,
    /// Refused: an address without a position that can be read.
    MissingPosition,
    /// Refused: an address without street or house number.
    MissingStreet,
    /// Refused: a region without a geometry.
    MissingGeometry,
    /// Refused: a region that is a point, a line or something else without an area.
    NotAnArea,
    /// Refused: the geometry of a region, or the feature as a whole, cannot be read.
    BadGeometry,
    /// Refused: a ring of a region leaves the earth or its projection.
    BadCoordinate,
    /// Refused: no ring of a region encloses anything, such as one of two positions.
    BadRing,
    /// Taken closed: a ring of a region did not end where it starts.
    ClosedRing,
    /// Taken without it: a ring of a region encloses nothing.
    DroppedRing,
    /// Taken without the parent: the region would lie within itself.
    BadParent,
    /// Taken without the position: it cannot be read, is half given or is not on the earth.
    BadPosition,
    /// Taken as a customer: the word for the stage is unknown.
    BadStage,
    /// Taken rounded: the amount or cost has more digits than its currency.
    RoundedAmount,
    /// Taken rounded: the quantity has more than three decimals.
    RoundedQuantity,
}

impl Reason {
    /// Every reason, the refusals first.
    pub const ALL: [Self; 27] = [
        Self::MissingKey,
        Self::MissingName,
        Self::MissingDate,
        Self::MissingAmount,
        Self::BadDate,
        Self::BadAmount,
        Self::BadQuantity,
        Self::BadRate,
        Self::UnknownCurrency,
        Self::DuplicateKey,
        Self::TooManyFields,
        Self::OpenQuote,
        Self::FieldTooLong,
        Self::MissingPosition,
        Self::MissingStreet,
        Self::MissingGeometry,
        Self::NotAnArea,
        Self::BadGeometry,
        Self::BadCoordinate,
        Self::BadRing,
        Self::ClosedRing,
        Self::DroppedRing,
        Self::BadParent,
        Self::BadPosition,
        Self::BadStage,
        Self::RoundedAmount,
        Self::RoundedQuantity,
    ];

    /// The stable word, such as `bad_date`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MissingKey => "missing_key",
            Self::MissingName => "missing_name",
            Self::MissingDate => "missing_date",
            Self::MissingAmount => "missing_amount",
            Self::BadDate => "bad_date",
            Self::BadAmount => "bad_amount",
            Self::BadQuantity => "bad_quantity",
            Self::BadRate => "bad_rate",
            Self::UnknownCurrency => "unknown_currency",
            Self::DuplicateKey => "duplicate_key",
            Self::TooManyFields => "too_many_fields",
            Self::OpenQuote => "open_quote",
            Self::FieldTooLong => "field_too_long",
            Self::MissingPosition => "missing_position",
            Self::MissingStreet => "missing_street",
            Self::MissingGeometry => "missing_geometry",
            Self::NotAnArea => "not_an_area",
            Self::BadGeometry => "bad_geometry",
            Self::BadCoordinate => "bad_coordinate",
            Self::BadRing => "bad_ring",
            Self::ClosedRing => "closed_ring",
            Self::DroppedRing => "dropped_ring",
            Self::BadParent => "bad_parent",
            Self::BadPosition => "bad_position",
            Self::BadStage => "bad_stage",
            Self::RoundedAmount => "rounded_amount",
            Self::RoundedQuantity => "rounded_quantity",
        }
    }

    /// Whether a row with this remark is taken all the same.
    #[must_use]
    pub fn taken(self) -> bool {
        matches!(
            self,
            Self::ClosedRing
                | Self::DroppedRing
                | Self::BadParent
                | Self::BadPosition
                | Self::BadStage
                | Self::RoundedAmount
                | Self::RoundedQuantity
        )
    }

    /// The remark for this reason on the row at `line`. Of a long value the first 200 signs stay.
    #[must_use]
    pub(super) fn remark(self, line: u64, field: &str, value: &str, detail: String) -> Remark {
        Remark {
            line,
            field: field.to_owned(),
            value: value.chars().take(200).collect(),
            reason: self.name().to_owned(),
            detail,
            taken: self.taken(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn words_are_distinct_and_values_are_cut() {
        let words: HashSet<_> = Reason::ALL.iter().map(|reason| reason.name()).collect();
        assert_eq!(words.len(), Reason::ALL.len());
        let remark = Reason::BadDate.remark(2, "date", &"ä".repeat(500), String::new());
        assert_eq!((remark.value.chars().count(), remark.taken), (200, false));
    }
}
