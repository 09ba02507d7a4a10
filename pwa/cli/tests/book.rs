//! Books made with the real program and the real relay process.

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
use support::{CODE, Device, Relay, data, shared, skip};

fn scene(test: &str) -> Option<(tempfile::TempDir, Relay, Device)> {
    let root = tempfile::tempdir().expect("a folder");
    let relay = Relay::start(&root.path().join("relay"), test)?;
    let device = Device::new(root.path(), "a");
    device.init(&relay);
    Some((root, relay, device))
}

/// Lets a second device in, as two people would.
fn join(relay: &Relay, first: &Device, root: &Path) -> Device {
    let second = Device::new(root, "b");
    let book = first.json(0, &["status"])["book"]
        .as_str()
        .expect("a book")
        .to_owned();
    let args = [
        "join", "--relay", &relay.url, "--book", &book, "--label", "VAN",
    ];
    let mut waiting = second
        .command(&args)
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("it runs");
    let deadline = Instant::now() + Duration::from_secs(60);
    let asked = loop {
        let asked = first.json(0, &["requests"]);
        if asked.as_array().is_some_and(|list| !list.is_empty()) {
            break asked;
        }
        assert!(Instant::now() < deadline, "nobody asked");
        std::thread::yield_now();
    };
    // While a device waits, its book is open there: a second process is told so and does no harm.
    assert_eq!(second.json(6, &["status"])["code"], 6);
    first.run(
        0,
        &["approve", &asked[0]["id"].as_str().expect("an id")[..12]],
    );
    assert!(waiting.wait().expect("it ends").success());
    second
}

/// Claim: rows become ops once; figures are those of the files; everything that reads agrees.
#[test]
fn a_small_shop() {
    let Some((root, relay, first)) = scene("a_small_shop") else {
        return;
    };
    let done = first.import(0, "good");
    assert_eq!(
        (&done["added"], &done["present"], &done["bad"]),
        (&json!(9), &json!(0), &json!([]))
    );
    // 9.00 + (4.05 + 0.65) + 6.72, all including 7 %; paid 10.50 in cash, the float was 50.00.
    assert_eq!(first.balance("cash"), "60.50");
    assert_eq!(first.balance("receivable"), "9.92");
    assert_eq!(first.balance("vault"), "-50.00");
    let again = first.import(0, "good");
    assert_eq!((&again["added"], &again["present"]), (&json!(0), &json!(9)));
    first.run(0, &["sync"]);
    let balance = first.json(0, &["balance"]);
    assert_eq!(balance["totals"][0]["difference"], "0.00");
    let second = join(&relay, &first, root.path());
    first.run(0, &["sync"]);
    second.run(0, &["sync"]);
    assert_eq!(first.hashes(), second.hashes());
    assert_eq!(
        second.import(0, "good")["added"],
        0,
        "the other device derives the same ids"
    );
    for device in [&first, &second] {
        assert_eq!(device.json(0, &["verify"])["good"], true);
        assert_eq!(device.json(0, &["prove"])["proved"], true);
        assert_eq!(device.json(0, &["balance"])["lines"], balance["lines"]);
    }
    let sql =
        "SELECT role, sum(amount) FROM posting GROUP BY role HAVING sum(amount) <> 0 ORDER BY role";
    let rows = first.json(0, &["sql", sql])["rows"].clone();
    assert_eq!(
        rows,
        json!([
            ["cash", 6050],
            ["receivable", 992],
            ["revenue", -1909],
            ["tax_out", -133],
            ["vault", -5000]
        ])
    );
    bundle_replays(&first, root.path());
}

/// A stranger with nothing but the exported file comes to the same hashes.
fn bundle_replays(device: &Device, root: &Path) {
    let file = root.join("book.bundle");
    let file = file.to_str().expect("UTF-8");
    device.run(0, &["export-bundle", file]);
    device.run(1, &["export-bundle", file]);
    let hashes = daybook_fold::replay(&std::fs::read(file).expect("written")).expect("it replays");
    assert_eq!(
        (hashes.state_hash.to_string(), hashes.books_hash.to_string()),
        device.hashes()
    );
}

