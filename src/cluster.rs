//! The lines of a warehouse on other machines: ClickHouse, spoken to over HTTP.
//!
//! 1. A [`Setting`] names the server that is asked and, where there are several, its cluster.
//! 2. [`Cluster::load`] puts the lines of one version there. Which line lies on which host and in
//!    which part is computed from the line, so a load that broke off is completed and one that is
//!    repeated changes nothing: each part whose sums are not those of the warehouse is thrown away
//!    and sent again, and a version counts as [`Loaded`] when every part of every host adds up.
//! 3. [`Cluster::numbers`] asks for numbers. A host that is lost or too slow is an [`Error`],
//!    never an answer of the others: the servers are told to leave out no shard, and because old
//!    ones wait for a silent shard without end, the hosts are looked after from here.
//!
//! Tables are called `revier_sale_…` by the version of the warehouse. The database belongs to one
//! home: tables of that name that are of no use to it are removed.

mod load;
mod setting;
mod wire;

pub use load::{Host, Loaded};
pub use setting::{Setting, SettingError};

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use wire::Wire;

use crate::{stop, warehouse};

/// Why the cluster did not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody answers at an address.
    #[error("ClickHouse at {host} cannot be reached: {detail}")]
    Unreachable {
        /// The address.
        host: String,
        /// What the system says.
        detail: String,
    },
    /// An answer took too long.
    #[error(
        "ClickHouse at {host} did not answer within {seconds} s; timeout= in --cube gives it longer"
    )]
    Timeout {
        /// The address.
        host: String,
        /// How long it had.
        seconds: u64,
    },
    /// It refused or failed; where a shard is lost, it says which.
    #[error("ClickHouse at {host} failed: {detail}")]
    Failed {
        /// The address.
        host: String,
        /// What it says.
        detail: String,
    },
    /// The answer is not what was asked for.
    #[error("what answers at {host} is no ClickHouse: {detail}")]
    Unclear {
        /// The address.
        host: String,
        /// What is wrong with the answer.
        detail: String,
    },
    /// The configuration of the server has no cluster of that name.
    #[error("ClickHouse at {host} knows no cluster \"{cluster}\"; its remote_servers name them")]
    NoSuchCluster {
        /// The address.
        host: String,
        /// The cluster.
        cluster: String,
    },
    /// The setting names more or fewer hosts than the cluster has.
    #[error(
        "--cube names {named} hosts, the cluster \"{cluster}\" has {known}: name each by its HTTP address, in order of shard and replica, or none"
    )]
    Hosts {
        /// The cluster.
        cluster: String,
        /// Hosts in the setting.
        named: usize,
        /// Hosts of the cluster.
        known: usize,
    },
    /// Sums over so many lines might not be exact.
    #[error("{lines} lines are more than the {most} whose sums are sure to be exact")]
    TooManyLines {
        /// Lines of the warehouse.
        lines: u64,
        /// Lines at most.
        most: u64,
    },
    /// What arrived is not what was sent.
    #[error("part {part} on {host} has {found} lines where {sent} were sent, or other sums")]
    Differs {
        /// The address.
        host: String,
        /// The part.
        part: u32,
        /// Lines that are there.
        found: u64,
        /// Lines that should be.
        sent: u64,
    },
    /// The warehouse could not give the lines.
    #[error(transparent)]
    Warehouse(#[from] warehouse::Error),
}

/// How long a question is at work before the hosts are looked after, and until they are again.
const LOOK: Duration = Duration::from_secs(1);

/// How often a server is told to end a question, and how long it has in between.
const KILLS: usize = 50;
const KILL_AGAIN: Duration = Duration::from_millis(100);

/// A cluster, and the way to it.
pub struct Cluster {
    setting: Setting,
    wire: Arc<Wire>,
    /// Whether a host did not answer when it was looked after last.
    is_lost: AtomicBool,
    /// One load at a time: two of one version would send the same parts.
    loading: Mutex<()>,
}

impl Cluster {
    /// The cluster of `setting`, not yet spoken to.
    #[must_use]
    pub fn new(setting: Setting) -> Self {
        Self {
            wire: Arc::new(Wire::new(&setting)),
            setting,
            is_lost: AtomicBool::default(),
            loading: Mutex::default(),
        }
    }

