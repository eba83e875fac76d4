//! Other geocoders, asked over HTTP when the user wants so and the operator has named one.
//!
//! Nothing of this happens by itself: without a [`Setting`] there is no provider, and with one it
//! is asked only where somebody asks for it. Understood are the answers of Nominatim, Photon and
//! Pelias, which many services give. Around each stands [`Careful`]: it keeps the pace that the
//! service allows and remembers answers.
//!
//! What a provider says is turned into [`Candidate`]s like our own; how sure they are is judged
//! by us, because providers tell how prominent a place is and not how probable ([`found`]).

mod careful;
pub mod found;
mod nominatim;
mod pelias;
mod photon;
mod setting;
mod wire;

use std::time::Duration;

pub use careful::Careful;
pub use nominatim::Nominatim;
pub use pelias::Pelias;
pub use photon::Photon;
pub use setting::{Kind, Rate, Setting, SettingError, Timeout};

use crate::geocode::candidate::Candidate;

/// A geocoder that is not ours.
pub trait Provider: Send + Sync {
    /// The word of the provider, which is also the source of its candidates, such as `nominatim`.
    fn name(&self) -> &'static str;

    /// What `query`, an address or a name in one line, may mean; the best first, at most `limit`.
    /// Waits for the network.
    ///
    /// # Errors
    /// The provider must answer in time and in its own form.
    fn search(&self, query: &str, limit: usize) -> Result<Answer, Error>;
}

/// What a provider answered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// What may be meant, the best first.
    pub candidates: Vec<Candidate>,
    /// Whom to name as the origin of the data; none where the answer says nothing.
    pub credit: Option<String>,
}

/// Why a provider gave no answer, and what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nobody answers at its address.
    #[error(
        "{name} at {base} cannot be reached ({detail}): see whether it runs and whether --geocoder names its address"
    )]
    Unreachable {
        /// The provider.
        name: &'static str,
        /// Its address.
        base: String,
        /// What the system says.
        detail: String,
    },
    /// The answer took too long.
    #[error(
        "{name} at {base} did not answer within {} s; --geocoder-timeout gives it longer",
        .limit.as_secs_f64()
    )]
    Timeout {
        /// The provider.
        name: &'static str,
        /// Its address.
        base: String,
        /// How long it had.
        limit: Duration,
    },
    /// It was asked too often, as it says (429).
    #[error(
        "{name} was asked too often and wants {} s of peace; --geocoder-rate asks it more seldom",
        .pause.as_secs()
    )]
    TooOften {
        /// The provider.
        name: &'static str,
        /// How long it wants not to be asked.
        pause: Duration,
    },
    /// Others wait for it already, and the pace would be broken.
    #[error(
        "{name} is asked at its pace and others wait: ask again in {} s, or raise --geocoder-rate if it allows more",
        .wait.as_secs().max(1)
    )]
    Busy {
        /// The provider.
        name: &'static str,
        /// When its turn would come.
        wait: Duration,
    },
    /// It refuses the question (4xx).
    #[error(
        "{name} at {base} refused the question with status {status}: see whether its address is right and whether it wants a key"
    )]
    Refused {
        /// The provider.
        name: &'static str,
        /// Its address.
        base: String,
        /// The HTTP status.
        status: u16,
    },
    /// It failed (5xx).
    #[error("{name} at {base} failed with status {status}: its log says why")]
    Failed {
        /// The provider.
        name: &'static str,
        /// Its address.
        base: String,
        /// The HTTP status.
        status: u16,
    },
    /// It sends on to another address.
    #[error(
        "{name} at {base} sends on to \"{to}\", which is not followed: name that address in --geocoder if it is right"
    )]
    Redirected {
        /// The provider.
        name: &'static str,
        /// Its address.
        base: String,
        /// Where it sends on to.
        to: String,
    },
    /// The answer is larger than any that makes sense.
    #[error("the answer of {name} at {base} is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The provider.
        name: &'static str,
        /// Its address.
        base: String,
        /// The most that is read.
        limit_bytes: u64,
    },
    /// The answer is not of the form of this provider.
    #[error(
        "what answers at {base} is no {name} ({detail}): see whether --geocoder names the right kind"
    )]
    Unclear {
        /// The provider.
        name: &'static str,
        /// Its address.
        base: String,
        /// What is wrong with the answer.
        detail: String,
    },
}

impl<P: Provider + ?Sized> Provider for Box<P> {
    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn search(&self, query: &str, limit: usize) -> Result<Answer, Error> {
        (**self).search(query, limit)
    }
}

/// The provider of `setting`, asked at most at `rate` and given `timeout` for each answer.
#[must_use]
pub fn open(setting: &Setting, rate: Rate, timeout: Timeout) -> Careful<Box<dyn Provider>> {
    let provider: Box<dyn Provider> = match setting.kind {
        Kind::Nominatim => Box::new(Nominatim::at(&setting.base, timeout)),
        Kind::Photon => Box::new(Photon::at(&setting.base, timeout)),
        Kind::Pelias => Box::new(Pelias::at(&setting.base, timeout)),
    };
    Careful::new(provider, rate)
}
