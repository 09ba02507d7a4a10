//! A world in one seed: devices with stores, a relay, and a network that drops, doubles, delays and reorders; devices
//! crash between any two effects.

mod check;
pub(crate) mod relay;
mod spoil;
pub(crate) mod store;

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use daybook_client::{
    Client, Command, CommandFault, Config, EdgeInputs, Effect, Input, NewOp, Notice, OnRefused,
    Reply, Request, Seeds, document_id,
};
use daybook_log::wire::{Append, WireBody};
use daybook_log::{Entry, EntryId};
use daybook_manifest::value::Value;

use relay::Relay;
use store::Store;

pub(crate) const BASE: &str = "http://relay.test:8080";

pub(crate) fn shelf() -> Vec<u8> {
    daybook_manifest::compile(include_str!("shelf.book"))
        .expect("the test manifest compiles")
        .bytes
}

/// Chance from a seed.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.roll() % n
    }

    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.roll().to_le_bytes()[0])
    }
}

/// How bad the world is, in percent, and which faults are planted to see that the checks find them.
#[derive(Clone, Copy, Default)]
pub(crate) struct Weather {
    pub(crate) drop: u64,
    pub(crate) double: u64,
    pub(crate) crash: u64,
    pub(crate) disk_fault: u64,
    /// Answers that are spoilt on the way.
    pub(crate) spoil: u64,
    /// Falsifier: answers are forged so that they fit together.
    pub(crate) forge: bool,
    /// Falsifier: the store says "persisted" and writes nothing.
    pub(crate) lying_store: bool,
}

pub(crate) struct Device {
    pub(crate) client: Client,
    pub(crate) store: Store,
    pub(crate) config: Config,
    /// Inputs of a life before the last crash do not arrive.
    pub(crate) life: u32,
    pub(crate) answers: BTreeMap<u64, Result<Reply, CommandFault>>,
    pub(crate) notices: Vec<Notice>,
    /// Entries that a command was told are safe.
    pub(crate) told: BTreeSet<EntryId>,
}

enum Event {
    Input(usize, u32, Box<Input>),
    Arrive(usize, u32, Box<Request>),
}

pub(crate) struct World {
    pub(crate) dice: Dice,
    pub(crate) weather: Weather,
    pub(crate) relay: Relay,
    pub(crate) devices: Vec<Device>,
    pub(crate) now: i64,
    /// Every own entry that was ever given to a store.
    pub(crate) signed: BTreeSet<EntryId>,
    /// Requests that were sent.
    pub(crate) sent: u64,
    /// Answers that were spoilt.
    pub(crate) spoilt: u64,
    pub(crate) earlier: Vec<Vec<u8>>,
    /// The founder's author seed, for tests that sign past its client.
    pub(crate) author_seed: Option<[u8; 32]>,
    /// What the checks found.
    pub(crate) faults: Vec<String>,
    queue: BinaryHeap<std::cmp::Reverse<(i64, u64)>>,
    events: BTreeMap<u64, Event>,
    next_event: u64,
    next_ticket: u64,
}

impl World {
    pub(crate) fn new(seed: u64, batches: &[u16], weather: Weather) -> Self {
        let mut world = Self {
            dice: Dice(seed),
            weather,
            relay: Relay::default(),
            devices: Vec::new(),
            now: 1_790_000_000_000,
            signed: BTreeSet::new(),
            sent: 0,
            spoilt: 0,
            earlier: Vec::new(),
            author_seed: None,
            faults: Vec::new(),
            queue: BinaryHeap::new(),
            events: BTreeMap::new(),
            next_event: 0,
            next_ticket: 1,
        };
        for (index, batch) in batches.iter().enumerate() {
            let config = Config {
                chance: seed ^ (index as u64),
                batch: *batch,
                tail: true,
            };
            world.devices.push(Device {
                client: Client::new(config),
                store: Store::default(),
                config,
                life: 0,
                answers: BTreeMap::new(),
                notices: Vec::new(),
                told: BTreeSet::new(),
            });
            world.input(index, Input::Start);
        }
        world
    }

    fn at(&mut self, after: i64, event: Event) {
        self.next_event += 1;
        self.events.insert(self.next_event, event);
        self.queue
            .push(std::cmp::Reverse((self.now + after, self.next_event)));
    }

    /// Gives an input now, and carries out what follows.
    pub(crate) fn input(&mut self, device: usize, input: Input) {
        let effects = self.devices[device].client.handle(self.now, input);
        let mut effects = effects.into_iter();
        while let Some(effect) = effects.next() {
            if self.dice.percent(self.weather.crash) && self.dice.percent(10) {
                drop(effects);
                return self.crash(device);
            }
            self.carry_out(device, effect);
        }
        self.check_badges(device);
    }

