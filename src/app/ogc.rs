//! The layers of the home as collections of features: the regions of each level, own regions, and
//! accounts, each feature with its place and figures of the cube.
//!
//! A page of features is made in these steps:
//! 1. the words of the question (measures, currency, period) become figures of the cube;
//! 2. members are taken in the order of the collection, behind the last one of the page before;
//! 3. boxes and filters are held against each, figures and places being looked up when needed;
//! 4. what is kept is written as `GeoJSON`.
//!
//! Who reads features takes records with them, so whoever may export is asked in [`App::items`].

mod account;
mod figures;
mod region;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::ask::in_turn;
use super::{App, Error};
use crate::cube::{CubeLevel, Unit};
use crate::export::{Place, geometry_text};
use crate::ogc::PARAMETERS;
use crate::ogc::cql::{self, Filter, Queryable};
use crate::ogc::overlap::touches;
use crate::ogc::period::Period;
use crate::place::{Bounds, Level, OwnLevel};
use crate::tile::layer::Layer;
use crate::word;

use self::figures::Figures;

/// A collection of features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collection {
    /// The regions of a level that have an area.
    Regions(Level),
    /// The regions of a hierarchy of a company's own.
    Own(OwnLevel),
    /// Every account.
    Accounts,
}

/// What there is to know of a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectionCard {
    /// Which one.
    pub collection: Collection,
    /// What people call it.
    pub title: String,
    /// The box of its features.
    pub bounds: Bounds,
    /// First and last day of the sales lines that figures are made of, ISO 8601.
    pub days: Option<[String; 2]>,
}

/// Which features are wanted, and with which figures.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemsRequest {
    /// Of which collection.
    pub collection: Collection,
    /// The one of this key alone.
    pub key: Option<String>,
    /// How many members to leave out at the start, in the order of the collection.
    pub after: u64,
    /// How many to give at most.
    pub limit: usize,
    /// Only those that touch one of these boxes; all when there are none.
    pub boxes: Vec<Bounds>,
    /// A filter in CQL2 text.
    pub filter: Option<String>,
    /// Only those with these values of properties.
    pub equal: Vec<(String, String)>,
    /// Words of measures; the usual ones when there are none.
    pub measures: Vec<String>,
    /// The currency of money, as in a question to the cube.
    pub currency: Option<String>,
    /// The days of the sales lines that figures are made of.
    pub period: Period,
}

/// A page of features.
#[derive(Debug)]
pub struct Items {
    /// Each as `GeoJSON`.
    pub features: Vec<Box<RawValue>>,
    /// How many members to leave out for the next page; none at the end.
    pub next: Option<u64>,
    /// How many features there are in all, where that is known without reading all.
    pub matched: Option<u64>,
}

/// A parameter that is none, nor a property.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{word}\" is no parameter and no property{}",
    .suggestions.first().map_or(String::new(), |near| format!("; did you mean \"{near}\"?"))
)]
pub struct UnknownParameter {
    /// The word.
    pub word: String,
    /// The nearest right ones.
    pub suggestions: Vec<String>,
}

/// A property that filters may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyCard {
    /// Its name and what it holds.
    pub queryable: Queryable,
    /// What it holds in the words of the cube; none for texts of the records.
    pub unit: Option<Unit>,
}

impl Collection {
    /// The word of the collection in addresses: that of its tiles, or `accounts`.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Regions(_) | Self::Own(_) => self.layer().name(),
            Self::Accounts => "accounts",
        }
    }

    /// The layer of its tiles.
    #[must_use]
    pub fn layer(self) -> Layer {
        match self {
            Self::Regions(level) => Layer::Regions(level),
            Self::Own(level) => Layer::Own(level),
            Self::Accounts => Layer::Sites,
        }
    }

    /// Every collection, whether it is filled or not.
    pub fn all() -> impl Iterator<Item = Self> {
        let regions = Level::ALL.into_iter().map(Self::Regions);
        let own = OwnLevel::ALL.into_iter().map(Self::Own);
        regions.chain(own).chain([Self::Accounts])
    }

    fn level(self) -> CubeLevel {
        match self {
            Self::Regions(level) => CubeLevel::Region(level),
            Self::Own(level) => CubeLevel::Own(level),
            Self::Accounts => CubeLevel::Account,
        }
    }
}

impl App {
    /// The collections that there are, in their order.
    ///
    /// # Errors
    /// The warehouse must answer.
    pub async fn collections(&self) -> Result<Vec<CollectionCard>, Error> {
        let derived = self.derived().await?;
        let summary = derived.warehouse.summary();
        let days = summary.first_day.zip(summary.last_day);
        let days = days.map(|(first, last)| [first.to_string(), last.to_string()]);
        let card = |collection: Collection| {
            let (title, own) = match collection {
                Collection::Regions(level) => (region::title(level).to_owned(), None),
                Collection::Own(level) => {
                    let own = derived.own_at(level)?;
                    (own.index.name().to_owned(), Some(own))
                }
                Collection::Accounts => ("Accounts".to_owned(), None),
            };
            Some(CollectionCard {
                collection,
                title,
                bounds: own.map_or_else(
                    || super::tile::bounds(collection.layer()),
                    super::own::OwnHierarchy::bounds,
                ),
                days: days.clone(),
            })
        };
        Ok(Collection::all().filter_map(card).collect())
    }

