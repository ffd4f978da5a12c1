//! How the shop is, for programs.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use kernel::Permission;
use serde::Serialize;
use utoipa::ToSchema;
use web::health::{Level, Reading, Vital};
use web::{App, Problem, Request};
use wording::Formats;

/// How the shop is.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthView {
    /// The worst level of all parts: `ok`, `attention` or `bad`.
    #[schema(example = "ok")]
    level: &'static str,
    /// The version that answers.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// Every part.
    vitals: Vec<VitalView>,
}

/// How one part of the shop is. Totals of the shop: no customer, no employee, no text.
#[derive(Debug, Serialize, ToSchema)]
pub struct VitalView {
    /// Its name, the same in every language.
    #[schema(example = "jobs")]
    name: &'static str,
    /// What people call it, in the language of the token's account.
    title: String,
    /// `ok`, `attention` or `bad`.
    #[schema(example = "ok")]
    level: &'static str,
    /// How it stands, in the language of the token's account.
    sentence: String,
    /// The next step, where there is one.
    next: Option<String>,
    /// The page of what it is made of.
    #[schema(example = "/settings/jobs")]
    page: Option<String>,
    /// The figures behind it.
    figures: Vec<FigureView>,
}

/// A figure, as `/metrics` gives it too.
#[derive(Debug, Serialize, ToSchema)]
pub struct FigureView {
    /// Its name; the reference of metrics says what it means.
    #[schema(example = "bottega_jobs")]
    metric: &'static str,
    /// Its labels.
    labels: BTreeMap<&'static str, String>,
    /// Its value.
    value: f64,
    /// In what it is counted.
    #[schema(example = "jobs")]
    unit: &'static str,
}

impl From<Vital> for VitalView {
    fn from(vital: Vital) -> VitalView {
        VitalView {
            name: vital.name,
            title: vital.title,
            level: vital.level.code(),
            sentence: vital.sentence,
            next: vital.next,
            page: vital.place.map(|place| place.href),
            figures: vital.readings.into_iter().map(FigureView::from).collect(),
        }
    }
}

impl From<Reading> for FigureView {
    fn from(reading: Reading) -> FigureView {
        FigureView {
            metric: reading.metric.name,
            labels: reading.metric.labels.iter().copied().zip(reading.labels).collect(),
            value: reading.value,
            unit: reading.metric.unit,
        }
    }
}

/// How the shop is: queues, what leaves, the ledger, disk, copies, versions.
#[utoipa::path(get, path = "/health", tag = "admin",
    responses((status = 200, body = HealthView), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("bearer" = ["health:read"])))]
pub async fn show(State(app): State<App>, request: Request) -> Response<Body> {
    let for_look = app.clone();
    app.api_read(request, move |tx, actor| {
        actor.authorise(Permission::ReadHealth)?;
        let zone = jiff::tz::TimeZone::get(&actor.zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let vitals = for_look.look(tx, &Formats::new(actor.locale, zone))?;
        Ok(HealthView {
            level: Level::worst(&vitals).code(),
            version: env!("CARGO_PKG_VERSION"),
            vitals: vitals.into_iter().map(VitalView::from).collect(),
        })
    })
    .await
}
