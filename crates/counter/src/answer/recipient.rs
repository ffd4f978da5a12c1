//! To whom an answer goes.

use engine::Tx;
use kernel::{Actor, Fault};
use primitives::identity::IdentityKind;
use primitives::voice;

use crate::conversation::around::{Around, Reach};

/// The ways to reach the person, the best first: the address from which the last mail came, then other
/// mail addresses, then telephones.
pub fn choices(tx: &mut Tx<'_>, actor: &Actor, around: &Around) -> Result<Vec<Reach>, Fault> {
    let writer = around.last_mail.as_ref().map(|mail| mail.writer);
    let of_writer = |reach: &&Reach| reach.kind == IdentityKind::Email && Some(reach.of) == writer;
    // Only where the writer has several addresses does the mail itself have to be asked from which one it came.
    let wrote_from = match &around.last_mail {
        Some(mail) if around.addresses.iter().filter(of_writer).count() > 1 => match &mail.raw {
            Some(raw) => answers_go_to(raw),
            // Too large for the database: it lies in a file.
            None => voice::raw(tx, actor, mail.voice)?.map(|raw| answers_go_to(&raw)).unwrap_or_default(),
        },
        _ => Vec::new(),
    };
    let mut choices = around.addresses.clone();
    choices.sort_by_key(|reach| {
        let rank = if wrote_from.contains(&reach.value) {
            0
        } else if of_writer(&reach) {
            1
        } else if reach.kind == IdentityKind::Email {
            2
        } else {
            3
        };
        (rank, reach.id)
    });
    Ok(choices)
}

/// The addresses to which a mail wants its answers: `Reply-To`, else `From`.
fn answers_go_to(raw: &[u8]) -> Vec<String> {
    let mail = mail::parse(raw);
    let wanted = if mail.reply_to.is_empty() { mail.from.into_iter().collect() } else { mail.reply_to };
    wanted.iter().filter_map(|address| IdentityKind::Email.normalise(&address.address)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_says_where_its_answers_go() {
        let from = b"From: Anna <Anna@Casa.example>\r\n\r\nCiao".as_slice();
        assert_eq!(answers_go_to(from), ["anna@casa.example"]);
        let elsewhere = b"From: a@casa.example\r\nReply-To: b@lavoro.example\r\n\r\nCiao".as_slice();
        assert_eq!(answers_go_to(elsewhere), ["b@lavoro.example"]);
        assert_eq!(answers_go_to(b"no mail at all"), Vec::<String>::new());
    }
}
