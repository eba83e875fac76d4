//! Putting the lines of a version where the cluster reads them.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::PoisonError;
use std::thread;
use std::time::{Duration, Instant};

use super::setting::host_of;
use super::{Cluster, Error, at_once};
use crate::warehouse::{self, Cut, ExportColumn, Sums, Warehouse};

/// Raised whenever the tables change their form.
const FORM: u32 = 1;

/// What every table of ours begins with.
const PREFIX: &str = "revier_sale_";

/// Lines that are read from the warehouse at a time: one of its own groups of rows.
const SLICE: u64 = 122_880;

/// Lines of a part of one host, where the warehouse is not so large that it would have too many.
const PART_LINES: u64 = 8 * SLICE;

/// Parts of a table at most.
const MAX_PARTS: u64 = 200;

/// Halves of sums are added up, 2³² at most a line, in 64 bits.
const MAX_LINES: u64 = 1 << 31;

/// How long what is no question may take.
const LIMIT: Duration = Duration::from_mins(5);

/// The lines of one version, complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The table of a host.
    name: String,
    /// The table that is asked.
    pub table: String,
    /// How many lines it has.
    pub lines: u64,
    /// On how many shards they lie.
    pub shards: u32,
    /// The hosts of the shards.
    pub hosts: Vec<Host>,
}

/// A host of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Name and port.
    pub address: String,
    /// Which lines it has, from 0; replicas have the same.
    pub shard: u32,
}

impl Cluster {
    /// Puts the lines of `warehouse` onto the hosts, as far as they are not there, and verifies
    /// that every part of every host adds up.
    ///
    /// # Errors
    /// Every host must be there and take its lines.
    pub fn load(&self, warehouse: &Warehouse) -> Result<Loaded, Error> {
        let _one = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = warehouse.summary().lines;
        if lines > MAX_LINES {
            let most = MAX_LINES;
            return Err(Error::TooManyLines { lines, most });
        }
        // What takes long is not begun with a host that is silent.
        self.look_after(&[])?;
        let hosts = self.hosts()?;
        self.look_after(&hosts)?;
        let shards = hosts.last().map_or(1, |host| host.shard + 1);
        let cut = Cut {
            part_lines: self.part_lines(lines, shards),
            shards,
        };
        let name = format!(
            "{PREFIX}{}_{FORM}_{shards}_{}",
            warehouse.name().replace('-', "_"),
            cut.part_lines
        );
        let expected = warehouse.export_sums(cut)?;
        let filled = at_once(&hosts, |host| {
            let load = Load {
                cluster: self,
                warehouse,
                name: &name,
                host,
                cut,
            };
            load.fill(&expected)
        });
        filled.into_iter().collect::<Result<(), Error>>()?;
        let mut table = name.clone();
        if let Some(cluster) = &self.setting.cluster {
            table = format!("{name}_all");
            // Without a sharding key nothing can be inserted through it: which host has a line is
            // decided here.
            self.tell(
                self.host(),
                &format!(
                    "CREATE TABLE IF NOT EXISTS `{table}` ({}) \
                     ENGINE = Distributed('{cluster}', '{}', '{name}')",
                    columns(warehouse),
                    self.setting.database
                ),
            )?;
        }
        Ok(Loaded {
            name,
            table,
            lines,
            shards,
            hosts,
        })
    }

    /// Removes the tables of `loaded`, which nobody asks any more.
    ///
    /// # Errors
    /// Every host must be there.
    pub fn remove(&self, loaded: &Loaded) -> Result<(), Error> {
        let is_of = |table: &str| table == loaded.name || table == loaded.table;
        self.remove_where(is_of)
    }

    /// Removes the tables of every version but that of `kept`.
    ///
    /// # Errors
    /// Every host must be there.
    pub fn remove_others(&self, kept: &Loaded) -> Result<(), Error> {
        self.remove_where(|table| table != kept.name && table != kept.table)
    }