    /// The device dies between two effects and comes back with what is on its disk.
    pub(crate) fn crash(&mut self, index: usize) {
        let device = &mut self.devices[index];
        device.life += 1;
        device.config.chance ^= u64::from(device.life) << 32;
        device.client = Client::new(device.config);
        self.input(index, Input::Start);
    }

    fn carry_out(&mut self, index: usize, effect: Effect) {
        let (weather, life) = (self.weather, self.devices[index].life);
        let later = |input: Input| Event::Input(index, life, Box::new(input));
        match effect {
            Effect::Persist(batch) => {
                self.signed
                    .extend(batch.outbox_in.iter().map(|item| item.id));
                let id = batch.id;
                if self.dice.percent(weather.disk_fault) {
                    if self.dice.percent(50) {
                        self.devices[index].store.apply(&batch);
                    }
                    return self.at(
                        1,
                        later(Input::PersistFailed {
                            batch: id,
                            why: "disk".into(),
                        }),
                    );
                }
                if !weather.lying_store {
                    self.devices[index].store.apply(&batch);
                }
                self.at(1, later(Input::Persisted { batch: id }));
            }
            Effect::Load(request) => {
                let stored = self.devices[index].store.load(&request);
                self.at(0, later(Input::Stored(stored)));
            }
            Effect::Send(request) => self.send(index, request),
            Effect::Tail(_) => self.at(1, later(Input::TailClosed)),
            Effect::CloseTail => {}
            Effect::Wake { after_ms } => self.at(after_ms as i64, later(Input::Tick)),
            Effect::Answer { ticket, result } => {
                if let Ok(Reply::Appended { entries, .. }) = &result {
                    self.devices[index].told.extend(entries);
                    for id in entries {
                        if !self.devices[index].store.holds(id) {
                            self.faults
                                .push(format!("told of {id:?} before it was on the disk"));
                        }
                    }
                }
                assert!(
                    self.devices[index].answers.insert(ticket, result).is_none(),
                    "one answer for each command"
                );
            }
            Effect::Notice(notice) => self.devices[index].notices.push(notice),
        }
    }

    fn send(&mut self, index: usize, request: Request) {
        if let ("POST", Ok(append)) = (request.method, Append::from_wire(&request.body))
            && request.path_and_query.ends_with("/entries")
        {
            for bytes in append.entries {
                let id = Entry::decode(&bytes).expect("own entries decode").id();
                if !self.devices[index].store.holds(&id) {
                    self.faults
                        .push(format!("sent {id:?} before it was on the disk"));
                }
            }
        }
        self.sent += 1;
        let life = self.devices[index].life;
        if self.dice.percent(self.weather.drop) {
            if self.dice.percent(50) {
                let failed = Input::Failed {
                    request: request.id,
                };
                self.at(50, Event::Input(index, life, Box::new(failed)));
            }
            return;
        }
        let copies = if self.dice.percent(self.weather.double) {
            2
        } else {
            1
        };
        for _ in 0..copies {
            let delay = self.dice.below(40) as i64;
            self.at(delay, Event::Arrive(index, life, Box::new(request.clone())));
        }
    }

    fn arrive(&mut self, index: usize, life: u32, request: &Request) {
        let (mut status, mut body) = self.relay.handle(request, self.now);
        if self.weather.forge {
            spoil::forge(&mut body);
        }
        if self.dice.percent(self.weather.spoil) {
            self.spoilt += 1;
            spoil::spoil(&mut self.dice, &mut status, &mut body, &mut self.earlier);
        }
        if self.dice.percent(self.weather.drop) {
            return;
        }
        let copies = if self.dice.percent(self.weather.double) {
            2
        } else {
            1
        };
        for _ in 0..copies {
            let delay = self.dice.below(60) as i64;
            let input = Input::Answer {
                request: request.id,
                status,
                body: body.clone(),
            };
            self.at(delay, Event::Input(index, life, Box::new(input)));
        }
    }

    /// The next thing happens; false when nothing is due any more.
    pub(crate) fn step(&mut self) -> bool {
        let Some(std::cmp::Reverse((at, id))) = self.queue.pop() else {
            return false;
        };
        self.now = self.now.max(at);
        match self.events.remove(&id) {
            Some(Event::Input(index, life, input)) if self.devices[index].life == life => {
                self.input(index, *input)
            }
            Some(Event::Arrive(index, life, request)) => self.arrive(index, life, &request),
            _ => {}
        }
        true
    }

    /// Lets things happen for so many milliseconds.
    pub(crate) fn run(&mut self, ms: i64) {
        let until = self.now + ms;
        while self.queue.peek().is_some_and(|next| next.0.0 <= until) {
            self.step();
        }
        self.now = until;
    }

