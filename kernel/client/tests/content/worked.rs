//! The next entry of the worked book's founder, encrypted, and its key wrapped to the second device.
//! `DAYBOOK_BLESS=1` writes the file; `kernel/log/tests/spec.rs` then fills the page.

use daybook_client::content::wrap::{Address, Wrap};
use daybook_client::content::{ContentKey, ContentKeys};
use daybook_log::content::pad;
use daybook_log::hash::{Thing, derive_pair};
use daybook_log::{
    AuthorId, Body, BookId, ContentEpoch, Draft, Entry, EntryId, ManifestId, Op, OpsBody, Position,
    SealingKey, SecretKey, Seen, Seq,
};
use serde_json::{Value, json};
use std::path::PathBuf;

const KEY: [u8; 32] = [0xc0; 32];
const NONCE: [u8; 24] = [0xc1; 24];
const CHANCE: [u8; 32] = [0xc2; 32];
const EPOCH: ContentEpoch = ContentEpoch(1);

fn file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../witnesses/vectors");
    folder.join(name).with_extension("json")
}

fn stored(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(file(name)).expect("a vector file")).expect("JSON")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A 32-byte name out of a file.
fn id<T: std::str::FromStr>(value: &Value) -> T {
    let text = value.as_str().expect("a text");
    text.parse().unwrap_or_else(|_| panic!("{text}: no id"))
}

fn draft() -> Draft {
    let (entry, order) = (stored("entry"), stored("order"));
    let book: BookId = id(&entry["genesis"]["book_id"]);
    let author: AuthorId = id(&entry["devices"]["first"]["author_id"]);
    let prev: EntryId = id(&entry["entries"]["key-add"]["id"]);
    Draft {
        seq: Seq(4),
        prev,
        seen: Seen {
            position: Position(5),
            tip: id(&order["records"][4]["tip"]),
            ..Seen::nothing(&book)
        },
        ..Draft::first(book, author)
    }
}

fn body() -> OpsBody {
    OpsBody {
        manifest: id::<ManifestId>(&stored("entry")["manifest"]["id"]),
        authored_at_ms: 1_800_000_000_100,
        ops: vec![Op {
            verb: 1,
            input: b"first".to_vec(),
            slots: vec![],
        }],
    }
}

fn sealed(key: &ContentKey) -> Entry {
    let unsigned = key.seal(&draft(), EPOCH, &body(), NONCE);
    let author = SecretKey::from_seed([0x10; 32]);
    unsigned.expect("a short body").sign(&author)
}

/// What opens, and what a reader with the key says of harmed bodies.
fn refused(entry: &Entry, ring: &ContentKeys) -> Vec<Value> {
    let harms = [
        ("one bit of the nonce", 0),
        ("one bit of the commitment", 24),
        ("one bit of the ciphertext", 56),
        ("one bit of the tag", 56 + 64),
    ];
    let of = |(name, at): (&str, usize)| {
        let mut body = entry.bytes()[296..].to_vec();
        body[at] ^= 1;
        let mut header = *entry.header();
        header.body_hash.0 = daybook_log::hash::derive(Thing::BodySealed, &[&body]);
        let bytes = [header.encode().as_slice(), &[0; 64], &body].concat();
        let opened = ring.open_own(Entry::decode(&bytes).expect(name));
        let Ok(Body::Refused(why)) = opened.as_ref().map(Entry::body) else {
            panic!("{name}: {opened:?}")
        };
        json!({ "name": name, "bytes": hex(&bytes), "refused": format!("{why:?}") })
    };
    harms.into_iter().map(of).collect()
}

fn made() -> Value {
    let key = ContentKey::from_seed(KEY);
    let entry = sealed(&key);
    let aad = entry.header().content_aad();
    let pair = derive_pair(Thing::ContentBody, &[&KEY, &aad]);
    let recipient = SealingKey::from_seed([0x22; 32]);
    let address = Address {
        book: entry.header().book,
        author: id(&stored("entry")["devices"]["second"]["author_id"]),
        epoch: EPOCH,
    };
    let wrap = Wrap::seal(&key, address, &recipient.public(), CHANCE).expect("a good member");
    let opened = wrap.open(&address.book, &address.author, &recipient);
    let (mut ring, declared) = (ContentKeys::default(), key.commitment());
    ring.insert(EPOCH, opened.expect("its own wrap"), &declared)
        .expect("the same key");
    let read = ring.open_own(entry.clone()).expect("the key is there");
    assert_eq!(*read.body(), Body::Ops(body()));
    json!({
        "format": 1,
        "key": hex(&KEY),
        "key_commitment": declared.to_string(),
        "epoch": EPOCH.0,
        "body": hex(&body().encode().expect("short")),
        "padded": hex(&pad(&body().encode().expect("short")).expect("short")),
        "aad": hex(&aad),
        "body_key": hex(&pair[0]),
        "body_commitment": hex(&pair[1]),
        "nonce": hex(&NONCE),
        "sealed_body": hex(&entry.bytes()[296..]),
        "body_hash": entry.header().body_hash.to_string(),
        "header": hex(&entry.header().encode()),
        "entry": hex(entry.bytes()),
        "id": entry.id().to_string(),
        "refused": refused(&entry, &ring),
        "wrap": {
            "recipient_seed": hex(&[0x22; 32]),
            "recipient_key": recipient.public().to_string(),
            "author_id": address.author.to_string(),
            "chance": hex(&CHANCE),
            "info": hex(&[b"daybook/v1/content-wrap\0\0\0\0\0\0\0\0\0".as_slice(), &wrap.encode()[..72]].concat()),
            "bytes": hex(&wrap.encode()),
        },
    })
}

/// The published vectors are what this build makes.
#[test]
fn content_vectors_are_the_codes() {
    let made = made();
    if std::env::var_os("DAYBOOK_BLESS").is_some() {
        let text = serde_json::to_string_pretty(&made).expect("JSON") + "\n";
        std::fs::write(file("content"), text).expect("writable");
    }
    assert!(
        stored("content") == made,
        "content.json differs from what this build makes"
    );
}
