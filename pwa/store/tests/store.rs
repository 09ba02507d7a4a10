//! What the store promises: whole batches, typed tables equal to the rows, one process at a time, reports that only read.

mod support;

use daybook_client::{Batch, Command, LoadRequest, OutboxItem, Reply, Stored, StoredEntry};
use daybook_log::EntryId;
use daybook_store::{Cell, Store, StoreFault};
use rusqlite::Connection;
use support::{Desk, shop, sync};

fn folder() -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir
        .path()
        .join("book.db")
        .to_str()
        .expect("UTF-8")
        .to_owned();
    (dir, path)
}

/// Changes the file with plain SQL, as somebody with an editor could.
fn tamper(path: &str, sql: &str) {
    let conn = Connection::open(path).expect("the file opens");
    assert!(
        conn.execute(sql, []).expect("the statement runs") > 0,
        "nothing was changed by {sql}"
    );
}

fn damage_of(path: &str) -> String {
    match Desk::open(path) {
        Err(StoreFault::Damaged(damage)) => damage.to_string(),
        Err(other) => panic!("another fault: {other}"),
        Ok(_) => panic!("the damage was not seen"),
    }
}

/// Claim: the file is what the design asks for: write-ahead log, full sync, large pages, closed to a second opener.
#[test]
fn opened_as_designed() {
    let (_dir, path) = folder();
    let store = Store::open(&path, None).expect("a new file");
    assert!(
        matches!(Store::open(&path, None), Err(StoreFault::InUse)),
        "a second process must not get in"
    );
    drop(store);
    let conn = Connection::open(&path).expect("the file opens");
    let ask = |sql: &str| {
        conn.query_row(sql, [], |row| row.get::<_, rusqlite::types::Value>(0))
            .expect(sql)
    };
    assert_eq!(ask("PRAGMA page_size"), 16_384.into());
    assert_eq!(ask("PRAGMA journal_mode"), "wal".to_owned().into());
    drop(conn);
    Store::open(&path, None).expect("it opens again");
    std::fs::write(
        &path,
        b"not a database, but long enough to be looked at by somebody",
    )
    .expect("written");
    assert!(matches!(
        Store::open(&path, None),
        Err(StoreFault::NotABook)
    ));
}

/// Claim: a database of another application, or of a newer build, is refused and left alone.
#[test]
fn foreign_files() {
    let (_dir, path) = folder();
    Connection::open(&path)
        .expect("new")
        .execute_batch("CREATE TABLE cake(id)")
        .expect("made");
    assert!(matches!(
        Store::open(&path, None),
        Err(StoreFault::NotABook)
    ));
    std::fs::remove_file(&path).expect("removed");
    drop(Store::open(&path, None).expect("new"));
    Connection::open(&path)
        .expect("opens")
        .execute_batch("PRAGMA user_version = 99")
        .expect("set");
    assert!(matches!(
        Store::open(&path, None),
        Err(StoreFault::Newer {
            found: 99,
            known: 1
        })
    ));
}

fn entry(position: u64) -> StoredEntry {
    let id = EntryId([u8::try_from(position).expect("small"); 32]);
    StoredEntry {
        position,
        id,
        record: vec![1; 152],
        bytes: vec![2; 300],
    }
}

/// Claim: a batch is written whole or not at all, and writing it twice changes nothing.
#[test]
fn whole_batches() {
    let (_dir, path) = folder();
    let mut store = Store::open(&path, None).expect("new");
    let item = |seq, byte| OutboxItem {
        seq,
        id: EntryId([byte; 32]),
        bytes: vec![byte; 40],
    };
    let first = Batch {
        meta: vec![("a".into(), vec![1]), ("b".into(), vec![2])],
        outbox_in: vec![item(0, 8), item(1, 9)],
        entries: vec![entry(1), entry(2)],
        ..Batch::default()
    };
    store.apply(&first).expect("written");
    store.apply(&first).expect("written again");
    let gap = Batch {
        meta: vec![("a".into(), vec![7])],
        entries: vec![entry(4)],
        ..Batch::default()
    };
    assert!(
        matches!(store.apply(&gap), Err(StoreFault::Damaged(_))),
        "a gap must not be written"
    );
    let other = Batch {
        entries: vec![StoredEntry {
            bytes: vec![3; 300],
            ..entry(2)
        }],
        ..Batch::default()
    };
    assert!(
        store.apply(&other).is_err(),
        "a position has one entry for ever"
    );
    let next = Batch {
        outbox_out: vec![EntryId([8; 32])],
        meta: vec![("b".into(), vec![3])],
        ..Batch::default()
    };
    store.apply(&next).expect("written");
    drop(store);
    let mut store = Store::open(&path, None).expect("opens again");
    let Stored::Start { meta, outbox, .. } = store.load(&LoadRequest::Start).expect("read") else {
        panic!("Start")
    };
    assert_eq!(meta, [("a".to_owned(), vec![1]), ("b".to_owned(), vec![3])]);
    assert_eq!(outbox, [item(1, 9)]);
    let Stored::Entries { items, end, .. } = store
        .load(&LoadRequest::Entries { after: 0, limit: 1 })
        .expect("read")
    else {
        panic!("Entries")
    };
    assert_eq!((items, end), (vec![entry(1)], false));
    let Stored::Entry { item: found, .. } = store
        .load(&LoadRequest::Entry {
            id: EntryId([9; 32]),
        })
        .expect("read")
    else {
        panic!("Entry")
    };
    assert_eq!(
        found.map(|it| (it.position, it.bytes)),
        Some((0, vec![9; 40]))
    );
    assert!(store.verify().is_empty());
}

