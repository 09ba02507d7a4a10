//! What the relay's answers do to an open book.

use alloc::vec::Vec;

use daybook_log::wire::{Answer, Appended, JoinAsked, Range};
use daybook_log::{Body, EntryId, ManifestId, MemberRole, OrderRecord};

use super::{Control, Desk};
use crate::confirm::confirmed;
use crate::effect::Batch;
use crate::io::{Ask, Io, problem_fault};
use crate::reply::{CommandFault, Held, JoinView, Notice, RelayFault, Reply};

/// Entries that one range asks for: one more than a batch, to confirm the last one of the batch.
pub(crate) fn range_limit(io: &Io) -> u16 {
    io.config
        .batch
        .max(1)
        .saturating_add(1)
        .min(crate::limits::BATCH_MAX)
}

impl Desk {
    /// An answer came.
    pub(crate) fn answered(&mut self, io: &mut Io, ask: Ask, status: u16, body: &[u8]) {
        let result = match ask {
            Ask::Range { after } => io
                .read::<Range>(status, body, "range")
                .and_then(|range| self.range(io, after, range)),
            Ask::Upload(ids) => {
                self.outbox.set_unsent();
                io.read::<Appended>(status, body, "upload")
                    .and_then(|appended| self.uploaded(io, &ids, appended.answers))
            }
            Ask::GetChunk(manifest) => {
                let chunk = io.read_raw(status, body).map(<[u8]>::to_vec);
                chunk.and_then(|chunk| self.chunk(io, manifest, chunk))
            }
            Ask::PutChunk => io.read_raw(status, body).map(|_| self.chunk_sent()),
            Ask::Joins { ticket } => return self.joins(io, ticket, status, body),
            Ask::Approve { ticket, id } => return self.approve(io, ticket, id, (status, body)),
            Ask::Key | Ask::Create | Ask::Join | Ask::JoinState | Ask::Genesis => return,
        };
        match result {
            Ok(()) => self.worked(io),
            Err(fault) => self.failed(io, fault),
        }
    }

    /// No answer will come.
    pub(crate) fn unanswered(&mut self, io: &mut Io, ask: &Ask) {
        match ask {
            Ask::Joins { ticket } | Ask::Approve { ticket, .. } => {
                io.answer(*ticket, Err(CommandFault::Relay(RelayFault::Unreachable)));
            }
            _ if io.online => self.failed(io, RelayFault::Unreachable),
            _ => {}
        }
    }

    fn range(&mut self, io: &mut Io, after: u64, range: Range) -> Result<(), RelayFault> {
        if after != self.placed.position() {
            return Ok(());
        }
        let came = range.items.len();
        if came > usize::from(range_limit(io)) {
            return Err(RelayFault::Malformed {
                what: "more entries than asked for",
            });
        }
        let good = confirmed(
            range.items.iter().map(|item| item.record.as_slice()),
            Some(&range.head),
        );
        // an answer that reaches the head must be what the relay signed, before any of it is believed
        let head = range.head.position.0;
        let reaches = after.saturating_add(u64::try_from(good).unwrap_or(u64::MAX)) == head;
        let records = range.items.iter().take(good);
        let records = records.map(|item| item.record.as_slice());
        let signed = reaches
            .then(|| self.placed.signed.judge(&range.checkpoint, records))
            .flatten();
        if reaches && signed.is_none() {
            return Err(RelayFault::Mismatch { what: "checkpoint" });
        }
        let mut batch = Batch::default();
        let mut result = Ok(());
        for item in range.items.into_iter().take(good) {
            let taken = self.take(item.record, item.entry, &mut batch);
            result = self.taken(io, taken);
            if result.is_err() || self.books.stopped() {
                break;
            }
        }
        if let Some(signed) = signed.filter(|_| self.placed.position() == head) {
            self.countersigned |= self.placed.signed.advance(signed);
        }
        // what came before a bad item is good: each step was checked against the one before
        self.write(io, batch, Vec::new());
        result?;
        if self.books.stopped() {
            return Ok(());
        }
        let position = self.placed.position();
        if head < position {
            return Err(RelayFault::SeenUnknown);
        }
        if self
            .placed
            .tip_at(head)
            .is_some_and(|tip| tip != range.head.tip)
        {
            return Err(RelayFault::Mismatch { what: "tip" });
        }
        // the last of a page that ends below the head comes again with the next page
        if good.saturating_add(1) < came || (good < came && head == position.saturating_add(1)) {
            return Err(RelayFault::Mismatch { what: "tip" });
        }
        if good == 0 && (head > position || self.sync.fruitless) {
            return Err(RelayFault::Malformed {
                what: "no progress",
            });
        }
        self.sync.fruitless = false;
        self.sync.head = head;
        self.sync.behind = head > position;
        Ok(())
    }