    /// The address of the server that is asked.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.setting.host
    }

    /// The rows that answer `sql`, each of `width` whole numbers, one after the other. All `hosts`
    /// that are asked on the way must be there, one of each shard.
    ///
    /// # Errors
    /// Every shard must be there and answer in time.
    pub fn numbers(&self, sql: &str, width: usize, hosts: &[Host]) -> Result<Vec<i64>, Error> {
        if self.is_lost.load(Ordering::Relaxed) {
            self.look_after(hosts)?;
        }
        let (sender, receiver) = channel();
        let (wire, setting, sql) = (self.wire.clone(), self.setting.clone(), sql.to_owned());
        let (name, wake) = (query_name(), sender.clone());
        let (asked, has_ended) = (name.clone(), Arc::new(AtomicBool::default()));
        let ended = has_ended.clone();
        // Left behind when a host is lost: it ends by the limit of the answer.
        thread::spawn(move || {
            let answer = wire.ask(&setting.host, &sql, &asked, setting.timeout);
            ended.store(true, Ordering::Relaxed);
            // Nobody receives what came too late.
            let _ = sender.send(Some(answer));
        });
        let interrupt = move || {
            let _ = wake.send(None);
        };
        let text = stop::interruptible(interrupt, || {
            loop {
                match receiver.recv_timeout(LOOK) {
                    Ok(answer) => return answer.transpose(),
                    Err(RecvTimeoutError::Timeout) => self.look_after(hosts)?,
                    Err(RecvTimeoutError::Disconnected) => return Err(self.unclear("nothing")),
                }
            }
        });
        let Some(text) = text.transpose()?.flatten() else {
            self.kill(name, has_ended);
            return Err(warehouse::Error::Stopped.into());
        };
        self.rows(&text, width)
    }

    /// Has the server end a question that nobody waits for, on all its shards. It is told again
    /// until the question has ended: it may not have begun yet. Else it ends by its limit.
    fn kill(&self, name: String, has_ended: Arc<AtomicBool>) {
        let (wire, host) = (self.wire.clone(), self.setting.host.clone());
        thread::spawn(move || {
            let kill = format!("KILL QUERY WHERE query_id = '{name}' ASYNC");
            for _ in 0..KILLS {
                if has_ended.load(Ordering::Relaxed) {
                    return;
                }
                // A server that does not answer is asked again.
                let _ = wire.ask(&host, &kill, &query_name(), LOOK);
                thread::sleep(KILL_AGAIN);
            }
        });
    }

    /// Whether the server that is asked and a host of each shard answer.
    fn look_after(&self, hosts: &[Host]) -> Result<(), Error> {
        let asked = std::iter::once(self.host());
        let addresses: Vec<&str> = asked
            .chain(hosts.iter().map(|host| host.address.as_str()))
            .collect();
        let looked = at_once(&addresses, |address| self.wire.look(address));
        let mut looked = looked.into_iter();
        let mut found = looked.next().unwrap_or(Ok(()));
        let looked: Vec<(&Host, Result<(), Error>)> = hosts.iter().zip(looked).collect();
        let alive: Vec<u32> = looked
            .iter()
            .filter(|(_, result)| result.is_ok())
            .map(|(host, _)| host.shard)
            .collect();
        for (host, result) in looked {
            if found.is_ok() && !alive.contains(&host.shard) {
                found = result;
            }
        }
        self.is_lost.store(found.is_err(), Ordering::Relaxed);
        found
    }

    fn rows(&self, text: &str, width: usize) -> Result<Vec<i64>, Error> {
        let mut numbers = Vec::new();
        for line in text.lines() {
            let before = numbers.len();
            for word in line.split('\t') {
                let number = word.parse::<i64>().map_err(|_| self.unclear(word))?;
                numbers.push(number);
            }
            if numbers.len() - before != width {
                return Err(self.unclear(line));
            }
        }
        Ok(numbers)
    }

    fn unclear(&self, text: &str) -> Error {
        Error::Unclear {
            host: self.host().to_owned(),
            detail: format!("\"{}\" instead of numbers", wire::shortened(text)),
        }
    }
}

/// A name for a question, which no other has.
fn query_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish());
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("revier-{:016x}-{number}", *PROCESS)
}

/// What `work` makes of each of `items`, all at the same time.
fn at_once<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let work = &work;
    thread::scope(|scope| {
        let threads: Vec<_> = items
            .iter()
            .map(|item| scope.spawn(move || work(item)))
            .collect();
        let ended = threads.into_iter().map(thread::ScopedJoinHandle::join);
        ended
            .map(|result| result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}
