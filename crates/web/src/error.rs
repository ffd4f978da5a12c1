//! Errors as pages: a sentence in the reader's language, and the next step.

use askama::Template;
use axum::http::{StatusCode, header};
use engine::{DbError, Trouble};
use kernel::{Clash, Fault, Locale, Reason};

use crate::assets;
use crate::reply::Reply;
use crate::request::Request;
use crate::staff::Staff;
use crate::texts::Texts;

/// When to try again once the machine's trouble may have passed. Seconds.
const AGAIN_AFTER_SECONDS: u32 = 5;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    lang: &'static str,
    theme: Option<&'static str>,
    title: String,
    sentence: String,
    back: &'static str,
    back_label: String,
    status: u16,
}

/// The status that a fault has in HTTP.
pub fn status(fault: &Fault) -> StatusCode {
    match fault {
        Fault::NotFound => StatusCode::NOT_FOUND,
        Fault::Forbidden(_) => StatusCode::FORBIDDEN,
        Fault::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Fault::Conflict(_) => StatusCode::CONFLICT,
        Fault::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Fault::Store(_) => match DbError::trouble_in(fault) {
            None => StatusCode::INTERNAL_SERVER_ERROR,
            Some(Trouble::Full) => StatusCode::INSUFFICIENT_STORAGE,
            Some(Trouble::Away | Trouble::Unsure | Trouble::ReadOnly | Trouble::Gone) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        },
    }
}

/// After how many seconds it may be tried again, when the fault is one that passes.
pub(crate) fn retry_after_seconds(fault: &Fault) -> Option<u32> {
    match fault {
        Fault::TooMany { retry_after_seconds } => Some(*retry_after_seconds),
        _ if status(fault) == StatusCode::SERVICE_UNAVAILABLE => Some(AGAIN_AFTER_SECONDS),
        _ => None,
    }
}

/// A page that tells of a fault.
pub fn page(request: &Request, staff: Option<&Staff>, fault: &Fault) -> Reply {
    if let Fault::Store(cause) = fault {
        tracing::error!(%cause, "a page failed");
    }
    let locale = locale(request, staff);
    let t = Texts::new(locale);
    let (title, sentence) = match fault {
        Fault::NotFound => (t.fault_not_found_title().to_string(), t.fault_not_found().to_string()),
        Fault::Forbidden(_) => (t.fault_forbidden_title().to_string(), t.fault_forbidden().to_string()),
        Fault::Invalid { .. } => (t.fault_invalid_title().to_string(), sentence(locale, fault)),
        Fault::Conflict(clash) => {
            let sentence = match clash {
                Clash::Changed => t.fault_conflict_changed(),
                Clash::State | Clash::IdempotencyKey => t.fault_conflict_state(),
                Clash::AlreadySetUp => t.fault_conflict_set_up(),
                Clash::LastAdministrator => t.fault_conflict_administrator(),
            };
            (t.fault_conflict_title().to_string(), sentence.to_string())
        }
        Fault::TooMany { retry_after_seconds } => {
            (t.fault_too_many_title().to_string(), t.fault_too_many(retry_after_seconds).to_string())
        }
        Fault::Store(_) => {
            let sentence = match DbError::trouble_in(fault) {
                None if DbError::sealed_in(fault) => t.fault_store_sealed(),
                None => t.fault_store(),
                Some(Trouble::Away) => t.fault_store_away(),
                Some(Trouble::Unsure) => t.fault_store_unsure(),
                Some(Trouble::Full) => t.fault_store_full(),
                Some(Trouble::ReadOnly) => t.fault_store_read_only(),
                Some(Trouble::Gone) => t.fault_store_gone(),
            };
            (t.fault_store_title().to_string(), sentence.to_string())
        }
    };
    let reply = render(request, locale, staff.is_some(), title, sentence, status(fault));
    match retry_after_seconds(fault) {
        Some(seconds) => reply.header(header::RETRY_AFTER, &seconds.to_string()),
        None => reply,
    }
}

/// The page for a form that did not come from this session.
pub fn forged(request: &Request) -> Reply {
    let locale = locale(request, None);
    let t = Texts::new(locale);
    let (title, sentence) = (t.fault_forged_title().to_string(), t.fault_forged().to_string());
    render(request, locale, true, title, sentence, StatusCode::FORBIDDEN)
}

/// The page for a refusal that no use case gave: what came could not be read, was too large, or asked in a way
/// that the page does not know.
pub(crate) fn bare(request: &Request, status: StatusCode) -> Reply {
    let locale = locale(request, None);
    let t = Texts::new(locale);
    let (title, sentence) = match status {
        StatusCode::NOT_FOUND => (t.fault_not_found_title(), t.fault_not_found()),
        StatusCode::FORBIDDEN => (t.fault_forbidden_title(), t.fault_forbidden()),
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::URI_TOO_LONG => {
            (t.fault_too_large_title(), t.fault_too_large())
        }
        status if status.is_server_error() => (t.fault_store_title(), t.fault_store()),
        _ => (t.fault_unreadable_title(), t.fault_unreadable()),
    };
    render(request, locale, request.secret.is_some(), title.to_string(), sentence.to_string(), status)
}

fn locale(request: &Request, staff: Option<&Staff>) -> Locale {
    staff.map(Staff::locale).or(request.locale).unwrap_or_default()
}

fn render(
    request: &Request,
    locale: Locale,
    inside: bool,
    title: String,
    sentence: String,
    status: StatusCode,
) -> Reply {
    let t = Texts::new(locale);
    let page = ErrorPage {
        lang: locale.code(),
        theme: request.theme,
        title,
        sentence,
        back: if inside { "/today" } else { "/" },
        back_label: if inside { t.error_back() } else { t.error_home() }.to_string(),
        status: status.as_u16(),
    };
    match Reply::page(&page) {
        Ok(reply) => reply.status(status),
        Err(_) => Reply::html(String::new()).status(status),
    }
}

/// What is wrong with what was given, as a sentence for the place where it was given.
pub fn sentence(locale: Locale, fault: &Fault) -> String {
    let t = Texts::new(locale);
    let Fault::Invalid { field, reason } = fault else { return t.fault_store().to_string() };
    let name = match *field {
        "name" => t.field_name(),
        "email" => t.field_email(),
        "password" => t.field_password(),
        "address" => t.field_address(),
        "identity" => t.field_identity(),
        "text" => t.field_text(),
        "subject" => t.field_subject(),
        "mailbox" => t.field_mailbox(),
        "owner" => t.field_owner(),
        "snoozed_until" => t.field_snoozed(),
        "file" => t.field_file(),
        _ => t.field_other(),
    };
    let what = match reason {
        Reason::Missing => t.reason_missing().to_string(),
        Reason::TooLong(most) => t.reason_too_long(most).to_string(),
        Reason::TooShort(least) => t.reason_too_short(least).to_string(),
        Reason::NotA(_) => t.reason_not_a().to_string(),
        Reason::Unknown => t.reason_unknown().to_string(),
        Reason::Taken => t.reason_taken().to_string(),
        Reason::Because(why) => why.clone(),
    };
    let name = name.to_string();
    let mut letters = name.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{} {what}.", letters.as_str())
}
