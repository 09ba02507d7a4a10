//! An open book on this device: everything that is in memory while it is used, and what each input does to it.

mod answers;
mod proving;
mod sync;
mod work;

pub(crate) use proving::Proving;
pub(crate) use sync::{Sync, exchange};

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

use daybook_fold::Book;
use daybook_log::{Body, EntryId, Genesis, Malformed, MemberRole, OpId};

use crate::append::Pen;
use crate::books::Books;
use crate::effect::{Batch, Durability, StoredEntry};
use crate::identity::{At, META_AT, META_CLIENT, Me, SAVED_VERSION, Saved, Stage};
use crate::io::{Io, Then};
use crate::keyring::Keyring;
use crate::outbox::Outbox;
use crate::placed::{Placed, TakeFault, Trust};
use crate::reply::{CommandFault, HaltReason, Held, Notice, RelayFault, Reply};
use crate::signed::META_SIGNED;

/// A control payload that waits to be signed.
#[derive(Debug)]
pub(crate) struct Control {
    pub(crate) body: Body,
    /// Bytes of the manifest that it adopts, to be stored with it.
    pub(crate) ast: Option<Vec<u8>>,
    /// To be answered.
    pub(crate) ticket: Option<u64>,
}

/// A manifest whose chunks go up before it is adopted.
#[derive(Debug)]
pub(crate) struct Adopting {
    pub(crate) ticket: u64,
    pub(crate) ast: Vec<u8>,
    pub(crate) sent: usize,
}

/// An open book.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) me: Me,
    pub(crate) keyring: Keyring,
    pub(crate) genesis: Vec<u8>,
    pub(crate) placed: Placed,
    pub(crate) books: Books,
    pub(crate) outbox: Outbox,
    pub(crate) held: Option<Held>,
    pub(crate) sync: Sync,
    pub(crate) control: VecDeque<Control>,
    pub(crate) adopting: Option<Adopting>,
    pub(crate) proving: Option<Proving>,
    pub(crate) prove_tickets: Vec<u64>,
    /// Ops that are looked up in the store.
    pub(crate) lookups: Vec<(u64, OpId)>,
    /// The book is made as soon as its first entry is here; these commands wait for that.
    pub(crate) founding: Option<Vec<u64>>,
    /// Something that screens show is not told of yet.
    pub(crate) changed: bool,
    /// The relay's signature reaches further than the stored one.
    pub(crate) countersigned: bool,
}

impl Desk {
    /// A book of which nothing is placed yet.
    pub(crate) fn found(me: Me, genesis: &Genesis) -> Result<Self, Malformed> {
        let book = Book::new(genesis.book_id(), genesis.manifest);
        Self::with(me, genesis, book)
    }

    /// A book with restored rows; its entries are to be placed again.
    pub(crate) fn with(me: Me, genesis: &Genesis, book: Book) -> Result<Self, Malformed> {
        Ok(Self {
            keyring: Keyring::of(&me.keys),
            me,
            genesis: genesis.encode(),
            placed: Placed::found(genesis)?,
            books: Books::new(book, genesis.manifest),
            outbox: Outbox::default(),
            held: None,
            sync: Sync::default(),
            control: VecDeque::new(),
            adopting: None,
            proving: None,
            prove_tickets: Vec::new(),
            lookups: Vec::new(),
            founding: None,
            changed: false,
            countersigned: false,
        })
    }

    /// The role of this device in the registry; none before it is let in.
    pub(crate) fn role(&self) -> Option<MemberRole> {
        self.placed
            .log()
            .member(&self.me.author)
            .map(|member| member.role)
    }

