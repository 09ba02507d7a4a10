//! Sums over what was written, so that a byte that changes on the disk is found and named before a figure is shown.
//!
//! Each stored row carries the first eight bytes of a BLAKE3 hash over its table, key and values; each table carries the
//! number of its rows and the wrapping sum of those eight bytes, so a row that vanishes is noticed too. These sums find
//! accidents. Against somebody who can write the file only `prove` helps: it derives everything from signed entries.

use rusqlite::Connection;

use crate::fault::{Damage, StoreFault};

/// The tables that carry sums, in the order in which they are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sealed {
    Identity,
    Meta,
    Ast,
    Entry,
    Outbox,
    Row,
}

impl Sealed {
    pub(crate) const ALL: [Self; 6] = [
        Self::Identity,
        Self::Meta,
        Self::Ast,
        Self::Entry,
        Self::Outbox,
        Self::Row,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Meta => "meta",
            Self::Ast => "ast",
            Self::Entry => "entry",
            Self::Outbox => "outbox",
            Self::Row => "row",
        }
    }

    /// The sum of one stored row. Parts are length-prefixed, so no two rows have the same input.
    pub(crate) fn sum(self, parts: &[&[u8]]) -> i64 {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.name().as_bytes());
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let mut first = [0; 8];
        hasher.finalize_xof().fill(&mut first);
        i64::from_le_bytes(first)
    }
}

/// Number and sum of the rows of one table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) count: i64,
    pub(crate) sum: i64,
}

impl Tally {
    pub(crate) fn add(&mut self, sum: i64) {
        self.count = self.count.wrapping_add(1);
        self.sum = self.sum.wrapping_add(sum);
    }

    pub(crate) fn take(&mut self, sum: i64) {
        self.count = self.count.wrapping_sub(1);
        self.sum = self.sum.wrapping_sub(sum);
    }
}

/// The tallies of all sealed tables, as they are after the last committed batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seals([Tally; Sealed::ALL.len()]);

impl Seals {
    pub(crate) fn of(&mut self, table: Sealed) -> &mut Tally {
        &mut self.0[table as usize]
    }

    pub(crate) fn get(&self, table: Sealed) -> Tally {
        self.0[table as usize]
    }

    pub(crate) fn read(conn: &Connection) -> Result<Self, StoreFault> {
        let mut seals = Self::default();
        for table in Sealed::ALL {
            let sql = "SELECT count, sum FROM seal WHERE name = ?1";
            let found = conn.query_row(sql, [table.name()], |row| {
                Ok(Tally {
                    count: row.get(0)?,
                    sum: row.get(1)?,
                })
            });
            *seals.of(table) = match found {
                Ok(tally) => tally,
                Err(rusqlite::Error::QueryReturnedNoRows) => {
                    return Err(Damage::new("seal", table.name(), "the row is missing").into());
                }
                Err(fault) => return Err(fault.into()),
            };
        }
        Ok(seals)
    }

    pub(crate) fn write(&self, conn: &Connection) -> Result<(), StoreFault> {
        for table in Sealed::ALL {
            let Tally { count, sum } = self.get(table);
            let mut statement = conn.prepare_cached(
                "INSERT OR REPLACE INTO seal (name, count, sum) VALUES (?1, ?2, ?3)",
            )?;
            statement.execute((table.name(), count, sum))?;
        }
        Ok(())
    }
}

/// A pass over a sealed table: every row's own sum, and in the end the tally.
#[derive(Debug)]
pub(crate) struct Pass {
    table: Sealed,
    seen: Tally,
}

impl Pass {
    pub(crate) fn over(table: Sealed) -> Self {
        Self {
            table,
            seen: Tally::default(),
        }
    }

    /// One row: its name for people, its parts, and the sum stored with it.
    pub(crate) fn row(
        &mut self,
        key: impl FnOnce() -> String,
        parts: &[&[u8]],
        stored: i64,
    ) -> Result<(), Damage> {
        let sum = self.table.sum(parts);
        if sum != stored {
            return Err(Damage::new(
                self.table.name(),
                key(),
                "its bytes do not have the sum that was stored with them",
            ));
        }
        self.seen.add(sum);
        Ok(())
    }

    /// All rows were seen.
    pub(crate) fn end(self, sealed: Tally) -> Result<(), Damage> {
        if self.seen == sealed {
            return Ok(());
        }
        let what = format!(
            "{} rows are stored, {} were written (or their sum differs)",
            self.seen.count, sealed.count
        );
        Err(Damage::new(self.table.name(), "", what))
    }
}
