//! What the relay signs can be checked by whoever has its key, and goes on being true.

use crate::world::{Device, Relay, append_body, found, joined, relay_key};
use daybook_log::checkpoint::{Origin, RelayKey, SignedCheckpoint};
use daybook_log::merge::{Consistency, Merged, merge_checkpoint};
use daybook_log::receipt::verify_receipt;
use daybook_log::tree::{Frontier, TreeHash, TreeSize, verify_consistency};
use daybook_log::wire::{ConsistencyHashes, Range};
use daybook_log::{AdmittedKey, Entry, OrderRecord, RelayEpoch};

fn key(device: &Device) -> RelayKey {
    let origin = Origin {
        book: device.book,
        epoch: RelayEpoch::ZERO,
    };
    RelayKey::new(origin, AdmittedKey::admit(relay_key(&device.url)).unwrap())
}

/// All records, from all pages, with the note of the last one.
fn records(device: &Device) -> (Vec<Vec<u8>>, Vec<u8>) {
    let (mut records, mut note) = (Vec::new(), Vec::new());
    loop {
        let page: Range = device.range(records.len() as u64 + 1);
        records.extend(page.items.into_iter().map(|item| item.record));
        note = if page.checkpoint.is_empty() {
            note
        } else {
            page.checkpoint
        };
        if records.len() as u64 >= page.head.position.0 {
            return (records, note);
        }
    }
}

fn tree(records: &[Vec<u8>]) -> Frontier {
    let mut tree = Frontier::new();
    for record in records {
        tree.append(TreeHash::leaf(record));
    }
    tree
}

/// Entries of a chain, placed in requests of 100.
fn many(device: &Device, count: u32) -> Vec<Entry> {
    let entries: Vec<_> = (0..count).map(|n| device.ops(&n.to_le_bytes())).collect();
    for some in entries.chunks(100) {
        let some: Vec<_> = some.iter().collect();
        assert_eq!(
            device
                .call("POST", &device.path("entries"), &append_body(&some))
                .status,
            200
        );
    }
    entries
}

/// Claim: what comes with a range is a checkpoint of exactly the records that came.
#[test]
fn a_range_comes_with_a_signature_over_it() {
    let relay = Relay::start();
    let founder = found(&relay);
    for count in [0, 1, 6, 700] {
        many(&founder, count);
        let (records, note) = records(&founder);
        let signed = SignedCheckpoint::open(&note, &key(&founder)).unwrap();
        let own = tree(&records);
        assert_eq!(
            (signed.checkpoint().size, signed.checkpoint().root),
            (own.size(), own.root())
        );
        assert_eq!(founder.get("checkpoint").body, note);
    }
}

/// Claim: every entry has a receipt, which its record and the relay's key alone can check; also after a restart, and
/// where the tree is larger than the part of it that is stored whole.
#[test]
fn every_entry_has_a_receipt() {
    let mut relay = Relay::start();
    let mut founder = found(&relay);
    let entries = many(&founder, 1300);
    relay.restart();
    founder.url = relay.url();
    let key = key(&founder);
    let (records, _) = records(&founder);
    let last = entries.len() - 1;
    for at in [0, 1, 254, 255, 256, 511, 512, 777, 1023, 1024, last] {
        let got = founder.get(&format!("receipts/{}", entries[at].id()));
        assert_eq!(got.header("content-type"), "text/plain; charset=utf-8");
        let record = OrderRecord::decode(&records[at + 1]).unwrap();
        let receipt = verify_receipt(&got.body, &record, &key).unwrap();
        assert_eq!(receipt.tip(), (record.position, record.tip()), "{at}");
        assert_eq!(receipt.signed().checkpoint().size, TreeSize(1301));
        let other = OrderRecord::decode(&records[at]).unwrap();
        assert!(verify_receipt(&got.body, &other, &key).is_err());
    }
    let unplaced = founder.ops(b"never posted");
    let got = founder.get(&format!("receipts/{}", unplaced.id()));
    assert_eq!(got.kind(), (404, "not-found".into()));
}

/// Claim: each checkpoint continues each older one, and the relay can prove it.
#[test]
fn each_checkpoint_continues_the_older_ones() {
    let relay = Relay::start();
    let founder = found(&relay);
    let key = key(&founder);
    let open = |note: &[u8]| SignedCheckpoint::open(note, &key).unwrap();
    let mut notes = vec![open(&founder.get("checkpoint").body)];
    for count in [1, 5, 249, 1, 255, 800] {
        many(&founder, count);
        notes.push(open(&founder.get("checkpoint").body));
    }
    for (at, older) in notes.iter().enumerate() {
        for newer in &notes[at + 1..] {
            let (from, to) = (older.checkpoint(), newer.checkpoint());
            let path = format!("consistency?from={}&to={}", from.size, to.size);
            let hashes = founder.get(&path).ok::<ConsistencyHashes>().hashes;
            verify_consistency((from.size, &from.root), (to.size, &to.root), &hashes).unwrap();
            let proof = Consistency {
                old_root: from.root,
                hashes,
            };
            let merged = merge_checkpoint(Some(older), newer, Some(&proof)).unwrap();
            assert!(matches!(merged, Merged::Newer(_)), "{merged:?}");
        }
    }
    for bad in [
        "",
        "?from=1",
        "?from=0&to=1",
        "?from=3&to=2",
        "?from=1&to=99999",
    ] {
        let got = founder.get(&format!("consistency{bad}"));
        assert_eq!(got.kind(), (400, "query".into()), "{bad}");
    }
}

/// Claim: proofs are for members; a device that merely asked to join gets none.
#[test]
fn strangers_get_no_proofs() {
    let relay = Relay::start();
    let founder = found(&relay);
    let member = joined(&founder, 2);
    let stranger = Device {
        book: founder.book,
        ..Device::new(9, &relay.url())
    };
    let entry = founder.ops(b"one");
    founder.place(&entry);
    for path in [
        "checkpoint".to_owned(),
        "consistency?from=1&to=2".to_owned(),
        format!("receipts/{}", entry.id()),
    ] {
        assert_eq!(member.get(&path).status, 200, "{path}");
        assert_eq!(stranger.get(&path).kind(), (403, "not-a-member".into()));
    }
}

/// Claim: two books of one relay have signatures that do not serve for each other.
#[test]
fn a_checkpoint_is_of_one_book() {
    let relay = Relay::start();
    let one = found(&relay);
    let (other, body) = crate::world::founding(&relay.url(), 7, "test-code-2");
    let wire = daybook_log::wire::WireBody::to_wire(&body);
    assert_eq!(other.call("POST", "/v1/books", &wire).status, 200);
    let note = one.get("checkpoint").body;
    assert!(SignedCheckpoint::open(&note, &key(&one)).is_ok());
    assert!(SignedCheckpoint::open(&note, &key(&other)).is_err());
}
