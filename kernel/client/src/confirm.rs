//! Order records are not signed in this format's first slice, so a record is believed only when something else in the
//! same answer confirms its tip: the record after it, or the head. A fault on the way can then spoil an answer, but
//! never lead a device onto an order of its own.

use daybook_log::wire::TipInfo;
use daybook_log::{OrderRecord, Unreadable};

/// How many records from the front are confirmed. One that does not decode counts: taking it says why it does not.
pub(crate) fn confirmed<'a>(
    records: impl Iterator<Item = &'a [u8]>,
    head: Option<&TipInfo>,
) -> usize {
    let mut records = records.map(OrderRecord::decode).peekable();
    let mut count = 0_usize;
    while let Some(record) = records.next() {
        let good = match (&record, records.peek()) {
            (Err(_), _) | (_, Some(Err(Unreadable::Unsupported(_)))) => true,
            (Ok(record), Some(Ok(next))) => next.prev_tip == record.tip(),
            (Ok(_), Some(Err(Unreadable::Malformed(_)))) => false,
            (Ok(record), None) => head
                .is_some_and(|head| head.position == record.position && head.tip == record.tip()),
        };
        if !good {
            break;
        }
        count = count.saturating_add(1);
    }
    count
}
