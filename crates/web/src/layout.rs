//! The frame of every page: rail, search, tabs, and the words that pages of every room share.

use engine::Tx;
use kernel::{Fault, Instant, Locale, Permission};
use primitives::conversation;

use crate::request::Request;
use crate::staff::Staff;
use crate::texts::Texts;

/// The room that a page belongs to, for the rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// What needs me.
    Today,
    /// Conversations.
    Conversations,
    /// People.
    People,
    /// Sources, voices, capture.
    Listen,
    /// Settings and audit.
    Settings,
    /// None of them: search, one's own account.
    Elsewhere,
}

/// A link of the rail.
pub struct Link {
    /// Where it leads.
    pub href: &'static str,
    /// What it is called.
    pub label: String,
    /// How much is there; 0 shows nothing.
    pub count: String,
    /// Whether this page belongs to it.
    pub current: bool,
    /// The keys that lead there.
    pub key: &'static str,
}

/// The frame of a page for who is signed in. Templates that extend `layout.html` have it as `shell`.
pub struct Shell {
    /// The language, as `lang`.
    pub lang: &'static str,
    /// `light`, `dark` or nothing.
    pub theme: Option<&'static str>,
    /// The links of the rail and of the phone's sheet.
    pub links: Vec<Link>,
    /// The company's name.
    pub shop: String,
    /// The reader's name.
    pub name: String,
    /// The reader's initials.
    pub initials: String,
    /// What the reader does, in words.
    pub role: String,
    /// The mark of every form.
    pub csrf: String,
    /// What the search field holds.
    pub query: String,
    /// Whether this is the demo company.
    pub demo: bool,
    /// Whether the reader may write down voices.
    pub captures: bool,
    /// The sentence about what was just done, if any.
    pub flash: Option<String>,
    now: Instant,
    formats: wording::Formats,
    t: Texts,
}

impl Shell {
    /// The frame for a page of a room: one query.
    pub fn new(tx: &mut Tx<'_>, staff: &Staff, room: Room) -> Result<Shell, Fault> {
        let t = Texts::new(staff.locale());
        let (mine, nobodys) = conversation::waiting_count(tx, &staff.actor)?;
        let count = |n: i64| if n > 0 { staff.formats.integer(n) } else { String::new() };
        let mut links = vec![
            Link {
                href: "/today",
                label: t.rail_today().into(),
                count: String::new(),
                current: room == Room::Today,
                key: "g o",
            },
            Link {
                href: "/conversations",
                label: t.rail_conversations().into(),
                count: count(mine + nobodys),
                current: room == Room::Conversations,
                key: "g c",
            },
            Link {
                href: "/people",
                label: t.rail_people().into(),
                count: String::new(),
                current: room == Room::People,
                key: "g p",
            },
            Link {
                href: "/listen",
                label: t.rail_listen().into(),
                count: String::new(),
                current: room == Room::Listen,
                key: "g a",
            },
        ];
        let settles = [Permission::ManageAccounts, Permission::ReadAudit];
        if settles.iter().any(|permission| staff.actor.may(*permission)) {
            links.push(Link {
                href: "/settings",
                label: t.rail_settings().into(),
                count: String::new(),
                current: room == Room::Settings,
                key: "g s",
            });
        }
        Ok(Shell {
            lang: staff.locale().code(),
            theme: staff.request.theme,
            links,
            shop: staff.shop.clone(),
            name: staff.actor.name.clone(),
            initials: initials(&staff.actor.name),
            role: staff.actor.role.map(|role| role_name(&t, role)).unwrap_or_default(),
            csrf: staff.csrf.clone(),
            query: String::new(),
            demo: staff.demo,
            captures: staff.actor.may(Permission::CaptureVoices),
            flash: None,
            now: staff.now,
            formats: staff.formats.clone(),
            t,
        })
    }

    /// With a sentence about what was just done.
    pub fn flash(mut self, sentence: Option<String>) -> Shell {
        self.flash = sentence;
        self
    }

    /// An instant as one says it: "yesterday at 21:14".
    pub fn moment(&self, at: &Instant) -> String {
        self.formats.moment(at.micros(), self.now.micros())
    }

    /// How long ago: "for 3 hours".
    pub fn ago(&self, at: &Instant) -> String {
        self.formats.ago(at.micros(), self.now.micros())
    }

    /// An instant for `<time datetime>`.
    pub fn iso(&self, at: &Instant) -> String {
        self.formats.iso(at.micros())
    }

    /// A date: "21 November 2026".
    pub fn date(&self, at: &Instant) -> String {
        self.formats.date(at.micros())
    }

    /// A whole number as the language writes it.
    pub fn integer(&self, number: &i64) -> String {
        self.formats.integer(*number)
    }

