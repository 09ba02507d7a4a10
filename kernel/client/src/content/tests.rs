//! Claims about encrypted bodies and wraps that can fail, native and as wasm; `docs/spec/content.md` names them.

mod bodies;
mod mutate;
mod wraps;

use super::*;
use alloc::vec;
use daybook_log::Body;
use daybook_log::{
    AuthorId, BookId, Draft, EntryId, KeyEpoch, ManifestId, Op, OpsBody, Position, RelayEpoch,
    Seen, Seq, Tip, Unsigned,
};

const EPOCH: ContentEpoch = ContentEpoch(3);
const NONCE: [u8; 24] = [0x22; 24];

fn key(n: u8) -> ContentKey {
    ContentKey::from_seed([n; 32])
}

/// A ring with this key under [`EPOCH`].
fn ring(key: ContentKey) -> ContentKeys {
    let (mut ring, declared) = (ContentKeys::default(), key.commitment());
    ring.insert(EPOCH, key, &declared).unwrap();
    ring
}

fn draft() -> Draft {
    Draft {
        book: BookId([1; 32]),
        author: AuthorId([2; 32]),
        key_epoch: KeyEpoch(0),
        seq: Seq(7),
        prev: EntryId([3; 32]),
        seen: Seen {
            epoch: RelayEpoch(0),
            position: Position(5),
            tip: Tip([4; 32]),
        },
        flags: 2,
    }
}

fn ops(bytes: usize) -> OpsBody {
    let op = Op {
        verb: 1,
        input: vec![9; bytes],
        slots: vec![],
    };
    OpsBody {
        manifest: ManifestId([5; 32]),
        authored_at_ms: 6,
        ops: vec![op],
    }
}

fn finish(unsigned: Unsigned) -> Entry {
    unsigned.finish(daybook_log::Signature::ZERO)
}

fn sealed(key: &ContentKey, bytes: usize) -> Entry {
    finish(key.seal(&draft(), EPOCH, &ops(bytes), NONCE).unwrap())
}
