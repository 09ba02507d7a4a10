//! The loop: inputs in, effects out. One turn lasts at most [`TURN_MS`]; then the event loop has its way, so that a tap is
//! answered while a book of any length is fetched or proved.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use daybook_client::{
    Client, Command, Config, EdgeInputs, Effect, Input, LoadRequest, Notice, Phase, Request, Seeds,
    Stored,
};
use daybook_proto::{
    self as proto, Answer, Ask, Fault, FromWorker, Reply, Rung, StatusView, ToWorker, pack, unpack,
};
use daybook_store::Store;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;

use crate::browser::{self, Turns};
use crate::edge::local_day;
use crate::{convert, disk, net, reads};

/// A tap is answered within this, whatever else goes on.
const TURN_MS: i64 = 8;
/// Entries per page and request: one page is verified and folded well within a turn.
const BATCH: u16 = 64;
/// Screens ask again at most this often.
const CHANGED_MS: i64 = 100;
/// Fresh ids per op: a verb takes one at most, with one to spare.
const IDS_PER_OP: usize = 2;

thread_local! {
    static SHELL: RefCell<Option<Shell>> = const { RefCell::new(None) };
}

struct Shell {
    client: Client,
    store: Store,
    rung: Rung,
    origin: String,
    ast_url: String,
    inputs: VecDeque<Input>,
    turns: Turns,
    asked_for_turn: bool,
    timer: Option<i32>,
    tail: Option<AbortController>,
    /// Tickets of proofs that run, with the time of their beginning.
    proofs: BTreeMap<u64, i64>,
    told: Option<StatusView>,
    changed: bool,
    changed_told_ms: i64,
}

/// Opens the book. `had` is the rung that this device had before, `R1` or nothing; `R3` asks for memory.
///
/// # Errors
/// Why it cannot be opened, for people.
#[wasm_bindgen]
pub async fn start(origin: String, ast_url: String, had: String) -> Result<(), String> {
    let had = match had.as_str() {
        "R1" => Some(Rung::Disk),
        "R3" => Some(Rung::Memory),
        _ => None,
    };
    let (store, rung) = disk::open(had).await?;
    let chance = u64::from_le_bytes(browser::random());
    let shell = Shell {
        client: Client::new(Config {
            chance,
            batch: BATCH,
            tail: true,
        }),
        store,
        rung,
        origin,
        ast_url,
        inputs: VecDeque::from([Input::Start]),
        turns: Turns::new(turn).map_err(|why| browser::said(&why))?,
        asked_for_turn: false,
        timer: None,
        tail: None,
        proofs: BTreeMap::new(),
        told: None,
        changed: false,
        changed_told_ms: 0,
    };
    SHELL.set(Some(shell));
    turn();
    Ok(())
}

/// A frame from the page.
#[wasm_bindgen]
pub fn receive(frame: &[u8]) {
    let Ok(ToWorker { ticket, ask }) = unpack::<ToWorker>(frame) else {
        return tell(&proto::Notice::Broken {
            why: proto::Garbled.to_string(),
        });
    };
    match ask {
        // The manifest is a file of the app: it has to be fetched before there is a book.
        Ask::Create { .. } => with(|shell| {
            let url = shell.ast_url.clone();
            spawn_local(async move {
                match net::file(&url).await {
                    Some(ast) => with(|shell| shell.asked(ticket, ask, &ast)),
                    None => reply(
                        ticket,
                        Err(Fault::Said("the manifest could not be fetched".into())),
                    ),
                }
                turn();
            });
        }),
        ask => with(|shell| shell.asked(ticket, ask, &[])),
    }
    turn();
}

fn with(act: impl FnOnce(&mut Shell)) {
    SHELL.with_borrow_mut(|shell| shell.as_mut().map(act));
}

fn feed(input: Input) {
    with(|shell| shell.inputs.push_back(input));
    turn();
}