    /// Records of what was sent: those that come next here are placed at once, others come by range.
    fn uploaded(
        &mut self,
        io: &mut Io,
        ids: &[EntryId],
        answers: Vec<Answer>,
    ) -> Result<(), RelayFault> {
        if answers.len() != ids.len() {
            return Err(RelayFault::Malformed {
                what: "number of answers",
            });
        }
        let records = answers.iter().map_while(|answer| match answer {
            Answer::Placed { record, .. } => Some(record.as_slice()),
            Answer::Rejected(_) => None,
        });
        let good = confirmed(records, None);
        let mut batch = Batch::default();
        let mut result = Ok(());
        for ((id, answer), index) in ids.iter().zip(answers).zip(0_usize..) {
            result = match answer {
                Answer::Placed { record, .. } if index < good => {
                    self.place_own(io, id, record, &mut batch)
                }
                // the last record is confirmed by the range that follows
                Answer::Placed { .. } => Ok(()),
                Answer::Rejected(problem) => {
                    self.rejected(io, id, problem_fault(&problem, problem.status))
                }
            };
            if result.is_err() || self.held.is_some() || self.sync.conflict {
                break;
            }
        }
        self.sync.fruitless =
            batch.entries.is_empty() && self.held.is_none() && !self.sync.conflict;
        self.sync.behind = true;
        self.write(io, batch, Vec::new());
        result
    }

    fn place_own(
        &mut self,
        io: &mut Io,
        id: &EntryId,
        record: Vec<u8>,
        batch: &mut Batch,
    ) -> Result<(), RelayFault> {
        let Ok(read) = OrderRecord::decode(&record) else {
            return Err(RelayFault::Malformed {
                what: "order record",
            });
        };
        if read.entry_id != *id {
            return Err(RelayFault::Mismatch { what: "entry" });
        }
        let next = self.placed.position().saturating_add(1);
        if read.position.0 != next {
            self.sync.behind |= read.position.0 > next;
            return Ok(());
        }
        let Some(bytes) = self
            .outbox
            .get(id)
            .map(|pending| pending.entry.bytes().to_vec())
        else {
            return Ok(());
        };
        let taken = self.take(record, bytes, batch);
        self.sync.conflict = false;
        self.taken(io, taken)
    }

    /// The relay does not take an own entry. It stays in the outbox, whatever the reason.
    fn rejected(&mut self, io: &mut Io, id: &EntryId, fault: RelayFault) -> Result<(), RelayFault> {
        match fault {
            // first look at what the order holds: the own chain may be further there
            RelayFault::Head { .. } if !self.sync.conflict => {
                self.sync.conflict = true;
                self.sync.behind = true;
                io.notice(Notice::Relay(fault));
                Ok(())
            }
            RelayFault::Problem { .. } => {
                let seq = self
                    .outbox
                    .get(id)
                    .map_or(0, |pending| pending.entry.header().seq.0);
                let held = Held::Rejected { seq, why: fault };
                io.notice(Notice::Held(held.clone()));
                self.held = Some(held);
                Ok(())
            }
            fault => {
                self.sync.conflict = false;
                Err(fault)
            }
        }
    }

