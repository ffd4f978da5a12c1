//! Choosing with whom to merge, looking at both side by side, and the forms of merging.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use engine::Tx;
use kernel::{Fault, MergeId, PersonId, Reason};
use primitives::person::Person;
use serde::Deserialize;
use web::{App, Form, Reply, Request, Shell, Staff};

use super::suggest::{self, Suggestion, Why};
use crate::list;
use crate::person::page::{Frame, Part, elsewhere, id, open};
use crate::person::{self};
use crate::texts::Texts;

/// People that a search offers.
const FOUND: u32 = 20;

/// What the address carries.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// The name that is looked for.
    #[serde(default)]
    q: String,
    /// With whom the two are compared.
    #[serde(default)]
    with: String,
}

/// With whom to merge, as the form sends it.
#[derive(Debug, Clone, Deserialize)]
pub struct WithForm {
    #[serde(default)]
    with: String,
}

/// Which merge to take back.
#[derive(Debug, Clone, Deserialize)]
pub struct UndoForm {
    #[serde(default)]
    merge: String,
}

/// One of two people, as a card shows them.
pub struct Side {
    /// Who.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Where they belong.
    pub organisation: Option<String>,
    /// Their addresses and numbers.
    pub reached_at: Vec<String>,
    /// Since when they are known.
    pub known: String,
}

/// Two people side by side.
pub struct Pair {
    /// Who stays, then the other.
    pub sides: [Side; 2],
    /// What speaks for their being one.
    pub reasons: Vec<&'static str>,
}

impl Pair {
    /// A suggestion in the reader's words.
    pub fn of(t: &Texts, staff: &Staff, suggestion: Suggestion) -> Pair {
        let side = |profile: suggest::Profile| Side {
            id: profile.id,
            name: profile.name,
            organisation: profile.organisation_name,
            reached_at: [profile.emails, profile.phones].concat(),
            known: t.merge_known(staff.formats.date(profile.known_since.micros())),
        };
        let reason = |why: Why| match why {
            Why::SameNameAndOrganisation => t.merge_why_organisation(),
            Why::SameNameAndNumber => t.merge_why_number(),
            Why::NameInAddress => t.merge_why_address(),
            Why::OneLetterApart => t.merge_why_letter(),
        };
        Pair {
            reasons: suggestion.reasons.into_iter().map(reason).collect(),
            sides: [side(suggestion.first), side(suggestion.second)],
        }
    }
}

#[derive(Template)]
#[template(path = "merge/templates/choose.html")]
struct ChoosePage {
    t: Texts,
    shell: Shell,
    frame: Frame,
    query: String,
    found: Vec<Person>,
    searched: bool,
    suggested: Vec<Pair>,
    compared: Option<Pair>,
    error: Option<String>,
}

/// With whom to merge a person.
pub async fn show(
    State(app): State<App>,
    request: Request,
    Path(path): Path<String>,
    Query(asked): Query<Asked>,
) -> Reply {
    app.page(request, move |tx, staff| {
        let id = id(&path)?;
        let person = person::required(tx, &staff.actor, id)?;
        staff.actor.authorise(kernel::Permission::MergePeople)?;
        match elsewhere(id, &person) {
            Some(reply) => Ok(reply),
            None => page(tx, staff, person, &asked, None),
        }
    })
    .await
}

