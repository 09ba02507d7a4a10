//! D1: every client computes the same.

use crate::browser::Page;
use crate::live::Live;
use crate::shop::sales_book;
use crate::witness::{Line, Plant, Run, Witness};
use crate::workload::MadeBook;
use crate::world::{self, Relay};
use anyhow::{Context as _, anyhow};
use daybook_fold::key::POSTING;
use daybook_fold::{Book, Hashes, replay, replay_batched};
use serde_json::json;

/// The book that all four look at: enough sales that every table has rows, small enough for the fast gate.
fn book() -> anyhow::Result<MadeBook> {
    sales_book(2, 600, 3, 3)
}

fn hashes(bundle: &MadeBook) -> anyhow::Result<Hashes> {
    replay(&bundle.bytes()).map_err(|fault| anyhow!("{fault}"))
}

/// Live = replayed.
pub(super) const REPLAY: Witness = Witness {
    row: "D1",
    name: "REPLAY",
    claim: "a book folded live, entry by entry, has the hashes of the same log replayed from zero",
    fault: "half-way, the live book loses one posting",
    run: live_is_replayed,
};

fn live_is_replayed(name: &str, plant: Plant) -> Run {
    let bundle = book()?;
    let mut live = Live::open(&bundle)?;
    let half = bundle.items.len() / 2;
    for (index, item) in bundle.items.iter().enumerate() {
        live.fold(&item.record, &item.entry)?;
        if plant.planted() && index == half {
            live.book = stored_and_restored(&live, &bundle, plant)?;
        }
    }
    let replayed = hashes(&bundle)?;
    let line = Line::new(name)
        .figure("entries", bundle.items.len())
        .figure("ops", bundle.op_count()?)
        .figure("refused", replayed.refused)
        .holds("state", live.book.state_hash() == replayed.state_hash)
        .holds("books", live.book.books_hash() == replayed.books_hash);
    Ok(line)
}

/// Batches of 1 = batches of 1,000.
pub(super) const BATCH: Witness = Witness {
    row: "D1",
    name: "BATCH",
    claim: "batches of 1, of 7 and of 1,000 entries give the same hashes",
    fault: "one batch arrives without its last entry",
    run: batches_agree,
};

fn batches_agree(name: &str, plant: Plant) -> Run {
    let whole = book()?;
    let mut seen = whole.clone();
    if plant.planted() {
        seen.items.pop();
    }
    let batched = |bundle: &MadeBook, size| {
        replay_batched(&bundle.bytes(), size).map_err(|fault| anyhow!("{fault}"))
    };
    let one = batched(&whole, 1)?;
    let line = Line::new(name)
        .figure("entries", whole.items.len())
        .holds("of_7", batched(&whole, 7)? == one)
        .holds("of_1000", batched(&seen, 1_000)? == one);
    Ok(line)
}

/// Stop and resume.
pub(super) const RESUME: Witness = Witness {
    row: "D1",
    name: "RESUME",
    claim: "a fold stopped at any position and resumed from its stored rows ends at the hashes of one that never stopped",
    fault: "one posting is lost while it is stopped",
    run: resumes_anywhere,
};

fn resumes_anywhere(name: &str, plant: Plant) -> Run {
    let bundle = book()?;
    let whole = hashes(&bundle)?;
    let cuts = 12;
    let mut equal = 0;
    for cut in (1..=cuts).map(|n| n * (bundle.items.len() - 1) / cuts) {
        let mut live = Live::open(&bundle)?;
        for item in &bundle.items[..cut] {
            live.fold(&item.record, &item.entry)?;
        }
        live.book = stored_and_restored(&live, &bundle, plant)?;
        for item in &bundle.items[cut..] {
            live.fold(&item.record, &item.entry)?;
        }
        equal += usize::from(live.book.state_hash() == whole.state_hash);
    }
    Ok(Line::new(name)
        .figure("cuts", cuts)
        .figure("equal", equal)
        .holds("all", equal == cuts))
}

fn stored_and_restored(live: &Live, bundle: &MadeBook, plant: Plant) -> anyhow::Result<Book> {
    let mut rows: Vec<_> = live
        .book
        .rows()
        .map(|(key, value)| (key, value.to_vec()))
        .collect();
    let posting = rows
        .iter()
        .position(|(key, _)| key.starts_with(&POSTING.to_be_bytes()));
    if let (true, Some(posting)) = (plant.planted(), posting) {
        rows.remove(posting);
    }
    let genesis = live.log.genesis().manifest;
    let mut book = Book::restore(
        live.log.book(),
        genesis,
        (live.log.position(), live.log.tip()),
        rows.into_iter(),
    )
    .map_err(|bad| anyhow!("{bad}"))?;
    Live::provide(&mut book, bundle)?;
    Ok(book)
}

/// Native = wasm in Chromium.
pub(super) const WASM: Witness = Witness {
    row: "D1",
    name: "WASM",
    claim: "the kernel as wasm in Chromium gives the hashes of the native kernel",
    fault: "the browser's log lacks its last entry",
    run: native_is_wasm,
};

fn native_is_wasm(name: &str, plant: Plant) -> Run {
    let bundle = book()?;
    let native = hashes(&bundle)?;
    let mut theirs = bundle.clone();
    if plant.planted() {
        theirs.items.pop();
    }
    let folder = tempfile::tempdir()?;
    let relay = Relay::start(
        &folder.path().join("relay"),
        Some(&world::probe_app(folder.path())?),
    )?;
    let page = Page::open(&folder.path().join("profile"))?;
    page.go(&relay.url)?;
    let said = page.script_async(PROBE, vec![json!(theirs.bytes())])?;
    let said = said.as_str().context("the probe gave no text")?;
    Ok(Line::new(name)
        .figure("entries", bundle.items.len())
        .figure("native", daybook_probe::print(&native))
        .holds("hashes", said == daybook_probe::print(&native)))
}

/// Runs the probe on the bytes of a bundle; whatever happens comes back as text.
const PROBE: &str = r"
    const [bytes, done] = arguments;
    import('/probe.js')
        .then(probe => probe.default({ module_or_path: '/probe_bg.wasm' }).then(() => probe.replay(new Uint8Array(bytes), 1000)))
        .then(done, fault => done('fault: ' + fault));
";
