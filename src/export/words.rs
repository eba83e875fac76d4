//! The words of the cube for people, in German and English: every level, measure and figure.
//!
//! Each function matches all cases, so a new level or measure does not compile without its words.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::cube::{Compare, CubeLevel, Figure, Measure, Modifier, OTHERS, TimeStep, UNASSIGNED};
use crate::place::{Level, OwnLevel, RegionKey};
use crate::record::account::Stage;
use crate::record::measure::MeasureDefinition;
use crate::record::site::Precision;
use crate::spatial::units::Units;
use crate::warehouse::FilledLevel;

/// A language of headings.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema, clap::ValueEnum,
)]
pub enum Language {
    /// German
    #[serde(rename = "de")]
    #[value(name = "de")]
    German,
    /// English
    #[default]
    #[serde(rename = "en")]
    #[value(name = "en")]
    English,
}

/// The words of one language that stand for no level or figure.
pub(super) struct Words {
    /// The headings of lines, in their order.
    pub(super) line: [&'static str; 12],
    /// The heading of the level of a feature of a map, of its key and of its name.
    pub(super) map_level: &'static str,
    pub(super) map_key: &'static str,
    pub(super) map_name: &'static str,
    /// The headings of what is known of an account, in their order.
    pub(super) map_account: [&'static str; 6],
    pub(super) answer: &'static str,
    pub(super) lines: &'static str,
    pub(super) about: &'static str,
    pub(super) key: &'static str,
    pub(super) level: &'static str,
    pub(super) measures: &'static str,
    pub(super) levels: &'static str,
    pub(super) filters: &'static str,
    pub(super) all: &'static str,
    pub(super) question: &'static str,
    pub(super) version: &'static str,
    pub(super) currency: &'static str,
    pub(super) rows: &'static str,
    pub(super) rows_in_all: &'static str,
    pub(super) time: &'static str,
    pub(super) total: &'static str,
    pub(super) without: &'static str,
    pub(super) contains: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) largest: &'static str,
    pub(super) smallest: &'static str,
    pub(super) by: &'static str,
    pub(super) within: &'static str,
    pub(super) several: &'static str,
    pub(super) unassigned: &'static str,
    pub(super) others: &'static str,
}

const GERMAN: Words = Words {
    line: [
        "Auftrag",
        "Position",
        "Tag",
        "Kunde (Schlüssel)",
        "Kunde",
        "Produkt",
        "Warengruppe",
        "Außendienstmitarbeiter",
        "Menge",
        "Umsatz",
        "Kosten",
        "Währung",
    ],
    map_level: "Ebene",
    map_key: "Schlüssel",
    map_name: "Name",
    map_account: [
        "Stadium",
        "Straße",
        "Postleitzahl",
        "Ort",
        "Land",
        "Genauigkeit",
    ],
    answer: "Auswertung",
    lines: "Umsatzposten",
    about: "Angaben",
    key: "Schlüssel",
    level: "Ebene",
    measures: "Kennzahlen",
    levels: "Ebenen",
    filters: "Filter",
    all: "alles",
    question: "Frage",
    version: "Datenstand",
    currency: "Währung",
    rows: "Zeilen",
    rows_in_all: "Zeilen insgesamt",
    time: "Exportiert am (UTC)",
    total: "Summe",
    without: "ohne",
    contains: "enthält",
    from: "von",
    to: "bis",
    largest: "die größten",
    smallest: "die kleinsten",
    by: "nach",
    within: "in der Fläche auf der Karte",
    several: "mehrere",
    unassigned: "ohne Zuordnung",
    others: "Übrige",
};

const ENGLISH: Words = Words {
    line: [
        "Order",
        "Line",
        "Day",
        "Account (key)",
        "Account",
        "Product",
        "Category",
        "Rep",
        "Units",
        "Revenue",
        "Cost",
        "Currency",
    ],
    map_level: "Level",
    map_key: "Key",
    map_name: "Name",
    map_account: [
        "Stage",
        "Street",
        "Postal code",
        "Place",
        "Country",
        "Precision",
    ],
    answer: "Answer",
    lines: "Sales lines",
    about: "About",
    key: "key",
    level: "level",
    measures: "Measures",
    levels: "Levels",
    filters: "Filters",
    all: "everything",
    question: "Question",
    version: "Version of the data",
    currency: "Currency",
    rows: "Rows",
    rows_in_all: "Rows in all",
    time: "Exported at (UTC)",
    total: "Total",
    without: "without",
    contains: "contains",
    from: "from",
    to: "to",
    largest: "the largest",
    smallest: "the smallest",
    by: "by",
    within: "within the shape on the map",
    several: "several",
    unassigned: "unassigned",
    others: "others",
};

impl Language {
    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::German => &GERMAN,
            Self::English => &ENGLISH,
        }
    }

    /// The one of a German and an English word.
    fn of<'w>(self, (german, english): (&'w str, &'w str)) -> &'w str {
        match self {
            Self::German => german,
            Self::English => english,
        }
    }
}

