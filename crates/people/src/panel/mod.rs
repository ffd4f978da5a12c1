//! What stands beside a conversation: who one is talking with, what one knows of them, what they said
//! before. Three statements at most.

use askama::Template;
use engine::{DbError, Row, Tx, params};
use kernel::{ConversationId, Fault, Instant, Permission, PersonId, VoiceId};
use primitives::Channel;
use primitives::person::Person;
use web::Staff;

use crate::notebook::{self, Fact};
use crate::person::page::keeper;
use crate::texts::Texts;
use crate::timeline::Excerpt;
use crate::timeline::page::channel_name;

/// Facts and voices that the panel shows.
const FACTS: usize = 5;
/// Characters of an earlier voice.
const EXCERPT: usize = 110;

engine::statements! {
    /// The last voices of a person in visible mailboxes, outside of one conversation.
    SAID = "SELECT v.id, v.conversation_id, v.channel, v.subject, SUBSTR(v.body, 1, 200), v.language, v.occurred_at
            FROM voice v WHERE v.person_id IN (SELECT id FROM person WHERE root_id = $1) AND v.mailbox_id IN LIST($2)
              AND (v.conversation_id IS NULL OR v.conversation_id <> $3)
            ORDER BY v.occurred_at DESC, v.id DESC LIMIT 3";
}

struct Said {
    href: String,
    words: String,
    language: Option<String>,
    told: String,
}

#[derive(Template)]
#[template(path = "panel/templates/panel.html")]
struct Panel {
    t: Texts,
    person: Person,
    hue: &'static str,
    initials: String,
    keeper: String,
    facts: Vec<(Fact, String)>,
    more_facts: bool,
    said: Vec<Said>,
    captures: bool,
}

/// The panel of a person, as HTML; empty for somebody whom the reader may not know.
pub fn panel(tx: &mut Tx<'_>, staff: &Staff, person: PersonId) -> Result<String, Fault> {
    if !staff.actor.may(Permission::ReadPeople) {
        return Ok(String::new());
    }
    let Some(person) = primitives::person::visible(tx, &staff.actor, person)? else {
        return Ok(String::new());
    };
    let t = Texts::new(staff.locale());
    let facts = notebook::of_person(tx, &staff.actor, &person)?;
    let here = conversation(staff.request.path()).map_or(0, ConversationId::raw);
    let said =
        tx.query(&SAID, params![person.id, staff.actor.mailbox_keys(), here], |row| said(row, &t, staff))?;
    let panel = Panel {
        hue: web::layout::hue(&person.name),
        initials: web::layout::initials(&person.name),
        keeper: keeper(&t, staff, &person),
        more_facts: facts.len() > FACTS,
        facts: facts
            .into_iter()
            .take(FACTS)
            .map(|fact| {
                let told = notebook::page::told(&t, staff, &fact);
                (fact, told)
            })
            .collect(),
        said,
        captures: staff.actor.may(Permission::CaptureVoices),
        person,
        t,
    };
    panel.render().map_err(Fault::store)
}

fn said(row: &mut Row<'_>, t: &Texts, staff: &Staff) -> Result<Said, DbError> {
    let id: VoiceId = row.take()?;
    let conversation: Option<ConversationId> = row.take()?;
    let channel = Channel::from_code(&row.take::<String>()?).unwrap_or(Channel::Other);
    let subject: Option<String> = row.take()?;
    let body: String = row.take()?;
    let language = row.take()?;
    let at: Instant = row.take()?;
    let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = if body.is_empty() { subject.unwrap_or_default() } else { body };
    let words = Excerpt::of(&words, EXCERPT);
    let when = staff.formats.moment(at.micros(), staff.now.micros());
    Ok(Said {
        href: match conversation {
            Some(conversation) => format!("/conversations/{conversation}"),
            None => format!("/voices/{id}"),
        },
        words: if words.is_cut {
            format!("{}…", words.text.trim_end_matches(['.', ',', ';', ':']))
        } else {
            words.text
        },
        language,
        told: t.timeline_voice(channel_name(t, channel), when),
    })
}

/// The conversation that an address shows, if it is one.
fn conversation(path: &str) -> Option<ConversationId> {
    path.strip_prefix("/conversations/")?.split('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_conversation_at_hand_is_read_from_the_address() {
        let id = ConversationId(77);
        assert_eq!(conversation(&format!("/conversations/{id}")), Some(id));
        assert_eq!(conversation(&format!("/conversations/{id}/reply")), Some(id));
        assert_eq!(conversation("/conversations"), None);
        assert_eq!(conversation("/today"), None);
    }
}
