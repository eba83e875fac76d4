//! Tiles of the home: regions and base map from the atlas, sites from what is derived, all of them
//! or those that a kept question means.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock, PoisonError};

use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::ask::in_turn;
use super::{App, Derived, Error, blocking};
use crate::cube::{self, Question, Request, Spread, Tally};
use crate::place::{Bounds, Level, LonLat};
use crate::reference::{CREDITS, fingerprint};
use crate::spatial::units::Units;
use crate::tile::TileId;
use crate::tile::atlas::{Atlas, Source};
use crate::tile::layer::Layer;
use crate::tile::site::{Said, SiteFigures, SitePoint, Sites};
use crate::tile::streets::Streets;
use crate::warehouse::{self, Ledger, Warehouse};
use crate::word::with_causes;

static ATLAS: LazyLock<Atlas> = LazyLock::new(|| Atlas::new(Source::SHIPPED));

/// Bytes that the figures of questions may take in memory.
const FIGURE_BYTES: u64 = 512 << 20;

/// A question that tiles can be asked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeptQuestion {
    /// Its name, the same for the same document.
    pub id: String,
    /// Where the `TileJSON` of its sites is.
    pub tiles: String,
}

/// A point well inside each region of a level.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Anchors {
    /// Longitude and latitude by key, to five digits.
    pub anchors: BTreeMap<String, [f64; 2]>,
}

/// What a question says of the sites of one version.
pub(super) struct Asked {
    figures: SiteFigures,
    /// How many accounts it means, and how many of them have no site.
    accounts: [u64; 2],
    /// For each measure the sum of everything, and of what has no site.
    sums: Vec<(String, [i64; 2])>,
}

/// What was computed of questions lately, of one version.
pub(super) type AskedCache = moka::sync::Cache<String, Arc<Asked>>;

/// An empty cache.
pub(super) fn asked_cache() -> AskedCache {
    let weigh = |_: &String, asked: &Arc<Asked>| {
        u32::try_from(asked.figures.bytes() / 1_024 + 1).unwrap_or(u32::MAX)
    };
    moka::sync::Cache::builder()
        .max_capacity(FIGURE_BYTES / 1_024)
        .weigher(weigh)
        .build()
}

impl Derived {
    /// The lines of the accounts in the order of their sites; none where they are too many.
    pub(super) fn ledger(&self) -> Result<Option<&Arc<Ledger>>, warehouse::Error> {
        if let Some(known) = self.ledger.get() {
            return Ok(known.as_ref());
        }
        let order = self.sites.accounts().iter().copied();
        let ledger = self.warehouse.ledger(order)?.map(Arc::new);
        Ok(self.ledger.get_or_init(|| ledger).as_ref())
    }

    /// Reads the names of the accounts and makes the ledger, in the background.
    pub(super) fn prepare(self: &Arc<Self>) {
        let derived = self.clone();
        tokio::task::spawn_blocking(move || {
            let names = derived.warehouse.dictionary("account").map(|_| ());
            let _one = derived
                .asking
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = names.and_then(|()| derived.ledger().map(|_| ())) {
                let error = with_causes(&error);
                tracing::warn!(error, "names and lines could not be read into memory");
            }
        });
    }
}

impl App {
    /// Keeps a question of JSON, so that tiles can be asked with it.
    ///
    /// # Errors
    /// It must be a question that sites can show.
    pub async fn keep_question(&self, document: &[u8]) -> Result<KeptQuestion, Error> {
        let request: Request =
            serde_json::from_slice(document).map_err(|error| Error::Cube(error.into()))?;
        let text = serde_json::to_string(&request).expect("a question is plain JSON");
        cube::check_spread(&Question::of(request, &self.measures())?)?;
        let hash = Sha256::digest(text.as_bytes());
        let begin: [u8; 16] = std::array::from_fn(|place| hash[place]);
        let id = format!("{:032x}", u128::from_be_bytes(begin));
        self.store.keep_question(&id, &text).await?;
        let tiles = format!("/tiles/{}.json?question={id}", Layer::Sites);
        Ok(KeptQuestion { id, tiles })
    }

    /// The document of a kept question.
    ///
    /// # Errors
    /// It must be known.
    pub async fn question(&self, id: &str) -> Result<String, Error> {
        let known = self.store.question(id).await?;
        known.ok_or_else(|| Error::NoSuchQuestion(id.to_owned()))
    }