/// The words of one language for one home, whose own regions have names of their own.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    pub(super) language: Language,
    hierarchies: &'a [FilledLevel],
}

impl<'a> Names<'a> {
    /// The words of `language` in a home with these hierarchies.
    #[must_use]
    pub fn of(language: Language, hierarchies: &'a [FilledLevel]) -> Self {
        Self {
            language,
            hierarchies,
        }
    }

    pub(super) fn words(&self) -> &'static Words {
        self.language.words()
    }

    /// The name of a level; own regions are called what their hierarchy is.
    #[must_use]
    pub fn level(&self, level: CubeLevel) -> String {
        if let CubeLevel::Own(own) = level {
            let filled = self.hierarchies.iter().find(|filled| filled.level == own);
            if let Some(filled) = filled.filter(|filled| !filled.name.trim().is_empty()) {
                return filled.name.trim().to_owned();
            }
        }
        self.language.of(level_words(level)).to_owned()
    }

    /// The name of a measure.
    #[must_use]
    pub fn measure<'m>(&self, measure: &'m Measure) -> &'m str {
        self.language.of(measure_words(measure))
    }

    /// The name of a figure, such as `Revenue, share of the total`.
    #[must_use]
    pub fn figure(&self, figure: &Figure) -> String {
        let measure = self.measure(&figure.measure);
        match self.language.of(modifier_words(figure.modifier)) {
            "" => measure.to_owned(),
            modifier => format!("{measure}, {modifier}"),
        }
    }

    /// How exact a position is, by its word.
    pub(super) fn precision(&self, word: &str) -> &'static str {
        let precision = Precision::parse(word).unwrap_or_default();
        self.language.of(precision_words(precision))
    }

    /// The name of a member for people: of regions the German one where there is one.
    #[must_use]
    pub fn member(&self, level: Option<CubeLevel>, key: &str, name: &str) -> String {
        match (key, level) {
            (UNASSIGNED, _) => return self.words().unassigned.to_owned(),
            (OTHERS, None) => return self.words().others.to_owned(),
            (_, Some(CubeLevel::Stage)) => {
                if let Some(stage) = Stage::parse(key) {
                    return self.language.of(stage_words(stage)).to_owned();
                }
            }
            (_, Some(CubeLevel::Region(_))) if self.language == Language::German => {
                let units = Units::shipped();
                let unit = units.find(&RegionKey::new(key)).map(|id| units.get(id));
                if let Some(unit) = unit.filter(|unit| !unit.name_de.is_empty()) {
                    return unit.name_de.clone();
                }
            }
            _ => {}
        }
        name.to_owned()
    }
}

