//! The kit that every room's pages and API stand on: the application's state, who is asking, errors as
//! pages or problems, the layout, the live stream and the files that pages link to.
//!
//! A page is one read of the database: [`App::page`] finds the session, runs the use cases and renders
//! in the same transaction. A change is one write: [`App::change`]. The API does the same for bearer
//! tokens: [`App::api_read`] and [`App::api_write`].

pub mod admission;
pub mod api;
pub mod app;
pub mod assets;
mod brake;
mod document;
pub mod edge;
pub mod error;
pub mod form;
pub mod health;
pub mod layout;
pub mod listener;
pub mod live;
pub mod meters;
pub mod module;
mod observe;
mod probe;
mod process;
pub mod proxy;
mod pulse;
pub mod reply;
pub mod request;
pub mod serve;
pub mod staff;

wording::include_texts!();

pub use api::{ApiRead, Listing, Problem};
pub use app::{App, Limits, SharedClock};
pub use form::Form;
pub use health::{Asking, Health, Level, Metric, Place, Vital};
pub use layout::{Door, Room, Shell};
pub use module::{Access, Module, PersonPanel, Routes, TodayPanel};
pub use proxy::Proxies;
pub use reply::Reply;
pub use request::{Request, encode};
pub use serve::{Composed, compose};
pub use staff::Staff;