/// Claim: typed tables are what the rows say after every batch; a cell, a row too many and a row too few are named, and
/// a rebuild mends them.
#[test]
fn typed_tables() {
    let (_dir, path) = folder();
    let (desk, _relay) = shop(&path, 8);
    assert_eq!(desk.store.check_projection().expect("read"), None);
    drop(desk);
    let faults = [
        (
            "UPDATE posting SET amount = amount + 1 WHERE role = 'revenue' AND position = 7",
            "posting",
            "amount",
        ),
        ("UPDATE t_item SET title = 'Coffee'", "t_item", "title"),
        (
            "UPDATE t_sale SET number = NULL WHERE number = 2",
            "t_sale",
            "number",
        ),
        ("DELETE FROM t_party", "t_party", ""),
        (
            "INSERT INTO t_party (id, code) VALUES (x'00', 'GHOST')",
            "t_party",
            "",
        ),
    ];
    for (sql, table, column) in faults {
        tamper(&path, sql);
        let mut desk = Desk::open(&path).expect("typed tables are never read by the books");
        let found = desk.store.check_projection().expect("read").expect(sql);
        assert_eq!(
            (found.table.as_str(), found.column.as_str()),
            (table, column),
            "{sql}: {found}"
        );
        desk.store.rebuild_projection().expect("made anew");
        assert_eq!(desk.store.check_projection().expect("read"), None, "{sql}");
    }
}

/// Claim: a changed value, key, sum, or a missing row of any sealed table is found when the book is opened or
/// verified, and named.
#[test]
fn changed_rows_are_named() {
    let faults = [
        (
            "UPDATE row SET value = zeroblob(length(value) + 1) WHERE key = (SELECT max(key) FROM row)",
            "table row, row ff05",
        ),
        (
            "UPDATE row SET value = 'text' WHERE key = (SELECT max(key) FROM row)",
            "table row, row ff05",
        ),
        (
            "DELETE FROM row WHERE key = (SELECT min(key) FROM row)",
            "table row: ",
        ),
        (
            "UPDATE row SET sum = sum + 1 WHERE key = (SELECT min(key) FROM row)",
            "table row, row 00",
        ),
        (
            "DELETE FROM entry WHERE position = (SELECT max(position) FROM entry)",
            "table entry, row 6: it is missing",
        ),
        (
            "DELETE FROM entry WHERE position = 3",
            "table entry, row 3: it is missing",
        ),
        (
            "UPDATE entry SET bytes = zeroblob(length(bytes)) WHERE position = 3",
            "table entry, row 3",
        ),
        (
            "UPDATE outbox SET bytes = x'00' WHERE seq = (SELECT max(seq) FROM outbox)",
            "table outbox, row ",
        ),
        (
            "DELETE FROM outbox WHERE seq = (SELECT max(seq) FROM outbox)",
            "table outbox: ",
        ),
        (
            "UPDATE meta SET value = x'00' WHERE key = 'at'",
            "table meta, row at",
        ),
        (
            "UPDATE identity SET secret = zeroblob(length(secret))",
            "table identity",
        ),
        (
            "UPDATE ast SET bytes = zeroblob(length(bytes))",
            "table ast",
        ),
        (
            "DELETE FROM seal WHERE name = 'entry'",
            "table seal, row entry",
        ),
    ];
    for (sql, expected) in faults {
        let (_dir, path) = folder();
        drop(shop(&path, 6));
        tamper(&path, sql);
        let said = damage_of(&path);
        assert!(said.starts_with(expected), "{sql}: {said}");
    }
}

/// Claim: a changed statement of a table is found when the file is opened.
#[test]
fn changed_schema() {
    for table in ["row", "posting"] {
        let (_dir, path) = folder();
        drop(shop(&path, 5));
        let sql = format!(
            "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'PRIMARY', 'PRIMARY ') WHERE name = '{table}'"
        );
        Connection::open(&path)
            .expect("opens")
            .execute_batch(&sql)
            .expect("changed");
        let said = damage_of(&path);
        assert_eq!(
            said,
            format!(
                "table sqlite_schema, row {table}: the table's statement is not the one that made it"
            )
        );
    }
}

