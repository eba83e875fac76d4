//! Hierarchies of own regions: each is one immutable file.

pub mod file;
