//! `import csv`: builds ops, leaves out what is in the book already, and has the rest signed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use daybook_client::{Command, NewOp, OnRefused, Outlook, Reply};
use daybook_fold::View;
use daybook_manifest::ast::{Edge, EntityId, Expr, Manifest, Stmt, Verb};
use daybook_manifest::value::Value;
use serde_json::{Value as Json, json};

use crate::command::setup::unexpected;
use crate::command::{Context, write};
use crate::exit::{CliFault, io};
use crate::import::build::{Bad, Built, build};
use crate::import::map::Map;
use crate::import::sheet::Sheet;
use crate::shell::Shell;

/// Maps that come with this build.
const SHIPPED: [(&str, &str); 1] = [("northwind", include_str!("../../maps/northwind.toml"))];

/// Ops that are signed and written down together.
const PART: usize = 1_000;

/// What an import did.
#[derive(Default)]
struct Tally {
    added: usize,
    present: usize,
    flagged: usize,
    entries: usize,
    bad: Vec<Bad>,
}

pub(super) fn import(
    context: &Context,
    map: &str,
    files: &[PathBuf],
    dry_run: bool,
) -> Result<(), CliFault> {
    let map = read_map(map)?;
    let sheets = read_sheets(&map, files)?;
    let mut shell = context.offline()?;
    let view = shell
        .client()
        .view()
        .ok_or(CliFault::Command(daybook_client::CommandFault::NoBook))?;
    let manifest = view.manifest().ok_or_else(write::no_manifest)?;
    let outcome = build(&map, manifest, &sheets).map_err(CliFault::Usage)?;
    let mut tally = Tally {
        bad: outcome.bad,
        ..Tally::default()
    };
    let new = only_new(&view, manifest, outcome.ops, &mut tally);
    match dry_run {
        true => tally.added = new.len(),
        false => new
            .chunks(PART)
            .try_for_each(|part| sign(&mut shell, part, &mut tally))?,
    }
    report(context, &tally, dry_run)?;
    match tally.bad.len() {
        0 => Ok(()),
        count => Err(CliFault::BadRows(count)),
    }
}

fn read_map(name: &str) -> Result<Map, CliFault> {
    let path = Path::new(name);
    let shipped = SHIPPED
        .iter()
        .find(|(shipped, _)| *shipped == name && !path.exists());
    let text = match shipped {
        Some((_, text)) => (*text).to_owned(),
        None => io(path, std::fs::read_to_string(path))?,
    };
    Map::parse(&text).map_err(|bad| CliFault::Usage(format!("{name}: {bad}")))
}

fn read_sheets(map: &Map, files: &[PathBuf]) -> Result<Vec<Sheet>, CliFault> {
    if let Some(missing) = files.iter().find(|path| !path.exists()) {
        let why = format!("{}: there is no such file or folder", missing.display());
        return Err(CliFault::Usage(why));
    }
    let one = |source: &crate::import::map::Source| {
        let named = |path: &PathBuf| match path.is_dir() {
            true => Some(path.join(&source.file)).filter(|path| path.is_file()),
            false => path
                .file_name()
                .is_some_and(|name| name == source.file.as_str())
                .then(|| path.clone()),
        };
        let path = files.iter().find_map(named);
        let path = path.ok_or_else(|| {
            CliFault::Usage(format!("{} is not among the files given", source.file))
        })?;
        let file = io(&path, std::fs::File::open(&path))?;
        Sheet::read(source, file).map_err(CliFault::Usage)
    };
    map.sources.iter().map(one).collect()
}

/// Leaves out ops whose row is in the book already, and those whose row an earlier op of this run makes.
fn only_new(
    view: &View<'_>,
    manifest: &Manifest,
    ops: Vec<Built>,
    tally: &mut Tally,
) -> Vec<Built> {
    let mut made = BTreeSet::new();
    let mut new = Vec::with_capacity(ops.len());
    for op in ops {
        let row = row_of(manifest, &op);
        if row.is_some_and(|(entity, id)| view.row(entity, id).is_some()) {
            tally.present += 1;
        } else if row.is_some_and(|row| !made.insert(row)) {
            tally.bad.push(Bad {
                file: op.file,
                line: op.line,
                reason: "another row of this import has its id already".into(),
            });
        } else {
            new.push(op);
        }
    }
    new
}

/// The row that an op inserts: its verb inserts it under an input that takes a new id.
fn row_of(manifest: &Manifest, op: &Built) -> Option<(EntityId, [u8; 16])> {
    let verb = manifest.verbs.iter().find(|it| it.name == op.verb)?;
    verb.body
        .iter()
        .find_map(|step| inserted(verb, step))
        .and_then(|(entity, name)| {
            let (_, value) = op.inputs.iter().find(|(input, _)| input == name)?;
            match value {
                Value::Id(id) => Some((entity, *id)),
                _ => None,
            }
        })
}

fn inserted<'a>(verb: &'a Verb, step: &Stmt) -> Option<(EntityId, &'a str)> {
    let Stmt::Insert {
        entity,
        id: Expr::Slot(slot),
        ..
    } = step
    else {
        return None;
    };
    let param = verb.params.get(usize::from(*slot))?;
    (param.edge == Some(Edge::NewId)).then_some((*entity, param.name.as_str()))
}

fn sign(shell: &mut Shell, part: &[Built], tally: &mut Tally) -> Result<(), CliFault> {
    let ops = part
        .iter()
        .map(|op| NewOp {
            verb: op.verb.clone(),
            inputs: op.inputs.clone(),
        })
        .collect();
    // A verb may take more ids than the one that the map derives.
    let edge = write::edge(None, part.len())?;
    let command = Command::Append {
        ops,
        edge,
        refused: OnRefused::Skip,
    };
    let Reply::Appended { entries, ops } = shell.ask(command)? else {
        return Err(unexpected());
    };
    tally.entries += entries.len();
    for (built, done) in part.iter().zip(ops) {
        let reason = match done.outlook {
            Outlook::Applied { flags } => {
                tally.added += 1;
                tally.flagged += usize::from(!flags.is_empty());
                continue;
            }
            Outlook::Refused(why) => format!("{} refused: {} {}", built.verb, why.code, why.label),
            Outlook::Unfit(why) => format!("{}: {why}", built.verb),
        };
        tally.bad.push(Bad {
            file: built.file.clone(),
            line: built.line,
            reason,
        });
    }
    Ok(())
}

fn report(context: &Context, tally: &Tally, dry_run: bool) -> Result<(), CliFault> {
    let bad = |it: &Bad| json!({ "file": it.file, "line": it.line, "reason": it.reason });
    if !context.json {
        tally
            .bad
            .iter()
            .for_each(|it| eprintln!("{}:{}: {}", it.file, it.line, it.reason));
    }
    let Tally {
        added,
        present,
        flagged,
        entries,
        ..
    } = tally;
    context.print(
        || {
            let verb = if dry_run { "would be added" } else { "added" };
            format!("{added} ops {verb} in {entries} entries, {present} were there already, {flagged} flagged, {} bad rows", tally.bad.len())
        },
        || {
            json!({
                "added": added, "present": present, "flagged": flagged, "entries": entries, "dry_run": dry_run,
                "bad": Json::Array(tally.bad.iter().map(bad).collect()),
            })
        },
    )
}
