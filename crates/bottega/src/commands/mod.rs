//! What each command does. Every one reads its options, calls the rooms and prints.

mod import;
mod inspect;
mod keeping;
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
use crate::{doctor, log, output, owner, server};

/// Runs a command; gives the code with which the process ends when it could be run at all.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let loaded = || -> anyhow::Result<Config> {
        let config = Config::load(cli.config.as_deref())?;
        owner::check(&config.data_dir)?;
        Ok(config)
    };
    // A server tells what happens; any other command only what went wrong.
    let serving = || -> anyhow::Result<Config> {
        let config = loaded()?;
        log::begin(config.log_format, &config.log_level)?;
        Ok(config)
    };
    let config = || -> anyhow::Result<Config> {
        let config = loaded()?;
        log::begin(config.log_format, log::QUIET)?;
        Ok(config)
    };
    match cli.command {
        Command::Doctor(options) => return examine(&options, cli.config.as_deref()),
        Command::Demo(options) => demo(&options, &serving()?),
        Command::Serve(options) => serve(&options, &serving()?, cli.config.as_deref()),
        Command::Import(what) => import::run(what, &config()?),
        Command::Mail(what) => inspect::mail(what),
        Command::Text(what) => inspect::text(what),
        Command::User(what) => staff::user(what, &config()?),
        Command::Token(what) => staff::token(what, &config()?),
        Command::Completions { shell } => reference::completions(shell),
        // Its keeper reads the log, as that of the server which runs it.
        Command::Backup(options) if options.nightly => keeping::nightly(&options, &serving()?),
        Command::Backup(options) => keeping::backup(options, &config()?),
        Command::Restore(options) => keeping::restore(options, &config()?),
        Command::Export(options) => keeping::export(options, &config()?),
        Command::Migrate(options) => keeping::migrate(options, &config()?),
        Command::Held(what) => keeping::held(what, &config()?),
        Command::Bench(options) => crate::bench::run(&options),
        Command::Openapi => openapi(),
        Command::Reference { what } => reference::run(what),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// `bottega doctor`: 0 when nothing is a problem, 1 when something is.
fn examine(options: &Doctor, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    // The configuration may be what is wrong, so that the log cannot follow it.
    log::begin(log::LogFormat::default(), log::QUIET)?;
    if options.take_files {
        let found = Config::load(config)?;
        owner::check(&found.data_dir)?;
        let engine = open(&found, &SystemClock)?;
        engine::shelf::owner::take_over(&engine)?;
        engine.release_node(&SystemClock)?;
    }
    let found = doctor::examine(config, &SystemClock, options.deep);
    if options.json {
        output::json(&found)?;
    } else {
        doctor::print(&found)?;
    }
    Ok(if found.healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Opens the configured database, creating it when it is missing.
fn open(config: &Config, clock: &dyn Clock) -> anyhow::Result<Engine> {
    crate::keeping::open(config, clock)
}

/// Opens the configured database, which must hold a shop.
fn existing(config: &Config, clock: &dyn Clock) -> anyhow::Result<Engine> {
    crate::keeping::existing(config, clock)
}

fn demo(options: &Demo, config: &Config) -> anyhow::Result<()> {
    let engine = crate::demo::open(options)?;
    if options.only_load {
        return Ok(());
    }
    server::run_to_the_end(engine, config.serving(&options.listen)?, |address| {
        server::greet(address, config.public_url().as_deref(), config.log_format, "Officina Vera is open:");
    })
}

fn serve(options: &Serve, config: &Config, file: Option<&Path>) -> anyhow::Result<()> {
    let engine = open(config, &SystemClock)?;
    let set_up = engine
        .read_blocking(|tx| Ok(primitives::shop::find(tx)?))?
        .is_some_and(|shop| shop.step == primitives::shop::SetupStep::Done);
    let listen = options.listen.as_deref().unwrap_or(&config.listen);
    let _nights = crate::keeping::every_night(engine.clone(), config, file).context("cannot start")?;
    let code = (!set_up).then(|| admin::set_up_code(&engine));
    server::run_to_the_end(engine, config.serving(listen)?, |address| {
        let what = match code {
            Some(code) => format!(
                "Bottega is ready to be set up. From another machine the page asks for this code: {code}"
            ),
            None => "Bottega is open:".to_owned(),
        };
        server::greet(address, config.public_url().as_deref(), config.log_format, &what);
    })
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
