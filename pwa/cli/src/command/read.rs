//! Reading: status, balance, documents, log, one op.

use std::collections::BTreeMap;

use daybook_client::view::{DocumentView, OpProof};
use daybook_client::{
    Client, Command, CommandFault, Durability, LoadRequest, OpAt, Reply, Stored, StoredEntry,
};
use daybook_log::control::manifest_id;
use daybook_log::{AuthorId, Body, Entry, EntryId, ManifestId, OpId, OpsBody, OrderRecord};
use daybook_manifest::Checked;
use serde_json::{Value as Json, json};

use crate::command::Context;
use crate::command::setup::unexpected;
use crate::exit::CliFault;
use crate::shell::Shell;
use crate::show;

/// Entries per stored page.
const PAGE: u16 = 1_000;

pub(super) fn status(context: &Context) -> Result<(), CliFault> {
    let shell = context.offline()?;
    let client = shell.client();
    let status = client.status();
    let text = |it: Option<String>| it.unwrap_or_else(|| "-".into());
    let hashes = hashes(client);
    let lines = [
        ("phase", format!("{:?}", status.phase).to_lowercase()),
        ("book", text(status.book.map(|it| it.to_string()))),
        ("relay", status.relay.clone()),
        ("device", status.label.clone()),
        ("author", text(status.author.map(|it| it.to_string()))),
        ("manager", status.manager.to_string()),
        ("position", status.position.to_string()),
        ("tip", status.tip.to_string()),
        ("state hash", hashes.0),
        ("books hash", hashes.1),
        ("outbox", status.outbox.to_string()),
        ("manifest", text(status.manifest.map(|it| it.to_string()))),
        (
            "level",
            format!(
                "{}{}",
                status.level,
                if status.level == 0 {
                    " (not frozen)"
                } else {
                    ""
                }
            ),
        ),
    ];
    let shown: Vec<Vec<String>> = lines
        .iter()
        .map(|(name, value)| vec![(*name).to_owned(), value.clone()])
        .collect();
    let value = |name: &str, value: &str| match name {
        "position" | "outbox" => json!(value.parse::<u64>().ok()),
        "level" => json!(status.level),
        "manager" => json!(status.manager),
        _ => json!(value),
    };
    context.print(
        || show::table(&["", ""], &shown).trim_start().to_owned(),
        || {
            Json::Object(
                lines
                    .iter()
                    .map(|(name, it)| (name.replace(' ', "_"), value(name, it)))
                    .collect(),
            )
        },
    )
}

/// State hash and books hash of the confirmed books; empty while there is no book.
pub(super) fn hashes(client: &Client) -> (String, String) {
    let text = |hashes: daybook_client::view::Hashes| {
        (show::hex(&hashes.state_hash), show::hex(&hashes.books_hash))
    };
    client.hashes().map_or_else(Default::default, text)
}

pub(super) fn balance(context: &Context) -> Result<(), CliFault> {
    let shell = context.offline()?;
    let client = shell.client();
    let balance = client.trial_balance().ok_or(CommandFault::NoBook)?;
    let status = client.status();
    context.print(
        || {
            let mut text = show::balance(&balance);
            if status.outbox > 0 {
                text.push_str(&format!(
                    "with {} own entries that have no position yet\n",
                    status.outbox
                ));
            }
            text
        },
        || {
            let (state, books) = hashes(client);
            let mut json = show::balance_json(&balance);
            json["position"] = json!(status.position);
            json["outbox"] = json!(status.outbox);
            json["state_hash"] = json!(state);
            json["books_hash"] = json!(books);
            json
        },
    )
}

pub(super) fn documents(context: &Context, limit: usize) -> Result<(), CliFault> {
    let shell = context.offline()?;
    let documents = shell.client().documents(limit);
    let row = |it: &DocumentView| {
        vec![
            show::date(it.date.into()),
            it.label.clone(),
            it.title.clone(),
            it.status.clone().unwrap_or_default(),
            show::amount(it.amount.into()),
            it.currency.clone(),
            durability(&it.at),
            show::hex(&it.id),
        ]
    };
    let json = |it: &DocumentView| {
        json!({
            "entity": it.entity, "id": show::hex(&it.id), "title": it.title, "status": it.status,
            "date": show::date(it.date.into()), "currency": it.currency, "amount": show::amount(it.amount.into()),
            "durability": durability(&it.at), "op": op_text(&it.at.op), "lines": it.lines,
        })
    };
    context.print(
        || {
            let rows: Vec<_> = documents.iter().map(row).collect();
            show::table(
                &[
                    "Date", "Kind", "Document", "Status", ">Amount", "Cur", "Safe", "Id",
                ],
                &rows,
            )
        },
        || Json::Array(documents.iter().map(json).collect()),
    )
}

