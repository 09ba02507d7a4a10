//! Checking: `verify`, `prove`, and reports that are checked before they are printed.

use daybook_client::{Command, Difference, Reply};
use daybook_store::{Answer, Cell, Damage, Store};
use serde_json::{Value as Json, json};

use crate::command::setup::unexpected;
use crate::command::{Context, past, read};
use crate::dir;
use crate::exit::CliFault;
use crate::show;

/// Stored bytes first, without the client: a damaged book must be named, not just fail to open.
pub(super) fn verify(context: &Context) -> Result<(), CliFault> {
    let damages = stored(context)?;
    if !damages.is_empty() {
        return broken(context, &damages);
    }
    let mut shell = context.offline()?;
    let log = past::verify_log(&mut shell)?;
    let (state, books) = read::hashes(shell.client());
    let status = shell.client().status();
    if log.position != status.position || log.tip != status.tip.to_string() {
        let why = format!(
            "the entries reach position {} and tip {}, the books say {} and {}",
            log.position, log.tip, status.position, status.tip
        );
        return Err(CliFault::Broken(why));
    }
    context.print(
        || {
            format!(
                "{} entries of {} devices: every byte, signature and link is good\ntyped tables are what the rows say\n\
                 position {}\ntip {}\nstate hash {state}\nbooks hash {books}",
                log.position, log.authors, log.position, log.tip
            )
        },
        || {
            json!({
                "good": true, "entries": log.position, "authors": log.authors, "position": log.position, "tip": log.tip,
                "state_hash": state, "books_hash": books,
            })
        },
    )
}

/// What is damaged, as text for people.
fn stored(context: &Context) -> Result<Vec<String>, CliFault> {
    let path = dir::database(&context.dir, false)?;
    let path = path
        .to_str()
        .ok_or_else(|| CliFault::Usage("the folder's name is not UTF-8".into()))?;
    let store = match Store::open(path, None) {
        Ok(store) => store,
        Err(daybook_store::StoreFault::Damaged(damage)) => return Ok(vec![damage.to_string()]),
        Err(fault) => return Err(fault.into()),
    };
    let mut found: Vec<String> = store.verify().iter().map(Damage::to_string).collect();
    if found.is_empty() {
        found.extend(projection(&store)?);
    }
    Ok(found)
}

fn projection(store: &Store) -> Result<Option<String>, CliFault> {
    Ok(store
        .check_projection()?
        .map(|difference| format!("{difference} (`daybook rebuild` makes the typed tables anew)")))
}

fn broken(context: &Context, damages: &[String]) -> Result<(), CliFault> {
    if !context.json {
        damages.iter().for_each(|damage| eprintln!("{damage}"));
    }
    Err(CliFault::Broken(format!("damaged: {}", damages.join("; "))))
}

pub(super) fn prove(context: &Context) -> Result<(), CliFault> {
    let mut shell = context.offline()?;
    let Reply::Proved(proof) = shell.ask(Command::Prove)? else {
        return Err(unexpected());
    };
    if let Some(difference) = &proof.difference {
        return Err(CliFault::Broken(format!(
            "the books do not prove: {}",
            difference_text(difference)
        )));
    }
    if let Some(why) = projection(shell.store())? {
        return Err(CliFault::Broken(format!(
            "the books prove, but a typed table does not: {why}"
        )));
    }
    let (state, books) = (show::hex(&proof.state_hash), show::hex(&proof.books_hash));
    context.print(
        || {
            format!(
                "proved: {} entries, {} ops, folded again from the first\nposition {}\ntip {}\nstate hash {state}\nbooks hash {books}",
                proof.position, proof.ops, proof.position, proof.tip
            )
        },
        || {
            json!({
                "proved": true, "position": proof.position, "tip": proof.tip.to_string(), "ops": proof.ops,
                "state_hash": state, "books_hash": books,
            })
        },
    )
}

fn difference_text(difference: &Difference) -> String {
    let bytes = |it: &Option<Vec<u8>>| {
        it.as_ref()
            .map_or_else(|| "nothing".into(), |it| show::hex(it))
    };
    match difference {
        Difference::Row {
            key,
            name,
            stored,
            derived,
        } => {
            format!(
                "row {name} (key {}): stored {}, derived {}",
                show::hex(key),
                bytes(stored),
                bytes(derived)
            )
        }
        Difference::Memory { key, name } => {
            format!("row {name} (key {}) in memory", show::hex(key))
        }
        Difference::Entry { position, why } => format!("entry at position {position}: {why}"),
        Difference::Hash => "hashes differ though no row does".into(),
    }
}

pub(super) fn rebuild(context: &Context) -> Result<(), CliFault> {
    let mut shell = context.offline()?;
    shell.store().rebuild_projection()?;
    context.print(
        || "the typed tables are made anew".into(),
        || json!({ "rebuilt": true }),
    )
}

/// A report is only as good as its tables: they are compared with the rows first.
pub(super) fn sql(context: &Context, query: &str, unchecked: bool) -> Result<(), CliFault> {
    let mut shell = context.offline()?;
    if !unchecked && let Some(why) = projection(shell.store())? {
        return Err(CliFault::Broken(why));
    }
    let answer = shell.store().query(query)?;
    context.print(|| answer_text(&answer), || answer_json(&answer))
}

fn answer_text(answer: &Answer) -> String {
    let number = |nth: usize| {
        let mut cells = answer
            .rows
            .iter()
            .filter_map(|row| row.get(nth))
            .filter(|cell| **cell != Cell::Null)
            .peekable();
        cells.peek().is_some() && cells.all(|cell| matches!(cell, Cell::Integer(_) | Cell::Real(_)))
    };
    let names: Vec<String> = answer
        .columns
        .iter()
        .enumerate()
        .map(|(nth, name)| {
            if number(nth) {
                format!(">{name}")
            } else {
                name.clone()
            }
        })
        .collect();
    let rows: Vec<Vec<String>> = answer
        .rows
        .iter()
        .map(|row| row.iter().map(Cell::to_string).collect())
        .collect();
    show::table(&names.iter().map(String::as_str).collect::<Vec<_>>(), &rows)
}

fn answer_json(answer: &Answer) -> Json {
    let cell = |cell: &Cell| match cell {
        Cell::Null => Json::Null,
        Cell::Integer(number) => json!(number),
        Cell::Real(number) => json!(number),
        Cell::Text(_) | Cell::Blob(_) => json!(cell.to_string()),
    };
    let rows: Vec<Vec<Json>> = answer
        .rows
        .iter()
        .map(|row| row.iter().map(cell).collect())
        .collect();
    json!({ "columns": answer.columns, "rows": rows })
}
