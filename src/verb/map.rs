//! `revier map`

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use revier::app::{Config, Draft, Overwrite};
use revier::export::Language;
use revier::paper::{Format, Look, Method, Orientation, Palette, Size, Turn};

use super::{Failure, Reach, print, read_input};

/// Which question, and how the map is to be.
#[derive(Args)]
pub struct Arguments {
    /// JSON file of a question whose only level is one of regions, or - for standard input
    question: PathBuf,
    /// File to write; its ending tells its form: .png, .svg, or .pdf for a report
    #[arg(long)]
    out: PathBuf,
    /// Language of words, figures and names
    #[arg(long, default_value = "en")]
    language: Language,
    /// Size of the paper
    #[arg(long, default_value = "a4")]
    size: Size,
    /// How the paper is held; auto is the one in which the map is larger
    #[arg(long, default_value = "auto")]
    orientation: Orientation,
    /// Measure of the question that gives the colours; the first one unless said
    #[arg(long)]
    measure: Option<String>,
    /// How values are put into classes
    #[arg(long, default_value = "quantile")]
    method: Method,
    /// How many classes, 2 to 9
    #[arg(long, default_value_t = Look::CLASSES)]
    classes: usize,
    /// Bounds between the classes of the method manual, such as 1000,5000, or the two ends of
    /// continuous; money in minor units
    #[arg(long, value_delimiter = ',', allow_negative_numbers = true)]
    bounds: Vec<f64>,
    /// Where a diverging palette turns, of bounds that are given: a number, none, or auto, which is
    /// zero where values lie on both sides of it
    #[arg(long, default_value_t, allow_negative_numbers = true)]
    turn: Turn,
    /// Palette; the one that fits the values unless said
    #[arg(long)]
    palette: Option<Palette>,
    /// How many customers a ratio needs to be judged, where the question has customers
    #[arg(long, default_value_t = Look::LEAST)]
    least: u32,
    /// Title; what is asked for unless said
    #[arg(long)]
    title: Option<String>,
    /// Day that is printed; today unless said
    #[arg(long)]
    date: Option<Date>,
    /// Replace the file that is at OUT
    #[arg(long)]
    force: bool,
}

pub async fn run(config: &Config, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let format = format_of(&arguments.out)?;
    let question = read_input(&arguments.question)?;
    let overwrite = if arguments.force {
        Overwrite::Allowed
    } else {
        Overwrite::Never
    };
    let mut draft = Draft::start(&arguments.out, overwrite)?;
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let today = arguments.date.unwrap_or(today);
    let bytes = match Reach::of(config).await? {
        Reach::Here(app) => {
            app.print(&question, arguments.look(format), today)
                .await?
                .bytes
        }
        Reach::There(server) => {
            let path = format!("/api/map?{}", arguments.parameters(format, today));
            let mut bytes = Vec::new();
            let mut source = server.post_for_file(&path, &question)?;
            std::io::Read::read_to_end(&mut source, &mut bytes)
                .map_err(|error| Failure(format!("the server broke off: {error}")))?;
            bytes
        }
    };
    let out = arguments.out.display();
    let written = draft.write_all(&bytes);
    written.map_err(|error| Failure(format!("{out} could not be written: {error}")))?;
    draft.finish()?;
    print(&format!("{} bytes in {out}\n", bytes.len()))?;
    Ok(ExitCode::SUCCESS)
}

impl Arguments {
    fn look(&self, format: Format) -> Look {
        Look {
            size: self.size,
            orientation: self.orientation,
            measure: self.measure.clone(),
            method: self.method,
            classes: self.classes,
            breaks: self.bounds.clone(),
            turn: self.turn,
            palette: self.palette,
            least: ("customers".to_owned(), self.least),
            title: self.title.clone(),
            ..Look::of(format, self.language)
        }
    }

    /// The same for a server.
    fn parameters(&self, format: Format, today: Date) -> String {
        let mut parameters = vec![
            ("format", format.ending().to_owned()),
            ("language", word(&self.language)),
            ("size", word(&self.size)),
            ("orientation", word(&self.orientation)),
            ("method", word(&self.method)),
            ("classes", self.classes.to_string()),
            ("least", format!("customers:{}", self.least)),
            ("turn", self.turn.to_string()),
            ("date", today.to_string()),
        ];
        let bounds: Vec<String> = self.bounds.iter().map(ToString::to_string).collect();
        let optional = [
            ("measure", self.measure.clone()),
            ("bounds", (!bounds.is_empty()).then(|| bounds.join(","))),
            ("palette", self.palette.as_ref().map(word)),
            ("title", self.title.clone()),
        ];
        let given = optional
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        parameters.extend(given);
        let pairs = parameters
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)));
        pairs.collect::<Vec<_>>().join("&")
    }
}

/// The word of a value.
fn word(value: &impl ValueEnum) -> String {
    let value = value.to_possible_value();
    value.map_or(String::new(), |value| value.get_name().to_owned())
}

/// `text` within an address (RFC 3986, section 2.3).
fn encoded(text: &str) -> String {
    let sign = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(sign).collect()
}

/// The form that the ending of a file tells.
fn format_of(out: &Path) -> Result<Format, Failure> {
    let ending = out
        .extension()
        .map(|ending| ending.to_string_lossy().to_lowercase());
    let known = Format::ALL.into_iter();
    let format = known
        .clone()
        .find(|format| Some(format.ending()) == ending.as_deref());
    format.ok_or_else(|| {
        let known: Vec<String> = known
            .map(|format| format!(".{}", format.ending()))
            .collect();
        Failure(format!(
            "the form of {} is not known: its name ends in {}",
            out.display(),
            known.join(", ")
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_tells_the_form() {
        assert_eq!(format_of(Path::new("a/map.PNG")).unwrap(), Format::Png);
        let refused = format_of(Path::new("map.jpeg")).unwrap_err();
        assert!(
            refused.to_string().contains(".png, .svg, .pdf"),
            "{refused}"
        );
        assert!(format_of(Path::new("map")).is_err());
    }

    #[test]
    fn addresses_are_encoded() {
        assert_eq!(encoded("Umsatz & Süd"), "Umsatz%20%26%20S%C3%BCd");
    }
}