    /// The vector tile of `layer`; `None` when nothing is in it. Sites are all, or those that the
    /// kept question `asked` means, with its measures.
    ///
    /// # Errors
    /// The warehouse or the shipped geometries must answer, and the question must be known.
    pub async fn tile(
        &self,
        layer: Layer,
        tile: TileId,
        asked: Option<&str>,
    ) -> Result<Option<Vec<u8>>, Error> {
        if layer == Layer::Streets {
            return Ok(self.streets()?.tile(tile).await?);
        }
        let derived = self.derived().await?;
        let asked = match asked.filter(|_| layer == Layer::Sites) {
            Some(id) => Some(self.asked_of(&derived, id).await?),
            None => None,
        };
        blocking(move || {
            Ok(match layer {
                Layer::Sites => {
                    let accounts = derived.warehouse.dictionary("account")?;
                    let name_of = |account: i32| {
                        let member = accounts.member(i64::from(account))?;
                        Some((member.key, member.name))
                    };
                    let figures = asked.as_ref().map(|asked| &asked.figures);
                    derived
                        .sites
                        .encode(layer.name(), tile, figures, &name_of)?
                }
                Layer::Own(level) => match derived.own_at(level) {
                    Some(own) => own.encode(layer, tile)?,
                    None => None,
                },
                other => ATLAS.encode(other, tile)?,
            })
        })
        .await
    }

    /// A point inside each region of `level`, which has the word of its tiles, by key; `None` where
    /// that is no level of regions.
    ///
    /// # Errors
    /// The shipped geometries must be there.
    pub async fn anchors(&self, level: &str) -> Result<Option<Anchors>, Error> {
        let layer = Layer::parse(level);
        let derived = self.derived().await?;
        blocking(move || {
            Ok(match layer {
                None | Some(Layer::Sites | Layer::Base | Layer::Streets) => None,
                Some(Layer::Own(level)) => derived.own_at(level).map(|own| rounded(own.anchors())),
                Some(Layer::Regions(Level::Postal)) => Some(rounded(ATLAS.postal_anchors()?)),
                Some(Layer::Regions(level)) => {
                    let units = Units::shipped().iter().map(|(_, unit)| unit);
                    let of_level = units.filter(|unit| unit.level == level);
                    Some(rounded(
                        of_level.map(|unit| (unit.key.as_str(), unit.label)),
                    ))
                }
            })
        })
        .await
    }

    /// Who made the base map of streets; none where no such map is named.
    #[must_use]
    pub fn streets_credit(&self) -> Option<String> {
        self.streets.as_ref().map(|streets| streets.credit())
    }

    fn streets(&self) -> Result<&Streets, Error> {
        self.streets.as_deref().ok_or(Error::NoStreets)
    }

    /// What a kept question says of the sites of `derived`; computed at its first tile.
    async fn asked_of(&self, derived: &Arc<Derived>, id: &str) -> Result<Arc<Asked>, Error> {
        if let Some(known) = derived.figures.get(id) {
            return Ok(known);
        }
        let document = self.question(id).await?;
        let request: Request =
            serde_json::from_str(&document).map_err(|error| Error::Cube(error.into()))?;
        let question = Question::of(request, &self.measures())?;
        let engine = self.engine(derived).await?;
        let (derived, counted, id) = (derived.clone(), self.asked.clone(), id.to_owned());
        let ask = move || {
            // Several tiles ask at the same time, the first of them computes, on all cores.
            let _one = derived
                .asking
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = derived.figures.get(&id) {
                return Ok(known);
            }
            let asked = if let Some(tally) = engine.tally(&derived, &question)? {
                tallied(&derived.sites, tally)
            } else {
                let spread = engine.ask_by_account(&derived.warehouse, &counted, &question)?;
                spread_out(&derived.sites, spread)
            };
            let asked = Arc::new(asked);
            derived.figures.insert(id, asked.clone());
            Ok(asked)
        };
        in_turn(&self.questions, ask).await
    }

    /// The `TileJSON` of `layer`; the address in it carries the version, so that what a browser
    /// keeps is never older than what it asks for. That of sites asked with a kept question also
    /// tells what the question adds up to, and how much of it has no site.
    ///
    /// # Errors
    /// The warehouse must answer, and the question must be known.
    pub async fn tile_json(&self, layer: Layer, asked: Option<&str>) -> Result<Value, Error> {
        let version = self.tile_version(layer).await?;
        let mut tiles = format!("/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt?v={version}");
        if layer == Layer::Streets {
            return Ok(self.streets()?.describe(&tiles));
        }
        let derived = self.derived().await?;
        let mut bounds = ATLAS.bounds(layer);
        if let Layer::Own(level) = layer
            && let Some(own) = derived.own_at(level)
        {
            bounds = own.bounds();
        }
        let Some(id) = asked.filter(|_| layer == Layer::Sites) else {
            return Ok(layer.describe(&tiles, bounds, &CREDITS.join(" · ")));
        };
        let asked = self.asked_of(&derived, id).await?;
        tiles = format!("{tiles}&question={id}");
        let mut json = layer.describe(&tiles, bounds, &CREDITS.join(" · "));
        let sums = |place: usize| -> Map<String, Value> {
            let count = ("count".to_owned(), json!(asked.accounts[place]));
            let sums = asked.sums.iter();
            let sums = sums.map(|(word, sums)| (word.clone(), json!(sums[place])));
            std::iter::once(count).chain(sums).collect()
        };
        for (word, _) in &asked.sums {
            json["vector_layers"][0]["fields"][word] = json!("Number");
        }
        json["total"] = Value::Object(sums(0));
        json["without_site"] = Value::Object(sums(1));
        Ok(json)
    }

