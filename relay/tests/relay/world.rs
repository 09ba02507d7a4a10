//! A small company for tests: devices with keys from seeds, their chains, and a client that signs.

use daybook_log::control::chunks_of;
use daybook_log::request::{Target, sign};
use daybook_log::wire::{
    Answer, Append, Appended, CreateBook, Created, JoinRequest, KeyInfo, MEDIA_TYPE, Problem,
    Range, TipInfo, WireBody,
};
use daybook_log::{
    AuthorId, BookId, Draft, Entry, EntryId, Genesis, KeyAdd, KeyEpoch, ManifestId, MemberRole, Op,
    OpsBody, OrderRecord, PublicKey, SealingKey, SecretKey, Seen, Seq,
};
use daybook_relay::{Config, Server};
use std::cell::Cell;
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) const CODE: &str = "test-code-1";

/// A server in this process on a directory of its own.
pub(crate) struct Relay {
    pub(crate) dir: tempfile::TempDir,
    server: Option<Server>,
}

impl Relay {
    pub(crate) fn start() -> Relay {
        Relay::configured(|_| {})
    }

    pub(crate) fn configured(change: impl FnOnce(&mut Config)) -> Relay {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::new(dir.path().join("data"));
        config.setup_codes = vec![CODE.into(), "test-code-2".into()];
        change(&mut config);
        Relay {
            server: Some(Server::start(&config).unwrap()),
            dir,
        }
    }

    pub(crate) fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    pub(crate) fn url(&self) -> String {
        self.server().url()
    }

    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.dir.path().join("data")
    }

    /// Stops it and gives the directory.
    pub(crate) fn stop(&mut self) {
        self.server.take().unwrap().stop();
    }

    pub(crate) fn restart(&mut self) {
        self.server.take();
        self.server = Some(Server::start(&Config::new(self.data())).unwrap());
    }
}

pub(crate) fn now_s() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

/// An answer: status, headers' values by name, body.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Got {
    pub(crate) fn ok<T: WireBody>(&self) -> T {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        T::from_wire(&self.body).unwrap()
    }

    pub(crate) fn problem(&self) -> Problem {
        let problem = Problem::from_wire(&self.body).unwrap();
        assert_eq!(self.status, problem.status);
        problem
    }

    pub(crate) fn kind(&self) -> (u16, String) {
        (self.status, self.problem().kind)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into()
}

/// One installation: keys, its place in its chain, and a client.
pub(crate) struct Device {
    pub(crate) author: SecretKey,
    pub(crate) request: SecretKey,
    pub(crate) sealing: SealingKey,
    pub(crate) label: String,
    pub(crate) url: String,
    pub(crate) agent: ureq::Agent,
    pub(crate) book: BookId,
    pub(crate) next: Cell<(Seq, EntryId)>,
    pub(crate) seen: Cell<Option<Seen>>,
    pub(crate) nonce: Cell<u64>,
}

impl Device {
    pub(crate) fn new(seed: u8, url: &str) -> Device {
        let part = |part: u8| {
            let mut bytes = [seed; 32];
            bytes[0] = part;
            bytes
        };
        Device {
            author: SecretKey::from_seed(part(1)),
            request: SecretKey::from_seed(part(2)),
            sealing: SealingKey::from_seed(part(3)),
            label: format!("DEV-{seed}"),
            url: url.into(),
            agent: agent(),
            book: BookId::ZERO,
            next: Cell::new((Seq::ZERO, EntryId::ZERO)),
            seen: Cell::new(None),
            nonce: Cell::new(u64::from(seed) << 32),
        }
    }

    pub(crate) fn author_id(&self) -> AuthorId {
        daybook_log::control::author_id(&self.book, &self.author.public())
    }

    pub(crate) fn key_add(&self, role: MemberRole) -> KeyAdd {
        KeyAdd::prove(
            &self.book,
            &self.author,
            &self.request,
            self.sealing.public(),
            (role, &self.label),
        )
    }

    pub(crate) fn join_request(&self) -> JoinRequest {
        JoinRequest::from(&self.key_add(MemberRole::Member))
    }

    pub(crate) fn draft(&self) -> Draft {
        let (seq, prev) = self.next.get();
        let seen = self.seen.get().unwrap_or_else(|| Seen::nothing(&self.book));
        Draft {
            book: self.book,
            author: self.author_id(),
            key_epoch: KeyEpoch::ZERO,
            seq,
            prev,
            seen,
            flags: 0,
        }
    }

    /// Signs and moves on in the chain.
    pub(crate) fn sign(&self, unsigned: daybook_log::Unsigned) -> Entry {
        let entry = unsigned.sign(&self.author);
        self.next
            .set((entry.header().seq.next().unwrap(), entry.id()));
        entry
    }

    /// The next entry of ops.
    pub(crate) fn ops(&self, input: &[u8]) -> Entry {
        self.sign(self.draft().ops(&ops_body(input)).unwrap())
    }

    /// Headers that sign a request.
    pub(crate) fn signed(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
        created_s: u64,
    ) -> Vec<(String, String)> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let authority = self.url.strip_prefix("http://").unwrap();
        let target = Target {
            method,
            authority,
            path,
            query,
            body,
        };
        self.nonce.set(self.nonce.get() + 1);
        let signed = sign(
            &target,
            &self.request,
            created_s,
            &self.nonce.get().to_string(),
        )
        .unwrap();
        signed
            .pairs()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    pub(crate) fn call(&self, method: &str, path: &str, body: &[u8]) -> Got {
        self.call_with(
            method,
            path,
            body,
            &self.signed(method, path, body, now_s()),
        )
    }

