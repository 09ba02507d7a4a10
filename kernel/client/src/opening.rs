//! Opening what is stored: small things, rows, entries, then the outbox on top. The same checks as for what the relay
//! sends, except that signatures which this device verified before it stored them are not verified again.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use daybook_fold::Book;
use daybook_log::control::manifest_id;
use daybook_log::{Entry, Genesis, ManifestId, MemberRole, Position, Tip};

use crate::client::{Next, State};
use crate::desk::Desk;
use crate::effect::{Batch, LoadRequest, OutboxItem, Stored, StoredEntry};
use crate::founding::Founding;
use crate::identity::{At, Keys, META_AT, META_CLIENT, Me, SAVED_VERSION, Saved, Stage, meta};
use crate::io::{Io, Then};
use crate::joining::Joining;
use crate::limits::{BATCH_MAX, ROWS_PAGE};
use crate::placed::{TakeFault, Trust};
use crate::reply::{Notice, Phase};
use crate::signed::META_SIGNED;

/// How far opening is.
#[derive(Debug)]
pub(crate) enum Opening {
    /// Everything small is asked for.
    Start,
    /// Rows are read.
    Rows(Box<Plan>),
    /// Entries are read and placed.
    Entries(Box<Plan>, Box<Desk>),
}

/// What the small things said.
#[derive(Debug)]
pub(crate) struct Plan {
    saved: Saved,
    keys: Keys,
    genesis: Genesis,
    asts: BTreeMap<ManifestId, Vec<u8>>,
    outbox: Vec<OutboxItem>,
    at: At,
    signed: Vec<u8>,
    rows: Vec<(Vec<u8>, Vec<u8>)>,
    /// The rows are made again from the entries.
    rebuild: bool,
}

/// Why what is stored cannot be opened.
struct Damage(String);

impl Opening {
    pub(crate) fn begin(io: &mut Io) -> Self {
        io.load(LoadRequest::Start);
        Self::Start
    }

    /// A page came.
    pub(crate) fn stored(&mut self, io: &mut Io, stored: Stored) -> Next {
        let step = core::mem::replace(self, Self::Start);
        let next = match (step, stored) {
            (
                Self::Start,
                Stored::Start {
                    identity,
                    meta: all,
                    asts,
                    outbox,
                },
            ) => {
                let keys = identity
                    .as_ref()
                    .filter(|secret| !secret.0.is_empty())
                    .map(Keys::read);
                start(io, keys, &all, (asts, outbox))
            }
            (Self::Rows(plan), Stored::Rows { after, rows, end })
                if after.as_ref() == plan.last_key() =>
            {
                plan.rows(io, rows, end)
            }
            (Self::Entries(plan, desk), Stored::Entries { after, items, end })
                if after == desk.placed.position() =>
            {
                plan.entries(io, desk, &items, end)
            }
            (step, _) => Ok(Step::Go(step)),
        };
        match next {
            Ok(Step::Go(step)) => {
                *self = step;
                None
            }
            Ok(Step::Done(state)) => Some(state),
            Err(Damage(why)) => {
                io.notice(Notice::Damaged { why: why.clone() });
                io.notice(Notice::Phase(Phase::Damaged));
                Some(State::Damaged(why))
            }
        }
    }
}

enum Step {
    Go(Opening),
    Done(State),
}

fn damage<T>(why: impl ToString) -> Result<T, Damage> {
    Err(Damage(why.to_string()))
}

/// What is small and stored: identity, manifests, outbox.
struct Small {
    saved: Saved,
    keys: Keys,
    asts: BTreeMap<ManifestId, Vec<u8>>,
    outbox: Vec<OutboxItem>,
}

impl Small {
    fn me(&self) -> Me {
        let Saved {
            book, relay, label, ..
        } = &self.saved;
        Me::new(self.keys.clone(), *book, relay.clone(), label.clone())
    }
}

