//! Figures that are no workload of clients: mail in, language identification, the weight of a cold page.

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context, bail};
use serde_json::Value;

use super::dice::Dice;
use super::http::{Ask, Connection};
use super::process::{Place, Server, cpu_of_ended};
use super::row::{Bound, Row, figure};
use super::work::Desk;

/// Mails that are brought in, and the size that they have on average.
const MAILS: usize = 4_000;
const MAIL_BYTES: usize = 20 * 1024;
/// Sentences whose language is told.
const SENTENCES: usize = 400_000;

/// Brings a mailbox file in, as an operator does, into the company that is there.
pub(super) fn mail_in(place: &Place, texts: &[String], folder: &Path) -> anyhow::Result<Row> {
    let path = folder.join("bench.mbox");
    let bytes = write_mbox(&path, texts)?;
    let (before, started) = (cpu_of_ended()?, Instant::now());
    let output = place
        .command()?
        .args(["import", "mbox"])
        .arg(&path)
        .args(["--source", &format!("bench {}", std::process::id()), "--mailbox", "Banco", "--json"])
        .output()?;
    let (seconds, cpu) = (started.elapsed().as_secs_f64(), cpu_of_ended()? - before);
    std::fs::remove_file(&path)?;
    let report: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let stored = report["stored"].as_f64().unwrap_or_default();
    if stored as usize != MAILS {
        bail!("of {MAILS} mails {stored} were stored: {report}");
    }
    let rate = stored / seconds;
    let seen = format!(
        "{}/s ({MAILS} mails of {} KB mean), CPU {} ms each",
        figure(rate),
        bytes / MAILS / 1024,
        figure(1000.0 * cpu / stored)
    );
    Ok(Row::of_figure("mail in, 20 KB mean", seen, vec![Bound::at_least("a second", rate, 1_000.0)]))
}

/// Mails as they come: new words above a quoted history, once as text and once as HTML.
fn write_mbox(path: &Path, texts: &[String]) -> anyhow::Result<usize> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    let mut dice = Dice::new(20);
    let mut bytes = 0;
    for number in 0..MAILS {
        let mut text = |quote: &str, bound: usize| {
            let mut out = String::new();
            while out.len() < bound {
                for line in dice.pick(texts).map_or("", String::as_str).lines() {
                    out.push_str(quote);
                    out.push_str(line);
                    out.push('\n');
                }
            }
            out
        };
        // Half of the bytes as text and half as HTML, from a quarter to seven quarters of the mean.
        let size = MAIL_BYTES / 8 + number % 7 * MAIL_BYTES / 8;
        let own = text("", 300);
        let quoted = text("> ", size.saturating_sub(300));
        let mail = format!(
            "From cliente@prova.example Sat Nov 21 10:00:00 2026\nMessage-ID: <bench.{pid}.{number}@prova.example>\n\
             From: Cliente {person} <cliente{person}@prova.example>\nTo: banco@officinavera.example\n\
             Subject: Domanda {number}\nDate: Sat, 21 Nov 2026 10:{minute:02}:{second:02} +0100\nMIME-Version: 1.0\n\
             Content-Type: multipart/alternative; boundary=\"b{number}\"\n\n--b{number}\n\
             Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{own}\n\
             Il 20 novembre 2026 Officina Vera ha scritto:\n{quoted}\n--b{number}\n\
             Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n<div>{own_html}</div>\
             <blockquote>{quoted_html}</blockquote>\n--b{number}--\n\n",
            pid = std::process::id(),
            person = number % 900,
            minute = number / 60 % 60,
            second = number % 60,
            own_html = own.replace('\n', "<br>\n"),
            quoted_html = quoted.replace("> ", "").replace('\n', "<br>\n"),
        );
        bytes += mail.len();
        file.write_all(mail.as_bytes())?;
    }
    file.flush()?;
    Ok(bytes)
}

/// Tells the language of many short sentences.
pub(super) fn language(texts: &[String], folder: &Path) -> anyhow::Result<Row> {
    let path = folder.join("bench-sentences.txt");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
    let lines: Vec<&str> =
        texts.iter().flat_map(|text| text.lines()).filter(|line| line.len() > 20).collect();
    for number in 0..SENTENCES {
        writeln!(file, "{}", lines.get(number % lines.len().max(1)).copied().unwrap_or_default())?;
    }
    file.flush()?;
    let started = Instant::now();
    let status = std::process::Command::new(std::env::current_exe()?)
        .args(["text", "language"])
        .arg(&path)
        .stdout(Stdio::null())
        .status()?;
    let rate = SENTENCES as f64 / started.elapsed().as_secs_f64();
    std::fs::remove_file(&path)?;
    if !status.success() {
        bail!("the language of the sentences was not told: {status}");
    }
    let seen = format!("{} whole sentences/s, the process's start included", figure(rate));
    Ok(Row::of_figure("language identification", seen, vec![Bound::at_least("a second", rate, 50_000.0)]))
}

/// What a browser that was never here loads for a page of the shop.
pub(super) fn cold_page(server: &Server, desk: &Desk, path: &str) -> anyhow::Result<Row> {
    let headers = desk.headers().context("nobody is signed in")?;
    let mut connection = Connection::open(server.address)?;
    let plain = connection.ask(&Ask::get(path, &headers.replace("accept-encoding: gzip\r\n", "")))?.text();
    let mut bytes = connection.ask(&Ask::get(path, headers))?.wire;
    let mut files = HashSet::new();
    for attribute in ["href=\"", "src=\"", "data-worker=\""] {
        let named = plain.split(attribute).skip(1).filter_map(|rest| rest.split('"').next());
        files.extend(named.filter(|name| name.starts_with("/assets/")));
    }
    for file in &files {
        bytes += connection.ask(&Ask::get(file, "accept-encoding: gzip\r\n"))?.wire;
    }
    // The page, its files and the stream of what happens.
    let requests = files.len() + 2;
    let kilobytes = bytes as f64 / 1024.0;
    Ok(Row::of_figure(
        &format!("cold page, {path}"),
        format!("{} KB, {requests} requests", figure(kilobytes)),
        vec![Bound::at_most("KB", kilobytes, 40.0), Bound::at_most("requests", requests as f64, 5.0)],
    ))
}
