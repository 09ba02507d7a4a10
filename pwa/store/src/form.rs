//! Typed tables: what each kernel row looks like to SQL. Made from the current manifest, so a new manifest needs no release.
//!
//! Entities become `t_<name>`; the kernel's own tables (`posting`, `total`, `outcome`, …) keep their names. Money, prices and
//! quantities are integers in their scale, dates are ISO text, enum values are their names, ids are blobs.

use std::collections::BTreeMap;

use daybook_fold::key;
use daybook_fold::rowform;
use daybook_manifest::Checked;
use daybook_manifest::ast::{Manifest, Type};
use daybook_manifest::printable;
use daybook_manifest::value::Value;
use rusqlite::types::{Value as Sql, ValueRef};

use crate::fault::{Damage, StoreFault};
use crate::schema::TABLES;

/// All typed tables under one manifest.
#[derive(Debug)]
pub(crate) struct Forms {
    manifest: Checked,
    tables: BTreeMap<u16, Form>,
}

/// One typed table.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) name: String,
    pub(crate) columns: Vec<(String, Type)>,
    pub(crate) key: usize,
    pub(crate) create: String,
    pub(crate) upsert: String,
    pub(crate) delete: String,
    pub(crate) select: String,
}

impl Forms {
    pub(crate) fn new(manifest: Checked) -> Self {
        let tables = rowform::tables(&manifest)
            .into_iter()
            .map(|it| (it.table, Form::new(it)))
            .collect();
        Self { manifest, tables }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Form> {
        self.tables.values()
    }

    /// The typed table of a row key.
    pub(crate) fn of(&self, row: &[u8]) -> Result<&Form, StoreFault> {
        let table = key::split(row).and_then(|(table, _)| self.tables.get(&table));
        table.ok_or_else(|| {
            Damage::new("row", hex(row), "its key names no table of the manifest").into()
        })
    }

    /// The cells of a row, in the order of the form's columns; none for a unique value that was given back.
    pub(crate) fn cells(&self, row: &[u8], value: &[u8]) -> Result<Option<Vec<Sql>>, StoreFault> {
        let typed = match rowform::decode_row(&self.manifest, row, value) {
            Some(typed) => typed,
            None if row.starts_with(&key::UNIQUE.to_be_bytes()) => return Ok(None),
            None => {
                return Err(Damage::new(
                    "row",
                    hex(row),
                    "its bytes are not those of a row of its table",
                )
                .into());
            }
        };
        Ok(Some(
            typed
                .columns
                .iter()
                .map(|(_, ty, value)| cell(&self.manifest, ty, value))
                .collect(),
        ))
    }
}

impl Form {
    fn new(table: rowform::TableForm) -> Self {
        let name = match table.table < key::SYSTEM {
            true => format!("t_{}", table.name),
            false => table.name,
        };
        debug_assert!(
            TABLES.iter().all(|(fixed, _)| *fixed != name),
            "a typed table must not hide a fixed one"
        );
        let names: Vec<String> = table
            .columns
            .iter()
            .map(|(column, _)| quoted(column))
            .collect();
        let keys = names.get(..table.key).unwrap_or_default();
        let declared: Vec<String> = names
            .iter()
            .zip(&table.columns)
            .map(|(name, (_, ty))| format!("{name} {}", affinity(ty)).trim_end().to_owned())
            .collect();
        let holes: Vec<String> = (1..=names.len()).map(|nth| format!("?{nth}")).collect();
        let sql_name = quoted(&name);
        let matched: Vec<String> = keys
            .iter()
            .zip(&holes)
            .map(|(key, hole)| format!("{key} = {hole}"))
            .collect();
        let matched = matched.join(" AND ");
        Self {
            create: format!(
                "CREATE TABLE {sql_name}({}, PRIMARY KEY({})) WITHOUT ROWID",
                declared.join(", "),
                keys.join(", ")
            ),
            upsert: format!(
                "INSERT OR REPLACE INTO {sql_name} VALUES ({})",
                holes.join(", ")
            ),
            delete: format!("DELETE FROM {sql_name} WHERE {matched}"),
            select: format!("SELECT * FROM {sql_name} WHERE {matched}"),
            columns: table.columns,
            key: table.key,
            name,
        }
    }
}

/// A name as SQL takes it, whatever is in it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn affinity(ty: &Type) -> &'static str {
    match ty {
        Type::Code(_) | Type::Text(_) | Type::Date | Type::Enum(_) => "TEXT",
        Type::Id | Type::Ref(_) | Type::Author => "BLOB",
        Type::Option(inner) => affinity(inner),
        // A sum may outgrow SQLite's integers; it is text then and must not be made a floating-point number.
        Type::Int {
            min: i64::MIN,
            max: i64::MAX,
        } => "",
        Type::Bool
        | Type::Int { .. }
        | Type::Money
        | Type::Price
        | Type::Qty
        | Type::Ppm
        | Type::Time
        | Type::Sealed(_)
        | Type::List(..) => "INTEGER",
    }
}

fn cell(manifest: &Manifest, ty: &Type, value: &Value) -> Sql {
    match (ty, value) {
        (_, Value::None) => Sql::Null,
        (Type::Option(inner), value) => cell(manifest, inner, value),
        (Type::Date | Type::Enum(_), value) => {
            Sql::Text(printable::value_to_text(manifest, ty, value))
        }
        (_, Value::Bool(truth)) => Sql::Integer(i64::from(*truth)),
        (_, Value::Int(number)) => Sql::Integer(*number),
        (_, Value::Id(id)) => Sql::Blob(id.to_vec()),
        (_, Value::Author(author)) => Sql::Blob(author.to_vec()),
        (_, Value::Text(text)) => Sql::Text(text.to_string()),
        (_, Value::List(_)) => Sql::Text(printable::value_to_text(manifest, ty, value)),
    }
}

/// The cell is exactly this value, of this type: `1` is not `'1'`.
pub(crate) fn same(stored: ValueRef<'_>, expected: &Sql) -> bool {
    match (stored, expected) {
        (ValueRef::Null, Sql::Null) => true,
        (ValueRef::Integer(a), Sql::Integer(b)) => a == *b,
        (ValueRef::Text(a), Sql::Text(b)) => a == b.as_bytes(),
        (ValueRef::Blob(a), Sql::Blob(b)) => a == b.as_slice(),
        _ => false,
    }
}

/// A cell for people.
pub(crate) fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "none".into(),
        ValueRef::Text(text) => format!("'{}'", String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => format!("x'{}'", hex(bytes)),
        other => crate::query::cell(other).to_string(),
    }
}

/// An expected cell for people.
pub(crate) fn shown_sql(value: &Sql) -> String {
    shown(ValueRef::from(value))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
