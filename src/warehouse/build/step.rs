//! A step: a copy of an earlier file follows the truth, so that what changes costs, not what is
//! there.
//!
//! 1. The accounts that the batches touched take the place of what they were.
//! 2. Lines that were replaced or taken back leave, those that count now come.
//! 3. What an account is told by all of its lines (first and last purchases, revenue class) is
//!    computed again where it can have changed.
//! 4. Roll-ups give up what the changed lines and accounts brought before, and take what they bring
//!    now.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use duckdb::{AccessMode, Config, Connection};

use super::super::{Error, conversion, name, rollup};
use super::{Built, Truth, quoted, sale};
use crate::facts;
use crate::store::{Batch, BatchId, Kind};
use crate::word::with_causes;

/// The table of the accounts that the batches touched.
pub(super) const TAKEN: &str = "account_taken";

/// A file that changed by more than this share since it was made whole is made whole again: what
/// steps bring is not laid down beside its neighbours, and roll-ups are chosen only then.
const SHARE: u64 = 5;

/// So many changed rows are always taken in steps.
const FEW: u64 = 10_000;

/// The step from an earlier file to a version.
#[derive(Debug, Clone)]
pub struct Step {
    previous: PathBuf,
    added: Vec<BatchId>,
    removed: Vec<BatchId>,
    touching: Vec<BatchId>,
    changed: u64,
}

/// A batch in the words by which two of the same number differ.
pub(super) fn mark(batch: &Batch) -> String {
    let counts = batch.counts;
    format!(
        "{} {}+{} {}",
        batch.at, counts.added, counts.changed, batch.file
    )
}

impl Step {
    /// The step that leads from a file in `folder` to `version`, whose batches are `batches`; none
    /// when there is no such file, or what changed can't be taken in a step.
    #[must_use]
    pub fn find(folder: &Path, version: &str, batches: &[Batch]) -> Option<Self> {
        let previous = previous(folder, version)?;
        match Self::between(previous, batches) {
            Ok(step) => step,
            Err(error) => {
                tracing::warn!(
                    error = with_causes(&error),
                    "an earlier warehouse can't be read, the new one is made whole"
                );
                None
            }
        }
    }

    fn between(previous: PathBuf, batches: &[Batch]) -> Result<Option<Self>, Error> {
        let config = Config::default()
            .access_mode(AccessMode::ReadOnly)?
            .enable_autoload_extension(false)?;
        let connection = Connection::open_with_flags(&previous, config)?;
        let mut known: HashMap<i64, (String, String)> = connection
            .prepare("SELECT batch, kind, mark FROM origin")?
            .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?
            .collect::<Result<_, _>>()?;
        let count = |sql: &str| -> Result<u64, Error> {
            let count: i64 = connection.query_row(sql, [], |row| row.get(0))?;
            Ok(u64::try_from(count).unwrap_or_default())
        };
        let mut step = Self {
            previous,
            added: Vec::new(),
            removed: Vec::new(),
            touching: Vec::new(),
            changed: 0,
        };
        for batch in batches {
            match known.remove(&batch.id.0) {
                Some((_, same)) if same == mark(batch) => {}
                Some(_) => return Ok(None),
                None => match batch.kind {
                    Kind::Sales => step.added.push(batch.id),
                    Kind::Accounts | Kind::Review | Kind::Relocation => {
                        step.touching.push(batch.id);
                    }
                    Kind::Addresses => {}
                    // They change what every account or line is.
                    Kind::Regions | Kind::Rates => return Ok(None),
                },
            }
            if step.added.last() == Some(&batch.id) || step.touching.last() == Some(&batch.id) {
                step.changed += batch.counts.added + batch.counts.changed;
            }
        }
        for (batch, (kind, _)) in known {
            match Kind::parse(&kind) {
                Some(Kind::Sales) => {
                    step.changed +=
                        count(&format!("SELECT count(*) FROM sale WHERE batch = {batch}"))?;
                    step.removed.push(BatchId(batch));
                }
                Some(Kind::Review | Kind::Relocation) => step.touching.push(BatchId(batch)),
                Some(Kind::Addresses) => {}
                // Accounts may be gone, and their numbers would leave gaps.
                Some(Kind::Accounts | Kind::Regions | Kind::Rates) | None => return Ok(None),
            }
        }
        step.added.sort_unstable();
        let before = count("SELECT coalesce(sum(changed), 0)::BIGINT FROM step")?;
        let size = count("SELECT (SELECT count(*) FROM sale) + (SELECT count(*) FROM account)")?;
        let is_small = before + step.changed <= (size / SHARE).max(FEW);
        Ok(is_small.then_some(step))
    }