    /// What signs the next own entry.
    pub(crate) fn pen(&self) -> Result<Pen<'_>, CommandFault> {
        let member = self
            .placed
            .log()
            .member(&self.me.author)
            .ok_or(CommandFault::NotReady)?;
        let next = self.outbox.chain_end(member.head);
        Ok(Pen {
            me: &self.me,
            role: member.role,
            seen: self.placed.seen(),
            key_epoch: member.key_epoch,
            next,
            content: None,
        })
    }

    /// How far an entry is from being lost; none when it is not on this device's disk.
    pub(crate) fn durability(&self, entry: &EntryId) -> Option<Durability> {
        if let Some(holders) = self.placed.holders(entry, &self.me.author) {
            return Some(Durability::Durable(holders));
        }
        if let Some(pending) = self.outbox.get(entry) {
            let saved = if pending.sent {
                Durability::Syncing
            } else {
                Durability::Local
            };
            return pending.saved.then_some(saved);
        }
        // placed, and the batch that says so is on its way to the disk
        self.placed.place_of(entry).map(|_| Durability::Syncing)
    }

    /// The value that makes this book open again.
    pub(crate) fn saved(&self) -> (String, Vec<u8>) {
        let saved = Saved {
            version: SAVED_VERSION,
            stage: Stage::Open,
            relay: self.me.relay.clone(),
            label: self.me.label.clone(),
            book: self.me.book,
            genesis: self.genesis.clone(),
        };
        (
            String::from(META_CLIENT),
            daybook_log::codec::encode(&saved),
        )
    }

    /// Puts a record with its entry next, and into the batch. The fold follows in [`Desk::write`].
    pub(crate) fn take(
        &mut self,
        record: Vec<u8>,
        bytes: Vec<u8>,
        batch: &mut Batch,
    ) -> Result<(), TakeFault> {
        let mut ordered = self.placed.take(&record, bytes.clone(), Trust::Nobody)?;
        self.keyring.placed(&ordered, self.placed.log());
        self.keyring.open(&mut ordered);
        let (position, id) = (ordered.position.0, ordered.entry.id());
        if self.outbox.remove(&id).is_some() {
            batch.outbox_out.push(id);
        }
        batch.entries.push(StoredEntry {
            position,
            id,
            record,
            bytes,
        });
        self.books.push(ordered);
        self.changed = true;
        Ok(())
    }

    /// What became of taking: a halt is not the relay's fault.
    pub(crate) fn taken(
        &mut self,
        io: &mut Io,
        result: Result<(), TakeFault>,
    ) -> Result<(), RelayFault> {
        let position = self.placed.position().saturating_add(1);
        match result {
            Ok(()) => Ok(()),
            Err(TakeFault::Invalid(why)) => Err(RelayFault::Invalid { position, why }),
            Err(TakeFault::Unsupported(why)) => {
                let halted = Some(HaltReason::Unsupported {
                    position,
                    why: why.clone(),
                });
                if self.books.halted != halted {
                    self.books.halted = halted;
                    self.tell_halt(io);
                }
                Err(RelayFault::Unsupported { position, why })
            }
        }
    }

    /// Folds what was taken and writes entries, rows and position in one transaction.
    /// Crash point C1: before the transaction returned, nothing happened; the entries are fetched again.
    pub(crate) fn write(&mut self, io: &mut Io, mut batch: Batch, mut replies: Vec<(u64, Reply)>) {
        let halted = self.books.halted.clone();
        self.books.drain();
        if self.books.halted != halted {
            self.tell_halt(io);
        }
        let changes = self.books.book.take_changes();
        batch
            .rows
            .extend(changes.into_iter().map(|change| (change.key, change.value)));
        let nothing = batch.entries.is_empty()
            && batch.rows.is_empty()
            && batch.asts.is_empty()
            && batch.meta.is_empty();
        let countersigned = core::mem::take(&mut self.countersigned);
        if nothing && !countersigned && replies.is_empty() {
            return;
        }
        if self.placed.position() > 0
            && let Some(tickets) = self.founding.take()
        {
            let book = self.me.book;
            batch.meta.push(self.saved());
            replies.extend(
                tickets
                    .into_iter()
                    .map(|ticket| (ticket, Reply::Created { book })),
            );
            self.list_genesis();
        }
        batch.meta.push((
            String::from(META_AT),
            daybook_log::codec::encode(&self.at()),
        ));
        batch
            .meta
            .push((String::from(META_SIGNED), self.placed.signed.keep()));
        self.changed = true;
        io.persist(
            batch,
            Then::Ordered {
                position: self.placed.position(),
                signed: self.placed.signed.to(),
                replies,
            },
        );
    }

    /// How far rows and entries reach.
    pub(crate) fn at(&self) -> At {
        At {
            rows_position: self.books.book.position().0,
            rows_tip: self.books.book.tip().0,
            entries_position: self.placed.position(),
        }
    }

    pub(crate) fn tell_halt(&mut self, io: &mut Io) {
        if let Some(halted) = self.books.halted.clone() {
            io.notice(Notice::Halted(halted));
        }
    }

    /// Makes the overlay again, if the book moved below it.
    pub(crate) fn refresh(&mut self) {
        if self.books.stale {
            let role = self.role().unwrap_or(MemberRole::Member);
            self.books.refresh(&self.outbox, self.me.author, role);
        }
    }

    /// Tells screens, once, with an overlay that fits.
    pub(crate) fn tell_changed(&mut self, io: &mut Io) {
        if self.changed {
            self.refresh();
            self.changed = false;
            io.notice(Notice::Changed);
        }
    }

    /// A batch is on the disk.
    pub(crate) fn persisted(&mut self, io: &mut Io, then: Then) {
        match then {
            Then::Own { seq, replies } => {
                self.outbox.set_saved(seq);
                replies
                    .into_iter()
                    .for_each(|(ticket, reply)| io.answer(ticket, Ok(reply)));
                io.notice(Notice::Changed);
            }
            Then::Ordered {
                position,
                signed,
                replies,
            } => {
                self.placed.set_saved(position, signed);
                replies
                    .into_iter()
                    .for_each(|(ticket, reply)| io.answer(ticket, Ok(reply)));
                self.changed = true;
                if self.sync.behind {
                    io.notice(Notice::CatchUp {
                        position,
                        head: self.sync.head,
                    });
                }
            }
            Then::Founding | Then::Unfounded | Then::Joining => {}
        }
    }

    /// Commands that wait for anything, when everything is forgotten.
    pub(crate) fn tickets(&mut self) -> Vec<u64> {
        let mut tickets = core::mem::take(&mut self.sync.waiting);
        tickets.append(&mut self.sync.joining);
        tickets.append(&mut self.prove_tickets);
        tickets.append(&mut self.founding.take().unwrap_or_default());
        tickets.extend(self.control.drain(..).filter_map(|control| control.ticket));
        tickets.extend(self.lookups.drain(..).map(|(ticket, _)| ticket));
        tickets.extend(self.adopting.take().map(|adopting| adopting.ticket));
        tickets.extend(
            self.proving
                .take()
                .map(Proving::into_tickets)
                .unwrap_or_default(),
        );
        tickets
    }

    /// Does what can be done now.
    pub(crate) fn pump(&mut self, io: &mut Io) {
        self.work(io);
        self.step(io);
        self.start_proof(io);
    }
}