    fn chunk(
        &mut self,
        io: &mut Io,
        manifest: ManifestId,
        chunk: Vec<u8>,
    ) -> Result<(), RelayFault> {
        let wrong = RelayFault::Mismatch { what: "chunk" };
        let Some(adoption) = self
            .books
            .missing()
            .filter(|adoption| adoption.manifest == manifest)
            .cloned()
        else {
            return Ok(());
        };
        let Some((_, got)) = self
            .sync
            .fetching
            .as_mut()
            .filter(|(id, _)| *id == manifest)
        else {
            return Ok(());
        };
        if adoption.chunks.get(got.len()) != Some(&daybook_log::control::chunk_id(&chunk)) {
            return Err(wrong);
        }
        got.push(chunk);
        if got.len() < adoption.chunks.len() {
            return Ok(());
        }
        let ast = adoption.assemble(got).map_err(|_| wrong);
        self.sync.fetching = None;
        let ast = ast?;
        let batch = Batch {
            asts: alloc::vec![ast.clone()],
            ..Batch::default()
        };
        // bytes that are no manifest are a matter of the fold: it refuses the adoption, or halts
        if self.books.provide(ast).is_err() {
            self.tell_halt(io);
        }
        self.write(io, batch, Vec::new());
        Ok(())
    }

    fn chunk_sent(&mut self) {
        let Some(adopting) = &mut self.adopting else {
            return;
        };
        adopting.sent = adopting.sent.saturating_add(1);
        if adopting.sent < daybook_log::control::chunks_of(&adopting.ast).count() {
            return;
        }
        if let Some(adopting) = self.adopting.take()
            && let Ok(adoption) = daybook_log::Adoption::of(&adopting.ast)
        {
            let (ast, ticket) = (Some(adopting.ast), Some(adopting.ticket));
            self.control.push_back(Control {
                body: Body::Manifest(adoption),
                ast,
                ticket,
            });
        }
    }

    fn joins(&mut self, io: &mut Io, ticket: u64, status: u16, body: &[u8]) {
        let asked = io.read::<Vec<JoinAsked>>(status, body, "join requests");
        let result = asked
            .map(|asked| Reply::Joins(asked.iter().map(|asked| self.join_view(asked)).collect()));
        io.answer(ticket, result.map_err(CommandFault::Relay));
    }

    fn join_view(&self, asked: &JoinAsked) -> JoinView {
        JoinView {
            id: asked.id.0,
            author: daybook_log::control::author_id(&self.me.book, &asked.request.author_key),
            label: asked.request.label.clone(),
            asked_at_ms: asked.asked_at_ms,
        }
    }

    /// Lets a device in. What it asked with is checked here, too: the relay is not believed.
    fn approve(&mut self, io: &mut Io, ticket: u64, id: [u8; 32], (status, body): (u16, &[u8])) {
        let asked = match io.read::<Vec<JoinAsked>>(status, body, "join requests") {
            Ok(asked) => asked,
            Err(fault) => return io.answer(ticket, Err(CommandFault::Relay(fault))),
        };
        let found = asked
            .into_iter()
            .find(|asked| asked.id.0 == id && asked.request.id(&self.me.book).0 == id);
        let Some(request) = found.map(|asked| asked.request) else {
            return io.answer(ticket, Err(CommandFault::UnknownJoin));
        };
        match self.placed.log().check_join(
            &request.keys(),
            &request.pop_author,
            &request.pop_request,
        ) {
            Ok(None) => {
                let body = Body::KeyAdd(request.admit(MemberRole::Member).into());
                self.control.push_back(Control {
                    body,
                    ast: None,
                    ticket: Some(ticket),
                });
            }
            Ok(Some(_)) | Err(_) => io.answer(ticket, Err(CommandFault::UnknownJoin)),
        }
    }
}
