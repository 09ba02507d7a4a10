//! "Prove the books": stored entries, checked as if they came from a stranger, folded again from zero, and compared
//! with the stored rows and with what the screens show. The exchange with the relay rests meanwhile.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use daybook_log::OpId;

use super::{Desk, sync::exchange};
use crate::effect::{LoadRequest, Stored, StoredEntry};
use crate::io::Io;
use crate::limits::ROWS_PAGE;
use crate::refold::Refold;
use crate::reply::{CommandFault, Difference, Notice, Proof, Reply};

/// Where a proof stands.
#[derive(Debug)]
enum Stage {
    Entries,
    /// Rows up to this key are compared; so many were equal.
    Rows {
        after: Option<Vec<u8>>,
        equal: usize,
    },
    /// A row is missing: all stored keys are gathered to find which.
    Missing {
        seen: BTreeSet<Vec<u8>>,
    },
}

/// A proof that is running.
#[derive(Debug)]
pub(crate) struct Proving {
    tickets: Vec<u64>,
    refold: Refold,
    total: u64,
    stage: Stage,
}

impl Desk {
    /// Starts when nothing is under way that could move the books.
    pub(crate) fn start_proof(&mut self, io: &mut Io) {
        if self.prove_tickets.is_empty() || io.writing() || io.asking(exchange) {
            return;
        }
        let tickets = core::mem::take(&mut self.prove_tickets);
        if let Some(proving) = &mut self.proving {
            proving.tickets.extend(tickets);
            return;
        }
        match Refold::new(
            &self.genesis,
            self.books.asts().values().map(Vec::as_slice),
            true,
        ) {
            Ok(refold) => {
                let refold = refold.with_keys(&self.me.keys);
                let total = self.books.book.position().0;
                self.proving = Some(Proving {
                    tickets,
                    refold,
                    total,
                    stage: Stage::Entries,
                });
                io.notice(Notice::Proving { done: 0, total });
                self.load_proof(io);
            }
            Err(fault) => {
                for ticket in tickets {
                    io.answer(
                        ticket,
                        Err(CommandFault::Damaged(alloc::format!("{fault}"))),
                    );
                }
            }
        }
    }

    fn load_proof(&mut self, io: &mut Io) {
        let Some(proving) = &mut self.proving else {
            return;
        };
        let limit = io.config.batch.clamp(1, crate::limits::BATCH_MAX);
        match &proving.stage {
            Stage::Entries if proving.refold.position() < proving.total => {
                io.load(LoadRequest::Entries {
                    after: proving.refold.position(),
                    limit,
                });
            }
            Stage::Entries => {
                proving.stage = Stage::Rows {
                    after: None,
                    equal: 0,
                };
                io.load(LoadRequest::Rows {
                    after: None,
                    limit: ROWS_PAGE,
                });
            }
            Stage::Rows { after, .. } => io.load(LoadRequest::Rows {
                after: after.clone(),
                limit: ROWS_PAGE,
            }),
            Stage::Missing { seen } => io.load(LoadRequest::Rows {
                after: seen.last().cloned(),
                limit: ROWS_PAGE,
            }),
        }
    }

    /// A page for the proof came.
    pub(crate) fn proof_page(&mut self, io: &mut Io, page: Stored) {
        let Some(proving) = &mut self.proving else {
            return;
        };
        let done = match (&mut proving.stage, page) {
            (Stage::Entries, Stored::Entries { after, items, .. })
                if after == proving.refold.position() =>
            {
                let (done, total) = (proving.fold(&items), proving.total);
                io.notice(Notice::Proving {
                    done: proving.refold.position(),
                    total,
                });
                done
            }
            (Stage::Rows { after: ours, .. }, Stored::Rows { after, rows, end })
                if *ours == after =>
            {
                proving.compare(&rows, end)
            }
            (Stage::Missing { seen }, Stored::Rows { after, rows, end })
                if seen.last() == after.as_ref() =>
            {
                seen.extend(rows.into_iter().map(|(key, _)| key));
                end.then(|| proving.missing())
            }
            _ => return,
        };
        match done {
            None => self.load_proof(io),
            Some(difference) => self.proved(io, difference),
        }
    }

