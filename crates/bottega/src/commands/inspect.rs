//! `bottega mail` and `bottega text`: the ground crates from the command line.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

use anyhow::Context;
use serde_json::json;

use crate::cli::{Mail, Text};
use crate::output;

fn reader(file: &Path) -> anyhow::Result<Box<dyn Read>> {
    if file == Path::new("-") {
        return Ok(Box::new(std::io::stdin()));
    }
    let opened = std::fs::File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(Box::new(opened))
}

/// `bottega mail parse`.
pub fn mail(what: Mail) -> anyhow::Result<()> {
    let Mail::Parse { file, json } = what;
    let mut raw = Vec::new();
    reader(&file)?.read_to_end(&mut raw).with_context(|| format!("cannot read {}", file.display()))?;
    let message = mail::parse(&raw);
    if json {
        return output::json(&message);
    }
    let address = |address: &mail::Address| match &address.name {
        Some(name) => format!("{name} <{}>", address.address),
        None => address.address.clone(),
    };
    let all = |list: &[mail::Address]| list.iter().map(address).collect::<Vec<_>>().join(", ");
    let mut text = String::new();
    let mut field = |name: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&format!("{name:<12}{value}\n"));
        }
    };
    field("From", &message.from.as_ref().map(address).unwrap_or_default());
    field("To", &all(&message.to));
    field("Cc", &all(&message.cc));
    field("Date", message.date.as_deref().unwrap_or("unknown"));
    field("Subject", &message.subject);
    field("Message-ID", &message.message_id);
    field("Labels", &message.labels.join(", "));
    field("Defects", &message.defects.join(", "));
    for attachment in &message.attachments {
        let name = attachment.name.as_deref().unwrap_or("(no name)");
        field("File", &format!("{name}, {}, {} bytes", attachment.media_type, attachment.size));
    }
    text.push_str(&format!("\n{}\n", message.reply.trim_end()));
    if !message.folded.is_empty() {
        text.push_str(&format!("\n({} folded parts: --json shows them)\n", message.folded.len()));
    }
    output::lines(&text)?;
    Ok(())
}

/// `bottega text language`.
pub fn text(what: Text) -> anyhow::Result<()> {
    let Text::Language { file } = what;
    let mut input = BufReader::new(reader(&file)?);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).with_context(|| format!("cannot read {}", file.display()))? == 0
        {
            break;
        }
        let guess = text::language::identify(String::from_utf8_lossy(&line).trim());
        let confidence = (f64::from(guess.confidence) * 1000.0).round() / 1000.0;
        let answer = json!({ "language": guess.language.unwrap_or("unknown"), "confidence": confidence });
        if writeln!(out, "{answer}").is_err() {
            return Ok(());
        }
    }
    out.flush().ok();
    Ok(())
}
