//! The frame that the pages of one person share: who they are, who follows them, and the parts.

use engine::Tx;
use kernel::{Fault, Permission, PersonId};
use primitives::person::Person;
use serde::Deserialize;
use web::{Reply, Room, Shell, Staff};

use super::spoke;
use crate::texts::Texts;

/// The parts of a person's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The timeline.
    Story,
    /// The notebook.
    Notebook,
    /// Addresses and handles.
    Identities,
    /// Details, consents, merges.
    Details,
    /// Choosing with whom to merge.
    Merge,
}

/// What the address of such a page may carry.
#[derive(Debug, Default, Deserialize)]
pub struct Done {
    /// What was just done, as a code.
    #[serde(default)]
    pub done: String,
}

/// The frame of a page of one person.
pub struct Frame {
    /// Who it is.
    pub person: Person,
    /// The part that is open.
    pub part: Part,
    /// Who follows them, how often they spoke, since when they are known.
    pub lede: String,
    /// Whether the reader may change them.
    pub edits: bool,
    /// Whether the reader may merge them.
    pub merges: bool,
    /// Whether the reader may write down a voice.
    pub captures: bool,
}

/// The person of an address: a wrong id is a page that does not exist.
pub fn id(path: &str) -> Result<PersonId, Fault> {
    path.parse().map_err(|_| Fault::NotFound)
}

/// The frame and the shell for a visible person; `done` is the code of what was just done.
pub fn open(
    tx: &mut Tx<'_>,
    staff: &Staff,
    person: Person,
    part: Part,
    done: &str,
) -> Result<(Frame, Shell, Texts), Fault> {
    let t = Texts::new(staff.locale());
    let shell = Shell::new(tx, staff, Room::People)?.flash(flash(&t, done));
    let lede = lede(tx, staff, &shell, &t, &person)?;
    let frame = Frame {
        part,
        lede,
        edits: staff.actor.may(Permission::EditPeople),
        merges: staff.actor.may(Permission::MergePeople),
        captures: staff.actor.may(Permission::CaptureVoices),
        person,
    };
    Ok((frame, shell, t))
}

/// Leads from the id of somebody who was merged to the person they are shown as.
pub fn elsewhere(asked: PersonId, person: &Person) -> Option<Reply> {
    (asked != person.id).then(|| Reply::redirect(&format!("/people/{}", person.id)))
}

fn lede(tx: &mut Tx<'_>, staff: &Staff, shell: &Shell, t: &Texts, person: &Person) -> Result<String, Fault> {
    let spoke = spoke(tx, &staff.actor, person.id)?;
    let mut sentences = vec![keeper(t, staff, person)];
    if let Some(name) = &person.stand_in_name {
        sentences.push(t.person_stand_in(name));
    }
    sentences.push(match spoke.last {
        Some(last) => t.person_spoke(shell.moment(&last), spoke.times),
        None => t.person_silent().to_owned(),
    });
    sentences.push(t.person_known(shell.date(&person.known_since)));
    Ok(sentences.join(" "))
}

/// Who follows a person, as a sentence for the reader.
pub fn keeper(t: &Texts, staff: &Staff, person: &Person) -> String {
    match (&person.keeper_name, person.keeper) {
        (Some(_), keeper) if keeper == staff.actor.account => t.person_keeper_you().to_owned(),
        (Some(name), _) => t.person_keeper(name),
        (None, _) => t.person_keeper_none().to_owned(),
    }
}

fn flash(t: &Texts, done: &str) -> Option<String> {
    let sentence = match done {
        "changed" => t.person_done_changed(),
        "fact" => t.person_done_fact(),
        "fact-removed" => t.person_done_fact_removed(),
        "identity" => t.person_done_identity(),
        "identity-removed" => t.person_done_identity_removed(),
        "consent" => t.person_done_consent(),
        "consent-withdrawn" => t.person_done_consent_withdrawn(),
        "merged" => t.person_done_merged(),
        "unmerged" => t.person_done_unmerged(),
        "differ" => t.person_done_differ(),
        _ => return None,
    };
    Some(sentence.to_owned())
}
