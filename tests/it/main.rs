//! One integration binary, one file per subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod architecture;
mod cluster;
mod cube;
mod export;
mod geocode;
mod http;
mod import;
mod layer;
mod measure;
mod ogc;
mod oracle;
mod paper;
mod process;
mod provider;
mod region;
mod review;
mod step;
mod tile;
mod view;
mod world;
