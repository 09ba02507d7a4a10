//! The client: one state at a time, one input after another.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::desk::Desk;
use crate::effect::{Effect, Stored};
use crate::founding::{self, Founding};
use crate::input::{Command, Config, Input};
use crate::io::{Ask, Io, Then};
use crate::joining::{self, Joining};
use crate::limits::COMMANDS_MAX;
use crate::opening::Opening;
use crate::reply::{CommandFault, Notice, Phase, RelayFault};

/// The whole client without clock, chance, socket or disk.
///
/// A shell feeds inputs in the order in which things happened, and carries the effects out in the order given:
///
/// ```
/// use daybook_client::{Client, Config, Effect, Input, LoadRequest, Phase, Stored};
///
/// let mut client = Client::new(Config::default());
/// let effects = client.handle(0, Input::Start);
/// assert!(effects.iter().any(|effect| matches!(effect, Effect::Load(LoadRequest::Start))));
/// let nothing = Stored::Start { identity: None, meta: vec![], asts: vec![], outbox: vec![] };
/// client.handle(1, Input::Stored(nothing));
/// assert_eq!(client.phase(), Phase::Empty);
/// ```
#[derive(Debug)]
pub struct Client {
    pub(crate) io: Io,
    pub(crate) state: State,
}

/// The state that follows, if it is another.
pub(crate) type Next = Option<State>;

/// How far this installation is.
#[derive(Debug)]
pub(crate) enum State {
    /// Nothing was read yet.
    Start,
    /// The store failed; it is read again after a pause.
    Resting,
    Opening(Box<Opening>),
    Empty,
    Founding(Box<Founding>),
    Joining(Box<Joining>),
    Open(Box<Desk>),
    Damaged(String),
}

