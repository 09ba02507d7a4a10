//! Keeping the typed tables equal to the rows, and finding where they are not.

use std::collections::BTreeSet;

use daybook_fold::key;
use daybook_log::hash::{Thing, derive};
use rusqlite::types::{Value as Sql, ValueRef};
use rusqlite::{Connection, params_from_iter};

use crate::fault::{Damage, Difference, StoreFault};
use crate::form::{Form, Forms, hex, quoted, same, shown, shown_sql};
use crate::schema;

/// The id of a manifest: the hash of its bytes.
pub(crate) fn ast_id(bytes: &[u8]) -> [u8; 32] {
    derive(Thing::Manifest, &[bytes])
}

/// The forms of the manifest that was adopted last; none while there is none.
pub(crate) fn current(conn: &Connection) -> Result<Option<Forms>, StoreFault> {
    let mut statement = conn.prepare_cached("SELECT id, bytes FROM ast ORDER BY nth")?;
    let mut rows = statement.query([])?;
    let mut best: Option<(u64, Vec<u8>)> = None;
    while let Some(row) = rows.next()? {
        let (id, bytes): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let at = adopted(conn, &id)?;
        // The first manifest counts as adopted before the first position, whether or not there is a row of it.
        let at = match (&best, at) {
            (None, at) => at.unwrap_or(0),
            (Some(_), Some(at)) => at,
            (Some(_), None) => continue,
        };
        if best.as_ref().is_none_or(|(least, _)| *least <= at) {
            best = Some((at, bytes));
        }
    }
    let Some((_, bytes)) = best else {
        return Ok(None);
    };
    let manifest = daybook_manifest::decode(&bytes)
        .map_err(|fault| Damage::new("ast", hex(&ast_id(&bytes)), fault.to_string()))?;
    Ok(Some(Forms::new(manifest)))
}

/// The position at which a manifest was adopted, from the kernel's row of it.
fn adopted(conn: &Connection, id: &[u8]) -> Result<Option<u64>, StoreFault> {
    let key = key::join(key::ADOPTED, id);
    let mut statement = conn.prepare_cached("SELECT value FROM row WHERE key = ?1")?;
    let mut rows = statement.query([&key])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let value = blob(row, 0, "row", &hex(&key))?;
    Ok(value.first_chunk().copied().map(u64::from_le_bytes))
}

/// Shows one changed row.
pub(crate) fn change(
    conn: &Connection,
    forms: Option<&Forms>,
    row: &[u8],
    old: Option<&[u8]>,
    new: Option<&[u8]>,
) -> Result<(), StoreFault> {
    let forms = forms.ok_or_else(|| Damage::new("ast", "", "there are rows, but no manifest"))?;
    let form = forms.of(row)?;
    let cells = |value: Option<&[u8]>| value.map_or(Ok(None), |value| forms.cells(row, value));
    if let Some(cells) = cells(new)? {
        conn.prepare_cached(&form.upsert)?
            .execute(params_from_iter(cells))?;
    } else if let Some(cells) = cells(old)? {
        conn.prepare_cached(&form.delete)?
            .execute(params_from_iter(cells.iter().take(form.key)))?;
    }
    Ok(())
}

/// Empties the typed tables.
pub(crate) fn clear(conn: &Connection, forms: &Forms) -> Result<(), StoreFault> {
    forms.all().try_for_each(|form| {
        Ok(conn.execute_batch(&format!("DELETE FROM {}", quoted(&form.name)))?)
    })
}

/// Makes the typed tables anew from the rows.
pub(crate) fn rebuild(
    conn: &Connection,
    old: Option<&Forms>,
    new: Option<&Forms>,
) -> Result<(), StoreFault> {
    for form in old.into_iter().flat_map(Forms::all) {
        conn.execute_batch(&format!("DROP TABLE IF EXISTS {}", quoted(&form.name)))?;
    }
    let Some(forms) = new else { return Ok(()) };
    for form in forms.all() {
        conn.execute_batch(&format!(
            "DROP TABLE IF EXISTS {}; {}",
            quoted(&form.name),
            form.create
        ))?;
    }
    let mut statement = conn.prepare_cached("SELECT key, value FROM row ORDER BY key")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (key, value): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        change(conn, Some(forms), &key, None, Some(&value))?;
    }
    Ok(())
}