/// Takes inputs until there are none or the turn is over.
fn turn() {
    with(|shell| {
        shell.asked_for_turn = false;
        let begun = browser::now_ms();
        while let Some(input) = shell.inputs.pop_front() {
            let effects = shell.client.handle(browser::now_ms(), input);
            for effect in effects {
                shell.carry_out(effect);
            }
            if browser::now_ms() - begun >= TURN_MS {
                break;
            }
        }
        if !shell.inputs.is_empty() {
            shell.ask_for_turn();
        }
        shell.tell_status();
        shell.tell_changed();
    });
}

fn reply(ticket: u64, result: Result<Reply, Fault>) {
    browser::post(&pack(&FromWorker::Answer(Answer { ticket, result })));
}

fn tell(notice: &proto::Notice) {
    browser::post(&pack(&FromWorker::Notice(notice.clone())));
}

impl Shell {
    fn ask_for_turn(&mut self) {
        if !self.asked_for_turn {
            self.asked_for_turn = true;
            self.turns.ask();
        }
    }

    fn asked(&mut self, ticket: u64, ask: Ask, ast: &[u8]) {
        match ask {
            Ask::Network(online) => {
                self.inputs.push_back(Input::Online(online));
                reply(ticket, Ok(Reply::Done));
            }
            Ask::Status => reply(ticket, Ok(Reply::Status(Box::new(self.status())))),
            #[cfg(feature = "falsify")]
            Ask::Tamper => reply(ticket, self.tamper()),
            ask => match convert::command(ask, &self.origin, ast, seeds(), EdgeInputs::default()) {
                Ok(command) => self.command(ticket, command),
                Err(query) => {
                    let nothing = || Fault::Said("no book is open".into());
                    reply(
                        ticket,
                        reads::answer(&self.client, &query).ok_or_else(nothing),
                    );
                }
            },
        }
    }

    fn command(&mut self, ticket: u64, mut command: Command) {
        match &mut command {
            Command::Append { ops, edge, .. } => {
                let clock = browser::clock();
                edge.ids = (0..ops.len() * IDS_PER_OP)
                    .map(|_| daybook_client::document_id(browser::random()))
                    .collect();
                edge.today = local_day(clock);
                edge.now_ms = clock.now_ms;
                edge.nonce = browser::random();
            }
            Command::Prove => {
                self.proofs.insert(ticket, browser::now_ms());
            }
            _ => {}
        }
        self.inputs.push_back(Input::Command { ticket, command });
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Persist(batch) => self.inputs.push_back(match self.store.apply(&batch) {
                Ok(()) => Input::Persisted { batch: batch.id },
                Err(why) => Input::PersistFailed {
                    batch: batch.id,
                    why: why.to_string(),
                },
            }),
            Effect::Load(request) => {
                let stored = self.load(&request);
                self.inputs.push_back(Input::Stored(stored));
            }
            Effect::Send(request) => spawn_local(async move {
                let id = request.id;
                feed(match net::send(&request).await {
                    Some((status, body)) => Input::Answer {
                        request: id,
                        status,
                        body,
                    },
                    None => Input::Failed { request: id },
                });
            }),
            Effect::Tail(request) => self.open_tail(request),
            Effect::CloseTail => self.close_tail(),
            Effect::Wake { after_ms } => {
                self.timer.take().into_iter().for_each(browser::cancel);
                self.timer = browser::after(after_ms, || feed(Input::Tick));
            }
            Effect::Answer { ticket, result } => {
                let took_ms = self
                    .proofs
                    .remove(&ticket)
                    .map_or(0, |begun| browser::now_ms() - begun);
                let manifest = self.client.view().and_then(|view| view.manifest());
                let took_ms = u64::try_from(took_ms).unwrap_or(0);
                reply(
                    ticket,
                    result
                        .map(|done| convert::reply(done, manifest, took_ms))
                        .map_err(convert::fault),
                );
            }
            Effect::Notice(notice) => {
                self.changed |= matches!(notice, Notice::Changed | Notice::Phase(Phase::Open));
                if let Some(notice) = convert::notice_stops(&notice) {
                    tell(&notice);
                }
            }
        }
    }

    fn load(&mut self, request: &LoadRequest) -> Stored {
        self.store
            .load(request)
            .unwrap_or_else(|why| Stored::Failed {
                why: why.to_string(),
            })
    }

    fn open_tail(&mut self, request: Request) {
        self.close_tail();
        let Ok(abort) = AbortController::new() else {
            return;
        };
        self.tail = Some(abort.clone());
        spawn_local(async move {
            // What comes of a tail that was replaced is of no interest: the client has asked for another.
            let live = || !abort.signal().aborted();
            net::tail(&request, &abort, |position| {
                if live() {
                    feed(Input::Tail { position });
                }
            })
            .await;
            if live() {
                feed(Input::TailClosed);
            }
        });
    }

    fn close_tail(&mut self) {
        if let Some(abort) = self.tail.take() {
            abort.abort();
        }
    }

    fn status(&self) -> StatusView {
        convert::status(self.client.status(), self.rung, browser::memory())
    }

    fn tell_status(&mut self) {
        let status = self.status();
        if self.told.as_ref() != Some(&status) {
            tell(&proto::Notice::Status(Box::new(status.clone())));
            self.told = Some(status);
        }
    }

    /// Screens ask again when the books changed, but not for every page of a long catch-up.
    fn tell_changed(&mut self) {
        let now = browser::now_ms();
        if !self.changed {
            return;
        }
        let wait = self.changed_told_ms + CHANGED_MS - now;
        if (1..=CHANGED_MS).contains(&wait) {
            browser::after(u64::try_from(wait).unwrap_or(0), turn);
            return;
        }
        (self.changed, self.changed_told_ms) = (false, now);
        tell(&proto::Notice::Changed);
    }
}

