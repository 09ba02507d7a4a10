//! Commands of an open book, and own entries on their way to the disk.

use alloc::vec::Vec;

use daybook_log::{Adoption, Body, ContentEpoch, MemberRole, OpId};

use super::{Adopting, Control, Desk};
use crate::append::append;
use crate::content::ContentKey;
use crate::effect::{Batch, LoadRequest, Stored};
use crate::input::{Command, EdgeInputs, NewOp, OnRefused};
use crate::io::{Ask, Call, Io, Then};
use crate::limits::{GROUP_MAX, OUTBOX_MAX};
use crate::outbox::item_of;
use crate::reply::{CommandFault, HaltReason, Reply};

/// Own entries that go to the disk in one transaction.
#[derive(Default)]
struct Group {
    batch: Batch,
    replies: Vec<(u64, Reply)>,
}

impl Desk {
    /// Carries commands out while the disk is free. What is signed meanwhile waits and goes together next time.
    pub(crate) fn work(&mut self, io: &mut Io) {
        if io.writing() {
            return;
        }
        let mut group = Group::default();
        while group.batch.outbox_in.len() < GROUP_MAX {
            if let Some(control) = self.control.pop_front() {
                self.sign_control(io, control, &mut group);
            } else if let Some((ticket, command)) = io.commands.pop_front() {
                self.command(io, ticket, command, &mut group);
            } else {
                break;
            }
        }
        self.write_group(io, group);
    }

    /// Crash point C2: before the transaction returned, the entries do not exist: nothing was sent or shown as safe.
    fn write_group(&mut self, io: &mut Io, group: Group) {
        if let Some(last) = group.batch.outbox_in.last() {
            let seq = last.seq;
            io.persist(
                group.batch,
                Then::Own {
                    seq,
                    replies: group.replies,
                },
            );
        }
    }

    fn command(&mut self, io: &mut Io, ticket: u64, command: Command, group: &mut Group) {
        match command {
            Command::Append { ops, edge, refused } => {
                match self.append(&ops, &edge, refused, group) {
                    // nothing was signed: nothing has to be waited for
                    Ok(reply @ Reply::Appended { .. }) if group.batch.outbox_in.is_empty() => {
                        io.answer(ticket, Ok(reply))
                    }
                    Ok(reply) => group.replies.push((ticket, reply)),
                    Err(fault) => io.answer(ticket, Err(fault)),
                }
            }
            Command::Sync => {
                // somebody wants it tried now; a refusal of the relay may have been mended
                self.held
                    .take_if(|held| matches!(held, crate::reply::Held::Rejected { .. }));
                self.sync.behind = true;
                self.sync.waiting.push(ticket);
                io.try_now(false);
            }
            Command::ListJoins => self.ask_joins(io, ticket, Ask::Joins { ticket }),
            Command::Approve { id } => self.ask_joins(io, ticket, Ask::Approve { ticket, id }),
            Command::Adopt { ast } => self.adopt(io, ticket, ast),
            Command::HoldKey { epoch, key } => self.hold_key(io, ticket, epoch, key),
            Command::Prove => self.prove_tickets.push(ticket),
            Command::OpProof { op } => {
                self.lookups.push((ticket, op));
                io.load(LoadRequest::Entry { id: op.entry });
            }
            Command::Create { .. } if self.founding.is_some() => {
                self.founding.get_or_insert_default().push(ticket);
            }
            Command::Create { .. } | Command::Join { .. } => {
                io.answer(ticket, Err(CommandFault::BookExists))
            }
        }
    }

    fn append(
        &mut self,
        ops: &[NewOp],
        edge: &EdgeInputs,
        refused: OnRefused,
        group: &mut Group,
    ) -> Result<Reply, CommandFault> {
        if let Some(held @ crate::reply::Held::Forked { .. }) = &self.held {
            return Err(CommandFault::Held(held.clone()));
        }
        if self.outbox.len() >= OUTBOX_MAX {
            return Err(CommandFault::Limit("own entries without a position"));
        }
        self.refresh();
        let member = self
            .placed
            .log()
            .member(&self.me.author)
            .ok_or(CommandFault::NotReady)?;
        let content = self.keyring.writes(self.placed.log()).map_err(|missing| {
            CommandFault::Halted(HaltReason::MissingContentKey(missing.epoch))
        })?;
        let mut pen = crate::append::Pen {
            me: &self.me,
            role: member.role,
            seen: self.placed.seen(),
            key_epoch: member.key_epoch,
            next: self.outbox.chain_end(member.head),
            content: content.map(|content| (content, edge.nonce)),
        };
        let (entries, ops) = append(&mut self.books, &mut pen, ops, edge, refused)?;
        let ids = entries.iter().map(|entry| entry.id()).collect();
        for entry in entries {
            group.batch.outbox_in.push(item_of(&entry));
            self.outbox.push(self.keyring.open_own(entry), false);
        }
        Ok(Reply::Appended { entries: ids, ops })
    }

