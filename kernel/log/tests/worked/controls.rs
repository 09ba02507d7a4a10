//! The worked book goes on: one entry of each control kind, up to a change of relay.

use super::{Device, RELAY_TIME_MS, describe, devices, genesis, hex, placed, root};
use daybook_log::control::handover_author;
use daybook_log::*;
use serde_json::{Map, Value, json};

struct Worked {
    log: BookLog,
    tips: Tips,
    entries: Vec<(&'static str, Entry)>,
}

fn new_root() -> SecretKey {
    SecretKey::from_seed([0xa8; 32])
}

fn new_relay() -> SecretKey {
    SecretKey::from_seed([0xb8; 32])
}

/// The second device's keys after its rotation; the request key stays.
fn rotated() -> (SecretKey, SecretKey, SealingPublic) {
    (
        SecretKey::from_seed([0x28; 32]),
        SecretKey::from_seed([0x21; 32]),
        SealingKey::from_seed([0x2a; 32]).public(),
    )
}

impl Worked {
    fn new() -> Worked {
        let log = BookLog::found(&genesis()).expect("a good genesis");
        let mut worked = Worked {
            tips: Tips::new(log.book()),
            log,
            entries: Vec::new(),
        };
        for (_, ordered) in placed() {
            worked.place(ordered.entry.into_entry());
        }
        worked
    }

    fn draft(&self, device: &Device) -> Draft {
        let book = self.log.book();
        let mut draft = Draft {
            seen: self.log.seen(),
            ..Draft::first(book, device.id(&book))
        };
        if let Some(head) = self.log.head(&draft.author) {
            (draft.seq, draft.prev) = (head.seq.next().expect("a next one"), head.entry_id);
        }
        draft
    }

    fn entry(&self, device: &Device, key: &SecretKey, body: Body) -> Entry {
        let mut draft = self.draft(device);
        draft.key_epoch = self.log.member(&draft.author).expect("a member").key_epoch;
        draft.write(body).expect("a good draft").sign(key)
    }

    fn place(&mut self, entry: Entry) -> OrderedEntry {
        let tips = &self.tips;
        let key = self
            .log
            .check(&entry, &|position| tips.at(position))
            .expect("fits");
        let time_ms = RELAY_TIME_MS + i64::try_from(self.log.position().0).expect("short");
        let record = self.log.next_record(&entry, time_ms);
        let ordered = self
            .log
            .place(&record, entry.verify(&key).expect("signed"), &|position| {
                tips.at(position)
            })
            .expect("fits");
        self.tips.push(ordered.tip);
        ordered
    }

