//! A row as an account.

use super::distinct::Seen;
use super::field::Columns;
use super::reason::Reason;
use super::table::Row;
use crate::place::LonLat;
use crate::record::account::{Account, Address, Stage};
use crate::record::remark::Remark;

/// Turns rows into accounts.
pub(super) struct Accounts {
    columns: Columns,
    seen: Seen,
}

impl Accounts {
    /// For rows with `columns`.
    pub fn new(columns: Columns) -> Self {
        Self {
            columns,
            seen: Seen::default(),
        }
    }

    /// The account in `row`; the one remark that refuses it otherwise.
    ///
    /// # Errors
    /// It must have a key that no earlier row has, and a name.
    pub fn read(&mut self, row: &Row, doubts: &mut Vec<Remark>) -> Result<Account, Remark> {
        let refuse = |reason: Reason, field, value, detail| {
            Err(reason.remark(row.line, field, value, detail))
        };
        let key = self.text(row, "key");
        if key.is_empty() {
            return refuse(
                Reason::MissingKey,
                "key",
                "",
                "the row has no key".to_owned(),
            );
        }
        let name = self.text(row, "name");
        if name.is_empty() {
            let detail = format!("account {key} has no name");
            return refuse(Reason::MissingName, "name", "", detail);
        }
        if let Some(first) = self.seen.first_line(&[key.as_bytes()], row.line) {
            let detail = format!("line {first} already has account {key}");
            return refuse(Reason::DuplicateKey, "key", key, detail);
        }
        let text = |field| self.text(row, field).to_owned();
        Ok(Account {
            key: key.to_owned(),
            name: name.to_owned(),
            stage: self.stage(row, doubts),
            industry: text("industry"),
            contact: text("contact"),
            phone: text("phone"),
            email: text("email"),
            website: text("website"),
            address: self.address(row),
            position: self.position(row, doubts),
        })
    }

    fn text<'a>(&self, row: &'a Row, field: &str) -> &'a str {
        let column = self.columns.get(field);
        column.map_or("", |column| row.cell(column).text)
    }

    fn stage(&self, row: &Row, doubts: &mut Vec<Remark>) -> Stage {
        let word = self.text(row, "stage");
        if word.is_empty() {
            return Stage::default();
        }
        Stage::parse(word).unwrap_or_else(|| {
            let detail = format!("\"{word}\" is no stage; taken as customer");
            doubts.push(Reason::BadStage.remark(row.line, "stage", word, detail));
            Stage::default()
        })
    }

    /// The address in `row`, empty where it has none.
    pub fn address(&self, row: &Row) -> Address {
        let street = self.text(row, "street");
        let house = self.text(row, "house_number");
        let text = |field| self.text(row, field).to_owned();
        Address {
            street: format!("{street} {house}").trim().to_owned(),
            postal_code: text("postal_code"),
            place: text("place"),
            state: text("state"),
            country: text("country"),
        }
    }

    /// The position, with a remark when one is meant but cannot be had. 0, 0 is what programs
    /// write for an unknown position, and lies in the sea.
    pub fn position(&self, row: &Row, doubts: &mut Vec<Remark>) -> Option<LonLat> {
        let texts = ["lon", "lat"].map(|field| self.text(row, field));
        if texts.iter().all(|text| text.is_empty()) {
            return None;
        }
        let [lon, lat] = texts.map(degrees);
        let found = match (lon, lat) {
            (Some(lon), Some(lat)) if lon == 0.0 && lat == 0.0 => {
                Err("0, 0 stands for an unknown position".to_owned())
            }
            (Some(lon), Some(lat)) => LonLat::parse(lon, lat).map_err(|error| error.to_string()),
            (None, _) => Err(format!("longitude \"{}\" is not a number", texts[0])),
            (_, None) => Err(format!("latitude \"{}\" is not a number", texts[1])),
        };
        match found {
            Ok(position) => Some(position),
            Err(detail) => {
                let field = if lon.is_some() && lat.is_none() {
                    "lat"
                } else {
                    "lon"
                };
                let value = texts.join(", ");
                doubts.push(Reason::BadPosition.remark(row.line, field, &value, detail));
                None
            }
        }
    }
}

/// Degrees with a decimal point or comma; a coordinate has no thousands.
fn degrees(text: &str) -> Option<f64> {
    let text = text
        .trim_end_matches('°')
        .replace(',', ".")
        .replace('−', "-");
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b".-+".contains(&byte));
    if !plain {
        return None;
    }
    text.parse().ok()
}
