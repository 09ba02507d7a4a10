//! Worked evidence: each class once or more, and beside each what looks like it and shows nothing.

mod chains;
mod misplaced;
mod orders;
mod people;

use super::proofs::{RELAY_SEED, Trees};
use super::{Device, devices, genesis, hex, placed, root};
use daybook_log::codec::encode;
use daybook_log::evidence::*;
use daybook_log::hash::{Thing, derive};
use daybook_log::*;
use serde_json::{Value, json};

/// One vector: what it is called, its bytes, and what is expected of it.
type Row = (String, Vec<u8>, Result<Class, NoProof>);

fn book() -> BookId {
    genesis().book_id()
}

fn relay_key() -> AdmittedKey {
    AdmittedKey::admit(SecretKey::from_seed(RELAY_SEED).public()).expect("a good key")
}

fn row(name: &str, class: Class, parts: &[&[u8]], expected: Result<(), NoProof>) -> Row {
    let parts = parts.iter().map(|part| part.to_vec()).collect();
    let case = Case {
        class,
        book: book(),
        parts,
    };
    let name = format!("{}-{name}", class.code().to_lowercase());
    (name, case.encode(), expected.map(|()| class))
}

/// Where an entry stands in its author's chain.
#[derive(Clone, Copy)]
struct At {
    epoch: u32,
    seq: u64,
    prev: EntryId,
}

const ONE: At = At {
    epoch: 0,
    seq: 1,
    prev: EntryId([0x55; 32]),
};

fn write(device: &Device, key: &SecretKey, at: At, body: Body) -> Entry {
    let draft = Draft {
        key_epoch: KeyEpoch(at.epoch),
        seq: Seq(at.seq),
        prev: at.prev,
        ..Draft::first(book(), device.id(&book()))
    };
    draft.write(body).expect("a good body").sign(key)
}

fn ops(n: u8) -> Body {
    Body::Ops(OpsBody {
        manifest: genesis().manifest,
        authored_at_ms: 0,
        ops: vec![Op {
            verb: 1,
            input: vec![n],
            slots: Vec::new(),
        }],
    })
}

fn signed(entry: &Entry) -> Vec<u8> {
    entry.bytes()[..296].to_vec()
}

/// The two in the order of their ids.
fn rising(one: Entry, other: Entry) -> [Entry; 2] {
    if one.id() < other.id() {
        [one, other]
    } else {
        [other, one]
    }
}

fn next_key() -> SecretKey {
    SecretKey::from_seed([0x71; 32])
}

fn rotation(device: &Device, signer: &SecretKey) -> Entry {
    let who = (&book(), &device.id(&book()), KeyEpoch(1));
    let request = SecretKey::from_seed(device.seeds[1]);
    let sealing = SealingKey::from_seed(device.seeds[2]).public();
    let payload = KeyRotate::prove(who, &next_key(), &request, sealing);
    write(device, signer, ONE, Body::KeyRotate(Box::new(payload)))
}

/// A relay's order with some records changed after the fact, chained anew up to `upto`.
fn order(change: impl Fn(&mut Vec<OrderRecord>)) -> Trees {
    let mut records: Vec<OrderRecord> = placed().into_iter().map(|(_, one)| one.record).collect();
    change(&mut records);
    Trees::over(records.iter().map(OrderRecord::encode).collect())
}

/// The same with one header or entry in place of the newest, and that header's bytes.
fn with_last(header: &[u8], kind: Kind, signature: Signature) -> Trees {
    let id = EntryId(derive(Thing::EntryId, &[header]));
    order(|records| {
        let last = records.last_mut().expect("five");
        (last.entry_id, last.kind, last.signature) = (id, kind, signature);
    })
}

fn rows() -> Vec<Row> {
    let mut rows = chains::authors();
    rows.extend(orders::checkpoints());
    rows.extend(misplaced::records());
    rows.extend(misplaced::entries());
    rows.extend(people::handovers());
    rows.extend(people::attests());
    let good = rows[0].1.clone();
    let mut newer = good.clone();
    newer[1] = 11;
    let unknown = NoProof::Unreadable(Unsupported::Evidence(11).into());
    rows.push(("class-of-a-newer-build".to_owned(), newer, Err(unknown)));
    let mut longer = good;
    longer.push(0);
    let left = NoProof::Unreadable(Malformed::LeftOver.into());
    rows.push(("one-byte-more".to_owned(), longer, Err(left)));
    rows
}

pub(crate) fn files() -> Vec<(String, Vec<u8>)> {
    rows()
        .into_iter()
        .map(|(name, bytes, _)| (name, bytes))
        .collect()
}

/// Every row is judged, and the verdict is the one that it was made for.
pub(crate) fn evidence() -> Value {
    let cases: Vec<Value> = rows()
        .into_iter()
        .map(|(name, bytes, expected)| {
            let verdict = verify_evidence(&bytes, &book(), &[relay_key()]);
            let class = verdict.map(|verdict| verdict.class);
            assert_eq!(class, expected, "{name}");
            let mut case = json!({
                "name": name,
                "file": format!("evidence/{name}.evidence"),
                "bytes": hex(&bytes),
            });
            match verdict {
                Ok(verdict) => {
                    case["class"] = json!(verdict.class.code());
                    case["verdict"] = json!(verdict.to_string());
                }
                Err(NoProof::Unreadable(why)) => case["unreadable"] = json!(format!("{why:?}")),
                Err(why) => case["no_proof"] = json!(format!("{why:?}")),
            }
            case
        })
        .collect();
    json!({
        "book": book().to_string(),
        "relay_keys": [relay_key().public().to_string()],
        "cases": cases,
    })
}
