//! Own measures: what may be kept, and what a formula gives before it is.
//!
//! The rules are the cube's. A change is checked against the measures that there are, written, and
//! only then counts: who asks in the meantime asks with all of the old ones or all of the new.

use std::sync::{Arc, PoisonError};

use serde::Serialize;
use utoipa::ToSchema;

use super::{App, Error, to_its_end};
use crate::cube::{
    Cell, CubeLevel, Measure, MeasureError, OwnMeasures, Question, Request, TimeStep, Unit,
};
use crate::record::measure::MeasureDefinition;
use crate::store::Store;

/// A formula that is right.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CheckedMeasure {
    /// What its numbers are.
    pub unit: Unit,
    /// Its value for the last year of the data.
    pub preview: Option<Preview>,
}

/// What a formula gives.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Preview {
    /// The year that it is asked of.
    pub year: String,
    /// The value; none where a part of the formula is missing.
    pub value: Cell,
    /// The currency of money.
    pub currency: Option<String>,
}

impl App {
    /// The own measures that there are now.
    #[must_use]
    pub fn measures(&self) -> Arc<OwnMeasures> {
        let measures = self.measures.read();
        measures.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps a new own measure, as it is given back: its words lose the spaces around them.
    ///
    /// # Errors
    /// Its name must be fit and free, and its formula right.
    pub async fn add_measure(
        &self,
        measure: MeasureDefinition,
    ) -> Result<MeasureDefinition, Error> {
        self.put_measure(measure, OwnMeasures::with).await
    }

    /// Gives an own measure another formula, label or format.
    ///
    /// # Errors
    /// There must be one of that name, its formula must be right, and those that use it must stay
    /// right.
    pub async fn change_measure(
        &self,
        measure: MeasureDefinition,
    ) -> Result<MeasureDefinition, Error> {
        self.put_measure(measure, OwnMeasures::changed).await
    }

    /// Keeps `measure` where it is right among the others by `among`.
    async fn put_measure(
        &self,
        measure: MeasureDefinition,
        among: fn(&OwnMeasures, MeasureDefinition) -> Result<OwnMeasures, MeasureError>,
    ) -> Result<MeasureDefinition, Error> {
        let measure = tidy(measure);
        let app = self.clone();
        to_its_end(async move {
            let _one = app.change.lock().await;
            let measures = among(&app.measures(), measure.clone())?;
            app.store.put_measure(&measure).await?;
            app.put_measures(measures);
            Ok(measure)
        })
        .await
    }

    /// Removes an own measure.
    ///
    /// # Errors
    /// There must be one of that name, and no other may use it.
    pub async fn remove_measure(&self, name: &str) -> Result<(), Error> {
        let (app, name) = (self.clone(), name.to_owned());
        to_its_end(async move {
            let _one = app.change.lock().await;
            let measures = app.measures().without(&name)?;
            app.store.remove_measure(&name).await?;
            app.put_measures(measures);
            Ok(())
        })
        .await
    }

    /// What `measure` would give, new or in the place of the one of its name; nothing is kept.
    ///
    /// # Errors
    /// Its name must be fit, its formula right, and those that use it must stay right.
    pub async fn check_measure(&self, measure: MeasureDefinition) -> Result<CheckedMeasure, Error> {
        let measure = tidy(measure);
        let (known, name) = (self.measures(), measure.name.clone());
        let measures = if known.get(&name).is_some() {
            known.changed(measure)?
        } else {
            known.with(measure)?
        };
        let own = measures.get(&name).ok_or(MeasureError::None(name))?;
        Ok(CheckedMeasure {
            unit: own.unit(),
            preview: self
                .measure_preview(Measure::Own(own.clone()), &measures)
                .await?,
        })
    }

    /// The value of `measure` for the last year; none without lines or in several currencies.
    async fn measure_preview(
        &self,
        measure: Measure,
        measures: &OwnMeasures,
    ) -> Result<Option<Preview>, Error> {
        let derived = self.derived().await?;
        let Some(day) = derived.warehouse.summary().last_day else {
            return Ok(None);
        };
        let year = day.year().to_string();
        let request = serde_json::json!({
            "measures": [measure.id()],
            "filters": [{"level": CubeLevel::Time(TimeStep::Year).id(), "in": [year]}],
        });
        let request: Request = serde_json::from_value(request).map_err(crate::cube::Error::from)?;
        match self.answer(Question::of(request, measures)?).await {
            Ok(answer) => Ok(answer.total.get(measure.id()).map(|value| Preview {
                year,
                value: value.clone(),
                currency: answer.currency.clone(),
            })),
            Err(Error::Cube(crate::cube::Error::MixedCurrencies(_))) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn put_measures(&self, measures: OwnMeasures) {
        let mut kept = self
            .measures
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *kept = Arc::new(measures);
    }
}

/// The own measures of `store`. One that this version does not understand is left out and told in
/// the log; it stays in the store.
pub(super) async fn read(store: &Store) -> Result<OwnMeasures, Error> {
    let (measures, wrong) = OwnMeasures::of(store.measures().await?);
    for (name, error) in wrong {
        tracing::error!(name, %error, "an own measure is not understood and left out");
    }
    Ok(measures)
}

/// Without the spaces around its words.
fn tidy(mut measure: MeasureDefinition) -> MeasureDefinition {
    let MeasureDefinition {
        name,
        formula,
        label_de,
        label_en,
        ..
    } = &mut measure;
    for text in [name, formula, label_de, label_en] {
        *text = text.trim().to_owned();
    }
    measure
}
