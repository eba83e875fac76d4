//! The figures of features: their words, and what the cube says of each member.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{Collection, ItemsRequest, PropertyCard};
use crate::cube::{
    self, Answer, Cell, CubeLevel, FilterRequest, KeyWord, OwnMeasures, Question, Request, Unit,
    float,
};
use crate::ogc::cql::{Kind, Queryable};
use crate::record::money::Currency;
use crate::warehouse::Summary;

/// The measures of a feature unless others are asked for.
const OF_REGIONS: [&str; 3] = ["revenue", "orders", "customers"];
const OF_ACCOUNTS: [&str; 3] = ["revenue", "orders", "last_purchase"];

/// What the records say of an account.
pub(super) const ACCOUNT_PROPERTIES: [&str; 6] = [
    "stage",
    "street",
    "postal_code",
    "place",
    "country",
    "precision",
];

/// The question behind the features of a request, and how its figures are called.
pub(super) struct Figures {
    request: Request,
    question: Question,
    own: OwnMeasures,
}

/// What the cube says of members, by key.
pub(super) struct Told {
    answer: Answer,
    rows: HashMap<String, usize>,
    units: Vec<(String, Unit)>,
    digits: u32,
}

impl Figures {
    pub(super) fn of(
        request: &ItemsRequest,
        summary: &Summary,
        own: &OwnMeasures,
    ) -> Result<Self, cube::Error> {
        let request = Request {
            measures: words(request, summary),
            rows: vec![request.collection.level().id().into()],
            filters: days(request),
            currency: request.currency.clone(),
            ..Request::default()
        };
        Ok(Self {
            question: Question::of(request.clone(), own)?,
            request,
            own: own.clone(),
        })
    }

    /// The words of the figures.
    pub(super) fn names(&self) -> Vec<String> {
        let figures = self.question.figures.iter();
        figures.map(cube::Figure::id).collect()
    }

    /// The properties of features with these figures.
    pub(super) fn properties(&self, collection: Collection) -> Vec<PropertyCard> {
        let property = |name: &str, kind: Kind, unit: Option<Unit>| PropertyCard {
            queryable: Queryable {
                name: name.to_owned(),
                kind,
            },
            unit,
        };
        let mut all = vec![
            property("geometry", Kind::Geometry, None),
            property("key", Kind::Text, None),
            property("name", Kind::Text, None),
        ];
        if collection == Collection::Accounts {
            let texts = ACCOUNT_PROPERTIES.iter();
            all.extend(texts.map(|name| property(name, Kind::Text, None)));
        }
        all.extend(self.question.figures.iter().map(|figure| {
            let kind = match figure.unit() {
                Unit::Day | Unit::Class => Kind::Text,
                _ => Kind::Number,
            };
            property(&figure.id(), kind, Some(figure.unit()))
        }));
        all.push(property("currency", Kind::Text, None));
        all
    }

    /// What the cube says of all members, or of those of these keys.
    pub(super) fn told(
        &self,
        keys: Option<&[String]>,
        ask: &dyn Fn(&Question) -> Result<Answer, cube::Error>,
    ) -> Result<Told, cube::Error> {
        let answer = match keys {
            None => ask(&self.question)?,
            Some(keys) => {
                let mut request = self.request.clone();
                request.filters.push(FilterRequest {
                    level: Some(self.question.axes[0].level.id().to_owned()),
                    keys: Some(keys.iter().map(|key| KeyWord::from(key.as_str())).collect()),
                    ..FilterRequest::default()
                });
                ask(&Question::of(request, &self.own)?)?
            }
        };
        let rows = answer.rows.iter().enumerate();
        let rows = rows.filter_map(|(place, row)| match row.first() {
            Some(Cell::Key(key)) => Some((key.clone(), place)),
            _ => None,
        });
        let currency = answer.currency.as_deref();
        let currency = currency.and_then(|code| Currency::parse(code).ok());
        let figures = self.question.figures.iter();
        Ok(Told {
            rows: rows.collect(),
            units: figures.map(|figure| (figure.id(), figure.unit())).collect(),
            digits: currency.map_or(2, Currency::digits),
            answer,
        })
    }
}

impl Told {
    /// Adds the figures of the member of `key` to its properties; null where there are none.
    pub(super) fn put(&self, key: &str, properties: &mut Map<String, Value>) {
        let row = self.rows.get(key).map(|place| &self.answer.rows[*place]);
        for (place, (name, unit)) in self.units.iter().enumerate() {
            let cell = row.and_then(|row| row.get(place + 1));
            let value = cell.map_or(Value::Null, |cell| value_of(cell, *unit, self.digits));
            properties.insert(name.clone(), value);
        }
        properties.insert("currency".to_owned(), json!(self.answer.currency));
    }
}

/// Money in major units, all else as it is.
fn value_of(cell: &Cell, unit: Unit, digits: u32) -> Value {
    let major = |minor: f64| json!(minor / 10_f64.powi(i32::try_from(digits).unwrap_or(0)));
    match (cell, unit) {
        (Cell::None, _) => Value::Null,
        (Cell::Integer(minor), Unit::Money) => major(float(*minor)),
        (Cell::Decimal(minor), Unit::Money) => major(*minor),
        (Cell::Integer(number), _) => json!(number),
        (Cell::Decimal(number), _) => json!(number),
        (Cell::Key(key), _) => json!(key),
    }
}

/// The words of the measures that are wanted; of the usual ones money is left out where the lines
/// are in several currencies and none is chosen.
fn words(request: &ItemsRequest, summary: &Summary) -> Vec<String> {
    if !request.measures.is_empty() {
        return request.measures.clone();
    }
    let usual = match request.collection {
        Collection::Accounts => OF_ACCOUNTS,
        Collection::Regions(_) | Collection::Own(_) => OF_REGIONS,
    };
    let is_mixed = summary.currencies.len() > 1 && request.currency.is_none();
    let kept = usual.iter().filter(|word| !is_mixed || **word != "revenue");
    kept.map(|word| (*word).to_owned()).collect()
}

fn days(request: &ItemsRequest) -> Vec<FilterRequest> {
    let (from, to) = (request.period.from, request.period.to);
    if from.is_none() && to.is_none() {
        return Vec::new();
    }
    let key =
        |day: Option<jiff::civil::Date>| day.map(|day| KeyWord::from(day.to_string().as_str()));
    vec![FilterRequest {
        level: Some(CubeLevel::Time(cube::TimeStep::Day).id().to_owned()),
        from: key(from),
        to: key(to),
        ..FilterRequest::default()
    }]
}
