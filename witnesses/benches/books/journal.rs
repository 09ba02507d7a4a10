//! A book's postings as a plain-text journal, and the balances that another program makes of it.

use anyhow::Context as _;
use daybook_fold::PostingFilter;
use daybook_witnesses::workload::MadeBook;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// Account name to minor units.
pub(crate) type Balances = BTreeMap<String, i128>;

/// Writes the journal and gives our own balances.
pub(crate) fn write(made: &MadeBook, path: &Path) -> anyhow::Result<Balances> {
    let book = made.fold()?;
    let view = book.view();
    let mut text = String::new();
    let mut ours = Balances::new();
    let mut open = None;
    for posting in view.postings(PostingFilter::default()) {
        let of = (posting.position, posting.op);
        if open != Some(of) {
            let date = daybook_manifest::calendar::Civil::from_days(posting.date.into());
            let _ = writeln!(
                text,
                "\n{:04}-{:02}-{:02} op {}-{}",
                date.year, date.month, date.day, posting.position, posting.op
            );
            open = Some(of);
        }
        let account = account(&posting);
        let _ = writeln!(text, "  {account}  {}", cents(posting.amount.into()));
        *ours.entry(account).or_default() += i128::from(posting.amount);
    }
    ours.retain(|_, sum| *sum != 0);
    std::fs::write(path, text)?;
    Ok(ours)
}

fn account(posting: &daybook_fold::Posting) -> String {
    let dims: String = posting
        .dims
        .iter()
        .map(|dim| format!("{dim:?}"))
        .collect::<Vec<_>>()
        .join("-");
    let clean: String = dims
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    format!("R{}:{clean}x", posting.role)
}

fn cents(minor: i128) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    format!(
        "{sign}{}.{:02} EUR",
        minor.unsigned_abs() / 100,
        minor.unsigned_abs() % 100
    )
}

/// The lines `amount EUR  account` of `ledger balance --flat`.
pub(crate) fn balances(said: &str) -> anyhow::Result<Balances> {
    let read = |line: &str| -> anyhow::Result<(String, i128)> {
        let (amount, account) = line
            .trim()
            .split_once(" EUR")
            .with_context(|| line.to_owned())?;
        let digits: String = amount.chars().filter(|c| *c != ',' && *c != '.').collect();
        Ok((
            account.trim().to_owned(),
            digits.trim().parse().with_context(|| line.to_owned())?,
        ))
    };
    said.lines()
        .filter(|line| !line.trim().is_empty())
        .map(read)
        .collect()
}
