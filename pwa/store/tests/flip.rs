//! Every byte of a database file, changed once: it is found and named, or it is harmless. Never a wrong figure.

mod support;

use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

use daybook_client::view::{Hashes, TrialBalance};
use daybook_client::{LoadRequest, Stored};
use daybook_log::EntryId;
use daybook_store::{Cell, Store, StoreFault};
use support::{Desk, shop};

/// What must not change unnoticed.
#[derive(Debug, PartialEq)]
struct Figures {
    hashes: Option<Hashes>,
    balance: Option<TrialBalance>,
    pending: Vec<EntryId>,
    sums: Vec<Vec<Cell>>,
}

impl Figures {
    fn of(desk: &mut Desk) -> Result<Self, StoreFault> {
        let client = &desk.client;
        let (hashes, balance, pending) =
            (client.hashes(), client.trial_balance(), client.pending());
        let sums = sums(&mut desk.store)?;
        Ok(Self {
            hashes,
            balance,
            pending,
            sums,
        })
    }
}

fn sums(store: &mut Store) -> Result<Vec<Vec<Cell>>, StoreFault> {
    let sql =
        "SELECT role, dims, currency, sum(amount) FROM posting GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";
    Ok(store.query(sql)?.rows)
}

/// How a changed byte was met.
#[derive(Debug)]
enum Verdict {
    Opening,
    Verifying,
    Harmless,
}

/// Everything that a client is given when it opens the book. A client is a function of it: equal bytes, equal figures.
fn loaded(store: &mut Store) -> Result<Vec<Stored>, StoreFault> {
    let mut pages = vec![store.load(&LoadRequest::Start)?];
    let (mut after, mut key) = (0, None);
    loop {
        let page = store.load(&LoadRequest::Entries {
            after,
            limit: 1_000,
        })?;
        let Stored::Entries { items, end, .. } = &page else {
            panic!("Entries")
        };
        after = items.last().map_or(after, |item| item.position);
        let end = *end;
        pages.push(page);
        if end {
            break;
        }
    }
    loop {
        let request = LoadRequest::Rows {
            after: key.clone(),
            limit: 2_000,
        };
        let page = store.load(&request)?;
        let Stored::Rows { rows, end, .. } = &page else {
            panic!("Rows")
        };
        key = rows.last().map(|(key, _)| key.clone());
        let end = *end;
        pages.push(page);
        if end {
            return Ok(pages);
        }
    }
}

/// Named, or how it is not.
fn named(fault: StoreFault) -> Result<(), String> {
    match fault {
        StoreFault::Damaged(damage) if !damage.table.is_empty() => Ok(()),
        StoreFault::NotABook | StoreFault::Newer { .. } => Ok(()),
        other => Err(format!("found, but not named: {other}")),
    }
}

/// Opens the book as `balance` and `verify` do.
fn judge(path: &str, good: &Figures, pages: &[Stored]) -> Result<Verdict, String> {
    let mut store = match Store::open(path, None) {
        Ok(store) => store,
        Err(fault) => return named(fault).map(|()| Verdict::Opening),
    };
    match loaded(&mut store) {
        Ok(found) if found == pages => {}
        Ok(_) => return Err("a client is given other bytes".into()),
        Err(fault) => return named(fault).map(|()| Verdict::Opening),
    }
    if !store.verify().is_empty() {
        return Ok(Verdict::Verifying);
    }
    match store.check_projection() {
        Ok(None) => {}
        Ok(Some(_)) => return Ok(Verdict::Verifying),
        Err(fault) => return named(fault).map(|()| Verdict::Verifying),
    }
    match sums(&mut store) {
        Ok(sums) if sums == good.sums => Ok(Verdict::Harmless),
        Ok(sums) => Err(format!("a wrong report: {sums:?}")),
        Err(other) => Err(format!("a report fails though all is well: {other}")),
    }
}

/// What a person sees must be the same whenever the store lets a client open the book; asked for every 64th of them, since it
/// follows from equal bytes.
fn seen(path: &str, good: &Figures) -> Result<(), String> {
    let mut desk = match Desk::open(path) {
        Ok(desk) => desk,
        Err(fault) => return named(fault),
    };
    match Figures::of(&mut desk) {
        Ok(figures) if figures == *good => Ok(()),
        other => Err(format!("a person sees something else: {other:?}")),
    }
}

