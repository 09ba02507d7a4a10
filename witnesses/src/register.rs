//! The register: every claim that must be proved, and its state, which only runs can change.
//!
//! The claims are written by hand here; the state column of `docs/REGISTER.md` is written from [`judge`] by
//! `cargo xtask witness`, and a test fails when the page and the runs differ.

use crate::rows;
use crate::witness::{Verdict, Witness};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A claim of the register.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its id.
    pub id: &'static str,
    /// How bad it is when it does not hold: S1 blocks a release.
    pub severity: &'static str,
    /// What must be true.
    pub claim: &'static str,
    /// What has no witness yet, so that a green row does not promise more than it proves.
    pub open: &'static str,
}

const fn row(
    id: &'static str,
    severity: &'static str,
    claim: &'static str,
    open: &'static str,
) -> Row {
    Row {
        id,
        severity,
        claim,
        open,
    }
}

/// All rows, in the order of the page.
pub const ROWS: &[Row] = &[
    row(
        "A1",
        "S1",
        "A committed op survives until a second place holds it, and the screen never says safe before.",
        "eviction and cleared storage mid-write in three engines; snapshot before close; kill at every storage call",
    ),
    row(
        "A2",
        "S1",
        "The books are rebuilt from the devices' logs when the relay is gone.",
        "all of it",
    ),
    row(
        "A3",
        "S1/S4",
        "A lost key is recoverable, not catastrophic.",
        "all of it",
    ),
    row(
        "B1",
        "S2/S3",
        "Memory is bounded by the working set, not by the book.",
        "all of it: level 0 keeps all rows in memory",
    ),
    row("B2", "S3", "First use and restart are fast.", "all of it"),
    row(
        "B3",
        "S2",
        "Storage limits degrade, never corrupt.",
        "all of it",
    ),
    row(
        "C1",
        "S1/S2",
        "It runs on browsers we do not control.",
        "Firefox and WebKit lanes; capabilities forced off; diagnostic page",
    ),
    row(
        "C2",
        "S2",
        "A browser or library change is caught before a user meets it.",
        "all of it",
    ),
    row(
        "D1",
        "S1",
        "Every client computes the same.",
        "Firefox and WebKit; shuffled arrival",
    ),
    row(
        "D2",
        "S1",
        "A manifest change does not rewrite history or split offline clients.",
        "all of it",
    ),
    row(
        "D3",
        "S1",
        "The one class that needs arbitration loses gracefully.",
        "all of it",
    ),
    row(
        "D4",
        "S1",
        "A relay that lies is detected and blamed.",
        "all of it: a lie stops the client, but no evidence is made yet",
    ),
    row(
        "E1",
        "S4",
        "Keys can be rotated, revoked, recovered.",
        "all of it",
    ),
    row(
        "E2",
        "S4",
        "A person's data can be erased and the books stay byte-identical.",
        "all of it",
    ),
    row(
        "E3",
        "S4",
        "A personal credit cannot be given away by forwarding a link.",
        "all of it",
    ),
    row(
        "F1",
        "S3",
        "Imports are faithful or say where they are not.",
        "ledgers, IFC, round trip (CSV orders are tested, not witnessed)",
    ),
    row(
        "G1",
        "S2",
        "The relay is idempotent, restartable, recoverable.",
        "crash at each numbered point; restore drill; fleet load",
    ),
    row(
        "G2",
        "S2",
        "Production can be seen without reading anybody's data.",
        "all of it",
    ),
    row(
        "G3",
        "S2",
        "A release can be adopted, rolled back, killed.",
        "all of it",
    ),
    row(
        "H",
        "",
        "The monitor lets a user feel each of these.",
        "all but prove-the-books and tap-to-fold, which are tested in the browser scene, not witnessed",
    ),
    row(
        "S-SEQ",
        "",
        "Order is gapless per book; load on one book never makes gaps, stalls or refetches in another.",
        "stalls are not timed",
    ),
    row(
        "S-GAP",
        "",
        "A small gap is filled by range, a large one by snapshot; an older position is never applied twice.",
        "all of it",
    ),
    row(
        "S-TAB",
        "",
        "Several tabs: one writer, failover <= 500 ms, no duplicate, no lost draft.",
        "all of it",
    ),
    row(
        "S-LIVE",
        "",
        "Local change to another device's screen p95 < 300 ms; reconnect with catch-up < 5 s.",
        "all of it",
    ),
    row(
        "S-BOOT",
        "",
        "Warm start to data < 200 ms on a desktop, < 10 ms to read a row, < 50 ms to process and show an op.",
        "all of it",
    ),
    row(
        "S-LOAD",
        "",
        ">= 1,000 ops/s folded and stored on the client; 10,000 documents, 100 writers, 1,000 listeners.",
        "all of it",
    ),
    row(
        "S-HIST",
        "",
        "History, as-of reads and diff of any row; atomic multi-row ops.",
        "all of it",
    ),
    row(
        "S-CLI",
        "",
        "Every capability on a terminal, including keys and grants.",
        "all of it",
    ),
    row(
        "S-LIMIT",
        "",
        "Memory, disk, open files, sockets, time limits and backpressure are configured, enforced and shown.",
        "all of it",
    ),
    row(
        "S-FIRST",
        "",
        "First run by two people at once makes one book, whole or not at all.",
        "",
    ),
    row(
        "S-SEARCH",
        "",
        "Full-text search whose index is never behind the state.",
        "all of it",
    ),
    row(
        "S-HOOK",
        "",
        "Outgoing webhooks at least once with a stable id; a slow receiver harms nobody.",
        "all of it",
    ),
];

