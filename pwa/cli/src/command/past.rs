//! The past: history of a row, the books as they were, the whole log checked or exported.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use daybook_client::{CommandFault, Refold, StoredEntry, trial_balance};
use daybook_fold::key::RowId;
use daybook_fold::rowform::dims_text;
use daybook_fold::{Bundle, PostingFilter, View};
use daybook_log::{BookLog, Entry, Genesis, OrderRecord, Position, Tips};
use daybook_manifest::ast::Manifest;
use daybook_manifest::printable;
use serde_json::{Map, Value as Json, json};

use crate::command::{Context, read, write};
use crate::exit::CliFault;
use crate::shell::Shell;
use crate::show;

/// What a check of the whole log found good.
pub(super) struct Checked {
    pub(super) position: u64,
    pub(super) tip: String,
    pub(super) authors: usize,
}

/// Checks every entry from the first: hashes, signature, author chain, key, order. Nothing that was computed before is
/// believed.
pub(super) fn verify_log(shell: &mut Shell) -> Result<Checked, CliFault> {
    let (genesis, _) = shell.client().origin().ok_or(CommandFault::NoBook)?;
    let genesis =
        Genesis::decode(&genesis).map_err(|fault| CliFault::Broken(format!("genesis: {fault}")))?;
    let mut log =
        BookLog::found(&genesis).map_err(|fault| CliFault::Broken(format!("genesis: {fault}")))?;
    let mut tips = Tips::new(log.book());
    let mut authors = BTreeSet::new();
    each_entry(shell, |item| {
        let broken = |why: &dyn std::fmt::Display| {
            CliFault::Broken(format!("entry at position {}: {why}", item.position))
        };
        let record = OrderRecord::decode(&item.record).map_err(|fault| broken(&fault))?;
        let entry = Entry::decode(&item.bytes).map_err(|fault| broken(&fault))?;
        if entry.id() != item.id {
            return Err(broken(&"its id is not the hash of its bytes"));
        }
        authors.insert(entry.header().author);
        let tip_at = |position: Position| tips.at(position);
        let key = log.check(&entry, &tip_at).map_err(|fault| broken(&fault))?;
        let entry = entry.verify(&key).map_err(|fault| broken(&fault))?;
        let ordered = log
            .place(&record, entry, &tip_at)
            .map_err(|fault| broken(&fault))?;
        tips.push(ordered.tip);
        Ok(true)
    })?;
    Ok(Checked {
        position: log.position().0,
        tip: log.tip().to_string(),
        authors: authors.len(),
    })
}

/// All stored entries in order, until told to stop.
fn each_entry(
    shell: &mut Shell,
    mut found: impl FnMut(&StoredEntry) -> Result<bool, CliFault>,
) -> Result<(), CliFault> {
    let mut after = 0;
    loop {
        let (items, end) = read::page(shell, after)?;
        for item in &items {
            if !found(item)? {
                return Ok(());
            }
            after = item.position;
        }
        if end {
            return Ok(());
        }
    }
}

pub(super) fn export(context: &Context, file: &Path) -> Result<(), CliFault> {
    let mut shell = context.offline()?;
    let (genesis, asts) = shell.client().origin().ok_or(CommandFault::NoBook)?;
    let mut items = Vec::new();
    each_entry(&mut shell, |item| {
        items.push((item.record.clone(), item.bytes.clone()));
        Ok(true)
    })?;
    let bundle = Bundle {
        genesis: &genesis,
        asts: asts.iter().map(Vec::as_slice).collect(),
        items: items
            .iter()
            .map(|(record, entry)| (record.as_slice(), entry.as_slice()))
            .collect(),
    };
    let bytes = bundle.encode();
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file);
    crate::exit::io(
        file,
        written.and_then(|mut file| std::io::Write::write_all(&mut file, &bytes)),
    )?;
    context.print(
        || format!("{}: {} entries, {} bytes", file.display(), items.len(), bytes.len()),
        || json!({ "file": file.display().to_string(), "entries": items.len(), "bytes": bytes.len() }),
    )
}

pub(super) fn history(context: &Context, entity: &str, id: &str) -> Result<(), CliFault> {
    let id =
        show::unhex(id).ok_or_else(|| CliFault::Usage("an id has 32 hexadecimal digits".into()))?;
    let mut shell = context.offline()?;
    let index = {
        let view = shell.client().view().ok_or(CommandFault::NoBook)?;
        let manifest = view.manifest().ok_or_else(write::no_manifest)?;
        let names: Vec<&str> = manifest
            .entities
            .iter()
            .map(|it| it.name.as_str())
            .collect();
        view.entity(entity).ok_or_else(|| {
            CliFault::Usage(format!(
                "there is no entity `{entity}`; there are {}",
                names.join(", ")
            ))
        })?
    };
    let key = RowId {
        entity: index,
        id,
        index: None,
    }
    .bytes();
    let names = read::Names::of(shell.client())?;
    let mut refold = refold(&shell)?.with_changes();
    let mut versions = Vec::new();
    each_entry(&mut shell, |item| {
        let folded = refold
            .push(item)
            .map_err(|fault| CliFault::Broken(fault.to_string()))?;
        if folded.change_of(&key).is_some() {
            let device = names.device(&folded.entry.entry.entry().header().author);
            versions.push(version(&refold, item, (index, id), device));
        }
        Ok(true)
    })?;
    let rows: Vec<Vec<String>> = versions.iter().map(|it| it.cells.clone()).collect();
    context.print(
        || match rows.is_empty() {
            true => "no entry with a position changed it".into(),
            false => show::table(&[">Position", "Placed", "Device", "Then it was"], &rows),
        },
        || Json::Array(versions.iter().map(|it| it.json.clone()).collect()),
    )
}

