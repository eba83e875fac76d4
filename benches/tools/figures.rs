//! What benches measure and how they say it.

use std::time::Duration;

/// The word after `name` at the command line.
pub fn word(name: &str) -> Option<String> {
    std::env::args().skip_while(|said| said != name).nth(1)
}

/// The number after `name` at the command line.
pub fn argument(name: &str, otherwise: u64) -> u64 {
    let said = word(name).and_then(|word| word.parse().ok());
    said.unwrap_or(otherwise)
}

/// The time that `percent` of `times` do not exceed, in milliseconds; sorts them.
pub fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(place).map_or(0.0, Duration::as_secs_f64) * 1_000.0
}

pub fn seconds(duration: Duration) -> String {
    format!("{:>7.2} s", duration.as_secs_f64())
}

/// CPU seconds of all threads of `process`, a number or `self`, so far.
pub fn cpu_seconds(process: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name of the process stands in brackets and may hold spaces.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: f64 = ticks.filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / 100.0
}

pub fn peak_mb(process: &str) -> u64 {
    status_mb(process, "VmHWM:")
}

pub fn resident_mb(process: &str) -> u64 {
    status_mb(process, "VmRSS:")
}

fn status_mb(process: &str, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let value = status.lines().find_map(|line| line.strip_prefix(field));
    let kilobytes = value.and_then(|value| value.trim().split(' ').next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1024
}