    pub(crate) fn call_with(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
        headers: &[(String, String)],
    ) -> Got {
        self.try_call(method, path, body, headers).unwrap()
    }

    pub(crate) fn try_call(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
        headers: &[(String, String)],
    ) -> Option<Got> {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url));
        request = request.header("accept", MEDIA_TYPE);
        if !body.is_empty() {
            request = request.header("content-type", MEDIA_TYPE);
        }
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let sent = if body.is_empty() {
            self.agent.run(request.body(()).unwrap())
        } else {
            self.agent.run(request.body(body).unwrap())
        };
        let mut answer = sent.ok()?;
        let body = answer
            .body_mut()
            .with_config()
            .limit(64 << 20)
            .read_to_vec()
            .ok()?;
        Some(Got {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body,
        })
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/v1/books/{}/{rest}", self.book)
    }

    pub(crate) fn get(&self, rest: &str) -> Got {
        self.call("GET", &self.path(rest), &[])
    }

    pub(crate) fn post(&self, entries: &[&Entry]) -> Got {
        self.call("POST", &self.path("entries"), &append_body(entries))
    }

    /// Posts entries and gives the answers.
    pub(crate) fn append(&self, entries: &[&Entry]) -> Vec<Answer> {
        self.post(entries).ok::<Appended>().answers
    }

    /// Posts one entry that must be taken.
    pub(crate) fn place(&self, entry: &Entry) -> OrderRecord {
        match self.append(&[entry]).remove(0) {
            Answer::Placed { record, .. } => OrderRecord::decode(&record).unwrap(),
            Answer::Rejected(problem) => panic!("{problem:?}"),
        }
    }

    /// Posts one entry that must be rejected.
    pub(crate) fn rejected(&self, entry: &Entry) -> Problem {
        match self.append(&[entry]).remove(0) {
            Answer::Rejected(problem) => problem,
            Answer::Placed { .. } => panic!("placed"),
        }
    }

    pub(crate) fn tip(&self) -> TipInfo {
        self.get("tip").ok()
    }

    pub(crate) fn range(&self, from: u64) -> Range {
        self.get(&format!("entries?from={from}")).ok()
    }

    /// Declares the relay's head as seen from now on.
    pub(crate) fn look(&self) {
        let TipInfo {
            epoch,
            position,
            tip,
        } = self.tip();
        self.seen.set(Some(Seen {
            epoch,
            position,
            tip,
        }));
    }
}

pub(crate) fn ops_body(input: &[u8]) -> OpsBody {
    OpsBody {
        manifest: ManifestId::ZERO,
        authored_at_ms: 0,
        ops: vec![Op {
            verb: 0,
            input: input.to_vec(),
            slots: Vec::new(),
        }],
    }
}

pub(crate) fn append_body(entries: &[&Entry]) -> Vec<u8> {
    Append {
        entries: entries.iter().map(|entry| entry.bytes().to_vec()).collect(),
    }
    .to_wire()
}

pub(crate) fn relay_key(url: &str) -> PublicKey {
    let mut answer = agent().get(format!("{url}/v1/key")).call().unwrap();
    KeyInfo::from_wire(&answer.body_mut().read_to_vec().unwrap())
        .unwrap()
        .relay_key
}

pub(crate) const AST: &[u8] = b"not a manifest, but the relay cannot know";

/// What the founder sends, and the founder.
pub(crate) fn founding(url: &str, seed: u8, code: &str) -> (Device, CreateBook) {
    let mut device = Device::new(seed, url);
    let root = SecretKey::from_seed([seed ^ 0x5a; 32]);
    let genesis = Genesis {
        format: 1,
        nonce: [seed; 32],
        root_keys: vec![root.public()],
        threshold: 1,
        relay_key: relay_key(url),
        manifest: daybook_log::control::manifest_id(AST),
    };
    device.book = genesis.book_id();
    let mut key_add = device.key_add(MemberRole::Manager);
    key_add.approve(&device.book, 0, &root);
    let entry = device.sign(device.draft().key_add(&key_add).unwrap());
    let body = CreateBook {
        genesis: genesis.encode(),
        setup_code: code.into(),
        chunks: chunks_of(AST).map(<[u8]>::to_vec).collect(),
        founding: entry.bytes().to_vec(),
    };
    (device, body)
}

/// A book with its founder.
pub(crate) fn found(relay: &Relay) -> Device {
    found_at(&relay.url(), CODE)
}

pub(crate) fn found_at(url: &str, code: &str) -> Device {
    let (device, body) = founding(url, 1, code);
    let created: Created = device.call("POST", "/v1/books", &body.to_wire()).ok();
    assert_eq!(created.book, device.book);
    device
}

/// A second device that the founder lets in.
pub(crate) fn joined(founder: &Device, seed: u8) -> Device {
    let mut device = Device::new(seed, &founder.url);
    device.book = founder.book;
    let key_add = device.join_request().admit(MemberRole::Member);
    founder.place(&founder.sign(founder.draft().key_add(&key_add).unwrap()));
    device
}

/// Takes back the last step in the chain.
pub(crate) fn step_back(device: &Device, entry: &Entry) {
    device.next.set((entry.header().seq, entry.header().prev));
}