/// Claim: each bad row is reported by file, line and reason with exit code 3; what is good is in the book; nothing that
/// depends on a bad row is.
#[test]
fn bad_rows() {
    let Some((_root, _relay, device)) = scene("bad_rows") else {
        return;
    };
    let done = device.import(3, "bad");
    let told: Vec<String> = done["bad"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| {
            format!(
                "{}:{} {}",
                it["file"].as_str().expect("file"),
                it["line"],
                it["reason"].as_str().expect("reason")
            )
        })
        .collect();
    let expected = [
        "articles.csv:3 input price: `1.295` has more than 2 decimal places",
        "articles.csv:4 input tax: groups.csv has no row with gone",
        "articles.csv:5 article = TEA stands on line 2 already",
        "articles.csv:6 it has 2 cells, the header has 4",
        "articles.csv:8 cell 1 is not UTF-8",
        "lines.csv:4 input qty: `many` is not a decimal number; so sale.commit of orders.csv:4 is left out",
        "lines.csv:6 input disc: `1500000 ppm` is not a share from 0% to 100% with at most four places; so sale.commit of orders.csv:7 is left out",
        "lines.csv:7 no row of the other file belongs to it",
        "orders.csv:3 input date: `2026-02-31` is not a date like 2026-01-31",
        "orders.csv:5 input lines: lines.csv has 0 rows for it, 1 are needed",
        "orders.csv:7 input code: `acme` is not a code of at most 24 characters A-Z 0-9 . _ / -",
        "orders.csv:8 no = 1 stands on line 2 already",
        "orders.csv:9 input code: column `customer` is empty",
        "orders.csv:9 input lines: lines.csv has 0 rows for it, 1 are needed",
    ];
    let refused: Vec<&String> = told.iter().filter(|it| it.contains("refused:")).collect();
    assert_eq!(refused.len(), 1, "{told:#?}");
    assert!(
        refused[0].starts_with("orders.csv:6 sale.commit refused: ZERO_QUANTITY "),
        "{}",
        refused[0]
    );
    let others: Vec<&String> = told.iter().filter(|it| !it.contains("refused:")).collect();
    assert_eq!(others, expected.iter().collect::<Vec<_>>(), "{told:#?}");
    // The good ones: TEA, JAM, two customers, the session, order 1.
    assert_eq!(done["added"], 6);
    assert_eq!(
        device
            .json(0, &["documents"])
            .as_array()
            .expect("a list")
            .len(),
        2
    );
    let again = device.import(3, "bad");
    assert_eq!((&again["added"], &again["present"]), (&json!(0), &json!(6)));
    let (_, err) = device.run(
        3,
        &["import", "csv", "--map", &data("shop.toml"), &data("bad")],
    );
    assert!(
        err.contains("\nlines.csv:4: input qty: ") || err.starts_with("articles.csv:3: "),
        "{err}"
    );
}

