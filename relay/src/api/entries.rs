//! Entries in, entries out, and the live tail.

use super::chunks::check_adoption;
use super::{NO_BODY, numbers, read};
use crate::app::{App, Incoming, answer};
use crate::body::Answered;
use crate::book::stored_head;
use crate::limits::VERIFY_INLINE_MAX;
use crate::proofs::stored_checkpoint;
use crate::storage::unsigned;
use crate::writer::{AppendTask, Done, Task};
use crate::{Fault, No, problem};
use daybook_log::limits::{BATCH_BYTES_MAX, BATCH_ENTRIES_MAX, WIRE_BYTES_MAX};
use daybook_log::wire::{Append, Appended, Item, Problem, Range, TipInfo};
use daybook_log::{AdmittedKey, Body, BookId, Entry, KeyEpoch, Member, RelayEpoch, VerifiedEntry};
use hyper::StatusCode;
use hyper::http::request::Parts;
use rusqlite::Connection;
use std::collections::BTreeMap;

/// `POST /v1/books/{b}/entries`
pub(crate) async fn append<B: Incoming>(
    app: &App,
    parts: &Parts,
    body: B,
    book: &BookId,
) -> Answered {
    let visit = app.registered(parts, body, book, WIRE_BYTES_MAX).await?;
    let asked: Append = read(parts, &visit.inbox.bytes)?;
    let (cell, member) = (visit.cell, visit.member);
    let mut entries = verify_all(asked.entries, member).await?;
    for entry in &mut entries {
        if let Ok(verified) = entry
            && let Body::Manifest(adoption) = verified.body()
            && let Err(why) = check_adoption(app, &cell, adoption.clone()).await
        {
            *entry = Err(why);
        }
    }
    match app
        .queue
        .carry_out(Task::Append(AppendTask { cell, entries }))
        .await?
    {
        Done::Appended(answers) => Ok(answer(StatusCode::OK, &Appended { answers })),
        _ => Err(No::Overloaded.because("")),
    }
}

type Verified = Result<VerifiedEntry, Box<Problem>>;

/// Signatures are checked before the writer, on as many threads as there are cores.
async fn verify_all(entries: Vec<Vec<u8>>, member: Member) -> Result<Vec<Verified>, Box<Problem>> {
    let few = entries.len() <= VERIFY_INLINE_MAX as usize;
    let all = move || {
        let mut keys = Keys {
            member,
            ahead: BTreeMap::new(),
        };
        let verified = entries.into_iter().map(|bytes| keys.verify(bytes));
        verified.collect()
    };
    if few {
        Ok(all())
    } else {
        tokio::task::spawn_blocking(all)
            .await
            .map_err(|_| No::Draining.because(""))
    }
}

/// The keys that an author's entries are signed with: the registry's, and what rotations in the same append lead to.
/// Whether such a rotation stands is the judge's to say, which looks at the key again.
struct Keys {
    member: Member,
    ahead: BTreeMap<KeyEpoch, AdmittedKey>,
}

impl Keys {
    fn verify(&mut self, bytes: Vec<u8>) -> Verified {
        let entry = Entry::from_vec(bytes).map_err(|why| problem::unreadable(&why))?;
        let (author, epoch) = (entry.header().author, entry.header().key_epoch);
        if author != self.member.author {
            return Err(No::NotAuthor.because(author));
        }
        let known = self.ahead.get(&epoch).or(self.member.key_of(epoch));
        let entry = entry
            .verify(known.unwrap_or(&self.member.author_key))
            .map_err(|why| No::BadSignature.because(why))?;
        if let Body::KeyRotate(payload) = entry.body()
            && let (Some(next), Ok(key)) = (epoch.next(), AdmittedKey::admit(payload.author_key))
        {
            self.ahead.insert(next, key);
        }
        Ok(entry)
    }
}

/// `GET /v1/books/{b}/entries?from=&limit=`
pub(crate) async fn range<B: Incoming>(
    app: &App,
    parts: &Parts,
    body: B,
    book: &BookId,
) -> Answered {
    let cell = app.member(parts, body, book, NO_BODY).await?.cell;
    let [from, limit] = numbers(parts, ["from", "limit"])?;
    let most = u64::from(BATCH_ENTRIES_MAX);
    let (from, limit) = (from.unwrap_or(1), limit.unwrap_or(most));
    if from == 0 || limit == 0 || limit > most {
        return Err(No::Query.because(format!("from starts at 1, limit is 1 to {most}")));
    }
    let number = cell.number;
    let range = app
        .readers
        .read(move |connection| read_range(connection, number, from, limit))
        .await?;
    Ok(answer(StatusCode::OK, &range))
}

/// Entries and head of one snapshot; as many as fit, one at least.
fn read_range(connection: &Connection, book: i64, from: u64, limit: u64) -> Result<Range, Fault> {
    let (position, tip) = stored_head(connection, book)?;
    let checkpoint = stored_checkpoint(connection, book)?;
    let head = TipInfo {
        epoch: RelayEpoch::ZERO,
        position,
        tip,
    };
    let mut items = Vec::new();
    let Ok(first) = i64::try_from(from) else {
        return Ok(Range {
            items,
            head,
            checkpoint,
        });
    };
    let mut statement = connection
        .prepare_cached("SELECT position, record, bytes FROM entry WHERE book=? AND position>=? ORDER BY position LIMIT ?")?;
    let mut rows = statement.query((book, first, i64::try_from(limit).unwrap_or(i64::MAX)))?;
    let (mut size, mut expected) = (0_usize, from);
    while let Some(row) = rows.next()? {
        let item = Item {
            record: row.get(1)?,
            entry: row.get(2)?,
        };
        size = size.saturating_add(item.entry.len());
        if size > BATCH_BYTES_MAX as usize && !items.is_empty() {
            break;
        }
        if unsigned(row.get(0)?)? != expected {
            return Err(Fault::damaged(format!("position {expected} is missing")));
        }
        expected += 1;
        items.push(item);
    }
    Ok(Range {
        items,
        head,
        checkpoint,
    })
}

/// `GET /v1/books/{b}/tail?from=`
pub(crate) async fn tail<B: Incoming>(
    app: &App,
    parts: &Parts,
    body: B,
    book: &BookId,
) -> Answered {
    let cell = app.member(parts, body, book, NO_BODY).await?.cell;
    let [from] = numbers(parts, ["from"])?;
    crate::tail::open(cell, from.unwrap_or(0), app.stopping.clone())
}