/// Claim: a header that SQLite itself does not know any more is damage, too, and named as such.
#[test]
fn changed_header() {
    let (_dir, path) = folder();
    drop(shop(&path, 5));
    let mut bytes = std::fs::read(&path).expect("there");
    // The schema format, of which SQLite knows 1 to 4.
    bytes[47] ^= 0x55;
    std::fs::write(&path, &bytes).expect("written");
    assert_eq!(damage_of(&path), "table database: unsupported file format");
}

/// Claim: one changed minor unit in one stored row, its sum made to fit, is found by the proof, which names the row.
#[test]
fn planted_unit() {
    let (_dir, path) = folder();
    let (mut desk, _relay) = shop(&path, 8);
    let posting = daybook_fold::key::POSTING.to_be_bytes();
    let Stored::Rows { rows, .. } = desk
        .store
        .load(&LoadRequest::Rows {
            after: Some(posting.to_vec()),
            limit: 1,
        })
        .expect("read")
    else {
        panic!("Rows")
    };
    let (key, mut value) = rows.into_iter().next().expect("there are postings");
    value[4] ^= 1;
    assert!(desk.store.plant(&key, &value).expect("written"));
    let Ok(Reply::Proved(proof)) = desk.ask(Command::Prove, None) else {
        panic!("no proof")
    };
    let said = format!("{:?}", proof.difference.expect("the difference is seen"));
    assert!(said.contains("posting of"), "{said}");
}

/// Claim: what was written is there after reopening: same hashes, same figures, same outbox; and the next exchange goes on.
#[test]
fn reopened() {
    let (_dir, path) = folder();
    let (desk, mut relay) = shop(&path, 12);
    let before = (
        desk.client.hashes(),
        desk.client.trial_balance(),
        desk.client.pending(),
    );
    drop(desk);
    let mut desk = Desk::open(&path).expect("opens again");
    assert!(desk.is_open());
    assert_eq!(
        (
            desk.client.hashes(),
            desk.client.trial_balance(),
            desk.client.pending()
        ),
        before
    );
    sync(&mut desk, &mut relay);
    assert_eq!(desk.client.status().outbox, 0);
    assert_eq!(
        desk.client.trial_balance(),
        before.1,
        "what was provisional is confirmed as it was"
    );
    assert!(desk.store.verify().is_empty());
    assert_eq!(desk.store.check_projection().expect("read"), None);
}

/// Claim: a report sums to what the kernel says, reads the typed tables only, and keeps within its limits.
#[test]
fn reports() {
    let (_dir, path) = folder();
    let (mut desk, mut relay) = shop(&path, 10);
    sync(&mut desk, &mut relay);
    let balance = desk.client.trial_balance().expect("open");
    let kernel = balance
        .lines
        .iter()
        .find(|line| line.role == "revenue")
        .expect("there is revenue")
        .amount;
    let answer = desk
        .store
        .query("SELECT sum(amount), count(*) > 0 FROM posting WHERE role = 'revenue'")
        .expect("read");
    assert_eq!(
        answer.rows,
        [[
            Cell::Integer(i64::try_from(kernel).expect("small")),
            Cell::Integer(1)
        ]]
    );
    let whole = desk
        .store
        .query("SELECT sum(amount) FROM posting")
        .expect("read");
    assert_eq!(whole.rows, [[Cell::Integer(0)]]);
    let refused = [
        "DELETE FROM posting",
        "SELECT * FROM identity",
        "SELECT * FROM meta",
        "SELECT secret FROM main.Identity",
        "SELECT * FROM posting, outbox",
        "PRAGMA journal_mode = DELETE",
        "ATTACH 'other.db' AS other",
        "CREATE TEMP TABLE copy AS SELECT * FROM posting",
        "SELECT 1; SELECT 2",
        "SELECT load_extension('x')",
        "BEGIN",
        "",
        "SELEKT",
    ];
    for sql in refused {
        assert!(
            matches!(desk.store.query(sql), Err(StoreFault::Query(_))),
            "{sql}"
        );
    }
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    assert!(matches!(
        desk.store.query(endless),
        Err(StoreFault::Limit("number of rows"))
    ));
    let wide = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 99) SELECT zeroblob(1000000) FROM n";
    assert!(matches!(
        desk.store.query(wide),
        Err(StoreFault::Limit("bytes of the answer"))
    ));
    assert!(matches!(
        desk.store.query(&"x".repeat(70_000)),
        Err(StoreFault::Limit("length of the query"))
    ));
    assert_eq!(
        desk.store.query("SELECT 1").expect("still usable").rows,
        [[Cell::Integer(1)]]
    );
}
