//! The scene: one book from order files to a phone and back, in a real Chromium, against the release relay process.

use anyhow::{Context as _, ensure};
use daybook_witnesses::browser::Page;
use daybook_witnesses::cable::Cable;
use daybook_witnesses::witness::NoLine;
use daybook_witnesses::world::{self, Cli, Relay, shared, skip, wait_for};
use serde_json::{Value, json};
use std::path::Path;

/// What the 830 orders come to, in minor units: half-up per line (docs/decision/0001).
const NET: i64 = 126_579_329;

/// False if a figure on the page is not the terminal's and plain SQL's, if an offline sale is lost, doubled or called safe too
/// early, or if a killed relay loses anything.
#[test]
fn one_book_end_to_end() -> anyhow::Result<()> {
    match scene() {
        Ok(()) => Ok(()),
        Err(NoLine::Missing(why)) => {
            skip("one_book_end_to_end", &why);
            Ok(())
        }
        Err(NoLine::Broken(error)) => Err(error),
    }
}

fn scene() -> Result<(), NoLine> {
    let orders = shared()?.join("data/northwind");
    let folder = tempfile::tempdir()?;
    let web = world::web_bundle()?;
    let relay = Relay::start(&folder.path().join("relay"), Some(&web))?;
    let office = Cli::new(&folder.path().join("office"))?;
    let book = import(&office, &relay, &orders)?;
    let cable = Cable::to(&relay.url)?;
    let mut phone = Page::open(&folder.path().join("profile"))?;
    join(&phone, &office, &cable, &book)?;
    same_books(&phone, &office)?;
    drill_down(&phone)?;
    let relay = offline_sale(&mut phone, &office, &cable, relay)?;
    prove(&phone)?;
    drop(relay);
    Ok(())
}

/// The terminal imports the orders and syncs.
fn import(office: &Cli, relay: &Relay, orders: &Path) -> anyhow::Result<String> {
    office.ok(&[
        "init",
        "--relay",
        &relay.url,
        "--setup-code",
        world::SETUP_CODE,
        "--label",
        "OFFICE",
    ])?;
    let map = world::root()
        .join("pwa/cli/maps/northwind.toml")
        .display()
        .to_string();
    let said = office.json(&[
        "import",
        "csv",
        "--map",
        &map,
        &orders.display().to_string(),
    ])?;
    ensure!(
        said["bad"].as_array().is_none_or(Vec::is_empty),
        "bad rows: {said}"
    );
    office.ok(&["sync"])?;
    let again = office.json(&[
        "import",
        "csv",
        "--map",
        &map,
        &orders.display().to_string(),
    ])?;
    ensure!(again["added"] == 0, "a second run added something: {again}");
    let sales = sql(office, "SELECT count(*), sum(net) FROM t_sale_line")?;
    ensure!(
        sales == json!([[2155, NET]]),
        "lines and their net: {sales}"
    );
    let sales = sql(office, "SELECT count(*) FROM t_sale")?;
    ensure!(sales == json!([[830]]), "sales: {sales}");
    let status = office.json(&["status"])?;
    Ok(status["book"].as_str().context("no book id")?.to_owned())
}

fn sql(cli: &Cli, query: &str) -> anyhow::Result<Value> {
    Ok(cli.json(&["sql", query])?["rows"].clone())
}

/// The browser asks to be let in, the terminal approves, the browser folds.
fn join(phone: &Page, office: &Cli, cable: &Cable, book: &str) -> anyhow::Result<()> {
    phone.go(&format!("{}/#join={book}", cable.url))?;
    phone.fill("label", "PHONE")?;
    phone.picture("01-join")?;
    phone.click("join")?;
    phone.find("waiting")?;
    phone.picture("02-waiting")?;
    let asker = wait_for("the join request", || {
        let asked = office.json(&["requests"])?;
        Ok(asked
            .as_array()
            .and_then(|list| list.first())
            .and_then(|one| one["id"].as_str())
            .map(str::to_owned))
    })?;
    office.ok(&["approve", &asker])?;
    office.ok(&["sync"])?;
    phone.find("items")?;
    phone.picture("03-till")?;
    Ok(())
}

