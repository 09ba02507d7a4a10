//! This tree keeps every rule. Each check is a test of its own, so that a red one names itself.

use daybook_lint::{CHECKS, Tree};
use std::path::Path;

fn keeps(name: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let check = CHECKS.iter().find(|check| check.name == name).unwrap();
    let findings = (check.run)(&Tree::read(root).unwrap()).unwrap();
    let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
    assert!(
        lines.is_empty(),
        "{} does not hold:\n{}",
        check.holds,
        lines.join("\n")
    );
}

macro_rules! tests {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            keeps(stringify!($name));
        })*

        #[test]
        fn every_check_runs_here() {
            let here = [$(stringify!($name)),*];
            assert!(CHECKS.iter().all(|check| here.contains(&check.name)), "{here:?}");
        }
    };
}

tests!(top edges purity names wasm personal sizes modules glossary register links forbidden);
