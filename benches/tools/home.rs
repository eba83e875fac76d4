//! A home to measure on, and the binary that works on it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use revier::app::{App, Config};

/// The day on which invented companies are looked at.
pub const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 20);

pub fn import_by_binary(home: &Path, kind: &str, file: &Path) {
    let status = Command::new(env!("CARGO_BIN_EXE_revier"))
        .arg("--home")
        .arg(home)
        .args(["import", kind])
        .arg(file)
        .stdout(Stdio::null())
        .status()
        .expect("the binary runs");
    assert!(status.success(), "the import succeeds");
}

pub async fn open(home: &Path) -> App {
    App::open(&Config::of(home)).await.expect("the home opens")
}

/// A server of the binary, ended when the value is dropped.
pub struct Serving {
    process: Child,
    address: String,
}

impl Serving {
    /// Starts a server and waits until it says that it answers.
    pub fn start(home: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_revier"))
            .arg("--home")
            .arg(home)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let output = process.stdout.take().expect("a pipe");
        let mut line = String::new();
        let _ = BufReader::new(output).read_line(&mut line);
        let address = line.split_whitespace().last().unwrap_or_default();
        assert!(address.starts_with("http"), "the server says where it is");
        Self {
            address: address.to_owned(),
            process,
        }
    }

    /// Where it answers, such as `http://127.0.0.1:8080`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The number of its process.
    pub fn process(&self) -> String {
        self.process.id().to_string()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
