//! The shell of the client: carries effects out, in order, and holds no rule.

use std::collections::{BTreeMap, VecDeque};
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use daybook_client::limits::ANSWER_BYTES_MAX;
use daybook_client::{
    Client, Command, CommandFault, Config, Effect, Input, Notice, Phase, Reply, Request, Stored,
};
use daybook_store::{Store, StoreFault};

use crate::exit::CliFault;

/// Entries per upload, download and stored page.
const BATCH: u16 = 1_000;

/// A client with its store and its way to the relay.
pub(crate) struct Shell {
    client: Client,
    store: Store,
    agent: ureq::Agent,
    inbox: VecDeque<Input>,
    wake_at: Option<Instant>,
    answers: BTreeMap<u64, Result<Reply, CommandFault>>,
    tickets: u64,
    store_fault: Option<StoreFault>,
    not_let_in: bool,
    watch: Box<dyn FnMut(&Notice)>,
    #[cfg(feature = "falsify")]
    steps: Steps,
}

impl Shell {
    /// Opens the book's database and everything that is stored in it. `network` says whether there is one; `watch` sees
    /// every notice.
    ///
    /// # Errors
    /// The database cannot be opened, or what is in it does not check out.
    pub(crate) fn open(
        database: &Path,
        network: Input,
        watch: Box<dyn FnMut(&Notice)>,
    ) -> Result<Self, CliFault> {
        let path = database
            .to_str()
            .ok_or_else(|| CliFault::Usage("the folder's name is not UTF-8".into()))?;
        let store = Store::open(path, None)?;
        let config = Config {
            chance: u64::from_le_bytes(random()?),
            batch: BATCH,
            tail: false,
        };
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .build()
            .new_agent();
        let mut shell = Self {
            client: Client::new(config),
            store,
            agent,
            inbox: VecDeque::from([network, Input::Start]),
            wake_at: None,
            answers: BTreeMap::new(),
            tickets: 0,
            store_fault: None,
            not_let_in: false,
            watch,
            #[cfg(feature = "falsify")]
            steps: Steps::from_environment(),
        };
        while shell.client.status().phase == Phase::Opening && shell.turn(false)? {}
        shell.check_opened()?;
        Ok(shell)
    }

    fn check_opened(&mut self) -> Result<(), CliFault> {
        if let Some(fault) = self.store_fault.take() {
            return Err(fault.into());
        }
        match self.client.status().phase {
            Phase::Opening => Err(CliFault::Io("the book could not be opened".into())),
            Phase::Damaged => Err(CliFault::Broken(
                "what is stored does not check out; `daybook verify` says where".into(),
            )),
            _ => Ok(()),
        }
    }

    /// The client, to read from.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The store, for reports and checks.
    pub(crate) fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    /// Carries out a command and waits for its answer. With `patience`, gives up waiting after it, or as soon as the relay
    /// says that nobody has let this device in yet.
    ///
    /// # Errors
    /// What the client answered, or what the store could not do.
    pub(crate) fn run(
        &mut self,
        command: Command,
        patience: Option<Duration>,
    ) -> Result<Option<Reply>, CliFault> {
        let until = patience.map(|patience| Instant::now() + patience);
        self.tickets += 1;
        let ticket = self.tickets;
        self.inbox.push_back(Input::Command { ticket, command });
        loop {
            if let Some(answer) = self.answers.remove(&ticket) {
                return match (answer, self.store_fault.take()) {
                    (Ok(reply), _) => Ok(Some(reply)),
                    (Err(CommandFault::Storage(_)), Some(fault)) => Err(fault.into()),
                    (Err(fault), _) => Err(fault.into()),
                };
            }
            if until.is_some_and(|until| self.not_let_in || Instant::now() >= until) {
                return Ok(None);
            }
            if !self.turn(true)? {
                return Err(CliFault::Io(
                    "the client waits for nothing: please report this".into(),
                ));
            }
        }
    }

    /// Like [`Shell::run`] for commands that always come to an end.
    ///
    /// # Errors
    /// As [`Shell::run`].
    pub(crate) fn ask(&mut self, command: Command) -> Result<Reply, CliFault> {
        self.run(command, None)?
            .ok_or_else(|| CliFault::Io("no answer".into()))
    }

