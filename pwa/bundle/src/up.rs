//! `cargo xtask up`: everything built, the relay started, one URL.

use crate::binaries;
use crate::place::Place;
use crate::run;
use crate::say;
use crate::web::{self, Variant};
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

/// The port of a first start. A clone keeps its port, because a browser keeps a book per origin.
const PORT: u16 = 8787;

/// Builds, starts, prints the URL, and stays until it is told to stop or the relay ends.
pub(crate) fn run(place: &Place, words: &[String]) -> Result<()> {
    let asked = port_of(words)?;
    let app = web::ready(place, Variant::Shipped)?;
    binaries::ready(place)?;
    fs::create_dir_all(place.kept())?;
    let (port, code) = (port(place, asked)?, setup_code(place)?);
    say::step("starting the relay");
    let mut relay = run::command(place.release("daybook-relay"), &place.root);
    relay
        .arg("serve")
        .arg("--data")
        .arg(place.kept().join("relay"))
        .arg("--app")
        .arg(app);
    relay.args([
        "--listen",
        &format!("127.0.0.1:{port}"),
        "--setup-code",
        &code,
    ]);
    let mut child = relay
        .stdout(Stdio::piped())
        .spawn()
        .context("the relay could not be started")?;
    let out = child.stdout.take().context("no standard output")?;
    end_with_us(child.id())?;
    let mut lines = BufReader::new(out).lines();
    let Some(url) = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("listening ").map(str::to_owned))
    else {
        bail!("the relay ended before it listened; its reason stands above");
    };
    println!("{url}/#setup={code}");
    say::step("ready; stop with Ctrl-C");
    lines.for_each(drop);
    let status = child.wait()?;
    if status.success() {
        Ok(())
    } else {
        bail!("the relay ended: {status}")
    }
}

fn port_of(words: &[String]) -> Result<Option<u16>> {
    match words {
        [] => Ok(None),
        [flag, port] if flag == "--port" => Ok(Some(
            port.parse()
                .with_context(|| format!("{port} is no port number"))?,
        )),
        _ => bail!("usage: cargo xtask up [--port N]"),
    }
}

/// The asked port, else the port of the last start, else 8787, else any free one; kept for the next start.
fn port(place: &Place, asked: Option<u16>) -> Result<u16> {
    let file = place.kept().join("port");
    let kept = fs::read_to_string(&file)
        .ok()
        .and_then(|text| text.trim().parse().ok());
    let port = match asked.or(kept) {
        Some(0) => return Ok(0),
        Some(port) if free(port).is_some() => port,
        Some(port) => bail!(
            "port {port} is in use (by another `up` of this clone?): stop that one, or start with `cargo xtask up --port N`"
        ),
        None => free(PORT)
            .or_else(|| free(0))
            .context("no port is free on this machine")?,
    };
    fs::write(file, port.to_string())?;
    Ok(port)
}

fn free(port: u16) -> Option<u16> {
    Some(
        TcpListener::bind(("127.0.0.1", port))
            .ok()?
            .local_addr()
            .ok()?
            .port(),
    )
}

/// The code with which the first device makes the book; made once per clone.
fn setup_code(place: &Place) -> Result<String> {
    let file = place.kept().join("setup-code");
    if let Ok(kept) = fs::read_to_string(&file) {
        return Ok(kept.trim().to_owned());
    }
    let mut chance = [0u8; 10];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut chance))
        .context("no source of chance")?;
    let letters = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let code: String = chance
        .iter()
        .map(|byte| char::from(letters[usize::from(*byte) % letters.len()]))
        .collect();
    write_private(&file, &code)?;
    Ok(code)
}

/// Only this user reads it: who holds the code makes the book.
fn write_private(file: &Path, text: &str) -> Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut open = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)?;
    Ok(open.write_all(text.as_bytes())?)
}

/// A stop signal to this program ends the relay too, also where it did not reach the relay by itself.
fn end_with_us(relay: u32) -> Result<()> {
    ctrlc::set_handler(move || {
        // The shell's own `kill`: a machine without procps has no other.
        let _ = run::command("sh", Path::new("/"))
            .args(["-c", &format!("kill -TERM {relay}")])
            .status();
        std::process::exit(130);
    })
    .context("signals cannot be handled here")
}
