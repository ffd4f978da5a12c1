//! A voice as it came: the whole mail read again from its raw bytes, and the bytes themselves.

use askama::Template;
use axum::extract::{Path, State};
use kernel::{Fault, Permission, VoiceId};
use mail::Address;
use primitives::Channel;
use primitives::voice as primitive;
use web::{App, Reply, Request, Room, Shell, Staff};

use crate::texts::Texts;
use crate::voice;

/// Most characters of raw text that are shown; the file has all of them.
const SHOWN: usize = 200_000;

#[derive(Template)]
#[template(path = "voice/templates/original.html")]
struct OriginalPage {
    t: Texts,
    shell: Shell,
    id: String,
    title: String,
    back: String,
    fields: Vec<(&'static str, String)>,
    text: String,
    files: Vec<(String, String)>,
    size: String,
    cut: bool,
}

/// `GET /voices/{id}/original`.
pub async fn show(State(app): State<App>, request: Request, Path(id): Path<String>) -> Reply {
    app.page(request, move |tx, staff| {
        let id: VoiceId = id.parse().map_err(|_| Fault::NotFound)?;
        let voice = voice::visible(tx, &staff.actor, id)?;
        let raw = primitive::raw(tx, &staff.actor, id)?.ok_or(Fault::NotFound)?;
        let shell = Shell::new(tx, staff, Room::Elsewhere)?;
        let mut page = read(staff, shell, voice.channel, &raw);
        page.id = id.to_string();
        page.back = match voice.conversation {
            Some(conversation) => format!("/conversations/{conversation}"),
            None => format!("/voices/{id}"),
        };
        Reply::page(&page)
    })
    .await
}

/// `GET /voices/{id}/raw`: the bytes as they came, never run by a browser.
pub async fn raw(State(app): State<App>, request: Request, Path(id): Path<String>) -> Reply {
    app.page(request, move |tx, staff| {
        staff.actor.authorise(Permission::ReadVoices)?;
        let id: VoiceId = id.parse().map_err(|_| Fault::NotFound)?;
        let voice = voice::visible(tx, &staff.actor, id)?;
        let raw = primitive::raw(tx, &staff.actor, id)?.ok_or(Fault::NotFound)?;
        let ending = if voice.channel == Channel::Mail { "eml" } else { "txt" };
        Ok(Reply::file(&format!("{id}.{ending}"), "application/octet-stream", raw))
    })
    .await
}

fn read(staff: &Staff, shell: Shell, channel: Channel, raw: &[u8]) -> OriginalPage {
    let t = Texts::new(staff.locale());
    let mut page = OriginalPage {
        id: String::new(),
        back: String::new(),
        title: t.voice_original_title().to_owned(),
        fields: Vec::new(),
        text: String::new(),
        files: Vec::new(),
        size: staff.formats.bytes(raw.len() as u64),
        cut: false,
        t,
        shell,
    };
    let mail = (channel == Channel::Mail).then(|| mail::parse(raw));
    let text = match mail {
        Some(mail) if mail.is_unreadable().is_none() => {
            let people = |list: &[Address]| list.iter().map(written).collect::<Vec<_>>().join(", ");
            let date = mail.date_micros.map(|micros| staff.formats.date_time(micros));
            let fields = [
                (t.voice_from(), mail.from.as_ref().map(written).unwrap_or_default()),
                (t.voice_to(), people(&mail.to)),
                (t.voice_cc(), people(&mail.cc)),
                (t.voice_reply_to(), people(&mail.reply_to)),
                (t.voice_date(), date.unwrap_or_default()),
                (t.voice_subject(), mail.subject.clone()),
                (t.voice_message_id(), mail.message_id.clone()),
                (t.voice_defects(), mail.defects.join(", ")),
            ];
            page.fields = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
            page.files = mail
                .attachments
                .iter()
                .map(|file| {
                    let name = file.name.clone().unwrap_or_else(|| file.media_type.clone());
                    (name, staff.formats.bytes(file.size))
                })
                .collect();
            mail.text
        }
        _ => String::from_utf8_lossy(raw).into_owned(),
    };
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => {
            page.text = text[..end].to_owned();
            page.cut = true;
        }
        None => page.text = text,
    }
    page
}

fn written(address: &Address) -> String {
    match &address.name {
        Some(name) if !name.trim().is_empty() => format!("{name} <{}>", address.address),
        _ => address.address.clone(),
    }
}
