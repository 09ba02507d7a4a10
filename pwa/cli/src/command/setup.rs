//! Making and joining books.

use std::path::PathBuf;
use std::time::Duration;

use daybook_client::{Command, JoinView, Reply, Seeds};
use daybook_log::BookId;
use serde_json::{Value as Json, json};

use crate::command::{Context, manifest};
use crate::exit::CliFault;
use crate::shell::{Shell, random};
use crate::show;

/// How long `join --no-wait` gives the relay to take the request.
const ASK: Duration = Duration::from_secs(10);

pub(super) fn init(
    context: &Context,
    relay: String,
    setup_code: String,
    source: Option<PathBuf>,
    label: String,
) -> Result<(), CliFault> {
    let ast = manifest::compile(source.as_deref())?;
    plain(&relay)?;
    let mut shell = context.fresh()?;
    let command = Command::Create {
        relay,
        setup_code,
        ast,
        label,
        seeds: seeds()?,
    };
    let Reply::Created { book } = shell.ask(command)? else {
        return Err(unexpected());
    };
    context.print(
        || format!("book {book}"),
        || json!({ "book": book.to_string() }),
    )
}

pub(super) fn join(
    context: &Context,
    relay: String,
    book: &str,
    label: String,
    no_wait: bool,
) -> Result<(), CliFault> {
    let book = show::unhex(book)
        .map(BookId)
        .ok_or_else(|| CliFault::Usage("a book's id has 64 hexadecimal digits".into()))?;
    plain(&relay)?;
    let mut shell = context.fresh()?;
    let command = Command::Join {
        relay,
        book,
        label,
        seeds: seeds()?,
    };
    match shell.run(command, no_wait.then_some(ASK))? {
        Some(Reply::Joined { book, position }) => context.print(
            || format!("joined book {book} at position {position}"),
            || json!({ "book": book.to_string(), "position": position, "joined": true }),
        ),
        None => context.print(
            || "asked; a manager must approve, then `sync` fetches the book".into(),
            || json!({ "book": book.to_string(), "joined": false }),
        ),
        Some(_) => Err(unexpected()),
    }
}

pub(super) fn requests(context: &Context) -> Result<(), CliFault> {
    let joins = list(&mut context.online()?)?;
    let rows = || -> Vec<Vec<String>> {
        joins
            .iter()
            .map(|it| {
                vec![
                    show::hex(&it.id),
                    it.label.clone(),
                    show::time(it.asked_at_ms),
                    it.author.to_string(),
                ]
            })
            .collect()
    };
    context.print(
        || show::table(&["Request", "Device", "Asked", "Author"], &rows()),
        || Json::Array(joins.iter().map(join_json).collect()),
    )
}

pub(super) fn approve(context: &Context, id: &str) -> Result<(), CliFault> {
    let mut shell = context.online()?;
    let joins = list(&mut shell)?;
    let mut matching = joins
        .iter()
        .filter(|it| !id.is_empty() && show::hex(&it.id).starts_with(&id.to_lowercase()));
    let join = match (matching.next(), matching.next()) {
        (Some(join), None) => join.clone(),
        (Some(_), Some(_)) => {
            return Err(CliFault::Usage(
                "more than one request begins with that: give more digits".into(),
            ));
        }
        (None, _) => {
            return Err(CliFault::Usage(
                "no request has that id; `requests` lists them".into(),
            ));
        }
    };
    let Reply::Approved { entry } = shell.ask(Command::Approve { id: join.id })? else {
        return Err(unexpected());
    };
    shell.ask(Command::Sync)?;
    context.print(
        || format!("approved {} ({}), entry {entry}", join.label, join.author),
        || json!({ "approved": join_json(&join), "entry": entry.to_string() }),
    )
}

fn list(shell: &mut Shell) -> Result<Vec<JoinView>, CliFault> {
    match shell.ask(Command::ListJoins)? {
        Reply::Joins(joins) => Ok(joins),
        _ => Err(unexpected()),
    }
}

fn join_json(join: &JoinView) -> Json {
    json!({
        "id": show::hex(&join.id), "author": join.author.to_string(), "label": join.label, "asked_at_ms": join.asked_at_ms,
    })
}

/// This build carries no TLS: what is signed cannot be changed on the way, but it can be read.
fn plain(relay: &str) -> Result<(), CliFault> {
    match relay.starts_with("https://") {
        true => Err(CliFault::Usage(
            "this build has no TLS: give an http:// address, such as that of a local proxy".into(),
        )),
        false => Ok(()),
    }
}

/// Fresh keys. They go into the book's database, which only this user can read, and nowhere else.
fn seeds() -> Result<Seeds, CliFault> {
    Ok(Seeds {
        author: random()?,
        request: random()?,
        sealing: random()?,
        root: random()?,
        nonce: random()?,
    })
}

pub(super) fn unexpected() -> CliFault {
    CliFault::Io("the client gave an answer to another question: please report this".into())
}