    fn remove_where(&self, is_old: impl Fn(&str) -> bool) -> Result<(), Error> {
        let mut addresses = vec![self.host().to_owned()];
        addresses.extend(self.hosts()?.into_iter().map(|host| host.address));
        addresses.dedup();
        for address in addresses {
            let tables = self.tell(
                &address,
                &format!(
                    "SELECT name FROM system.tables WHERE database = '{}' ORDER BY name DESC",
                    self.setting.database
                ),
            )?;
            let ours = tables.lines().filter(|table| table.starts_with(PREFIX));
            for table in ours.filter(|table| is_old(table)) {
                self.tell(&address, &format!("DROP TABLE IF EXISTS `{table}`"))?;
            }
        }
        Ok(())
    }

    /// Every host that has lines, in order of shard and replica.
    fn hosts(&self) -> Result<Vec<Host>, Error> {
        let setting = &self.setting;
        let Some(cluster) = &setting.cluster else {
            let address = setting.host.clone();
            return Ok(vec![Host { address, shard: 0 }]);
        };
        let known = self.tell(
            &setting.host,
            &format!(
                "SELECT shard_num, host_name FROM system.clusters WHERE cluster = '{cluster}' \
                 ORDER BY shard_num, replica_num"
            ),
        )?;
        let known: Vec<(&str, &str)> = known
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .collect();
        if known.is_empty() {
            return Err(Error::NoSuchCluster {
                host: setting.host.clone(),
                cluster: cluster.clone(),
            });
        }
        if !setting.hosts.is_empty() && setting.hosts.len() != known.len() {
            return Err(Error::Hosts {
                cluster: cluster.clone(),
                named: setting.hosts.len(),
                known: known.len(),
            });
        }
        let mut shards: Vec<&str> = known.iter().map(|(shard, _)| *shard).collect();
        shards.dedup();
        let host = |(place, (shard, name)): (usize, &(&str, &str))| {
            let shard = shards.iter().position(|known| known == shard);
            let address = match setting.hosts.get(place) {
                Some(address) => address.clone(),
                None => {
                    host_of(&bracketed(name), setting.port()).map_err(|error| Error::Unclear {
                        host: setting.host.clone(),
                        detail: error.to_string(),
                    })?
                }
            };
            let shard = shard.and_then(|shard| u32::try_from(shard).ok());
            Ok(Host {
                address,
                shard: shard.unwrap_or_default(),
            })
        };
        known.iter().enumerate().map(host).collect()
    }

    fn part_lines(&self, lines: u64, shards: u32) -> u64 {
        let least = self
            .setting
            .part_lines
            .unwrap_or(PART_LINES * u64::from(shards));
        if lines <= least.saturating_mul(MAX_PARTS) {
            return least;
        }
        lines.div_ceil(MAX_PARTS).next_multiple_of(SLICE)
    }

    fn tell(&self, host: &str, sql: &str) -> Result<String, Error> {
        self.wire.ask(host, sql, &super::query_name(), LIMIT)
    }
}

/// The load of one host.
struct Load<'a> {
    cluster: &'a Cluster,
    warehouse: &'a Warehouse,
    /// The table.
    name: &'a str,
    host: &'a Host,
    cut: Cut,
}

