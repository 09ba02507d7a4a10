//! kill -9 in the middle of appends loses no acknowledged entry and moves none.

use crate::process::Process;
use crate::world::{Device, append_body, found_at, now_s};
use daybook_log::wire::{Answer, Appended, WireBody};
use daybook_log::{Entry, EntryId, OrderRecord};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Runs relay processes on one directory, kills each while devices append, and checks after each start that everything
/// that was acknowledged stands there once, in its position.
pub(crate) struct Siege {
    pub(crate) acknowledged: BTreeMap<EntryId, Vec<u8>>,
    pub(crate) lost: Vec<EntryId>,
    pub(crate) moved: Vec<EntryId>,
}

const POSTERS: u8 = 4;

pub(crate) fn besiege(data: &Path, rounds: u32, env: &[(&str, &str)]) -> Siege {
    let mut siege = Siege {
        acknowledged: BTreeMap::new(),
        lost: Vec::new(),
        moved: Vec::new(),
    };
    let mut process = Process::start(data, env);
    let mut founder = found_at(&process.url, process.code.as_deref().unwrap());
    let mut posters: Vec<Device> = (0..POSTERS)
        .map(|n| crate::world::joined(&founder, 10 + n))
        .collect();
    let mut unanswered: Vec<Vec<Entry>> = vec![Vec::new(); posters.len()];
    for round in 0..rounds {
        let got = Mutex::new(BTreeMap::new());
        std::thread::scope(|scope| {
            for (poster, waiting) in posters.iter_mut().zip(&mut unanswered) {
                let got = &got;
                scope.spawn(move || post_until_it_dies(poster, waiting, got));
            }
            let enough = 30 + 17 * round as usize;
            let deadline = Instant::now() + Duration::from_secs(60);
            while got.lock().unwrap().len() < enough && Instant::now() < deadline {
                std::thread::yield_now();
            }
            process.kill();
        });
        siege.acknowledged.extend(got.into_inner().unwrap());
        process = Process::start(data, env);
        founder = moved_to(founder, &process.url);
        posters = posters
            .into_iter()
            .map(|poster| moved_to(poster, &process.url))
            .collect();
        if !siege.check(&founder) {
            break;
        }
    }
    siege
}

fn moved_to(device: Device, url: &str) -> Device {
    Device {
        url: url.into(),
        agent: crate::world::agent(),
        ..device
    }
}

/// Posts what was never answered again first, as a client does, then new entries three at a time.
fn post_until_it_dies(
    poster: &mut Device,
    waiting: &mut Vec<Entry>,
    got: &Mutex<BTreeMap<EntryId, Vec<u8>>>,
) {
    loop {
        if waiting.is_empty() {
            waiting.extend((0..3_u8).map(|n| poster.ops(&[n; 300])));
        }
        let body = append_body(&waiting.iter().collect::<Vec<_>>());
        let path = poster.path("entries");
        let headers = poster.signed("POST", &path, &body, now_s());
        let Some(answer) = poster.try_call("POST", &path, &body, &headers) else {
            return;
        };
        let answers = Appended::from_wire(&answer.body).unwrap().answers;
        let mut got = got.lock().unwrap();
        for (entry, answer) in waiting.drain(..).zip(answers) {
            match answer {
                Answer::Placed { record, .. } => got.insert(entry.id(), record),
                Answer::Rejected(problem) => panic!("{problem:?}"),
            };
        }
    }
}

impl Siege {
    /// Whether the book still stands with every acknowledged entry in it.
    fn check(&mut self, reader: &Device) -> bool {
        let mut stored = BTreeMap::new();
        loop {
            let got = reader.get(&format!("entries?from={}", stored.len() + 1));
            let Ok(range) = daybook_log::wire::Range::from_wire(&got.body) else {
                break;
            };
            if range.items.is_empty() {
                break;
            }
            for item in range.items {
                let record = OrderRecord::decode(&item.record).unwrap();
                assert_eq!(
                    record.position.0,
                    stored.len() as u64 + 1,
                    "the order has no gap"
                );
                assert!(
                    stored.insert(record.entry_id, item.record).is_none(),
                    "an entry stands twice"
                );
            }
        }
        for (id, record) in &self.acknowledged {
            match stored.get(id) {
                None => self.lost.push(*id),
                Some(now) if now != record => self.moved.push(*id),
                Some(_) => {}
            }
        }
        self.lost.is_empty() && self.moved.is_empty()
    }
}

#[test]
fn kill_9_loses_no_acknowledged_entry_and_doubles_none() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let siege = besiege(&data, 6, &[]);
    println!(
        "§ kill -9: 6 rounds, {} acknowledged, {} lost, {} moved",
        siege.acknowledged.len(),
        siege.lost.len(),
        siege.moved.len()
    );
    assert!(siege.acknowledged.len() > 200);
    assert!(siege.lost.is_empty() && siege.moved.is_empty());
    assert_eq!(daybook_relay::verify(&data).unwrap().findings, []);
}
