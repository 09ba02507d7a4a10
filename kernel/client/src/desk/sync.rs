//! Exchange with the relay: one request at a time, catch up first, then send.

use alloc::vec::Vec;

use daybook_log::control::chunks_of;
use daybook_log::wire::{Append, WireBody};
use daybook_log::{ChunkId, ManifestId};

use super::Desk;
use crate::io::{Ask, Call, Io};
use crate::limits::{IDLE_POLL_MS, TAIL_PAUSE_MS, TAIL_POLL_MS};
use crate::reply::{CommandFault, HaltReason, Held, Notice, RelayFault, Reply};

/// How the exchange stands.
#[derive(Debug)]
pub(crate) struct Sync {
    /// The relay may hold entries that are not here.
    pub(crate) behind: bool,
    /// The newest position the relay has told of.
    pub(crate) head: u64,
    /// The last fault, until something works again.
    pub(crate) fault: Option<RelayFault>,
    /// Commands that wait for the end of the exchange.
    pub(crate) waiting: Vec<u64>,
    /// Join commands that wait for the first end.
    pub(crate) joining: Vec<u64>,
    /// The last upload placed nothing here; the range that follows must bring something.
    pub(crate) fruitless: bool,
    /// The relay named another head; the catch-up that follows must explain it.
    pub(crate) conflict: bool,
    /// A manifest that is fetched, and its chunks so far.
    pub(crate) fetching: Option<(ManifestId, Vec<Vec<u8>>)>,
    /// A tail is open.
    pub(crate) tail: bool,
    /// The tail ended: it is not opened again before the next look.
    pub(crate) tail_rests: bool,
    /// When to look again without a hint.
    pub(crate) poll_at_ms: Option<i64>,
}

impl Default for Sync {
    fn default() -> Self {
        Self {
            behind: true,
            head: 0,
            fault: None,
            waiting: Vec::new(),
            joining: Vec::new(),
            fruitless: false,
            conflict: false,
            fetching: None,
            tail: false,
            tail_rests: false,
            poll_at_ms: None,
        }
    }
}

/// Method, path below the book, query.
type Line<'a> = (&'static str, &'a str, &'a str);

/// Whether a request belongs to the exchange, of which one is under way at a time.
pub(crate) fn exchange(ask: &Ask) -> bool {
    matches!(
        ask,
        Ask::Range { .. } | Ask::Upload(_) | Ask::PutChunk | Ask::GetChunk(_)
    )
}

impl Desk {
    /// The next step of the exchange, if there is one now.
    pub(crate) fn step(&mut self, io: &mut Io) {
        if !io.online {
            return self.give_up(io, &CommandFault::Relay(RelayFault::Unreachable));
        }
        if self.proving.is_some()
            || !self.prove_tickets.is_empty()
            || io.asking(exchange)
            || io.crowded()
        {
            return;
        }
        if let (true, Some(halted)) = (self.books.stopped(), self.books.halted.clone()) {
            self.tell_changed(io);
            return self.give_up(io, &CommandFault::Halted(halted));
        }
        if self.sync.poll_at_ms.is_some_and(|at| at <= io.now_ms()) {
            self.sync.behind = true;
            self.sync.poll_at_ms = None;
            self.sync.tail_rests = false;
        }
        if io.pausing() {
            return;
        }
        if let Some(adoption) = self.books.missing() {
            let (manifest, chunks) = (adoption.manifest, adoption.chunks.clone());
            return self.ask_chunk(io, manifest, &chunks);
        }
        if (self.sync.behind || self.sync.head > self.placed.position()) && !self.books.full() {
            return self.ask_range(io);
        }
        if self.adopting.is_some() {
            return self.put_chunk(io);
        }
        self.see_fork(io);
        if self.held.is_none() && self.outbox.ready() {
            return self.upload(io);
        }
        self.settle(io);
    }

    fn send(&mut self, io: &mut Io, ask: Ask, (method, path, query): Line<'_>, body: Vec<u8>) {
        let (path, query) = (self.me.path(path), query.into());
        let call = Call {
            ask,
            base: &self.me.relay,
            method,
            path,
            query,
            body,
        };
        io.send(call, Some(&self.me.request_key));
    }

    /// Positions are asked for one by one from the next: a gap cannot come about.
    fn ask_range(&mut self, io: &mut Io) {
        let after = self.placed.position();
        let limit = super::answers::range_limit(io);
        let query = alloc::format!("from={}&limit={limit}", after.saturating_add(1));
        self.send(
            io,
            Ask::Range { after },
            ("GET", "entries", &query),
            Vec::new(),
        );
    }

    /// Only what is on this device's disk goes out, in the order of the chain.
    fn upload(&mut self, io: &mut Io) {
        let upload = self
            .outbox
            .next_upload(io.config.batch.clamp(1, crate::limits::BATCH_MAX));
        let (ids, entries) = upload.into_iter().unzip();
        self.send(
            io,
            Ask::Upload(ids),
            ("POST", "entries", ""),
            Append { entries }.to_wire(),
        );
    }

    fn ask_chunk(&mut self, io: &mut Io, manifest: ManifestId, chunks: &[ChunkId]) {
        let got = self
            .sync
            .fetching
            .take()
            .filter(|(id, _)| *id == manifest)
            .map(|(_, got)| got)
            .unwrap_or_default();
        let next = chunks.get(got.len()).copied();
        self.sync.fetching = Some((manifest, got));
        if let Some(chunk) = next {
            let path = alloc::format!("chunks/{chunk}");
            self.send(io, Ask::GetChunk(manifest), ("GET", &path, ""), Vec::new());
        }
    }

