//! Claims about order records; `docs/spec/order.md` names them.

use super::world::*;
use crate::hash::{Thing, derive};
use crate::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn record() -> OrderRecord {
    OrderRecord {
        epoch: RelayEpoch(0x0102_0304),
        position: Position(0x1112_1314_1516_1718),
        relay_time_ms: -2,
        prev_tip: Tip([1; 32]),
        entry_id: EntryId([2; 32]),
        kind: Kind::Manifest,
        signature: Signature([3; 64]),
    }
}

/// O-1: fields lie at the offsets of the table, and the tip is over all 152 bytes.
#[test]
fn record_fields_lie_where_the_table_says() {
    let bytes = record().encode();
    assert_eq!(bytes.len(), 152);
    assert_eq!(bytes[..4], [1, 4, 0, 0]);
    assert_eq!(bytes[4..8], [4, 3, 2, 1]);
    assert_eq!(
        bytes[8..16],
        [0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11]
    );
    assert_eq!(bytes[16..24], (-2_i64).to_le_bytes());
    assert_eq!(bytes[24..56], [1; 32]);
    assert_eq!(bytes[56..88], [2; 32]);
    assert_eq!(bytes[88..], [3; 64]);
    assert_eq!(OrderRecord::decode(&bytes), Ok(record()));
    assert_eq!(record().tip().0, derive(Thing::Order, &[&bytes]));
}

/// O-2..O-6: each broken record has its error.
#[test]
fn each_broken_record_has_its_error() {
    let good = record().encode();
    for len in 0..152 {
        assert_eq!(
            OrderRecord::decode(&good[..len]),
            Err(Malformed::TooShort.into()),
            "cut to {len}"
        );
    }
    let longer = [good.as_slice(), &[0]].concat();
    assert_eq!(
        OrderRecord::decode(&longer),
        Err(Malformed::LeftOver.into())
    );
    let edited = |at: usize, value: u8| {
        let mut bytes = good;
        bytes[at] = value;
        OrderRecord::decode(&bytes)
    };
    assert_eq!(edited(0, 2), Err(Unsupported::Format(2).into()));
    assert_eq!(edited(1, 13), Err(Unsupported::Kind(13).into()));
    assert_eq!(edited(3, 1), Err(Unsupported::Reserved(256).into()));
    let zero = OrderRecord {
        position: Position::ZERO,
        ..record()
    };
    assert_eq!(
        OrderRecord::decode(&zero.encode()),
        Err(Malformed::PositionZero.into())
    );
}

/// Every bit of a record is in the tip, the author's signature included.
#[test]
fn every_bit_of_a_record_is_in_the_tip() {
    let good = record();
    for at in 0..152 {
        let mut bytes = good.encode();
        bytes[at] ^= 1;
        if let Ok(other) = OrderRecord::decode(&bytes) {
            assert_ne!(other.tip(), good.tip(), "byte {at}");
        }
    }
}

/// The chain starts from the book id and each tip is the next record's `prev_tip`.
#[test]
fn tips_chain_from_the_book_id() {
    let (mut world, founder) = World::founded();
    let book = world.log.book();
    assert_eq!(world.tips.at(Position(0)), Some(Tip(book.0)));
    for _ in 0..3 {
        let before = world.log.tip();
        let ordered = world.place(world.ops(&founder)).unwrap();
        assert_eq!(ordered.record.prev_tip, before);
        assert_eq!(
            (ordered.tip, ordered.record.tip()),
            (world.log.tip(), world.log.tip())
        );
        assert_eq!(world.tips.at(ordered.position), Some(ordered.tip));
    }
    assert_eq!(
        (world.tips.position(), world.log.position()),
        (Position(4), Position(4))
    );
    assert_eq!(world.tips.at(Position(5)), None);
}
