//! `cargo xtask bench [--check]`: from received bytes to rows and root, native and in Chromium, beside `ledger`.

mod journal;
mod order;

use anyhow::{Context as _, anyhow, ensure};
use daybook_fold::replay;
use daybook_log::{BookLog, Entry, Genesis, OrderRecord, Tips};
use daybook_witnesses::bench::{Table, measure, of_times};
use daybook_witnesses::browser::Page;
use daybook_witnesses::shop::sales_book;
use daybook_witnesses::witness::NoLine;
use daybook_witnesses::workload::MadeBook;
use daybook_witnesses::world::{self, Cli, Relay};
use serde_json::json;
use std::process::Command;
use std::time::Duration;

const SALES: u32 = 100_000;
const OPS_PER_ENTRY: u32 = 100;

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.iter().any(|word| word == "--once") {
        return once();
    }
    let mut table = Table::default();
    eprintln!("making {SALES} sales of five postings");
    let sales = sales_book(7, SALES, 4, OPS_PER_ENTRY)?;
    folds(&mut table, &sales)?;
    peer(&mut table, &sales)?;
    opening(&mut table)?;
    import(&mut table)?;
    table.ratio("fold native / ledger", "fold native", "ledger");
    table.ratio("fold native / fold wasm", "fold native", "fold wasm");
    let drawn = table.draw();
    std::fs::write(world::artefacts()?.join("bench.md"), &drawn)?;
    println!("{drawn}");
    if words.iter().any(|word| word == "--check") {
        let missed = table.missed(include_str!("../../budgets.toml"))?;
        ensure!(missed.is_empty(), "below budget: {}", missed.join("; "));
    }
    Ok(())
}

/// One fold in a process of its own, so that its peak of memory is its own.
fn once() -> anyhow::Result<()> {
    let path = std::env::var("DAYBOOK_BENCH_BUNDLE").context("DAYBOOK_BENCH_BUNDLE")?;
    let hashes = replay(&std::fs::read(path)?).map_err(|fault| anyhow!("{fault}"))?;
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .context("VmHWM")?;
    println!(
        "{} {}",
        peak.trim().trim_end_matches(" kB"),
        daybook_probe::print(&hashes)
    );
    Ok(())
}

fn folds(table: &mut Table, sales: &MadeBook) -> anyhow::Result<()> {
    let bytes = sales.bytes();
    let ops = sales.op_count()?;
    let expected = replay(&bytes).map_err(|fault| anyhow!("{fault}"))?;
    ensure!(
        expected.refused == 0,
        "{} ops of the workload were refused",
        expected.refused
    );
    let includes = "decoding, hashing, every signature verified, order re-chained, fold, state and books hash; entries of 100 ops";
    table.add(measure(
        "fold native",
        includes,
        (ops as f64, "ops"),
        || {
            let hashes = replay(&bytes).map_err(|fault| anyhow!("{fault}"))?;
            ensure!(hashes == expected, "another result");
            Ok(())
        },
    )?);
    table.fact("postings per sale", 5);
    table.fact(
        "bytes received per op",
        format!("{:.0}", bytes.len() as f64 / ops as f64),
    );
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), &bytes)?;
    let said = Command::new(std::env::current_exe()?)
        .arg("--once")
        .env("DAYBOOK_BENCH_BUNDLE", file.path())
        .output()?;
    let said = String::from_utf8(said.stdout)?;
    let peak: f64 = said
        .split(' ')
        .next()
        .unwrap_or_default()
        .parse()
        .with_context(|| said.clone())?;
    table.fact(
        "peak memory of the native fold",
        format!(
            "{:.0} MB (of which {:.0} MB are the received bytes)",
            peak / 1e3,
            bytes.len() as f64 / 1e6
        ),
    );
    match in_chromium(sales, &daybook_probe::print(&expected)) {
        Ok(times) => table.add(of_times(
            "fold wasm",
            "the same, in Chromium, after the bytes have reached the page",
            (ops as f64, "ops"),
            times,
        )),
        Err(NoLine::Missing(why)) => table.fact("fold wasm", format!("not measured: {why}")),
        Err(NoLine::Broken(error)) => return Err(error),
    }
    Ok(())
}

const TIMED: &str = r"
    const [url, runs, done] = arguments;
    (async () => {
        const probe = await import('/probe.js');
        await probe.default({ module_or_path: '/probe_bg.wasm' });
        const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
        const times = [];
        let said;
        for (let run = 0; run < runs; run++) {
            const start = performance.now();
            said = probe.replay(bytes, 1000);
            times.push(performance.now() - start);
        }
        return [said, times];
    })().then(done, fault => done(['fault: ' + fault, []]));
";

