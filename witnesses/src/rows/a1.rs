//! A1: a committed op survives until a second place holds it, and the screen never says safe before.

use crate::witness::{Line, Plant, Run, Witness};
use crate::world::{Cli, Relay, SETUP_CODE, copy_folder, wait_for};
use anyhow::Context as _;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// What says durable is held elsewhere; what does not is counted as unsafe; nothing that was said is lost.
pub(super) const BADGE: Witness = Witness {
    row: "A1",
    name: "BADGE",
    claim: "while the relay is away, after syncs killed with -9 and relays killed with -9, every op that says durable@1 can be fetched by another device, every other one is counted as only here, and none is lost",
    fault: "the relay's folder comes back as it was before the last sync, so what says durable is nowhere else",
    run: badges,
};

const ROUNDS: u32 = 5;

fn badges(name: &str, plant: Plant) -> Run {
    let folder = tempfile::tempdir()?;
    let (data, copy) = (folder.path().join("relay"), folder.path().join("copy"));
    let mut relay = Relay::start(&data, None)?;
    let till = Cli::new(&folder.path().join("till"))?;
    let reader = Cli::new(&folder.path().join("reader"))?;
    till.ok(&["init", "--relay", &relay.url, "--setup-code", SETUP_CODE])?;
    let_in(&reader, &till, &relay)?;
    let mut tally = Tally::default();
    for round in 0..ROUNDS {
        let last = round + 1 == ROUNDS;
        relay.kill()?;
        tally.write(&till, round)?;
        tally.look(&till)?;
        std::fs::remove_dir_all(&copy).or_else(ignore_missing)?;
        copy_folder(&data, &copy)?;
        relay = relay.restart()?;
        let mut sync = till
            .command(&["sync"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()?;
        if !last {
            // Somewhere in the middle of the exchange; where exactly must not matter.
            std::thread::sleep(Duration::from_millis(4 * u64::from(round)));
            sync.kill()?;
        }
        sync.wait()?;
        relay.kill()?;
        if last && plant.planted() {
            std::fs::remove_dir_all(&data)?;
            copy_folder(&copy, &data)?;
        }
        relay = relay.restart()?;
        reader.ok(&["sync"])?;
        tally.fetched(&reader)?;
        tally.look(&till)?;
    }
    Ok(tally.line(name))
}

fn ignore_missing(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound {
        Ok(())
    } else {
        Err(error)
    }
}

/// A second device joins.
fn let_in(reader: &Cli, till: &Cli, relay: &Relay) -> anyhow::Result<()> {
    let status = till.json(&["status"])?;
    let book = status["book"].as_str().context("no book id")?;
    reader.ok(&[
        "join",
        "--relay",
        &relay.url,
        "--book",
        book,
        "--label",
        "READER",
        "--no-wait",
    ])?;
    let asked = wait_for("the join request", || {
        let asked = till.json(&["requests"])?;
        Ok(asked[0]["id"].as_str().map(str::to_owned))
    })?;
    till.ok(&["approve", &asked])?;
    till.ok(&["sync"])?;
    reader.ok(&["sync"]).map(drop)
}

#[derive(Default)]
struct Tally {
    /// Ops that the terminal said were written.
    said: Vec<String>,
    /// Entries that the other device could fetch.
    elsewhere: BTreeSet<String>,
    looks: u32,
    durable: u32,
    only_here: u32,
    nowhere: u32,
    miscounted: u32,
    lost: u32,
}

impl Tally {
    fn write(&mut self, till: &Cli, round: u32) -> anyhow::Result<()> {
        for nth in 0..3 {
            let said = till.json(&[
                "append",
                "party.new",
                &format!(r#"{{"code": "P{round}-{nth}"}}"#),
            ])?;
            let op = said["op"]
                .as_str()
                .or_else(|| said["ops"][0]["op"].as_str());
            self.said.push(
                op.with_context(|| format!("no op id in {said}"))?
                    .to_owned(),
            );
        }
        Ok(())
    }

    fn fetched(&mut self, reader: &Cli) -> anyhow::Result<()> {
        let log = reader.json(&["log", "--limit", "10000"])?;
        let entries = log.as_array().context("the log is a list")?;
        self.elsewhere = entries
            .iter()
            .filter_map(|entry| entry["entry"].as_str().map(str::to_owned))
            .collect();
        Ok(())
    }

    /// Looks at every badge.
    fn look(&mut self, till: &Cli) -> anyhow::Result<()> {
        self.looks += 1;
        let mut only_here = BTreeSet::new();
        for op in &self.said {
            let shown = till.run(&["--json", "op", op])?;
            let shown: Value = serde_json::from_str(&shown.out).unwrap_or_default();
            let entry = op.split(':').next().unwrap_or_default();
            match shown["durability"].as_str() {
                None => self.lost += 1,
                Some(badge) if badge.starts_with("durable@") => {
                    self.durable += 1;
                    self.nowhere += u32::from(!self.elsewhere.contains(entry));
                }
                Some(_) => {
                    only_here.insert(entry.to_owned());
                }
            }
        }
        let counted = till.json(&["status"])?["outbox"]
            .as_u64()
            .context("no outbox count")?;
        self.only_here += u32::try_from(only_here.len())?;
        self.miscounted += u32::from(counted != u64::try_from(only_here.len())?);
        Ok(())
    }

    fn line(&self, name: &str) -> Line {
        Line::new(name)
            .figure("ops", self.said.len())
            .figure("looks", self.looks)
            .figure("durable_seen", self.durable)
            .figure("only_here_seen", self.only_here)
            .holds(
                "durable_is_elsewhere",
                self.nowhere == 0 && self.durable > 0,
            )
            .holds(
                "only_here_is_counted",
                self.miscounted == 0 && self.only_here > 0,
            )
            .holds("none_lost", self.lost == 0)
    }
}
