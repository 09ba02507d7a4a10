//! Whatever bytes come in, each decoder gives a typed error or a value that says the same bytes again.
//! The first byte chooses the decoder.
#![no_main]

use daybook_log::content::{pad, unpad};
use daybook_log::wire::{
    Append, Appended, CreateBook, JoinRequest, Problem, Range, TipInfo, WireBody,
};
use daybook_log::{Body, Entry, Genesis, OrderRecord, SealedBody};
use libfuzzer_sys::fuzz_target;

fn canonical<T: WireBody>(bytes: &[u8]) {
    if let Ok(value) = T::from_wire(bytes) {
        assert_eq!(value.to_wire(), bytes);
    }
}

fn entry(bytes: &[u8]) {
    let Ok(entry) = Entry::decode(bytes) else {
        return;
    };
    assert_eq!(entry.bytes(), bytes);
    let header = entry.header();
    assert_eq!(header.encode(), bytes[..232]);
    assert_eq!(
        header.is_encrypted(),
        matches!(entry.body(), Body::Sealed(_))
    );
    let again = Entry::decode(entry.clone().opened(Ok(bytes)).bytes());
    assert_eq!(again, Ok(entry));
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, bytes)) = data.split_first() else {
        return;
    };
    match choice % 12 {
        0 | 1 => entry(bytes),
        2 => {
            if let Ok(record) = OrderRecord::decode(bytes) {
                assert_eq!(record.encode(), bytes);
            }
        }
        3 => {
            if let Ok(genesis) = Genesis::decode(bytes) {
                assert_eq!(genesis.encode(), bytes);
            }
        }
        4 => {
            if let Ok(sealed) = SealedBody::decode(bytes) {
                assert_eq!(sealed.encode(), bytes);
            }
            if let Ok(plaintext) = unpad(bytes) {
                assert_eq!(pad(plaintext).as_deref(), Ok(bytes));
            }
        }
        5 => canonical::<JoinRequest>(bytes),
        6 => canonical::<CreateBook>(bytes),
        7 => canonical::<Append>(bytes),
        8 => canonical::<Appended>(bytes),
        9 => canonical::<Range>(bytes),
        10 => canonical::<Problem>(bytes),
        _ => canonical::<TipInfo>(bytes),
    }
});
