//! What screens ask of an open book. Reads only: figures and words are the kernel's.

use daybook_client::limits::SCREEN_ROWS_MAX;
use daybook_client::view::{DocumentView, PostingFilter, PostingView};
use daybook_client::{Client, Durability, OpAt};
use daybook_fold::{Flag, Outcome, PostingFilter as FoldFilter, Refusal, View};
use daybook_log::{EntryId, OpId, Position};
use daybook_manifest::ast::{Entity, Manifest, Reason, Type};
use daybook_manifest::printable;
use daybook_manifest::value::Value;
use daybook_proto as proto;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::convert::{at, fields, side, val, value};

/// The answer to a query; none when it is none, or no book is open.
#[must_use]
pub fn answer(client: &Client, ask: &proto::Ask) -> Option<proto::Reply> {
    Some(match ask {
        proto::Ask::Hashes => {
            let hashes = client.hashes()?;
            let (position, state, books) = (hashes.position, hashes.state_hash, hashes.books_hash);
            proto::Reply::Hashes(proto::HashesView {
                position,
                state,
                books,
            })
        }
        proto::Ask::Rows { entity } => proto::Reply::Rows(rows(client, entity)),
        proto::Ask::Documents { limit } => proto::Reply::Documents(documents(client, *limit)),
        proto::Ask::Document { id } => proto::Reply::Document(document(client, *id).map(Box::new)),
        proto::Ask::Balance => proto::Reply::Balance(balance(client)?),
        proto::Ask::Lines { filter, limit } => proto::Reply::Lines(lines(client, filter, *limit)?),
        proto::Ask::Attention { limit } => proto::Reply::Attention(attention(client, *limit)?),
        proto::Ask::Devices => proto::Reply::Devices(devices(client)),
        _ => return None,
    })
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn most(limit: u32) -> usize {
    usize::try_from(limit)
        .unwrap_or(usize::MAX)
        .min(SCREEN_ROWS_MAX)
}

fn rows(client: &Client, entity: &str) -> Vec<proto::RowView> {
    let mut owners: BTreeMap<[u8; 16], [u8; 32]> = BTreeMap::new();
    let view = client
        .view()
        .and_then(|view| Some((view, view.entity(entity)?)));
    for row in view.into_iter().flat_map(|(view, index)| view.rows(index)) {
        if let Some(owner) = row.owner {
            owners.insert(row.id.id, owner.0);
        }
    }
    let rows = client.rows(entity, SCREEN_ROWS_MAX).into_iter();
    rows.map(|row| proto::RowView {
        owner: owners.get(&row.id).copied(),
        fields: fields(&row.fields),
        entity: row.entity,
        id: row.id,
        title: row.title,
    })
    .collect()
}

fn documents(client: &Client, limit: u32) -> proto::DocumentsView {
    let mut found = client.documents(SCREEN_ROWS_MAX);
    let total = if found.len() < SCREEN_ROWS_MAX {
        found.len()
    } else {
        booked(client)
    };
    let total = count(total);
    found.truncate(most(limit));
    proto::DocumentsView {
        total,
        items: found
            .iter()
            .map(|document| document_line(client, document))
            .collect(),
    }
}

/// How many rows have lines. The lines of a row stand together.
fn booked(client: &Client) -> usize {
    let lines = client
        .view()
        .into_iter()
        .flat_map(|view| view.postings(FoldFilter::default()));
    let mut last = None;
    lines
        .filter(|line| last.replace(line.doc) != Some(line.doc))
        .count()
}

fn document_line(client: &Client, document: &DocumentView) -> proto::DocumentLine {
    let row = client
        .view()
        .and_then(|view| view.row(view.entity(&document.entity)?, document.id));
    let owner = row.and_then(|row| row.owner);
    let device = owner.and_then(|owner| {
        client
            .members()
            .into_iter()
            .find(|member| member.author == owner)
    });
    proto::DocumentLine {
        device: device.map(|member| member.label),
        entity: document.entity.clone(),
        label: document.label.clone(),
        id: document.id,
        title: document.title.clone(),
        status: document.status.clone(),
        date: document.date,
        currency: document.currency.clone(),
        amount: document.amount,
        at: at(&document.at),
    }
}

fn document(client: &Client, id: [u8; 16]) -> Option<proto::DocumentDetail> {
    let line = client
        .documents(SCREEN_ROWS_MAX)
        .into_iter()
        .find(|document| document.id == id)?;
    let (view, titles) = (client.view()?, Titles::of(client));
    let manifest = view.manifest()?;
    let row = client.row(&line.entity, id);
    let parent = view.entity(&line.entity);
    let below = manifest
        .entities
        .iter()
        .zip(0_u16..)
        .filter(|(entity, _)| entity.parent.is_some() && entity.parent == parent);
    let children = below.filter_map(|(entity, index)| {
        let rows: Vec<_> = view
            .children(index, id)
            .map(|row| named(&titles, manifest, entity, &row.values))
            .collect();
        (!rows.is_empty()).then(|| (entity.label.clone(), rows))
    });
    let filter = PostingFilter {
        doc: Some(id),
        ..PostingFilter::default()
    };
    let booked = client.postings(&filter, SCREEN_ROWS_MAX);
    Some(proto::DocumentDetail {
        children: children.collect(),
        fields: row.map(|row| fields(&row.fields)).unwrap_or_default(),
        lines: booked
            .iter()
            .map(|posting| line_view(posting, &line.title))
            .collect(),
        line: document_line(client, &line),
    })
}

/// Titles of rows that child rows refer to, read once per entity.
struct Titles<'a> {
    client: &'a Client,
}

