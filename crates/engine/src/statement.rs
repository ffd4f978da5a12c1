//! Statements are constants, written once; where the two engines must differ they are a pair.

use std::sync::OnceLock;

/// Which engine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Embedded SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// One SQL statement with `$1` parameters. `IN LIST($2)` tests membership in a list parameter on
/// either engine.
#[derive(Debug)]
pub struct Statement {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
    rendered: [OnceLock<String>; 2],
}

impl Statement {
    /// The same text for both engines.
    pub const fn new(name: &'static str, sql: &'static str) -> Statement {
        Statement::pair(name, sql, sql)
    }

    /// One text for each engine.
    pub const fn pair(name: &'static str, sqlite: &'static str, postgres: &'static str) -> Statement {
        Statement { name, sqlite, postgres, rendered: [OnceLock::new(), OnceLock::new()] }
    }

    /// Where it stands, for errors and for the test that prepares every statement.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The text as the engine takes it.
    pub fn sql(&self, dialect: Dialect) -> &str {
        match dialect {
            Dialect::Sqlite => self.rendered[0].get_or_init(|| render(self.sqlite, dialect)),
            Dialect::Postgres => self.rendered[1].get_or_init(|| render(self.postgres, dialect)),
        }
    }
}

/// Writes list membership and parameters the way the engine takes them.
fn render(sql: &str, dialect: Dialect) -> String {
    const LIST: &str = "IN LIST(";
    let mut out = String::with_capacity(sql.len() + 32);
    let mut rest = sql;
    while let Some(start) = rest.find(LIST) {
        out.push_str(&rest[..start]);
        let after = &rest[start + LIST.len()..];
        let end = after.find(')').unwrap_or(after.len());
        match dialect {
            Dialect::Sqlite => out.push_str(&format!("IN (SELECT value FROM json_each({}))", &after[..end])),
            Dialect::Postgres => out.push_str(&format!("= ANY({})", &after[..end])),
        }
        rest = after.get(end + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    match dialect {
        // SQLite numbers `?1`; a `$1` would be a name, counted by first appearance.
        Dialect::Sqlite => out.replace('$', "?"),
        Dialect::Postgres => out,
    }
}

/// Declares the statements of a module and `ALL`, the list that the module registers:
/// `statements! { NAME = "SELECT …"; OTHER = { sqlite: "…", postgres: "…" }; }`. Where several share their
/// columns, a local macro that gives a literal may stand in: `NAME = select("WHERE …");`
#[macro_export]
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:tt $(($($arguments:tt)*))? ;)*) => {
        $($(#[$doc])* pub static $name: $crate::Statement =
            $crate::statements!(@one concat!(module_path!(), "::", stringify!($name)), $sql $(($($arguments)*))?);)*
        /// Every statement of this module, for the test that prepares them on both engines.
        pub static ALL: &[&$crate::Statement] = &[$(&$name),*];
    };
    (@one $name:expr, { sqlite: $sqlite:expr, postgres: $postgres:expr }) => {
        $crate::Statement::pair($name, $sqlite, $postgres)
    };
    (@one $name:expr, $macro:ident ($($arguments:tt)*)) => {
        $crate::Statement::new($name, $macro!($($arguments)*))
    };
    (@one $name:expr, $sql:literal) => { $crate::Statement::new($name, $sql) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_membership_is_written_for_each_engine() {
        let statement = Statement::new("t", "SELECT 1 FROM voice WHERE id IN LIST($1) AND score > $2");
        assert_eq!(
            statement.sql(Dialect::Sqlite),
            "SELECT 1 FROM voice WHERE id IN (SELECT value FROM json_each(?1)) AND score > ?2"
        );
        assert_eq!(statement.sql(Dialect::Postgres), "SELECT 1 FROM voice WHERE id = ANY($1) AND score > $2");
    }
}
