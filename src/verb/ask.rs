//! `revier ask`

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use revier::app::{Config, ExportSubject};
use revier::cube::{Answer, Step};

use super::{Failure, Reach, clear, export, print_json, read_input};

/// Which question.
#[derive(Args)]
pub struct Arguments {
    /// JSON file of a question, or - for standard input
    question: PathBuf,
    /// Tell on standard error how the answer was computed: each scan with the roll-up or table it
    /// read, its rows, groups, time and statements; the answer stays on standard output
    #[arg(long, conflicts_with = "format")]
    explain: bool,
    #[command(flatten)]
    target: export::Target,
}

pub async fn run(config: &Config, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let question = read_input(&arguments.question)?;
    let reach = Reach::of(config).await?;
    if arguments.target.is_wanted() {
        let subject = ExportSubject::Answer(question);
        arguments.target.write(&reach, subject).await?;
    } else if arguments.explain {
        let mut answer: Answer = match reach {
            Reach::Here(app) => app.ask(&explaining(question)).await?,
            Reach::There(server) => clear(server.post("/api/cube", &explaining(question))?)?,
        };
        let steps = std::mem::take(&mut answer.explain);
        eprint!("{}", in_words(&steps, &answer.version));
        print_json(&answer)?;
    } else {
        match reach {
            Reach::Here(app) => print_json(&app.ask(&question).await?)?,
            Reach::There(server) => print_json(&server.post("/api/cube", &question)?)?,
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The question with `explain`; what is no question stays as it is and is refused as such.
fn explaining(question: Vec<u8>) -> Vec<u8> {
    let Ok(serde_json::Value::Object(mut fields)) = serde_json::from_slice(&question) else {
        return question;
    };
    fields.insert("explain".to_owned(), true.into());
    serde_json::to_vec(&fields).unwrap_or(question)
}

/// The steps as text, a paragraph each.
fn in_words(steps: &[Step], version: &str) -> String {
    let mut text = String::new();
    for (number, step) in (1..).zip(steps) {
        let kind = if step.source == "sale" {
            "the sales lines"
        } else {
            "roll-up"
        };
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "{number}. {kind} ({}): {} rows, {} groups, {:.1} ms",
            step.source, step.source_rows, step.groups, step.milliseconds
        );
        for statement in &step.statements {
            let _ = writeln!(text, "   {statement}");
        }
    }
    let time: f64 = steps.iter().map(|step| step.milliseconds).sum();
    let scans = match steps.len() {
        1 => "1 scan".to_owned(),
        count => format!("{count} scans"),
    };
    let _ = writeln!(
        text,
        "{scans} in {time:.1} ms, version {version} of the data"
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_told_in_words() {
        let step = Step {
            source: "sale".to_owned(),
            source_rows: 12,
            groups: 3,
            milliseconds: 1.25,
            statements: vec!["count".to_owned()],
        };
        assert_eq!(
            in_words(&[step], "7"),
            "1. the sales lines (sale): 12 rows, 3 groups, 1.2 ms\n   count\n\
             1 scan in 1.2 ms, version 7 of the data\n"
        );
    }

    #[test]
    fn a_question_is_asked_to_explain_itself() {
        let question = explaining(b"{\"measures\": [\"revenue\"]}".to_vec());
        assert_eq!(question, b"{\"explain\":true,\"measures\":[\"revenue\"]}");
        assert_eq!(explaining(b"[".to_vec()), b"[");
    }
}
