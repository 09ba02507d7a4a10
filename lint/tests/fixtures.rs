//! Each check rejects its fixture, and says the things that this table expects: a check that sees nothing proves nothing.

use daybook_lint::{CHECKS, Finding, Tree};
use std::fs;
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

fn run(name: &str, root: &Path) -> Vec<String> {
    let check = CHECKS.iter().find(|check| check.name == name).unwrap();
    let mut findings = (check.run)(&Tree::read(root).unwrap()).unwrap();
    findings.sort();
    findings.iter().map(Finding::to_string).collect()
}

/// Every expected piece is in a finding of its own, and there is no finding more.
fn rejects(name: &str, expected: &[&str]) {
    exactly(&run(name, &fixture(name)), expected);
}

fn exactly(found: &[String], expected: &[&str]) {
    for piece in expected {
        assert!(
            found.iter().any(|finding| finding.contains(piece)),
            "no finding says {piece:?}: {found:#?}"
        );
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
}

#[test]
fn every_check_has_a_fixture() {
    for check in CHECKS {
        assert!(
            fixture(check.name).is_dir(),
            "lint/fixtures/{} is missing",
            check.name
        );
    }
}

#[test]
fn a_stray_folder_and_a_missing_name_at_the_top_are_found() {
    let found = run("top", &fixture("top"));
    assert!(
        found.contains(
            &"utils: does not belong at the top level (docs/ARCHITECTURE.md names what does)"
                .to_owned()
        ),
        "{found:?}"
    );
    assert!(
        found.contains(&"kernel: is missing at the top level".to_owned()),
        "{found:?}"
    );
    assert!(
        !found.iter().any(|finding| finding.starts_with("README.md")),
        "{found:?}"
    );
}

#[test]
fn a_relay_that_folds_and_a_kernel_with_a_database_are_found() {
    rejects(
        "edges",
        &[
            "daybook-relay may not use daybook-fold",
            "the kernel crate daybook-log may not use rusqlite",
            "serde: a kernel crate takes no default features",
            "daybook-extra is not in the table",
            "daybook-fold is within reach of daybook-relay",
        ],
    );
}

#[test]
fn clocks_floats_casts_hash_order_and_wire_sizes_are_found_with_their_lines() {
    let found = run("purity", &fixture("purity"));
    let bad = "kernel/log/src/bad.rs";
    for piece in [
        "lib.rs: a kernel crate begins with #![no_std]".to_owned(),
        "lib.rs: a kernel crate denies float_arithmetic".to_owned(),
        format!("{bad}:2: `std`"),
        format!("{bad}:2: `HashMap`"),
        format!("{bad}:3: `SystemTime`"),
        format!("{bad}:4: `f64`"),
        format!("{bad}:4: 0.5"),
        format!("{bad}:5: `as`"),
        format!("{bad}:6: `async`"),
        format!("{bad}:7: `Instant`"),
        format!("{bad}:9: `usize` in a type that is written to bytes"),
    ] {
        assert!(
            found.iter().any(|finding| finding.contains(&piece)),
            "no finding says {piece:?}: {found:#?}"
        );
    }
    assert!(
        !found
            .iter()
            .any(|finding| finding.contains("good.rs") || finding.contains("missing_docs")),
        "{found:#?}"
    );
}

#[test]
fn a_manifest_name_in_the_kernel_is_found_as_identifier_and_in_text() {
    rejects(
        "names",
        &[
            "lib.rs:2: `voucher`",
            "lib.rs:3: `voucher.redeem`",
            "lib.rs:4: `voucher_spent`",
            "lib.rs:5: `voucher_state`",
            "lib.rs:5: `used_up`",
        ],
    );
}

#[test]
fn a_host_a_float_and_a_manifest_name_in_wasm_are_found() {
    rejects("wasm", &["imports env.now", "F64Add", "contains `voucher`"]);
}

#[test]
fn personal_data_in_clear_is_found() {
    rejects(
        "personal",
        &[
            "people.book:3: name of employee",
            "people.book:4: email of employee",
        ],
    );
}

#[test]
fn a_file_over_the_limit_is_found_and_one_at_the_limit_is_not() {
    rejects("sizes", &["src/long.rs: 501 lines"]);
}

#[test]
fn a_module_that_nobody_names_is_found() {
    rejects("modules", &["crate/src/dead.rs"]);
}

#[test]
fn a_banned_word_in_a_public_name_is_found() {
    rejects("glossary", &["SaleEvent", "Manager says nothing"]);
}

#[test]
fn missing_rows_and_witnesses_on_one_side_only_are_found() {
    let found = run("register", &fixture("register"));
    for piece in [
        "row G1 stands 0 times",
        "A1 is green without a witness",
        "D1-GONE is no witness",
        "witness G1-RETRY is not in the page",
    ] {
        assert!(
            found.iter().any(|finding| finding.contains(piece)),
            "no finding says {piece:?}: {found:#?}"
        );
    }
    assert!(
        !found
            .iter()
            .any(|finding| finding.contains("row A1 stands")),
        "{found:#?}"
    );
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    rejects(
        "links",
        &[
            "PAGE.md:1: the link to spec/nothing.md",
            "PAGE.md:2: the link to ../../../OTHER.md",
        ],
    );
}

#[test]
fn machine_paths_registry_hosts_and_the_wiping_header_are_found() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(
        fixture("forbidden").join("README.md"),
        folder.path().join("README.md"),
    )
    .unwrap();
    fs::write(
        folder.path().join("a.toml"),
        ["source = \"https://static.crat", "es.io/x\""].concat(),
    )
    .unwrap();
    fs::write(
        folder.path().join("b.rs"),
        ["const ROOT: &str = \"/ro", "ot/x\";"].concat(),
    )
    .unwrap();
    fs::write(
        folder.path().join("c.js"),
        ["headers.set('Clear-Site", "-Data', '\"storage\"')"].concat(),
    )
    .unwrap();
    exactly(
        &run("forbidden", folder.path()),
        &["a.toml:1", "b.rs:1", "c.js:1"],
    );
}
