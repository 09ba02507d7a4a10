//! `verify` finds a flipped byte wherever it makes a difference.

use crate::world::{Device, Relay, found, joined};
use daybook_log::wire::WireBody;
use daybook_relay::verify;
use std::path::Path;

/// A database at rest with everything in it that can be stored.
fn rested() -> Relay {
    let mut relay = Relay::start();
    let founder = found(&relay);
    let member = joined(&founder, 2);
    let waiting = Device {
        book: founder.book,
        ..Device::new(3, &relay.url())
    };
    assert_eq!(
        waiting
            .call(
                "POST",
                &waiting.path("join-requests"),
                &waiting.join_request().to_wire()
            )
            .status,
        200
    );
    for n in 0..49_u8 {
        founder.place(&founder.ops(&[n; 40]));
        member.look();
        member.place(&member.ops(&[n; 40]));
    }
    relay.stop();
    relay
}

#[test]
fn what_was_written_verifies() {
    let relay = rested();
    let report = verify(&relay.data()).unwrap();
    assert_eq!(
        (
            report.books,
            report.entries,
            report.chunks,
            report.findings.len()
        ),
        (1, 100, 1, 0),
        "{:?}",
        report.findings
    );
}

/// Columns of every row: what a report, an answer or a later start could read.
fn content(data: &Path) -> Option<Vec<String>> {
    let connection = rusqlite::Connection::open(data.join("relay.db")).ok()?;
    let mut all = Vec::new();
    for table in [
        "setup_code",
        "book",
        "author",
        "entry",
        "node",
        "chunk",
        "join_request",
    ] {
        let mut statement = connection
            .prepare(&format!("SELECT * FROM {table} NOT INDEXED ORDER BY 1, 2"))
            .ok()?;
        let columns = statement.column_count();
        let mut rows = statement.query([]).ok()?;
        while let Some(row) = rows.next().ok()? {
            all.push(
                (0..columns)
                    .map(|at| format!("{table} {:?}", row.get_ref(at).unwrap()))
                    .collect(),
            );
        }
    }
    Some(all)
}

#[test]
fn a_flipped_byte_is_found_and_named_or_changes_nothing() {
    let relay = rested();
    let file = relay.data().join("relay.db");
    let bytes = std::fs::read(&file).unwrap();
    let before = content(&relay.data()).unwrap();
    let (mut found, mut harmless) = (0, 0);
    // Every byte takes long; a stride that shares no factor with the page size comes by every kind of place.
    let stride = std::env::var("DAYBOOK_FLIP_STRIDE").map_or(211, |stride| stride.parse().unwrap());
    for at in (0..bytes.len()).step_by(stride) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        std::fs::write(&file, &flipped).unwrap();
        // A byte of the file's own version is named by an error: such a file cannot be read at all.
        let findings = verify(&relay.data()).map_or_else(
            |fault| vec![("relay.db".into(), fault.to_string())],
            |report| {
                report
                    .findings
                    .into_iter()
                    .map(|found| (found.place, found.what))
                    .collect::<Vec<(String, String)>>()
            },
        );
        if findings.is_empty() {
            assert_eq!(
                content(&relay.data()).as_ref(),
                Some(&before),
                "byte {at} changed what is read and was not found"
            );
            harmless += 1;
        } else {
            assert!(
                findings
                    .iter()
                    .all(|(place, what)| !place.is_empty() && !what.is_empty())
            );
            found += 1;
        }
    }
    println!(
        "§ flipped {}: found {found}, harmless {harmless}",
        found + harmless
    );
    assert!(
        found > harmless,
        "most of a full database makes a difference"
    );
}

#[test]
fn the_entry_is_named() {
    let relay = rested();
    let connection = rusqlite::Connection::open(relay.data().join("relay.db")).unwrap();
    let mut bytes: Vec<u8> = connection
        .query_row("SELECT bytes FROM entry WHERE position=57", [], |row| {
            row.get(0)
        })
        .unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    connection
        .execute("UPDATE entry SET bytes=? WHERE position=57", [bytes])
        .unwrap();
    drop(connection);
    let report = verify(&relay.data()).unwrap();
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    assert!(
        report.findings[0].place.ends_with("position 57"),
        "{}",
        report.findings[0]
    );
}

#[test]
fn a_key_that_is_not_the_books_is_found_and_a_lost_one_is_not_replaced() {
    let relay = rested();
    let other = Relay::start();
    std::fs::copy(
        other.data().join("relay.key"),
        relay.data().join("relay.key"),
    )
    .unwrap();
    assert_eq!(
        verify(&relay.data()).unwrap().findings[0].place,
        "relay.key"
    );
    std::fs::remove_file(relay.data().join("relay.key")).unwrap();
    assert!(daybook_relay::Server::start(&daybook_relay::Config::new(relay.data())).is_err());
}

/// Claim: of the tree beside the order, too: what is stored of it is what the records give.
#[test]
fn a_changed_subtree_is_found() {
    let mut relay = Relay::start();
    let founder = found(&relay);
    let entries: Vec<_> = (0..600_u32)
        .map(|n| founder.ops(&n.to_le_bytes()))
        .collect();
    founder.append(&entries.iter().collect::<Vec<_>>());
    relay.stop();
    assert_eq!(verify(&relay.data()).unwrap().findings, []);
    let change = |sql: &str| {
        let connection = rusqlite::Connection::open(relay.data().join("relay.db")).unwrap();
        assert_eq!(connection.execute(sql, []).unwrap(), 1, "{sql}");
        let found = verify(&relay.data()).unwrap().findings;
        found.iter().map(ToString::to_string).collect::<String>()
    };
    let zeros = "zeroblob(32)";
    let said = change(&format!(
        "UPDATE node SET hash={zeros} WHERE level=8 AND nth=1"
    ));
    assert!(said.contains("node 1 of level 8"), "{said}");
    let said = change("DELETE FROM node WHERE level=8 AND nth=1");
    assert!(
        said.contains("level 8") || said.contains("stored subtrees"),
        "{said}"
    );
}