fn durability(at: &OpAt) -> String {
    match at.durability {
        Some(Durability::Local) => "local".into(),
        Some(Durability::Syncing) => "syncing".into(),
        Some(Durability::Durable(count)) => format!("durable@{count}"),
        None => String::new(),
    }
}

fn op_text(op: &OpId) -> String {
    format!("{}:{}", op.entry, op.index)
}

pub(super) fn log(context: &Context, from: u64, limit: usize) -> Result<(), CliFault> {
    let mut shell = context.offline()?;
    let names = Names::of(shell.client())?;
    let mut lines = Vec::new();
    let mut after = from.saturating_sub(1);
    while lines.len() < limit {
        let (items, end) = page(&mut shell, after)?;
        for item in items.iter().take(limit - lines.len()) {
            lines.push(line(&names, item)?);
        }
        after = items.last().map_or(after, |item| item.position);
        if end {
            break;
        }
    }
    let row = |it: &Line| {
        vec![
            it.position.to_string(),
            show::time(it.time_ms),
            it.device.clone(),
            it.what.clone(),
            it.entry.to_string(),
        ]
    };
    let json = |it: &Line| {
        json!({
            "position": it.position, "relay_time_ms": it.time_ms, "device": it.device, "author": it.author, "seq": it.seq,
            "what": it.what, "ops": it.ops, "entry": it.entry.to_string(), "tip": it.tip,
        })
    };
    context.print(
        || {
            show::table(
                &[">Position", "Placed", "Device", "What", "Entry"],
                &lines.iter().map(row).collect::<Vec<_>>(),
            )
        },
        || Json::Array(lines.iter().map(json).collect()),
    )
}

/// One page of stored entries after a position, and whether it is the last.
pub(super) fn page(shell: &mut Shell, after: u64) -> Result<(Vec<StoredEntry>, bool), CliFault> {
    match shell
        .store()
        .load(&LoadRequest::Entries { after, limit: PAGE })?
    {
        Stored::Entries { items, end, .. } => Ok((items, end)),
        _ => Err(unexpected()),
    }
}

/// One entry of the log, for people.
struct Line {
    position: u64,
    time_ms: i64,
    device: String,
    author: String,
    seq: u64,
    what: String,
    ops: usize,
    entry: EntryId,
    tip: String,
}

fn line(names: &Names, item: &StoredEntry) -> Result<Line, CliFault> {
    let broken =
        |why: String| CliFault::Broken(format!("entry at position {}: {why}", item.position));
    let record = OrderRecord::decode(&item.record).map_err(|fault| broken(fault.to_string()))?;
    let entry = Entry::decode(&item.bytes).map_err(|fault| broken(fault.to_string()))?;
    let (what, ops) = match entry.body() {
        Body::Ops(body) => (names.verbs(body), body.ops.len()),
        Body::KeyAdd(key) => (
            format!("admits {} ({:?})", key.label, key.role).to_lowercase(),
            0,
        ),
        Body::Manifest(adoption) => (format!("adopts manifest {}", adoption.manifest), 0),
        Body::Sealed(_) => ("encrypted".to_owned(), 0),
        Body::Refused(why) => (format!("refused: {why}"), 0),
        other => (format!("{:?}", other.kind()).to_lowercase(), 0),
    };
    let header = entry.header();
    Ok(Line {
        position: item.position,
        time_ms: record.relay_time_ms,
        device: names.device(&header.author),
        author: header.author.to_string(),
        seq: header.seq.0,
        what,
        ops,
        entry: item.id,
        tip: record.tip().to_string(),
    })
}

/// Names of devices and verbs, for the log.
pub(super) struct Names {
    devices: BTreeMap<AuthorId, String>,
    manifests: BTreeMap<ManifestId, Checked>,
}

