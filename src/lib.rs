//! Revier, a geographic CRM: customer and sales records are imported, located offline and indexed
//! in space; a cube adds them up by region, time and product; a server gives vector tiles and
//! drill-downs to a map in the browser.
//!
//! # The way of the data
//!
//! ```text
//! files ─> import ─> record ─> geocode ─> spatial ─┬─> store   accounts, sites, batches   SQLite
//!                                                  └─> facts   sales lines                Parquet
//!                                      store + facts + units ─> warehouse   derived       DuckDB
//! browser <─ http <─ app <─ cube, export, tile <─ warehouse ─> cluster   the same lines   ClickHouse
//! paper <──────────────┘
//! ```
//!
//! Two rests hold the truth, one is derived:
//!
//! - [`store`] holds accounts with their sites and the batches that brought them. A batch is one
//!   transaction; the newest version of an account counts; undoing a batch removes its versions.
//! - [`facts`] holds sales lines as Parquet parts that are written once. A part counts when its
//!   batch is committed in the store.
//! - Streets and houses that a user imports are one immutable file a batch in the home; they tell
//!   [`geocode`] more than the shipped gazetteer, and go with their batch.
//! - So are the regions of a company's own; of each name the newest batch is a hierarchy.
//! - [`warehouse`] is built from store and facts, one immutable file per version of the truth: whole, or
//!   as a step from a copy of the version before. It can be deleted at any time. A question sees one
//!   version to its end.
//!
//! # The map of the house
//!
//! A module names only modules listed above it; `tests/it/architecture.rs` reads the list below
//! and keeps it so. SQL stands in `store`, `facts`, `warehouse`, `cluster` and `cube` only, and where
//! `export` has DuckDB write Parquet, or writes a GeoPackage, which `import` reads; axum in `http`
//! only, and the environment is read in `app::Config` only.
//!
//! Nothing leaves the machine but what [`provider`] sends to another geocoder, only when the
//! operator has named one and a user asks for it, and the numbered lines that [`cluster`] puts
//! onto machines that the operator has named.
//!
//! # Architecture notes
//!
//! - Accounts are versioned by batch in the same way as sales lines are, so undo is one idea.
//! - The warehouse is a new file per version rather than one that is changed: readers never wait
//!   for a refresh, none sees two versions, and a crash leaves nothing half done.
//! - What a step can't take (own regions, rates, undone account files, much at once) makes the file
//!   whole. `tests/it/step.rs` holds both ways against each other, table by table.
//! - A tile of sites is a question: sites stand along one curve in blocks that end where cells do, with
//!   running sums of what it says, so that a tile costs its cells and adds up to the cube's total. What
//!   it says is counted from a ledger, the lines in memory in the order of the sites; where they are too
//!   many, or don't tell it alone, from the engine's groups by account.
//! - A street map of the user's own is read from its file at each tile, not mapped into memory: who
//!   shortens the file meanwhile gets an error, and the server lives on.
//! - A position that a person decided on is a placement beside the versions, not a version: files
//!   are compared with files, so the same file twice still changes nothing, and no import moves it.
//! - What is derived is built from a snapshot of the store, so that a change never waits for it.
//! - The cube asks an engine for plain aggregation only. What looks at other rows, at parents or at
//!   another time is computed from the groups, once for every engine.
//! - Different customers are counted from the months in which each account bought, kept as bits:
//!   no sum of smaller counts gives their number, and the lines need not be read for it.
//! - Money in another currency is rounded line by line when the warehouse is built, so that
//!   converted figures add up to the cent as others do.
//! - A printed map is one drawing, SVG; PNG and PDF are made of it by libraries in Rust. Colours and
//!   fonts are the same on every machine, and no driver or font of the system is asked for.
//! - A line carries the numbers of its regions, so a question joins nothing, and any engine that
//!   adds up numbers can answer it: names stay here.
//!
//! Deliberately absent until their step comes: sign-in and access predicates, territories, drive
//! times.

// Words.
pub mod place;
pub mod record;
pub mod word;
pub mod disk;
pub mod stop;

// From files to located records.
pub mod reference;
pub mod import;
pub mod geocode;
pub mod spatial;
pub mod demo;
pub mod provider;

// The truth, and what is derived from it.
pub mod store;
pub mod facts;
pub mod warehouse;
pub mod cluster;

// Answers.
pub mod cube;
pub mod export;
pub mod tile;
pub mod ogc;
pub mod paper;

// The open home and its door.
pub mod app;
pub mod http;