/// The typed tables must be there as they were made.
pub(crate) fn check_statements(conn: &Connection, forms: &Forms) -> Result<(), StoreFault> {
    forms
        .all()
        .try_for_each(|form| schema::check_statement(conn, &form.name, &form.create))
}

/// The first cell in which a typed table is not what the rows say.
pub(crate) fn check(conn: &Connection, forms: &Forms) -> Result<Option<Difference>, StoreFault> {
    check_statements(conn, forms)?;
    let mut statement = conn.prepare_cached("SELECT key, value FROM row ORDER BY key")?;
    let mut rows = statement.query([])?;
    let mut counts = std::collections::BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (key, value): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let form = forms.of(&key)?;
        let Some(cells) = forms.cells(&key, &value)? else {
            continue;
        };
        if let Some(difference) = check_row(conn, form, &key, &cells)? {
            return Ok(Some(difference));
        }
        *counts.entry(form.name.as_str()).or_insert(0_i64) += 1;
    }
    for form in forms.all() {
        let sql = format!("SELECT count(*) FROM {}", quoted(&form.name));
        let stored: i64 = conn.query_row(&sql, [], |row| row.get(0))?;
        let expected = counts.get(form.name.as_str()).copied().unwrap_or(0);
        if stored != expected {
            return extra(conn, forms, form)
                .map(|found| Some(found.unwrap_or_else(|| count(form, stored, expected))));
        }
    }
    Ok(None)
}

fn check_row(
    conn: &Connection,
    form: &Form,
    row: &[u8],
    cells: &[Sql],
) -> Result<Option<Difference>, StoreFault> {
    let differs = |column: &str, stored: String, expected: String| Difference {
        table: form.name.clone(),
        key: hex(row),
        column: column.to_owned(),
        stored,
        expected,
    };
    let mut statement = conn.prepare_cached(&form.select)?;
    let mut found = statement.query(params_from_iter(cells.iter().take(form.key)))?;
    let Some(stored) = found.next()? else {
        return Ok(Some(differs("", "no row".into(), "a row".into())));
    };
    for (nth, (cell, (column, _))) in cells.iter().zip(&form.columns).enumerate() {
        let value = stored.get_ref(nth)?;
        if !same(value, cell) {
            return Ok(Some(differs(column, shown(value), shown_sql(cell))));
        }
    }
    Ok(None)
}

/// A typed row that no row stands behind.
fn extra(conn: &Connection, forms: &Forms, form: &Form) -> Result<Option<Difference>, StoreFault> {
    let mut known = BTreeSet::new();
    let mut statement = conn.prepare_cached("SELECT key, value FROM row ORDER BY key")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (key, value): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        if forms.of(&key)?.name != form.name {
            continue;
        }
        if let Some(cells) = forms.cells(&key, &value)? {
            known.insert(
                cells
                    .iter()
                    .take(form.key)
                    .map(shown_sql)
                    .collect::<Vec<_>>(),
            );
        }
    }
    let mut statement = conn.prepare(&format!("SELECT * FROM {}", quoted(&form.name)))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let key = (0..form.key)
            .map(|nth| row.get_ref(nth).map(shown))
            .collect::<Result<Vec<_>, _>>()?;
        if !known.contains(&key) {
            let (table, stored) = (form.name.clone(), "a row".to_owned());
            let (key, column) = (key.join(" "), String::new());
            return Ok(Some(Difference {
                table,
                key,
                column,
                stored,
                expected: "no row".into(),
            }));
        }
    }
    Ok(None)
}

fn count(form: &Form, stored: i64, expected: i64) -> Difference {
    Difference {
        table: form.name.clone(),
        key: String::new(),
        column: String::new(),
        stored: format!("{stored} rows"),
        expected: format!("{expected} rows"),
    }
}

/// A blob of a row that is being read: anything else in its place is damage.
pub(crate) fn blob<'a>(
    row: &'a rusqlite::Row<'_>,
    nth: usize,
    table: &str,
    key: &str,
) -> Result<&'a [u8], StoreFault> {
    match row.get_ref(nth)? {
        ValueRef::Blob(bytes) => Ok(bytes),
        _ => Err(Damage::new(table, key, "a column is not bytes any more").into()),
    }
}
