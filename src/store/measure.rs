//! Own measures as they are kept. They say how to count, not what is so: none of them is part of
//! [`Store::version`]. What their formulas mean, and whether they are right, is not known here.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::batch::now;
use super::{Error, Store};
use crate::record::measure::{MeasureDefinition, MeasureFormat};

impl Store {
    /// Every own measure, by name.
    ///
    /// # Errors
    /// The database must answer, and hold what this version knows.
    pub async fn measures(&self) -> Result<Vec<MeasureDefinition>, Error> {
        let rows = sqlx::query("SELECT * FROM measure ORDER BY name")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(measure_of).collect()
    }

    /// Keeps an own measure, in the place of the one that has its name.
    ///
    /// # Errors
    /// The database must take it.
    pub async fn put_measure(&self, measure: &MeasureDefinition) -> Result<(), Error> {
        sqlx::query(
            "INSERT OR REPLACE INTO measure \
             (name, formula, label_de, label_en, format, decimals, changed_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&measure.name)
        .bind(&measure.formula)
        .bind(&measure.label_de)
        .bind(&measure.label_en)
        .bind(measure.format.map(MeasureFormat::name))
        .bind(measure.decimals)
        .bind(now())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Removes the own measure `name`, if there is one.
    ///
    /// # Errors
    /// The database must answer.
    pub async fn remove_measure(&self, name: &str) -> Result<(), Error> {
        sqlx::query("DELETE FROM measure WHERE name = ?")
            .bind(name)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

fn measure_of(row: &SqliteRow) -> Result<MeasureDefinition, Error> {
    let format: Option<String> = row.get("format");
    let format = format.map(|word| {
        MeasureFormat::parse(&word).ok_or(Error::Unknown {
            what: "the format",
            value: word,
        })
    });
    let decimals: Option<i64> = row.get("decimals");
    Ok(MeasureDefinition {
        name: row.get("name"),
        formula: row.get("formula"),
        label_de: row.get("label_de"),
        label_en: row.get("label_en"),
        format: format.transpose()?,
        decimals: decimals.and_then(|decimals| u8::try_from(decimals).ok()),
    })
}
