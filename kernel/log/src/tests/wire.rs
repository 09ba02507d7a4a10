//! Claims about the relay protocol's bodies.

use super::world::*;
use crate::codec::encode;
use crate::wire::*;
use crate::*;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::Debug;
use serde::Serialize;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

pub(super) fn problem() -> Problem {
    Problem {
        kind: "fork".into(),
        status: 409,
        title: "The chain goes on differently".into(),
        detail: "at seq 3".into(),
        book: Some(BookId([1; 32])),
        head: Some(HeadInfo {
            seq: Seq(3),
            entry_id: EntryId([2; 32]),
        }),
        position: Some(Position(300)),
        time_ms: Some(-1),
        retry_after_s: None,
    }
}

pub(super) fn join_request() -> JoinRequest {
    JoinRequest::from(&Device::new(3).payload(&genesis().book_id(), MemberRole::Member))
}

pub(super) fn create_book() -> CreateBook {
    CreateBook {
        genesis: genesis().encode(),
        setup_code: "code".into(),
        chunks: vec![AST.to_vec(), vec![]],
        founding: vec![1, 2, 3],
    }
}

pub(super) fn range() -> Range {
    let head = TipInfo {
        epoch: RelayEpoch(0),
        position: Position(2),
        tip: Tip([1; 32]),
    };
    Range {
        items: vec![
            Item {
                record: vec![1; 152],
                entry: vec![2; 300]
            };
            3
        ],
        head,
        checkpoint: vec![3; 200],
    }
}

pub(super) fn appended() -> Appended {
    let placed = Answer::Placed {
        record: vec![1; 152],
        duplicate: true,
    };
    Appended {
        answers: vec![placed, Answer::Rejected(problem())],
    }
}

fn reads_back<T: WireBody + PartialEq + Debug>(value: &T) {
    let bytes = value.to_wire();
    assert_eq!(T::from_wire(&bytes).as_ref(), Ok(value));
    assert!(T::from_wire(&[bytes.as_slice(), &[0]].concat()).is_err());
    for len in 0..bytes.len() {
        assert!(T::from_wire(&bytes[..len]).is_err(), "cut to {len}");
    }
}

/// Every body reads back; cut or extended it is malformed.
#[test]
fn bodies_read_back() {
    reads_back(&KeyInfo {
        relay_key: PublicKey([1; 32]),
        epoch: RelayEpoch(7),
        time_ms: i64::MIN,
    });
    reads_back(&create_book());
    reads_back(&Created {
        book: BookId([1; 32]),
        record: vec![1; 152],
    });
    reads_back(&join_request());
    reads_back(&JoinTicket {
        id: JoinId([1; 32]),
    });
    reads_back(&vec![JoinAsked {
        id: JoinId([1; 32]),
        request: join_request(),
        asked_at_ms: 5,
    }]);
    reads_back(&JoinState::Admitted);
    reads_back(&range().head);
    reads_back(&Append {
        entries: vec![vec![1; 300], vec![]],
    });
    reads_back(&appended());
    reads_back(&range());
    reads_back(&problem());
}

/// Writing byte strings at once gives the bytes that writing them one by one gives.
#[test]
fn byte_strings_are_postcard_sequences() {
    #[derive(Serialize)]
    struct Plain {
        entries: Vec<Vec<u8>>,
    }
    let entries = vec![vec![], vec![1], vec![2; 300]];
    assert_eq!(
        Append {
            entries: entries.clone()
        }
        .to_wire(),
        encode(&Plain { entries })
    );
}

/// Limits are checked before decoding where they can be, and at once after it where not.
#[test]
fn bodies_have_limits() {
    let too_long = |max: u32, got: u64| Some(Malformed::TooLong { max, got });
    assert_eq!(
        Append::from_wire(&vec![0; 5_242_881]).err(),
        too_long(5_242_880, 5_242_881)
    );
    assert_eq!(JoinState::from_wire(&[0, 0]).err(), too_long(1, 2));
    let many = Append {
        entries: vec![vec![]; 1001],
    };
    assert_eq!(
        Append::from_wire(&many.to_wire()),
        Err(Malformed::ListLength)
    );
    let big = Append {
        entries: vec![vec![0; 524_288]; 9],
    };
    assert_eq!(
        Append::from_wire(&big.to_wire()),
        Err(Malformed::ListLength)
    );
    let item = range().items[0].clone();
    let many = Range {
        items: vec![item; 1001],
        ..range()
    };
    assert_eq!(
        Range::from_wire(&many.to_wire()),
        Err(Malformed::ListLength)
    );
    let many = Appended {
        answers: vec![appended().answers[0].clone(); 1001],
    };
    assert_eq!(
        Appended::from_wire(&many.to_wire()),
        Err(Malformed::ListLength)
    );
    let endless = Append::from_wire(&[0xff, 0xff, 0xff, 0xff, 0x0f]);
    assert_eq!(endless, Err(Malformed::Undecodable), "4 billion entries");
}

/// What a stranger sends before anybody knows it is bounded piece by piece.
#[test]
fn requests_of_strangers_have_limits() {
    let code = CreateBook {
        setup_code: "x".repeat(129),
        ..create_book()
    };
    assert_eq!(
        CreateBook::from_wire(&code.to_wire()),
        Err(Malformed::ListLength)
    );
    let chunk = CreateBook {
        chunks: vec![vec![0; 262_145]],
        ..create_book()
    };
    assert_eq!(
        CreateBook::from_wire(&chunk.to_wire()),
        Err(Malformed::ListLength)
    );
    let chunks = CreateBook {
        chunks: vec![vec![]; 5],
        ..create_book()
    };
    assert_eq!(
        CreateBook::from_wire(&chunks.to_wire()),
        Err(Malformed::ListLength)
    );
    let label = JoinRequest {
        label: "jar".into(),
        ..join_request()
    };
    assert_eq!(
        JoinRequest::from_wire(&label.to_wire()),
        Err(Malformed::Label)
    );
    let asked = vec![JoinAsked {
        id: JoinId([1; 32]),
        request: label,
        asked_at_ms: 5,
    }];
    assert_eq!(
        Vec::<JoinAsked>::from_wire(&asked.to_wire()),
        Err(Malformed::Label)
    );
}