/// A row as an entry left it.
struct Version {
    cells: Vec<String>,
    json: Json,
}

/// The books before the first entry, to be filled from what is stored.
fn refold(shell: &Shell) -> Result<Refold, CliFault> {
    let refold = shell.client().refold(false).ok_or(CommandFault::NoBook)?;
    refold.map_err(|fault| CliFault::Broken(fault.to_string()))
}

fn version(
    refold: &Refold,
    item: &StoredEntry,
    (entity, id): (u16, [u8; 16]),
    device: String,
) -> Version {
    let view = refold.view();
    let mut fields = Map::new();
    if let (Some(manifest), Some(row)) = (view.manifest(), view.row(entity, id)) {
        let declared = manifest
            .entities
            .get(usize::from(entity))
            .map(|it| it.fields.as_slice())
            .unwrap_or_default();
        for (field, value) in declared.iter().zip(&row.values) {
            fields.insert(
                field.name.clone(),
                json!(printable::value_to_text(manifest, &field.ty, value)),
            );
        }
    }
    let record = OrderRecord::decode(&item.record).ok();
    let time_ms = record
        .map(|record| record.relay_time_ms)
        .unwrap_or_default();
    let text: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()))
        .collect();
    Version {
        cells: vec![
            item.position.to_string(),
            show::time(time_ms),
            device.clone(),
            text.join(" "),
        ],
        json: json!({
            "position": item.position, "relay_time_ms": time_ms, "device": device, "entry": item.id.to_string(),
            "fields": Json::Object(fields),
        }),
    }
}

pub(super) fn balance(context: &Context, at: &str) -> Result<(), CliFault> {
    let mut shell = context.offline()?;
    if let Some(day) = show::days(at) {
        let view = shell.client().view().ok_or(CommandFault::NoBook)?;
        let manifest = view.manifest().ok_or_else(write::no_manifest)?;
        return dated(context, &view, manifest, day);
    }
    let wanted: u64 = at
        .parse()
        .map_err(|_| CliFault::Usage("give a position, or a date as YYYY-MM-DD".into()))?;
    let refold = folded_to(&mut shell, wanted)?;
    let (book, view) = (refold.book(), refold.view());
    let balance = trial_balance(&view, view.manifest().ok_or_else(write::no_manifest)?);
    context.print(
        || show::balance(&balance),
        || {
            let mut json = show::balance_json(&balance);
            json["position"] = json!(wanted);
            json["tip"] = json!(book.tip().to_string());
            json["state_hash"] = json!(book.state_hash().to_string());
            json["books_hash"] = json!(book.books_hash().to_string());
            json
        },
    )
}

fn folded_to(shell: &mut Shell, wanted: u64) -> Result<Refold, CliFault> {
    let mut refold = refold(shell)?;
    if wanted > 0 {
        each_entry(shell, |item| {
            refold
                .push(item)
                .map_err(|fault| CliFault::Broken(fault.to_string()))?;
            Ok(item.position < wanted)
        })?;
    }
    match refold.position() == wanted {
        true => Ok(refold),
        false => Err(CliFault::Usage(format!(
            "the log ends at position {}",
            refold.position()
        ))),
    }
}

/// The trial balance of what is dated up to a day, own pending ops included.
fn dated(
    context: &Context,
    view: &View<'_>,
    manifest: &Manifest,
    day: i64,
) -> Result<(), CliFault> {
    let mut sums = BTreeMap::new();
    for posting in view.postings(PostingFilter::default()) {
        if i64::from(posting.date) <= day {
            let role = manifest.roles.get(usize::from(posting.role));
            let dims = role
                .filter(|role| role.detail)
                .map_or_else(String::new, |role| dims_text(manifest, role, &posting.dims));
            let currency = String::from_utf8_lossy(&posting.currency).into_owned();
            *sums.entry((posting.role, dims, currency)).or_insert(0_i128) +=
                i128::from(posting.amount);
        }
    }
    sums.retain(|_, sum| *sum != 0);
    let role = |index: &u16| manifest.roles.get(usize::from(*index));
    let row = |((index, dims, currency), sum): (&(u16, String, String), &i128)| {
        let (code, label) =
            role(index).map_or_else(Default::default, |it| (it.code.clone(), it.label.clone()));
        let side = |debit: bool| {
            if (*sum > 0) == debit {
                show::amount(sum.abs())
            } else {
                String::new()
            }
        };
        vec![
            code,
            label,
            dims.clone(),
            currency.clone(),
            side(true),
            side(false),
        ]
    };
    let line = |((index, dims, currency), sum): (&(u16, String, String), &i128)| {
        let (name, code) =
            role(index).map_or_else(Default::default, |it| (it.name.clone(), it.code.clone()));
        json!({ "role": name, "code": code, "dims": dims, "currency": currency, "amount": show::amount(*sum) })
    };
    context.print(
        || {
            show::table(
                &["Code", "Account", "Of", "Cur", ">Debit", ">Credit"],
                &sums.iter().map(row).collect::<Vec<_>>(),
            )
        },
        || json!({ "date": show::date(day), "lines": sums.iter().map(line).collect::<Vec<_>>() }),
    )
}
