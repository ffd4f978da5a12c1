//! The page of tokens.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use kernel::{Fault, Permission, TokenId};
use primitives::token::{self, Token};
use serde::Deserialize;
use web::{App, Form, Reply, Request, Room, Shell, Staff};

use crate::form::{Field, Problems};
use crate::proof;
use crate::settings::Done;
use crate::texts::Texts;

#[derive(Template)]
#[template(path = "tokens/templates/list.html")]
struct ListPage {
    t: Texts,
    shell: Shell,
    tokens: Vec<Token>,
    name: Field,
    scopes: Vec<Scope>,
    scopes_problem: String,
}

/// A scope of the chooser.
struct Scope {
    code: &'static str,
    says: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "tokens/templates/issued.html")]
struct IssuedPage {
    t: Texts,
    shell: Shell,
    name: String,
    secret: String,
}

impl ListPage {
    fn scopes_of(&self, token: &Token) -> String {
        token.scopes.iter().map(|scope| scope.code()).collect::<Vec<_>>().join(", ")
    }
}

fn says(t: &Texts, permission: Permission) -> &'static str {
    match permission {
        Permission::ReadVoices => t.tokens_scope_read_voices(),
        Permission::CaptureVoices => t.tokens_scope_capture_voices(),
        Permission::WriteNotes => t.tokens_scope_write_notes(),
        Permission::AnswerConversations => t.tokens_scope_answer(),
        Permission::ReadPeople => t.tokens_scope_read_people(),
        Permission::EditPeople => t.tokens_scope_edit_people(),
        Permission::MergePeople => t.tokens_scope_merge_people(),
        Permission::ImportVoices => t.tokens_scope_import_voices(),
        Permission::ManageAccounts => t.tokens_scope_manage_accounts(),
        Permission::ManageMailboxes => t.tokens_scope_manage_mailboxes(),
        Permission::ManageSources => t.tokens_scope_manage_sources(),
        Permission::ManageTokens => t.tokens_scope_manage_tokens(),
        Permission::ManageJobs => t.tokens_scope_manage_jobs(),
        Permission::ReadAudit => t.tokens_scope_read_audit(),
        Permission::ReadHealth => t.tokens_scope_read_health(),
    }
}

#[derive(Deserialize, Default, Clone)]
pub(crate) struct Given {
    #[serde(default)]
    name: String,
    #[serde(default)]
    scope: Vec<String>,
}

fn page(
    tx: &mut engine::Tx<'_>,
    staff: &Staff,
    given: &Given,
    problems: &Problems,
    said: Option<&str>,
) -> Result<Reply, Fault> {
    let t = Texts::new(staff.locale());
    let scopes = Permission::ALL
        .into_iter()
        .filter(|permission| staff.actor.may(*permission))
        .map(|permission| Scope {
            code: permission.code(),
            says: says(&t, permission),
            chosen: given.scope.iter().any(|code| code == permission.code()),
        })
        .collect();
    Reply::page(&ListPage {
        shell: Shell::new(tx, staff, Room::Settings)?.flash(said.map(str::to_owned)),
        tokens: token::list(tx)?,
        name: Field::text("name", t.tokens_name())
            .value(&*given.name)
            .hint(t.tokens_name_hint())
            .most(80)
            .required()
            .wrong(problems),
        scopes,
        scopes_problem: problems.of("scopes").to_owned(),
        t,
    })
}

/// `GET /settings/tokens`.
pub(crate) async fn list(State(app): State<App>, request: Request, Query(done): Query<Done>) -> Reply {
    app.page(request, move |tx, staff| {
        staff.actor.authorise(Permission::ManageTokens)?;
        if let Some(first) = proof::needed(staff, "/settings/tokens") {
            return Ok(first);
        }
        let said = (done.code() == "revoked").then(|| Texts::new(staff.locale()).tokens_done_revoked());
        page(tx, staff, &Given::default(), &Problems::default(), said)
    })
    .await
}

/// `POST /settings/tokens`: creates a token for oneself and shows it once.
pub(crate) async fn create(State(app): State<App>, request: Request, form: Form<Given>) -> Reply {
    let (clock, given) = (app.shared_clock(), form.fields);
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::ManageTokens)?;
        if let Some(first) = proof::needed(staff, "/settings/tokens") {
            return Ok(first);
        }
        let account = staff.actor.account.ok_or(Fault::NotFound)?;
        let mut problems = Problems::default();
        let scopes: Option<Vec<Permission>> =
            given.scope.iter().map(|code| Permission::from_code(code)).collect();
        let scopes = scopes.ok_or(Fault::NotFound)?;
        if scopes.is_empty() {
            problems.add("scopes", Texts::new(staff.locale()).tokens_scopes_missing());
        } else {
            let issued = super::create(tx, &*clock, &staff.actor, account, &given.name, &scopes);
            if let Some(issued) = problems.keep(staff.locale(), issued)? {
                return Reply::page(&IssuedPage {
                    t: Texts::new(staff.locale()),
                    shell: Shell::new(tx, staff, Room::Settings)?,
                    name: given.name.trim().to_owned(),
                    secret: issued.secret,
                });
            }
        }
        Ok(page(tx, staff, &given, &problems, None)?.status(StatusCode::UNPROCESSABLE_ENTITY))
    })
    .await
}

#[derive(Deserialize)]
pub(crate) struct Nothing {}

/// `POST /settings/tokens/{id}/revoke`.
pub(crate) async fn revoke(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Nothing>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::ManageTokens)?;
        let id: TokenId = id.parse().map_err(|_| Fault::NotFound)?;
        super::revoke(tx, &*clock, &staff.actor, id)?;
        Ok(Reply::redirect("/settings/tokens?done=revoked"))
    })
    .await
}
