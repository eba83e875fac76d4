//! One question over HTTP: what goes out, and what is believed of what comes back.

use std::time::Duration;

use serde::de::DeserializeOwned;
use ureq::http::{HeaderMap, header};

use super::{Error, Timeout};

/// The most bytes of an answer: a hundred times as many as one of five candidates has.
const MAX_ANSWER_BYTES: u64 = 1 << 20;
/// How long a provider is left in peace that wants it and does not say how long.
const PEACE: Duration = Duration::from_secs(10);
/// The longest time that a provider may ask for.
const LONGEST_PEACE: Duration = Duration::from_hours(1);

/// The way to a provider. Redirects are not followed and no proxy is used: the question goes to
/// the address that was named and nowhere else.
pub(super) struct Wire {
    name: &'static str,
    base: String,
    limit: Duration,
    agent: ureq::Agent,
}

impl Wire {
    /// To the provider `name` at `base`.
    pub fn to(name: &'static str, base: &str, Timeout(limit): Timeout) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(limit))
            .max_redirects(0)
            .proxy(None)
            .user_agent(concat!("revier/", env!("CARGO_PKG_VERSION")))
            .build();
        Self {
            name,
            base: base.to_owned(),
            limit,
            agent: ureq::Agent::new_with_config(config),
        }
    }

    /// The JSON at `path`, which begins with a slash.
    pub fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        let asked = self.agent.get(format!("{}{path}", self.base)).call();
        let mut response = asked.map_err(|error| self.broken(error))?;
        let status = response.status().as_u16();
        match status {
            200 => {}
            300..400 => return Err(self.redirected(response.headers())),
            429 => {
                let (name, pause) = (self.name, peace(response.headers()));
                return Err(Error::TooOften { name, pause });
            }
            500.. => {
                return Err(Error::Failed {
                    name: self.name,
                    base: self.base.clone(),
                    status,
                });
            }
            _ => {
                return Err(Error::Refused {
                    name: self.name,
                    base: self.base.clone(),
                    status,
                });
            }
        }
        let body = response.body_mut().with_config().limit(MAX_ANSWER_BYTES);
        let bytes = body.read_to_vec().map_err(|error| self.broken(error))?;
        serde_json::from_slice(&bytes).map_err(|error| self.unclear(&error.to_string()))
    }

    /// An answer that is not of the provider's form.
    pub fn unclear(&self, detail: &str) -> Error {
        Error::Unclear {
            name: self.name,
            base: self.base.clone(),
            detail: detail.chars().take(200).collect(),
        }
    }

    fn broken(&self, error: ureq::Error) -> Error {
        let (name, base) = (self.name, self.base.clone());
        match error {
            ureq::Error::Timeout(_) => Error::Timeout {
                name,
                base,
                limit: self.limit,
            },
            ureq::Error::BodyExceedsLimit(limit_bytes) => Error::TooLarge {
                name,
                base,
                limit_bytes,
            },
            error => Error::Unreachable {
                name,
                base,
                detail: error.to_string(),
            },
        }
    }

    fn redirected(&self, headers: &HeaderMap) -> Error {
        let to = headers.get(header::LOCATION);
        let to = to.and_then(|to| to.to_str().ok()).unwrap_or_default();
        Error::Redirected {
            name: self.name,
            base: self.base.clone(),
            to: to.chars().take(200).collect(),
        }
    }
}

/// How long a provider wants not to be asked: `Retry-After` in seconds (RFC 9110, 10.2.3).
fn peace(headers: &HeaderMap) -> Duration {
    let told = headers.get(header::RETRY_AFTER);
    let told = told.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    told.map_or(PEACE, Duration::from_secs).min(LONGEST_PEACE)
}
