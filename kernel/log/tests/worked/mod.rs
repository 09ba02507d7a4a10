//! Worked examples, made from fixed seeds: a book of five entries, what is wrong with some others, a signed request.

pub(crate) mod evidence;
pub(crate) mod proofs;

mod controls;

pub(crate) use controls::control;
use daybook_log::codec::encode;
use daybook_log::hash::{Thing, derive};
use daybook_log::request::{Target, sign};
use daybook_log::*;
use serde_json::{Value, json};

const AST: &[u8] = b"worked example: not a real manifest";
const RELAY_TIME_MS: i64 = 1_800_000_000_000;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

struct Device {
    seeds: [[u8; 32]; 3],
    label: &'static str,
}

impl Device {
    fn new(seed: u8, label: &'static str) -> Device {
        Device {
            seeds: [[seed; 32], [seed + 1; 32], [seed + 2; 32]],
            label,
        }
    }

    fn author(&self) -> SecretKey {
        SecretKey::from_seed(self.seeds[0])
    }

    fn key_add(&self, book: &BookId, role: MemberRole) -> KeyAdd {
        let sealing = SealingKey::from_seed(self.seeds[2]).public();
        KeyAdd::prove(
            book,
            &self.author(),
            &SecretKey::from_seed(self.seeds[1]),
            sealing,
            (role, self.label),
        )
    }

    fn id(&self, book: &BookId) -> AuthorId {
        control::author_id(book, &self.author().public())
    }

    fn describe(&self, book: &BookId) -> Value {
        json!({
            "label": self.label,
            "author_seed": hex(&self.seeds[0]),
            "author_key": self.author().public().to_string(),
            "request_seed": hex(&self.seeds[1]),
            "request_key": SecretKey::from_seed(self.seeds[1]).public().to_string(),
            "sealing_seed": hex(&self.seeds[2]),
            "sealing_key": SealingKey::from_seed(self.seeds[2]).public().to_string(),
            "author_id": self.id(book).to_string(),
        })
    }
}

fn root() -> SecretKey {
    SecretKey::from_seed([0xa0; 32])
}

fn genesis() -> Genesis {
    Genesis {
        format: 1,
        nonce: [0x11; 32],
        root_keys: vec![root().public()],
        threshold: 1,
        relay_key: SecretKey::from_seed([0xb0; 32]).public(),
        manifest: control::manifest_id(AST),
    }
}

fn devices() -> [Device; 2] {
    [Device::new(0x10, "JAR-1"), Device::new(0x20, "JAR-2")]
}

/// Founding, two ops, an adoption, a second device let in, an op of that device.
fn placed() -> Vec<(&'static str, OrderedEntry)> {
    let (genesis, [first, second]) = (genesis(), devices());
    let mut log = BookLog::found(&genesis).expect("a good genesis");
    let (book, mut tips, mut placed) = (log.book(), Tips::new(log.book()), Vec::new());
    let mut founding = first.key_add(&book, MemberRole::Manager);
    founding.approve(&book, 0, &root());
    let op = |verb, input: &[u8]| Op {
        verb,
        input: input.to_vec(),
        slots: Vec::new(),
    };
    let ops = |list: &[Op]| OpsBody {
        manifest: genesis.manifest,
        authored_at_ms: RELAY_TIME_MS - 5,
        ops: list.to_vec(),
    };
    for n in 0..5_u8 {
        let device = if n == 4 { &second } else { &first };
        let mut draft = Draft {
            seen: log.seen(),
            ..Draft::first(book, device.id(&book))
        };
        if let Some(head) = log.head(&draft.author) {
            (draft.seq, draft.prev) = (head.seq.next().expect("a next one"), head.entry_id);
        }
        let (name, unsigned) = match n {
            0 => ("founding", draft.key_add(&founding)),
            1 => ("ops", draft.ops(&ops(&[op(1, b"first"), op(0x0203, b"")]))),
            2 => ("adoption", draft.adopt(&Adoption::of(AST).expect("short"))),
            3 => (
                "key-add",
                draft.key_add(&second.key_add(&book, MemberRole::Member)),
            ),
            _ => (
                "second",
                Draft { flags: 2, ..draft }.ops(&ops(&[op(1, b"second")])),
            ),
        };
        let entry = unsigned.expect("a good draft").sign(&device.author());
        let key = log
            .check(&entry, &|position| tips.at(position))
            .expect("fits");
        let record = log.next_record(&entry, RELAY_TIME_MS + i64::from(n));
        let entry = entry.verify(&key).expect("signed");
        let ordered = log
            .place(&record, entry, &|position| tips.at(position))
            .expect("fits");
        tips.push(ordered.tip);
        placed.push((name, ordered));
    }
    placed
}

fn describe(entry: &Entry) -> Value {
    let header = entry.header();
    json!({
        "kind": header.kind.number(),
        "flags": header.flags,
        "key_epoch": header.key_epoch.0,
        "seq": header.seq.0,
        "seen_epoch": header.seen.epoch.0,
        "seen_position": header.seen.position.0,
        "seen_tip": header.seen.tip.to_string(),
        "author": header.author.to_string(),
        "prev": header.prev.to_string(),
        "body_hash": header.body_hash.to_string(),
        "header": hex(&header.encode()),
        "id": entry.id().to_string(),
        "signature": entry.signature().to_string(),
        "body": hex(&entry.bytes()[296..]),
        "bytes": hex(entry.bytes()),
    })
}

