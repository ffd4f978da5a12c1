//! What customers, employees and programs do while the process is killed under them.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::house::Keys;
use crate::http::{Ask, Credential, ask};
use crate::luck::Luck;
use crate::memory::{Asked, Memory, What};

/// Longest wait for one answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody who acts until they are told to stop.
pub struct Doer<'a> {
    /// Where the process listens.
    pub address: SocketAddr,
    /// With what they act.
    pub keys: &'a Keys,
    /// What they and the others remember.
    pub memory: &'a Mutex<Memory>,
    /// Whether to stop.
    pub stop: &'a AtomicBool,
    /// Their luck.
    pub luck: Luck,
    /// What their deeds are called.
    pub name: String,
}

impl Doer<'_> {
    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Acts. First everything that was asked before and not answered is asked again.
    pub fn act(mut self) {
        let mut number = 0;
        while !self.stop.load(Ordering::SeqCst) {
            let again = self.memory().open.pop();
            if let Some(asked) = again {
                self.ask(asked);
                continue;
            }
            if self.luck.once_in(8) {
                self.repeat();
                continue;
            }
            number += 1;
            if self.luck.once_in(25) {
                self.upload(number);
            } else if let Some(asked) = self.deed(number) {
                self.ask(asked);
            }
        }
    }

    /// Something new.
    fn deed(&mut self, number: u64) -> Option<Asked> {
        let mark = format!("{}-{number}", self.name);
        let chance = self.luck.below(100);
        let (what, path, body) = if chance < 50 {
            let author = self.luck.below(12);
            let channel = if self.luck.once_in(3) { "review" } else { "form" };
            let body = serde_json::json!({
                "external_id": mark, "channel": channel, "mailbox": self.keys.mailbox,
                "text": format!("La macchina perde acqua dal gruppo, {mark}"),
                "author": { "email": format!("cliente{author}@lapieve.example") },
            });
            (What::Voice, "/api/v1/voices".to_owned(), body)
        } else if chance < 80 {
            let all = self.memory().conversations.clone();
            let conversation = self.luck.one_of(&all)?;
            let note = self.luck.once_in(4);
            let body = serde_json::json!({
                "kind": if note { "note" } else { "outgoing" }, "text": format!("Arriviamo domani. {mark}."),
                "close": self.luck.once_in(5),
            });
            let what = if note { What::Note } else { What::Letter };
            (what, format!("/api/v1/conversations/{conversation}/messages"), body)
        } else if chance < 92 {
            let (first, second) =
                (self.luck.one_of(&self.keys.people)?, self.luck.one_of(&self.keys.people)?);
            (What::Merge, format!("/api/v1/people/{first}/merge"), serde_json::json!({ "with": second }))
        } else {
            let all = self.memory().merges.clone();
            let merge = self.luck.one_of(&all)?;
            (What::Undo, format!("/api/v1/merges/{merge}/undo"), serde_json::json!({}))
        };
        Some(Asked { key: mark, path, body: body.to_string(), what })
    }

    fn post<'a>(&'a self, asked: &'a Asked) -> Ask<'a> {
        Ask {
            credential: Credential::Token(&self.keys.token),
            method: "POST",
            path: &asked.path,
            key: Some(&asked.key),
            media_type: "application/json",
            body: asked.body.as_bytes(),
        }
    }

    /// Asks, and remembers what came of it.
    pub fn ask(&self, asked: Asked) {
        match ask(self.address, &self.post(&asked), PATIENCE) {
            Ok(answer) => self.memory().answered(asked, answer),
            Err(_) => self.memory().open.push(asked),
        }
    }

    /// Asks something again that was answered well: it must be answered alike.
    fn repeat(&mut self) {
        let kept = {
            let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
            self.luck.one_of(&memory.kept).cloned()
        };
        let Some(kept) = kept else { return };
        if let Ok(answer) = ask(self.address, &self.post(&kept.asked), PATIENCE)
            && (answer.status, &answer.body) != (kept.answer.status, &kept.answer.body)
            && !matches!(answer.status, 503 | 507)
        {
            self.memory().strange.push(format!("{} was answered {kept:?}, then {answer:?}", kept.asked.key));
        }
    }

    /// Sends a file by the browser's form, or sets an import going that was sent before.
    fn upload(&mut self, number: u64) {
        let credential = Credential::Session(&self.keys.session);
        let waiting = self.memory().uploads.pop();
        if let Some(path) = waiting {
            let body = format!("csrf={}", self.keys.csrf);
            let run = format!("{path}/run");
            let media_type = "application/x-www-form-urlencoded";
            let begin =
                Ask { credential, method: "POST", path: &run, key: None, media_type, body: body.as_bytes() };
            match ask(self.address, &begin, PATIENCE) {
                Ok(answer) if answer.status == 303 => self.memory().running.push(path),
                // Nobody has looked at it yet, or the answer was lost: it may be set going twice.
                _ => self.memory().uploads.insert(0, path),
            }
            return;
        }
        let mark = format!("{}-{number}", self.name);
        let rows: String =
            (0..40).map(|row| format!("{mark}-{row};Ottimo caffè {row};{}\n", row % 5 + 1)).collect();
        let mut body = String::new();
        for (name, value) in
            [("csrf", self.keys.csrf.as_str()), ("source", &mark), ("mailbox", &self.keys.mailbox)]
        {
            body.push_str(&format!(
                "--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        body.push_str(&format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{mark}.csv\"\r\n\
             Content-Type: text/csv\r\n\r\nid;testo;voto\n{rows}\r\n--edge--\r\n"
        ));
        let send = Ask {
            credential,
            method: "POST",
            path: "/listen/import",
            key: None,
            media_type: "multipart/form-data; boundary=edge",
            body: body.as_bytes(),
        };
        // A form has no key: one whose answer was lost is not sent again, it is there or it is not.
        if let Ok(answer) = ask(self.address, &send, PATIENCE) {
            match answer.header("location") {
                Some(place) if answer.status == 303 => {
                    let place = place.to_owned();
                    self.memory().uploads.push(place);
                }
                // Refused while the database was away: nothing was acknowledged.
                _ if answer.status == 503 => {}
                _ => self.memory().strange.push(format!("upload {mark}: {} {}", answer.status, answer.body)),
            }
        }
    }
}