    fn put_chunk(&mut self, io: &mut Io) {
        let Some(adopting) = &self.adopting else {
            return;
        };
        let chunk = chunks_of(&adopting.ast)
            .nth(adopting.sent)
            .map(<[u8]>::to_vec);
        if let Some(chunk) = chunk {
            let path = alloc::format!("chunks/{}", daybook_log::control::chunk_id(&chunk));
            self.send(io, Ask::PutChunk, ("PUT", &path, ""), chunk);
        }
    }

    /// An own pending entry that does not continue the placed chain can never be placed.
    fn see_fork(&mut self, io: &mut Io) {
        let head = self.placed.log().head(&self.me.author);
        if let Some(seq) = self.outbox.fork(head)
            && self.held != Some(Held::Forked { seq })
        {
            self.held = Some(Held::Forked { seq });
            io.notice(Notice::Held(Held::Forked { seq }));
        }
    }

    /// Nothing is left to exchange for now.
    fn settle(&mut self, io: &mut Io) {
        if io.writing() {
            return;
        }
        self.tell_changed(io);
        // the head is reached: what was unknown was spoilt on the way
        self.books
            .halted
            .take_if(|halted| matches!(halted, HaltReason::Unsupported { .. }));
        if self.books.genesis_lost() {
            self.books.halted = Some(HaltReason::MissingManifest(self.books.genesis_manifest()));
        }
        let held = self.held.clone().filter(|_| self.outbox.len() > 0);
        if let Some(halted) = self.books.halted.clone() {
            self.give_up(io, &CommandFault::Halted(halted));
        } else if let Some(held) = held {
            self.give_up(io, &CommandFault::Held(held));
        }
        let (position, tip, book) = (self.placed.position(), self.placed.tip(), self.me.book);
        for ticket in core::mem::take(&mut self.sync.joining) {
            io.answer(ticket, Ok(Reply::Joined { book, position }));
        }
        for ticket in core::mem::take(&mut self.sync.waiting) {
            io.answer(ticket, Ok(Reply::Synced { position, tip }));
        }
        if !io.config.tail {
            return;
        }
        if !self.sync.tail && !self.sync.tail_rests {
            self.open_tail(io);
        }
        let pause = if self.sync.tail {
            TAIL_POLL_MS
        } else {
            IDLE_POLL_MS
        };
        let at = *self
            .sync
            .poll_at_ms
            .get_or_insert(io.now_ms().saturating_add(pause));
        io.timer(at);
    }

    fn open_tail(&mut self, io: &mut Io) {
        self.sync.tail = true;
        let query = alloc::format!("from={}", self.placed.position());
        let (ask, path) = (
            Ask::Range {
                after: self.placed.position(),
            },
            self.me.path("tail"),
        );
        let call = Call {
            ask,
            base: &self.me.relay,
            method: "GET",
            path,
            query,
            body: Vec::new(),
        };
        io.tail(call, &self.me.request_key);
    }

    /// Commands that wait for the end of the exchange learn that it does not come.
    pub(crate) fn give_up(&mut self, io: &mut Io, fault: &CommandFault) {
        let (waiting, joining) = (
            core::mem::take(&mut self.sync.waiting),
            core::mem::take(&mut self.sync.joining),
        );
        for ticket in waiting.into_iter().chain(joining) {
            io.answer(ticket, Err(fault.clone()));
        }
        if let Some(adopting) = self.adopting.take() {
            io.answer(adopting.ticket, Err(fault.clone()));
        }
    }

    /// The exchange failed: wait, longer each time; nothing is lost.
    pub(crate) fn failed(&mut self, io: &mut Io, fault: RelayFault) {
        let again =
            matches!(fault, RelayFault::Clock { .. }) && self.sync.fault.as_ref() != Some(&fault);
        // a clock is corrected at once, unless that was just tried
        let clock_tried = matches!(self.sync.fault, Some(RelayFault::Clock { .. }));
        self.outbox.set_unsent();
        self.sync.behind = true;
        self.sync.fruitless = false;
        let news = self.sync.fault.as_ref() != Some(&fault);
        self.sync.fault = Some(fault.clone());
        if news {
            io.notice(Notice::Relay(fault.clone()));
        }
        if again && !clock_tried {
            return;
        }
        io.back_off();
        self.changed = true;
        self.tell_changed(io);
        let fault = match (&fault, &self.books.halted) {
            (RelayFault::Unsupported { .. }, Some(halted)) => CommandFault::Halted(halted.clone()),
            _ => CommandFault::Relay(fault),
        };
        self.give_up(io, &fault);
    }

    /// Something worked.
    pub(crate) fn worked(&mut self, io: &mut Io) {
        self.sync.fault = None;
        io.try_now(true);
    }

    /// The tail says that there is more. A hint: the range decides.
    pub(crate) fn hint(&mut self, position: u64) {
        self.sync.behind |= position > self.placed.position();
    }

    /// The tail ended.
    pub(crate) fn tail_closed(&mut self, io: &Io) {
        self.sync.tail = false;
        self.sync.tail_rests = true;
        self.sync.poll_at_ms = Some(io.now_ms().saturating_add(TAIL_PAUSE_MS));
    }

    /// There is, or is not, a network.
    pub(crate) fn online(&mut self, io: &mut Io) {
        if io.online {
            self.sync.behind = true;
            io.try_now(false);
            return;
        }
        self.outbox.set_unsent();
        if core::mem::take(&mut self.sync.tail) {
            io.close_tail();
        }
        self.changed = true;
        self.tell_changed(io);
        self.give_up(io, &CommandFault::Relay(RelayFault::Unreachable));
    }
}
