//! A device that speaks to a real relay and folds nothing: what a run needs to count entries and positions.

use crate::witness::NoLine;
use crate::workload::Dice;
use crate::world::PATIENCE;
use anyhow::{Context as _, anyhow, ensure};
use daybook_log::wire::{self, WireBody};
use daybook_log::{
    BookId, Draft, Entry, EntryId, Genesis, KeyAdd, MemberRole, Op, OpsBody, OrderRecord, Position,
    SealingKey, SecretKey, control, request,
};
use std::time::{SystemTime, UNIX_EPOCH};

/// What stands for a manifest: a relay cannot read one.
const AST: &[u8] = b"a relay cannot read this";

/// A status and a body.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as this type.
    ///
    /// # Errors
    /// Another status than 200 or 201, or other bytes.
    pub fn read<T: WireBody>(&self) -> anyhow::Result<T> {
        ensure!(
            matches!(self.status, 200 | 201),
            "status {}: {}",
            self.status,
            self.problem()
        );
        T::from_wire(&self.body).map_err(|bad| anyhow!("{bad}"))
    }

    /// What the relay said was wrong.
    #[must_use]
    pub fn problem(&self) -> String {
        wire::Problem::from_wire(&self.body).map_or_else(
            |_| String::from_utf8_lossy(&self.body).into_owned(),
            |problem| problem.kind,
        )
    }
}

/// One installation with its keys and its chain.
#[allow(missing_debug_implementations, reason = "it holds secret keys")]
pub struct Device {
    agent: ureq::Agent,
    relay: String,
    dice: Dice,
    request_key: SecretKey,
    author_key: SecretKey,
    draft: Draft,
    genesis: Genesis,
    founding: Entry,
}

impl Device {
    /// The founder of a book that does not exist yet.
    ///
    /// # Errors
    /// The relay does not answer.
    pub fn founder(relay: &str, seed: u64) -> anyhow::Result<Device> {
        let mut dice = Dice::new(seed);
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .build()
            .new_agent();
        let mut key = agent
            .get(format!("{relay}/v1/key"))
            .header("accept", wire::MEDIA_TYPE)
            .call()?;
        let info = wire::KeyInfo::from_wire(&key.body_mut().read_to_vec()?)
            .map_err(|bad| anyhow!("{bad}"))?;
        let root = SecretKey::from_seed(dice.bytes32());
        let genesis = Genesis {
            format: 1,
            nonce: dice.bytes32(),
            root_keys: vec![root.public()],
            threshold: 1,
            relay_key: info.relay_key,
            manifest: control::manifest_id(AST),
        };
        let book = genesis.book_id();
        let (author_key, request_key) = (
            SecretKey::from_seed(dice.bytes32()),
            SecretKey::from_seed(dice.bytes32()),
        );
        let sealing = SealingKey::from_seed(dice.bytes32());
        let mut payload = KeyAdd::prove(
            &book,
            &author_key,
            &request_key,
            sealing.public(),
            (MemberRole::Manager, "FOUNDER"),
        );
        payload.approve(&book, 0, &root);
        let mut draft = Draft::first(book, payload.author(&book));
        let founding = draft
            .key_add(&payload)
            .map_err(|bad| anyhow!("{bad}"))?
            .sign(&author_key);
        draft.prev = founding.id();
        draft.seq.0 += 1;
        Ok(Device {
            agent,
            relay: relay.to_owned(),
            dice,
            request_key,
            author_key,
            draft,
            genesis,
            founding,
        })
    }

    /// The book.
    #[must_use]
    pub fn book(&self) -> BookId {
        self.draft.book
    }

    /// The relay moved to another address.
    pub fn moved(&mut self, relay: &str) {
        relay.clone_into(&mut self.relay);
    }

    /// Asks the relay to make the book.
    ///
    /// # Errors
    /// The relay does not answer.
    pub fn create(&mut self, setup_code: &str) -> anyhow::Result<Answer> {
        let body = wire::CreateBook {
            genesis: self.genesis.encode(),
            setup_code: setup_code.to_owned(),
            chunks: vec![AST.to_vec()],
            founding: self.founding.bytes().to_vec(),
        };
        self.send("POST", "/v1/books", &body.to_wire())
    }