    /// Gives the client one input and carries out what follows. False when there is nothing to do and nothing to wait for.
    fn turn(&mut self, may_wait: bool) -> Result<bool, CliFault> {
        let input = match self.inbox.pop_front() {
            Some(input) => input,
            None => match self.wake_at.take() {
                Some(at) if may_wait => {
                    std::thread::sleep(at.saturating_duration_since(Instant::now()));
                    Input::Tick
                }
                _ => return Ok(false),
            },
        };
        for effect in self.client.handle(now_ms()?, input) {
            // Crash point: the process may die before and after every single effect.
            #[cfg(feature = "falsify")]
            self.steps.next();
            self.carry_out(effect);
        }
        Ok(true)
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Persist(batch) => {
                let batch_id = batch.id;
                let input = match self.store.apply(&batch) {
                    Ok(()) => Input::Persisted { batch: batch_id },
                    Err(fault) => Input::PersistFailed {
                        batch: batch_id,
                        why: self.note(fault),
                    },
                };
                self.inbox.push_back(input);
            }
            Effect::Load(request) => {
                let stored = match self.store.load(&request) {
                    Ok(stored) => stored,
                    Err(fault) => Stored::Failed {
                        why: self.note(fault),
                    },
                };
                self.inbox.push_back(Input::Stored(stored));
            }
            Effect::Send(request) => {
                let input = match send(&self.agent, &request) {
                    Some((status, body)) => Input::Answer {
                        request: request.id,
                        status,
                        body,
                    },
                    None => Input::Failed {
                        request: request.id,
                    },
                };
                self.inbox.push_back(input);
            }
            Effect::Tail(_) => self.inbox.push_back(Input::TailClosed),
            Effect::CloseTail => {}
            Effect::Wake { after_ms } => {
                self.wake_at = Some(Instant::now() + Duration::from_millis(after_ms))
            }
            Effect::Answer { ticket, result } => {
                self.answers.insert(ticket, result);
            }
            Effect::Notice(notice) => {
                self.not_let_in |= matches!(notice, Notice::JoinWaiting { .. });
                (self.watch)(&notice);
            }
        }
    }

    /// Keeps the store's own words; the client passes on only their text.
    fn note(&mut self, fault: StoreFault) -> String {
        let why = fault.to_string();
        self.store_fault.get_or_insert(fault);
        why
    }
}

/// Status and body; none when the relay was not reached.
fn send(agent: &ureq::Agent, request: &Request) -> Option<(u16, Vec<u8>)> {
    let mut builder = ureq::http::Request::builder()
        .method(request.method)
        .uri(format!("{}{}", request.base, request.path_and_query));
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let timeout =
        (request.timeout_ms > 0).then(|| Duration::from_millis(request.timeout_ms.into()));
    let answer = match request.body.is_empty() && request.method == "GET" {
        true => agent.run(
            agent
                .configure_request(builder.body(()).ok()?)
                .timeout_global(timeout)
                .build(),
        ),
        false => agent.run(
            agent
                .configure_request(builder.body(request.body.as_slice()).ok()?)
                .timeout_global(timeout)
                .build(),
        ),
    };
    let mut answer = answer.ok()?;
    let mut body = Vec::new();
    let limit = ANSWER_BYTES_MAX as u64 + 1;
    answer
        .body_mut()
        .as_reader()
        .take(limit)
        .read_to_end(&mut body)
        .ok()?;
    Some((answer.status().as_u16(), body))
}

/// Milliseconds since 1970-01-01T00:00Z.
///
/// # Errors
/// This machine's clock stands before 1970.
pub(crate) fn now_ms() -> Result<i64, CliFault> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok());
    millis.ok_or_else(|| CliFault::Io("this machine's clock stands before 1970".into()))
}

/// Fresh random bytes.
///
/// # Errors
/// The machine gives none.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], CliFault> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|fault| CliFault::Io(format!("no random bytes: {fault}")))?;
    Ok(bytes)
}

/// Counts effects so that a test can end the process between any two of them, as a power cut would.
#[cfg(feature = "falsify")]
struct Steps(Option<u64>);

#[cfg(feature = "falsify")]
impl Steps {
    fn from_environment() -> Self {
        Self(
            std::env::var("DAYBOOK_DIE_BEFORE_EFFECT")
                .ok()
                .and_then(|text| text.parse().ok()),
        )
    }

    fn next(&mut self) {
        if let Some(left) = &mut self.0 {
            match left.checked_sub(1) {
                Some(less) => *left = less,
                None => std::process::abort(),
            }
        }
    }
}
