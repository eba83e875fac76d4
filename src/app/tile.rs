//! Tiles of the home: regions and base map from the atlas, sites from what is derived.

use std::sync::LazyLock;

use serde_json::Value;

use super::{App, Error, blocking};
use crate::record::site::Precision;
use crate::reference::{CREDITS, fingerprint};
use crate::tile::TileId;
use crate::tile::atlas::{Atlas, Source};
use crate::tile::layer::Layer;
use crate::tile::site::{SitePoint, Sites};
use crate::warehouse::{self, Warehouse};

static ATLAS: LazyLock<Atlas> = LazyLock::new(|| Atlas::new(Source::SHIPPED));

impl App {
    /// The vector tile of `layer`; `None` when nothing is in it.
    ///
    /// # Errors
    /// The warehouse or the shipped geometries must answer.
    pub async fn tile(&self, layer: Layer, tile: TileId) -> Result<Option<Vec<u8>>, Error> {
        let derived = self.derived().await?;
        blocking(move || {
            Ok(match layer {
                Layer::Sites => derived.sites.encode(layer.name(), tile)?,
                Layer::Own(level) => match derived.own_at(level) {
                    Some(own) => own.encode(layer, tile)?,
                    None => None,
                },
                other => ATLAS.encode(other, tile)?,
            })
        })
        .await
    }

    /// The `TileJSON` of `layer`; the address in it carries the version, so that what a browser
    /// keeps is never older than what it asks for.
    ///
    /// # Errors
    /// The warehouse must answer.
    pub async fn tile_json(&self, layer: Layer) -> Result<Value, Error> {
        let version = self.tile_version(layer).await?;
        let tiles = format!("/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt?v={version}");
        let mut bounds = ATLAS.bounds(layer);
        if let Layer::Own(level) = layer
            && let Some(own) = self.derived().await?.own_at(level)
        {
            bounds = own.bounds();
        }
        Ok(layer.describe(&tiles, bounds, &CREDITS.join(" · ")))
    }

    /// The version of what `layer` shows: of the data for sites and own
    /// regions, of the product for the others.
    ///
    /// # Errors
    /// The warehouse must answer.
    pub async fn tile_version(&self, layer: Layer) -> Result<String, Error> {
        Ok(match layer {
            Layer::Sites | Layer::Own(_) => self.derived().await?.warehouse.version().to_owned(),
            _ => format!(
                "{}-{}",
                env!("CARGO_PKG_VERSION"),
                fingerprint("units.csv.gz")
            ),
        })
    }
}

/// The points of the map: every account that has a position.
pub(super) fn sites_of(warehouse: &Warehouse) -> Result<Sites, warehouse::Error> {
    let accounts = warehouse.dictionary("account")?;
    let points = warehouse.sites()?.into_iter().filter_map(|row| {
        let account = accounts.member(row.account)?;
        Some(SitePoint {
            position: row.position,
            key: account.key.clone(),
            name: account.name.clone(),
            precision: Precision::parse(&row.precision).unwrap_or_default(),
        })
    });
    Ok(Sites::new(points))
}