impl Names {
    pub(super) fn of(client: &Client) -> Result<Self, CliFault> {
        let (_, asts) = client.origin().ok_or(CommandFault::NoBook)?;
        let manifests = asts
            .iter()
            .filter_map(|ast| Some((manifest_id(ast), daybook_manifest::decode(ast).ok()?)));
        let devices = client
            .members()
            .into_iter()
            .map(|member| (member.author, member.label));
        Ok(Self {
            devices: devices.collect(),
            manifests: manifests.collect(),
        })
    }

    /// The device code of an author.
    pub(super) fn device(&self, author: &AuthorId) -> String {
        self.devices.get(author).cloned().unwrap_or_default()
    }

    /// Names of the verbs of an entry, each once, with how often it occurs.
    fn verbs(&self, body: &OpsBody) -> String {
        let manifest = self.manifests.get(&body.manifest);
        let name = |verb: u16| {
            let found = manifest.and_then(|manifest| manifest.verbs.get(usize::from(verb)));
            found.map_or_else(|| format!("verb {verb}"), |verb| verb.name.clone())
        };
        let mut counts: Vec<(u16, usize)> = Vec::new();
        for op in &body.ops {
            match counts.iter_mut().find(|(verb, _)| *verb == op.verb) {
                Some((_, count)) => *count += 1,
                None => counts.push((op.verb, 1)),
            }
        }
        let shown = counts.iter().map(|(verb, count)| match count {
            1 => name(*verb),
            count => format!("{count} x {}", name(*verb)),
        });
        shown.collect::<Vec<_>>().join(", ")
    }
}

pub(super) fn op(context: &Context, text: &str) -> Result<(), CliFault> {
    let parsed = text.split_once(':').and_then(|(entry, index)| {
        Some(OpId {
            entry: EntryId(show::unhex(entry)?),
            index: index.parse().ok()?,
        })
    });
    let op = parsed.ok_or_else(|| {
        CliFault::Usage("an op is written as ENTRY:INDEX, the entry with 64 digits".into())
    })?;
    let mut shell = context.offline()?;
    let Reply::OpProof(proof) = shell.ask(Command::OpProof { op })? else {
        return Err(unexpected());
    };
    context.print(|| proof_text(&proof), || proof_json(&proof))
}

fn proof_json(proof: &OpProof) -> Json {
    json!({
        "op": op_text(&proof.at.op), "position": proof.at.position, "durability": durability(&proof.at),
        "tip": proof.tip.map(|tip| tip.to_string()), "author": proof.author.to_string(), "device": proof.device,
        "seq": proof.seq, "prev": proof.prev.to_string(), "seen_position": proof.seen_position,
        "relay_time_ms": proof.relay_time_ms, "authored_at_ms": proof.authored_at_ms,
        "manifest": proof.manifest.to_string(), "manifest_name": proof.manifest_name, "verb": proof.verb,
        "inputs": show::fields_json(&proof.inputs), "key": show::hex(&proof.key), "signature": show::hex(&proof.signature),
        "verified": proof.verified,
    })
}

fn proof_text(proof: &OpProof) -> String {
    let mut rows = vec![
        vec!["op".to_owned(), op_text(&proof.at.op)],
        vec![
            "verb".into(),
            format!("{} ({})", proof.verb, proof.verb_label),
        ],
    ];
    for field in &proof.inputs {
        rows.push(vec![format!("  {}", field.name), field.text.clone()]);
    }
    let place = proof
        .at
        .position
        .map_or_else(|| "none yet".into(), |position| position.to_string());
    let tip = proof.tip.map_or_else(|| "-".into(), |tip| tip.to_string());
    rows.extend([
        vec!["position".into(), place],
        vec!["safe".into(), durability(&proof.at)],
        vec!["tip".into(), tip],
        vec![
            "device".into(),
            format!("{} ({})", proof.device, proof.author),
        ],
        vec!["seq".into(), proof.seq.to_string()],
        vec!["prev".into(), proof.prev.to_string()],
        vec!["authored".into(), show::time(proof.authored_at_ms)],
        vec![
            "placed".into(),
            proof.relay_time_ms.map_or_else(|| "-".into(), show::time),
        ],
        vec![
            "manifest".into(),
            format!("{} {}", proof.manifest_name, proof.manifest),
        ],
        vec!["key".into(), show::hex(&proof.key)],
        vec!["signature".into(), show::hex(&proof.signature)],
        vec![
            "verified".into(),
            if proof.verified {
                "yes, just now".into()
            } else {
                "NO".into()
            },
        ],
    ]);
    show::table(&["", ""], &rows).trim_start().to_owned()
}
