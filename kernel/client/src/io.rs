//! What waits outside: requests under way, the batch on its way to the disk, effects not handed out yet.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;

use daybook_log::request::{Target, sign};
use daybook_log::wire::{MEDIA_TYPE, Problem, WireBody};
use daybook_log::{BookId, EntryId, ManifestId, SecretKey};

use crate::backoff::{Chance, pause_ms};
use crate::clock::Clock;
use crate::effect::{Batch, Effect, LoadRequest, Request};
use crate::identity::authority;
use crate::input::{Command, Config};
use crate::limits::{ANSWER_BYTES_MAX, REQUEST_MS_MAX, WAKE_MS_MAX};
use crate::reply::{CommandFault, Notice, RelayFault, Reply};

/// What a request was for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// The relay's key, to make a book.
    Key,
    /// Make the book.
    Create,
    /// Ask to be let in.
    Join,
    /// How the own join request stands.
    JoinState,
    /// The genesis, once let in.
    Genesis,
    /// Entries after a position.
    Range {
        /// Position before the first.
        after: u64,
    },
    /// Own entries, in order.
    Upload(Vec<EntryId>),
    /// Who asks to be let in.
    Joins {
        /// To be answered.
        ticket: u64,
    },
    /// The same, to let one in.
    Approve {
        /// To be answered.
        ticket: u64,
        /// Whom.
        id: [u8; 32],
    },
    /// A chunk goes up.
    PutChunk,
    /// A chunk comes down.
    GetChunk(ManifestId),
}

/// What is due when a batch is on the disk.
#[derive(Debug)]
pub(crate) enum Then {
    /// The founding entry may be sent.
    Founding,
    /// The founding was given up.
    Unfounded,
    /// The join request may be sent.
    Joining,
    /// Own entries up to this seq may be sent, and their commands answered.
    Own {
        /// The newest.
        seq: u64,
        /// To be answered.
        replies: Vec<(u64, Reply)>,
    },
    /// Entries up to this position are held.
    Ordered {
        /// The newest.
        position: u64,
        /// Up to here with the relay's signature.
        signed: u64,
        /// To be answered.
        replies: Vec<(u64, Reply)>,
    },
}

/// A request to be made.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) ask: Ask,
    pub(crate) base: &'a str,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) body: Vec<u8>,
}

#[derive(Debug)]
struct Outstanding {
    ask: Ask,
    until_ms: i64,
}

/// Everything between the client's state and its shell.
#[derive(Debug)]
pub(crate) struct Io {
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) commands: VecDeque<(u64, Command)>,
    pub(crate) online: bool,
    out: Vec<Effect>,
    chance: Chance,
    skew_ms: i64,
    requests: BTreeMap<u64, Outstanding>,
    next_request: u64,
    failures: u32,
    retry_at_ms: Option<i64>,
    batches: VecDeque<(Batch, Then)>,
    flight: Option<(u64, Then)>,
    next_batch: u64,
    timers: Vec<i64>,
    wake_at_ms: Option<i64>,
}

