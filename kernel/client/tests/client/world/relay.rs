//! A relay in memory, built on the same judge as the real one. It knows no verb.

use std::collections::BTreeMap;

use daybook_client::Request;
use daybook_log::checkpoint::{Checkpoint, Origin, SignedCheckpoint};
use daybook_log::control::chunk_id;
use daybook_log::keys::AdmittedKey;
use daybook_log::request::{CONTENT_DIGEST, Claim, SIGNATURE, SIGNATURE_INPUT, Target};
use daybook_log::tree::{Frontier, TreeHash};
use daybook_log::wire::{
    Answer, Append, Appended, CreateBook, Created, HeadInfo, Item, JoinAsked, JoinRequest,
    JoinState, JoinTicket, KeyInfo, Problem, Range, TipInfo, WireBody,
};
use daybook_log::{
    BookLog, ChunkId, Draft, Entry, EntryId, Genesis, Position, PublicKey, Reject, RelayEpoch,
    SecretKey, Tips,
};

use super::spoil::later;

pub(crate) const CODE: &str = "open-sesame";

/// The seed of the key that the genesis names.
pub(crate) const SIGNER: [u8; 32] = [9; 32];

/// A book on the relay.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) log: BookLog,
    pub(crate) tips: Tips,
    pub(crate) items: Vec<Item>,
    /// Records as they were placed, whatever is done to `items` since.
    pub(crate) records: Vec<Vec<u8>>,
    pub(crate) places: BTreeMap<EntryId, usize>,
    pub(crate) genesis: Vec<u8>,
    chunks: BTreeMap<ChunkId, Vec<u8>>,
    joins: BTreeMap<[u8; 32], (JoinRequest, i64)>,
    /// The seed of the key that signs checkpoints.
    pub(crate) signer: [u8; 32],
    /// It gives the last record another time to whoever asks, and signs that.
    pub(crate) lies: bool,
}

#[derive(Clone, Default)]
pub(crate) struct Relay {
    /// How far its clock is off.
    pub(crate) skew_ms: i64,
    pub(crate) kept: Option<Kept>,
    admitted: BTreeMap<PublicKey, AdmittedKey>,
    /// Requests that were answered.
    pub(crate) served: u64,
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

type Reply = Result<Vec<u8>, Problem>;

impl Relay {
    pub(crate) fn handle(&mut self, request: &Request, now_ms: i64) -> (u16, Vec<u8>) {
        self.served += 1;
        let now_ms = now_ms + self.skew_ms;
        match self.route(request, now_ms) {
            Ok(body) => (200, body),
            Err(problem) => (problem.status, problem.to_wire()),
        }
    }

    fn route(&mut self, request: &Request, now_ms: i64) -> Reply {
        let (path, query) = request
            .path_and_query
            .split_once('?')
            .unwrap_or((&request.path_and_query, ""));
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        if let ("GET", ["v1", "key"]) = (request.method, parts.as_slice()) {
            let relay_key = SecretKey::from_seed(SIGNER).public();
            return Ok(KeyInfo {
                relay_key,
                epoch: RelayEpoch(0),
                time_ms: now_ms,
            }
            .to_wire());
        }
        let key = self.signer(request, path, query, now_ms)?;
        match (request.method, parts.as_slice()) {
            ("POST", ["v1", "books"]) => self.create(&request.body, now_ms),
            ("POST", ["v1", "books", _, "join-requests"]) => self.join(&request.body, now_ms),
            ("GET", ["v1", "books", _, "join-requests", _]) => self.join_state(&key),
            (method, ["v1", "books", book, rest @ ..]) => {
                let kept = self
                    .kept
                    .as_mut()
                    .ok_or_else(|| problem(404, "book-unknown"))?;
                if kept.log.book().to_string() != *book {
                    return Err(problem(404, "book-unknown"));
                }
                if kept.log.member_by_request_key(&key).is_none() {
                    return Err(problem(403, "not-a-member"));
                }
                kept.member(method, rest, (query, &request.body), now_ms)
            }
            _ => Err(problem(404, "not-found")),
        }
    }

