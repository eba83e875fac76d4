//! `revier measures`

use std::fmt::Write;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use revier::app::Config;
use revier::record::measure::{MeasureDefinition, MeasureFormat};

use super::{Failure, Reach, clear, print};

/// What is done with own measures.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    deed: Option<Deed>,
}

#[derive(Subcommand)]
enum Deed {
    /// Keep a new own measure: `revier measures add price 'revenue / units'`
    Add(Definition),
    /// Give an own measure another formula, with its labels and look
    Change(Definition),
    /// Remove an own measure that no other uses
    Remove {
        /// Its name
        name: String,
    },
}

#[derive(Args)]
struct Definition {
    /// Its word in questions: a lower-case letter, then such letters, digits and _
    name: String,
    /// What it is computed by: measures, numbers, + - * / and brackets, min, max, abs, if
    #[arg(allow_hyphen_values = true)]
    formula: String,
    /// What people call it in German
    #[arg(long, default_value = "")]
    label_de: String,
    /// What people call it in English
    #[arg(long, default_value = "")]
    label_en: String,
    /// Show the number as a part of a whole: 0.25 as 25 %
    #[arg(long)]
    percent: bool,
    /// Decimals of the number, 0 to 4
    #[arg(long)]
    decimals: Option<u8>,
}

impl From<Definition> for MeasureDefinition {
    fn from(given: Definition) -> Self {
        Self {
            name: given.name,
            formula: given.formula,
            label_de: given.label_de,
            label_en: given.label_en,
            format: given.percent.then_some(MeasureFormat::Percent),
            decimals: given.decimals,
        }
    }
}

pub async fn run(config: &Config, arguments: Arguments) -> Result<ExitCode, Failure> {
    let reach = Reach::of(config).await?;
    match arguments.deed {
        None => list(&reach)?,
        Some(Deed::Add(given)) => add(&reach, given.into()).await?,
        Some(Deed::Change(given)) => change(&reach, given.into()).await?,
        Some(Deed::Remove { name }) => {
            match reach {
                Reach::Here(app) => app.remove_measure(&name).await?,
                Reach::There(server) => {
                    server.delete(&address(&name))?;
                }
            }
            print(&format!("{name} is removed\n"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(reach: &Reach, measure: MeasureDefinition) -> Result<(), Failure> {
    let name = measure.name.clone();
    match reach {
        Reach::Here(app) => {
            app.add_measure(measure).await?;
        }
        Reach::There(server) => {
            server.post("/api/measures", &json(&measure)?)?;
        }
    }
    print(&format!("{name} can be asked for\n"))
}

async fn change(reach: &Reach, measure: MeasureDefinition) -> Result<(), Failure> {
    let name = measure.name.clone();
    match reach {
        Reach::Here(app) => {
            app.change_measure(measure).await?;
        }
        Reach::There(server) => {
            server.put(&address(&name), &json(&measure)?)?;
        }
    }
    print(&format!("{name} is changed\n"))
}

fn list(reach: &Reach) -> Result<(), Failure> {
    let measures: Vec<MeasureDefinition> = match reach {
        Reach::Here(app) => {
            let measures = app.measures();
            measures
                .iter()
                .map(|own| own.definition().clone())
                .collect()
        }
        Reach::There(server) => clear(server.read("/api/measures")?["measures"].take())?,
    };
    if measures.is_empty() {
        return print(
            "no own measures yet: `revier measures add price 'revenue / units'` makes the first\n",
        );
    }
    let mut text = String::new();
    for measure in measures {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{:<24}  {}", measure.name, measure.formula);
    }
    print(&text)
}

/// Where a server has the measure; what can't stand in a name is no part of the path.
fn address(name: &str) -> String {
    let is_plain = |sign: &char| *sign == '_' || sign.is_ascii_alphanumeric();
    let plain: String = name.chars().filter(is_plain).collect();
    format!("/api/measures/{plain}")
}

fn json(measure: &MeasureDefinition) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(measure)
        .map_err(|error| Failure(format!("the measure could not be written: {error}")))
}