    /// Places an entry and keeps it under a name.
    fn name(&mut self, name: &'static str, entry: Entry) -> OrderedEntry {
        self.entries.push((name, entry.clone()));
        self.place(entry)
    }
}

fn rotation(book: &BookId, author: &AuthorId) -> KeyRotate {
    let (author_key, request_key, sealing) = rotated();
    let place = (book, author, KeyEpoch(1));
    KeyRotate::prove(place, &author_key, &request_key, sealing)
}

fn root_rotation(book: &BookId) -> RootRotate {
    let mut payload = RootRotate {
        root_epoch: 1,
        root_keys: vec![new_root().public()],
        threshold: 1,
        by_old: Vec::new(),
        by_new: Vec::new(),
    };
    payload.approve_old(book, 0, &root());
    payload.approve_new(book, 0, &new_root());
    payload
}

fn revocation(book: &BookId, author: AuthorId) -> KeyRevoke {
    let mut payload = KeyRevoke::of(author);
    payload.root_epoch = 1;
    payload.approve(book, 0, &new_root());
    payload
}

fn handover(log: &BookLog) -> Handover {
    let mut payload = Handover {
        old_epoch: RelayEpoch(0),
        cut: log.position(),
        tip: log.tip(),
        tree_root: [0x71; 32],
        relay_key: new_relay().public(),
        recovered_root: [0; 32],
        approvals: Vec::new(),
    };
    payload.approve(&log.book(), 0, &new_root());
    payload
}

/// What the second device's app settles: its keys, what it computed, which content key it holds, what it dropped.
fn settle(worked: &mut Worked, first: &Device, second: &Device) {
    let (book, key, (new_key, ..)) = (worked.log.book(), first.author(), rotated());
    let rotate = rotation(&book, &second.id(&book));
    let entry = worked.entry(second, &second.author(), Body::KeyRotate(rotate.into()));
    worked.name("key-rotate", entry);
    let attest = Attest {
        position: worked.log.position(),
        tip: worked.log.tip(),
        state_hash: StateHash([0x5a; 32]),
        manifest: genesis().manifest,
        build: String::from("daybook-0.1.0"),
        floor: Position(1),
    };
    let entry = worked.entry(second, &new_key, Body::Attest(attest.into()));
    worked.name("attest", entry);
    let (number, commitment) = (ContentEpoch(1), KeyCommitment([0xc0; 32]));
    let declare = ContentNotice::Declare { number, commitment };
    let entry = worked.entry(first, &key, Body::ContentEpoch(declare));
    worked.name("content-declare", entry);
    let confirm = ContentNotice::Confirm { number, commitment };
    let entry = worked.entry(second, &new_key, Body::ContentEpoch(confirm));
    worked.name("content-confirm", entry);
    let (subject, generation) = (SubjectId([0x50; 32]), 3);
    let shred = Shred {
        subject,
        generation,
    };
    let entry = worked.entry(first, &key, Body::Shred(shred));
    worked.name("shred", entry);
    let ack = ShredAck {
        subject,
        generation,
    };
    let entry = worked.entry(second, &new_key, Body::ShredAck(ack));
    worked.name("shred-ack", entry);
}

/// A fork of the second device, healed; other root keys; its end; another relay.
fn worked() -> Worked {
    let [first, second] = devices();
    let mut worked = Worked::new();
    settle(&mut worked, &first, &second);
    let (book, key, (new_key, ..)) = (worked.log.book(), first.author(), rotated());
    let ops = |input: &[u8]| {
        Body::Ops(OpsBody {
            manifest: genesis().manifest,
            authored_at_ms: RELAY_TIME_MS,
            ops: vec![Op {
                verb: 1,
                input: input.to_vec(),
                slots: Vec::new(),
            }],
        })
    };
    let [one, other] = [b"one", b"two"].map(|input| worked.entry(&second, &new_key, ops(input)));
    let record = worked.place(one.clone()).record;
    let mut proof = Evidence::of(Proof::Fork, &one, &other);
    proof.placed = Some(record);
    let entry = worked.entry(&first, &key, Body::Evidence(proof.into()));
    worked.name("evidence", entry);
    let carried = Readmit::of(other).expect("ops");
    let entry = worked.entry(&first, &key, Body::Readmit(carried.into()));
    worked.name("readmit", entry);
    let roots = root_rotation(&book);
    let entry = worked.entry(&first, &key, Body::RootRotate(roots.into()));
    worked.name("root-rotate", entry);
    let revoke = revocation(&book, second.id(&book));
    let entry = worked.entry(&first, &key, Body::KeyRevoke(revoke));
    worked.name("key-revoke", entry);
    let payload = handover(&worked.log);
    let author = handover_author(&book, RelayEpoch(1));
    let draft = Draft {
        seen: worked.log.seen(),
        ..Draft::first(book, author)
    };
    let unsigned = draft.write(Body::Handover(payload.into()));
    worked.name("relay-handover", unsigned.expect("good").sign(&new_relay()));
    worked
}

pub(crate) fn control() -> Value {
    let (worked, [_, second]) = (worked(), devices());
    let book = worked.log.book();
    let author = second.id(&book);
    let entries: Map<String, Value> = worked
        .entries
        .iter()
        .map(|(name, entry)| ((*name).to_owned(), describe(entry)))
        .collect();
    let cut = handover_of(&worked);
    json!({
        "format": 1,
        "keys": {
            "second_author_seed": hex(&[0x28; 32]),
            "second_request_seed": hex(&[0x21; 32]),
            "second_sealing_seed": hex(&[0x2a; 32]),
            "root_seed": hex(&[0xa8; 32]),
            "relay_seed": hex(&[0xb8; 32]),
        },
        "digests": {
            "rotation": hex(&rotation(&book, &author).keys().possession(&book, &author, KeyEpoch(1))),
            "revoke_approval": hex(&revocation(&book, author).approval(&book)),
            "root_rotation": hex(&root_rotation(&book).approval(&book)),
            "handover_approval": hex(&cut.approval(&book)),
            "handover_author": handover_author(&book, RelayEpoch(1)).to_string(),
        },
        "entries": entries,
        "tip": worked.log.tip().to_string(),
    })
}

fn handover_of(worked: &Worked) -> Handover {
    let (_, entry) = worked.entries.last().expect("entries");
    match entry.body() {
        Body::Handover(payload) => (**payload).clone(),
        other => panic!("the last one is a handover: {:?}", other.kind()),
    }
}
