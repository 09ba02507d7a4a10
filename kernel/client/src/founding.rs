//! Making a book: the relay's key, then genesis and founding entry on this device's disk, then the relay.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use daybook_log::control::{chunks_of, manifest_id};
use daybook_log::genesis::GENESIS_FORMAT;
use daybook_log::wire::{CreateBook, Created, KeyInfo, WireBody};
use daybook_log::{Adoption, BookId, Draft, Entry, Genesis, MemberRole};

use crate::client::{Next, State};
use crate::desk::Desk;
use crate::effect::{Batch, Secret};
use crate::identity::{Keys, META_CLIENT, Me, SAVED_VERSION, Saved, Stage, check_address};
use crate::input::Seeds;
use crate::io::{Ask, Call, Io, Then, code_used};
use crate::outbox::item_of;
use crate::reply::{CommandFault, Notice, Phase, RelayFault};

/// A book that is being made.
#[derive(Debug)]
pub(crate) struct Founding {
    tickets: Vec<u64>,
    relay: String,
    label: String,
    setup_code: String,
    ast: Vec<u8>,
    step: Step,
    clock_tried: bool,
}

#[derive(Debug)]
enum Step {
    /// The relay's key is asked for.
    Key(Seeds),
    /// Genesis and founding entry exist. They are sent once they are on the disk.
    Made {
        made: Box<Made>,
        saved: bool,
        sent: bool,
    },
}

#[derive(Debug)]
struct Made {
    me: Me,
    genesis: Genesis,
    entry: Entry,
}

/// A book that is made now must still be read by later releases, so its language level must be frozen.
fn may_found(level: u16, least: u16) -> Result<(), CommandFault> {
    if level < least {
        return Err(CommandFault::BadManifest(alloc::format!(
            "language level {level} is not frozen, and a release makes no book on it"
        )));
    }
    Ok(())
}

/// What somebody wants to found.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) relay: String,
    pub(crate) setup_code: String,
    pub(crate) ast: Vec<u8>,
    pub(crate) label: String,
    pub(crate) seeds: Seeds,
}

impl Founding {
    /// Begins, or says what is wrong with the wish.
    pub(crate) fn begin(io: &mut Io, ticket: u64, wish: Wish) -> Result<Self, CommandFault> {
        let relay = check_address(&wish.relay, &wish.label)?;
        let bad = |why: &dyn core::fmt::Display| CommandFault::BadManifest(why.to_string());
        let manifest = daybook_manifest::decode(&wish.ast).map_err(|why| bad(&why))?;
        may_found(manifest.level, crate::limits::FOUNDING_LEVEL_MIN)?;
        Adoption::of(&wish.ast).map_err(|why| bad(&why))?;
        if !io.online {
            return Err(CommandFault::Relay(RelayFault::Unreachable));
        }
        let Wish {
            setup_code,
            ast,
            label,
            seeds,
            ..
        } = wish;
        let founding = Self {
            tickets: alloc::vec![ticket],
            relay,
            label,
            setup_code,
            ast,
            step: Step::Key(seeds),
            clock_tried: false,
        };
        let (path, query, body) = (String::from("/v1/key"), String::new(), Vec::new());
        io.send(
            Call {
                ask: Ask::Key,
                base: &founding.relay,
                method: "GET",
                path,
                query,
                body,
            },
            None,
        );
        io.notice(Notice::Phase(Phase::Creating));
        Ok(founding)
    }

    /// Goes on after a restart; none if what is stored does not fit together.
    pub(crate) fn resume(
        me: Me,
        genesis: &[u8],
        setup_code: String,
        ast: Vec<u8>,
        founding: &[u8],
    ) -> Option<Self> {
        let genesis = Genesis::decode(genesis).ok()?;
        let entry = Entry::decode(founding).ok()?;
        let fits = genesis.book_id() == me.book
            && genesis.manifest == manifest_id(&ast)
            && entry.header().author == me.author;
        let (relay, label) = (me.relay.clone(), me.label.clone());
        let made = Box::new(Made { me, genesis, entry });
        fits.then(|| Self {
            tickets: Vec::new(),
            relay,
            label,
            setup_code,
            ast,
            step: Step::Made {
                made,
                saved: true,
                sent: false,
            },
            clock_tried: false,
        })
    }

