//! Reading pages of what is stored, and the sums over it.

use std::cmp::Ordering;

use daybook_client::{LoadRequest, OutboxItem, Secret, Stored, StoredEntry};
use daybook_log::EntryId;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use crate::apply::number;
use crate::fault::{Damage, StoreFault};
use crate::form::hex;
use crate::project::blob;
use crate::seal::{Pass, Sealed, Seals};

/// The pass over all rows with which a book is opened. Later passes are not checked against sums here: a proof compares
/// the rows themselves, and names what differs better.
#[derive(Debug)]
pub(crate) enum Opening {
    /// Nothing was read yet.
    Ahead,
    /// Everything up to and with this key was good.
    Under(Pass, Vec<u8>),
    /// All rows were good.
    Done,
}

type Rows = Vec<(Vec<u8>, Vec<u8>)>;

pub(crate) fn load(
    conn: &Connection,
    seals: &Seals,
    opening: &mut Opening,
    request: &LoadRequest,
) -> Result<Stored, StoreFault> {
    match request {
        LoadRequest::Start => start(conn, seals),
        LoadRequest::Entries { after, limit } => {
            let (items, end) = entries(conn, seals, *after, usize::from(*limit))?;
            Ok(Stored::Entries {
                after: *after,
                items,
                end,
            })
        }
        LoadRequest::Entry { id } => Ok(Stored::Entry {
            id: *id,
            item: entry(conn, id)?,
        }),
        LoadRequest::Rows { after, limit } => {
            let (rows, end) = rows(conn, seals, opening, after.as_deref(), usize::from(*limit))?;
            Ok(Stored::Rows {
                after: after.clone(),
                rows,
                end,
            })
        }
    }
}

fn start(conn: &Connection, seals: &Seals) -> Result<Stored, StoreFault> {
    let mut identity = None;
    let mut meta = Vec::new();
    let mut asts = Vec::new();
    let mut outbox = Vec::new();
    each(conn, seals, Sealed::Identity, |_, parts| {
        identity = Some(Secret(parts.remove(0)));
        Ok(())
    })?;
    each(conn, seals, Sealed::Meta, |key, parts| {
        meta.push((key, parts.remove(1)));
        Ok(())
    })?;
    each(conn, seals, Sealed::Ast, |_, parts| {
        asts.push(parts.remove(1));
        Ok(())
    })?;
    each(conn, seals, Sealed::Outbox, |key, parts| {
        let seq = key
            .parse()
            .map_err(|_| Damage::new("outbox", &key, "its number is not one"))?;
        outbox.push(OutboxItem {
            seq,
            id: entry_id("outbox", &key, &parts[1])?,
            bytes: parts.remove(2),
        });
        Ok(())
    })?;
    Ok(Stored::Start {
        identity,
        meta,
        asts,
        outbox,
    })
}

/// A whole sealed table: each row's name and parts, after its sum was checked; in the end the tally.
pub(crate) fn each(
    conn: &Connection,
    seals: &Seals,
    table: Sealed,
    mut found: impl FnMut(String, &mut Vec<Vec<u8>>) -> Result<(), StoreFault>,
) -> Result<(), StoreFault> {
    let sql = match table {
        Sealed::Identity => "SELECT secret, sum FROM identity ORDER BY one",
        Sealed::Meta => "SELECT key, value, sum FROM meta ORDER BY key",
        Sealed::Ast => "SELECT id, bytes, sum FROM ast ORDER BY nth",
        Sealed::Entry => "SELECT position, id, record, bytes, sum FROM entry ORDER BY position",
        Sealed::Outbox => "SELECT seq, id, bytes, sum FROM outbox ORDER BY seq",
        Sealed::Row => "SELECT key, value, sum FROM row ORDER BY key",
    };
    let mut pass = Pass::over(table);
    let mut statement = conn.prepare_cached(sql)?;
    let width = statement.column_count();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (name, mut parts) = parts(row, table, width)?;
        let stored = sum(row, width - 1, table, &name)?;
        let borrowed: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        pass.row(|| name.clone(), &borrowed, stored)?;
        found(name, &mut parts)?;
    }
    Ok(pass.end(seals.get(table))?)
}

/// The name of a row, and the parts that its sum is over: all columns before the sum.
fn parts(row: &Row<'_>, table: Sealed, width: usize) -> Result<(String, Vec<Vec<u8>>), StoreFault> {
    use rusqlite::types::ValueRef;
    let mut name = String::new();
    let mut parts = Vec::with_capacity(width - 1);
    for nth in 0..width - 1 {
        let (shown, bytes) = match row.get_ref(nth)? {
            ValueRef::Integer(number) => (number.to_string(), number.to_le_bytes().to_vec()),
            ValueRef::Text(text) => (String::from_utf8_lossy(text).into_owned(), text.to_vec()),
            ValueRef::Blob(bytes) if table == Sealed::Identity => (String::new(), bytes.to_vec()),
            ValueRef::Blob(bytes) if nth == 0 => (hex(bytes), bytes.to_vec()),
            ValueRef::Blob(bytes) => (String::new(), bytes.to_vec()),
            _ => return Err(Damage::new(table.name(), name, "a column has another type").into()),
        };
        if nth == 0 {
            name = shown;
        }
        parts.push(bytes);
    }
    Ok((name, parts))
}

