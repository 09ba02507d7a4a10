//! S-SEQ: order is gapless per book; load on one book never makes gaps, stalls or refetches in another.

use crate::device::{Device, placed};
use crate::witness::{Line, Plant, Run, Witness};
use crate::world::{Relay, SECOND_CODE, SETUP_CODE};
use anyhow::anyhow;
use std::sync::atomic::{AtomicBool, Ordering};

/// One quiet book beside a loud one.
pub(super) const ISOLATION: Witness = Witness {
    row: "S-SEQ",
    name: "ISOLATION",
    claim: "while another book takes batches as fast as it can, a quiet book's positions have no gap and each of its entries is fetched once",
    fault: "the reader of the quiet book forgets once how far it was",
    run: isolated,
};

const QUIET_ENTRIES: u64 = 200;

fn isolated(name: &str, plant: Plant) -> Run {
    let folder = tempfile::tempdir()?;
    let relay = Relay::start(folder.path(), None)?;
    let mut quiet = Device::with_book(&relay.url, 21, SETUP_CODE)?;
    let mut loud = Device::with_book(&relay.url, 22, SECOND_CODE)?;
    let done = AtomicBool::new(false);
    let (reading, load) = std::thread::scope(|scope| {
        let load = scope.spawn(|| shout(&mut loud, &done));
        let reading = read_along(&mut quiet, plant);
        done.store(true, Ordering::SeqCst);
        let load = load.join().map_err(|_| anyhow!("a thread died"))?;
        anyhow::Ok((reading?, load?))
    })?;
    let loud_gapless = placed(&loud.range(1)?)?
        .iter()
        .zip(1..)
        .all(|((at, _), expected)| at.0 == expected);
    Ok(Line::new(name)
        .figure("quiet_entries", reading.head)
        .figure("loud_entries", load)
        .figure("fetched", reading.fetched)
        .figure("gaps", reading.gaps)
        .holds("quiet_gapless", reading.gaps == 0)
        .holds("loud_gapless", loud_gapless)
        .holds("no_refetch", reading.fetched == reading.head)
        .holds("loud_was_loud", load > reading.head))
}

/// Batches of a hundred until told to stop; gives how many entries were placed.
fn shout(device: &mut Device, done: &AtomicBool) -> anyhow::Result<u64> {
    let mut placed = 0;
    while !done.load(Ordering::SeqCst) {
        let batch = (0..100)
            .map(|_| device.entry())
            .collect::<anyhow::Result<Vec<_>>>()?;
        placed += u64::try_from(device.append(&batch)?.len())?;
    }
    Ok(placed)
}

struct Reading {
    head: u64,
    fetched: u64,
    gaps: u64,
}

/// Appends one entry at a time and fetches from the head on after each.
fn read_along(device: &mut Device, plant: Plant) -> anyhow::Result<Reading> {
    let mut reading = Reading {
        head: 0,
        fetched: 0,
        gaps: 0,
    };
    for n in 0..QUIET_ENTRIES {
        let entry = device.entry()?;
        device.append(&[entry])?;
        let forgets = plant.planted() && n == QUIET_ENTRIES / 2;
        let from = if forgets { 1 } else { reading.head + 1 };
        for (at, _) in placed(&device.range(from)?)? {
            reading.fetched += 1;
            if at.0 > reading.head {
                reading.gaps += at.0 - reading.head - 1;
                reading.head = at.0;
            }
        }
    }
    Ok(reading)
}