    /// The version of what `layer` shows: of the data for sites and own
    /// regions, of its file for streets, of the product for the others.
    ///
    /// # Errors
    /// The warehouse must answer.
    pub async fn tile_version(&self, layer: Layer) -> Result<String, Error> {
        Ok(match layer {
            Layer::Sites | Layer::Own(_) => self.derived().await?.warehouse.version().to_owned(),
            Layer::Streets => self.streets()?.version().to_owned(),
            _ => format!(
                "{}-{}",
                env!("CARGO_PKG_VERSION"),
                fingerprint("units.csv.gz")
            ),
        })
    }
}

impl Said for Tally {
    fn add(&self, site: usize, _: i32, sums: &mut [i64]) -> bool {
        // The ledger has the accounts of the sites first, in their order.
        Self::add(self, site, sums)
    }

    fn add_all(&self, sites: Range<usize>, _: &[i32], sums: &mut [i64]) -> u128 {
        Self::add_all(self, sites, sums)
    }
}

impl Said for Spread {
    fn add(&self, _: usize, account: i32, sums: &mut [i64]) -> bool {
        let is_meant = self.means(account);
        if is_meant {
            for (sum, (_, values)) in sums.iter_mut().zip(&self.measures) {
                *sum = sum.wrapping_add(Self::value(values, account));
            }
        }
        is_meant
    }
}

/// What `tally` says of `sites`, and of what has none.
fn tallied(sites: &Sites, tally: Tally) -> Asked {
    let words: Vec<String> = tally.words().map(str::to_owned).collect();
    let (mut without, mut sums) = (0, vec![0; words.len()]);
    for place in sites.len()..tally.accounts().len() {
        let is_meant = tally.add(place, &mut sums);
        without += u64::from(is_meant && tally.accounts()[place] != 0);
    }
    let figures = sites.figures(words.clone(), tally);
    let accounts = [figures.count() + without, without];
    let totals = figures.totals().zip(sums);
    let totals = totals.map(|(placed, without)| [placed.wrapping_add(without), without]);
    Asked {
        accounts,
        sums: words.into_iter().zip(totals).collect(),
        figures,
    }
}

/// What `spread` says of `sites`, and of what has none.
fn spread_out(sites: &Sites, spread: Spread) -> Asked {
    let words = spread.measures.iter().map(|(word, _)| word.clone());
    let words: Vec<String> = words.collect();
    let all = spread.meant.iter().skip(1).filter(|meant| **meant).count() as u64;
    let totals = spread.measures.iter().map(|(_, values)| {
        let values = values.iter();
        values.fold(0_i64, |sum, value| sum.wrapping_add(*value))
    });
    let totals: Vec<i64> = totals.collect();
    let figures = sites.figures(words.clone(), spread);
    let sums = totals.into_iter().zip(figures.totals());
    let sums = sums.map(|(all, placed)| [all, all.wrapping_sub(placed)]);
    Asked {
        accounts: [all, all.saturating_sub(figures.count())],
        sums: words.into_iter().zip(sums).collect(),
        figures,
    }
}

/// The box of what a layer shows that is not of own regions.
pub(super) fn bounds(layer: Layer) -> Bounds {
    ATLAS.bounds(layer)
}

/// The points of the map: every account that has a position.
pub(super) fn sites_of(warehouse: &Warehouse) -> Result<Sites, warehouse::Error> {
    let mut points = Vec::new();
    warehouse.each_site(|row| {
        points.push(SitePoint {
            position: row.position,
            account: row.account,
            precision: row.precision,
        });
    })?;
    Ok(Sites::new(points))
}

/// Anchors as they are told: a metre is as exact as a label stands.
fn rounded<'a>(anchors: impl Iterator<Item = (&'a str, LonLat)>) -> Anchors {
    let round = |degrees: f64| (degrees * 1e5).round() / 1e5;
    let anchors = anchors.map(|(key, at)| (key.to_owned(), [round(at.lon()), round(at.lat())]));
    Anchors {
        anchors: anchors.collect(),
    }
}