fn seeds() -> Seeds {
    Seeds {
        author: browser::random(),
        request: browser::random(),
        sealing: browser::random(),
        root: browser::random(),
        nonce: browser::random(),
    }
}

#[cfg(feature = "falsify")]
impl Shell {
    /// Adds one minor unit to the first stored posting, behind the kernel's back.
    fn tamper(&mut self) -> Result<Reply, Fault> {
        let said = |why: &str| Fault::Said(why.to_owned());
        let mut after = None;
        loop {
            let page = self.store.load(&LoadRequest::Rows { after, limit: 500 });
            let Ok(Stored::Rows { rows, end, .. }) = page else {
                return Err(said("the store could not be read"));
            };
            let manifest = self
                .client
                .view()
                .and_then(|view| view.manifest())
                .ok_or_else(|| said("no book is open"))?;
            if let Some((key, value)) = rows
                .iter()
                .find_map(|(key, value)| Some((key, planted(manifest, key, value)?)))
            {
                self.store
                    .plant(key, &value)
                    .map_err(|why| said(&why.to_string()))?;
                return Ok(Reply::Done);
            }
            after = rows.last().map(|(key, _)| key.clone());
            if end {
                return Err(said("nothing is booked"));
            }
        }
    }
}

/// The value of a stored posting with one minor unit more; none for other rows.
#[cfg(feature = "falsify")]
fn planted(
    manifest: &daybook_manifest::ast::Manifest,
    key: &[u8],
    value: &[u8],
) -> Option<Vec<u8>> {
    let row = daybook_fold::rowform::decode_row(manifest, key, value)?;
    let (date, rest) = value.split_first_chunk::<4>()?;
    let (amount, rest) = rest.split_first_chunk::<8>()?;
    let more = i64::from_le_bytes(*amount) + 1;
    (row.table == "posting").then(|| [date.as_slice(), &more.to_le_bytes(), rest].concat())
}