/// One byte changed, judged, and put back.
fn flip(path: &str, at: u64, (good, pages): (&Figures, &[Stored])) -> Result<Verdict, String> {
    let poke = |byte: Option<u8>| {
        let mut file = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .expect("opens");
        let mut old = [0];
        file.seek(SeekFrom::Start(at))
            .and_then(|_| file.read_exact(&mut old))
            .expect("read");
        let new = byte.unwrap_or(old[0] ^ 0x55);
        file.seek(SeekFrom::Start(at))
            .and_then(|_| file.write_all(&[new]))
            .expect("written");
        old[0]
    };
    let old = poke(None);
    let mut verdict = judge(path, good, pages);
    if at.is_multiple_of(64) && matches!(verdict, Ok(Verdict::Harmless)) {
        verdict = seen(path, good).map(|()| Verdict::Harmless);
    }
    for log in ["-wal", "-shm", "-journal"] {
        let _ = std::fs::remove_file(format!("{path}{log}"));
    }
    poke(Some(old));
    verdict
}

/// SQLite's header and what follows it: each byte there means something, so each is changed every time.
const HEADER: u64 = 128;

/// Bytes to change: every n-th from a place that the seed gives; all of them at night. DAYBOOK_FLIP_EVERY says otherwise.
fn places(length: u64) -> Vec<u64> {
    let number = |name: &str| std::env::var(name).ok()?.parse::<usize>().ok();
    let night = std::env::var_os("DAYBOOK_NIGHT").map(|_| 1);
    let step = number("DAYBOOK_FLIP_EVERY").or(night).unwrap_or(401).max(1);
    let start = number("DAYBOOK_SEED").unwrap_or(1) % step;
    let header = (0..HEADER).filter(|_| step > 1);
    let first = if step > 1 { HEADER } else { 0 };
    header
        .chain((first..length).skip(start).step_by(step))
        .collect()
}

/// Claim: each byte of the file of a book with 100 entries and three that wait, changed once, is found and named or is
/// harmless. It is false as soon as one byte gives another figure, another hash, a lost entry or a nameless fault.
#[test]
fn every_byte() {
    let dir = tempfile::tempdir_in(if std::path::Path::new("/dev/shm").is_dir() {
        "/dev/shm"
    } else {
        "."
    })
    .or_else(|_| tempfile::tempdir())
    .expect("a folder");
    let path = |name: &str| dir.path().join(name).to_str().expect("UTF-8").to_owned();
    let original = path("book.db");
    let (mut desk, _relay) = shop(&original, 100);
    let good = Figures::of(&mut desk).expect("a good book reports");
    assert_eq!(good.hashes.map(|it| it.position), Some(100));
    assert_eq!(good.pending.len(), 3);
    drop(desk);
    let pages = loaded(&mut Store::open(&original, None).expect("opens")).expect("good");
    let length = std::fs::metadata(&original).expect("there").len();
    let places = places(length);
    let next = AtomicUsize::new(0);
    let met: Vec<Met> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..std::thread::available_parallelism().map_or(2, usize::from))
            .map(|nth| {
                let (copy, places, next) = (path(&format!("{nth}.db")), &places, &next);
                let good = (&good, pages.as_slice());
                std::fs::copy(&original, &copy).expect("copied");
                scope.spawn(move || worker(&copy, places, next, good))
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().expect("no worker panics"))
            .collect()
    });
    let sum = |count: fn(&Met) -> usize| met.iter().map(count).sum::<usize>();
    let (opening, verifying) = (sum(|it| it.opening), sum(|it| it.verifying));
    let (harmless, missed) = (sum(|it| it.harmless), sum(|it| it.missed.len()));
    println!(
        "{} of {length} bytes: {opening} found on opening, {verifying} by verify, {harmless} harmless, {missed} missed",
        places.len(),
    );
    let examples: Vec<&String> = met.iter().flat_map(|it| &it.missed).take(20).collect();
    assert!(examples.is_empty(), "{examples:#?}");
    assert_eq!(opening + verifying + harmless, places.len());
    assert!(opening > 0 && harmless > 0, "the test must meet both kinds");
}

/// What one worker met.
#[derive(Default)]
struct Met {
    opening: usize,
    verifying: usize,
    harmless: usize,
    missed: Vec<String>,
}

fn worker(path: &str, places: &[u64], next: &AtomicUsize, good: (&Figures, &[Stored])) -> Met {
    let mut met = Met::default();
    while let Some(at) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
        match flip(path, *at, good) {
            Ok(Verdict::Opening) => met.opening += 1,
            Ok(Verdict::Verifying) => met.verifying += 1,
            Ok(Verdict::Harmless) => met.harmless += 1,
            Err(why) => met
                .missed
                .push(format!("byte {at}, page {}: {why}", at / 16_384)),
        }
    }
    met
}