/// What the runs say of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Every witness ran green and its falsifier turned it red.
    Green,
    /// A part could not be run here.
    Yellow,
    /// A witness is red, or there is none.
    Red,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Green => "green",
            State::Yellow => "yellow",
            State::Red => "red",
        }
    }
}

/// The state of each row and what was said about it.
#[derive(Debug, Default)]
pub struct Judgement {
    /// By row id.
    pub states: BTreeMap<&'static str, State>,
    /// Full names of red witnesses, with the reason.
    pub red: Vec<String>,
    /// Full names of witnesses that could not run, with the reason.
    pub yellow: Vec<String>,
}

/// Runs the witnesses of the rows that `chosen` admits.
#[must_use]
pub fn judge(chosen: impl Fn(&Witness) -> bool) -> Judgement {
    let mut judgement = Judgement::default();
    for row in ROWS {
        judgement.states.insert(row.id, State::Red);
    }
    let mut seen: BTreeMap<&str, State> = BTreeMap::new();
    for witness in rows::ALL.iter().filter(|witness| chosen(witness)) {
        let state = match witness.judge() {
            Verdict::Green(_) => State::Green,
            Verdict::Yellow(why) => {
                judgement
                    .yellow
                    .push(format!("{}: {why}", witness.full_name()));
                State::Yellow
            }
            Verdict::Red(why) => {
                judgement.red.push(why);
                State::Red
            }
        };
        let worst = seen
            .get(witness.row)
            .copied()
            .unwrap_or(State::Green)
            .max(state);
        seen.insert(witness.row, worst);
    }
    judgement.states.extend(seen);
    judgement
}

/// The page, with the states of a judgement.
#[must_use]
pub fn page(judgement: &Judgement) -> String {
    let mut page = String::from(HEAD);
    for row in ROWS {
        let names: Vec<_> = rows::ALL
            .iter()
            .filter(|w| w.row == row.id)
            .map(Witness::full_name)
            .collect();
        let state = judgement.states.get(row.id).copied().unwrap_or(State::Red);
        let names = if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        };
        let _ = writeln!(
            page,
            "| {} | {} | {} | **{}** | {} | {} |",
            row.id,
            row.severity,
            row.claim,
            state.word(),
            names,
            row.open
        );
    }
    page.push_str(
        "\n## The witnesses\n\n| Witness | Proves | Its falsifier plants |\n| --- | --- | --- |\n",
    );
    for witness in rows::ALL {
        let _ = writeln!(
            page,
            "| {} | {} | {} |",
            witness.full_name(),
            witness.claim,
            witness.fault
        );
    }
    page
}

const HEAD: &str = "# The register: what must be proved

The claims are written by hand in `witnesses/src/register.rs`; this page is written by `cargo xtask witness write` from
runs, and a stale state fails the build. A row is green only while all its witnesses run green *and* each falsifier turns
its witness red; yellow when a part could not be run; red otherwise. *Open* says what the row's witnesses do not cover
yet: green is never more than they prove.

| Row | Sev | Claim | State | Witnesses | Open |
| --- | --- | --- | --- | --- | --- |
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_witness_has_a_row_and_rows_are_named_once() {
        let ids: Vec<_> = ROWS.iter().map(|row| row.id).collect();
        let mut unique = ids.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), ids.len());
        for witness in rows::ALL {
            assert!(
                ids.contains(&witness.row),
                "{} has no row",
                witness.full_name()
            );
            assert!(!witness.fault.is_empty() && !witness.claim.is_empty());
        }
    }

    #[test]
    fn a_row_without_a_witness_is_red() {
        let judgement = judge(|_| false);
        assert!(judgement.states.values().all(|state| *state == State::Red));
    }
}
