//! `GET` and `POST /capture`.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use engine::Tx;
use kernel::{Fault, Permission, PersonId, Reason};
use primitives::mailbox::{self, Mailbox};
use primitives::product::{self, Product};
use primitives::{Channel, person};
use serde::Deserialize;
use web::{App, Form, Reply, Request, Room, Shell, Staff};

use super::Heard;
use crate::texts::Texts;

/// How customers speak when somebody writes it down, the likelier first.
const CHANNELS: [Channel; 5] =
    [Channel::Counter, Channel::Phone, Channel::Chat, Channel::Post, Channel::Other];
/// How many products are suggested.
const PRODUCTS: usize = 100;

/// The form as it was filled.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Fields {
    #[serde(default)]
    channel: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    contact: String,
    #[serde(default)]
    product: String,
    #[serde(default)]
    mailbox: String,
    #[serde(default)]
    waits: String,
}

#[derive(Template)]
#[template(path = "capture/templates/page.html")]
struct CapturePage {
    t: Texts,
    shell: Shell,
    fields: Fields,
    person: Option<(PersonId, String)>,
    mailboxes: Vec<Mailbox>,
    products: Vec<Product>,
    bad: Option<(&'static str, String)>,
}

impl CapturePage {
    fn channels(&self) -> Vec<(&'static str, String, bool)> {
        let chosen = Channel::from_code(&self.fields.channel).unwrap_or(Channel::Counter);
        CHANNELS.iter().map(|channel| (channel.code(), name(&self.t, *channel), *channel == chosen)).collect()
    }

    fn error(&self, field: &str) -> Option<&str> {
        self.bad.as_ref().filter(|(bad, _)| *bad == field).map(|(_, sentence)| sentence.as_str())
    }
}

fn name(t: &Texts, channel: Channel) -> String {
    match channel {
        Channel::Phone => t.capture_phone(),
        Channel::Chat => t.capture_chat(),
        Channel::Post => t.capture_post(),
        Channel::Counter => t.capture_counter(),
        _ => t.capture_other(),
    }
    .to_string()
}

/// What the address carries.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// Whose voice it is.
    #[serde(default)]
    person: String,
}

/// The form, for a known person when the address names one.
pub async fn show(State(app): State<App>, request: Request, Query(asked): Query<Asked>) -> Reply {
    app.page(request, move |tx, staff| {
        staff.actor.authorise(Permission::CaptureVoices)?;
        let fields = Fields { person: asked.person.clone(), ..Fields::default() };
        page(tx, staff, fields, None)
    })
    .await
}

fn page(
    tx: &mut Tx<'_>,
    staff: &Staff,
    fields: Fields,
    bad: Option<(&'static str, String)>,
) -> Result<Reply, Fault> {
    let person = match fields.person.parse::<PersonId>() {
        Ok(id) => {
            let known = person::visible(tx, &staff.actor, id)?.ok_or(Fault::NotFound)?;
            Some((known.id, known.name))
        }
        Err(_) => None,
    };
    let mut products = product::list(tx)?;
    products.truncate(PRODUCTS);
    let page = CapturePage {
        t: Texts::new(staff.locale()),
        person,
        mailboxes: mailbox::visible(tx, &staff.actor)?,
        products,
        shell: Shell::new(tx, staff, Room::Elsewhere)?,
        fields,
        bad,
    };
    let wrong = page.bad.is_some();
    let reply = Reply::page(&page)?;
    Ok(if wrong { reply.status(StatusCode::UNPROCESSABLE_ENTITY) } else { reply })
}

/// Writes the voice down and leads to it.
pub async fn save(State(app): State<App>, request: Request, form: Form<Fields>) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let fields = form.fields.clone();
        let heard = match read(&fields) {
            Ok(heard) => tx.savepoint(|tx| super::capture(tx, &*clock, &staff.actor, &heard)),
            Err(fault) => Err(fault),
        };
        match heard {
            Ok((_, Some(conversation))) => Ok(Reply::redirect(&format!("/conversations/{conversation}"))),
            Ok((voice, None)) => Ok(Reply::redirect(&format!("/voices/{voice}"))),
            Err(fault @ Fault::Invalid { field, .. }) => {
                let sentence = web::error::sentence(staff.locale(), &fault);
                page(tx, staff, fields, Some((field, sentence)))
            }
            Err(fault) => Err(fault),
        }
    })
    .await
}

fn read(fields: &Fields) -> Result<Heard, Fault> {
    let unknown = |field| Fault::invalid(field, Reason::Unknown);
    let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    Ok(Heard {
        channel: given(&fields.channel)
            .map(|code| Channel::from_code(&code).ok_or(unknown("channel")))
            .transpose()?,
        text: fields.text.clone(),
        person: given(&fields.person).map(|id| id.parse().map_err(|_| unknown("person"))).transpose()?,
        name: fields.name.clone(),
        contact: fields.contact.clone(),
        product: fields.product.clone(),
        mailbox: given(&fields.mailbox).map(|id| id.parse().map_err(|_| unknown("mailbox"))).transpose()?,
        waits: !fields.waits.is_empty(),
    })
}
