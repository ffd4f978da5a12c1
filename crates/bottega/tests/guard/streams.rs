//! The live stream, by page and by token: nothing of a mailbox that one does not see.

use axum::body::Body;
use axum::http::{Method, Request, header};
use kernel::{Actor, Role};
use primitives::Channel;
use primitives::conversation::{self, NewConversation};
use testkit::Shop;

use crate::scene::house;

fn open(shop: &Shop, mailbox: kernel::MailboxId) -> String {
    let clock = shop.store.clock.clone();
    let made = shop.store.engine().write_blocking(move |tx| {
        let actor = Actor::machine(vec![mailbox]);
        let new = NewConversation {
            mailbox,
            person: None,
            subject: "x".into(),
            channel: Channel::Mail,
            language: None,
            owner: None,
            team: None,
            product: None,
            historical: false,
            continues: None,
            external_id: None,
            opened_at: kernel::Clock::now(&*clock),
        };
        Ok(conversation::open(tx, &*clock, &actor, &new)?.to_string())
    });
    made.unwrap()
}

#[test]
fn a_stream_says_nothing_of_what_its_reader_may_not_see() {
    let shop = house();
    for role in Role::ALL {
        let who = shop.staffer(&format!("Ascolta {}", role.code()), role, &[shop.banco]);
        let page = who.request(Method::GET, "/live").body(Body::empty()).unwrap();
        let api = Request::get("/api/v1/events")
            .header(header::AUTHORIZATION, format!("Bearer {}", who.token))
            .body(Body::empty())
            .unwrap();
        for request in [page, api] {
            let mut ids = (String::new(), String::new());
            let heard = shop.hear(request, || {
                // The hidden one first: once the visible one is heard, it would have been heard too.
                ids = (open(&shop, shop.private), open(&shop, shop.banco));
                ids.1.clone()
            });
            assert!(heard.contains(&ids.1), "{heard}");
            assert!(!heard.contains(&ids.0), "{} hears {}", role.code(), ids.0);
        }
    }
}

#[test]
fn a_stranger_hears_nothing() {
    let shop = house();
    let answer = shop.get("/live");
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""));
    assert_eq!(shop.get("/api/v1/events").status.as_u16(), 401);
}
