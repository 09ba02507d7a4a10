//! Being let into a book: keys on this device's disk, a request, a member's approval, the genesis.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use daybook_log::wire::{JoinId, JoinRequest, JoinState, JoinTicket, WireBody};
use daybook_log::{BookId, Genesis};

use crate::client::{Next, State};
use crate::desk::Desk;
use crate::effect::Batch;
use crate::identity::{Keys, META_CLIENT, Me, SAVED_VERSION, Saved, Stage, check_address};
use crate::input::Seeds;
use crate::io::{Ask, Call, Io, Then};
use crate::limits::JOIN_POLL_MS;
use crate::reply::{CommandFault, Notice, Phase, RelayFault};

/// A book that this device wants to be let into.
#[derive(Debug)]
pub(crate) struct Joining {
    pub(crate) me: Me,
    request: JoinRequest,
    tickets: Vec<u64>,
    step: Step,
    waiting: bool,
    clock_tried: bool,
    poll_at_ms: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Saving,
    Ask,
    Poll,
    Genesis,
}

/// What somebody wants to join.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) relay: String,
    pub(crate) book: BookId,
    pub(crate) label: String,
    pub(crate) seeds: Seeds,
}

impl Joining {
    /// Begins. Crash point J1: the keys are on the disk before anybody learns of them.
    pub(crate) fn begin(io: &mut Io, ticket: u64, wish: &Wish) -> Result<Self, CommandFault> {
        let relay = check_address(&wish.relay, &wish.label)?;
        let me = Me::new(
            Keys::of(&wish.seeds, false),
            wish.book,
            relay,
            wish.label.clone(),
        );
        let saved = Saved {
            version: SAVED_VERSION,
            stage: Stage::Joining,
            relay: me.relay.clone(),
            label: me.label.clone(),
            book: me.book,
            genesis: Vec::new(),
        };
        let batch = Batch {
            identity: Some(me.keys.write()),
            meta: alloc::vec![(
                String::from(META_CLIENT),
                daybook_log::codec::encode(&saved)
            )],
            ..Batch::default()
        };
        io.persist(batch, Then::Joining);
        io.notice(Notice::Phase(Phase::Joining));
        Ok(Self {
            request: me.join_request(),
            me,
            tickets: alloc::vec![ticket],
            step: Step::Saving,
            waiting: false,
            clock_tried: false,
            poll_at_ms: 0,
        })
    }

    /// Goes on after a restart. To ask twice is to ask once.
    pub(crate) fn resume(me: Me) -> Self {
        Self {
            request: me.join_request(),
            me,
            tickets: Vec::new(),
            step: Step::Ask,
            waiting: false,
            clock_tried: false,
            poll_at_ms: 0,
        }
    }

    fn id(&self) -> JoinId {
        self.request.id(&self.me.book)
    }

    /// Whether this is the same wish.
    pub(crate) fn wishes(&self, relay: &str, book: &BookId) -> bool {
        self.me.book == *book && check_address(relay, &self.me.label).as_ref() == Ok(&self.me.relay)
    }

    /// The same wish again: it learns the end, too.
    pub(crate) fn attach(&mut self, io: &mut Io, ticket: u64) {
        self.tickets.push(ticket);
        io.try_now(false);
    }

    /// Commands that wait for the end.
    pub(crate) fn tickets(&mut self) -> Vec<u64> {
        core::mem::take(&mut self.tickets)
    }

    /// Another wish takes this one's place: those who waited learn it.
    pub(crate) fn replaced(&mut self, io: &mut Io) {
        for ticket in core::mem::take(&mut self.tickets) {
            io.answer(ticket, Err(CommandFault::NoBook));
        }
        drop(io.take_all());
    }

    pub(crate) fn persisted(&mut self, then: &Then) {
        if matches!(then, Then::Joining) && self.step == Step::Saving {
            self.step = Step::Ask;
        }
    }