    /// A founder whose book exists.
    ///
    /// # Errors
    /// The relay refuses.
    pub fn with_book(relay: &str, seed: u64, setup_code: &str) -> Result<Device, NoLine> {
        let mut device = Device::founder(relay, seed)?;
        device.create(setup_code)?.read::<wire::Created>()?;
        Ok(device)
    }

    /// The next entry of this device: one op of some bytes.
    ///
    /// # Errors
    /// Only a bug of ours.
    pub fn entry(&mut self) -> anyhow::Result<Entry> {
        let input = self.dice.bytes32().to_vec();
        let body = OpsBody {
            manifest: self.genesis.manifest,
            authored_at_ms: now_ms(),
            ops: vec![Op {
                verb: 0,
                input,
                slots: Vec::new(),
            }],
        };
        let entry = self
            .draft
            .ops(&body)
            .map_err(|bad| anyhow!("{bad}"))?
            .sign(&self.author_key);
        self.draft.prev = entry.id();
        self.draft.seq.0 += 1;
        Ok(entry)
    }

    /// Hands entries to the relay.
    ///
    /// # Errors
    /// It does not answer, or refuses the request; refusals of single entries are in the answers.
    pub fn append(&mut self, entries: &[Entry]) -> anyhow::Result<Vec<wire::Answer>> {
        let body = wire::Append {
            entries: entries.iter().map(|entry| entry.bytes().to_vec()).collect(),
        };
        let path = format!("/v1/books/{}/entries", self.book());
        Ok(self
            .send("POST", &path, &body.to_wire())?
            .read::<wire::Appended>()?
            .answers)
    }

    /// Everything that is in the order, from a position on.
    ///
    /// # Errors
    /// The relay does not answer, or refuses.
    pub fn range(&mut self, mut from: u64) -> anyhow::Result<Vec<wire::Item>> {
        let mut all = Vec::new();
        loop {
            let path = format!("/v1/books/{}/entries?from={from}&limit=1000", self.book());
            let range = self.send("GET", &path, &[])?.read::<wire::Range>()?;
            from += u64::try_from(range.items.len())?;
            let end = range.items.is_empty();
            all.extend(range.items);
            if end || from > range.head.position.0 {
                return Ok(all);
            }
        }
    }

    /// Sends a signed request.
    ///
    /// # Errors
    /// No answer.
    pub fn send(
        &mut self,
        method: &str,
        path_and_query: &str,
        body: &[u8],
    ) -> anyhow::Result<Answer> {
        let (path, query) = path_and_query
            .split_once('?')
            .unwrap_or((path_and_query, ""));
        let authority = self.relay.trim_start_matches("http://").to_owned();
        let target = request::Target {
            method,
            authority: &authority,
            path,
            query,
            body,
        };
        let nonce = format!("{:016x}", self.dice.roll());
        let created_s = u64::try_from(now_ms() / 1_000)?;
        let signed = request::sign(&target, &self.request_key, created_s, &nonce)
            .map_err(|bad| anyhow!("{bad}"))?;
        let mut builder = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path_and_query}", self.relay));
        for (name, value) in signed.pairs() {
            builder = builder.header(name, value);
        }
        let asked = builder
            .header("content-type", wire::MEDIA_TYPE)
            .header("accept", wire::MEDIA_TYPE)
            .body(body)?;
        let mut said = self.agent.run(asked).context(path_and_query.to_owned())?;
        Ok(Answer {
            status: said.status().as_u16(),
            body: said
                .body_mut()
                .with_config()
                .limit(16 << 20)
                .read_to_vec()?,
        })
    }
}

/// Position and entry of each item, in order.
///
/// # Errors
/// A record does not decode.
pub fn placed(items: &[wire::Item]) -> anyhow::Result<Vec<(Position, EntryId)>> {
    let read = |item: &wire::Item| {
        OrderRecord::decode(&item.record).map(|record| (record.position, record.entry_id))
    };
    items
        .iter()
        .map(|item| read(item).map_err(|bad| anyhow!("{bad}")))
        .collect()
}

/// The position that an answer gives, if the entry was placed.
///
/// # Errors
/// The record does not decode.
pub fn position(answer: &wire::Answer) -> anyhow::Result<Option<Position>> {
    match answer {
        wire::Answer::Placed { record, .. } => Ok(Some(
            OrderRecord::decode(record)
                .map_err(|bad| anyhow!("{bad}"))?
                .position,
        )),
        wire::Answer::Rejected(_) => Ok(None),
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