/// The same trial balance and the same two hashes on the page, on the terminal, and by plain SQL over the typed tables.
fn same_books(phone: &Page, office: &Cli) -> anyhow::Result<()> {
    office.ok(&["sync"])?;
    let balance = office.json(&["balance"])?;
    phone.click("tab-balance")?;
    phone.find("balance")?;
    let mut shown = phone.script(
        "return Array.from(document.querySelectorAll('[data-testid=balance-line]')).map(e => e.dataset.role + ' ' + e.dataset.minor)",
        Vec::new(),
    )?;
    phone.picture("04-balance")?;
    let lines = balance["lines"].as_array().context("no lines")?;
    let line = |line: &Value| {
        anyhow::Ok(format!(
            "{} {}",
            line["role"].as_str().context("role")?,
            minor(&line["amount"])?
        ))
    };
    let mut theirs = lines.iter().map(line).collect::<anyhow::Result<Vec<_>>>()?;
    theirs.sort();
    shown
        .as_array_mut()
        .context("no lines")?
        .sort_by_key(ToString::to_string);
    ensure!(
        shown == json!(theirs),
        "the page shows {shown}, the terminal {theirs:?}"
    );
    ensure!(
        theirs.contains(&format!("revenue -{NET}")),
        "revenue is not {NET}: {theirs:?}"
    );
    ensure!(
        phone.attribute("balance", "data-balanced")?.as_deref() == Some("true"),
        "the page's balance is not balanced"
    );
    let sums = sql(
        office,
        "SELECT role || ' ' || sum(amount) FROM posting GROUP BY role, currency HAVING sum(amount) <> 0 ORDER BY 1",
    )?;
    let sums: Vec<_> = sums
        .as_array()
        .context("no sums")?
        .iter()
        .map(|row| row[0].clone())
        .collect();
    let mut by_role = std::collections::BTreeMap::<String, i64>::new();
    for line in &theirs {
        let (role, minor) = line.split_once(' ').context("role")?;
        *by_role.entry(role.to_owned()).or_default() += minor.parse::<i64>()?;
    }
    let by_role: Vec<_> = by_role
        .iter()
        .filter(|(_, sum)| **sum != 0)
        .map(|(role, sum)| format!("{role} {sum}"))
        .collect();
    ensure!(
        json!(sums) == json!(by_role),
        "plain SQL says {sums:?}, the page {by_role:?}"
    );
    same_hashes(phone, office)
}

/// A decimal string of two places as minor units.
fn minor(amount: &Value) -> anyhow::Result<i64> {
    let text = amount.as_str().context("an amount is a string")?;
    Ok(text.replace('.', "").parse()?)
}

fn same_hashes(phone: &Page, office: &Cli) -> anyhow::Result<()> {
    let head = office.json(&["status"])?;
    phone.click("tab-book")?;
    for (id, key) in [
        ("position", "position"),
        ("tip", "tip"),
        ("state-hash", "state_hash"),
        ("books-hash", "books_hash"),
    ] {
        let theirs = head[key]
            .as_str()
            .map_or_else(|| head[key].to_string(), str::to_owned);
        wait_for(&format!("{id} {theirs}"), || {
            let ours = phone.content(id)?;
            Ok(ours.contains(&theirs).then_some(()))
        })?;
    }
    Ok(())
}

/// A figure opens to the signed op that made it.
fn drill_down(phone: &Page) -> anyhow::Result<()> {
    phone.click("tab-balance")?;
    phone.click("balance-line")?;
    phone.find("lines-sum")?;
    phone.picture("05-lines")?;
    phone.click("line")?;
    ensure!(
        phone.attribute("op-verified", "data-verified")?.as_deref() == Some("true"),
        "the op's signature"
    );
    phone.find("op-inputs")?;
    phone.picture("06-op")?;
    Ok(())
}

/// A sale without a network survives closing the page, becomes durable with one, and meets a relay killed in between.
fn offline_sale(
    phone: &mut Page,
    office: &Cli,
    cable: &Cable,
    relay: Relay,
) -> Result<Relay, NoLine> {
    phone.click("tab-book")?;
    phone.until(
        "offline-ready",
        "ready to start without a network",
        |text| text.contains("yes"),
    )?;
    cable.pull();
    phone.click("tab-till")?;
    phone.find("banner-offline")?;
    phone.click("item")?;
    phone.picture("07-cart")?;
    phone.click("take-cash")?;
    phone.find("sold")?;
    phone.picture("08-sold")?;
    phone.click("tab-documents")?;
    let local = |phone: &Page| {
        phone
            .until("badge", "local", |text| text.contains("local"))
            .map(drop)
    };
    local(phone)?;
    phone.picture("09-local")?;
    phone.reopen()?;
    phone.go(&cable.url)?;
    phone.click("tab-documents")?;
    local(phone)?;
    phone.find("banner-offline")?;
    phone.picture("10-reopened-offline")?;
    let relay = relay.restart()?;
    cable.plug();
    phone.until("badge", "durable@1", |text| text.contains("durable@1"))?;
    phone.picture("11-durable")?;
    let sales = |cli: &Cli| sql(cli, "SELECT count(*) FROM t_sale");
    office.ok(&["sync"])?;
    if sales(office)? != json!([[831]]) {
        return Err(anyhow::anyhow!("sales at the office: {}", sales(office)?).into());
    }
    let relay = relay.restart()?;
    office.ok(&["sync"])?;
    same_hashes(phone, office)?;
    Ok(relay)
}

/// The button re-derives the books and is green.
fn prove(phone: &Page) -> anyhow::Result<()> {
    phone.click("tab-book")?;
    phone.click("prove")?;
    phone.find("prove-result")?;
    ensure!(
        phone.attribute("prove-result", "data-result")?.as_deref() == Some("proved"),
        "{}",
        phone.text("prove-result")?
    );
    phone.picture("12-proved")?;
    Ok(())
}