    /// The properties of a collection's features, with the figures of these measures; the usual
    /// ones when there are none.
    ///
    /// # Errors
    /// The measures must be words of the model.
    pub async fn properties(
        &self,
        collection: Collection,
        measures: &[String],
    ) -> Result<Vec<PropertyCard>, Error> {
        let derived = self.derived().await?;
        let request = ItemsRequest {
            measures: measures.to_vec(),
            ..ItemsRequest::all_of(collection)
        };
        let figures = Figures::of(&request, derived.warehouse.summary(), &self.measures())?;
        Ok(figures.properties(collection))
    }

    /// A page of features.
    ///
    /// # Errors
    /// The measures must be words of the model, the filter must name properties that there are, and
    /// the warehouse must answer.
    pub async fn items(&self, request: ItemsRequest) -> Result<Items, Error> {
        let derived = self.derived().await?;
        let engine = self.engine(&derived).await?;
        let app = self.clone();
        in_turn(&self.questions, move || {
            let summary = derived.warehouse.summary();
            let figures = Figures::of(&request, summary, &app.measures())?;
            let filter = filter_of(&request, &figures)?;
            let ask = |question: &_| engine.ask(&derived.warehouse, &app.asked, question);
            match request.collection {
                Collection::Accounts => {
                    account::page(&derived.warehouse, (&request, filter), &figures, &ask)
                }
                Collection::Regions(_) | Collection::Own(_) => {
                    region::page(&derived, (&request, filter), &figures, &ask)
                }
            }
        })
        .await
    }
}

impl ItemsRequest {
    /// The first features of a collection.
    #[must_use]
    pub fn all_of(collection: Collection) -> Self {
        Self {
            collection,
            key: None,
            after: 0,
            limit: 100,
            boxes: Vec::new(),
            filter: None,
            equal: Vec::new(),
            measures: Vec::new(),
            currency: None,
            period: Period::default(),
        }
    }
}

/// The filter and the values that are asked for, as one.
fn filter_of(request: &ItemsRequest, figures: &Figures) -> Result<Option<Filter>, Error> {
    let properties = figures.properties(request.collection).into_iter();
    let known: Vec<Queryable> = properties.map(|property| property.queryable).collect();
    let mut filter = match &request.filter {
        Some(text) => Some(Filter::parse(text, &known)?),
        None => None,
    };
    for (name, value) in &request.equal {
        let property = known.iter().find(|known| known.name == *name);
        let property = property.filter(|known| known.kind != cql::Kind::Geometry);
        let Some(property) = property else {
            let names = known.iter().map(|known| known.name.as_str());
            let names = names.chain(PARAMETERS);
            let suggestions = word::nearest(name, names, 1);
            let word = word::shortened(name);
            return Err(UnknownParameter { word, suggestions }.into());
        };
        let equal = Filter::equal(property, value);
        filter = Some(match filter {
            Some(filter) => filter.and(equal),
            None => equal,
        });
    }
    Ok(filter)
}

/// A member of a collection on its way to be a feature.
struct Candidate<'a> {
    key: String,
    properties: Map<String, Value>,
    place: std::cell::OnceCell<Option<Place>>,
    /// Tells the place when it is first wanted.
    placed: Box<dyn Fn() -> Option<Place> + 'a>,
}

static NOTHING: Value = Value::Null;

impl Candidate<'_> {
    fn place(&self) -> Option<&Place> {
        self.place.get_or_init(&self.placed).as_ref()
    }

    fn is_in(&self, boxes: &[Bounds]) -> bool {
        let is_in = |place| boxes.iter().any(|bounds| touches(place, *bounds));
        boxes.is_empty() || self.place().is_some_and(is_in)
    }

    /// The feature as `GeoJSON`.
    fn written(&self) -> Box<RawValue> {
        let geometry = RawValue::from_string(geometry_text(self.place()));
        let feature = Feature {
            kind: "Feature",
            id: &self.key,
            geometry: geometry.expect("a geometry is written as JSON"),
            properties: &self.properties,
        };
        serde_json::value::to_raw_value(&feature).expect("a feature is plain JSON")
    }
}

#[derive(serde::Serialize)]
struct Feature<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    geometry: Box<RawValue>,
    properties: &'a Map<String, Value>,
}

impl cql::Item for Candidate<'_> {
    fn property(&self, name: &str) -> &Value {
        self.properties.get(name).unwrap_or(&NOTHING)
    }

    fn touches(&self, bounds: Bounds) -> Option<bool> {
        Some(touches(self.place()?, bounds))
    }
}

/// A text as a property; null where it is empty.
fn text(value: &str) -> Value {
    if value.is_empty() {
        Value::Null
    } else {
        json!(value)
    }
}
