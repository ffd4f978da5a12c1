//! The page of a link by which one chooses a password.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::Tx;
use kernel::Fault;
use serde::Deserialize;
use web::{App, Door, Form, Reply, Request};

use crate::form::{Field, Problems};
use crate::texts::Texts;
use crate::{door, password};

#[derive(Template)]
#[template(path = "password_link/templates/page.html")]
struct LinkPage {
    t: Texts,
    door: Door,
    secret: String,
    /// The owner's name and address; nobody's when the link opens no more.
    owner: Option<(String, String)>,
    password: Field,
}

fn page(
    tx: &mut Tx<'_>,
    app: &App,
    request: &Request,
    secret: &str,
    problems: &Problems,
) -> Result<Reply, Fault> {
    let owner = super::owner(tx, app.clock(), secret)?;
    let door = Door::new(request, owner.as_ref().map(|owner| owner.locale));
    let t = Texts::new(door.locale);
    let status = if owner.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let page = Reply::page(&LinkPage {
        password: Field::password("password", t.me_new_password())
            .hint(t.password_hint(password::LEAST))
            .autocomplete("new-password")
            .least(password::LEAST)
            .required()
            .wrong(problems),
        secret: secret.to_owned(),
        owner: owner.map(|owner| (owner.name, owner.email)),
        door,
        t,
    })?;
    Ok(page.status(status))
}

/// `GET /password/{secret}`.
pub(crate) async fn show(State(app): State<App>, request: Request, Path(secret): Path<String>) -> Reply {
    let for_page = app.clone();
    door::read(&app, request, move |tx, request| page(tx, &for_page, request, &secret, &Problems::default()))
        .await
}

#[derive(Deserialize, Clone)]
pub(crate) struct Given {
    #[serde(default)]
    password: String,
}

/// `POST /password/{secret}`.
pub(crate) async fn choose(
    State(app): State<App>,
    request: Request,
    Path(secret): Path<String>,
    form: Form<Given>,
) -> Reply {
    let asking = request.clone();
    door::answered(&request, try_to_choose(&app, asking, secret, form.fields).await)
}

async fn try_to_choose(app: &App, request: Request, secret: String, given: Given) -> Result<Reply, Fault> {
    app.brake(&request)?;
    if request.is_cross_site() {
        return Ok(web::error::forged(&request));
    }
    let (for_page, asking, looked, checked) = (app.clone(), request.clone(), secret.clone(), given.clone());
    let refused = app
        .engine()
        .read(move |tx| {
            let Some(owner) = super::owner(tx, for_page.clock(), &looked)? else {
                return page(tx, &for_page, &asking, &looked, &Problems::default()).map(Some);
            };
            let shop = primitives::shop::find(tx)?.map(|shop| shop.name).unwrap_or_default();
            let Err(weakness) = password::check(&checked.password, &[&owner.name, &owner.email, &shop])
            else {
                return Ok(None);
            };
            let t = Texts::new(Door::new(&asking, Some(owner.locale)).locale);
            let mut problems = Problems::default();
            problems.add("password", weakness.sentence(&t));
            let page = page(tx, &for_page, &asking, &looked, &problems)?;
            Ok(Some(page.status(StatusCode::UNPROCESSABLE_ENTITY)))
        })
        .await?;
    if let Some(refused) = refused {
        return Ok(refused);
    }
    let hash = password::hash_aside(given.password).await?;
    let for_act = app.clone();
    app.engine()
        .write(move |tx| {
            if super::choose(tx, for_act.clock(), &secret, &hash)? {
                return Ok(Reply::redirect("/sign-in?done=password"));
            }
            page(tx, &for_act, &request, &secret, &Problems::default())
        })
        .await
}
