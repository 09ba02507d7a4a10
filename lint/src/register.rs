//! The register's page and the witnesses say the same.

use crate::tokens::{self, Token};
use crate::{Finding, Tree};
use anyhow::Result;

const PAGE: &str = "docs/REGISTER.md";

/// The rows that a register of this system has, whatever their state.
const ROWS: &[&str] = &[
    "A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2", "D1", "D2", "D3", "D4", "E1", "E2", "E3", "F1",
    "G1", "G2", "G3", "H", "S-SEQ", "S-GAP", "S-TAB", "S-LIVE", "S-BOOT", "S-LOAD", "S-HIST",
    "S-CLI", "S-LIMIT", "S-FIRST", "S-SEARCH", "S-HOOK",
];

/// Each row stands in the page once with a state; each witness of the sources is named there; none else is; a row that
/// nobody witnesses is not green.
///
/// # Errors
/// Never.
pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let Some(page) = tree.text(PAGE) else {
        return Ok(vec![Finding::of(
            PAGE,
            "is missing: `cargo xtask witness write` makes it",
        )]);
    };
    let rows: Vec<Row<'_>> = page
        .lines()
        .enumerate()
        .filter_map(|(number, line)| row(number + 1, line))
        .collect();
    let mut found = Vec::new();
    for id in ROWS {
        let count = rows.iter().filter(|row| row.id == *id).count();
        if count != 1 {
            found.push(Finding::of(
                PAGE,
                format!("row {id} stands {count} times in the table; once is right"),
            ));
        }
    }
    let witnesses: Vec<String> = tree
        .texts(&[".rs"])
        .filter(|(path, _)| path.starts_with("witnesses/src/"))
        .flat_map(|(_, source)| witnesses(source))
        .collect();
    for row in &rows {
        for named in row.witnesses.split(", ").filter(|named| *named != "none") {
            if !witnesses.iter().any(|witness| witness == named) {
                found.push(Finding::at(
                    PAGE,
                    row.line,
                    format!("{named} is no witness of the sources"),
                ));
            }
        }
        if row.witnesses == "none" && row.state.contains("green") {
            found.push(Finding::at(
                PAGE,
                row.line,
                format!("{} is green without a witness", row.id),
            ));
        }
    }
    for witness in &witnesses {
        if !rows
            .iter()
            .any(|row| row.witnesses.split(", ").any(|named| named == witness))
        {
            found.push(Finding::of(
                PAGE,
                format!("witness {witness} is not in the page: `cargo xtask witness write`"),
            ));
        }
    }
    Ok(found)
}

struct Row<'a> {
    line: usize,
    id: &'a str,
    state: &'a str,
    witnesses: &'a str,
}

/// `| id | severity | claim | **state** | witnesses | open |`
fn row(line: usize, text: &str) -> Option<Row<'_>> {
    let cells: Vec<&str> = text.strip_prefix('|')?.split('|').map(str::trim).collect();
    let [id, _, _, state, witnesses, ..] = cells.as_slice() else {
        return None;
    };
    state.starts_with("**").then_some(Row {
        line,
        id,
        state,
        witnesses,
    })
}

/// The full names of the witnesses that a source declares: `Witness { row: "A1", name: "BADGE", … }`.
fn witnesses(source: &str) -> Vec<String> {
    let tokens = tokens::shipped(source);
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        if tokens[at].is("Witness") && tokens.get(at + 1).is_some_and(|next| next.is("{")) {
            let body = tokens::closing(&tokens, at + 1).map_or(&[][..], |end| &tokens[at + 2..end]);
            if let (Some(row), Some(name)) = (field(body, "row"), field(body, "name")) {
                found.push(format!("{row}-{name}"));
            }
        }
    }
    found
}

fn field<'a>(body: &'a [Token], name: &str) -> Option<&'a str> {
    body.windows(3)
        .find(|three| three[0].is(name) && three[1].is(":"))
        .and_then(|three| three[2].text())
}
