//! What stands around a conversation: the mailbox, the colleagues who see it, the person and how to
//! reach them.

use engine::blob::{self, BlobDigest};
use engine::{Tx, params};
use kernel::{
    AccountId, Actor, ConversationId, Fault, IdentityId, Instant, MailboxId, PersonId, ProductId, Role,
    VoiceId,
};
use primitives::conversation::Conversation;
use primitives::identity::IdentityKind;
use primitives::voice::Voice;

use super::sql;

/// What stands around a conversation.
#[derive(Debug, Default)]
pub struct Around {
    /// The address from which the mailbox answers.
    pub mailbox_address: Option<String>,
    /// Colleagues who see the mailbox and answer customers, by name.
    pub colleagues: Vec<(AccountId, String)>,
    /// The language in which the person wants to be written to.
    pub person_language: Option<String>,
    /// Where the person belongs.
    pub organisation: Option<String>,
    /// Since when the person is known.
    pub known_since: Option<Instant>,
    /// How the person can be reached, in the order in which it was learned.
    pub addresses: Vec<Reach>,
    /// The last mail of the conversation.
    pub last_mail: Option<LastMail>,
    /// The product it is about.
    pub product: Option<String>,
    /// The conversation that it seems to continue, when the actor sees that one too.
    pub continues: Option<Continues>,
    /// Its tags, by name.
    pub tags: Vec<String>,
}

/// The last mail of a conversation.
#[derive(Debug)]
pub struct LastMail {
    /// The voice that it is.
    pub voice: VoiceId,
    /// The person for whom it was written down.
    pub writer: PersonId,
    /// Its raw bytes, where its writer has several addresses and the bytes are in the database.
    pub raw: Option<Vec<u8>>,
}

/// A way to reach somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The identity.
    pub id: IdentityId,
    /// Mail or telephone.
    pub kind: IdentityKind,
    /// The address or number in its one form.
    pub value: String,
    /// The same as it was given.
    pub shown: String,
    /// The person for whom it was written down: a merge does not change that.
    pub of: PersonId,
}

/// The conversation that another seems to continue.
#[derive(Debug)]
pub struct Continues {
    /// Its id.
    pub id: ConversationId,
    /// What it is about.
    pub subject: String,
    /// With whom; empty when nobody knows.
    pub who: String,
}

/// A visible conversation, or a visible voice that may become one.
#[derive(Debug, Clone, Copy)]
pub struct Middle {
    conversation: Option<ConversationId>,
    mailbox: MailboxId,
    person: Option<PersonId>,
    product: Option<ProductId>,
    continues: Option<ConversationId>,
}

impl From<&Conversation> for Middle {
    fn from(of: &Conversation) -> Middle {
        Middle {
            conversation: Some(of.id),
            mailbox: of.mailbox,
            person: of.person,
            product: of.product,
            continues: of.continues,
        }
    }
}

impl From<&Voice> for Middle {
    fn from(of: &Voice) -> Middle {
        let (conversation, continues) = (of.conversation, None);
        Middle { conversation, mailbox: of.mailbox, person: of.person, product: of.product, continues }
    }
}

/// What stands around a visible conversation or voice: one statement.
pub fn of(tx: &mut Tx<'_>, actor: &Actor, middle: impl Into<Middle>) -> Result<Around, Fault> {
    let middle: Middle = middle.into();
    let given = |text: String| (!text.is_empty()).then_some(text);
    let mut around = Around::default();
    let rows = tx.query(
        &sql::AROUND,
        params![
            middle.conversation,
            middle.mailbox,
            middle.person,
            middle.product,
            middle.continues,
            actor.mailbox_keys()
        ],
        |row| {
            Ok((
                row.take::<String>()?,
                row.take::<i64>()?,
                row.take::<String>()?,
                row.take::<String>()?,
                row.take::<i64>()?,
            ))
        },
    )?;
    for (kind, id, text, more, number) in rows {
        match kind.as_str() {
            "mailbox" => around.mailbox_address = given(more),
            "colleague" if Role::from_code(&more).is_some_and(|role| crate::line::answers(Some(role))) => {
                around.colleagues.push((id.into(), text));
            }
            "person" => {
                around.person_language = given(text);
                around.organisation = given(more);
                around.known_since = Some(Instant::from_micros(number));
            }
            "last-mail" => {
                let raw = unpacked(&text, &more);
                around.last_mail = Some(LastMail { voice: id.into(), writer: number.into(), raw });
            }
            "product" => {
                around.product = Some(if more.is_empty() { text } else { format!("{text} {more}") });
            }
            "continues" => around.continues = Some(Continues { id: id.into(), subject: text, who: more }),
            "tag" => around.tags.push(text),
            other => {
                if let Some(kind) = IdentityKind::from_code(other) {
                    let (value, shown, of) = (text, more, number.into());
                    around.addresses.push(Reach { id: id.into(), kind, value, shown, of });
                }
            }
        }
    }
    around.colleagues.sort_by(|a, b| a.1.cmp(&b.1));
    around.addresses.sort_by_key(|reach| reach.id);
    around.tags.sort();
    Ok(around)
}

/// The bytes of a blob that came as hexadecimal digits of its digest and of what is kept, with its size. What cannot be
/// read so is read in the usual way, which says what is wrong with it.
fn unpacked(digits: &str, size: &str) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    let bytes: Option<Vec<u8>> =
        digits.as_bytes().chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect();
    let bytes = bytes?;
    let (digest, packed) = bytes.split_at_checked(32)?;
    blob::unpack(&BlobDigest::from_column(digest)?, size.parse().ok()?, packed).ok()
}
