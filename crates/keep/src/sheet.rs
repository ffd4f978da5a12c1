//! People and conversations as tables that spreadsheets open.

use std::path::Path;

use engine::{Tx, params};
use kernel::{ConversationId, Instant, OrganisationId, PersonId};

use crate::KeepError;
use crate::write::create_private;

/// Rows read at a time.
const PAGE: u32 = 5_000;

engine::statements! {
    /// People with their organisation, keeper and one address, by id.
    PEOPLE = "SELECT p.id, p.name, o.id, o.name, a.name, p.language, p.known_since,
                (SELECT MIN(i.shown) FROM identity i WHERE i.person_id = p.id AND i.kind = 'email'), p.external_id
              FROM person p LEFT JOIN organisation o ON o.id = p.organisation_id
              LEFT JOIN account a ON a.id = p.keeper_id
              WHERE p.id > $1 ORDER BY p.id LIMIT $2";
    /// Conversations with their mailbox, person and owner, by id.
    CONVERSATIONS = "SELECT c.id, c.subject, c.state, c.channel, m.name, c.person_id, p.name, a.name, c.language,
                       c.opened_at, c.last_at, c.closed_at, c.external_id
                     FROM conversation c JOIN mailbox m ON m.id = c.mailbox_id
                     LEFT JOIN person p ON p.id = c.person_id LEFT JOIN account a ON a.id = c.owner_id
                     WHERE c.id > $1 ORDER BY c.id LIMIT $2";
}

/// A cell that a spreadsheet takes as text: what begins like a formula gets an apostrophe before it. Spreadsheets of
/// other languages split at semicolons and tabs, whatever is quoted: what follows one is a beginning too.
pub(crate) fn harmless(cell: &str) -> String {
    let mut harmless = String::with_capacity(cell.len() + 1);
    let mut begins = true;
    for c in cell.chars() {
        if begins && matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') {
            harmless.push('\'');
        }
        begins = matches!(c, ';' | '\t' | '\r' | '\n' | '|') || (begins && matches!(c, ' ' | '"' | '\u{a0}'));
        harmless.push(c);
    }
    harmless
}

fn text(cell: Option<String>) -> String {
    cell.map_or_else(String::new, |cell| harmless(&cell))
}

fn instant(at: Option<Instant>) -> String {
    at.map_or_else(String::new, |at| at.to_string())
}

/// Writes `people.csv` and `conversations.csv` into a folder: UTF-8 with its mark, so that every spreadsheet
/// knows it, commas, quotes where needed.
pub(crate) fn write(tx: &mut Tx<'_>, folder: &Path) -> Result<(), KeepError> {
    let people = [
        "id",
        "name",
        "organisation_id",
        "organisation",
        "keeper",
        "language",
        "known_since",
        "email",
        "external_id",
    ];
    table(&folder.join("people.csv"), &people, |after| {
        let rows = tx.query(&PEOPLE, params![after, PAGE], |row| {
            let id: PersonId = row.take()?;
            let name = harmless(&row.take::<String>()?);
            let organisation = row.take::<Option<OrganisationId>>()?;
            let cells = vec![
                id.to_string(),
                name,
                organisation.map_or_else(String::new, |id| id.to_string()),
                text(row.take()?),
                text(row.take()?),
                text(row.take()?),
                row.take::<Instant>()?.to_string(),
                text(row.take()?),
                text(row.take()?),
            ];
            Ok((id.raw(), cells))
        })?;
        Ok(rows)
    })?;
    let conversations = [
        "id",
        "subject",
        "state",
        "channel",
        "mailbox",
        "person_id",
        "person",
        "owner",
        "language",
        "opened_at",
        "last_at",
        "closed_at",
        "external_id",
    ];
    table(&folder.join("conversations.csv"), &conversations, |after| {
        let rows = tx.query(&CONVERSATIONS, params![after, PAGE], |row| {
            let id: ConversationId = row.take()?;
            let cells = vec![
                id.to_string(),
                harmless(&row.take::<String>()?),
                row.take()?,
                row.take()?,
                harmless(&row.take::<String>()?),
                row.take::<Option<PersonId>>()?.map_or_else(String::new, |id| id.to_string()),
                text(row.take()?),
                text(row.take()?),
                text(row.take()?),
                instant(row.take()?),
                instant(row.take()?),
                instant(row.take()?),
                text(row.take()?),
            ];
            Ok((id.raw(), cells))
        })?;
        Ok(rows)
    })
}

type Page = Vec<(i64, Vec<String>)>;

fn table(
    path: &Path,
    heading: &[&str],
    mut page: impl FnMut(i64) -> Result<Page, KeepError>,
) -> Result<(), KeepError> {
    use std::io::Write;
    let mut file = create_private(path)?;
    file.write_all("\u{feff}".as_bytes()).map_err(KeepError::at(path))?;
    let mut out = csv::Writer::from_writer(std::io::BufWriter::new(file));
    out.write_record(heading)?;
    let mut after = i64::MIN;
    loop {
        let rows = page(after)?;
        let Some((last, _)) = rows.last() else { break };
        after = *last;
        for (_, cells) in &rows {
            out.write_record(cells)?;
        }
    }
    out.flush().map_err(KeepError::at(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_runs_as_a_formula() {
        for cell in ["=1+1", "+39 02", "-2", "@SUM(A1)", "\tx", "\rx", "=HYPERLINK(\"http://evil.example\")"]
        {
            assert!(harmless(cell).starts_with('\''), "{cell:?}");
        }
        assert_eq!(harmless("La macchina = perde"), "La macchina = perde");
        assert_eq!(harmless(""), "");
        for (cell, shown) in [
            ("Ciao;=WEBSERVICE(\"x\")", "Ciao;'=WEBSERVICE(\"x\")"),
            ("x; =1+1", "x; '=1+1"),
            ("una\t@SUM(A1)", "una\t'@SUM(A1)"),
            ("prezzo = 5; sconto - 1", "prezzo = 5; sconto - 1"),
        ] {
            assert_eq!(harmless(cell), shown);
        }
    }
}
