//! The room of the people, through HTTP, on both engines.

mod abuse;
mod api;
mod merges;
mod pages;
mod speed;
mod statements;
mod world;