/// A level in German and English.
fn level_words(level: CubeLevel) -> (&'static str, &'static str) {
    match level {
        CubeLevel::Region(level) => region_words(level),
        CubeLevel::PostalDigits(1) => ("PLZ, 1 Stelle", "Postal code, 1 digit"),
        CubeLevel::PostalDigits(2) => ("PLZ, 2 Stellen", "Postal code, 2 digits"),
        CubeLevel::PostalDigits(_) => ("PLZ, 3 Stellen", "Postal code, 3 digits"),
        CubeLevel::Nuts(1) => ("NUTS 1", "NUTS 1"),
        CubeLevel::Nuts(2) => ("NUTS 2", "NUTS 2"),
        CubeLevel::Nuts(_) => ("NUTS 3", "NUTS 3"),
        CubeLevel::Hexagon(3) => ("Sechseck H3, Stufe 3", "Hexagon H3, resolution 3"),
        CubeLevel::Hexagon(4) => ("Sechseck H3, Stufe 4", "Hexagon H3, resolution 4"),
        CubeLevel::Hexagon(5) => ("Sechseck H3, Stufe 5", "Hexagon H3, resolution 5"),
        CubeLevel::Hexagon(6) => ("Sechseck H3, Stufe 6", "Hexagon H3, resolution 6"),
        CubeLevel::Hexagon(7) => ("Sechseck H3, Stufe 7", "Hexagon H3, resolution 7"),
        CubeLevel::Hexagon(8) => ("Sechseck H3, Stufe 8", "Hexagon H3, resolution 8"),
        CubeLevel::Hexagon(_) => ("Sechseck H3, Stufe 9", "Hexagon H3, resolution 9"),
        CubeLevel::Own(OwnLevel::First) => ("Eigene Gebiete 1", "Own regions 1"),
        CubeLevel::Own(OwnLevel::Second) => ("Eigene Gebiete 2", "Own regions 2"),
        CubeLevel::Own(OwnLevel::Third) => ("Eigene Gebiete 3", "Own regions 3"),
        CubeLevel::Own(OwnLevel::Fourth) => ("Eigene Gebiete 4", "Own regions 4"),
        CubeLevel::Time(TimeStep::Year) => ("Jahr", "Year"),
        CubeLevel::Time(TimeStep::FiscalYear(_)) => ("Geschäftsjahr", "Fiscal year"),
        CubeLevel::Time(TimeStep::Quarter) => ("Quartal", "Quarter"),
        CubeLevel::Time(TimeStep::Month) => ("Monat", "Month"),
        CubeLevel::Time(TimeStep::Week) => ("Kalenderwoche", "Week"),
        CubeLevel::Time(TimeStep::Day) => ("Tag", "Day"),
        CubeLevel::Category => ("Warengruppe", "Category"),
        CubeLevel::Product => ("Produkt", "Product"),
        CubeLevel::Account => ("Kunde", "Account"),
        CubeLevel::Stage => ("Stadium", "Stage"),
        CubeLevel::Industry => ("Branche", "Industry"),
        CubeLevel::AbcClass => ("ABC-Klasse des Kunden", "ABC class of the account"),
        CubeLevel::Rep => ("Außendienstmitarbeiter", "Rep"),
        CubeLevel::Currency => ("Währung", "Currency"),
    }
}

fn region_words(level: Level) -> (&'static str, &'static str) {
    match level {
        Level::Country => ("Land", "Country"),
        Level::State => ("Bundesland", "State"),
        Level::GovernmentDistrict => ("Regierungsbezirk", "Government district"),
        Level::District => ("Kreis", "District"),
        Level::Municipality => ("Gemeinde", "Municipality"),
        Level::Postal => ("Postleitzahl", "Postal code"),
    }
}

/// What people call an own measure.
fn label_or_name<'m>(label: &'m str, own: &'m MeasureDefinition) -> &'m str {
    if label.is_empty() { &own.name } else { label }
}

/// A measure in German and English.
fn measure_words(measure: &Measure) -> (&str, &str) {
    match measure {
        Measure::Revenue => ("Umsatz", "Revenue"),
        Measure::Cost => ("Kosten", "Cost"),
        Measure::Margin => ("Marge", "Margin"),
        Measure::MarginPercent => ("Margenquote", "Margin rate"),
        Measure::Units => ("Menge", "Units"),
        Measure::Orders => ("Aufträge", "Orders"),
        Measure::Lines => ("Umsatzposten", "Sales lines"),
        Measure::Customers => ("Kunden", "Customers"),
        Measure::NewCustomers => ("Neue Kunden", "New customers"),
        Measure::LostCustomers => ("Verlorene Kunden", "Lost customers"),
        Measure::WonBackCustomers => ("Zurückgewonnene Kunden", "Won-back customers"),
        Measure::AverageOrder => ("Umsatz je Auftrag", "Average order"),
        Measure::RevenuePerCustomer => ("Umsatz je Kunde", "Revenue per customer"),
        Measure::RevenuePerInhabitant => ("Umsatz je Einwohner", "Revenue per inhabitant"),
        Measure::RevenuePerKm2 => ("Umsatz je km²", "Revenue per km²"),
        Measure::Penetration => ("Kunden je 1000 Einwohner", "Customers per 1000 inhabitants"),
        Measure::FirstPurchase => ("Erster Kauf", "First purchase"),
        Measure::LastPurchase => ("Letzter Kauf", "Last purchase"),
        Measure::Own(own) => {
            let own = own.definition();
            (
                label_or_name(&own.label_de, own),
                label_or_name(&own.label_en, own),
            )
        }
    }
}

