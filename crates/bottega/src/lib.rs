//! Bottega, composed: configuration, the rooms, the server, the demo company, the command line.
//!
//! A library beside the binary, so that tests and `xtask` can hold the whole product in their hands.

pub mod bench;
pub mod cli;
pub mod commands;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod keeping;
pub mod log;
pub mod output;
mod owner;
pub mod rooms;
pub mod server;
mod supervisor;