    /// The same wish again, after a restart: it learns the end, too.
    pub(crate) fn attach(&mut self, io: &mut Io, ticket: u64) {
        self.tickets.push(ticket);
        io.try_now(false);
    }

    /// Commands that wait for the end.
    pub(crate) fn tickets(&mut self) -> Vec<u64> {
        core::mem::take(&mut self.tickets)
    }

    /// The book, once there is one.
    pub(crate) fn book(&self) -> Option<(&Me, BookId)> {
        match &self.step {
            Step::Made { made, .. } => Some((&made.me, made.me.book)),
            Step::Key(_) => None,
        }
    }

    pub(crate) fn relay(&self) -> (&str, &str) {
        (&self.relay, &self.label)
    }

    pub(crate) fn persisted(&mut self, then: &Then) -> Next {
        match (then, &mut self.step) {
            (Then::Founding, Step::Made { saved, .. }) => *saved = true,
            (Then::Unfounded, _) => return Some(State::Empty),
            _ => {}
        }
        None
    }

    /// Sends the founding entry as long as nobody says what became of it. The relay gives the same answer each time.
    pub(crate) fn pump(&mut self, io: &mut Io) {
        let Step::Made {
            made,
            saved: true,
            sent: sent @ false,
        } = &mut self.step
        else {
            return;
        };
        if !io.online || io.pausing() {
            return;
        }
        let create = CreateBook {
            genesis: made.genesis.encode(),
            setup_code: self.setup_code.clone(),
            chunks: chunks_of(&self.ast).map(<[u8]>::to_vec).collect(),
            founding: made.entry.bytes().to_vec(),
        };
        *sent = true;
        let (path, query, body) = (String::from("/v1/books"), String::new(), create.to_wire());
        io.send(
            Call {
                ask: Ask::Create,
                base: &self.relay,
                method: "POST",
                path,
                query,
                body,
            },
            Some(&made.me.request_key),
        );
    }

    pub(crate) fn answered(&mut self, io: &mut Io, ask: &Ask, status: u16, body: &[u8]) -> Next {
        match ask {
            Ask::Key => {
                let made = io
                    .read::<KeyInfo>(status, body, "relay key")
                    .and_then(|key| self.make(&key));
                match made {
                    Ok(batch) => io.persist(batch, Then::Founding),
                    // nothing was made yet
                    Err(fault) => return self.abandon(io, CommandFault::Relay(fault)),
                }
            }
            Ask::Create => {
                if let Some(book) = code_used(status, body) {
                    return self.undo(io, CommandFault::SetupCodeUsed { book });
                }
                let created = io.read::<Created>(status, body, "created book");
                match created.and_then(|created| self.open(io, &created)) {
                    Ok(desk) => return Some(State::Open(desk)),
                    // only the relay's own word ends it: anything else may stand in the way of a book that exists
                    Err(RelayFault::Problem {
                        status,
                        kind,
                        detail,
                    }) if for_good(&kind) => {
                        let fault = RelayFault::Problem {
                            status,
                            kind,
                            detail,
                        };
                        return self.undo(io, CommandFault::Relay(fault));
                    }
                    Err(fault) => self.failed(io, fault),
                }
            }
            _ => {}
        }
        None
    }

    pub(crate) fn unanswered(&mut self, io: &mut Io, ask: &Ask) -> Next {
        match ask {
            Ask::Key => return self.abandon(io, CommandFault::Relay(RelayFault::Unreachable)),
            _ => self.failed(io, RelayFault::Unreachable),
        }
        None
    }

    /// The book may exist on the relay: it is asked again, with the same entry.
    fn failed(&mut self, io: &mut Io, fault: RelayFault) {
        if let Step::Made { sent, .. } = &mut self.step {
            *sent = false;
        }
        io.notice(Notice::Relay(fault.clone()));
        // the clock is set by the relay's for the next try, which is made at once
        if matches!(fault, RelayFault::Clock { .. })
            && !core::mem::replace(&mut self.clock_tried, true)
        {
            return;
        }
        io.back_off();
        for ticket in core::mem::take(&mut self.tickets) {
            io.answer(ticket, Err(CommandFault::Relay(fault.clone())));
        }
    }

    fn abandon(&mut self, io: &mut Io, fault: CommandFault) -> Next {
        for ticket in core::mem::take(&mut self.tickets) {
            io.answer(ticket, Err(fault.clone()));
        }
        io.notice(Notice::Phase(Phase::Empty));
        Some(State::Empty)
    }

