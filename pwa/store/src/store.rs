//! The store itself.

use daybook_client::{Batch, LoadRequest, Stored};
use rusqlite::{Connection, OptionalExtension};

use crate::fault::{Damage, Difference, StoreFault};
use crate::form::Forms;
use crate::load::{self, Opening};
use crate::query::{self, Answer};
use crate::seal::{Sealed, Seals};
use crate::{apply, project, schema};

/// One book's database, open for this process alone.
#[derive(Debug)]
pub struct Store {
    conn: Connection,
    seals: Seals,
    forms: Option<Forms>,
    opening: Opening,
}

impl Store {
    /// Opens the database at `path`, or makes it. `vfs` names the file system to use: in the browser that of the origin's
    /// private files; none is the platform's own.
    ///
    /// # Errors
    /// [`StoreFault::InUse`] when another process has it open; [`StoreFault::NotABook`], [`StoreFault::Newer`] or
    /// [`StoreFault::Damaged`] when it cannot be used.
    pub fn open(path: &str, vfs: Option<&str>) -> Result<Self, StoreFault> {
        let conn = schema::open(path, vfs)?;
        let seals = Seals::read(&conn)?;
        // A damaged manifest must be named as such, not as rows that do not decode.
        load::each(&conn, &seals, Sealed::Ast, |_, _| Ok(()))?;
        let forms = project::current(&conn)?;
        if let Some(forms) = &forms {
            project::check_statements(&conn, forms)?;
        }
        Ok(Self {
            conn,
            seals,
            forms,
            opening: Opening::Ahead,
        })
    }

    /// Writes one batch in one transaction; when it returns, the batch is on the disk. Writing it twice changes nothing.
    ///
    /// # Errors
    /// Nothing was written.
    pub fn apply(&mut self, batch: &Batch) -> Result<(), StoreFault> {
        let mut seals = self.seals;
        let forms = apply::apply(&self.conn, &mut seals, self.forms.as_ref(), batch)?;
        self.seals = seals;
        if forms.is_some() {
            self.forms = forms;
        }
        match self.opening {
            Opening::Under(..) if !batch.rows.is_empty() || batch.clear_rows => {
                self.opening = Opening::Ahead
            }
            _ => {}
        }
        Ok(())
    }

    /// Reads a page. The first pass over the rows, with which a book is opened, checks every row against the sum that was
    /// written with it; entries and small things are always checked.
    ///
    /// # Errors
    /// [`StoreFault::Damaged`] names the row.
    pub fn load(&mut self, request: &LoadRequest) -> Result<Stored, StoreFault> {
        load::load(&self.conn, &self.seals, &mut self.opening, request)
    }

    /// Checks everything that is stored: SQLite's own structure, then each row and table against what was written.
    /// The result names what is damaged, at most one row per table.
    pub fn verify(&self) -> Vec<Damage> {
        let mut found = Vec::new();
        let mut note = |result: Result<(), StoreFault>| match result {
            Ok(()) => {}
            Err(StoreFault::Damaged(damage)) => found.push(damage),
            Err(other) => found.push(Damage::new("database", "", other.to_string())),
        };
        for table in Sealed::ALL {
            note(load::each(&self.conn, &self.seals, table, |_, _| Ok(())));
        }
        note(self.structure());
        note(
            self.forms
                .as_ref()
                .map_or(Ok(()), |forms| project::check_statements(&self.conn, forms)),
        );
        found
    }

    fn structure(&self) -> Result<(), StoreFault> {
        let mut statement = self.conn.prepare("PRAGMA integrity_check(1)")?;
        let said: String = statement.query_row([], |row| row.get(0))?;
        match said == "ok" {
            true => Ok(()),
            false => Err(Damage::new("database", "", said).into()),
        }
    }

    /// The first place where a typed table differs from the rows; none when all are equal.
    ///
    /// # Errors
    /// The rows themselves cannot be read.
    pub fn check_projection(&self) -> Result<Option<Difference>, StoreFault> {
        self.forms
            .as_ref()
            .map_or(Ok(None), |forms| project::check(&self.conn, forms))
    }

    /// Makes the typed tables anew from the rows. They hold nothing of their own, so nothing is lost.
    ///
    /// # Errors
    /// Nothing was changed.
    pub fn rebuild_projection(&mut self) -> Result<(), StoreFault> {
        let whole = self.conn.unchecked_transaction()?;
        project::rebuild(&whole, self.forms.as_ref(), self.forms.as_ref())?;
        Ok(whole.commit()?)
    }

    /// Answers a read-only query over the typed tables, within [`crate::ROWS_MAX`] rows, [`crate::BYTES_MAX`] bytes and
    /// [`crate::KILOSTEPS_MAX`] thousand steps.
    ///
    /// # Errors
    /// [`StoreFault::Query`] when it does not parse, writes, or reads what reports may not see (keys, kernel rows);
    /// [`StoreFault::Limit`] when it goes beyond a limit.
    pub fn query(&mut self, sql: &str) -> Result<Answer, StoreFault> {
        query::query(&mut self.conn, sql)
    }

    /// Writes over the stored bytes of a row behind the kernel's back, sum included: what somebody who can write the file
    /// could do. It exists so that the proof of the books can be shown to find it. Gives false when there is no such row.
    ///
    /// # Errors
    /// Nothing was written.
    pub fn plant(&mut self, key: &[u8], value: &[u8]) -> Result<bool, StoreFault> {
        let whole = self.conn.unchecked_transaction()?;
        let old = whole
            .query_row("SELECT sum FROM row WHERE key = ?1", [key], |row| {
                row.get(0)
            })
            .optional()?;
        let Some(old) = old else { return Ok(false) };
        let sum = Sealed::Row.sum(&[key, value]);
        whole.execute(
            "UPDATE row SET value = ?2, sum = ?3 WHERE key = ?1",
            (key, value, sum),
        )?;
        let mut seals = self.seals;
        seals.of(Sealed::Row).take(old);
        seals.of(Sealed::Row).add(sum);
        seals.write(&whole)?;
        whole.commit()?;
        self.seals = seals;
        Ok(true)
    }
}
