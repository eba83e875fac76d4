//! `revier relocate`

use std::fmt::Write;
use std::process::ExitCode;

use clap::Args;
use revier::app::{Config, Decided, Relocation, Spot};

use super::{Failure, Reach, clear, print, print_json};

/// Whether to look or to do.
#[derive(Args)]
pub struct Arguments {
    /// Give the accounts their better positions, as one batch that `revier undo` takes back
    #[arg(long)]
    apply: bool,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// Changes that are listed.
const MOVES: usize = 20;

pub async fn run(config: &Config, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let reach = Reach::of(config).await?;
    if arguments.apply {
        let decided: Decided = match reach {
            Reach::Here(app) => {
                let decided = app.relocate().await;
                app.close().await;
                decided?
            }
            Reach::There(server) => clear(server.post("/api/relocation", b"")?)?,
        };
        if arguments.json {
            print_json(&decided)?;
        } else {
            print(&match decided.batch {
                Some(batch) => format!(
                    "{} accounts have a better position: batch {batch}; `revier undo {batch}` \
                     takes it back\n",
                    decided.accounts
                ),
                None => "no account would get a better position\n".to_owned(),
            })?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let relocation: Relocation = match reach {
        Reach::Here(app) => app.relocation(MOVES).await?,
        Reach::There(server) => clear(server.read(&format!("/api/relocation?limit={MOVES}"))?)?,
    };
    if arguments.json {
        print_json(&relocation)?;
    } else {
        print(&in_words(&relocation))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn in_words(relocation: &Relocation) -> String {
    let Relocation {
        accounts,
        fixed,
        better,
        placed,
        settled,
        moves,
    } = relocation;
    let mut text = format!(
        "{accounts} accounts: {better} would get a better position, {placed} of them have none \
         now, {settled} would no longer be doubtful; {fixed} were placed by a person or a file \
         and stay\n"
    );
    for one in moves {
        let distance = one
            .distance_m
            .map_or_else(String::new, |metres| format!(", {metres} m away"));
        let _ = writeln!(
            text,
            "  {:<12} {:<32} {} -> {}{distance}",
            one.key,
            one.name,
            spot(&one.from),
            spot(&one.to)
        );
    }
    if *better > moves.len() as u64 {
        let _ = writeln!(text, "  and {} more", better - moves.len() as u64);
    }
    if *better > 0 {
        text.push_str("`revier relocate --apply` does it\n");
    }
    text
}

fn spot(spot: &Spot) -> String {
    let radius = spot
        .radius_m
        .map_or_else(String::new, |radius| format!(" ±{radius:.0} m"));
    format!("{}{radius}", spot.precision.name())
}
