//! Where sites are, and tiles that are looked at as often as there are sites in them.

use duckdb::arrow::array::AsArray;
use duckdb::arrow::datatypes::Float64Type;
use revier::app::App;
use revier::place::LonLat;
use revier::tile::TileId;
use revier::tile::world::project;

use crate::tools::Random;

/// The positions of all sites.
pub struct Places {
    /// Columns and rows of the world.
    pub at: Vec<[u32; 2]>,
    random: Random,
}

impl Places {
    pub async fn read(app: &App) -> Self {
        let derived = app.derived().await.expect("a warehouse");
        let sql = "SELECT lon, lat FROM account WHERE lon IS NOT NULL ORDER BY id";
        let batches = derived.warehouse.query(sql, &[]).expect("positions");
        let mut at = Vec::new();
        for batch in batches {
            let [lon, lat] = [0, 1].map(|place| batch.column(place).as_primitive::<Float64Type>());
            let pairs = lon.values().iter().zip(lat.values());
            let positions = pairs.filter_map(|(lon, lat)| LonLat::parse(*lon, *lat).ok());
            at.extend(positions.map(project));
        }
        assert!(!at.is_empty(), "there are sites");
        Self {
            at,
            random: Random(5),
        }
    }

    /// The tile of `zoom` that a site lies in, any site as likely as any other.
    pub fn tile(&mut self, zoom: u8) -> TileId {
        let [x, y] = self.at[self.random.below(self.at.len())];
        let index = |n: u32| u32::try_from(u64::from(n) >> (32 - zoom)).unwrap_or_default();
        TileId::parse(zoom, index(x), index(y)).expect("a tile of the pyramid")
    }

    /// A zoom from `first` to `last`, any as likely as any other.
    pub fn between(&mut self, first: u8, last: u8) -> u8 {
        let more = self.random.below(usize::from(last - first) + 1);
        first + u8::try_from(more).unwrap_or_default()
    }
}
