//! The verbs. Each works on the home itself or, when a server holds the home, through it.

pub mod ask;
pub mod batch;
pub mod check;
pub mod demo;
mod export;
pub mod geocode;
pub mod import;
pub mod lines;
pub mod map;
pub mod measure;
mod progress;
pub mod relocate;
pub mod remote;
pub mod serve;
pub mod tile;

use std::fmt;

use revier::app::{self, App, Config};
use revier::word::with_causes;

use remote::Remote;

/// Why a verb failed, in words for a terminal.
#[derive(Debug)]
pub struct Failure(String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<app::Error> for Failure {
    fn from(error: app::Error) -> Self {
        Self(with_causes(&error))
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// Who does the work.
pub enum Reach {
    /// This process, which holds the home.
    Here(Box<App>),
    /// The server that holds the home.
    There(Remote),
}

impl Reach {
    /// Opens the home, or finds the server that holds it.
    pub async fn of(config: &Config) -> Result<Self, Failure> {
        match App::open(config).await {
            Ok(app) => Ok(Self::Here(Box::new(app))),
            Err(app::Error::Held { holder, folder }) => match &holder.address {
                Some(address) => Ok(Self::There(Remote::at(address))),
                None => Err(app::Error::Held { holder, folder }.into()),
            },
            Err(error) => Err(error.into()),
        }
    }
}

/// The answer of a server as what it stands for.
fn clear<T: serde::de::DeserializeOwned>(answer: serde_json::Value) -> Result<T, Failure> {
    serde_json::from_value(answer)
        .map_err(|error| Failure(format!("the server's answer is unclear: {error}")))
}

/// `file`, or standard input for `-`.
fn read_input(file: &std::path::Path) -> Result<Vec<u8>, Failure> {
    use std::io::Read;
    let read = if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    read.map_err(|error| Failure(format!("{} could not be read: {error}", file.display())))
}

/// `value` as indented JSON on standard output.
fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure(format!("the answer could not be written: {error}")))?;
    print(&format!("{text}\n"))
}

/// `text` on standard output. A reader that has gone, such as `head`, has read what it wanted.
fn print(text: &str) -> Result<(), Failure> {
    use std::io::{ErrorKind, Write};
    let mut output = std::io::stdout().lock();
    let written = output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure(format!(
            "standard output could not be written: {error}"
        ))),
        _ => Ok(()),
    }
}