impl Client {
    /// A client that has read nothing yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            io: Io::new(config),
            state: State::Start,
        }
    }

    /// Takes one input and says what is to be done. `now_ms`: the shell's clock, milliseconds since 1970-01-01T00:00Z;
    /// it may jump. Nothing blocks, nothing panics on what comes from outside.
    pub fn handle(&mut self, now_ms: i64, input: Input) -> Vec<Effect> {
        self.io.clock.set(now_ms);
        self.take(input);
        self.expire();
        self.pump();
        self.io.finish()
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Start if matches!(self.state, State::Start) => self.open(),
            Input::Start | Input::Tick => {}
            Input::Stored(stored) => self.stored(stored),
            Input::Command { ticket, command } => self.command(ticket, command),
            Input::Answer {
                request,
                status,
                body,
            } => {
                if let Some(ask) = self.io.take_ask(request) {
                    self.answered(ask, status, &body);
                }
            }
            Input::Failed { request } => {
                if let Some(ask) = self.io.take_ask(request) {
                    self.unanswered(&ask);
                }
            }
            Input::Persisted { batch } => {
                if let Some(then) = self.io.persisted(batch) {
                    self.persisted(then);
                }
            }
            Input::PersistFailed { batch, why } if self.io.in_flight(batch) => {
                self.storage_failed(&why)
            }
            Input::PersistFailed { .. } => {}
            Input::Online(online) => self.online(online),
            Input::Tail { position } => {
                if let State::Open(desk) = &mut self.state {
                    desk.hint(position);
                }
            }
            Input::TailClosed => {
                if let State::Open(desk) = &mut self.state {
                    desk.tail_closed(&self.io);
                }
            }
        }
    }

    fn open(&mut self) {
        self.io.notice(Notice::Phase(Phase::Opening));
        self.state = State::Opening(Box::new(Opening::begin(&mut self.io)));
    }

    fn follow(&mut self, next: Next) {
        if let Some(state) = next {
            self.state = state;
        }
    }

    fn stored(&mut self, stored: Stored) {
        let next = match (&mut self.state, stored) {
            (State::Opening(_), Stored::Failed { why }) => return self.storage_failed(&why),
            (State::Opening(opening), stored) => opening.stored(&mut self.io, stored),
            (State::Open(desk), stored) => {
                desk.stored(&mut self.io, stored);
                None
            }
            _ => None,
        };
        self.follow(next);
    }

    /// What is on the disk is not known: forget everything and read it. The normal way in is the way back.
    fn storage_failed(&mut self, why: &str) {
        let mut tickets = self.io.forget();
        match &mut self.state {
            State::Open(desk) => tickets.extend(desk.tickets()),
            State::Founding(founding) => tickets.extend(founding.tickets()),
            State::Joining(joining) => tickets.extend(joining.tickets()),
            State::Start
            | State::Resting
            | State::Opening(_)
            | State::Empty
            | State::Damaged(_) => {}
        }
        for ticket in tickets {
            self.io
                .answer(ticket, Err(CommandFault::Storage(String::from(why))));
        }
        self.io.notice(Notice::Storage {
            why: String::from(why),
        });
        self.io.close_tail();
        self.io.back_off();
        self.state = State::Resting;
    }

    fn command(&mut self, ticket: u64, command: Command) {
        if self.io.commands.len() >= COMMANDS_MAX {
            return self.io.answer(ticket, Err(CommandFault::Busy));
        }
        self.io.commands.push_back((ticket, command));
    }

    fn answered(&mut self, ask: Ask, status: u16, body: &[u8]) {
        let next = match &mut self.state {
            State::Founding(founding) => founding.answered(&mut self.io, &ask, status, body),
            State::Joining(joining) => joining.answered(&mut self.io, &ask, status, body),
            State::Open(desk) => {
                desk.answered(&mut self.io, ask, status, body);
                None
            }
            _ => None,
        };
        self.follow(next);
    }

    fn unanswered(&mut self, ask: &Ask) {
        let next = match &mut self.state {
            State::Founding(founding) => founding.unanswered(&mut self.io, ask),
            State::Joining(joining) => {
                joining.unanswered(&mut self.io);
                None
            }
            State::Open(desk) => {
                desk.unanswered(&mut self.io, ask);
                None
            }
            _ => None,
        };
        self.follow(next);
    }

    fn persisted(&mut self, then: Then) {
        let next = match &mut self.state {
            State::Founding(founding) => founding.persisted(&then),
            State::Joining(joining) => {
                joining.persisted(&then);
                None
            }
            State::Open(desk) => {
                desk.persisted(&mut self.io, then);
                None
            }
            _ => None,
        };
        self.follow(next);
    }

    fn online(&mut self, online: bool) {
        if self.io.online == online {
            return;
        }
        self.io.online = online;
        if !online {
            for ask in self.io.take_all() {
                self.unanswered(&ask);
            }
        }
        self.io.try_now(false);
        if let State::Open(desk) = &mut self.state {
            desk.online(&mut self.io);
        }
    }

    /// Requests that take too long fail.
    fn expire(&mut self) {
        for ask in self.io.take_late() {
            self.unanswered(&ask);
        }
    }

    /// Does what can be done now.
    fn pump(&mut self) {
        match &mut self.state {
            State::Start | State::Opening(_) => {}
            State::Resting if self.io.pausing() => {}
            State::Resting => self.open(),
            State::Open(desk) => desk.pump(&mut self.io),
            State::Empty | State::Founding(_) | State::Joining(_) | State::Damaged(_) => {
                self.pump_closed()
            }
        }
    }

    /// The same while no book is open: such commands as can be meant are carried out, others are answered.
    fn pump_closed(&mut self) {
        while !matches!(self.state, State::Open(_))
            && !self.io.writing()
            && let Some((ticket, command)) = self.io.commands.pop_front()
        {
            match command {
                Command::Create {
                    relay,
                    setup_code,
                    ast,
                    label,
                    seeds,
                } => {
                    self.create(
                        ticket,
                        founding::Wish {
                            relay,
                            setup_code,
                            ast,
                            label,
                            seeds,
                        },
                    );
                }
                Command::Join {
                    relay,
                    book,
                    label,
                    seeds,
                } => {
                    self.join(
                        ticket,
                        &joining::Wish {
                            relay,
                            book,
                            label,
                            seeds,
                        },
                    );
                }
                Command::Sync if !matches!(self.state, State::Empty | State::Damaged(_)) => {
                    self.wait(ticket)
                }
                Command::ListJoins
                | Command::Approve { .. }
                | Command::Append { .. }
                | Command::Adopt { .. }
                | Command::HoldKey { .. }
                | Command::Sync
                | Command::Prove
                | Command::OpProof { .. } => {
                    let fault = self.closed();
                    self.io.answer(ticket, Err(fault));
                }
            }
        }
        match &mut self.state {
            State::Founding(founding) => founding.pump(&mut self.io),
            State::Joining(joining) => joining.pump(&mut self.io),
            _ => {}
        }
    }

    fn closed(&self) -> CommandFault {
        match &self.state {
            State::Empty => CommandFault::NoBook,
            State::Damaged(why) => CommandFault::Damaged(why.clone()),
            _ => CommandFault::NotReady,
        }
    }

    fn create(&mut self, ticket: u64, wish: founding::Wish) {
        match &mut self.state {
            State::Founding(founding) => founding.attach(&mut self.io, ticket),
            State::Empty => match Founding::begin(&mut self.io, ticket, wish) {
                Ok(founding) => self.state = State::Founding(Box::new(founding)),
                Err(fault) => self.io.answer(ticket, Err(fault)),
            },
            State::Damaged(why) => self
                .io
                .answer(ticket, Err(CommandFault::Damaged(why.clone()))),
            _ => self.io.answer(ticket, Err(CommandFault::BookExists)),
        }
    }

    fn join(&mut self, ticket: u64, wish: &joining::Wish) {
        match &mut self.state {
            State::Joining(joining) if joining.wishes(&wish.relay, &wish.book) => {
                joining.attach(&mut self.io, ticket)
            }
            State::Joining(_) | State::Empty => match Joining::begin(&mut self.io, ticket, wish) {
                Ok(new) => {
                    if let State::Joining(old) = &mut self.state {
                        old.replaced(&mut self.io);
                    }
                    self.state = State::Joining(Box::new(new));
                }
                Err(fault) => self.io.answer(ticket, Err(fault)),
            },
            State::Damaged(why) => self
                .io
                .answer(ticket, Err(CommandFault::Damaged(why.clone()))),
            _ => self.io.answer(ticket, Err(CommandFault::BookExists)),
        }
    }

    /// An exchange is wanted while a book is made or joined: its end is the end of that.
    fn wait(&mut self, ticket: u64) {
        self.io.try_now(false);
        match &mut self.state {
            State::Founding(founding) => founding.attach(&mut self.io, ticket),
            State::Joining(joining) => joining.attach(&mut self.io, ticket),
            _ => self
                .io
                .answer(ticket, Err(CommandFault::Relay(RelayFault::Unreachable))),
        }
    }
}
