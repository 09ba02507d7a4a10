//! The page cache survives kill -9, a power cut it does not: the same siege on a disk that forgets what was not synced
//! (`tests/shim/unsynced.c`, preloaded). With writes that wait for the disk nothing is lost; without, entries are, so
//! this test can fail.

use crate::kill::{Siege, besiege};
use std::path::PathBuf;
use std::process::Command;

/// Compiles the shim.
pub(crate) fn shim(dir: &std::path::Path) -> PathBuf {
    let (source, library) = (
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/shim/unsynced.c"),
        dir.join("unsynced.so"),
    );
    let mut cc = Command::new(std::env::var("CC").unwrap_or_else(|_| "cc".into()));
    let done = cc
        .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
        .arg(&library)
        .arg(source)
        .args(["-ldl", "-lpthread"]);
    assert!(done.status().unwrap().success(), "the shim compiles");
    library
}

fn siege(rounds: u32, env: &[(&str, &str)]) -> (Siege, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let library = shim(dir.path());
    let mut all = vec![
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("DAYBOOK_SHIM_NAME", "relay.db"),
    ];
    all.extend_from_slice(env);
    (besiege(&dir.path().join("data"), rounds, &all), dir)
}

#[test]
#[cfg(target_os = "linux")]
fn nothing_acknowledged_is_lost_with_what_was_not_synced() {
    for leak in [&[][..], &[("DAYBOOK_SHIM_LEAK", "1")]] {
        let (siege, dir) = siege(4, leak);
        println!(
            "§ unsynced writes dropped {leak:?}: {} acknowledged, {} lost",
            siege.acknowledged.len(),
            siege.lost.len()
        );
        assert!(siege.acknowledged.len() > 100);
        assert!(siege.lost.is_empty() && siege.moved.is_empty());
        assert_eq!(
            daybook_relay::verify(&dir.path().join("data"))
                .unwrap()
                .findings,
            []
        );
    }
}

#[test]
#[cfg(target_os = "linux")]
fn without_waiting_for_the_disk_the_same_siege_loses_entries() {
    let (siege, _dir) = siege(1, &[("DAYBOOK_TEST_SYNCHRONOUS", "off")]);
    println!(
        "§ falsifier, synchronous off: {} acknowledged, {} lost",
        siege.acknowledged.len(),
        siege.lost.len()
    );
    assert!(
        !siege.lost.is_empty(),
        "the witness goes red when its fault is planted"
    );
}