    /// Signs a control payload. The overlay gets it as an entry without effect, to keep provisional places in step.
    fn sign_control(&mut self, io: &mut Io, control: Control, group: &mut Group) {
        let Control { body, ast, ticket } = control;
        let signed = self.pen().and_then(|mut pen| pen.sign(&body));
        let entry = match (signed, ticket) {
            (Ok(entry), _) => entry,
            (Err(fault), Some(ticket)) => return io.answer(ticket, Err(fault)),
            (Err(_), None) => return,
        };
        if let Some(ast) = ast {
            group.batch.asts.push(ast.clone());
            // it was decoded when the command came
            let _known: Result<_, _> = self.books.provide(ast);
        }
        if let Some(ticket) = ticket {
            let entry = entry.id();
            let reply = match &body {
                Body::Manifest(adoption) => Reply::Adopted {
                    manifest: adoption.manifest,
                    entry,
                },
                _ => Reply::Approved { entry },
            };
            group.replies.push((ticket, reply));
        }
        group.batch.outbox_in.push(item_of(&entry));
        self.books.overlay.close(entry.id());
        self.outbox.push(entry, false);
    }

    /// Keeps a content key and goes on with what waited for it. Crash point C3: before the transaction returned, the key
    /// is not here, and neither is what it opened.
    fn hold_key(&mut self, io: &mut Io, ticket: u64, epoch: ContentEpoch, key: ContentKey) {
        let mut keys = self.me.keys.clone();
        let kept = keys.keep(epoch, &key);
        let held = kept.and_then(|()| self.keyring.hold(epoch, key, self.placed.log()));
        if let Err(fault) = held {
            return io.answer(ticket, Err(CommandFault::ContentKey(fault)));
        }
        let batch = Batch {
            identity: Some(keys.write()),
            ..Batch::default()
        };
        self.me.keys = keys;
        self.books.open(&self.keyring);
        self.outbox.open(&self.keyring);
        self.write(io, batch, alloc::vec![(ticket, Reply::KeyHeld { epoch })]);
    }

    fn manager(&self) -> Result<(), CommandFault> {
        match self.role() {
            Some(MemberRole::Manager) => Ok(()),
            _ => Err(CommandFault::NotManager),
        }
    }

    fn ask_joins(&mut self, io: &mut Io, ticket: u64, ask: Ask) {
        if let Err(fault) = self.manager() {
            return io.answer(ticket, Err(fault));
        }
        if !io.online {
            return io.answer(
                ticket,
                Err(CommandFault::Relay(crate::reply::RelayFault::Unreachable)),
            );
        }
        let (path, query, body) = (
            self.me.path("join-requests"),
            Default::default(),
            Vec::new(),
        );
        io.send(
            Call {
                ask,
                base: &self.me.relay,
                method: "GET",
                path,
                query,
                body,
            },
            Some(&self.me.request_key),
        );
    }

    fn adopt(&mut self, io: &mut Io, ticket: u64, ast: Vec<u8>) {
        let fault = match (
            self.manager(),
            daybook_manifest::decode(&ast),
            Adoption::of(&ast),
        ) {
            (Err(fault), _, _) => fault,
            (_, Err(why), _) => CommandFault::BadManifest(alloc::format!("{why}")),
            (_, _, Err(why)) => CommandFault::BadManifest(alloc::format!("{why}")),
            _ if self.adopting.is_some() => CommandFault::Busy,
            _ => {
                self.adopting = Some(Adopting {
                    ticket,
                    ast,
                    sent: 0,
                });
                io.try_now(false);
                return;
            }
        };
        io.answer(ticket, Err(fault));
    }

    /// The founder's second entry adopts the first manifest once more, so that its chunk list is in the log.
    pub(crate) fn list_genesis(&mut self) {
        let founder =
            self.manager().is_ok() && self.placed.position() == 1 && self.outbox.len() == 0;
        let ast = self.books.asts().get(&self.books.genesis_manifest());
        if founder
            && !self.books.lists_genesis()
            && let Some(Ok(adoption)) = ast.map(|ast| Adoption::of(ast))
        {
            self.control.push_back(Control {
                body: Body::Manifest(adoption),
                ast: None,
                ticket: None,
            });
        }
    }

    /// The store answered.
    pub(crate) fn stored(&mut self, io: &mut Io, stored: Stored) {
        match stored {
            Stored::Entry { id, item } => {
                let (found, rest): (Vec<(u64, OpId)>, Vec<_>) = core::mem::take(&mut self.lookups)
                    .into_iter()
                    .partition(|(_, op)| op.entry == id);
                self.lookups = rest;
                for (ticket, op) in found {
                    let proof = item
                        .as_ref()
                        .and_then(|item| crate::show::op_proof(self, item, op));
                    let reply = proof
                        .map(|proof| Reply::OpProof(proof.into()))
                        .ok_or(CommandFault::UnknownOp);
                    io.answer(ticket, reply);
                }
            }
            Stored::Failed { why } => {
                for (ticket, _) in core::mem::take(&mut self.lookups) {
                    io.answer(ticket, Err(CommandFault::Storage(why.clone())));
                }
                self.proof_failed(io, &why);
            }
            Stored::Start { .. } => {}
            page @ (Stored::Entries { .. } | Stored::Rows { .. }) => self.proof_page(io, page),
        }
    }
}
