//! The company of `tests/world`, in a home of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use revier::app::{App, Config, ImportRequest, RegionRequest, Summary, Watch};
use revier::cube::{Answer, Cell};
use revier::import::Kind;
use tempfile::TempDir;

/// A generator of numbers that look random: a linear congruence, its upper bits.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, count: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % count
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// An open home in a folder that is removed with it.
pub struct World {
    pub app: App,
    pub folder: TempDir,
}

impl World {
    /// A home without records.
    pub async fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let app = open(folder.path()).await;
        Self { app, folder }
    }

    /// The home of the company.
    pub async fn counted() -> Self {
        let world = Self::empty().await;
        world.import(Kind::Accounts, &file("accounts.csv")).await;
        world.import(Kind::Sales, &file("sales.csv")).await;
        world
    }

    pub async fn import(&self, kind: Kind, path: &Path) -> Summary {
        import(&self.app, kind, path).await.unwrap()
    }

    /// A file of the world's folder with this content.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub async fn ask(&self, question: serde_json::Value) -> Answer {
        self.app.ask(question.to_string().as_bytes()).await.unwrap()
    }
}

pub async fn open(folder: &Path) -> App {
    App::open(&Config::of(folder.join("home"))).await.unwrap()
}

pub async fn import(app: &App, kind: Kind, path: &Path) -> Result<Summary, revier::app::Error> {
    let request = ImportRequest {
        path: path.to_owned(),
        name: path.file_name().unwrap().to_string_lossy().into_owned(),
        kind,
        mapping: None,
        currency: None,
        epsg: None,
        regions: RegionRequest::default(),
    };
    app.import(request, Arc::new(Watch::default())).await
}

/// A file of `tests/world`.
pub fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/world")
        .join(name)
}

/// The rows of an answer as text, a line each.
pub fn text(answer: &Answer) -> Vec<String> {
    let cell = |cell: &Cell| match cell {
        Cell::None => "-".to_owned(),
        Cell::Integer(value) => value.to_string(),
        Cell::Decimal(value) => value.to_string(),
        Cell::Key(key) => key.clone(),
    };
    let row = |row: &Vec<Cell>| row.iter().map(cell).collect::<Vec<_>>().join(" ");
    answer.rows.iter().map(row).collect()
}