/// Claim: without the relay one appends, imports, reads and proves; the exchange says with exit code 7 that there is none,
/// loses nothing, and goes through when the relay is back.
#[test]
fn without_a_relay() {
    let Some((_root, relay, device)) = scene("without_a_relay") else {
        return;
    };
    device.run(0, &["sync"]);
    let (address, folder) = (relay.url.clone(), relay.data.clone());
    drop(relay);
    device.import(0, "good");
    let done = device.json(0, &["append", "party.new", r#"{"code": "INITECH"}"#]);
    let id = done["id"].as_str().expect("an id").to_owned();
    assert_eq!(
        device.json(4, &["append", "party.new", r#"{"code": "INITECH"}"#])["code"],
        4,
        "the code is taken"
    );
    assert_eq!(
        device.json(2, &["append", "party.new", r#"{"kode": "X"}"#])["code"],
        2
    );
    assert_eq!(device.json(7, &["sync"])["code"], 7);
    assert_eq!(device.balance("cash"), "60.50");
    device.run(0, &["prove"]);
    device.run(0, &["verify"]);
    let op = device.json(0, &["op", done["op"].as_str().expect("an op")]);
    assert_eq!(
        (&op["verb"], &op["durability"], &op["verified"]),
        (&json!("party.new"), &json!("local"), &json!(true))
    );
    assert_eq!(
        device.json(0, &["history", "party", &id]),
        json!([]),
        "it has no position yet"
    );
    let listen = address.trim_start_matches("http://");
    let Some(_relay) = Relay::start_at(listen, &folder, "without_a_relay") else {
        return;
    };
    device.run(0, &["sync"]);
}

/// Claim: who may not is told so with exit code 4 and can be let in later; what cannot be meant has exit code 2.
#[test]
fn who_may_not() {
    let Some((root, relay, first)) = scene("who_may_not") else {
        return;
    };
    let second = Device::new(root.path(), "b");
    let init = |code: &str| second.json(4, &["init", "--relay", &relay.url, "--setup-code", code]);
    assert_eq!(
        init("another-code")["code"],
        4,
        "the relay does not know the code"
    );
    assert_eq!(init(CODE)["code"], 4, "the code is used");
    let status = first.json(0, &["status"]);
    let book = status["book"].as_str().expect("a book");
    let zeros = "0".repeat(64);
    second.run(2, &["join", "--relay", &relay.url, "--book", &zeros]);
    second.run(2, &["join", "--relay", &relay.url, "--book", "12"]);
    second.run(
        2,
        &["join", "--relay", "https://relay.test", "--book", book],
    );
    second.run(2, &["init", "--relay", "relay", "--setup-code", CODE]);
    let asked = second.json(
        0,
        &["join", "--no-wait", "--relay", &relay.url, "--book", book],
    );
    assert_eq!(asked["joined"], false);
    second.run(4, &["sync"]);
    second.run(2, &["balance"]);
    second.run(2, &["append", "party.new", "{}"]);
    first.run(2, &["approve", "ffff"]);
    let asked = first.json(0, &["requests"]);
    first.run(0, &["approve", asked[0]["id"].as_str().expect("an id")]);
    second.run(0, &["sync"]);
    assert_eq!(second.json(0, &["status"])["phase"], "open");
    second.run(4, &["requests"]);
    second.run(2, &["init", "--relay", &relay.url, "--setup-code", CODE]);
}

/// Claim: what was is found again: the versions of a row, the books at a position and up to a date.
#[test]
fn the_past() {
    let Some((_root, _relay, device)) = scene("the_past") else {
        return;
    };
    device.import(0, "good");
    device.run(0, &["sync"]);
    let before = device.json(0, &["balance"]);
    let item = device.json(0, &["sql", "SELECT hex(id) FROM t_item WHERE sku = 'TEA'"])["rows"][0]
        [0]
    .clone();
    let item = item.as_str().expect("an id").to_lowercase();
    device.run(
        0,
        &[
            "append",
            "item.price",
            &format!(r#"{{"item": "{item}", "price": "4.75"}}"#),
        ],
    );
    device.run(0, &["sync"]);
    let history = device.json(0, &["history", "item", &item]);
    let prices: Vec<_> = history
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| it["fields"]["price"].clone())
        .collect();
    assert_eq!(prices, ["4.50", "4.75"]);
    let at = before["position"].to_string();
    let then = device.json(0, &["as-of", &at, "balance"]);
    assert_eq!(
        (&then["lines"], &then["state_hash"]),
        (&before["lines"], &before["state_hash"])
    );
    assert_eq!(
        device.json(0, &["as-of", "1", "balance"])["lines"],
        json!([])
    );
    let first_day = device.json(0, &["as-of", "2026-01-02", "balance"]);
    let cash = first_day["lines"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|it| it["role"] == "cash")
        .expect("cash")
        .clone();
    assert_eq!(cash["amount"], "59.00", "the float and the first order");
    device.run(2, &["as-of", "99999", "balance"]);
    let log = device.json(0, &["log"]);
    let what: Vec<&str> = log
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|it| it["what"].as_str())
        .collect();
    assert_eq!(what.first().copied(), Some("admits desk (manager)"));
    assert!(what.contains(&"item.price"), "{what:?}");
}

/// Claim: the keys lie in a file that only its owner may read, and no command prints them.
#[test]
#[cfg(unix)]
fn keys_stay_home() {
    use std::os::unix::fs::PermissionsExt;
    let Some((_root, _relay, device)) = scene("keys_stay_home") else {
        return;
    };
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&device.dir), 0o700);
    assert_eq!(mode(&device.dir.join("book.db")), 0o600);
    for sql in [
        "SELECT * FROM identity",
        "SELECT hex(secret) FROM identity",
        "SELECT * FROM meta",
        "SELECT 1 FROM row",
    ] {
        let (_, err) = device.run(2, &["sql", sql]);
        assert!(err.contains("not possible"), "{sql}: {err}");
    }
}

/// Claim: a changed byte in the database is named by `verify` with exit code 5.
#[test]
fn a_changed_byte() {
    let Some((_root, _relay, device)) = scene("a_changed_byte") else {
        return;
    };
    device.import(0, "good");
    device.run(0, &["sync"]);
    let path = device.dir.join("book.db");
    let good = std::fs::read(&path).expect("there");
    let places: Vec<usize> = good
        .windows(6)
        .enumerate()
        .filter(|(_, it)| it == b"GLOBEX")
        .map(|(nth, _)| nth)
        .collect();
    let mut named = 0;
    for at in places {
        let mut bytes = good.clone();
        bytes[at] = b'B';
        std::fs::write(&path, &bytes).expect("written");
        let output = device.output(&["--json", "verify"]);
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        match output.status.code() {
            // What SQLite left behind in the unused part of a page is nothing that is stored.
            Some(0) => continue,
            code => assert_eq!(code, Some(5), "{said}"),
        }
        assert!(
            said["error"]
                .as_str()
                .expect("a sentence")
                .contains("table "),
            "{said}"
        );
        named += 1;
    }
    assert!(
        named >= 3,
        "it is in the entry, in the row and in the typed table"
    );
    std::fs::write(&path, &good).expect("written");
    device.run(0, &["verify"]);
}

/// Claim: the shared orders give the known figures, with the rounding that the manifest says and no other word changed.
#[test]
fn northwind() {
    let Some(shared) = shared() else {
        return skip("northwind", "no shared data: set DAYBOOK_SHARED");
    };
    let folder = shared.join("data/northwind");
    let folder = folder.to_str().expect("UTF-8");
    let shipped = format!(
        "{}/../../kernel/manifests/erp.book",
        env!("CARGO_MANIFEST_DIR")
    );
    let shipped = std::fs::read_to_string(shipped).expect("there");
    for (mode, net, minor) in [
        ("half_up", "-1265793.29", -126_579_329),
        ("half_even", "-1265793.02", -126_579_302),
    ] {
        let root = tempfile::tempdir().expect("a folder");
        let Some(relay) = Relay::start(&root.path().join("relay"), "northwind") else {
            return;
        };
        let source = root.path().join("erp.book");
        std::fs::write(
            &source,
            shipped.replace(
                "rounding per_line half_up",
                &format!("rounding per_line {mode}"),
            ),
        )
        .expect("written");
        let device = Device::new(root.path(), "a");
        let manifest = source.to_str().expect("UTF-8");
        device.run(
            0,
            &[
                "init",
                "--relay",
                &relay.url,
                "--setup-code",
                CODE,
                "--manifest",
                manifest,
            ],
        );
        let import = ["import", "csv", "--map", "northwind", folder];
        let done = device.json(0, &import);
        assert_eq!(done["bad"], json!([]));
        device.run(0, &["sync"]);
        assert_eq!(device.balance("revenue"), net, "{mode}");
        let count = |sql: &str| device.json(0, &["sql", sql])["rows"][0][0].clone();
        assert_eq!(count("SELECT count(*) FROM t_sale"), 830);
        assert_eq!(count("SELECT count(*) FROM t_sale_line"), 2_155);
        assert_eq!(count("SELECT count(*) FROM t_item"), 77);
        assert_eq!(count("SELECT count(*) FROM t_party"), 89);
        let sessions = count("SELECT count(*) FROM t_session").as_u64();
        let ops = sessions.map(|sessions| 830 + 77 + 89 + sessions);
        assert_eq!(done["added"].as_u64(), ops, "each op made its row");
        assert_eq!(
            count("SELECT sum(amount) FROM posting WHERE role = 'revenue'"),
            minor
        );
        assert_eq!(count("SELECT sum(amount) FROM posting"), 0);
        assert_eq!(device.json(0, &import)["added"], 0);
        assert_eq!(device.json(0, &["prove"])["proved"], true);
    }
}