    pub(crate) fn command(&mut self, index: usize, command: Command) -> u64 {
        self.next_ticket += 1;
        let ticket = self.next_ticket;
        self.input(index, Input::Command { ticket, command });
        ticket
    }

    /// Commands until it is done: a command may be answered with a fault, or die with its device.
    pub(crate) fn insist(
        &mut self,
        index: usize,
        command: impl Fn(&mut World) -> Command,
    ) -> Reply {
        let mut last = None;
        for _ in 0..2_000 {
            let command = command(self);
            let ticket = self.command(index, command);
            for _ in 0..200 {
                self.run(100);
                match self.devices[index].answers.get(&ticket) {
                    Some(Ok(reply)) => return reply.clone(),
                    Some(Err(fault)) => {
                        last = Some(fault.clone());
                        break;
                    }
                    None => {}
                }
            }
        }
        panic!(
            "device {index} never gets done: {last:?} {:?}",
            self.devices[index].client.status()
        );
    }

    pub(crate) fn seeds(&mut self) -> Seeds {
        Seeds {
            author: self.dice.bytes(),
            request: self.dice.bytes(),
            sealing: self.dice.bytes(),
            root: self.dice.bytes(),
            nonce: self.dice.bytes(),
        }
    }

    /// Device 0 makes a book; the others join it.
    pub(crate) fn set_up(&mut self) {
        let ast = shelf();
        self.make(&ast);
        for index in 1..self.devices.len() {
            self.let_in(index);
        }
    }

    pub(crate) fn make(&mut self, ast: &[u8]) {
        let mut seeds = self.seeds();
        seeds.author = self.author_seed.unwrap_or(seeds.author);
        loop {
            let phase = self.devices[0].client.phase();
            if phase == daybook_client::Phase::Open {
                return;
            }
            let ast = ast.to_vec();
            let create = Command::Create {
                relay: BASE.into(),
                setup_code: relay::CODE.into(),
                ast,
                label: "DEV-0".into(),
                seeds: seeds.clone(),
            };
            self.command(0, create);
            self.run(3_000);
        }
    }

    pub(crate) fn let_in(&mut self, index: usize) {
        let seeds = self.seeds();
        for _ in 0..2_000 {
            if self.devices[index].client.phase() == daybook_client::Phase::Open {
                return;
            }
            let book = self
                .relay
                .kept
                .as_ref()
                .expect("the book exists")
                .log
                .book();
            let label = format!("DEV-{index}");
            self.command(
                index,
                Command::Join {
                    relay: BASE.into(),
                    book,
                    label,
                    seeds: seeds.clone(),
                },
            );
            self.run(2_000);
            let ticket = self.command(0, Command::ListJoins);
            self.run(1_000);
            if let Some(Ok(Reply::Joins(asked))) = self.devices[0].answers.get(&ticket).cloned() {
                for join in asked {
                    self.command(0, Command::Approve { id: join.id });
                }
            }
            self.run(1_000);
        }
        panic!("device {index} is never let in");
    }

    pub(crate) fn fill_op(&mut self) -> NewOp {
        let kind = ["A", "B", "C"][self.dice.below(3) as usize];
        let amount = self.dice.below(10_000) as i64 + 1;
        let inputs = vec![
            ("kind".into(), Value::Text(kind.into())),
            ("currency".into(), Value::Text("EUR".into())),
            ("amount".into(), Value::Int(amount)),
        ];
        NewOp {
            verb: "jar.fill".into(),
            inputs,
        }
    }

    pub(crate) fn edge(&mut self, ids: usize) -> EdgeInputs {
        let ids = (0..ids).map(|_| document_id(self.dice.bytes())).collect();
        EdgeInputs {
            ids,
            today: 20_700,
            now_ms: self.now,
            nonce: self.dice.bytes(),
        }
    }

    /// Fills a few jars on a device: what comes of it shows later.
    pub(crate) fn fill(&mut self, index: usize) -> u64 {
        let count = self.dice.below(4) as usize + 1;
        let ops = (0..count).map(|_| self.fill_op()).collect();
        let edge = self.edge(count);
        self.command(
            index,
            Command::Append {
                ops,
                edge,
                refused: OnRefused::Abort,
            },
        )
    }

    /// Good weather until everybody has everything.
    pub(crate) fn calm(&mut self) {
        self.weather = Weather {
            lying_store: self.weather.lying_store,
            ..Weather::default()
        };
        self.run(120_000);
        for _ in 0..2 {
            for index in 0..self.devices.len() {
                self.insist(index, |_| Command::Sync);
            }
        }
        self.run(5_000);
    }
}