fn start(
    io: &mut Io,
    keys: Option<Option<Keys>>,
    all: &[(String, Vec<u8>)],
    (asts, outbox): (Vec<Vec<u8>>, Vec<OutboxItem>),
) -> Result<Step, Damage> {
    let Some(bytes) = meta(all, META_CLIENT).filter(|bytes| !bytes.is_empty()) else {
        io.notice(Notice::Phase(Phase::Empty));
        return Ok(Step::Done(State::Empty));
    };
    let saved = daybook_log::codec::decode_canonical::<Saved>(bytes, 8 * 1024);
    let Some(saved) = saved.ok().filter(|saved| saved.version == SAVED_VERSION) else {
        return damage("the stored identity is of another version, or spoilt");
    };
    let Some(Some(keys)) = keys else {
        return damage("this installation's keys are missing or spoilt");
    };
    let asts = asts
        .into_iter()
        .map(|ast| (manifest_id(&ast), ast))
        .collect();
    let small = Small {
        saved,
        keys,
        asts,
        outbox,
    };
    match &small.saved.stage {
        Stage::Founding { setup_code } => founding(io, &small, setup_code),
        Stage::Joining => {
            io.notice(Notice::Phase(Phase::Joining));
            let joining = Joining::resume(small.me());
            Ok(Step::Done(State::Joining(Box::new(joining))))
        }
        Stage::Open => open(io, small, all),
    }
}

/// Goes on with a book that is being made.
fn founding(io: &mut Io, small: &Small, setup_code: &str) -> Result<Step, Damage> {
    let genesis = &small.saved.genesis;
    let entry = small.outbox.first().map(|item| item.bytes.as_slice());
    let manifest = Genesis::decode(genesis)
        .ok()
        .map(|genesis| genesis.manifest);
    let ast = manifest.and_then(|id| small.asts.get(&id)).cloned();
    let resumed = Founding::resume(
        small.me(),
        genesis,
        setup_code.into(),
        ast.unwrap_or_default(),
        entry.unwrap_or_default(),
    );
    let Some(founding) = resumed else {
        return damage("the founding entry is spoilt");
    };
    io.notice(Notice::Phase(Phase::Creating));
    Ok(Step::Done(State::Founding(Box::new(founding))))
}

/// Goes on with a book that is there.
fn open(io: &mut Io, small: Small, all: &[(String, Vec<u8>)]) -> Result<Step, Damage> {
    let Small {
        saved,
        keys,
        asts,
        outbox,
    } = small;
    let genesis = match Genesis::decode(&saved.genesis) {
        Ok(genesis) if genesis.book_id() == saved.book => genesis,
        _ => return damage("the stored genesis is spoilt"),
    };
    let none = At {
        rows_position: 0,
        rows_tip: saved.book.0,
        entries_position: 0,
    };
    let at = meta(all, META_AT).map(|bytes| daybook_log::codec::decode_canonical::<At>(bytes, 64));
    let Ok(at) = at.unwrap_or(Ok(none)) else {
        return damage("the stored position is spoilt");
    };
    io.load(LoadRequest::Rows {
        after: None,
        limit: ROWS_PAGE,
    });
    let plan = Plan {
        saved,
        keys,
        genesis,
        asts,
        outbox,
        at,
        signed: meta(all, META_SIGNED).unwrap_or_default().to_vec(),
        rows: Vec::new(),
        rebuild: false,
    };
    Ok(Step::Go(Opening::Rows(Box::new(plan))))
}

impl Plan {
    fn last_key(&self) -> Option<&Vec<u8>> {
        self.rows.last().map(|(key, _)| key)
    }

    fn rows(
        mut self: Box<Self>,
        io: &mut Io,
        rows: Vec<(Vec<u8>, Vec<u8>)>,
        end: bool,
    ) -> Result<Step, Damage> {
        let more = !rows.is_empty() && !end;
        self.rows.extend(rows);
        if more {
            io.load(LoadRequest::Rows {
                after: self.last_key().cloned(),
                limit: ROWS_PAGE,
            });
            return Ok(Step::Go(Opening::Rows(self)));
        }
        let rows = core::mem::take(&mut self.rows).into_iter();
        let place = (Position(self.at.rows_position), Tip(self.at.rows_tip));
        let fresh = self.at.rows_position == 0;
        let book = if fresh {
            None
        } else {
            Book::restore(self.saved.book, self.genesis.manifest, place, rows).ok()
        };
        self.rebuild = book.is_none() && !fresh;
        self.place(io, book)
    }

