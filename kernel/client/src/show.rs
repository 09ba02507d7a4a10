//! Rows, lines and ops in the words of their manifests.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use daybook_fold::{Posting, Row, View};
use daybook_log::keys::AdmittedKey;
use daybook_log::{Body, Entry, EntryId, OpId, OrderRecord, Position};
use daybook_manifest::ast::{Entity, Field, Manifest, Type};
use daybook_manifest::value::Value;
use daybook_manifest::{printable, shape};

use crate::desk::Desk;
use crate::effect::{OpAt, StoredEntry};
use crate::names;
use crate::view::{DocumentView, FieldView, OpProof, PostingView, RowView};

/// What is known of a row from its lines.
pub(crate) struct Booked {
    pub(crate) position: u64,
    pub(crate) op: u16,
    date: i32,
    currency: [u8; 3],
    debit: i64,
    lines: u32,
}

impl Booked {
    pub(crate) fn first(posting: &Posting) -> Self {
        let Posting {
            position,
            op,
            date,
            currency,
            ..
        } = *posting;
        Self {
            position,
            op,
            date,
            currency,
            debit: 0,
            lines: 0,
        }
    }

    pub(crate) fn add(&mut self, posting: &Posting) {
        self.lines = self.lines.saturating_add(1);
        if (posting.position, posting.op) == (self.position, self.op) {
            self.debit = self.debit.saturating_add(posting.amount.max(0));
        }
    }
}

pub(crate) fn letters(currency: [u8; 3]) -> String {
    String::from_utf8_lossy(&currency).into_owned()
}

/// Which op stands at a place, provisional places included.
fn op_at(desk: &Desk, position: u64, index: u16) -> OpAt {
    let confirmed = position <= desk.books.book.position().0;
    let provisional = || desk.books.overlay.entry_at(Position(position));
    let entry = if confirmed {
        desk.placed.entry_at(position)
    } else {
        provisional()
    };
    let entry = entry.unwrap_or(EntryId::ZERO);
    let place = desk.placed.place_of(&entry);
    OpAt {
        op: OpId { entry, index },
        position: place,
        durability: desk.durability(&entry),
    }
}

