//! *Prove the books* is no decoration: one minor unit changed in one stored row turns it red, and the row is named.

use anyhow::anyhow;
use daybook_witnesses::browser::Page;
use daybook_witnesses::witness::NoLine;
use daybook_witnesses::world::{self, Relay, skip};

/// False if the button stays green over a changed row, or does not say which row it is.
#[test]
fn a_changed_row_turns_the_proof_red_and_is_named() -> anyhow::Result<()> {
    match changed() {
        Ok(()) => Ok(()),
        Err(NoLine::Missing(why)) => {
            skip("a_changed_row_turns_the_proof_red_and_is_named", &why);
            Ok(())
        }
        Err(NoLine::Broken(error)) => Err(error),
    }
}

fn changed() -> Result<(), NoLine> {
    let folder = tempfile::tempdir()?;
    let relay = Relay::start(
        &folder.path().join("relay"),
        Some(&world::falsifier_bundle()?),
    )?;
    let page = Page::open(&folder.path().join("profile"))?;
    page.go(&format!("{}/#setup={}", relay.url, world::SETUP_CODE))?;
    page.click("create")?;
    page.click("item-new")?;
    page.fill("item-name", "Coffee")?;
    page.fill("item-price", "2.50")?;
    page.click("item-save")?;
    page.click("take-cash")?;
    page.find("sold")?;
    page.click("tab-documents")?;
    page.until("badge", "durable@1", |text| text.contains("durable@1"))?;
    page.click("tab-book")?;
    prove(&page, "proved")?;
    page.click("tamper")?;
    prove(&page, "different")?;
    page.picture("20-red")?;
    let row = page.text("prove-row")?;
    if !row.contains("posting") {
        return Err(anyhow!("the changed row is a posting, named was {row}").into());
    }
    Ok(())
}

fn prove(page: &Page, expected: &str) -> anyhow::Result<()> {
    page.click("prove")?;
    world::wait_for(&format!("the proof to say {expected}"), || {
        if !page.has("prove-result")? {
            return Ok(None);
        }
        Ok(
            (page.attribute("prove-result", "data-result")?.as_deref() == Some(expected))
                .then_some(()),
        )
    })
}