    fn signer(
        &mut self,
        request: &Request,
        path: &str,
        query: &str,
        now_ms: i64,
    ) -> Result<PublicKey, Problem> {
        let header = |name: &str| {
            request
                .headers
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        let claim = Claim::parse(
            header(SIGNATURE_INPUT),
            header(SIGNATURE),
            header(CONTENT_DIGEST),
        )
        .map_err(|_| problem(401, "unsigned"))?;
        if let std::collections::btree_map::Entry::Vacant(place) = self.admitted.entry(claim.key) {
            let key = AdmittedKey::admit(claim.key);
            place.insert(key.map_err(|_| problem(401, "bad-request-signature"))?);
        }
        let key = &self.admitted[&claim.key];
        let authority = request.base.split_once("//").map_or("", |(_, rest)| rest);
        let target = Target {
            method: request.method,
            authority,
            path,
            query,
            body: &request.body,
        };
        claim
            .verify(&target, key, now_ms)
            .map_err(|why| match why {
                daybook_log::request::RequestFault::Clock { .. } => Problem {
                    time_ms: Some(now_ms),
                    ..problem(401, "clock")
                },
                _ => problem(401, "bad-request-signature"),
            })?;
        Ok(claim.key)
    }

    fn create(&mut self, body: &[u8], now_ms: i64) -> Reply {
        let create = CreateBook::from_wire(body).map_err(|_| problem(400, "malformed"))?;
        if create.setup_code != CODE {
            return Err(problem(403, "setup-code-unknown"));
        }
        if let Some(kept) = &self.kept {
            if kept.genesis != create.genesis {
                return Err(Problem {
                    book: Some(kept.log.book()),
                    ..problem(409, "setup-code-used")
                });
            }
            return Ok(Created {
                book: kept.log.book(),
                record: kept.items[0].record.clone(),
            }
            .to_wire());
        }
        let genesis = Genesis::decode(&create.genesis).map_err(|_| problem(400, "malformed"))?;
        if genesis.relay_key != SecretKey::from_seed(SIGNER).public() {
            return Err(problem(422, "relay-key"));
        }
        let log = BookLog::found(&genesis).map_err(|_| problem(400, "malformed"))?;
        let mut kept = Kept {
            tips: Tips::new(log.book()),
            log,
            items: Vec::new(),
            records: Vec::new(),
            places: BTreeMap::new(),
            genesis: create.genesis,
            chunks: create
                .chunks
                .into_iter()
                .map(|chunk| (chunk_id(&chunk), chunk))
                .collect(),
            joins: BTreeMap::new(),
            signer: SIGNER,
            lies: false,
        };
        let answer = kept.place(&create.founding, now_ms);
        let Answer::Placed { record, .. } = answer else {
            return Err(problem(400, "malformed"));
        };
        let created = Created {
            book: kept.log.book(),
            record,
        };
        self.kept = Some(kept);
        Ok(created.to_wire())
    }

    fn join(&mut self, body: &[u8], now_ms: i64) -> Reply {
        let kept = self
            .kept
            .as_mut()
            .ok_or_else(|| problem(404, "book-unknown"))?;
        let request = JoinRequest::from_wire(body).map_err(|_| problem(400, "malformed"))?;
        let id = request.id(&kept.log.book());
        kept.joins.entry(id.0).or_insert((request, now_ms));
        Ok(JoinTicket { id }.to_wire())
    }

    fn join_state(&mut self, key: &PublicKey) -> Reply {
        let kept = self
            .kept
            .as_ref()
            .ok_or_else(|| problem(404, "book-unknown"))?;
        let member = kept.log.member_by_request_key(key).is_some();
        Ok(if member {
            JoinState::Admitted
        } else {
            JoinState::Waiting
        }
        .to_wire())
    }
}

impl Kept {
    fn member(
        &mut self,
        method: &str,
        rest: &[&str],
        (query, body): (&str, &[u8]),
        now_ms: i64,
    ) -> Reply {
        match (method, rest) {
            ("GET", ["genesis"]) => Ok(self.genesis.clone()),
            ("GET", ["join-requests"]) => {
                let log = &self.log;
                let open = self.joins.iter().filter(|(_, (asked, _))| {
                    log.member_by_request_key(&asked.request_key).is_none()
                });
                let asked = open.map(|(id, (request, at))| JoinAsked {
                    id: daybook_log::wire::JoinId(*id),
                    request: request.clone(),
                    asked_at_ms: *at,
                });
                Ok(asked.collect::<Vec<_>>().to_wire())
            }
            ("PUT", ["chunks", _]) => {
                self.chunks.insert(chunk_id(body), body.to_vec());
                Ok(Vec::new())
            }
            ("GET", ["chunks", id]) => {
                let id: ChunkId = id.parse().map_err(|_| problem(400, "malformed"))?;
                self.chunks
                    .get(&id)
                    .cloned()
                    .ok_or_else(|| problem(404, "not-found"))
            }
            ("GET", ["entries"]) => Ok(self.range(query)),
            ("POST", ["entries"]) => {
                let append = Append::from_wire(body).map_err(|_| problem(400, "malformed"))?;
                let answers = append
                    .entries
                    .iter()
                    .map(|bytes| self.place(bytes, now_ms))
                    .collect();
                Ok(Appended { answers }.to_wire())
            }
            _ => Err(problem(404, "not-found")),
        }
    }

