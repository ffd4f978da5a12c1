//! The page of a person's data, and its forms.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use engine::Tx;
use kernel::{AccountId, ConsentId, Fault, Reason};
use primitives::account;
use primitives::person::Person;
use serde::Deserialize;
use web::{App, Form, Reply, Request, Shell, Staff};

use crate::consent::{self, Basis, Consent, Purpose};
use crate::merge::{self, Merged};
use crate::person::page::{Done, Frame, Part, elsewhere, id, open};
use crate::person::{self, Change};
use crate::texts::Texts;

/// The details as their form sends them.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct DetailsForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    organisation: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    keeper: String,
    #[serde(default)]
    stand_in: String,
}

impl DetailsForm {
    fn of(person: &Person) -> DetailsForm {
        let account = |id: Option<AccountId>| id.map(|id| id.to_string()).unwrap_or_default();
        DetailsForm {
            name: person.name.clone(),
            organisation: person.organisation_name.clone().unwrap_or_default(),
            language: person.language.clone().unwrap_or_default(),
            keeper: account(person.keeper),
            stand_in: account(person.stand_in),
        }
    }

    fn change(&self) -> Result<Change, Fault> {
        let account = |field, text: &str| match text.trim() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| Fault::invalid(field, Reason::Unknown)),
        };
        Ok(Change {
            name: Some(self.name.clone()),
            organisation: Some(Some(self.organisation.clone())),
            language: Some(Some(self.language.clone())),
            keeper: Some(account("keeper", &self.keeper)?),
            stand_in: Some(account("stand_in", &self.stand_in)?),
        })
    }
}

/// A consent as its form sends it.
#[derive(Debug, Clone, Deserialize)]
pub struct ConsentForm {
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    basis: String,
}

struct Choice {
    code: &'static str,
    label: &'static str,
}

struct Errors {
    name: Option<String>,
    organisation: Option<String>,
    language: Option<String>,
    other: Option<String>,
}

#[derive(Template)]
#[template(path = "details/templates/page.html")]
struct DetailsPage {
    t: Texts,
    shell: Shell,
    frame: Frame,
    form: DetailsForm,
    errors: Errors,
    colleagues: Vec<(String, String)>,
    consents: Vec<(&'static str, &'static str, Consent)>,
    purposes: Vec<Choice>,
    bases: Vec<Choice>,
    merges: Vec<Merged>,
}

/// The data of a person.
pub async fn show(
    State(app): State<App>,
    request: Request,
    Path(path): Path<String>,
    Query(done): Query<Done>,
) -> Reply {
    app.page(request, move |tx, staff| {
        let asked = id(&path)?;
        let person = person::required(tx, &staff.actor, asked)?;
        if let Some(reply) = elsewhere(asked, &person) {
            return Ok(reply);
        }
        let form = DetailsForm::of(&person);
        page(tx, staff, person, &done.done, form, None)
    })
    .await
}

fn page(
    tx: &mut Tx<'_>,
    staff: &Staff,
    person: Person,
    done: &str,
    form: DetailsForm,
    fault: Option<&Fault>,
) -> Result<Reply, Fault> {
    let consents = consent::of_person(tx, &staff.actor, &person)?;
    let merges = merge::history(tx, &staff.actor, &person)?;
    let accounts = account::list(tx)?;
    let (frame, shell, t) = open(tx, staff, person, Part::Details, done)?;
    let covered = |purpose| consents.iter().any(|one| one.purpose == purpose && one.withdrawn_at.is_none());
    let open_purposes = Purpose::ALL.into_iter().filter(|purpose| !covered(*purpose));
    let purposes =
        open_purposes.map(|one| Choice { code: one.code(), label: purpose_name(&t, one) }).collect();
    Reply::page(&DetailsPage {
        errors: errors(&t, staff, fault),
        colleagues: accounts
            .into_iter()
            .filter(|account| account.ended_at.is_none())
            .map(|account| (account.id.to_string(), account.name))
            .collect(),
        purposes,
        bases: Basis::ALL
            .into_iter()
            .map(|one| Choice { code: one.code(), label: basis_name(&t, one) })
            .collect(),
        consents: consents
            .into_iter()
            .map(|one| (purpose_name(&t, one.purpose), basis_name(&t, one.basis), one))
            .collect(),
        merges,
        form,
        t,
        shell,
        frame,
    })
}

/// Each fault beside the field that it is about.
fn errors(t: &Texts, staff: &Staff, fault: Option<&Fault>) -> Errors {
    let mut errors = Errors { name: None, organisation: None, language: None, other: None };
    match fault {
        Some(fault @ Fault::Invalid { field, .. }) => {
            let sentence = web::error::sentence(staff.locale(), fault);
            match *field {
                "name" => errors.name = Some(sentence),
                "organisation" => errors.organisation = Some(sentence),
                "language" => errors.language = Some(t.details_wrong_language().to_owned()),
                _ => errors.other = Some(t.details_wrong_colleague().to_owned()),
            }
        }
        Some(_) => errors.other = Some(t.details_wrong_colleague().to_owned()),
        None => {}
    }
    errors
}

/// Changes the data.
pub async fn change(
    State(app): State<App>,
    request: Request,
    Path(path): Path<String>,
    form: Form<DetailsForm>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let (asked, form) = (id(&path)?, &form.fields);
        let changed = tx.savepoint(|tx| person::change(tx, &*clock, &staff.actor, asked, &form.change()?));
        match changed {
            Ok(id) => Ok(Reply::redirect(&format!("/people/{id}/details?done=changed"))),
            Err(fault @ Fault::Invalid { .. }) => {
                let person = person::required(tx, &staff.actor, asked)?;
                let page = page(tx, staff, person, "", form.clone(), Some(&fault))?;
                Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY))
            }
            Err(fault) => Err(fault),
        }
    })
    .await
}

/// Notes a consent.
pub async fn give_consent(
    State(app): State<App>,
    request: Request,
    Path(path): Path<String>,
    form: Form<ConsentForm>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let (person, form) = (id(&path)?, &form.fields);
        let purpose = Purpose::from_code(&form.purpose).ok_or(Fault::invalid("purpose", Reason::Unknown))?;
        let basis = Basis::from_code(&form.basis).ok_or(Fault::invalid("basis", Reason::Unknown))?;
        consent::give(tx, &*clock, &staff.actor, person, purpose, basis)?;
        Ok(Reply::redirect(&format!("/people/{person}/details?done=consent")))
    })
    .await
}

/// Notes that a consent is taken back.
pub async fn withdraw_consent(
    State(app): State<App>,
    request: Request,
    Path((path, consent)): Path<(String, String)>,
    form: Form<Done>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let person = id(&path)?;
        let consent: ConsentId = consent.parse().map_err(|_| Fault::NotFound)?;
        consent::withdraw(tx, &*clock, &staff.actor, person, consent)?;
        Ok(Reply::redirect(&format!("/people/{person}/details?done=consent-withdrawn")))
    })
    .await
}

fn purpose_name(t: &Texts, purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Reply => t.details_purpose_reply(),
        Purpose::Survey => t.details_purpose_survey(),
        Purpose::News => t.details_purpose_news(),
    }
}

fn basis_name(t: &Texts, basis: Basis) -> &'static str {
    match basis {
        Basis::Consent => t.details_basis_consent(),
        Basis::Contract => t.details_basis_contract(),
        Basis::LegitimateInterest => t.details_basis_interest(),
    }
}
