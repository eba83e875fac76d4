//! What the server is at its start, and what a tile costs it that it has sent before.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::figures::{cpu_seconds, peak_mb, resident_mb, seconds};
use crate::home::Serving;

/// Seconds that each kind of request is sent.
const SECONDS: u32 = 10;

/// What a browser asks with.
const PACKED: &str = "Accept-Encoding: gzip, deflate, br";

/// Starts a server on `home`: how long it takes to be there, and its memory then.
pub fn start(home: &Path) -> Serving {
    let started = Instant::now();
    let server = Serving::start(home);
    let process = server.process();
    println!(
        "\nstart of a server on this home          {}  ({} MB, peak {} MB)",
        seconds(started.elapsed()),
        resident_mb(&process),
        peak_mb(&process)
    );
    server
}

/// Has `wrk` ask for the tile at `path` again and again: as it is, packed, and by an asker who has it.
pub fn ask_again(server: &Serving, path: &str, bytes: usize) {
    let address = format!("{}{path}", server.address());
    let answer = ureq::get(&address).call().expect("the tile");
    let tag = answer.headers()["etag"].to_str().unwrap_or_default();
    println!(
        "\na tile of {bytes} bytes that was sent before, wrk on the same machine, {SECONDS} s each"
    );
    println!("    asked                  requests/s   per CPU second of the server");
    for (name, header) in [
        ("as it is", None),
        ("packed", Some(PACKED.to_owned())),
        ("by who has it", Some(format!("If-None-Match: {tag}"))),
    ] {
        let mut command = Command::new("wrk");
        command.args(["-t", "1", "-c", "32", "-d", &format!("{SECONDS}s")]);
        if let Some(header) = header {
            command.arg("-H").arg(header);
        }
        let before = cpu_seconds(&server.process());
        let output = command.arg(&address).output();
        let cpu = cpu_seconds(&server.process()) - before;
        let output = output.expect("wrk: scripts/debian.sh wrk").stdout;
        let told = String::from_utf8_lossy(&output);
        let requests = number_before(&told, " requests in ");
        println!(
            "    {name:<20}  {:>10.0}  {:>10.0}",
            requests / f64::from(SECONDS),
            requests / cpu
        );
        if told.contains("Non-2xx") && !name.contains("has") {
            println!("      refused: {told}");
        }
    }
}

/// The number in front of `words` in what was told.
fn number_before(told: &str, words: &str) -> f64 {
    let line = told.lines().find_map(|line| line.split_once(words));
    let number = line.and_then(|(before, _)| before.trim().parse().ok());
    number.unwrap_or_default()
}
