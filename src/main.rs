//! The command line: one verb each, nothing else.

mod verb;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use revier::app::Config;

/// Customers and sales on the map, from the first file to the last cent.
#[derive(Parser)]
#[command(version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(flatten)]
    config: Config,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Start the server and its screen
    Serve(verb::serve::Arguments),
    /// Import a file of accounts or sales lines as one batch
    Import(verb::import::Arguments),
    /// Add positions to the addresses of a file; needs no home
    ///
    /// Every row and column stays as it is. Added are lon, lat, precision, `radius_m`, confidence,
    /// source, matched and reason, numbered where FILE has a column of that name. What is written
    /// is CSV in UTF-8; OUT is there when it is whole.
    Geocode(verb::geocode::Arguments),
    /// List the batches that were imported
    Batches,
    /// Take a batch back
    Undo(verb::batch::Arguments),
    /// Find better positions for the accounts that are there, by what is known now
    Relocate(verb::relocate::Arguments),
    /// Answer a question of JSON, as JSON or as a file
    ///
    /// Without --format the answer is JSON on standard output, with money in minor units. A file
    /// has money in major units, a column of keys and one of names a level, and no subtotals.
    Ask(verb::ask::Arguments),
    /// List the sales lines behind a cell, as JSON or as a file
    ///
    /// Without --format it is a page of JSON, 100 lines unless "limit" and "offset" say otherwise.
    /// A file has every line, newest first.
    Lines(verb::lines::Arguments),
    /// List own measures, add, change or remove one
    ///
    /// An own measure is a formula over other measures, such as `margin / customers`. It is checked
    /// before it is kept, and can then be asked for wherever a measure can.
    Measures(verb::measure::Arguments),
    /// Print the answer to a question by region as a map
    ///
    /// A sheet with title, filters, map, legend, scale, date and credits. The question has one level,
    /// a level of regions. The same question, data, date and options give the same file.
    Map(verb::map::Arguments),
    /// Write a vector tile to a file
    Tile(verb::tile::Arguments),
    /// Verify the invariants of the home; fails when one is broken
    Check,
    /// Fill an empty home with an invented company
    Demo(verb::demo::Arguments),
}

/// How long threads that are still at work when a verb has ended may take to end themselves.
const LAST_WORK: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("revier: no threads can be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(run(arguments));
    runtime.shutdown_timeout(LAST_WORK);
    code
}

async fn run(Arguments { config, verb }: Arguments) -> ExitCode {
    let done = match verb {
        Verb::Serve(arguments) => verb::serve::run(&config, arguments).await,
        Verb::Import(arguments) => verb::import::run(&config, arguments).await,
        Verb::Geocode(arguments) => verb::geocode::run(&config, arguments).await,
        Verb::Batches => verb::batch::list(&config).await,
        Verb::Undo(arguments) => verb::batch::undo(&config, &arguments).await,
        Verb::Relocate(arguments) => verb::relocate::run(&config, &arguments).await,
        Verb::Ask(arguments) => verb::ask::run(&config, &arguments).await,
        Verb::Lines(arguments) => verb::lines::run(&config, &arguments).await,
        Verb::Measures(arguments) => verb::measure::run(&config, arguments).await,
        Verb::Map(arguments) => verb::map::run(&config, &arguments).await,
        Verb::Tile(arguments) => verb::tile::run(&config, &arguments).await,
        Verb::Check => verb::check::run(&config).await,
        Verb::Demo(arguments) => verb::demo::run(&config, &arguments).await,
    };
    match done {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("revier: {failure}");
            ExitCode::FAILURE
        }
    }
}