    /// The batches whose accounts are to be taken.
    #[must_use]
    pub fn touching(&self) -> &[BatchId] {
        &self.touching
    }

    pub(super) fn previous(&self) -> &Path {
        &self.previous
    }

    /// Prepares the copy in `connection`.
    pub(super) fn begin(&self, connection: &Connection) -> Result<(), Error> {
        Ok(connection.execute_batch(&format!(
            "ATTACH {} AS old (READ_ONLY); \
             CREATE TABLE {TAKEN} AS SELECT * EXCLUDE (abc) FROM account LIMIT 0;",
            quoted(&self.previous)
        ))?)
    }

    /// Brings the copy in step, after `taken` accounts came.
    pub(super) fn apply(
        &self,
        connection: &Connection,
        truth: &Truth,
        taken: i32,
    ) -> Result<Built, Error> {
        take_accounts(connection)?;
        let converted = match self.take_lines(connection, truth)? {
            Ok(converted) => converted,
            Err(why) => return Ok(Built::NotInSteps(why)),
        };
        self.replace_lines(connection, &converted)?;
        if taken > 0 {
            move_lines(connection)?;
        }
        flag_visits(connection)?;
        classify(connection)?;
        gather_changes(connection)?;
        rollup::follow(connection)?;
        connection.execute_batch(&format!(
            "DROP TABLE {TAKEN}; INSERT INTO step VALUES ({}); DETACH old;",
            self.changed
        ))?;
        Ok(Built::Done)
    }

    /// Makes the table `changed` of the lines that left, came or were replaced, and the table
    /// `line` of those of them that count now; gives the columns of their amounts in other
    /// currencies, or says why a step can't take them.
    fn take_lines(
        &self,
        connection: &Connection,
        truth: &Truth,
    ) -> Result<Result<String, &'static str>, Error> {
        let is_added = |id: &BatchId| self.added.contains(id);
        let added = truth.parts.iter().filter(|(id, _)| is_added(id));
        let added: Vec<PathBuf> = added.map(|(_, path)| path.clone()).collect();
        let removed: Vec<String> = self.removed.iter().map(BatchId::to_string).collect();
        connection.execute_batch(&format!(
            "CREATE TEMP TABLE changed AS \
             SELECT order_id, line FROM ({}) \
             UNION SELECT order_id, line FROM old.sale WHERE batch IN ({})",
            facts::current_lines(&added),
            if removed.is_empty() {
                "NULL".to_owned()
            } else {
                removed.join(", ")
            }
        ))?;
        // Where lines were taken back, those count again that they had replaced.
        let lines = if removed.is_empty() {
            facts::current_lines(&added)
        } else {
            format!(
                "SELECT s.* FROM ({}) s \
                 SEMI JOIN changed c ON c.order_id = s.order_id AND c.line = s.line",
                facts::current_lines(&truth.paths())
            )
        };
        let converted = conversion::take_lines(connection, &lines)?;
        let is = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, bool>(0));
        if is("SELECT count(*) > 0 FROM line WHERE currency NOT IN \
               (SELECT key FROM member WHERE kind = 'currency')")?
        {
            return Ok(Err("a currency is new"));
        }
        if is("SELECT count(*) > 0 FROM line, rollup \
               WHERE year(day) * 12 + month(day) - 1 < first_month")?
        {
            return Ok(Err("lines are older than all before"));
        }
        Ok(Ok(converted))
    }

    fn replace_lines(&self, connection: &Connection, converted: &str) -> Result<(), Error> {
        let replaces = "SELECT count(*) > 0 FROM line WHERE replaces";
        if !self.removed.is_empty()
            || connection.query_row(replaces, [], |row| row.get::<_, bool>(0))?
        {
            connection.execute_batch(
                "DELETE FROM sale WHERE rowid IN (SELECT s.rowid FROM sale s \
                 SEMI JOIN changed c ON c.order_id = s.order_id AND c.line = s.line)",
            )?;
        }
        sale::number_members(connection)?;
        connection.execute_batch(&format!(
            "CREATE TEMP TABLE order_number AS \
             SELECT n.order_id, coalesce(k.id, (SELECT coalesce(max(order_number), 0) FROM old.sale) \
               + row_number() OVER (PARTITION BY k.id IS NULL))::INTEGER AS id \
             FROM (SELECT DISTINCT order_id FROM line) n \
             LEFT JOIN (SELECT DISTINCT s.order_id, s.order_number AS id FROM old.sale s \
               SEMI JOIN line l ON l.order_id = s.order_id) k ON k.order_id = n.order_id; \
             CREATE TEMP TABLE visit AS {no_visits}; \
             INSERT INTO sale BY NAME {rows}; \
             DROP TABLE order_number; DROP TABLE visit;",
            no_visits = sale::visits("(SELECT * FROM line LIMIT 0)", "NULL::DATE"),
            rows = sale::rows(converted),
        ))?;
        Ok(())
    }
}

