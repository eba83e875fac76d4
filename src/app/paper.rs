//! Maps on paper: a question is answered and drawn.

use jiff::civil::Date;

use super::ask::in_turn;
use super::cluster::Answerer;
use super::hierarchy::{self, read_all};
use super::{App, Derived, Error};
use crate::cube::{self, CubeLevel, Question, Request, SortRequest};
use crate::export::{self, Names};
use crate::paper::{self, Look, Plate, Subject};
use crate::record::region::OwnRegion;

/// A printed map.
#[derive(Debug, Clone)]
pub struct Paper {
    /// A name for the file, such as `revier-revenue-by-district-2026-11-22.png`.
    pub name: String,
    /// The file.
    pub bytes: Vec<u8>,
}

impl App {
    /// The answer to a question of JSON as a map; `today` is printed on it. The rows are in the order
    /// of the measure that gives the colours where the question wants none.
    ///
    /// It is an export and goes where exports go, so whoever may export is asked there.
    ///
    /// # Errors
    /// The question must be right and of one level of regions, and one of these must have an area.
    pub async fn print(&self, question: &[u8], look: Look, today: Date) -> Result<Paper, Error> {
        let request: Request = serde_json::from_slice(question).map_err(cube::Error::from)?;
        let question = Question::of(in_order(request, &look), &self.measures())?;
        let derived = self.derived().await?;
        let answerer = self.engine(&derived).await?;
        let own = self.own_of(&question).await?;
        let app = self.clone();
        in_turn(&self.questions, move || {
            app.paper_of(
                &derived,
                &answerer,
                (&question, own.as_deref()),
                (&look, today),
            )
        })
        .await
    }

    fn paper_of(
        &self,
        derived: &Derived,
        answerer: &Answerer,
        (question, own): (&Question, Option<&[OwnRegion]>),
        (look, today): (&Look, Date),
    ) -> Result<Paper, Error> {
        let warehouse = &derived.warehouse;
        let summary = warehouse.summary();
        let answer = answerer.ask(warehouse, &self.asked, question)?;
        let names = Names::of(look.language, &summary.hierarchies);
        let subject = Subject {
            question,
            answer: &answer,
            names: &names,
            own,
            days: summary.first_day.zip(summary.last_day),
            today,
        };
        let plate = Plate::of(&subject, look)?;
        let bytes = paper::draw(&plate, look)?;
        let name = export::file_name(plate.title(), look.format.ending(), today);
        Ok(Paper { name, bytes })
    }

    /// The own regions that `question` asks for, as they were imported.
    async fn own_of(&self, question: &Question) -> Result<Option<Vec<OwnRegion>>, Error> {
        let [axis] = question.axes.as_slice() else {
            return Ok(None);
        };
        let CubeLevel::Own(level) = axis.level else {
            return Ok(None);
        };
        let standing = hierarchy::standing(&self.store.batches().await?);
        let home = self.home.clone();
        let read = move || {
            let known = standing.iter().find(|known| known.level == level)?;
            read_all(&home, std::slice::from_ref(known)).next()
        };
        let hierarchy = super::blocking(read).await.transpose()?;
        Ok(hierarchy.map(|hierarchy| hierarchy.regions))
    }
}

/// The request with the largest values first, unless it wants another order.
fn in_order(mut request: Request, look: &Look) -> Request {
    (request.subtotals, request.explain) = (false, false);
    let by = look.measure.as_ref().or(request.measures.first()).cloned();
    if let Some(by) = by.filter(|by| request.sort.is_empty() && request.measures.contains(by)) {
        request.sort = vec![SortRequest {
            by,
            descending: true,
        }];
    }
    request
}