fn in_chromium(sales: &MadeBook, expected: &str) -> Result<Vec<Duration>, NoLine> {
    let folder = tempfile::tempdir()?;
    let app = world::probe_app(folder.path())?;
    std::fs::write(app.join("book.bin"), sales.bytes())?;
    let relay = Relay::start(&folder.path().join("relay"), Some(&app))?;
    let page = Page::open(&folder.path().join("profile"))?;
    page.go(&relay.url)?;
    let said = page.script_async(
        TIMED,
        vec![json!("/book.bin"), json!(daybook_witnesses::bench::RUNS)],
    )?;
    if said[0] != *expected {
        return Err(anyhow!("wasm gave {}", said[0]).into());
    }
    let times: Vec<f64> = serde_json::from_value(said[1].clone())?;
    Ok(times
        .into_iter()
        .map(|ms| Duration::from_secs_f64(ms / 1e3))
        .collect())
}

/// The same sales as a plain-text journal, through Debian's `ledger`.
fn peer(table: &mut Table, sales: &MadeBook) -> anyhow::Result<()> {
    if Command::new("ledger").arg("--version").output().is_err() {
        table.fact(
            "ledger",
            "not measured: it is not installed (apt-get install ledger)",
        );
        return Ok(());
    }
    let file = tempfile::NamedTempFile::new()?;
    let ours = journal::write(sales, file.path())?;
    let mut said = String::new();
    table.add(measure(
        "ledger",
        "Debian's ledger: parse the same sales as text, balance every transaction, print balances",
        (f64::from(SALES), "ops"),
        || {
            let done = Command::new("ledger")
                .args(["--args-only", "--flat", "--no-total", "-f"])
                .arg(file.path())
                .arg("balance")
                .output()?;
            ensure!(
                done.status.success(),
                "{}",
                String::from_utf8_lossy(&done.stderr)
            );
            said = String::from_utf8(done.stdout)?;
            Ok(())
        },
    )?);
    let theirs = journal::balances(&said)?;
    ensure!(
        theirs == ours,
        "balances differ: ledger {theirs:?}, ours {ours:?}"
    );
    table.fact(
        "balances beside ledger",
        format!("{} accounts, equal to the cent", ours.len()),
    );
    Ok(())
}

/// Opening a book of 100,000 entries, its steps apart.
fn opening(table: &mut Table) -> anyhow::Result<()> {
    eprintln!("making a book of 100,000 entries");
    let book = sales_book(8, 100_000, 4, 1)?;
    let count = book.items.len() as f64;
    let decode = || {
        book.items
            .iter()
            .map(|item| Entry::decode(&item.entry).map_err(|bad| anyhow!("{bad}")))
            .collect::<anyhow::Result<Vec<_>>>()
    };
    table.add(measure(
        "open: decode and hash",
        "every entry split and hashed",
        (count, "entries"),
        || decode().map(drop),
    )?);
    table.add(measure(
        "open: order",
        "records re-chained and every rule of placing checked, signatures left out",
        (count, "entries"),
        || {
            let genesis = Genesis::decode(&book.genesis).map_err(|bad| anyhow!("{bad}"))?;
            let mut log = BookLog::found(&genesis).map_err(|bad| anyhow!("{bad}"))?;
            let mut tips = Tips::new(log.book());
            for (entry, item) in decode()?.into_iter().zip(&book.items) {
                let record = OrderRecord::decode(&item.record).map_err(|bad| anyhow!("{bad}"))?;
                log.place(&record, entry.trust_stored(), &|at| tips.at(at))
                    .map_err(|bad| anyhow!("{bad}"))?;
                tips.push(record.tip());
            }
            Ok(())
        },
    )?);
    table.add(measure(
        "open: everything",
        "decode, hash, all signatures, order, fold, hashes",
        (count, "entries"),
        || {
            replay(&book.bytes())
                .map(drop)
                .map_err(|fault| anyhow!("{fault}"))
        },
    )?);
    table.ratio(
        "everything / without signatures",
        "open: order",
        "open: everything",
    );
    order::measures(table, &book)?;
    Ok(())
}

/// The orders of the shared data through the release terminal client.
fn import(table: &mut Table) -> anyhow::Result<()> {
    let shared = match world::shared() {
        Ok(shared) => shared,
        Err(fault) => {
            table.fact("import of the orders", format!("not measured: {fault}"));
            return Ok(());
        }
    };
    let map = world::root()
        .join("pwa/cli/maps/northwind.toml")
        .display()
        .to_string();
    let data = shared.join("data/northwind").display().to_string();
    table.add(measure(
        "import of the orders",
        "a new book on a relay, 830 orders of 2,155 lines read, signed, folded, stored durably",
        (830.0, "orders"),
        || {
            let folder = tempfile::tempdir()?;
            let relay =
                Relay::start(&folder.path().join("relay"), None).map_err(NoLine::into_error)?;
            let cli = Cli::new(&folder.path().join("book")).map_err(NoLine::into_error)?;
            cli.ok(&[
                "init",
                "--relay",
                &relay.url,
                "--setup-code",
                world::SETUP_CODE,
            ])?;
            cli.ok(&["import", "csv", "--map", &map, &data]).map(drop)
        },
    )?);
    Ok(())
}
