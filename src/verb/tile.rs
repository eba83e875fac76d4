//! `revier tile`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use revier::app::Config;
use revier::tile::TileId;
use revier::tile::layer::Layer;

use super::{Failure, Reach, print, read_input};

/// Which tile, and where to.
#[derive(Args)]
pub struct Arguments {
    /// LAYER/Z/X/Y, such as district/6/33/21
    tile: String,
    /// JSON file of the question whose sites and measures the tile has, `-` for standard input; of
    /// the layer sites only
    #[arg(long)]
    question: Option<PathBuf>,
    /// File to write; nothing is written when nothing is in the tile
    #[arg(long)]
    out: PathBuf,
}

pub async fn run(config: &Config, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let (layer, tile) = parse(&arguments.tile)?;
    if arguments.question.is_some() && layer != Layer::Sites {
        return Err(Failure(format!(
            "tiles of {layer} can't be asked with a question, those of sites can"
        )));
    }
    let question = arguments.question.as_deref().map(read_input).transpose()?;
    let bytes = match Reach::of(config).await? {
        Reach::Here(app) => {
            let asked = match question {
                Some(document) => Some(app.keep_question(&document).await?.id),
                None => None,
            };
            app.tile(layer, tile, asked.as_deref()).await?
        }
        Reach::There(server) => {
            let mut path = format!("/tiles/{}.mvt", arguments.tile);
            if let Some(document) = question {
                let kept = server.post("/api/questions", &document)?;
                let id = kept["id"].as_str().unwrap_or_default();
                path = format!("{path}?question={id}");
            }
            server.bytes(&path)?
        }
    };
    let Some(bytes) = bytes else {
        print(&format!("nothing is in tile {}\n", arguments.tile))?;
        return Ok(ExitCode::SUCCESS);
    };
    std::fs::write(&arguments.out, &bytes).map_err(|error| {
        Failure(format!(
            "{} could not be written: {error}",
            arguments.out.display()
        ))
    })?;
    let (count, out) = (bytes.len(), arguments.out.display());
    print(&format!("{count} bytes in {out}\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn parse(text: &str) -> Result<(Layer, TileId), Failure> {
    let wrong = || {
        let layers: Vec<&str> = Layer::all().map(Layer::name).collect();
        Failure(format!(
            "\"{text}\" is no tile: LAYER/Z/X/Y with a layer of {}",
            layers.join(", ")
        ))
    };
    let parts: Vec<&str> = text.split('/').collect();
    let [layer, z, x, y] = parts.as_slice() else {
        return Err(wrong());
    };
    let (Ok(z), Ok(x), Ok(y)) = (z.parse(), x.parse(), y.parse()) else {
        return Err(wrong());
    };
    let layer = Layer::parse(layer).ok_or_else(wrong)?;
    let tile = TileId::parse(z, x, y).map_err(|error| Failure(error.to_string()))?;
    Ok((layer, tile))
}
