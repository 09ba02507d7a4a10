//! What can happen to an answer on its way.

use daybook_log::wire::{Range, WireBody};
use daybook_log::{OrderRecord, Position};

use super::Dice;

/// Changes an answer at random: bits, bytes, length, status, or another answer's bytes.
pub(crate) fn spoil(
    dice: &mut Dice,
    status: &mut u16,
    body: &mut Vec<u8>,
    earlier: &mut Vec<Vec<u8>>,
) {
    let original = body.clone();
    let len = body.len().max(1) as u64;
    match dice.below(8) {
        0 => {
            *status = [0, 200, 204, 302, 401, 404, 409, 429, 500, 503, 999][dice.below(11) as usize]
        }
        1 => body.truncate(dice.below(len) as usize),
        2 => body.extend(dice.bytes::<3>()),
        3 if !earlier.is_empty() => {
            body.clone_from(&earlier[dice.below(earlier.len() as u64) as usize])
        }
        4 if !body.is_empty() => {
            let (from, to) = (dice.below(len) as usize, dice.below(len) as usize);
            body[to] = body[from];
        }
        5 if !body.is_empty() => body[dice.below(len) as usize] = dice.bytes::<1>()[0],
        _ if !body.is_empty() => body[dice.below(len) as usize] ^= 1 << dice.below(8),
        _ => body.push(0),
    }
    if earlier.len() < 64 {
        earlier.push(original);
    }
}

/// Somebody between who changes an answer so that it fits together: only the relay's signature can tell.
pub(crate) fn forge(body: &mut Vec<u8>) {
    let Ok(mut range) = Range::from_wire(body) else {
        return;
    };
    if later(&mut range) {
        *body = range.to_wire();
    }
}

/// Puts the last record a millisecond later, and the head with it.
pub(crate) fn later(range: &mut Range) -> bool {
    let Some(last) = range.items.last_mut() else {
        return false;
    };
    let Ok(mut record) = OrderRecord::decode(&last.record) else {
        return false;
    };
    record.relay_time_ms += 1;
    last.record = record.encode().to_vec();
    range.head.position = Position(record.position.0);
    range.head.tip = record.tip();
    true
}