/// The newest file of this shape in `folder` other than that of `version`.
fn previous(folder: &Path, version: &str) -> Option<PathBuf> {
    let own = name(version);
    let shape = own.strip_prefix(version)?;
    let ending = format!("{shape}.duckdb");
    let files = fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let files = files.filter(|file| {
        let name = file.file_name();
        let name = name.to_string_lossy();
        name.ends_with(&ending) && !name.starts_with(&own)
    });
    let newest = files.max_by_key(|file| file.metadata().and_then(|data| data.modified()).ok());
    newest.map(|file| file.path())
}

/// Puts the taken accounts in the place of what they were. The table `moved` has those of them
/// whose lines belong to other members than before.
fn take_accounts(connection: &Connection) -> Result<(), Error> {
    let columns = sale::account_columns();
    let of = |table: &str| -> String {
        let columns = columns.iter().map(|column| format!("{table}.{column}"));
        columns.collect::<Vec<_>>().join(", ")
    };
    connection.execute_batch(&format!(
        "CREATE TEMP TABLE taken AS \
         SELECT t.* REPLACE (coalesce(o.id, (SELECT coalesce(max(id), 0) FROM old.account) \
           + row_number() OVER (PARTITION BY o.id IS NULL ORDER BY t.id))::INTEGER AS id), \
           coalesce(o.abc, 0) AS abc \
         FROM {TAKEN} t LEFT JOIN old.account o ON o.key = t.key; \
         DELETE FROM account WHERE id IN (SELECT id FROM taken); \
         INSERT INTO account BY NAME SELECT * FROM taken; \
         CREATE TEMP TABLE moved AS SELECT n.id, n.key, o.id IS NULL AS is_new \
         FROM taken n LEFT JOIN old.account o ON o.id = n.id \
         WHERE o.id IS NULL OR ({new}) IS DISTINCT FROM ({old});",
        new = of("n"),
        old = of("o"),
    ))?;
    Ok(())
}

/// Moves the lines of the moved accounts with them, also those that came before their account.
fn move_lines(connection: &Connection) -> Result<(), Error> {
    let columns = sale::account_columns();
    let set = columns
        .iter()
        .map(|column| format!(", {column} = a.{column}"));
    connection.execute_batch(&format!(
        "UPDATE sale SET account = a.id{} FROM account a JOIN moved m ON m.id = a.id \
         WHERE sale.account_key = a.key",
        set.collect::<String>()
    ))?;
    Ok(())
}

