//! Journeys in a real browser: what a newcomer and a keeper do, as a person would, on both engines.

mod harness;
mod journeys;
mod set_up;
mod sheet;