    /// The store cannot be read: no proof either way.
    pub(crate) fn proof_failed(&mut self, io: &mut Io, why: &str) {
        for ticket in self
            .proving
            .take()
            .map(|proving| proving.tickets)
            .unwrap_or_default()
        {
            io.answer(ticket, Err(CommandFault::Storage(String::from(why))));
        }
    }

    /// Stored rows are compared; now what the screens show.
    fn proved(&mut self, io: &mut Io, difference: Option<Difference>) {
        let Some(proving) = self.proving.take() else {
            return;
        };
        let derived = proving.refold.book();
        let difference = difference.or_else(|| in_memory(derived, &self.books.book));
        let proof = Proof {
            position: derived.position().0,
            tip: derived.tip(),
            state_hash: derived.state_hash().0,
            books_hash: derived.books_hash().0,
            ops: proving.refold.ops(),
            difference,
        };
        for ticket in proving.tickets {
            io.answer(ticket, Ok(Reply::Proved(proof.clone())));
        }
        self.sync.behind = true;
    }
}

/// The first row in which the book on the screens parts from the derived one.
fn in_memory(derived: &daybook_fold::Book, shown: &daybook_fold::Book) -> Option<Difference> {
    if derived.state_hash() == shown.state_hash() {
        return None;
    }
    let (mut left, mut right) = (derived.rows(), shown.rows());
    loop {
        let key = match (left.next(), right.next()) {
            (None, None) => return Some(Difference::Hash),
            (Some(a), Some(b)) if a == b => continue,
            (Some((a, _)), Some((b, _))) => a.min(b),
            (Some((key, _)), None) | (None, Some((key, _))) => key,
        };
        let name = derived.view().describe(&key);
        return Some(Difference::Memory { key, name });
    }
}

impl Proving {
    /// Commands that wait for it.
    pub(crate) fn into_tickets(self) -> Vec<u64> {
        self.tickets
    }

    /// Folds a page; the outer none says: go on.
    fn fold(&mut self, items: &[StoredEntry]) -> Option<Option<Difference>> {
        let next = self.refold.position().saturating_add(1);
        if items.is_empty() {
            let why = String::from("it is not stored");
            return Some(Some(Difference::Entry {
                position: next,
                why,
            }));
        }
        for item in items.iter().take_while(|item| item.position <= self.total) {
            let named = OpId {
                entry: item.id,
                index: 0,
            };
            let fault = match self.refold.push(item) {
                Ok(folded) if folded.entry.entry.id() == named.entry => continue,
                Ok(_) => String::from("it is stored under another id"),
                Err(fault) => fault.why,
            };
            return Some(Some(Difference::Entry {
                position: item.position,
                why: fault,
            }));
        }
        None
    }

    /// Compares a page of stored rows with the derived ones.
    fn compare(&mut self, rows: &[(Vec<u8>, Vec<u8>)], end: bool) -> Option<Option<Difference>> {
        let Self { refold, stage, .. } = self;
        let Stage::Rows { after, equal } = stage else {
            return None;
        };
        for (key, value) in rows {
            let derived = refold.book().row(key);
            if derived != Some(value.as_slice()) {
                let (name, derived) = (refold.view().describe(key), derived.map(<[u8]>::to_vec));
                let (key, stored) = (key.clone(), Some(value.clone()));
                return Some(Some(Difference::Row {
                    key,
                    name,
                    stored,
                    derived,
                }));
            }
            *equal = equal.saturating_add(1);
        }
        if let Some((last, _)) = rows.last() {
            *after = Some(last.clone());
        }
        if !end && !rows.is_empty() {
            return None;
        }
        if *equal == refold.book().row_count() {
            return Some(None);
        }
        *stage = Stage::Missing {
            seen: BTreeSet::new(),
        };
        None
    }

    /// The first derived row that is not stored.
    fn missing(&self) -> Option<Difference> {
        let Stage::Missing { seen } = &self.stage else {
            return None;
        };
        let book = self.refold.book();
        let (key, value) = book.rows().find(|(key, _)| !seen.contains(key))?;
        let (name, derived) = (book.view().describe(&key), Some(value.to_vec()));
        Some(Difference::Row {
            key,
            name,
            stored: None,
            derived,
        })
    }
}