    /// The relay says no for good: what was stored for this book goes away.
    fn undo(&mut self, io: &mut Io, fault: CommandFault) -> Next {
        let Step::Made { made, .. } = &self.step else {
            return None;
        };
        let batch = Batch {
            identity: Some(Secret(Vec::new())),
            meta: alloc::vec![(String::from(META_CLIENT), Vec::new())],
            outbox_out: alloc::vec![made.entry.id()],
            ..Batch::default()
        };
        io.persist(batch, Then::Unfounded);
        for ticket in core::mem::take(&mut self.tickets) {
            io.answer(ticket, Err(fault.clone()));
        }
        io.notice(Notice::Phase(Phase::Empty));
        None
    }

    /// Makes genesis, keys and founding entry. Crash point C0: the relay learns of them after they are on the disk.
    fn make(&mut self, key: &KeyInfo) -> Result<Batch, RelayFault> {
        let Step::Key(seeds) = &self.step else {
            return Err(RelayFault::Mismatch { what: "step" });
        };
        let bad = |_| RelayFault::Malformed { what: "relay key" };
        let keys = Keys::of(seeds, true);
        let root = keys.root().ok_or(RelayFault::Mismatch { what: "step" })?;
        let genesis = Genesis {
            format: GENESIS_FORMAT,
            nonce: seeds.nonce,
            root_keys: alloc::vec![root.public()],
            threshold: 1,
            relay_key: key.relay_key,
            manifest: manifest_id(&self.ast),
        };
        genesis.check().map_err(bad)?;
        let me = Me::new(
            keys,
            genesis.book_id(),
            self.relay.clone(),
            self.label.clone(),
        );
        let mut key_add = me.key_add(MemberRole::Manager);
        key_add.approve(&me.book, 0, &root);
        let unsigned = Draft::first(me.book, me.author)
            .key_add(&key_add)
            .map_err(|_| RelayFault::Malformed { what: "relay key" })?;
        let entry = unsigned.sign(&me.author_key);
        let saved = Saved {
            version: SAVED_VERSION,
            stage: Stage::Founding {
                setup_code: self.setup_code.clone(),
            },
            relay: self.relay.clone(),
            label: self.label.clone(),
            book: me.book,
            genesis: genesis.encode(),
        };
        let batch = Batch {
            identity: Some(me.keys.write()),
            meta: alloc::vec![(
                String::from(META_CLIENT),
                daybook_log::codec::encode(&saved)
            )],
            asts: alloc::vec![self.ast.clone()],
            outbox_in: alloc::vec![item_of(&entry)],
            ..Batch::default()
        };
        self.step = Step::Made {
            made: Box::new(Made { me, genesis, entry }),
            saved: false,
            sent: false,
        };
        Ok(batch)
    }

    /// The relay says that it placed the founding entry. The first range shows that it did: until then this device
    /// stays at the stage of founding, and asks again after a crash.
    fn open(&mut self, io: &mut Io, created: &Created) -> Result<Box<Desk>, RelayFault> {
        let Step::Made { made, .. } = &self.step else {
            return Err(RelayFault::Mismatch { what: "step" });
        };
        if created.book != made.me.book {
            return Err(RelayFault::Mismatch { what: "book" });
        }
        let Made { me, genesis, entry } = &**made;
        let me = Me::new(me.keys.clone(), me.book, me.relay.clone(), me.label.clone());
        let mut desk = Box::new(
            Desk::found(me, genesis).map_err(|_| RelayFault::Malformed { what: "genesis" })?,
        );
        let _known: Result<_, _> = desk.books.provide(self.ast.clone());
        desk.outbox.push(entry.clone(), true);
        desk.founding = Some(core::mem::take(&mut self.tickets));
        io.try_now(true);
        io.notice(Notice::Phase(Phase::Open));
        Ok(desk)
    }
}

/// Whether the relay will say the same to the same founding for ever.
fn for_good(kind: &str) -> bool {
    matches!(
        kind,
        "setup-code-unknown" | "relay-key" | "malformed" | "unsupported"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_release_makes_no_book_on_a_level_that_is_not_frozen() {
        assert_eq!(may_found(0, 0), Ok(()));
        assert_eq!(may_found(1, 1), Ok(()));
        assert!(
            matches!(may_found(0, 1), Err(CommandFault::BadManifest(why)) if why.contains("not frozen"))
        );
    }
}
