//! Whose the place of the large files is.
//!
//! A file without a row is removed after a while, and only the database that wrote its rows can say that it has
//! none. A restored copy, a rehearsal or the shop from before a move knows other rows; opened on the same folder or
//! bucket it would take the living shop's files for nobody's. Therefore a mark lies there, the database knows it,
//! and it was written in this very database, not in one of which this is a copy. Where it does not fit, nothing is
//! removed until somebody takes the place over.

use std::os::unix::fs::MetadataExt;

use kernel::Fault;

use crate::{DbError, Engine, Tx, key, params};

crate::statements! {
    /// The mark that this database wrote, and which database that was.
    OWN = "SELECT mark, written_in FROM shelf_owner WHERE id = 1";
    /// Keeps a mark.
    WRITE = "INSERT INTO shelf_owner (id, mark, written_in) VALUES (1, $1, $2)
             ON CONFLICT (id) DO UPDATE SET mark = excluded.mark, written_in = excluded.written_in";
    /// Which database this is: the server's own number and the database's in it.
    WHICH = {
        sqlite: "SELECT ''",
        postgres: "SELECT CAST(system_identifier AS TEXT) || '/' ||
                     (SELECT CAST(oid AS TEXT) FROM pg_database WHERE datname = current_database())
                   FROM pg_control_system()"
    };
}

/// Whose the place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// This database's.
    Ours,
    /// No mark lies there yet.
    Nobodys,
    /// Another database's, or that of the one from which this is a copy.
    Anothers,
}

/// Asks whose the place of the large files is. Blocks.
pub fn whose(engine: &Engine) -> Result<Whose, Fault> {
    let Some(lying) = engine.shelf().mark()? else { return Ok(Whose::Nobodys) };
    let (own, here) = engine.read_blocking(|tx| {
        let own = tx.find(&OWN, &[], |row| Ok((row.take::<String>()?, row.take::<String>()?)))?;
        Ok((own, which(tx)?))
    })?;
    Ok(match own {
        Some((mark, written_in)) if mark == lying && written_in == here => Whose::Ours,
        _ => Whose::Anothers,
    })
}

/// Makes the place this database's, whoever's it was: from now on it removes there what has no row here. Blocks.
pub fn take_over(engine: &Engine) -> Result<(), Fault> {
    let mark = key::random_secret()?;
    let kept = mark.clone();
    engine.write_blocking(move |tx| {
        let here = which(tx)?;
        Ok(tx.execute(&WRITE, params![kept.clone(), here])?)
    })?;
    Ok(engine.shelf().set_mark(&mark)?)
}

/// A file is known by its number on its disk, which a copy does not have.
fn which(tx: &mut Tx<'_>) -> Result<String, DbError> {
    match &tx.shared.database_file {
        None => tx.one(&WHICH, &[], |row| row.take()),
        Some(file) => match std::fs::metadata(file) {
            Ok(found) => Ok(format!("file {}", found.ino())),
            Err(cause) => Err(DbError::File { path: file.display().to_string(), cause }),
        },
    }
}