fn page(
    tx: &mut Tx<'_>,
    staff: &Staff,
    person: Person,
    asked: &Asked,
    fault: Option<&Fault>,
) -> Result<Reply, Fault> {
    let t = Texts::new(staff.locale());
    let query = asked.q.trim();
    let with = match asked.with.parse::<PersonId>() {
        Ok(with) => primitives::person::visible(tx, &staff.actor, with)?.filter(|with| with.id != person.id),
        Err(_) => None,
    };
    let (mut found, mut suggested, mut compared) = (Vec::new(), Vec::new(), None);
    match with {
        Some(with) => compared = Some(Pair::of(&t, staff, suggest::compare(tx, &person, &with)?)),
        None if !query.is_empty() => {
            found = list::list(tx, &staff.actor, query, None, FOUND)?.items;
            found.retain(|other| other.id != person.id);
        }
        None => {
            let pairs = suggest::for_person(tx, &staff.actor, &person)?;
            suggested = pairs.into_iter().map(|one| Pair::of(&t, staff, keeping(one, person.id))).collect();
        }
    }
    let (frame, shell, t) = open(tx, staff, person, Part::Merge, "")?;
    Reply::page(&ChoosePage {
        error: fault.map(|fault| sentence(&t, fault)),
        searched: !query.is_empty() && compared.is_none(),
        query: query.to_owned(),
        found,
        suggested,
        compared,
        t,
        shell,
        frame,
    })
}

/// The pair with the person whose page it is in the first place: they stay.
fn keeping(pair: Suggestion, person: PersonId) -> Suggestion {
    if pair.first.id == person {
        return pair;
    }
    Suggestion { first: pair.second, second: pair.first, reasons: pair.reasons }
}

/// Why two people cannot be merged, for the reader.
pub fn sentence(t: &Texts, fault: &Fault) -> String {
    match fault {
        Fault::Invalid { reason: Reason::Because(_), .. } => t.merge_same_already(),
        _ => t.merge_unknown(),
    }
    .to_owned()
}

fn with(form: &WithForm) -> Result<PersonId, Fault> {
    form.with.parse().map_err(|_| Fault::invalid("with", Reason::Unknown))
}

/// Says that both are the same person.
pub async fn merge(
    State(app): State<App>,
    request: Request,
    Path(path): Path<String>,
    form: Form<WithForm>,
) -> Reply {
    decide(app, request, path, form, |tx, clock, staff, first, second| {
        super::merge(tx, clock, &staff.actor, first, second)?;
        Ok("merged")
    })
    .await
}

/// Says that they are two people.
pub async fn differ(
    State(app): State<App>,
    request: Request,
    Path(path): Path<String>,
    form: Form<WithForm>,
) -> Reply {
    decide(app, request, path, form, |tx, clock, staff, first, second| {
        super::differ(tx, clock, &staff.actor, first, second)?;
        Ok("differ")
    })
    .await
}

type Decision =
    fn(&mut Tx<'_>, &dyn kernel::Clock, &Staff, PersonId, PersonId) -> Result<&'static str, Fault>;

async fn decide(app: App, request: Request, path: String, form: Form<WithForm>, decision: Decision) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let first = id(&path)?;
        let done = tx.savepoint(|tx| decision(tx, &*clock, staff, first, with(&form.fields)?));
        match done {
            Ok(done) => Ok(Reply::redirect(&format!("/people/{first}?done={done}"))),
            Err(fault @ Fault::Invalid { .. }) => {
                let person = person::required(tx, &staff.actor, first)?;
                staff.actor.authorise(kernel::Permission::MergePeople)?;
                let page = page(tx, staff, person, &Asked::default(), Some(&fault))?;
                Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY))
            }
            Err(fault) => Err(fault),
        }
    })
    .await
}

/// Takes a merge back.
pub async fn unmerge(
    State(app): State<App>,
    request: Request,
    Path(path): Path<String>,
    form: Form<UndoForm>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let asked = id(&path)?;
        let merge: MergeId = form.fields.merge.parse().map_err(|_| Fault::NotFound)?;
        let person = person::required(tx, &staff.actor, asked)?;
        let winner = super::unmerge(tx, &*clock, &staff.actor, merge)?;
        // The page one came from, unless it parted from what the reader may know.
        let back = match primitives::person::visible(tx, &staff.actor, person.id)? {
            Some(person) => person.id,
            None => winner,
        };
        Ok(Reply::redirect(&format!("/people/{back}/details?done=unmerged")))
    })
    .await
}