impl<'a> Titles<'a> {
    fn of(client: &'a Client) -> Self {
        Self { client }
    }

    fn text(&self, manifest: &Manifest, ty: &Type, value: &Value) -> String {
        match (ty, value) {
            (Type::Option(ty), value) if *value != Value::None => self.text(manifest, ty, value),
            (Type::Ref(entity), Value::Id(id)) => {
                let entity = manifest.entities.get(usize::from(*entity));
                let row = entity.and_then(|entity| self.client.row(&entity.name, *id));
                row.map_or_else(|| daybook_client::document_id_text(id), |row| row.title)
            }
            _ => printable::value_to_text(manifest, ty, value),
        }
    }
}

fn named(
    titles: &Titles<'_>,
    manifest: &Manifest,
    entity: &Entity,
    values: &[Value],
) -> Vec<proto::FieldView> {
    let pairs = entity.fields.iter().zip(values);
    pairs
        .map(|(field, value)| proto::FieldView {
            name: field.name.clone(),
            label: field.label.clone(),
            val: val(value),
            text: titles.text(manifest, &field.ty, value),
        })
        .collect()
}

fn line_view(posting: &PostingView, doc_title: &str) -> proto::LineView {
    proto::LineView {
        at: at(&posting.at),
        line: posting.line,
        doc: posting.doc,
        doc_title: doc_title.to_owned(),
        date: posting.date,
        role: posting.role.clone(),
        label: posting.label.clone(),
        code: posting.code.clone(),
        dims: fields(&posting.dims),
        currency: posting.currency.clone(),
        amount: posting.amount,
    }
}

fn balance(client: &Client) -> Option<proto::BalanceView> {
    let found = client.trial_balance()?;
    let line = |line: &daybook_client::view::BalanceLine| proto::BalanceLine {
        role: line.role.clone(),
        label: line.label.clone(),
        code: line.code.clone(),
        side: side(line.kind),
        dims: fields(&line.dims),
        currency: line.currency.clone(),
        amount: line.amount,
    };
    let total = |(code, debit, credit): &(String, i128, i128)| proto::Currency {
        code: code.clone(),
        debit: *debit,
        credit: *credit,
    };
    Some(proto::BalanceView {
        lines: found.lines.iter().map(line).collect(),
        totals: found.totals.iter().map(total).collect(),
    })
}

/// Count and sums are over everything that matches, however few lines are shown.
fn lines(client: &Client, filter: &proto::LineFilter, limit: u32) -> Option<proto::LinesView> {
    let view = client.view()?;
    let wanted = PostingFilter {
        doc: filter.doc,
        role: filter.role.clone(),
        dims: filter.dims.iter().cloned().map(value).collect(),
        currency: filter.currency.clone(),
    };
    let mut sums: BTreeMap<String, i128> = BTreeMap::new();
    let mut total = 0_usize;
    // The newest so far; the oldest of them leaves when there is one too many.
    let mut newest: BTreeSet<(u64, u16, [u8; 16], u16)> = BTreeSet::new();
    for posting in matching(&view, &wanted)? {
        let sum = sums
            .entry(String::from_utf8_lossy(&posting.currency).into_owned())
            .or_default();
        *sum = sum.saturating_add(i128::from(posting.amount));
        total += 1;
        newest.insert((posting.position, posting.op, posting.doc, posting.line));
        if newest.len() > most(limit) {
            newest.pop_first();
        }
    }
    let mut docs: BTreeSet<[u8; 16]> = BTreeSet::new();
    for (_, _, doc, _) in &newest {
        docs.insert(*doc);
    }
    let pending = client.pending();
    let mut items = BTreeMap::new();
    for doc in docs {
        let title = title_of(client, &view, doc);
        let of_doc = PostingFilter {
            doc: Some(doc),
            ..wanted.clone()
        };
        for posting in client.postings(&of_doc, SCREEN_ROWS_MAX) {
            let place = rank(&pending, view.position(), &posting.at);
            let newest_first = (
                Reverse(place),
                Reverse(posting.at.op.index),
                posting.line,
                doc,
            );
            items.insert(newest_first, line_view(&posting, &title));
        }
    }
    let total = count(total);
    let items: Vec<proto::LineView> = items.into_values().take(most(limit)).collect();
    Some(proto::LinesView {
        total,
        sums: sums.into_iter().collect(),
        items,
    })
}

