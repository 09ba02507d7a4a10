//! A relay in memory for one book: it places entries by the same judge as the real one, and trusts who asks.

use std::collections::BTreeMap;

use daybook_client::Request;
use daybook_log::checkpoint::{Checkpoint, Origin, SignedCheckpoint};
use daybook_log::control::chunk_id;
use daybook_log::tree::{Frontier, TreeHash};
use daybook_log::wire::{
    Answer, Append, Appended, CreateBook, Created, Item, KeyInfo, Problem, Range, TipInfo, WireBody,
};
use daybook_log::{BookLog, Entry, EntryId, Genesis, Position, RelayEpoch, SecretKey, Tips};

pub const CODE: &str = "open-sesame";

fn relay_secret() -> SecretKey {
    SecretKey::from_seed([9; 32])
}

#[derive(Default)]
pub struct Relay(Option<Kept>);

struct Kept {
    log: BookLog,
    tips: Tips,
    items: Vec<Item>,
    places: BTreeMap<EntryId, usize>,
    chunks: BTreeMap<String, Vec<u8>>,
}

impl Relay {
    /// Status and body.
    pub fn handle(&mut self, request: &Request, now_ms: i64) -> (u16, Vec<u8>) {
        let answer = self.route(request, now_ms);
        answer.map_or_else(
            || (404, problem(404, "not-found").to_wire()),
            |body| (200, body),
        )
    }

    fn route(&mut self, request: &Request, now_ms: i64) -> Option<Vec<u8>> {
        let (path, query) = request
            .path_and_query
            .split_once('?')
            .unwrap_or((&request.path_and_query, ""));
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').skip(1).collect();
        match (request.method, parts.as_slice()) {
            ("GET", ["key"]) => {
                let relay_key = relay_secret().public();
                Some(
                    KeyInfo {
                        relay_key,
                        epoch: RelayEpoch(0),
                        time_ms: now_ms,
                    }
                    .to_wire(),
                )
            }
            ("POST", ["books"]) => self.create(&request.body, now_ms),
            (method, ["books", _, rest @ ..]) => {
                self.0
                    .as_mut()?
                    .member(method, rest, (query, &request.body), now_ms)
            }
            _ => None,
        }
    }

    fn create(&mut self, body: &[u8], now_ms: i64) -> Option<Vec<u8>> {
        let create = CreateBook::from_wire(body)
            .ok()
            .filter(|create| create.setup_code == CODE)?;
        let log = BookLog::found(&Genesis::decode(&create.genesis).ok()?).ok()?;
        let chunks = create
            .chunks
            .into_iter()
            .map(|chunk| (chunk_id(&chunk).to_string(), chunk))
            .collect();
        let tips = Tips::new(log.book());
        let kept = self.0.insert(Kept {
            log,
            tips,
            items: Vec::new(),
            places: BTreeMap::new(),
            chunks,
        });
        match kept.place(&create.founding, now_ms) {
            Answer::Placed { record, .. } => Some(
                Created {
                    book: kept.log.book(),
                    record,
                }
                .to_wire(),
            ),
            Answer::Rejected(_) => None,
        }
    }
}

impl Kept {
    fn member(
        &mut self,
        method: &str,
        rest: &[&str],
        (query, body): (&str, &[u8]),
        now_ms: i64,
    ) -> Option<Vec<u8>> {
        match (method, rest) {
            ("PUT", ["chunks", id]) => {
                self.chunks.insert((*id).to_owned(), body.to_vec());
                Some(Vec::new())
            }
            ("GET", ["chunks", id]) => self.chunks.get(*id).cloned(),
            ("GET", ["tip"]) => Some(self.head().to_wire()),
            ("GET", ["entries"]) => {
                let number = |name: &str| {
                    query
                        .split('&')
                        .find_map(|pair| pair.strip_prefix(name))?
                        .parse::<usize>()
                        .ok()
                };
                let items = self
                    .items
                    .iter()
                    .skip(number("from=")? - 1)
                    .take(number("limit=")?)
                    .cloned()
                    .collect();
                Some(
                    Range {
                        items,
                        head: self.head(),
                        checkpoint: self.checkpoint(),
                    }
                    .to_wire(),
                )
            }
            ("POST", ["entries"]) => {
                let append = Append::from_wire(body).ok()?;
                let answers = append
                    .entries
                    .iter()
                    .map(|bytes| self.place(bytes, now_ms))
                    .collect();
                Some(Appended { answers }.to_wire())
            }
            _ => None,
        }
    }

    fn head(&self) -> TipInfo {
        TipInfo {
            epoch: self.log.epoch(),
            position: self.log.position(),
            tip: self.log.tip(),
        }
    }

    /// Over all records.
    fn checkpoint(&self) -> Vec<u8> {
        let mut tree = Frontier::new();
        for item in &self.items {
            tree.append(TreeHash::leaf(&item.record));
        }
        let origin = Origin {
            book: self.log.book(),
            epoch: self.log.epoch(),
        };
        let checkpoint = Checkpoint::of(origin, &tree);
        let signed = SignedCheckpoint::sign(checkpoint, &relay_secret());
        signed.expect("a checkpoint").bytes()
    }

    fn place(&mut self, bytes: &[u8], now_ms: i64) -> Answer {
        let Ok(entry) = Entry::decode(bytes) else {
            return Answer::Rejected(problem(422, "malformed"));
        };
        let id = entry.id();
        if let Some(place) = self.places.get(&id) {
            return Answer::Placed {
                record: self.items[*place].record.clone(),
                duplicate: true,
            };
        }
        let Self { log, tips, .. } = self;
        let tip_at = |position: Position| tips.at(position);
        let Ok(key) = log.check(&entry, &tip_at) else {
            return Answer::Rejected(problem(409, "gap"));
        };
        let record = log.next_record(&entry, now_ms);
        let Ok(entry) = entry.verify(&key) else {
            return Answer::Rejected(problem(422, "bad-signature"));
        };
        let ordered = log.place(&record, entry, &tip_at).expect("it was checked");
        tips.push(ordered.tip);
        self.places.insert(id, self.items.len());
        let record = record.encode().to_vec();
        self.items.push(Item {
            record: record.clone(),
            entry: bytes.to_vec(),
        });
        Answer::Placed {
            record,
            duplicate: false,
        }
    }
}

fn problem(status: u16, kind: &str) -> Problem {
    Problem {
        kind: kind.into(),
        status,
        title: kind.into(),
        detail: String::new(),
        book: None,
        head: None,
        position: None,
        time_ms: None,
        retry_after_s: None,
    }
}
