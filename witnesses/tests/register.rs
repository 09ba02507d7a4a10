//! The register's page says what the runs say.

use daybook_witnesses::register::{judge, page};
use daybook_witnesses::world::{root, skip};

/// False if a state, a witness or a claim on the page is not what running gives, or if any witness is red.
#[test]
fn the_page_is_what_the_runs_say() {
    let judgement = judge(|_| true);
    assert!(judgement.red.is_empty(), "red: {:#?}", judgement.red);
    if !judgement.yellow.is_empty() {
        for why in &judgement.yellow {
            skip("register", why);
        }
        return;
    }
    let written =
        std::fs::read_to_string(root().join("docs/REGISTER.md")).expect("docs/REGISTER.md");
    assert!(
        written == page(&judgement),
        "docs/REGISTER.md is stale: cargo xtask witness write"
    );
}