/// Flags first and last purchases anew, of the accounts with changed lines and of those whose last
/// purchase came to lie, or lies no longer, twelve months before the end of the data.
fn flag_visits(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(&format!(
        "CREATE TEMP TABLE ends AS SELECT (SELECT max(day) FROM old.sale) AS before, \
           (SELECT max(day) FROM sale) AS now; \
         CREATE TEMP TABLE revisited AS \
         SELECT account AS key FROM line WHERE account <> '' \
         UNION SELECT s.account_key FROM old.sale s \
           SEMI JOIN changed c ON c.order_id = s.order_id AND c.line = s.line \
           WHERE s.account_key <> '' \
         UNION SELECT account_key FROM (SELECT account_key, max(day) AS last FROM sale \
           WHERE account_key <> '' AND (SELECT before IS DISTINCT FROM now FROM ends) \
           GROUP BY account_key), ends \
           WHERE (before >= last + INTERVAL 1 YEAR) <> (now >= last + INTERVAL 1 YEAR); \
         CREATE TEMP TABLE visit AS {visits}; \
         CREATE TEMP TABLE reflagged AS \
         SELECT s.rowid AS row, s.account, coalesce(v.is_first, false)::TINYINT AS is_first, \
           coalesce(v.is_return, false)::TINYINT AS is_return, \
           coalesce(v.is_last, false)::TINYINT AS is_last \
         FROM sale s SEMI JOIN revisited r ON r.key = s.account_key \
         LEFT JOIN visit v ON v.account = s.account_key AND v.day = s.day \
         WHERE (s.is_first, s.is_return, s.is_last) IS DISTINCT FROM \
           (coalesce(v.is_first, false)::TINYINT, coalesce(v.is_return, false)::TINYINT, \
            coalesce(v.is_last, false)::TINYINT); \
         UPDATE sale SET is_first = n.is_first, is_return = n.is_return, is_last = n.is_last \
         FROM reflagged n WHERE sale.rowid = n.row;",
        visits = sale::visits(
            "(SELECT s.account_key AS account, s.day FROM sale s \
               SEMI JOIN revisited r ON r.key = s.account_key)",
            "(SELECT now FROM ends)"
        ),
    ))?;
    Ok(())
}

/// Gives accounts their revenue class anew where it is another one.
fn classify(connection: &Connection) -> Result<(), Error> {
    let lines = "(SELECT account_key AS account, day, revenue, currency FROM sale)";
    connection.execute_batch(&format!(
        "CREATE TEMP TABLE class AS {classes}; \
         CREATE TEMP TABLE reclassed AS SELECT * FROM ( \
           SELECT a.id, a.abc AS was, CASE WHEN (SELECT count(*) FROM class) = 0 THEN 0 \
             ELSE coalesce(c.abc, 3) END AS abc \
           FROM account a LEFT JOIN class c ON c.account = a.key) WHERE abc <> was; \
         UPDATE account SET abc = r.abc FROM reclassed r WHERE account.id = r.id; \
         UPDATE sale SET abc = r.abc FROM reclassed r WHERE sale.account = r.id;",
        classes = sale::classes(lines, "(SELECT now FROM ends)"),
    ))?;
    Ok(())
}

/// Gathers what can have changed in a roll-up: `changes`, the lines that left (side -1) or came
/// (side 1) with the account that they were or are of; `elsewhere`, the accounts that belong to
/// other members now, or only to another revenue class; `reflagged_account`, those with other first
/// or last purchases.
fn gather_changes(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(
        "INSERT INTO changed SELECT order_id, line FROM old.sale \
           WHERE account = 0 AND account_key IN (SELECT key FROM moved WHERE is_new); \
         CREATE TEMP TABLE changes AS \
         SELECT -1 AS side, s.* FROM old.sale s \
           SEMI JOIN changed c ON c.order_id = s.order_id AND c.line = s.line \
         UNION ALL BY NAME SELECT 1 AS side, s.* FROM sale s \
           SEMI JOIN changed c ON c.order_id = s.order_id AND c.line = s.line; \
         CREATE TEMP TABLE elsewhere AS SELECT id, bool_and(only_class) AS only_class FROM ( \
           SELECT id, false AS only_class FROM moved UNION ALL SELECT id, true FROM reclassed) \
           GROUP BY id; \
         CREATE TEMP TABLE reflagged_account AS SELECT DISTINCT account FROM reflagged; \
         DROP TABLE line; DROP TABLE changed; DROP TABLE reflagged; DROP TABLE visit; \
         DROP TABLE class;",
    )?;
    Ok(())
}