fn sum(row: &Row<'_>, nth: usize, table: Sealed, name: &str) -> Result<i64, StoreFault> {
    match row.get_ref(nth)? {
        rusqlite::types::ValueRef::Integer(sum) => Ok(sum),
        _ => Err(Damage::new(table.name(), name, "its sum is not a number any more").into()),
    }
}

fn entries(
    conn: &Connection,
    seals: &Seals,
    after: u64,
    limit: usize,
) -> Result<(Vec<StoredEntry>, bool), StoreFault> {
    let sql = "SELECT position, id, record, bytes, sum FROM entry WHERE position > ?1 ORDER BY position LIMIT ?2";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query((number(after)?, number(limit as u64 + 1)?))?;
    let missing = |position: u64| Damage::new("entry", position.to_string(), "it is missing");
    let mut items = Vec::new();
    let mut next = after + 1;
    while let Some(row) = rows.next()? {
        if items.len() == limit {
            return Ok((items, false));
        }
        let item = stored_entry(row)?;
        if item.position != next {
            return Err(missing(next).into());
        }
        next += 1;
        items.push(item);
    }
    // Entries have no gap, so the last position is their number.
    match number(next - 1)?.cmp(&seals.get(Sealed::Entry).count) {
        Ordering::Equal => Ok((items, true)),
        Ordering::Less => Err(missing(next).into()),
        Ordering::Greater => {
            Err(Damage::new("entry", (next - 1).to_string(), "it was never written").into())
        }
    }
}

fn stored_entry(row: &Row<'_>) -> Result<StoredEntry, StoreFault> {
    let (name, mut parts) = parts(row, Sealed::Entry, 5)?;
    let stored = sum(row, 4, Sealed::Entry, &name)?;
    let borrowed: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    Pass::over(Sealed::Entry).row(|| name.clone(), &borrowed, stored)?;
    let position = name
        .parse()
        .map_err(|_| Damage::new("entry", &name, "its position is not one"))?;
    let id = entry_id("entry", &name, &parts[1])?;
    let bytes = parts.remove(3);
    Ok(StoredEntry {
        position,
        id,
        record: parts.remove(2),
        bytes,
    })
}

fn entry(conn: &Connection, id: &EntryId) -> Result<Option<StoredEntry>, StoreFault> {
    let sql = "SELECT position, id, record, bytes, sum FROM entry WHERE id = ?1";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([id.0.as_slice()])?;
    if let Some(row) = rows.next()? {
        return stored_entry(row).map(Some);
    }
    let mut statement = conn.prepare_cached("SELECT bytes FROM outbox WHERE id = ?1")?;
    let bytes: Option<Vec<u8>> = statement
        .query_row([id.0.as_slice()], |row| row.get(0))
        .optional()?;
    Ok(bytes.map(|bytes| StoredEntry {
        position: 0,
        id: *id,
        record: Vec::new(),
        bytes,
    }))
}

fn entry_id(table: &str, key: &str, bytes: &[u8]) -> Result<EntryId, Damage> {
    bytes
        .try_into()
        .map(EntryId)
        .map_err(|_| Damage::new(table, key, "its id does not have 32 bytes"))
}

fn rows(
    conn: &Connection,
    seals: &Seals,
    opening: &mut Opening,
    after: Option<&[u8]>,
    limit: usize,
) -> Result<(Rows, bool), StoreFault> {
    let mut pass = match (std::mem::replace(opening, Opening::Ahead), after) {
        (Opening::Done, _) => {
            *opening = Opening::Done;
            None
        }
        (Opening::Under(pass, at), Some(after)) if at == after => Some(pass),
        (_, None) => Some(Pass::over(Sealed::Row)),
        (_, Some(_)) => None,
    };
    let sql = match after {
        None => "SELECT key, value, sum FROM row ORDER BY key LIMIT ?1",
        Some(_) => "SELECT key, value, sum FROM row WHERE key > ?2 ORDER BY key LIMIT ?1",
    };
    let mut statement = conn.prepare_cached(sql)?;
    let wanted = rusqlite::types::Value::Integer(number(limit as u64 + 1)?);
    let params = [
        Some(wanted),
        after.map(|key| rusqlite::types::Value::Blob(key.to_vec())),
    ];
    let mut found = statement.query(params_from_iter(params.into_iter().flatten()))?;
    let mut rows = Vec::new();
    let mut end = true;
    while let Some(row) = found.next()? {
        if rows.len() == limit {
            end = false;
            break;
        }
        let key = blob(row, 0, "row", "")?;
        let value = blob(row, 1, "row", &hex(key))?;
        if let Some(pass) = &mut pass {
            pass.row(
                || hex(key),
                &[key, value],
                sum(row, 2, Sealed::Row, &hex(key))?,
            )?;
        }
        rows.push((key.to_vec(), value.to_vec()));
    }
    if let Some(pass) = pass {
        *opening = match (end, rows.last()) {
            (true, _) => {
                pass.end(seals.get(Sealed::Row))?;
                Opening::Done
            }
            (false, Some((key, _))) => Opening::Under(pass, key.clone()),
            (false, None) => Opening::Ahead,
        };
    }
    Ok((rows, end))
}