pub(crate) fn document_view(
    desk: &Desk,
    (view, manifest): (&View<'_>, &Manifest),
    id: [u8; 16],
    booked: &Booked,
) -> DocumentView {
    let found = manifest
        .entities
        .iter()
        .zip(0_u16..)
        .filter(|(entity, _)| entity.parent.is_none());
    let found = found
        .into_iter()
        .find_map(|(entity, index)| view.row(index, id).map(|row| (entity, row)));
    let status = found.as_ref().and_then(|(entity, row)| {
        let field = usize::from(entity.status.as_ref()?.field);
        Some(text(
            view,
            manifest,
            &entity.fields.get(field)?.ty,
            row.values.get(field)?,
        ))
    });
    DocumentView {
        entity: found
            .as_ref()
            .map(|(entity, _)| entity.name.clone())
            .unwrap_or_default(),
        label: found
            .as_ref()
            .map(|(entity, _)| entity.label.clone())
            .unwrap_or_default(),
        title: found
            .as_ref()
            .map(|(entity, row)| title(view, manifest, entity, row))
            .unwrap_or_default(),
        id,
        status,
        date: booked.date,
        currency: letters(booked.currency),
        amount: booked.debit,
        at: op_at(desk, booked.position, booked.op),
        lines: booked.lines,
    }
}

pub(crate) fn posting_view(
    desk: &Desk,
    (view, manifest): (&View<'_>, &Manifest),
    posting: &Posting,
) -> Option<PostingView> {
    let role = manifest.roles.get(usize::from(posting.role))?;
    Some(PostingView {
        at: op_at(desk, posting.position, posting.op),
        line: posting.line,
        doc: posting.doc,
        date: posting.date,
        role: role.name.clone(),
        label: role.label.clone(),
        code: role.code.clone(),
        dims: fields(view, manifest, &role.dims, &posting.dims),
        currency: letters(posting.currency),
        amount: posting.amount,
    })
}

pub(crate) fn row_view(
    view: &View<'_>,
    manifest: &Manifest,
    entity: &Entity,
    row: &Row,
) -> RowView {
    RowView {
        entity: entity.name.clone(),
        id: row.id.id,
        owner: row.owner,
        title: title(view, manifest, entity, row),
        fields: fields(view, manifest, &entity.fields, &row.values),
    }
}

pub(crate) fn fields(
    view: &View<'_>,
    manifest: &Manifest,
    fields: &[Field],
    values: &[Value],
) -> Vec<FieldView> {
    let pairs = fields.iter().zip(values);
    let named = pairs.map(|(field, value)| FieldView {
        name: field.name.clone(),
        label: field.label.clone(),
        text: text(view, manifest, &field.ty, value),
        value: value.clone(),
    });
    named.collect()
}

/// What stands for a row where another row refers to it; its id, if the manifest names no field for that.
fn title(view: &View<'_>, manifest: &Manifest, entity: &Entity, row: &Row) -> String {
    let mut title = String::new();
    for index in &entity.shown {
        let (field, value) = (
            entity.fields.get(usize::from(*index)),
            row.values.get(usize::from(*index)),
        );
        let (Some(field), Some(value)) = (field, value) else {
            continue;
        };
        // one step only: a title that refers to titles could go round
        let part = match field.ty {
            Type::Ref(_) => value
                .id()
                .map(|id| crate::document_id_text(&id))
                .unwrap_or_default(),
            _ => text(view, manifest, &field.ty, value),
        };
        if !title.is_empty() && !part.is_empty() {
            title.push(' ');
        }
        title.push_str(&part);
    }
    if title.is_empty() {
        crate::document_id_text(&row.id.id)
    } else {
        title
    }
}

/// A value as people read it.
fn text(view: &View<'_>, manifest: &Manifest, ty: &Type, value: &Value) -> String {
    match (ty, value) {
        (Type::Option(ty), value) if *value != Value::None => text(view, manifest, ty, value),
        (Type::Ref(entity), Value::Id(id)) => {
            let kind = manifest.entities.get(usize::from(*entity));
            let found = kind.and_then(|kind| {
                view.row(*entity, *id)
                    .map(|row| title(view, manifest, kind, &row))
            });
            found.unwrap_or_else(|| crate::document_id_text(id))
        }
        (Type::Id, Value::Id(id)) => crate::document_id_text(id),
        _ => printable::value_to_text(manifest, ty, value),
    }
}

/// What stands behind an op of a stored entry, checked again; none if the entry is not that entry.
pub(crate) fn op_proof(desk: &Desk, stored: &StoredEntry, op: OpId) -> Option<OpProof> {
    let entry = Entry::decode(&stored.bytes)
        .ok()
        .filter(|entry| entry.id() == op.entry)?;
    let entry = desk.keyring.open_own(entry);
    let record = OrderRecord::decode(&stored.record)
        .ok()
        .filter(|record| record.entry_id == op.entry);
    let Body::Ops(body) = entry.body() else {
        return None;
    };
    let frame = body.ops.get(usize::from(op.index))?;
    let member = desk.placed.log().member(&entry.header().author)?;
    let key = member.key_of(entry.header().key_epoch)?;
    let tip = desk
        .placed
        .place_of(&op.entry)
        .and_then(|position| desk.placed.tip_at(position));
    let verified = verify(&entry, key) && record.is_none_or(|record| Some(record.tip()) == tip);
    let manifest = desk.books.book.manifest(&body.manifest);
    let verb = manifest.and_then(|manifest| manifest.verbs.get(usize::from(frame.verb)));
    let view = desk.books.view();
    let inputs = manifest.zip(verb).and_then(|(manifest, verb)| {
        let values = shape::decode_values(manifest, &verb.params, &frame.input, 0).ok()?;
        Some(fields(&view, manifest, &verb.params, &values))
    });
    let place = desk
        .placed
        .place_of(&op.entry)
        .or_else(|| provisional_place(desk, &op.entry));
    let outcome = place.and_then(|position| view.outcome(Position(position), op.index));
    let applied = daybook_fold::Outcome::Applied { flags: Vec::new() };
    let outlook = manifest.filter(|_| place.is_some());
    let count = u16::try_from(body.ops.len()).unwrap_or(u16::MAX);
    Some(OpProof {
        at: OpAt {
            op,
            position: desk.placed.place_of(&op.entry),
            durability: desk.durability(&op.entry),
        },
        author: entry.header().author,
        device: member.label.clone(),
        seq: entry.header().seq.0,
        prev: entry.header().prev,
        seen_position: entry.header().seen.position.0,
        tip,
        relay_time_ms: record.map(|record| record.relay_time_ms),
        authored_at_ms: body.authored_at_ms,
        manifest: body.manifest,
        manifest_name: manifest
            .map(|manifest| manifest.name.clone())
            .unwrap_or_default(),
        verb: verb.map_or_else(|| frame.verb.to_string(), |verb| verb.name.clone()),
        verb_label: verb.map(|verb| verb.label.clone()).unwrap_or_default(),
        inputs: inputs.unwrap_or_default(),
        outlook: outlook
            .map(|manifest| names::outlook(manifest, outcome.as_ref().unwrap_or(&applied))),
        key: key.public().0,
        signature: entry.signature().0,
        verified,
        siblings: (0..count)
            .filter(|index| *index != op.index)
            .map(|index| OpId {
                entry: op.entry,
                index,
            })
            .collect(),
        bytes_len: u64::try_from(stored.bytes.len()).unwrap_or(u64::MAX),
    })
}

fn provisional_place(desk: &Desk, entry: &EntryId) -> Option<u64> {
    let index = desk
        .books
        .overlay
        .entries()
        .iter()
        .position(|other| other == entry)?;
    let after = u64::try_from(index).ok()?.checked_add(1)?;
    desk.books.overlay.base().0.checked_add(after)
}

fn verify(entry: &Entry, key: &AdmittedKey) -> bool {
    key.verify(daybook_log::Tag::Entry, &entry.id().0, entry.signature())
        .is_ok()
}