    pub(crate) fn pump(&mut self, io: &mut Io) {
        let under_way = io.asking(|ask| matches!(ask, Ask::Join | Ask::JoinState | Ask::Genesis));
        if self.step == Step::Saving || under_way || !io.online || io.pausing() {
            return;
        }
        let id = self.id();
        let (ask, method, path, body) = match self.step {
            Step::Saving => return,
            Step::Ask => (
                Ask::Join,
                "POST",
                String::from("join-requests"),
                self.request.to_wire(),
            ),
            Step::Poll if self.poll_at_ms > io.now_ms() => return io.timer(self.poll_at_ms),
            Step::Poll => (
                Ask::JoinState,
                "GET",
                alloc::format!("join-requests/{id}"),
                Vec::new(),
            ),
            Step::Genesis => (Ask::Genesis, "GET", String::from("genesis"), Vec::new()),
        };
        let (path, query) = (self.me.path(&path), String::new());
        io.send(
            Call {
                ask,
                base: &self.me.relay,
                method,
                path,
                query,
                body,
            },
            Some(&self.me.request_key),
        );
    }

    pub(crate) fn answered(&mut self, io: &mut Io, ask: &Ask, status: u16, body: &[u8]) -> Next {
        let result = match ask {
            Ask::Join => io
                .read::<JoinTicket>(status, body, "join ticket")
                .and_then(|ticket| self.asked(io, ticket)),
            Ask::JoinState => io
                .read::<JoinState>(status, body, "join state")
                .map(|state| self.state(io, state)),
            Ask::Genesis => match io
                .read_raw(status, body)
                .and_then(|bytes| self.open(io, bytes))
            {
                Ok(desk) => return Some(State::Open(desk)),
                Err(fault) => Err(fault),
            },
            _ => return None,
        };
        match result {
            Ok(()) => io.try_now(true),
            Err(fault) => self.failed(io, fault),
        }
        None
    }

    pub(crate) fn unanswered(&mut self, io: &mut Io) {
        self.failed(io, RelayFault::Unreachable);
    }

    fn failed(&mut self, io: &mut Io, fault: RelayFault) {
        // a relay that forgot the request is asked again
        if self.step == Step::Poll && matches!(fault, RelayFault::Problem { status: 404, .. }) {
            self.step = Step::Ask;
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

    fn asked(&mut self, io: &mut Io, ticket: JoinTicket) -> Result<(), RelayFault> {
        if ticket.id != self.id() {
            return Err(RelayFault::Mismatch {
                what: "join request",
            });
        }
        self.step = Step::Poll;
        self.poll_at_ms = io.now_ms();
        Ok(())
    }

    fn state(&mut self, io: &mut Io, state: JoinState) {
        match state {
            JoinState::Admitted => self.step = Step::Genesis,
            JoinState::Waiting => {
                if !core::mem::replace(&mut self.waiting, true) {
                    let id = self.id().0;
                    io.notice(Notice::JoinWaiting {
                        id,
                        author: self.me.author,
                    });
                }
                self.poll_at_ms = io.now_ms().saturating_add(JOIN_POLL_MS);
            }
        }
    }

    /// The genesis is what the book's id is the hash of; everything else is checked from there.
    fn open(&mut self, io: &mut Io, bytes: &[u8]) -> Result<Box<Desk>, RelayFault> {
        let genesis =
            Genesis::decode(bytes).map_err(|_| RelayFault::Malformed { what: "genesis" })?;
        if genesis.book_id() != self.me.book {
            return Err(RelayFault::Mismatch { what: "genesis" });
        }
        let me = Me::new(
            self.me.keys.clone(),
            self.me.book,
            self.me.relay.clone(),
            self.me.label.clone(),
        );
        let mut desk = Box::new(
            Desk::found(me, &genesis).map_err(|_| RelayFault::Malformed { what: "genesis" })?,
        );
        desk.sync.joining = core::mem::take(&mut self.tickets);
        let batch = Batch {
            meta: alloc::vec![desk.saved()],
            ..Batch::default()
        };
        desk.write(io, batch, Vec::new());
        io.try_now(true);
        io.notice(Notice::Phase(Phase::Open));
        Ok(desk)
    }
}
