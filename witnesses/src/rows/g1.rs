//! G1: the relay is idempotent, restartable, recoverable.

use crate::device::{Device, placed, position};
use crate::witness::{Line, Plant, Run, Witness};
use crate::world::{Relay, SETUP_CODE, copy_folder};
use anyhow::anyhow;
use daybook_log::{Entry, EntryId, Position, wire};
use std::collections::BTreeMap;
use std::path::Path;

/// The same entry a thousand times.
pub(super) const RETRY: Witness = Witness {
    row: "G1",
    name: "RETRY",
    claim: "an entry sent a thousand times, half of them after a restart, stands in the order once and always gets the same record",
    fault: "one retry is signed anew, as another entry",
    run: retried,
};

fn retried(name: &str, plant: Plant) -> Run {
    let folder = tempfile::tempdir()?;
    let mut relay = Relay::start(folder.path(), None)?;
    let mut device = Device::with_book(&relay.url, 11, SETUP_CODE)?;
    let entry = device.entry()?;
    let mut records = Vec::new();
    for n in 0..1_000 {
        if n == 500 {
            relay = relay.restart()?;
            device.moved(&relay.url);
        }
        let again = if plant.planted() && n == 750 {
            device.entry()?
        } else {
            entry.clone()
        };
        for answer in device.append(&[again])? {
            if let wire::Answer::Placed { record, .. } = answer {
                records.push(record);
            }
        }
    }
    let answers = records.len();
    records.dedup();
    let stored = placed(&device.range(1)?)?.len();
    Ok(Line::new(name)
        .figure("sent", 1_000)
        .figure("answered", answers)
        .holds("one_record", records.len() == 1)
        .figure("stored", stored)
        .holds("founding_and_it", stored == 2))
}

/// `kill -9` while entries are on their way.
pub(super) const KILL: Witness = Witness {
    row: "G1",
    name: "KILL",
    claim: "what the relay acknowledged before kill -9 stands, after a restart, once and at the acknowledged position",
    fault: "the data folder comes back as it was before the last round, as from a disk that lied",
    run: killed,
};

const KILLS: usize = 5;

fn killed(name: &str, plant: Plant) -> Run {
    let folder = tempfile::tempdir()?;
    let (data, copy) = (folder.path().join("relay"), folder.path().join("copy"));
    let mut relay = Relay::start(&data, None)?;
    let mut device = Device::with_book(&relay.url, 12, SETUP_CODE)?;
    let mut acknowledged: BTreeMap<EntryId, Position> = BTreeMap::new();
    for round in 0..KILLS {
        let entries = (0..200)
            .map(|_| device.entry())
            .collect::<anyhow::Result<Vec<_>>>()?;
        let (before, pending) = entries.split_at(100 + round);
        if plant.planted() && round + 1 == KILLS {
            relay.kill()?;
            copy_folder(&data, &copy)?;
            relay = relay.restart()?;
            device.moved(&relay.url);
        }
        for entry in before {
            keep(
                &mut acknowledged,
                std::slice::from_ref(entry),
                &device.append(std::slice::from_ref(entry))?,
            )?;
        }
        // The kill falls while the rest is on its way; what was not answered is sent again afterwards.
        let answered = std::thread::scope(|scope| {
            let sending = scope.spawn(|| device.append(pending));
            relay.kill()?;
            anyhow::Ok(sending.join().map_err(|_| anyhow!("a thread died"))?.ok())
        })?;
        if let Some(answers) = answered {
            keep(&mut acknowledged, pending, &answers)?;
        }
        let rolled_back = plant.planted() && round + 1 == KILLS;
        if rolled_back {
            roll_back(&copy, &data)?;
        }
        relay = relay.restart()?;
        device.moved(&relay.url);
        if !rolled_back {
            keep(&mut acknowledged, pending, &device.append(pending)?)?;
        }
    }
    compare(
        Line::new(name).figure("kills", KILLS),
        &acknowledged,
        &placed(&device.range(1)?)?,
    )
}

fn keep(
    acknowledged: &mut BTreeMap<EntryId, Position>,
    entries: &[Entry],
    answers: &[wire::Answer],
) -> anyhow::Result<()> {
    for (entry, answer) in entries.iter().zip(answers) {
        acknowledged.extend(position(answer)?.map(|at| (entry.id(), at)));
    }
    Ok(())
}

fn compare(
    line: Line,
    acknowledged: &BTreeMap<EntryId, Position>,
    stored: &[(Position, EntryId)],
) -> Run {
    let gapless = stored
        .iter()
        .zip(1..)
        .all(|((at, _), expected)| at.0 == expected);
    let by_entry: BTreeMap<_, _> = stored.iter().map(|(at, entry)| (*entry, *at)).collect();
    let lost = acknowledged
        .iter()
        .filter(|(entry, at)| by_entry.get(entry) != Some(at))
        .count();
    Ok(line
        .figure("acknowledged", acknowledged.len())
        .figure("stored", stored.len())
        .figure("lost_or_moved", lost)
        .holds("none_lost", lost == 0 && !acknowledged.is_empty())
        .holds("none_doubled", by_entry.len() == stored.len())
        .holds("gapless", gapless))
}

/// The fault: the folder is as it was before the round, as after a disk that kept nothing of what it promised.
fn roll_back(copy: &Path, data: &Path) -> anyhow::Result<()> {
    std::fs::remove_dir_all(data)?;
    copy_folder(copy, data)
}
