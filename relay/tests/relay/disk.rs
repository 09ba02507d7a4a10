//! A disk that is full, and a disk that fails: planted by the same shim that drops unsynced writes.
#![cfg(target_os = "linux")]

use crate::process::Process;
use crate::unsynced::shim;
use crate::world::{Device, found_at, step_back};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

struct Disk {
    dir: tempfile::TempDir,
    library: PathBuf,
}

impl Disk {
    fn new() -> Disk {
        let dir = tempfile::tempdir().unwrap();
        let library = shim(dir.path());
        Disk { dir, library }
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The file that makes the disk misbehave while it is there.
    fn switch(&self) -> PathBuf {
        self.dir.path().join("switch")
    }

    fn start(&self, fault: &str) -> Process {
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let (library, switch) = (text(&self.library), text(&self.switch()));
        Process::start(
            &self.data(),
            &[
                ("LD_PRELOAD", &library),
                ("DAYBOOK_SHIM_NAME", "relay.db"),
                (fault, &switch),
            ],
        )
    }
}

#[test]
fn a_full_disk_is_507_reads_live_on_and_room_ends_it_without_a_restart() {
    let disk = Disk::new();
    let process = disk.start("DAYBOOK_SHIM_FULL");
    let founder = found_at(&process.url, process.code.as_deref().unwrap());
    let before = founder.place(&founder.ops(b"before"));
    std::fs::write(disk.switch(), "").unwrap();
    let entry = founder.ops(&[1; 60_000]);
    let got = founder.post(&[&entry]);
    assert_eq!(
        (got.kind(), got.header("retry-after")),
        ((507, "full".into()), "60")
    );
    assert_eq!(founder.tip().tip, before.tip(), "nothing of it is seen");
    assert_eq!(founder.range(1).items.len(), 2);
    std::fs::remove_file(disk.switch()).unwrap();
    // Another entry of that place in the chain: what was refused left nothing behind.
    step_back(&founder, &entry);
    assert_eq!(founder.place(&founder.ops(b"after")).position.0, 3);
    drop(process);
    assert_eq!(daybook_relay::verify(&disk.data()).unwrap().findings, []);
}

#[test]
fn a_commit_of_unknown_outcome_is_never_acknowledged_and_ends_the_process() {
    let disk = Disk::new();
    let mut process = disk.start("DAYBOOK_SHIM_EIO");
    let founder = found_at(&process.url, process.code.as_deref().unwrap());
    let before = founder.ops(b"before");
    founder.place(&before);
    std::fs::write(disk.switch(), "").unwrap();
    let entry = founder.ops(b"unknown");
    let (path, body) = (
        founder.path("entries"),
        crate::world::append_body(&[&entry]),
    );
    let headers = founder.signed("POST", &path, &body, crate::world::now_s());
    assert!(
        founder
            .try_call("POST", &path, &body, &headers)
            .is_none_or(|got| got.status >= 500)
    );
    let deadline = Instant::now() + Duration::from_secs(20);
    while process.child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "it ends by itself");
        std::thread::yield_now();
    }
    std::fs::remove_file(disk.switch()).unwrap();
    let process = disk.start("DAYBOOK_SHIM_EIO");
    let founder = Device {
        url: process.url.clone(),
        agent: crate::world::agent(),
        ..founder
    };
    // Stored or not: the same entry again settles it.
    assert_eq!(founder.place(&before).position.0, 2);
    assert_eq!(founder.place(&entry).position.0, 3);
}
