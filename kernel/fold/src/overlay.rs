//! Provisional state: own ops that have no position yet, on top of the confirmed rows.
//!
//! An op gets the position that it would have if it were next. When others come in between, the overlay is thrown away and
//! made again; there is nothing to merge.

use crate::{
    book::{Book, Under, finish, note},
    exec::{self, Frame},
    fault::Halt,
    outcome::{Outcome, Refusal},
    rows::{Layers, Rows},
    scratch::Scratch,
};
use alloc::vec::Vec;
use daybook_log::{AuthorId, Body, EntryId, ManifestId, MemberRole, Op, Position};

/// An own entry that has no position yet.
#[derive(Clone, Copy, Debug)]
pub struct Pending<'a> {
    /// Its id.
    pub entry: EntryId,
    /// Who wrote it.
    pub author: AuthorId,
    /// The author's role in the registry.
    pub role: MemberRole,
    /// What it carries.
    pub body: &'a Body,
}

/// An op that is not in an entry yet.
#[derive(Clone, Copy, Debug)]
pub struct TryOp<'a> {
    /// The manifest that it is written for.
    pub manifest: ManifestId,
    /// Who writes it.
    pub author: AuthorId,
    /// The author's role in the registry.
    pub role: MemberRole,
    /// Verb and input.
    pub op: &'a Op,
}

/// Rows that differ from the confirmed ones because of own ops without a position.
#[derive(Debug)]
pub struct Overlay {
    rows: Rows,
    /// The book's position when the overlay was begun.
    base: Position,
    entries: Vec<EntryId>,
    /// Ops of the entry that is open.
    open: u16,
    scratch: Scratch,
}

impl Overlay {
    pub(crate) fn on(book: &Book) -> Self {
        let mut rows = Rows::default();
        rows.set_tracking(false);
        Self {
            rows,
            base: book.position(),
            entries: Vec::new(),
            open: 0,
            scratch: Scratch::default(),
        }
    }

    /// Folds one more own entry on top. Outcomes are what they would be if nothing came in between. A control entry has none:
    /// it takes effect where it is placed.
    ///
    /// # Errors
    /// [`Halt`] when the manifest's bytes are not here.
    pub fn fold(&mut self, book: &Book, pending: &Pending<'_>) -> Result<Vec<Outcome>, Halt> {
        let mut outcomes = Vec::new();
        if let Body::Ops(body) = pending.body {
            let Pending { author, role, .. } = *pending;
            for op in &body.ops {
                let (at, outcome) = self.run(
                    book,
                    TryOp {
                        manifest: body.manifest,
                        author,
                        role,
                        op,
                    },
                )?;
                note(&outcome, at, &mut self.rows);
                self.open = self.open.saturating_add(1);
                outcomes.push(outcome);
            }
        }
        self.close(pending.entry);
        Ok(outcomes)
    }

    /// Tries an op of an entry that is being written. Applied, it counts as the entry's next op; refused, it leaves nothing.
    /// [`Overlay::close`] ends the entry.
    ///
    /// # Errors
    /// [`Halt`] when the manifest's bytes are not here.
    pub fn try_op(&mut self, book: &Book, op: TryOp<'_>) -> Result<Outcome, Halt> {
        let (at, outcome) = self.run(book, op)?;
        if outcome.refusal().is_none() {
            note(&outcome, at, &mut self.rows);
            self.open = self.open.saturating_add(1);
        }
        Ok(outcome)
    }

    /// Ends the entry that the ops since the last call belong to.
    pub fn close(&mut self, entry: EntryId) {
        self.entries.push(entry);
        self.open = 0;
    }

    fn run(
        &mut self,
        book: &Book,
        TryOp {
            manifest,
            author,
            role,
            op,
        }: TryOp<'_>,
    ) -> Result<((u64, u16), Outcome), Halt> {
        let at = (self.next().0, self.open);
        let Under::Known { manifest, schema } = book.under(&manifest)? else {
            return Ok((at, Outcome::Refused(Refusal::UNKNOWN_MANIFEST)));
        };
        let below = book.confirmed();
        let layers = Layers {
            below,
            above: Some(&self.rows),
        };
        let frame = Frame {
            layers,
            manifest,
            schema,
            author: &author.0,
            role,
        };
        let run = exec::run(&mut self.scratch, frame, op);
        Ok((
            at,
            finish(&mut self.scratch, run, at, &mut self.rows, Some(below)),
        ))
    }

    /// The position that the entry which is being written would have.
    pub fn next(&self) -> Position {
        let entries = u64::try_from(self.entries.len()).unwrap_or(u64::MAX);
        Position(self.base.0.saturating_add(entries).saturating_add(1))
    }

    /// The book's position when the overlay was begun. At another position it has to be made again.
    pub fn base(&self) -> Position {
        self.base
    }

    /// The own entry that stands provisionally at a position.
    pub fn entry_at(&self, position: Position) -> Option<EntryId> {
        let after = position.0.checked_sub(self.base.0)?.checked_sub(1)?;
        self.entries.get(usize::try_from(after).ok()?).copied()
    }

    /// The own entries, in order.
    pub fn entries(&self) -> &[EntryId] {
        &self.entries
    }

    /// Whether there is nothing provisional.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.rows.is_empty()
    }

    pub(crate) fn rows(&self) -> &Rows {
        &self.rows
    }
}

impl Book {
    /// An empty overlay on this book as it is now.
    pub fn provisional(&self) -> Overlay {
        Overlay::on(self)
    }
}
