//! What each command does. Every one reads its options, calls the rooms and prints.

mod import;
mod inspect;
mod reference;
mod staff;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use engine::Engine;
use kernel::{Clock, SystemClock};

use crate::cli::{Cli, Command, Demo, Doctor, Serve};
use crate::config::Config;
use crate::{doctor, output, server};

/// Runs a command; gives the code with which the process ends when it could be run at all.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    log();
    let config = || Config::load(cli.config.as_deref());
    match cli.command {
        Command::Doctor(options) => return examine(&options, cli.config.as_deref()),
        Command::Demo(options) => demo(&options, &config()?),
        Command::Serve(options) => serve(&options, config()?),
        Command::Import(what) => import::run(what, &config()?),
        Command::Mail(what) => inspect::mail(what),
        Command::Text(what) => inspect::text(what),
        Command::User(what) => staff::user(what, &config()?),
        Command::Token(what) => staff::token(what, &config()?),
        Command::Openapi => openapi(),
        Command::Reference { what } => reference::run(what),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// `bottega doctor`: 0 when nothing is a problem, 1 when something is.
fn examine(options: &Doctor, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let found = doctor::examine(config, &SystemClock, options.deep);
    if options.json {
        output::json(&found)?;
    } else {
        doctor::print(&found)?;
    }
    Ok(if found.healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The log goes to stderr; `RUST_LOG` chooses how much of it.
fn log() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

/// Opens the configured database, creating it when it is missing.
fn open(config: &Config, clock: &dyn Clock) -> anyhow::Result<Engine> {
    Engine::open(&config.engine(), clock).with_context(|| format!("cannot open {}", config.database_url))
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start")
}

fn demo(options: &Demo, config: &Config) -> anyhow::Result<()> {
    let engine = crate::demo::open(options)?;
    if options.only_load {
        return Ok(());
    }
    runtime()?.block_on(server::run(
        engine,
        &options.listen,
        config.public_url(),
        config.limits(),
        |address| {
            server::greet(address, config.public_url().as_deref(), "Officina Vera is open:");
        },
    ))
}

fn serve(options: &Serve, config: Config) -> anyhow::Result<()> {
    let engine = open(&config, &SystemClock)?;
    let set_up = engine
        .read_blocking(|tx| Ok(primitives::shop::find(tx)?))?
        .is_some_and(|shop| shop.step == primitives::shop::SetupStep::Done);
    let listen = options.listen.clone().unwrap_or_else(|| config.listen.clone());
    let code = (!set_up).then(|| admin::set_up_code(&engine));
    runtime()?.block_on(server::run(engine, &listen, config.public_url(), config.limits(), move |address| {
        let what = match code {
            Some(code) => format!(
                "Bottega is ready to be set up. From another machine the page asks for this code: {code}"
            ),
            None => "Bottega is open:".to_owned(),
        };
        server::greet(address, config.public_url().as_deref(), &what);
    }))
}

/// The document needs the rooms and no data: a database in a folder that is gone afterwards.
fn openapi() -> anyhow::Result<()> {
    let folder = std::env::temp_dir().join(format!("bottega-openapi-{}", std::process::id()));
    let options = engine::Options {
        url: format!("sqlite:{}", folder.join("empty.db").display()),
        data_dir: folder.clone(),
    };
    let engine = Engine::open(&options, &SystemClock)?;
    let composed = server::compose(engine, Arc::new(SystemClock), None, web::Limits::default());
    let document = composed.openapi.to_pretty_json()?;
    drop(composed);
    std::fs::remove_dir_all(&folder).ok();
    output::line(&document)?;
    Ok(())
}