/// What is made of a measure, in German and English; nothing for the measure itself.
fn modifier_words(modifier: Modifier) -> (&'static str, &'static str) {
    use Compare::{PreviousPeriod, PreviousYear};
    match modifier {
        Modifier::Plain => ("", ""),
        Modifier::Before(PreviousPeriod) => ("Vorperiode", "previous period"),
        Modifier::Before(PreviousYear) => ("Vorjahr", "previous year"),
        Modifier::Change(PreviousPeriod) => (
            "Veränderung zur Vorperiode",
            "change since the previous period",
        ),
        Modifier::Change(PreviousYear) => {
            ("Veränderung zum Vorjahr", "change since the previous year")
        }
        Modifier::ChangePercent(PreviousPeriod) => (
            "relative Veränderung zur Vorperiode",
            "relative change since the previous period",
        ),
        Modifier::ChangePercent(PreviousYear) => (
            "relative Veränderung zum Vorjahr",
            "relative change since the previous year",
        ),
        Modifier::ShareOfParent => ("Anteil am Übergeordneten", "share of the parent"),
        Modifier::ShareOfTotal => ("Anteil an der Summe", "share of the total"),
        Modifier::Index => ("Index (Übergeordnetes = 100)", "index (parent = 100)"),
        Modifier::Rank => ("Rang", "rank"),
        Modifier::RunningTotal => ("laufende Summe", "running total"),
        Modifier::MovingAverage(3) => ("gleitender Durchschnitt über 3", "moving average over 3"),
        Modifier::MovingAverage(_) => ("gleitender Durchschnitt über 12", "moving average over 12"),
        Modifier::CumulativeShare => ("kumulierter Anteil", "cumulative share"),
        Modifier::AbcClass => ("ABC-Klasse", "ABC class"),
    }
}

fn stage_words(stage: Stage) -> (&'static str, &'static str) {
    match stage {
        Stage::Prospect => ("Potenzialkunde", "Prospect"),
        Stage::Lead => ("Interessent", "Lead"),
        Stage::Customer => ("Kunde", "Customer"),
        Stage::Dormant => ("ruhend", "Dormant"),
        Stage::Lost => ("verloren", "Lost"),
        Stage::Regained => ("zurückgewonnen", "Regained"),
    }
}

fn precision_words(precision: Precision) -> (&'static str, &'static str) {
    match precision {
        Precision::House => ("Haus", "House"),
        Precision::Street => ("Straße", "Street"),
        Precision::Postal => ("Postleitzahl", "Postal code"),
        Precision::Place => ("Ort", "Place"),
        Precision::Region => ("Region", "Region"),
        Precision::None => ("keine", "None"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cube::OwnMeasures;

    /// All have words, and no two the same, in either language.
    #[track_caller]
    fn check(words: &[(&str, &str)]) {
        for language in [Language::German, Language::English] {
            let known: BTreeSet<&str> = words.iter().map(|words| language.of(*words)).collect();
            assert_eq!(known.len(), words.len(), "{known:?}");
            assert!(!known.contains(""));
        }
    }

    #[test]
    fn every_level_measure_and_modifier_has_both_words() {
        check(&CubeLevel::all().map(level_words).collect::<Vec<_>>());
        let measures: Vec<Measure> = Measure::all().collect();
        check(&measures.iter().map(measure_words).collect::<Vec<_>>());
        for compare in Compare::ALL {
            let figures = Modifier::words().filter_map(|word| {
                let figure =
                    Figure::parse(&format!("revenue.{word}"), compare, &OwnMeasures::default())
                        .ok()?;
                Some(modifier_words(figure.modifier))
            });
            let figures: Vec<_> = figures.collect();
            assert_eq!(figures.len(), Modifier::words().count());
            check(&figures);
        }
    }

    #[test]
    fn own_regions_are_called_what_their_hierarchy_is() {
        let filled = FilledLevel {
            level: OwnLevel::Second,
            name: "Vertrieb".to_owned(),
            regions: 3,
        };
        let filled = [filled];
        let names = Names::of(Language::English, &filled);
        assert_eq!(names.level(CubeLevel::Own(OwnLevel::Second)), "Vertrieb");
        assert_eq!(
            names.level(CubeLevel::Own(OwnLevel::First)),
            "Own regions 1"
        );
    }

    #[test]
    fn members_are_called_as_the_language_calls_them() {
        let german = Names::of(Language::German, &[]);
        let country = Some(CubeLevel::Region(Level::Country));
        assert_eq!(german.member(country, "FR", "France"), "Frankreich");
        assert_eq!(german.member(country, UNASSIGNED, ""), "ohne Zuordnung");
        assert_eq!(
            german.member(Some(CubeLevel::Stage), "lead", "lead"),
            "Interessent"
        );
        let english = Names::of(Language::English, &[]);
        assert_eq!(english.member(None, OTHERS, ""), "others");
        assert_eq!(
            english.member(Some(CubeLevel::Product), OTHERS, "Others"),
            "Others"
        );
    }
}