/// Entries that are refused, with class and error.
fn refused(entry: &Entry) -> Vec<Value> {
    let at = |at: usize, value: u8| {
        let mut bytes = entry.bytes().to_vec();
        bytes[at] = value;
        bytes
    };
    let cut = entry.bytes()[..entry.bytes().len() - 1].to_vec();
    let longer = [entry.bytes(), &[0]].concat();
    let flip = entry.bytes().len() - 2;
    [
        ("format 2", at(0, 2)),
        ("kind 13, unknown", at(1, 13)),
        ("flag bit 3", at(2, 8)),
        ("content epoch without flag bit 0", at(16, 1)),
        ("sealed bytes without sealed hash", at(12, 1)),
        ("seq 0 with a prev", at(24, 0)),
        ("cut by one byte", cut),
        ("one byte more", longer),
        ("one bit of the body", at(flip, entry.bytes()[flip] ^ 1)),
        ("257 ops", at(296 + 41, 1)),
        ("cut inside the header", entry.bytes()[..231].to_vec()),
    ]
    .into_iter()
    .map(|(name, bytes)| {
        let (class, error) = match Entry::decode(&bytes).expect_err(name) {
            Unreadable::Malformed(why) => ("malformed", format!("{why:?}")),
            Unreadable::Unsupported(why) => ("unsupported", format!("{why:?}")),
        };
        json!({ "name": name, "bytes": hex(&bytes), "class": class, "error": error })
    })
    .collect()
}

pub(crate) fn entry() -> Value {
    let (genesis, [first, second], placed) = (genesis(), devices(), placed());
    let book = genesis.book_id();
    let contexts: Vec<Value> = Thing::ALL
        .iter()
        .map(|thing| json!({ "context": thing.context(), "input": "616263", "hash": hex(&derive(*thing, &[b"abc"])) }))
        .collect();
    let entries: serde_json::Map<String, Value> = placed
        .iter()
        .map(|(name, ordered)| ((*name).to_owned(), describe(&ordered.entry)))
        .collect();
    let asked = first.key_add(&book, MemberRole::Manager).keys();
    let adoption = Adoption::of(AST).expect("short");
    let body = &placed[1].1.entry.bytes()[296..];
    let frames = [&body[42..54], &body[54..]];
    json!({
        "format": 1,
        "hashes": contexts,
        "tags": {
            "entry": hex(&Tag::Entry.bytes()),
            "pop_author": hex(&Tag::PopAuthor.bytes()),
            "pop_request": hex(&Tag::PopRequest.bytes()),
            "approval": hex(&Tag::Approval.bytes()),
        },
        "genesis": {
            "bytes": hex(&genesis.encode()),
            "book_id": book.to_string(),
            "root_seed": hex(&[0xa0; 32]),
            "root_key": root().public().to_string(),
            "relay_seed": hex(&[0xb0; 32]),
            "relay_key": genesis.relay_key.to_string(),
        },
        "devices": { "first": first.describe(&book), "second": second.describe(&book) },
        "possession": hex(&asked.possession(&book)),
        "approval": hex(&asked.approval(&book, MemberRole::Manager)),
        "manifest": {
            "ast": hex(AST),
            "id": adoption.manifest.to_string(),
            "chunk": adoption.chunks[0].to_string(),
            "payload": hex(&encode(&adoption)),
        },
        "frames": frames.map(|frame| json!({ "frame": hex(frame), "op_hash": body::op_hash(frame).to_string() })),
        "entries": entries,
        "refused": refused(&placed[1].1.entry),
    })
}

pub(crate) fn order() -> Value {
    let placed = placed();
    let records: Vec<Value> = placed
        .iter()
        .map(|(name, ordered)| {
            let record = &ordered.record;
            json!({
                "entry": name,
                "kind": record.kind.number(),
                "epoch": record.epoch.0,
                "position": record.position.0,
                "relay_time_ms": record.relay_time_ms,
                "prev_tip": record.prev_tip.to_string(),
                "entry_id": record.entry_id.to_string(),
                "bytes": hex(&record.encode()),
                "tip": ordered.tip.to_string(),
                "role": ordered.role.number(),
                "effective_seen": ordered.effective_seen.0,
            })
        })
        .collect();
    let good = placed[0].1.record.encode();
    let refused: Vec<Value> = [
        ("format 2", 0, 2),
        ("kind 13, unknown", 1, 13),
        ("reserved field", 2, 1),
        ("position 0", 8, 0),
    ]
    .into_iter()
    .map(|(name, at, value)| {
        let mut bytes = good;
        bytes[at] = value;
        let (class, error) = match OrderRecord::decode(&bytes).expect_err(name) {
            Unreadable::Malformed(why) => ("malformed", format!("{why:?}")),
            Unreadable::Unsupported(why) => ("unsupported", format!("{why:?}")),
        };
        json!({ "name": name, "bytes": hex(&bytes), "class": class, "error": error })
    })
    .collect();
    json!({ "format": 1, "tip_0": genesis().book_id().to_string(), "records": records, "refused": refused })
}

pub(crate) fn request() -> Value {
    let key = SecretKey::from_seed([0x11; 32]);
    let case = |method, path, query, body: &[u8]| {
        let target = Target {
            method,
            authority: "relay.example",
            path,
            query,
            body,
        };
        let headers = sign(&target, &key, 1_800_000_000, "n-0001").expect("a good request");
        json!({
            "method": method, "authority": "relay.example", "path": path, "query": query, "body": hex(body),
            "created_s": 1_800_000_000, "nonce": "n-0001", "key_seed": hex(&[0x11; 32]), "key": key.public().to_string(),
            "content_digest": headers.content_digest,
            "signature_input": headers.signature_input,
            "signature": headers.signature,
            "signed_text": request::signed_text(&target, &key.public(), 1_800_000_000, "n-0001"),
        })
    };
    json!({
        "with_body": case("POST", "/v1/books", "", br#"{"hello": "world"}"#),
        "without_body": case("GET", "/v1/books/00/entries", "from=1&limit=2", b""),
    })
}
