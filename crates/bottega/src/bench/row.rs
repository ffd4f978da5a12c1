//! A line of the table: what was measured, what the budget is, and whether it was met.

use serde::Serialize;

use super::measure::Measured;

/// A bound that a figure is held to.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Bound {
    /// What is bounded, with its unit.
    pub what: &'static str,
    pub seen: f64,
    pub bound: f64,
    pub at_most: bool,
    pub met: bool,
}

impl Bound {
    pub fn at_most(what: &'static str, seen: f64, bound: f64) -> Bound {
        Bound { what, seen, bound, at_most: true, met: seen <= bound }
    }

    pub fn at_least(what: &'static str, seen: f64, bound: f64) -> Bound {
        Bound { what, seen, bound, at_most: false, met: seen >= bound }
    }

    fn text(&self) -> String {
        let sign = if self.at_most { "≤" } else { "≥" };
        let met = if self.met { "met" } else { "**missed**" };
        format!("{} {sign} {}: {met}", self.what, figure(self.bound))
    }
}

/// A row.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    pub work: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured: Option<Measured>,
    /// What was seen where it is no workload.
    pub seen: String,
    pub bounds: Vec<Bound>,
}

impl Row {
    pub fn of_work(work: &str, measured: Measured, bounds: Vec<Bound>) -> Row {
        Row { work: work.to_owned(), measured: Some(measured), seen: String::new(), bounds }
    }

    pub fn of_figure(work: &str, seen: String, bounds: Vec<Bound>) -> Row {
        Row { work: work.to_owned(), measured: None, seen, bounds }
    }

    /// As a line of a table in Markdown.
    pub fn line(&self) -> String {
        let figures = match &self.measured {
            Some(m) => format!(
                "{} | {} | {} | {} | {} | {} | {}",
                figure(m.rate),
                figure(m.p50_ms),
                figure(m.p95_ms),
                figure(m.p99_ms),
                figure(m.cpu_ms),
                figure(m.memory_mb),
                figure(m.resident_mb)
            ),
            None => format!("{} | | | | | | ", self.seen),
        };
        let bounds: Vec<String> = self.bounds.iter().map(Bound::text).collect();
        format!("| {} | {figures} | {} |", self.work, bounds.join("; "))
    }
}

/// The head of the table.
pub(super) const HEAD: &str = "| work | a second | p50 ms | p95 ms | p99 ms | CPU ms each | own MB | resident MB | budget |\n\
     |---|---|---|---|---|---|---|---|---|";

/// A figure with as many digits as it carries.
pub(super) fn figure(value: f64) -> String {
    match value.abs() {
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_whether_its_budget_was_met() {
        let bounds = vec![Bound::at_most("ms", 12.345, 20.0), Bound::at_least("a second", 900.0, 1_500.0)];
        let row = Row::of_figure("something", "12 ms".into(), bounds);
        assert_eq!(
            row.line(),
            "| something | 12 ms | | | | | |  | ms ≤ 20.0: met; a second ≥ 1500: **missed** |"
        );
    }
}