impl Load<'_> {
    fn fill(&self, expected: &Sums) -> Result<(), Error> {
        self.tell(&format!(
            "CREATE TABLE IF NOT EXISTS `{}` (part Int32, {}) ENGINE = MergeTree \
             PARTITION BY part ORDER BY (country, state, district, municipality, account, day)",
            self.name,
            columns(self.warehouse)
        ))?;
        self.await_others()?;
        let found = self.found()?;
        let is_here = |(_, shard): &&(u32, u32)| *shard == self.host.shard;
        let strange = found.keys().filter(|key| !expected.contains_key(key));
        let wrong = expected.keys().filter(is_here);
        let wrong = wrong.filter(|key| found.get(key) != expected.get(key));
        let mut is_changed = false;
        for key @ (part, _) in strange.chain(wrong) {
            if found.contains_key(key) {
                self.tell(&format!(
                    "ALTER TABLE `{}` DROP PARTITION {part}",
                    self.name
                ))?;
            }
            if expected.contains_key(key) {
                self.send(*part)?;
            }
            is_changed = true;
        }
        if is_changed {
            self.verify(expected)?;
        }
        Ok(())
    }

    /// Waits until what a load that broke off has left under way is at its end.
    fn await_others(&self) -> Result<(), Error> {
        let begun = Instant::now();
        let sql = format!(
            "SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO `{}`%'",
            self.name
        );
        while self.tell(&sql)?.trim() != "0" {
            if begun.elapsed() > LIMIT {
                return Err(Error::Timeout {
                    host: self.host.address.clone(),
                    seconds: LIMIT.as_secs(),
                });
            }
            thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    /// The sums of the parts that are there.
    fn found(&self) -> Result<Sums, Error> {
        let columns = self.warehouse.export_columns();
        let sums: Vec<String> = columns
            .iter()
            .map(|column| format!(", toUInt64(sum({}))", column.name))
            .collect();
        let text = self.tell(&format!(
            "SELECT part, count(){} FROM `{}` GROUP BY part",
            sums.concat(),
            self.name
        ))?;
        let mut found = Sums::new();
        for line in text.lines() {
            let numbers: Result<Vec<u64>, _> = line.split('\t').map(str::parse).collect();
            let Ok(numbers) = numbers else {
                return Err(self.cluster.unclear(line));
            };
            let part = numbers.first().and_then(|part| u32::try_from(*part).ok());
            let sums = numbers.into_iter().skip(1).collect();
            found.insert((part.unwrap_or(u32::MAX), self.host.shard), sums);
        }
        Ok(found)
    }

    fn send(&self, part: u32) -> Result<(), Error> {
        let columns = self.warehouse.export_columns();
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let sql = format!(
            "INSERT INTO `{}` (part, {}) FORMAT RowBinary",
            self.name,
            names.join(", ")
        );
        let start = u64::from(part) * self.cut.part_lines;
        let end = (start + self.cut.part_lines).min(self.warehouse.summary().lines);
        let mut lines = Lines {
            load: self,
            rest: start..end,
            bytes: Vec::new(),
            read: 0,
            error: None,
        };
        let sent = self.cluster.wire.put(&self.host.address, &sql, &mut lines);
        // The warehouse that cannot be read is why the way broke off.
        match lines.error {
            Some(error) => Err(error.into()),
            None => sent,
        }
    }

    fn verify(&self, expected: &Sums) -> Result<(), Error> {
        let found = self.found()?;
        let keys = expected.keys().chain(found.keys());
        for key in keys.filter(|(_, shard)| *shard == self.host.shard) {
            let lines = |sums: &Sums| sums.get(key).map_or(0, |sums| sums[0]);
            if found.get(key) != expected.get(key) {
                return Err(Error::Differs {
                    host: self.host.address.clone(),
                    part: key.0,
                    found: lines(&found),
                    sent: lines(expected),
                });
            }
        }
        Ok(())
    }

    fn tell(&self, sql: &str) -> Result<String, Error> {
        self.cluster.tell(&self.host.address, sql)
    }
}

/// The lines of a part as bytes, read from the warehouse slice by slice as they are sent.
struct Lines<'a> {
    load: &'a Load<'a>,
    rest: Range<u64>,
    bytes: Vec<u8>,
    read: usize,
    error: Option<warehouse::Error>,
}

impl Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.bytes.len() && !self.rest.is_empty() {
            let end = (self.rest.start / SLICE + 1) * SLICE;
            let slice = self.rest.start..end.min(self.rest.end);
            self.rest.start = slice.end;
            let load = self.load;
            match load.warehouse.export(slice, load.host.shard, load.cut) {
                Ok(bytes) => (self.bytes, self.read) = (bytes, 0),
                Err(error) => {
                    self.error = Some(error);
                    return Err(io::Error::other("the warehouse could not be read"));
                }
            }
        }
        let count = buffer.len().min(self.bytes.len() - self.read);
        buffer[..count].copy_from_slice(&self.bytes[self.read..self.read + count]);
        self.read += count;
        Ok(count)
    }
}

/// The columns of a table but for the part.
fn columns(warehouse: &Warehouse) -> String {
    let columns = warehouse.export_columns();
    let columns: Vec<String> = columns
        .iter()
        .map(|ExportColumn { name, bytes, .. }| format!("{name} Int{}", bytes * 8))
        .collect();
    columns.join(", ")
}

/// An address of IPv6 in brackets.
fn bracketed(host: &str) -> String {
    if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    }
}
