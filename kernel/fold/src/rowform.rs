//! Rows as tables with named, typed columns: what a store projects into SQL. Nothing here is read by the fold.

use crate::{
    key::{self, RowId},
    outcome::{self, Flag, Outcome, Refusal},
    posting,
    scratch::{decode_row as decode_entity, has_owner},
    view::hex,
    write::decode_counter,
};
use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use daybook_manifest::{
    ast::{Entity, Manifest, Reason, Role, Type},
    printable,
    value::Value,
};

/// The columns of a table. The first ones are its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableForm {
    /// Its number, as in row keys.
    pub table: u16,
    /// Its name: the entity's, or one of the kernel's.
    pub name: String,
    /// Its columns in order.
    pub columns: Vec<(String, Type)>,
    /// How many of them, from the first, are the key.
    pub key: usize,
}

/// A row with its columns named.
#[derive(Clone, Debug, PartialEq)]
pub struct TypedRow {
    /// Name of its table.
    pub table: String,
    /// Name, type and value of each column, in the order of [`TableForm::columns`].
    pub columns: Vec<(String, Type, Value)>,
}

const ANY: Type = Type::Int {
    min: i64::MIN,
    max: i64::MAX,
};

/// The kernel's own tables: number, name, columns, and how many of them are the key.
type System = (u16, &'static str, &'static [(&'static str, Type)], usize);

const SYSTEM: [System; 6] = [
    (
        key::POSTING,
        "posting",
        &[
            ("doc", Type::Id),
            ("position", ANY),
            ("op", ANY),
            ("line", ANY),
            ("date", Type::Date),
            ("role", Type::Text(48)),
            ("currency", Type::Code(3)),
            ("dims", Type::Text(4096)),
            ("amount", Type::Money),
        ],
        4,
    ),
    (
        key::TOTAL,
        "total",
        &[
            ("period", ANY),
            ("role", Type::Text(48)),
            ("currency", Type::Code(3)),
            ("dims", Type::Text(4096)),
            ("sum", ANY),
        ],
        4,
    ),
    (
        key::COUNTER,
        "counter",
        &[
            ("series", Type::Text(48)),
            ("author", Type::Author),
            ("year", ANY),
            ("last", ANY),
        ],
        3,
    ),
    (
        key::OUTCOME,
        "outcome",
        &[
            ("position", ANY),
            ("op", ANY),
            ("refusal", ANY),
            ("reason", Type::Text(48)),
            ("flags", Type::Text(4096)),
        ],
        2,
    ),
    (
        key::UNIQUE,
        "uniqueness",
        &[
            ("entity", Type::Text(48)),
            ("fields", Type::Text(4096)),
            ("value", Type::Text(4096)),
            ("holder", Type::Text(64)),
        ],
        3,
    ),
    (
        key::ADOPTED,
        "adopted",
        &[("manifest", Type::Author), ("position", ANY)],
        1,
    ),
];

/// Every table of a book under this manifest: its entities by index, then the kernel's.
pub fn tables(manifest: &Manifest) -> Vec<TableForm> {
    let entities = (0_u16..).zip(&manifest.entities).map(|(table, entity)| {
        let (mut columns, key) = key_columns(manifest, entity);
        columns.extend(
            entity
                .fields
                .iter()
                .map(|field| (column_name(&columns, &field.name), field.ty.clone()))
                .collect::<Vec<_>>(),
        );
        TableForm {
            table,
            name: entity.name.clone(),
            columns,
            key,
        }
    });
    let system = SYSTEM.iter().map(|(table, name, columns, key)| TableForm {
        table: *table,
        name: name.to_string(),
        columns: columns
            .iter()
            .map(|(name, ty)| (name.to_string(), ty.clone()))
            .collect(),
        key: *key,
    });
    entities.chain(system).collect()
}

/// A row's columns, from its whole key and its bytes. None when they are not a row under this manifest, or its uniqueness row
/// was given back.
pub fn decode_row(manifest: &Manifest, key: &[u8], value: &[u8]) -> Option<TypedRow> {
    let (table, local) = key::split(key)?;
    match SYSTEM.iter().find(|system| system.0 == table) {
        Some((_, name, columns, _)) => {
            let values = system_row(manifest, table, local, value)?;
            let columns = columns
                .iter()
                .zip(values)
                .map(|((name, ty), value)| (name.to_string(), ty.clone(), value));
            Some(TypedRow {
                table: name.to_string(),
                columns: columns.collect(),
            })
        }
        None => entity_row(manifest, table, local, value),
    }
}

fn key_columns(manifest: &Manifest, entity: &Entity) -> (Vec<(String, Type)>, usize) {
    let mut columns = Vec::new();
    match entity.parent {
        Some(parent) => {
            let name = manifest
                .entities
                .get(usize::from(parent))
                .map_or("parent", |parent| &parent.name);
            columns.push((name.to_string(), Type::Ref(parent)));
            columns.push(("idx".to_string(), ANY));
        }
        None => columns.push(("id".to_string(), Type::Id)),
    }
    let key = columns.len();
    if has_owner(entity) {
        columns.push(("device".to_string(), Type::Author));
    }
    (columns, key)
}

/// A field that is called like a column of the kernel's gets an underscore.
fn column_name(taken: &[(String, Type)], name: &str) -> String {
    if taken.iter().any(|(taken, _)| taken == name) {
        format!("{name}_")
    } else {
        name.to_string()
    }
}

fn entity_row(manifest: &Manifest, table: u16, local: &[u8], bytes: &[u8]) -> Option<TypedRow> {
    let entity = manifest.entities.get(usize::from(table))?;
    let id = RowId::parse(table, local)?;
    if id.index.is_some() != entity.parent.is_some() {
        return None;
    }
    let (owner, fields) = decode_entity(manifest, entity, bytes)?;
    let mut values = vec![Value::Id(id.id)];
    values.extend(id.index.map(|index| Value::Int(i64::from(index))));
    values.extend(owner.map(Value::Author));
    let (names, _) = key_columns(manifest, entity);
    let mut columns: Vec<_> = names
        .iter()
        .cloned()
        .zip(values)
        .map(|((name, ty), value)| (name, ty, value))
        .collect();
    let typed = entity.fields.iter().zip(fields);
    columns.extend(
        typed.map(|(field, value)| (column_name(&names, &field.name), field.ty.clone(), value)),
    );
    Some(TypedRow {
        table: entity.name.clone(),
        columns,
    })
}

fn system_row(manifest: &Manifest, table: u16, local: &[u8], value: &[u8]) -> Option<Vec<Value>> {
    let int = |number: u64| i64::try_from(number).ok().map(Value::Int);
    let role = |index: u16| manifest.roles.get(usize::from(index));
    Some(match table {
        key::POSTING => posting_row(manifest, local, value)?,
        key::TOTAL => {
            let total = posting::decode_total(manifest, local, value)?;
            let role = role(total.role)?;
            let sum =
                i64::try_from(total.sum).map_or_else(|_| text(&total.sum.to_string()), Value::Int);
            let currency = text(core::str::from_utf8(&total.currency).ok()?);
            let dims = text(&dims_text(manifest, role, &total.dims));
            vec![
                Value::Int(total.period.into()),
                text(&role.name),
                currency,
                dims,
                sum,
            ]
        }
        key::COUNTER => {
            let (series, author, year) = key::parse_counter(local)?;
            let series = manifest.series.get(usize::from(series))?;
            vec![
                text(series),
                Value::Author(author),
                Value::Int(year.into()),
                Value::Int(decode_counter(value)?),
            ]
        }
        key::OUTCOME => {
            let (position, op) = key::parse_outcome(local)?;
            let (refusal, reason, flags) = match outcome::decode(value)? {
                Outcome::Refused(refusal) => {
                    (refusal.0, refusal_code(manifest, refusal), String::new())
                }
                Outcome::Applied { flags } => {
                    let codes: Vec<_> = flags
                        .iter()
                        .map(|raised| flag_code(manifest, raised.flag))
                        .collect();
                    (0, String::new(), codes.join(" "))
                }
            };
            vec![
                int(position)?,
                Value::Int(op.into()),
                Value::Int(refusal.into()),
                text(&reason),
                text(&flags),
            ]
        }
        key::UNIQUE => unique_row(manifest, local, value)?,
        key::ADOPTED => {
            let at = value.try_into().map(u64::from_le_bytes).ok()?;
            vec![Value::Author(local.try_into().ok()?), int(at)?]
        }
        _ => return None,
    })
}

fn posting_row(manifest: &Manifest, local: &[u8], value: &[u8]) -> Option<Vec<Value>> {
    let line = posting::decode(manifest, local, value)?;
    let role = manifest.roles.get(usize::from(line.role))?;
    Some(vec![
        Value::Id(line.doc),
        Value::Int(line.position.try_into().ok()?),
        Value::Int(line.op.into()),
        Value::Int(line.line.into()),
        Value::Int(line.date.into()),
        text(&role.name),
        text(core::str::from_utf8(&line.currency).ok()?),
        text(&dims_text(manifest, role, &line.dims)),
        Value::Int(line.amount),
    ])
}

fn unique_row(manifest: &Manifest, local: &[u8], value: &[u8]) -> Option<Vec<Value>> {
    let (entity, rest) = local.split_first_chunk::<2>()?;
    let (set, values) = rest.split_first_chunk::<2>()?;
    let entity = manifest
        .entities
        .get(usize::from(u16::from_be_bytes(*entity)))?;
    let set = entity.unique.get(usize::from(u16::from_be_bytes(*set)))?;
    let fields: Vec<&str> = set
        .iter()
        .filter_map(|field| entity.fields.get(usize::from(*field)))
        .map(|field| field.name.as_str())
        .collect();
    Some(vec![
        text(&entity.name),
        text(&fields.join(" ")),
        text(&hex(values)),
        text(&hex(value)),
    ])
}

/// The code of a refusal: the kernel's word or the manifest's.
pub fn refusal_code(manifest: &Manifest, refusal: Refusal) -> String {
    code_of(
        refusal.code(),
        refusal.manifest_index(),
        &manifest.refusals,
        refusal.0,
    )
}

/// The code of a flag: the kernel's word or the manifest's.
pub fn flag_code(manifest: &Manifest, flag: Flag) -> String {
    code_of(flag.code(), flag.manifest_index(), &manifest.flags, flag.0)
}

fn code_of(kernel: Option<&str>, index: Option<u16>, reasons: &[Reason], number: u16) -> String {
    let of_manifest = index
        .and_then(|index| reasons.get(usize::from(index)))
        .map(|reason| reason.code.as_str());
    kernel
        .or(of_manifest)
        .map_or_else(|| number.to_string(), ToString::to_string)
}

/// Dimensions for people and for grouping: `name=value name=value`.
pub fn dims_text(manifest: &Manifest, role: &Role, dims: &[Value]) -> String {
    let parts: Vec<_> = role
        .dims
        .iter()
        .zip(dims)
        .map(|(field, value)| {
            format!(
                "{}={}",
                field.name,
                printable::value_to_text(manifest, &field.ty, value)
            )
        })
        .collect();
    parts.join(" ")
}

fn text(text: &str) -> Value {
    Value::Text(Box::from(text))
}