    /// A size: "1.2 MB".
    pub fn bytes(&self, bytes: &i64) -> String {
        self.formats.bytes(bytes.unsigned_abs())
    }

    /// The letters on a face.
    pub fn letters(&self, name: &str) -> String {
        initials(name)
    }

    /// The colour of a face: see [`hue`].
    pub fn hue(&self, name: &str) -> &'static str {
        hue(name)
    }
}

/// The words of the frame, in the reader's language.
impl Shell {
    /// The frame's word.
    pub fn word_skip(&self) -> String {
        self.t.skip().to_owned()
    }
    /// The frame's word.
    pub fn word_rooms(&self) -> String {
        self.t.rooms().to_owned()
    }
    /// The frame's word.
    pub fn word_find(&self) -> String {
        self.t.find().to_owned()
    }
    /// The frame's word.
    pub fn word_find_hint(&self) -> String {
        self.t.find_hint().to_owned()
    }
    /// The frame's word.
    pub fn word_capture(&self) -> String {
        self.t.capture().to_owned()
    }
    /// The frame's word.
    pub fn word_more(&self) -> String {
        self.t.more().to_owned()
    }
    /// The frame's word.
    pub fn word_account(&self) -> String {
        self.t.account().to_owned()
    }
    /// The frame's word.
    pub fn word_sign_out(&self) -> String {
        self.t.sign_out().to_owned()
    }
    /// The frame's word.
    pub fn word_demo(&self) -> String {
        self.t.demo().to_owned()
    }
    /// A word of the script.
    pub fn word_keys(&self) -> String {
        self.t.words_keys().to_owned()
    }
    /// A word of the script.
    pub fn word_palette(&self) -> String {
        self.t.words_palette().to_owned()
    }
    /// A word of the script.
    pub fn word_nothing(&self) -> String {
        self.t.words_nothing().to_owned()
    }
    /// A word of the script.
    pub fn word_close(&self) -> String {
        self.t.words_close().to_owned()
    }
    /// A word of the script.
    pub fn word_copied(&self) -> String {
        self.t.words_copied().to_owned()
    }
    /// A word of the script.
    pub fn word_offline(&self) -> String {
        self.t.words_offline().to_owned()
    }
    /// A word of the script.
    pub fn word_failed(&self) -> String {
        self.t.words_failed().to_owned()
    }
    /// A word of the script.
    pub fn word_move(&self) -> String {
        self.t.words_move().to_owned()
    }
    /// A word of the script.
    pub fn word_open(&self) -> String {
        self.t.words_open().to_owned()
    }
    /// A word of the script; `{q}` stands for what is searched.
    pub fn word_search(&self) -> String {
        self.t.words_search("{q}")
    }
}

/// The frame of a page before signing in. Templates that extend `door.html` have it as `door`.
pub struct Door {
    /// The language, as `lang`.
    pub lang: &'static str,
    /// `light`, `dark` or nothing.
    pub theme: Option<&'static str>,
    /// The page itself, to come back to after a change of language.
    pub here: String,
    /// The languages one can choose, by code and own name.
    pub languages: Vec<(&'static str, &'static str)>,
    /// The language.
    pub locale: Locale,
}

impl Door {
    /// The frame for a request: in the language that the browser asks for, else in the shop's.
    pub fn new(request: &Request, shop: Option<Locale>) -> Door {
        let locale = request.locale.or(shop).unwrap_or_default();
        Door {
            lang: locale.code(),
            theme: request.theme,
            here: request.path_and_query.clone(),
            languages: Locale::ALL.iter().map(|locale| (locale.code(), locale.own_name())).collect(),
            locale,
        }
    }
}

/// What a role is called.
fn role_name(t: &Texts, role: kernel::Role) -> String {
    match role {
        kernel::Role::Keeper => t.role_keeper(),
        kernel::Role::Function => t.role_function(),
        kernel::Role::Conductor => t.role_conductor(),
        kernel::Role::Administrator => t.role_administrator(),
    }
    .to_string()
}

/// The colour of a face: the same for the same name, meaning nothing.
pub fn hue(name: &str) -> &'static str {
    match name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % 4 {
        0 => "b",
        1 => "g",
        2 => "y",
        _ => "",
    }
}

/// The first letters of the first and the last word of a name.
pub fn initials(name: &str) -> String {
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    let letters: String = [first, last].into_iter().flatten().flat_map(char::to_uppercase).collect();
    if letters.is_empty() { "·".to_owned() } else { letters }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_face_has_one_or_two_letters() {
        assert_eq!(initials("Anna Riva"), "AR");
        assert_eq!(initials("anna"), "A");
        assert_eq!(initials("Luigi De Santis"), "LS");
        assert_eq!(initials("+39 055 1234"), "31");
        assert_eq!(initials("…"), "·");
    }
}
