//! A client with a real store and a relay in memory, for tests of what is on the disk.

#![allow(
    dead_code,
    unreachable_pub,
    missing_debug_implementations,
    clippy::result_large_err,
    reason = "each test file uses its own part"
)]

pub mod relay;

use std::collections::VecDeque;

use daybook_client::{
    Client, Command, CommandFault, Config, EdgeInputs, Effect, Input, NewOp, OnRefused, Phase,
    Reply, Seeds, Stored, document_id,
};
use daybook_manifest::value::Value;
use daybook_store::{Store, StoreFault};
use relay::Relay;

/// 2026-01-01T00:00Z.
const START_MS: i64 = 1_767_225_600_000;

/// One device.
pub struct Desk {
    pub client: Client,
    pub store: Store,
    /// What the store said first.
    pub fault: Option<StoreFault>,
    now_ms: i64,
    inbox: VecDeque<Input>,
    answer: Option<Result<Reply, CommandFault>>,
}

impl Desk {
    /// Opens what is stored at a path; nothing is sent without a relay.
    pub fn open(path: &str) -> Result<Self, StoreFault> {
        let store = Store::open(path, None)?;
        let mut desk = Self {
            client: Client::new(Config {
                chance: 7,
                batch: 1_000,
                tail: false,
            }),
            store,
            fault: None,
            now_ms: START_MS,
            inbox: VecDeque::from([Input::Online(false), Input::Start]),
            answer: None,
        };
        desk.settle(None);
        match desk.fault.take() {
            Some(fault) => Err(fault),
            None => Ok(desk),
        }
    }

    pub fn is_open(&self) -> bool {
        self.client.phase() == Phase::Open
    }

    /// Does a command, with the relay if there is one.
    pub fn ask(
        &mut self,
        command: Command,
        relay: Option<&mut Relay>,
    ) -> Result<Reply, CommandFault> {
        self.inbox.push_back(Input::Online(relay.is_some()));
        self.inbox.push_back(Input::Command { ticket: 1, command });
        self.settle(relay);
        self.answer.take().expect("every command is answered")
    }

    pub fn append(&mut self, verb: &str, inputs: Vec<(&str, Value)>) -> [u8; 16] {
        self.now_ms += 1_000;
        let id = new_id(self.now_ms);
        let inputs = inputs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let ops = vec![NewOp {
            verb: verb.to_owned(),
            inputs,
        }];
        let edge = EdgeInputs {
            ids: vec![id],
            today: 20_454,
            now_ms: self.now_ms,
            nonce: [1; 24],
        };
        let done = self.ask(
            Command::Append {
                ops,
                edge,
                refused: OnRefused::Abort,
            },
            None,
        );
        assert!(
            matches!(done, Ok(Reply::Appended { .. })),
            "{verb}: {done:?}"
        );
        id
    }

    fn settle(&mut self, mut relay: Option<&mut Relay>) {
        while let Some(input) = self.inbox.pop_front() {
            self.now_ms += 1;
            for effect in self.client.handle(self.now_ms, input) {
                self.carry_out(effect, relay.as_deref_mut());
            }
        }
    }

    fn carry_out(&mut self, effect: Effect, relay: Option<&mut Relay>) {
        let input = match effect {
            Effect::Persist(batch) => match self.store.apply(&batch) {
                Ok(()) => Input::Persisted { batch: batch.id },
                Err(fault) => Input::PersistFailed {
                    batch: batch.id,
                    why: self.note(fault),
                },
            },
            Effect::Load(request) => Input::Stored(match self.store.load(&request) {
                Ok(stored) => stored,
                Err(fault) => Stored::Failed {
                    why: self.note(fault),
                },
            }),
            Effect::Send(request) => match relay {
                Some(relay) => {
                    let (status, body) = relay.handle(&request, self.now_ms);
                    Input::Answer {
                        request: request.id,
                        status,
                        body,
                    }
                }
                None => Input::Failed {
                    request: request.id,
                },
            },
            Effect::Answer { result, .. } => {
                self.answer = Some(result);
                return;
            }
            Effect::Tail(_) => Input::TailClosed,
            Effect::CloseTail | Effect::Wake { .. } | Effect::Notice(_) => return,
        };
        self.inbox.push_back(input);
    }

    fn note(&mut self, fault: StoreFault) -> String {
        let why = fault.to_string();
        self.fault.get_or_insert(fault);
        why
    }
}

fn new_id(seed: i64) -> [u8; 16] {
    let mut bytes = [7; 16];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    document_id(bytes)
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// A book of so many entries with a position, and three own entries that wait.
pub fn shop(path: &str, entries: u64) -> (Desk, Relay) {
    let source = include_str!("../../../../kernel/manifests/erp.book");
    let ast = daybook_manifest::compile(source)
        .expect("the shipped manifest compiles")
        .bytes;
    let mut relay = Relay::default();
    let mut desk = Desk::open(path).expect("a new book");
    let seeds = Seeds {
        author: [1; 32],
        request: [2; 32],
        sealing: [3; 32],
        root: [4; 32],
        nonce: [5; 32],
    };
    let wish = Command::Create {
        relay: "http://relay.test".into(),
        setup_code: relay::CODE.into(),
        ast,
        label: "T-1".into(),
        seeds,
    };
    desk.ask(wish, Some(&mut relay)).expect("the book is made");
    let party = desk.append(
        "party.new",
        vec![("code", text("ACME")), ("name", Value::None)],
    );
    let item = desk.append(
        "item.new",
        vec![
            ("sku", text("TEA")),
            ("title", text("Tea, 100 g")),
            ("price", Value::Int(450_000)),
            ("tax", Value::Int(70_000)),
            ("incl", Value::Bool(true)),
            ("unit", text("PCS")),
        ],
    );
    let session = desk.append(
        "session.open",
        vec![
            ("till", text("A1")),
            ("currency", text("EUR")),
            ("float", Value::Int(10_000)),
        ],
    );
    sync(&mut desk, &mut relay);
    while desk.client.status().position < entries {
        let nth = i64::try_from(desk.client.status().position).expect("small");
        sell(&mut desk, (session, party, item), nth);
        sync(&mut desk, &mut relay);
    }
    for nth in 0..3 {
        sell(&mut desk, (session, party, item), nth);
    }
    (desk, relay)
}

fn sell(desk: &mut Desk, (session, party, item): ([u8; 16], [u8; 16], [u8; 16]), nth: i64) {
    let line = vec![
        Value::Id(item),
        Value::Int(1_000 + nth),
        Value::Int(450_000),
        Value::Int(0),
        Value::Int(70_000),
        Value::Bool(true),
    ];
    let inputs = vec![
        ("session", Value::Id(session)),
        ("party", Value::Id(party)),
        ("currency", text("EUR")),
        ("lines", Value::List(vec![line])),
        ("tenders", Value::List(Vec::new())),
        ("round", Value::Int(0)),
    ];
    desk.append("sale.commit", inputs);
}

pub fn sync(desk: &mut Desk, relay: &mut Relay) {
    desk.ask(Command::Sync, Some(relay))
        .expect("the exchange ends well");
}
