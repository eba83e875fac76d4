//! A provider asked at its pace, and never twice the same.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use moka::sync::Cache;

use super::{Answer, Error, Provider, Rate};

/// The most answers that are remembered.
const MAX_ANSWERS: u64 = 10_000;
/// How long an answer is remembered.
const FRESH: Duration = Duration::from_hours(24);
/// The longest time that a question waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// A provider with a pace and a memory. Of the same questions at the same time one is asked;
/// failures are not remembered. The memory goes with the process.
pub struct Careful<P> {
    provider: P,
    pace: Mutex<Pace>,
    answers: Cache<(String, usize), Answer>,
}

impl<P: Provider> Careful<P> {
    /// `provider`, asked at most at `rate`.
    #[must_use]
    pub fn new(provider: P, rate: Rate) -> Self {
        Self {
            provider,
            pace: Mutex::new(Pace {
                pause: rate.pause,
                next: None,
            }),
            answers: Cache::builder()
                .max_capacity(MAX_ANSWERS)
                .time_to_live(FRESH)
                .build(),
        }
    }

    fn ask(&self, query: &str, limit: usize) -> Result<Answer, Error> {
        let turn = self.pace().turn(Instant::now());
        let wait = turn.map_err(|wait| Error::Busy {
            name: self.provider.name(),
            wait,
        })?;
        std::thread::sleep(wait);
        let answer = self.provider.search(query, limit);
        if let Err(Error::TooOften { pause, .. }) = &answer {
            self.pace().rest(Instant::now(), *pause);
        }
        answer
    }

    fn pace(&self) -> std::sync::MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P: Provider> Provider for Careful<P> {
    fn name(&self) -> &'static str {
        self.provider.name()
    }

    fn search(&self, query: &str, limit: usize) -> Result<Answer, Error> {
        let query = query.split_whitespace().collect::<Vec<_>>().join(" ");
        if query.is_empty() || limit == 0 {
            return Ok(Answer::default());
        }
        let ask = || self.ask(&query, limit);
        let found = self.answers.try_get_with((query.clone(), limit), ask);
        found.map_err(|error| (*error).clone())
    }
}

/// When the next question may go out.
#[derive(Debug)]
struct Pace {
    pause: Duration,
    next: Option<Instant>,
}

impl Pace {
    /// How long a question that comes `now` has to wait; its turn is kept for it.
    ///
    /// # Errors
    /// The wait, when it is longer than [`PATIENCE`]; no turn is kept then.
    fn turn(&mut self, now: Instant) -> Result<Duration, Duration> {
        let turn = self.next.map_or(now, |next| next.max(now));
        let wait = turn - now;
        if wait > PATIENCE {
            return Err(wait);
        }
        self.next = Some(turn + self.pause);
        Ok(wait)
    }

    /// Gives no turn for `pause`.
    fn rest(&mut self, now: Instant, pause: Duration) {
        let until = now + pause;
        self.next = Some(self.next.map_or(until, |next| next.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Fails at first, then answers.
    struct Counted(AtomicUsize);

    impl Provider for Counted {
        fn name(&self) -> &'static str {
            "counted"
        }

        fn search(&self, _: &str, _: usize) -> Result<Answer, Error> {
            match self.0.fetch_add(1, Ordering::Relaxed) {
                0 => Err(Error::TooOften {
                    name: "counted",
                    pause: Duration::ZERO,
                }),
                count => Ok(Answer {
                    credit: Some(count.to_string()),
                    ..Answer::default()
                }),
            }
        }
    }

    #[test]
    fn answers_are_remembered_and_failures_are_not() {
        let pause = Duration::ZERO;
        let careful = Careful::new(Counted(AtomicUsize::new(0)), Rate { pause });
        let credit = |query: &str| careful.search(query, 5).map(|answer| answer.credit);
        assert!(credit("Köln").is_err());
        assert_eq!(credit("Köln").unwrap().as_deref(), Some("1"));
        assert_eq!(credit("  Köln ").unwrap().as_deref(), Some("1"));
        assert_eq!(credit("Bonn").unwrap().as_deref(), Some("2"));
        assert_eq!(credit(" ").unwrap(), None);
        assert_eq!(careful.provider.0.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn turns_keep_the_pace() {
        let start = Instant::now();
        let seconds = Duration::from_secs;
        let mut pace = Pace {
            pause: seconds(4),
            next: None,
        };
        let mut turn = |at| pace.turn(start + seconds(at)).map(|wait| wait.as_secs());
        assert_eq!(turn(0), Ok(0));
        assert_eq!(turn(1), Ok(3));
        assert_eq!(turn(1), Ok(7));
        assert_eq!(turn(1), Err(seconds(11)));
        assert_eq!(turn(2), Ok(10));
        assert_eq!(turn(60), Ok(0));
        pace.rest(start + seconds(60), seconds(30));
        assert_eq!(pace.turn(start + seconds(79)), Err(seconds(11)));
        assert_eq!(pace.turn(start + seconds(80)), Ok(seconds(10)));
    }
}
