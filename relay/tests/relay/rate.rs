//! How fast entries get into the order. In the gate a small run, so that the measurement itself keeps working; for
//! figures: `DAYBOOK_LOAD=20000 cargo test --release -p daybook-relay --test relay rate -- --nocapture`.

use crate::world::{Device, Relay, append_body, found, joined, now_s};
use daybook_log::wire::{Answer, Appended};
use daybook_log::{AdmittedKey, SecretKey, Tag};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// `connections` devices post `batch` entries at a time until `total` are stored; entries per second, stored ones counted.
fn rate(connections: u8, batch: u64, total: u64) -> f64 {
    let relay = Relay::start();
    let founder = found(&relay);
    let devices: Vec<Device> = (0..connections).map(|n| joined(&founder, 10 + n)).collect();
    let before = founder.tip().position.0;
    let each = total / u64::from(connections) / batch;
    // Signing is the clients' work and is done before the clock starts.
    let work: Vec<_> = devices
        .into_iter()
        .map(|device| {
            let bodies: Vec<_> = (0..each)
                .map(|_| {
                    let entries: Vec<_> = (0..batch).map(|_| device.ops(&[7; 200])).collect();
                    let body = append_body(&entries.iter().collect::<Vec<_>>());
                    let headers = device.signed("POST", &device.path("entries"), &body, now_s());
                    (body, headers)
                })
                .collect();
            (device, bodies)
        })
        .collect();
    let failed = AtomicU64::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for (device, bodies) in work {
            let failed = &failed;
            scope.spawn(move || {
                for (body, headers) in bodies {
                    let got = device.call_with("POST", &device.path("entries"), &body, &headers);
                    let answers = got.ok::<Appended>().answers;
                    let bad = answers
                        .iter()
                        .filter(|answer| {
                            !matches!(
                                answer,
                                Answer::Placed {
                                    duplicate: false,
                                    ..
                                }
                            )
                        })
                        .count();
                    failed.fetch_add(bad as u64, Ordering::Relaxed);
                }
            });
        }
    });
    let seconds = start.elapsed().as_secs_f64();
    let stored = founder.tip().position.0 - before;
    assert_eq!(failed.into_inner(), 0);
    assert_eq!(
        stored,
        each * batch * u64::from(connections),
        "rows stored, not requests"
    );
    stored as f64 / seconds
}

/// Signatures that all cores together verify in a second, with nothing else to do: no append rate can be above it.
fn ceiling() -> f64 {
    let key = SecretKey::from_seed([1; 32]);
    let (digest, signature) = ([7; 32], key.sign(Tag::Entry, &[7; 32]));
    let admitted = AdmittedKey::admit(key.public()).unwrap();
    let (cores, each) = (
        std::thread::available_parallelism().unwrap().get(),
        2_000_u32,
    );
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                (0..each).for_each(|_| admitted.verify(Tag::Entry, &digest, &signature).unwrap())
            });
        }
    });
    f64::from(each) * cores as f64 / start.elapsed().as_secs_f64()
}

#[test]
fn append_rates_are_of_stored_entries() {
    println!(
        "§ verify ceiling: {:.0} signatures/s on all cores",
        ceiling()
    );
    let load: u64 = std::env::var("DAYBOOK_LOAD").map_or(400, |load| load.parse().unwrap());
    for (connections, batch) in [(1, 1), (64, 1), (200, 1), (16, 100)] {
        let total = load.max(u64::from(connections) * batch);
        let total = if connections == 1 { total / 4 } else { total };
        println!(
            "§ append: {connections} connections x {batch} entries: {:.0} entries/s",
            rate(connections, batch, total)
        );
    }
}

/// The first request after a start pays for reading the book: linear, and its cost is stated.
#[test]
fn the_first_request_rate_after_a_restart_is_linear_in_the_book() {
    let load: u64 = std::env::var("DAYBOOK_LOAD").map_or(400, |load| load.parse().unwrap());
    let mut relay = Relay::start();
    let founder = found(&relay);
    for _ in 0..load.div_ceil(400) {
        let entries: Vec<_> = (0..400).map(|_| founder.ops(&[7; 200])).collect();
        founder.append(&entries.iter().collect::<Vec<_>>());
    }
    let before = founder.tip();
    relay.restart();
    let founder = Device {
        url: relay.url(),
        agent: crate::world::agent(),
        ..founder
    };
    let start = Instant::now();
    assert_eq!(founder.tip(), before);
    let micros = start.elapsed().as_secs_f64() * 1e6;
    let entries = before.position.0;
    println!(
        "§ rebuild: {entries} entries in {:.1} ms, {:.1} us an entry",
        micros / 1e3,
        micros / entries as f64
    );
}