impl Io {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            config,
            clock: Clock::default(),
            commands: VecDeque::new(),
            online: true,
            out: Vec::new(),
            chance: Chance(config.chance),
            skew_ms: 0,
            requests: BTreeMap::new(),
            next_request: 1,
            failures: 0,
            retry_at_ms: None,
            batches: VecDeque::new(),
            flight: None,
            next_batch: 1,
            timers: Vec::new(),
            wake_at_ms: None,
        }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.passed_ms()
    }

    pub(crate) fn notice(&mut self, notice: Notice) {
        self.out.push(Effect::Notice(notice));
    }

    pub(crate) fn answer(&mut self, ticket: u64, result: Result<Reply, CommandFault>) {
        self.out.push(Effect::Answer { ticket, result });
    }

    pub(crate) fn load(&mut self, request: LoadRequest) {
        self.out.push(Effect::Load(request));
    }

    pub(crate) fn close_tail(&mut self) {
        self.out.push(Effect::CloseTail);
    }

    // --- the disk ---

    /// Queues a batch. One is in flight at a time, so a store never sees the second without the first.
    pub(crate) fn persist(&mut self, mut batch: Batch, then: Then) {
        batch.id = self.next_batch;
        self.next_batch = self.next_batch.saturating_add(1);
        self.batches.push_back((batch, then));
        self.write_next();
    }

    fn write_next(&mut self) {
        if self.flight.is_none()
            && let Some((batch, then)) = self.batches.pop_front()
        {
            self.flight = Some((batch.id, then));
            self.out.push(Effect::Persist(batch));
        }
    }

    /// Whether anything is not on the disk yet.
    pub(crate) fn writing(&self) -> bool {
        self.flight.is_some()
    }

    /// Whether a batch waits behind the one in flight: no more is fetched until it is gone.
    pub(crate) fn crowded(&self) -> bool {
        !self.batches.is_empty()
    }

    /// What is due now that a batch is on the disk; none if it is not the one in flight.
    pub(crate) fn persisted(&mut self, id: u64) -> Option<Then> {
        let (_, then) = self.flight.take_if(|(flight, _)| *flight == id)?;
        self.write_next();
        Some(then)
    }

    /// Whether this batch is the one in flight.
    pub(crate) fn in_flight(&self, id: u64) -> bool {
        self.flight
            .as_ref()
            .is_some_and(|(flight, _)| *flight == id)
    }

    /// Forgets what was to be written and what was asked. Returns the commands that waited for the disk.
    pub(crate) fn forget(&mut self) -> Vec<u64> {
        let flight = self.flight.take().map(|(_, then)| then);
        let queued = core::mem::take(&mut self.batches);
        self.requests.clear();
        let thens = flight
            .into_iter()
            .chain(queued.into_iter().map(|(_, then)| then));
        let replies = thens.flat_map(|then| match then {
            Then::Own { replies, .. } | Then::Ordered { replies, .. } => replies,
            Then::Founding | Then::Unfounded | Then::Joining => Vec::new(),
        });
        let tickets = replies.map(|(ticket, _)| ticket).collect();
        let commands = core::mem::take(&mut self.commands);
        commands
            .into_iter()
            .map(|(ticket, _)| ticket)
            .chain::<Vec<u64>>(tickets)
            .collect()
    }

    // --- the relay ---

    /// Sends a request, signed where a key is given.
    pub(crate) fn send(&mut self, call: Call<'_>, key: Option<&SecretKey>) {
        let until_ms = self.now_ms().saturating_add(i64::from(REQUEST_MS_MAX));
        let ask = call.ask.clone();
        let request = self.request(call, key, REQUEST_MS_MAX);
        self.requests
            .insert(request.id, Outstanding { ask, until_ms });
        self.out.push(Effect::Send(request));
    }

    /// Opens the tail.
    pub(crate) fn tail(&mut self, call: Call<'_>, key: &SecretKey) {
        let mut request = self.request(call, Some(key), 0);
        request.headers.retain(|(name, _)| name != "accept");
        request
            .headers
            .push((String::from("accept"), String::from("text/event-stream")));
        self.out.push(Effect::Tail(request));
    }

    fn request(&mut self, call: Call<'_>, key: Option<&SecretKey>, timeout_ms: u32) -> Request {
        let id = self.next_request;
        self.next_request = self.next_request.saturating_add(1);
        let mut headers = alloc::vec![(String::from("accept"), String::from(MEDIA_TYPE))];
        if !call.body.is_empty() {
            let raw = matches!(call.ask, Ask::PutChunk);
            let media = if raw {
                "application/octet-stream"
            } else {
                MEDIA_TYPE
            };
            headers.push((String::from("content-type"), String::from(media)));
        }
        if let Some(key) = key {
            let target = Target {
                method: call.method,
                authority: authority(call.base).unwrap_or_default(),
                path: &call.path,
                query: &call.query,
                body: &call.body,
            };
            let now_ms = self.clock.wall_ms().saturating_add(self.skew_ms);
            let created_s =
                u64::try_from(now_ms.checked_div(1_000).unwrap_or_default()).unwrap_or_default();
            let nonce = alloc::format!("{:016x}{:016x}", self.chance.next(), id);
            // a target that cannot be signed goes out unsigned and is refused by the relay: no case of ours
            if let Ok(signed) = sign(&target, key, created_s, &nonce) {
                headers.extend(
                    signed
                        .pairs()
                        .map(|(name, value)| (String::from(name), String::from(value))),
                );
            }
        }
        let mut path_and_query = call.path;
        if !call.query.is_empty() {
            path_and_query.push('?');
            path_and_query.push_str(&call.query);
        }
        Request {
            id,
            base: String::from(call.base),
            method: call.method,
            path_and_query,
            headers,
            body: call.body,
            timeout_ms,
        }
    }

    /// What a request was for; none if nobody waits for it any more.
    pub(crate) fn take_ask(&mut self, request: u64) -> Option<Ask> {
        self.requests
            .remove(&request)
            .map(|outstanding| outstanding.ask)
    }

    /// Requests that take too long; they do not come any more.
    pub(crate) fn take_late(&mut self) -> Vec<Ask> {
        let now = self.now_ms();
        let late: Vec<u64> = self
            .requests
            .iter()
            .filter(|(_, waiting)| waiting.until_ms <= now)
            .map(|(id, _)| *id)
            .collect();
        late.into_iter()
            .filter_map(|id| self.take_ask(id))
            .collect()
    }

    /// All requests under way, given up.
    pub(crate) fn take_all(&mut self) -> Vec<Ask> {
        core::mem::take(&mut self.requests)
            .into_values()
            .map(|outstanding| outstanding.ask)
            .collect()
    }

    /// Whether a request of this sort is under way.
    pub(crate) fn asking(&self, sort: impl Fn(&Ask) -> bool) -> bool {
        self.requests
            .values()
            .any(|outstanding| sort(&outstanding.ask))
    }

    /// Makes the next try wait, longer each time.
    pub(crate) fn back_off(&mut self) {
        let pause = pause_ms(self.failures, &mut self.chance);
        self.failures = self.failures.saturating_add(1);
        self.retry_at_ms = Some(self.now_ms().saturating_add(pause));
    }

    /// It works again, or somebody wants it tried now.
    pub(crate) fn try_now(&mut self, worked: bool) {
        if worked {
            self.failures = 0;
        }
        self.retry_at_ms = None;
    }

    /// Whether the pause after a failure is not over.
    pub(crate) fn pausing(&self) -> bool {
        self.retry_at_ms.is_some_and(|at| at > self.now_ms())
    }

    /// Takes the relay's clock for its requests from now on.
    pub(crate) fn set_relay_clock(&mut self, relay_ms: i64) {
        self.skew_ms = relay_ms.saturating_sub(self.clock.wall_ms());
    }

    /// Reads a good answer, or says what is wrong with it.
    pub(crate) fn read<T: WireBody>(
        &mut self,
        status: u16,
        body: &[u8],
        what: &'static str,
    ) -> Result<T, RelayFault> {
        self.read_raw(status, body)
            .and_then(|body| T::from_wire(body).map_err(|_| RelayFault::Malformed { what }))
    }

    /// As [`Io::read`], for an answer that is not of the protocol's types.
    pub(crate) fn read_raw<'a>(
        &mut self,
        status: u16,
        body: &'a [u8],
    ) -> Result<&'a [u8], RelayFault> {
        if body.len() > ANSWER_BYTES_MAX {
            return Err(RelayFault::Malformed { what: "length" });
        }
        if (200..300).contains(&status) {
            return Ok(body);
        }
        let Ok(problem) = Problem::from_wire(body) else {
            let (kind, detail) = (String::new(), String::new());
            return Err(match status {
                429 | 500.. => RelayFault::Busy,
                _ => RelayFault::Problem {
                    status,
                    kind,
                    detail,
                },
            });
        };
        let fault = problem_fault(&problem, status);
        if let RelayFault::Clock { relay_ms } = fault {
            self.set_relay_clock(relay_ms);
        }
        Err(fault)
    }

    // --- waits ---

    /// Something is due at this time (of [`Io::now_ms`]).
    pub(crate) fn timer(&mut self, at_ms: i64) {
        self.timers.push(at_ms);
    }

    /// Effects to hand out, with the next wake-up if it changed.
    pub(crate) fn finish(&mut self) -> Vec<Effect> {
        let now = self.now_ms();
        let waits = self
            .requests
            .values()
            .map(|outstanding| outstanding.until_ms);
        let next = waits
            .chain(core::mem::take(&mut self.timers))
            .chain(self.retry_at_ms.filter(|at| *at > now))
            .min();
        let passed = self.wake_at_ms.is_some_and(|at| at <= now);
        if let Some(at) = next
            && (passed || self.wake_at_ms != next)
        {
            let after_ms = u64::try_from(at.saturating_sub(now).clamp(1, WAKE_MS_MAX)).unwrap_or(1);
            self.out.push(Effect::Wake { after_ms });
        }
        self.wake_at_ms = next;
        core::mem::take(&mut self.out)
    }
}

/// The fault of a problem that the relay tells of.
pub(crate) fn problem_fault(problem: &Problem, status: u16) -> RelayFault {
    match problem.kind.as_str() {
        "clock" if problem.time_ms.is_some() => RelayFault::Clock {
            relay_ms: problem.time_ms.unwrap_or_default(),
        },
        "fork" | "gap" => RelayFault::Head {
            seq: problem.head.map(|head| head.seq.0),
        },
        "seen-unknown" => RelayFault::SeenUnknown,
        "not-admitted" | "not-a-member" => RelayFault::NotAdmitted,
        _ if status == 429 || status >= 500 => RelayFault::Busy,
        kind => RelayFault::Problem {
            status,
            kind: String::from(kind),
            detail: match problem.detail.as_str() {
                "" => problem.title.clone(),
                detail => String::from(detail),
            },
        },
    }
}

/// The book that a set-up code was used for, if that is the problem.
pub(crate) fn code_used(status: u16, body: &[u8]) -> Option<Option<BookId>> {
    let problem = Problem::from_wire(body).ok()?;
    (status == 409 && problem.kind == "setup-code-used").then_some(problem.book)
}
