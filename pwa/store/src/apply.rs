//! One batch, one SQLite transaction: entries, outbox, rows, typed tables, manifests, meta and sums together.

use daybook_client::{Batch, OutboxItem, Secret, StoredEntry};
use daybook_fold::key;
use rusqlite::{Connection, OptionalExtension, Params, ToSql};

use crate::fault::{Damage, StoreFault};
use crate::form::Forms;
use crate::project;
use crate::seal::{Sealed, Seals};

/// Writes a batch. Everything or, on an error, nothing. Gives the forms when the batch changed them.
pub(crate) fn apply(
    conn: &Connection,
    seals: &mut Seals,
    forms: Option<&Forms>,
    batch: &Batch,
) -> Result<Option<Forms>, StoreFault> {
    // A process that dies before the commit returns leaves the book as it was: nothing was sent or shown yet.
    let whole = conn.unchecked_transaction()?;
    let mut writer = Writer {
        conn: &whole,
        seals,
    };
    if let Some(secret) = &batch.identity {
        writer.identity(secret)?;
    }
    for (name, value) in &batch.meta {
        writer.meta(name, value)?;
    }
    for bytes in &batch.asts {
        writer.ast(bytes)?;
    }
    for item in &batch.outbox_in {
        writer.outbox(item)?;
    }
    for id in &batch.outbox_out {
        writer.outbox_out(&id.0)?;
    }
    for item in &batch.entries {
        writer.entry(item)?;
    }
    let changed = rows(writer, forms, batch)?;
    seals.write(&whole)?;
    whole.commit()?;
    Ok(changed)
}

/// Writes rows and shows them. A batch that changes which manifest is current shows all rows again.
fn rows(
    mut writer: Writer<'_>,
    forms: Option<&Forms>,
    batch: &Batch,
) -> Result<Option<Forms>, StoreFault> {
    let conn = writer.conn;
    if batch.clear_rows {
        writer.clear_rows()?;
        forms.map(|forms| project::clear(conn, forms)).transpose()?;
    }
    let adopts = |key: &[u8]| key::split(key).is_some_and(|(table, _)| table == key::ADOPTED);
    let reform =
        !batch.asts.is_empty() || batch.clear_rows || batch.rows.iter().any(|(key, _)| adopts(key));
    for (key, value) in &batch.rows {
        let old = writer.row(key, value.as_deref())?;
        if !reform {
            project::change(conn, forms, key, old.as_deref(), value.as_deref())?;
        }
    }
    if !reform {
        return Ok(None);
    }
    let now = project::current(conn)?;
    project::rebuild(conn, forms, now.as_ref())?;
    Ok(now)
}

/// Writes single rows of the fixed tables and keeps their sums.
struct Writer<'a> {
    conn: &'a Connection,
    seals: &'a mut Seals,
}

