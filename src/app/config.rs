//! Configuration: the one place that reads the environment.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cluster;
use crate::provider::{Rate, Setting, Timeout};

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
    /// Other machines that add up in the place of this one.
    #[arg(
        long,
        env = "REVIER_CUBE",
        value_name = "ADDRESS",
        hide_env_values = true,
        global = true,
        help = "ClickHouse that adds up in the place of this machine, such as \
                clickhouse://user:password@host:8123/database?cluster=name"
    )]
    pub cube: Option<cluster::Setting>,
    /// A base map of the user's own.
    #[arg(
        long,
        env = "REVIER_BASEMAP",
        value_name = "FILE",
        global = true,
        help = "Street-level base map: a PMTiles file of vector tiles in the schema of Protomaps"
    )]
    pub basemap: Option<PathBuf>,
    /// Another geocoder, which is asked when somebody asks for it.
    #[command(flatten)]
    pub geocoder: GeocoderConfig,
}

/// Another geocoder and how it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(next_help_heading = "Another geocoder (nothing is sent to it unless a user asks)")]
pub struct GeocoderConfig {
    /// KIND=URL, such as nominatim=http://127.0.0.1:8088; kinds: nominatim, photon, pelias
    #[arg(
        long = "geocoder",
        env = "REVIER_GEOCODER",
        value_name = "KIND=URL",
        global = true
    )]
    pub setting: Option<Setting>,
    /// Questions a second at most; 0.5 is one in two seconds
    #[arg(
        long = "geocoder-rate",
        env = "REVIER_GEOCODER_RATE",
        value_name = "NUMBER",
        default_value = "1",
        global = true
    )]
    pub rate: Rate,
    /// Seconds that an answer may take
    #[arg(
        long = "geocoder-timeout",
        env = "REVIER_GEOCODER_TIMEOUT",
        value_name = "SECONDS",
        default_value = "5",
        global = true
    )]
    pub timeout: Timeout,
}

impl Config {
    /// That of a home, with everything else as it is without options.
    #[must_use]
    pub fn of(home: impl Into<PathBuf>) -> Self {
        Self {
            home: home.into(),
            cube: None,
            basemap: None,
            geocoder: GeocoderConfig {
                setting: None,
                rate: Rate {
                    pause: Duration::from_secs(1),
                },
                timeout: Timeout(Duration::from_secs(5)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Arguments {
        #[command(flatten)]
        config: Config,
    }

    #[test]
    fn no_geocoder_is_asked_unless_named() {
        let config = Arguments::parse_from(["revier", "--home", "a"]).config;
        assert_eq!(config, Config::of("a"));
    }

    #[test]
    fn a_geocoder_is_named_with_its_pace() {
        let words = "revier --geocoder photon=http://a --geocoder-rate 4 --geocoder-timeout 2";
        let config = Arguments::parse_from(words.split(' ')).config.geocoder;
        assert_eq!(config.setting.unwrap().base, "http://a");
        assert_eq!(config.rate.pause, Duration::from_millis(250));
        assert_eq!(config.timeout.0, Duration::from_secs(2));
    }
}
