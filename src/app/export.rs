//! Exports: answers and lines as files.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::ask::in_turn;
use super::cluster::Answerer;
use super::home::file_error;
use super::{App, Derived, Error};
use crate::cube::{self, LinesRequest, Question, Request};
use crate::export::{self, Asked, Look, Source};
use crate::stop;

/// What is exported.
#[derive(Debug, Clone)]
pub enum ExportSubject {
    /// The answer to a question of JSON.
    Answer(Vec<u8>),
    /// Every line behind a cell, not a page of them.
    Lines(LinesRequest),
}

/// An export that is written; its file goes with the value.
#[derive(Debug)]
pub struct Export {
    /// A name for the file, such as `revier-revenue-state-2026-11-22.csv`.
    pub name: String,
    /// Rows without the heading.
    pub rows: u64,
    /// Size of the file in bytes.
    pub size_bytes: u64,
    draft: Draft,
}

impl Export {
    /// The file, open for reading; it has no name any more and goes when it is closed.
    ///
    /// # Errors
    /// It must still be there.
    pub fn into_file(self) -> Result<File, Error> {
        let path = &self.draft.0;
        File::open(path).map_err(|source| file_error("read", path, source))
    }
}

/// A file of the home that is removed with the value.
#[derive(Debug)]
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        // What cannot be removed now is swept when the home is opened again.
        let _ = fs::remove_file(&self.0);
    }
}

impl App {
    /// Writes `subject` to a file in the home. Every export goes through here, so whoever may
    /// export is asked here.
    ///
    /// The file is written to its end before anything of it is sent: what goes wrong is an error
    /// and never half a file, and memory does not grow with it.
    ///
    /// # Errors
    /// The question or the filters must be right, the format must have room for the rows, and the
    /// disk for the file.
    pub async fn export(&self, subject: ExportSubject, look: Look) -> Result<Export, Error> {
        let derived = self.derived().await?;
        let answerer = self.engine(&derived).await?;
        let turns = match subject {
            ExportSubject::Answer(_) => &self.questions,
            // One at a time: they read everything, and questions are not to wait for them.
            ExportSubject::Lines(_) => &self.exports,
        };
        let app = self.clone();
        in_turn(turns, move || {
            app.write_export((&derived, &answerer), subject, look)
        })
        .await
    }

    fn write_export(
        &self,
        (derived, answerer): (&Derived, &Answerer),
        subject: ExportSubject,
        look: Look,
    ) -> Result<Export, Error> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = self.home.exports();
        let draft = Draft(folder.join(format!("{number:06}.{}", look.format.ending())));
        let (warehouse, path) = (&derived.warehouse, draft.0.as_path());
        let (name, rows) = match subject {
            ExportSubject::Answer(question) => {
                let mut request: Request =
                    serde_json::from_slice(&question).map_err(cube::Error::from)?;
                // Neither is among the rows.
                (request.subtotals, request.explain) = (false, false);
                let question = Question::of(request.clone(), &self.measures())?;
                export::check(&question, look.format)?;
                let answer = answerer.ask(warehouse, &self.asked, &question)?;
                if look.format.is_map() {
                    derived.read_own_areas(&question)?;
                }
                let source = Source {
                    warehouse,
                    own: &|level, key| derived.own_area(level, key),
                };
                let asked = Asked {
                    request: &request,
                    question: &question,
                    answer: &answer,
                };
                let rows = export::write_answer(&source, asked, look, path)?;
                (export::answer_name(warehouse, &question, look), rows)
            }
            ExportSubject::Lines(request) => {
                check_whole(&request)?;
                let rows =
                    export::write_lines(warehouse, &request.filters, look, path, &stop::is_wanted)?;
                (export::lines_name(look), rows)
            }
        };
        Ok(Export {
            name,
            rows,
            size_bytes: size_of(path)?,
            draft,
        })
    }
}

/// An export is never a page, so who asks for one would be misled.
fn check_whole(request: &LinesRequest) -> Result<(), Error> {
    if request.limit.is_some() || request.offset > 0 {
        let message = "an export has every line: leave out \"limit\" and \"offset\"";
        return Err(cube::Error::Combination(message.to_owned()).into());
    }
    Ok(())
}

fn size_of(path: &Path) -> Result<u64, Error> {
    let found = fs::metadata(path).map_err(|source| file_error("read", path, source))?;
    Ok(found.len())
}