impl Writer<'_> {
    fn identity(&mut self, secret: &Secret) -> Result<(), StoreFault> {
        self.take(
            Sealed::Identity,
            "SELECT sum FROM identity WHERE one = ?1",
            &1,
        )?;
        if secret.0.is_empty() {
            return self.write("DELETE FROM identity", ());
        }
        let sum = self.add(Sealed::Identity, &[&secret.0]);
        self.write(
            "INSERT OR REPLACE INTO identity (one, secret, sum) VALUES (1, ?1, ?2)",
            (&secret.0, sum),
        )
    }

    fn meta(&mut self, name: &str, value: &[u8]) -> Result<(), StoreFault> {
        self.take(Sealed::Meta, "SELECT sum FROM meta WHERE key = ?1", &name)?;
        let sum = self.add(Sealed::Meta, &[name.as_bytes(), value]);
        self.write(
            "INSERT OR REPLACE INTO meta (key, value, sum) VALUES (?1, ?2, ?3)",
            (name, value, sum),
        )
    }

    fn ast(&mut self, bytes: &[u8]) -> Result<(), StoreFault> {
        let id = project::ast_id(bytes);
        if self
            .sum_of("SELECT sum FROM ast WHERE id = ?1", &id.as_slice())?
            .is_some()
        {
            return Ok(());
        }
        let sum = self.add(Sealed::Ast, &[&id, bytes]);
        self.write(
            "INSERT INTO ast (id, bytes, sum) VALUES (?1, ?2, ?3)",
            (id.as_slice(), bytes, sum),
        )
    }

    fn outbox(&mut self, item: &OutboxItem) -> Result<(), StoreFault> {
        let seq = number(item.seq)?;
        self.take(
            Sealed::Outbox,
            "SELECT sum FROM outbox WHERE seq = ?1",
            &seq,
        )?;
        let sum = self.add(
            Sealed::Outbox,
            &[&seq.to_le_bytes(), &item.id.0, &item.bytes],
        );
        let sql = "INSERT OR REPLACE INTO outbox (seq, id, bytes, sum) VALUES (?1, ?2, ?3, ?4)";
        self.write(sql, (seq, item.id.0.as_slice(), &item.bytes, sum))
    }

    fn outbox_out(&mut self, id: &[u8; 32]) -> Result<(), StoreFault> {
        self.take(
            Sealed::Outbox,
            "SELECT sum FROM outbox WHERE id = ?1",
            &id.as_slice(),
        )?;
        self.write("DELETE FROM outbox WHERE id = ?1", [id.as_slice()])
    }

    /// Entries follow each other without a gap; one that is there already stays as it is.
    fn entry(&mut self, item: &StoredEntry) -> Result<(), StoreFault> {
        let position = number(item.position)?;
        let sum = Sealed::Entry.sum(&[
            &position.to_le_bytes(),
            &item.id.0,
            &item.record,
            &item.bytes,
        ]);
        if let Some(stored) = self.sum_of("SELECT sum FROM entry WHERE position = ?1", &position)? {
            return match stored == sum {
                true => Ok(()),
                false => Err(Damage::new(
                    "entry",
                    position.to_string(),
                    "another entry has this position",
                )
                .into()),
            };
        }
        let last: Option<i64> =
            self.conn
                .query_row("SELECT max(position) FROM entry", [], |row| row.get(0))?;
        if position != last.unwrap_or(0) + 1 {
            let what = format!(
                "the entry before it is missing: the last one is {}",
                last.unwrap_or(0)
            );
            return Err(Damage::new("entry", position.to_string(), what).into());
        }
        self.seals.of(Sealed::Entry).add(sum);
        let sql =
            "INSERT INTO entry (position, id, record, bytes, sum) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.write(
            sql,
            (
                position,
                item.id.0.as_slice(),
                &item.record,
                &item.bytes,
                sum,
            ),
        )
    }

    /// Gives the value that was there, which tells the typed tables what to remove.
    fn row(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<Option<Vec<u8>>, StoreFault> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT value, sum FROM row WHERE key = ?1")?;
        let old: Option<(Vec<u8>, i64)> = statement
            .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let old = old.map(|(value, sum)| {
            self.seals.of(Sealed::Row).take(sum);
            value
        });
        match value {
            Some(value) => {
                let sum = self.add(Sealed::Row, &[key, value]);
                self.write(
                    "INSERT OR REPLACE INTO row (key, value, sum) VALUES (?1, ?2, ?3)",
                    (key, value, sum),
                )?;
            }
            None if old.is_some() => self.write("DELETE FROM row WHERE key = ?1", [key])?,
            None => {}
        }
        Ok(old)
    }

    fn clear_rows(&mut self) -> Result<(), StoreFault> {
        *self.seals.of(Sealed::Row) = Default::default();
        self.write("DELETE FROM row", ())
    }

    fn sum_of(&self, sql: &str, key: &dyn ToSql) -> Result<Option<i64>, StoreFault> {
        Ok(self
            .conn
            .prepare_cached(sql)?
            .query_row([key], |row| row.get(0))
            .optional()?)
    }

    fn take(&mut self, table: Sealed, sql: &str, key: &dyn ToSql) -> Result<(), StoreFault> {
        if let Some(sum) = self.sum_of(sql, key)? {
            self.seals.of(table).take(sum);
        }
        Ok(())
    }

    fn add(&mut self, table: Sealed, parts: &[&[u8]]) -> i64 {
        let sum = table.sum(parts);
        self.seals.of(table).add(sum);
        sum
    }

    fn write(&self, sql: &str, params: impl Params) -> Result<(), StoreFault> {
        self.conn.prepare_cached(sql)?.execute(params)?;
        Ok(())
    }
}

/// SQLite's integers are signed; no book reaches 2^63 entries.
pub(crate) fn number(value: u64) -> Result<i64, StoreFault> {
    i64::try_from(value)
        .map_err(|_| Damage::new("entry", value.to_string(), "the number is out of range").into())
}