/// The position of an op's entry, or the one that it would have if the pending ones were placed as they are.
fn rank(pending: &[EntryId], confirmed: Position, at: &OpAt) -> u64 {
    let ahead = pending.iter().position(|entry| *entry == at.op.entry);
    let ahead = ahead
        .and_then(|ahead| u64::try_from(ahead).ok())
        .map(|ahead| ahead.saturating_add(1));
    at.position
        .unwrap_or_else(|| confirmed.0.saturating_add(ahead.unwrap_or(0)))
}

fn matching<'a>(
    view: &View<'a>,
    wanted: &PostingFilter,
) -> Option<impl Iterator<Item = daybook_fold::Posting> + use<'a>> {
    let role = match &wanted.role {
        Some(name) => Some(view.role(name)?),
        None => None,
    };
    let (dims, currency) = (wanted.dims.clone(), wanted.currency.clone());
    let found = view.postings(FoldFilter {
        doc: wanted.doc,
        role,
        ..FoldFilter::default()
    });
    Some(found.filter(move |posting| {
        posting.dims.starts_with(&dims)
            && currency
                .as_ref()
                .is_none_or(|currency| posting.currency == currency.as_bytes())
    }))
}

fn title_of(client: &Client, view: &View<'_>, doc: [u8; 16]) -> String {
    let kinds = view
        .manifest()
        .map(|manifest| manifest.entities.as_slice())
        .unwrap_or_default();
    let roots = kinds.iter().filter(|entity| entity.parent.is_none());
    let titled = roots
        .filter_map(|entity| Some((entity, client.row(&entity.name, doc)?)))
        .next();
    titled.map_or_else(
        || daybook_client::document_id_text(&doc),
        |(entity, row)| format!("{} {}", entity.label, row.title),
    )
}

fn devices(client: &Client) -> Vec<proto::DeviceView> {
    let me = client.status().author;
    let members = client.members().into_iter();
    members
        .map(|member| proto::DeviceView {
            author: member.author.0,
            this: me == Some(member.author),
            label: member.label,
            manager: member.manager,
            from: member.from,
        })
        .collect()
}

/// Refused and flagged ops, newest first.
fn attention(client: &Client, limit: u32) -> Option<proto::AttentionsView> {
    let view = client.view()?;
    let manifest = view.manifest()?;
    let mut outcomes: Vec<_> = view.outcomes().collect();
    outcomes.reverse();
    let total = count(outcomes.len());
    let found = outcomes.into_iter().flat_map(|(position, index, outcome)| {
        let at = place(client, view.position(), position, index);
        reasons(manifest, &outcome)
            .into_iter()
            .map(move |(refused, why)| proto::AttentionView { at, refused, why })
    });
    Some(proto::AttentionsView {
        total,
        items: found.take(most(limit)).collect(),
    })
}

/// Where an op is; above the confirmed position stand the own pending entries, in order.
fn place(client: &Client, confirmed: Position, position: Position, index: u16) -> proto::At {
    let ahead = position
        .0
        .checked_sub(confirmed.0)
        .and_then(|ahead| ahead.checked_sub(1));
    let entry = match ahead.map(usize::try_from) {
        Some(Ok(ahead)) => client.pending().get(ahead).copied(),
        _ => client.entry_at(position.0),
    };
    let entry = entry.unwrap_or(EntryId([0; 32]));
    let durability: Option<Durability> = client.durability(&entry);
    at(&OpAt {
        op: OpId { entry, index },
        position: client.position_of(&entry),
        durability,
    })
}

fn reasons(manifest: &Manifest, outcome: &Outcome) -> Vec<(bool, proto::Named)> {
    match outcome {
        Outcome::Refused(refusal) => vec![(true, refused(manifest, *refusal))],
        Outcome::Applied { flags } => flags
            .iter()
            .map(|raised| (false, flagged(manifest, raised.flag)))
            .collect(),
    }
}

fn refused(manifest: &Manifest, refusal: Refusal) -> proto::Named {
    let own = refusal
        .manifest_index()
        .and_then(|index| manifest.refusals.get(usize::from(index)));
    reason(refusal.0, refusal.code(), own)
}

fn flagged(manifest: &Manifest, flag: Flag) -> proto::Named {
    let own = flag
        .manifest_index()
        .and_then(|index| manifest.flags.get(usize::from(index)));
    reason(flag.0, flag.code(), own)
}

fn reason(number: u16, code: Option<&str>, own: Option<&Reason>) -> proto::Named {
    let code = own.map_or_else(
        || code.unwrap_or_default().to_owned(),
        |own| own.code.clone(),
    );
    let label = own.map_or_else(
        || code.replace('_', " ").to_lowercase(),
        |own| own.label.clone(),
    );
    proto::Named {
        number,
        code,
        label,
    }
}
