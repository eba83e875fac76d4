//! Configuration: the one place that reads the environment.

use std::path::PathBuf;

use clap::Args;

/// What every verb needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Config {
    /// Folder that holds all data of one company
    #[arg(
        long,
        env = "REVIER_HOME",
        default_value = "revier-home",
        global = true
    )]
    pub home: PathBuf,
}