    /// Begins to place entries, below restored rows or from nothing.
    fn place(self: Box<Self>, io: &mut Io, book: Option<Book>) -> Result<Step, Damage> {
        let me = Me::new(
            self.keys.clone(),
            self.saved.book,
            self.saved.relay.clone(),
            self.saved.label.clone(),
        );
        let book = book.unwrap_or_else(|| Book::new(self.saved.book, self.genesis.manifest));
        let Ok(mut desk) = Desk::with(me, &self.genesis, book) else {
            return damage("the stored genesis is spoilt");
        };
        let records = self.at.entries_position;
        desk.placed.signed.resume(&self.signed, records);
        for ast in self.asts.values() {
            // bytes that are no manifest stay bytes that are no manifest
            let _known: Result<_, _> = desk.books.provide(ast.clone());
        }
        io.load(LoadRequest::Entries {
            after: 0,
            limit: BATCH_MAX,
        });
        Ok(Step::Go(Opening::Entries(self, Box::new(desk))))
    }

    fn entries(
        self: Box<Self>,
        io: &mut Io,
        mut desk: Box<Desk>,
        items: &[StoredEntry],
        end: bool,
    ) -> Result<Step, Damage> {
        for item in items {
            match desk
                .placed
                .take(&item.record, item.bytes.clone(), Trust::OwnStore)
            {
                Ok(mut ordered) => {
                    desk.keyring.placed(&ordered, desk.placed.log());
                    if ordered.position.0 <= desk.books.book.position().0 {
                        desk.books.note(&ordered);
                    } else {
                        desk.keyring.open(&mut ordered);
                        desk.books.push(ordered);
                    }
                }
                Err(TakeFault::Unsupported(why) | TakeFault::Invalid(why)) => {
                    return damage(alloc::format!("stored entry {}: {why}", item.position));
                }
            }
            let placed = desk.placed.position();
            if placed == self.at.rows_position
                && !self.rebuild
                && desk.placed.tip().0 != self.at.rows_tip
            {
                return self.again(io);
            }
        }
        desk.books.drain();
        if !end && !items.is_empty() {
            io.load(LoadRequest::Entries {
                after: desk.placed.position(),
                limit: BATCH_MAX,
            });
            return Ok(Step::Go(Opening::Entries(self, desk)));
        }
        if desk.placed.position() != self.at.entries_position {
            let (have, want) = (desk.placed.position(), self.at.entries_position);
            return damage(alloc::format!(
                "{want} entries were stored, {have} are there"
            ));
        }
        self.finish(io, desk)
    }

    /// The rows are of another order than the entries: the entries win.
    fn again(mut self: Box<Self>, io: &mut Io) -> Result<Step, Damage> {
        self.rebuild = true;
        self.place(io, None)
    }

    fn finish(self: Box<Self>, io: &mut Io, mut desk: Box<Desk>) -> Result<Step, Damage> {
        let signed = desk.placed.signed.to();
        desk.placed.set_saved(self.at.entries_position, signed);
        for item in &self.outbox {
            let Ok(entry) = Entry::decode(&item.bytes) else {
                return damage(alloc::format!("stored own entry {} is spoilt", item.seq));
            };
            if entry.id() != item.id || entry.header().author != desk.me.author {
                return damage(alloc::format!("stored own entry {} is spoilt", item.seq));
            }
            if desk.placed.place_of(&entry.id()).is_none() {
                desk.outbox.push(desk.keyring.open_own(entry), true);
            }
        }
        let role = desk.role().unwrap_or(MemberRole::Member);
        desk.books.refresh(&desk.outbox, desk.me.author, role);
        let rebuilt = self.rebuild || desk.books.book.position().0 != self.at.rows_position;
        if rebuilt {
            let why = String::from("the rows did not fit the entries; they were derived again");
            let clear_rows = self.rebuild;
            if clear_rows {
                io.notice(Notice::Storage { why });
            }
            let meta = alloc::vec![(
                String::from(META_AT),
                daybook_log::codec::encode(&desk.at())
            )];
            let changes = desk.books.book.take_changes().into_iter();
            let rows = changes.map(|change| (change.key, change.value)).collect();
            let batch = Batch {
                meta,
                clear_rows,
                rows,
                ..Batch::default()
            };
            io.persist(
                batch,
                Then::Ordered {
                    position: desk.placed.position(),
                    signed: desk.placed.signed.to(),
                    replies: Vec::new(),
                },
            );
        }
        desk.list_genesis();
        desk.changed = true;
        desk.tell_halt(io);
        io.notice(Notice::Phase(Phase::Open));
        desk.tell_changed(io);
        Ok(Step::Done(State::Open(desk)))
    }
}