    fn range(&self, query: &str) -> Vec<u8> {
        let number = |name: &str| {
            let value = query
                .split('&')
                .find_map(|pair| pair.strip_prefix(name))
                .expect("both are given");
            value.parse::<usize>().expect("a number")
        };
        let (from, limit) = (number("from="), number("limit="));
        let items: Vec<_> = self
            .items
            .iter()
            .skip(from - 1)
            .take(limit)
            .cloned()
            .collect();
        let mut range = Range {
            items,
            head: self.head(),
            checkpoint: Vec::new(),
        };
        let mut signed = self.records.clone();
        if self.lies && later(&mut range) {
            let last = range.items.last().expect("it has one").record.clone();
            signed.truncate(from - 2 + range.items.len());
            signed.push(last);
        }
        range.checkpoint = self.checkpoint(&signed);
        range.to_wire()
    }

    /// The next entry of a member, to be written past its client.
    pub(crate) fn draft(&self, signer: &SecretKey) -> Draft {
        let author = daybook_log::control::author_id(&self.log.book(), &signer.public());
        let head = self.log.head(&author).expect("it has written");
        Draft {
            seq: head.seq.next().expect("a next one"),
            prev: head.entry_id,
            seen: self.log.seen(),
            ..Draft::first(self.log.book(), author)
        }
    }

    /// Takes an entry that comes by another way.
    pub(crate) fn put(&mut self, bytes: &[u8], now_ms: i64) -> bool {
        matches!(self.place(bytes, now_ms), Answer::Placed { .. })
    }

    /// Takes the chunks of a manifest.
    pub(crate) fn keep_chunks(&mut self, ast: &[u8]) {
        let chunks = daybook_log::control::chunks_of(ast);
        self.chunks
            .extend(chunks.map(|chunk| (chunk_id(chunk), chunk.to_vec())));
    }

    pub(crate) fn head(&self) -> TipInfo {
        TipInfo {
            epoch: self.log.epoch(),
            position: self.log.position(),
            tip: self.log.tip(),
        }
    }

    /// Over records.
    fn checkpoint(&self, records: &[Vec<u8>]) -> Vec<u8> {
        let mut tree = Frontier::new();
        for record in records {
            tree.append(TreeHash::leaf(record));
        }
        let origin = Origin {
            book: self.log.book(),
            epoch: self.log.epoch(),
        };
        let checkpoint = Checkpoint::of(origin, &tree);
        let signed = SignedCheckpoint::sign(checkpoint, &SecretKey::from_seed(self.signer));
        signed.expect("a checkpoint").bytes()
    }

    fn place(&mut self, bytes: &[u8], now_ms: i64) -> Answer {
        let Ok(entry) = Entry::decode(bytes) else {
            return Answer::Rejected(problem(422, "malformed"));
        };
        if let Some(place) = self.places.get(&entry.id()) {
            return Answer::Placed {
                record: self.items[*place].record.clone(),
                duplicate: true,
            };
        }
        let tips = self.tips.clone();
        let tip_at = |position: Position| tips.at(position);
        let key = match self.log.check(&entry, &tip_at) {
            Ok(key) => key,
            Err(why) => return Answer::Rejected(rejected(&why)),
        };
        let record = self.log.next_record(&entry, now_ms);
        let id = entry.id();
        let Ok(verified) = entry.verify(&key) else {
            return Answer::Rejected(problem(422, "bad-signature"));
        };
        let ordered = self
            .log
            .place(&record, verified, &tip_at)
            .expect("it was checked");
        self.tips.push(ordered.tip);
        self.places.insert(id, self.items.len());
        let record = record.encode().to_vec();
        self.records.push(record.clone());
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

fn rejected(why: &Reject) -> Problem {
    let head = |head: &daybook_log::Head| HeadInfo {
        seq: head.seq,
        entry_id: head.entry_id,
    };
    match why {
        Reject::Gap { head: known } => Problem {
            head: known.as_ref().map(head),
            ..problem(409, "gap")
        },
        Reject::Fork { head: known } => Problem {
            head: Some(head(known)),
            ..problem(409, "fork")
        },
        Reject::SeenUnknown { have } => Problem {
            position: Some(*have),
            ..problem(409, "seen-unknown")
        },
        Reject::NotAdmitted { .. } => problem(403, "not-admitted"),
        _ => problem(422, "malformed"),
    }
}
