//! Which provider is asked, where, how often, and how long it has.

use std::str::FromStr;
use std::time::Duration;

use crate::word;

/// Whose answers a service gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `/search?format=jsonv2`
    Nominatim,
    /// `/api`
    Photon,
    /// `/v1/search`
    Pelias,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Nominatim, Self::Photon, Self::Pelias];

    /// The word of the kind in settings and sources.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nominatim => "nominatim",
            Self::Photon => "photon",
            Self::Pelias => "pelias",
        }
    }
}

/// A provider and its address, such as `nominatim=http://127.0.0.1:8088`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Whose answers it gives.
    pub kind: Kind,
    /// Its address without a slash at the end; what is asked for is put behind.
    pub base: String,
}

/// Why a text is no setting.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SettingError {
    /// There is no kind, or no address.
    #[error("say KIND=URL, such as nominatim=http://127.0.0.1:8088")]
    Form,
    /// The kind is not known.
    #[error("\"{word}\" is no kind of geocoder{}; kinds are nominatim, photon and pelias", meant(.nearest.as_ref()))]
    UnknownKind {
        /// The word.
        word: String,
        /// The kind most like it.
        nearest: Option<String>,
    },
    /// The address is not one of a web server.
    #[error(
        "\"{0}\" is no address of a geocoder: it must begin with http:// or https:// and have a host, and neither a password nor what stands behind ? or #"
    )]
    Address(String),
    /// The number is not one that can be kept.
    #[error("\"{word}\" is no number of {unit} between {least} and {most}")]
    Number {
        /// The word.
        word: String,
        /// What is counted.
        unit: &'static str,
        /// The least it may be.
        least: f64,
        /// The most it may be.
        most: f64,
    },
}

fn meant(nearest: Option<&String>) -> String {
    nearest.map_or_else(String::new, |word| format!(" (did you mean \"{word}\"?)"))
}

impl FromStr for Setting {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Self, SettingError> {
        let (word, base) = text.split_once('=').ok_or(SettingError::Form)?;
        let (word, base) = (word.trim(), base.trim().trim_end_matches('/'));
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == word);
        let kind = kind.ok_or_else(|| SettingError::UnknownKind {
            word: word.to_owned(),
            nearest: word::nearest(word, Kind::ALL.map(Kind::name), 1).pop(),
        })?;
        if !is_web_address(base) {
            return Err(SettingError::Address(base.to_owned()));
        }
        Ok(Self {
            kind,
            base: base.to_owned(),
        })
    }
}

fn is_web_address(base: &str) -> bool {
    let rest = ["http://", "https://"]
        .into_iter()
        .find_map(|scheme| base.strip_prefix(scheme));
    let host = rest.map(|rest| rest.split('/').next().unwrap_or_default());
    let strange = |sign: char| sign.is_whitespace() || sign.is_control() || "?#@\\".contains(sign);
    host.is_some_and(|host| !host.is_empty() && !host.starts_with(':')) && !base.contains(strange)
}

/// How often a provider is asked at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The time from one question to the next.
    pub pause: Duration,
}

impl FromStr for Rate {
    type Err = SettingError;

    /// Questions a second; a fraction for less than one.
    fn from_str(text: &str) -> Result<Self, SettingError> {
        let a_second = number(text, "questions a second", 0.001, 1_000.0)?;
        Ok(Self {
            pause: Duration::from_secs_f64(1.0 / a_second),
        })
    }
}

/// How long an answer may take, its last byte included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeout(pub Duration);

impl FromStr for Timeout {
    type Err = SettingError;

    /// Seconds, or a fraction.
    fn from_str(text: &str) -> Result<Self, SettingError> {
        let seconds = number(text, "seconds", 0.01, 300.0)?;
        Ok(Self(Duration::from_secs_f64(seconds)))
    }
}

fn number(text: &str, unit: &'static str, least: f64, most: f64) -> Result<f64, SettingError> {
    let number = text.trim().parse().ok();
    let number = number.filter(|number: &f64| (least..=most).contains(number));
    number.ok_or_else(|| SettingError::Number {
        word: text.to_owned(),
        unit,
        least,
        most,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = match text.parse::<Setting>() {
            Ok(Setting { kind, base }) => format!("{} at {base}", kind.name()),
            Err(error) => error.to_string(),
        };
        assert!(found.starts_with(expected), "{found}");
    }

    #[test]
    fn settings_are_read_or_say_what_is_wrong() {
        check(
            "nominatim=http://127.0.0.1:8088/",
            "nominatim at http://127.0.0.1:8088",
        );
        check(
            "photon=https://geo.example/a/b",
            "photon at https://geo.example/a/b",
        );
        check("http://127.0.0.1", "say KIND=URL");
        check(
            "nominatm=http://a",
            "\"nominatm\" is no kind of geocoder (did you mean \"nominatim\"?)",
        );
        for address in [
            "ftp://a",
            "a",
            "http://",
            "http://:80",
            "http:///a",
            "http://u:p@a",
            "http://a?b",
            "file:///a",
        ] {
            check(&format!("pelias={address}"), "\"");
        }
    }

    #[test]
    fn numbers_have_bounds() {
        assert_eq!("0.5".parse::<Rate>().unwrap().pause, Duration::from_secs(2));
        assert_eq!("5".parse::<Timeout>().unwrap().0, Duration::from_secs(5));
        for text in ["0", "-1", "NaN", "inf", "1e9", "a", ""] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
            assert!(text.parse::<Timeout>().is_err(), "{text}");
        }
    }
}
