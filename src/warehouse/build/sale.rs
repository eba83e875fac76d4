//! The fact table `sale` from the temporary table `line`.

use duckdb::Connection;

use super::super::{Error, LINE_COLUMNS};

/// The columns of `sale` that the account of a line fills, those of its revenue class left out.
pub(super) fn account_columns() -> Vec<&'static str> {
    let own = crate::place::OwnLevel::ALL.map(crate::place::OwnLevel::name);
    [super::ACCOUNT_LEVELS.as_slice(), &own, &["h3"]].concat()
}

/// Makes the table of all lines, and the revenue classes of the accounts.
pub(super) fn make(connection: &Connection, converted: &str) -> Result<(), Error> {
    number_members(connection)?;
    let last_day = "(SELECT max(day) FROM line)";
    connection.execute_batch(&format!(
        "INSERT INTO member VALUES ('abc', 1, 'A', 'A'), ('abc', 2, 'B', 'B'), ('abc', 3, 'C', 'C'); \
         CREATE TEMP TABLE order_number AS \
         SELECT order_id, row_number() OVER ()::INTEGER AS id \
         FROM (SELECT DISTINCT order_id FROM line); \
         CREATE TEMP TABLE visit AS {visits}; \
         CREATE TEMP TABLE class AS {classes}; \
         ALTER TABLE account ADD COLUMN abc INTEGER DEFAULT 0; \
         UPDATE account \
         SET abc = coalesce((SELECT c.abc FROM class c WHERE c.account = account.key), 3) \
         WHERE (SELECT count(*) > 0 FROM class);",
        visits = visits("line", last_day),
        classes = classes("line", last_day),
    ))?;
    // Neighbours in space lie together, so a filter by region reads few row groups.
    connection.execute_batch(&format!(
        "CREATE TABLE sale AS {} \
         ORDER BY country, state, district, municipality, account, day; \
         DROP TABLE line; DROP TABLE order_number; DROP TABLE visit; DROP TABLE class;",
        rows(converted)
    ))?;
    Ok(())
}

/// Numbers the members of the lines in `line` that have none yet.
pub(super) fn number_members(connection: &Connection) -> Result<(), Error> {
    for level in LINE_COLUMNS {
        connection.execute_batch(&format!(
            "INSERT INTO member \
             SELECT '{level}', ((SELECT coalesce(max(id), 0) FROM member WHERE kind = '{level}') \
               + row_number() OVER (ORDER BY {level}))::INTEGER, {level}, {level} \
             FROM (SELECT DISTINCT {level} FROM line WHERE {level} <> '') \
             WHERE {level} NOT IN (SELECT key FROM member WHERE kind = '{level}')"
        ))?;
    }
    Ok(())
}

/// The rows of `sale` of the lines in `line`; `converted` are their amounts in other currencies.
pub(super) fn rows(converted: &str) -> String {
    include_str!("lines.sql").replace("{converted}", converted)
}

/// The days of accounts that begin or end something, of `lines` that end on `last_day`.
pub(super) fn visits(lines: &str, last_day: &str) -> String {
    filled(include_str!("visits.sql"), lines, last_day)
}

/// The revenue classes of accounts, of `lines` that end on `last_day`.
pub(super) fn classes(lines: &str, last_day: &str) -> String {
    filled(include_str!("classes.sql"), lines, last_day)
}

fn filled(sql: &str, lines: &str, last_day: &str) -> String {
    // A comment would swallow what follows it on a line.
    let text: Vec<&str> = sql.lines().filter(|line| !line.starts_with("--")).collect();
    text.join("\n")
        .replace("{lines}", lines)
        .replace("{last_day}", last_day)
}
