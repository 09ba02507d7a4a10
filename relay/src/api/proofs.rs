//! The order's proofs, for members and for whom they show them to.

use super::{NO_BODY, numbers};
use crate::app::{App, Incoming, answer};
use crate::body::{Answered, whole};
use crate::{Fault, No, proofs};
use daybook_log::receipt::TlogProof;
use daybook_log::tree::{LeafIndex, TreeSize, Unprovable, prove_consistency, prove_inclusion};
use daybook_log::wire::ConsistencyHashes;
use daybook_log::{BookId, EntryId, Position};
use hyper::StatusCode;
use hyper::http::request::Parts;
use rusqlite::{Connection, OptionalExtension};

const TEXT: &str = "text/plain; charset=utf-8";

/// `GET /v1/books/{b}/checkpoint`
pub(crate) async fn checkpoint<B: Incoming>(
    app: &App,
    parts: &Parts,
    body: B,
    book: &BookId,
) -> Answered {
    let number = app.member(parts, body, book, NO_BODY).await?.cell.number;
    let note = app
        .readers
        .read(move |connection| proofs::stored_checkpoint(connection, number))
        .await?;
    Ok(whole(StatusCode::OK, TEXT, note))
}

/// `GET /v1/books/{b}/receipts/{entry}`
pub(crate) async fn receipt<B: Incoming>(
    app: &App,
    parts: &Parts,
    body: B,
    (book, entry): (&BookId, &EntryId),
) -> Answered {
    let number = app.member(parts, body, book, NO_BODY).await?.cell.number;
    let entry = *entry;
    let made = app
        .readers
        .read(move |connection| make_receipt(connection, number, &entry))
        .await?;
    match made {
        Some(text) => Ok(whole(StatusCode::OK, TEXT, text)),
        None => Err(No::NotFound.because("no such entry in the order")),
    }
}

/// A receipt under the newest checkpoint; `None` if the entry is not placed.
fn make_receipt(
    connection: &Connection,
    book: i64,
    entry: &EntryId,
) -> Result<Option<String>, Fault> {
    let row = connection
        .prepare_cached("SELECT position, record FROM entry WHERE book=? AND id=?")?
        .query_row((book, &entry.0), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((position, record)) = row else {
        return Ok(None);
    };
    let index = LeafIndex::of(Position(crate::storage::unsigned(position)?));
    let index = index.ok_or_else(|| Fault::damaged("position 0"))?;
    let (head, _) = crate::book::stored_head(connection, book)?;
    let hashes = prove_inclusion(index, TreeSize(head.0), |node| {
        proofs::node(connection, book, node)
    })
    .map_err(fault)?;
    let note = proofs::stored_checkpoint(connection, book)?;
    let proof = TlogProof {
        record,
        index,
        hashes,
        note: String::from_utf8(note).map_err(|_| Fault::damaged("checkpoint"))?,
    };
    Ok(Some(proof.to_string()))
}

/// `GET /v1/books/{b}/consistency?from=&to=`
pub(crate) async fn consistency<B: Incoming>(
    app: &App,
    parts: &Parts,
    body: B,
    book: &BookId,
) -> Answered {
    let number = app.member(parts, body, book, NO_BODY).await?.cell.number;
    let [Some(from), Some(to)] = numbers(parts, ["from", "to"])? else {
        return Err(No::Query.because("from and to are both needed"));
    };
    let made = app
        .readers
        .read(move |connection| {
            let (head, _) = crate::book::stored_head(connection, number)?;
            if from == 0 || from > to || to > head.0 {
                return Ok(None);
            }
            let nodes = |node| proofs::node(connection, number, node);
            let hashes = prove_consistency(TreeSize(from), TreeSize(to), nodes).map_err(fault)?;
            Ok(Some(ConsistencyHashes { hashes }))
        })
        .await?;
    match made {
        Some(hashes) => Ok(answer(StatusCode::OK, &hashes)),
        None => Err(No::Query.because("1 <= from <= to <= the newest position")),
    }
}

fn fault(why: Unprovable<Fault>) -> Fault {
    match why {
        Unprovable::Source(fault) => fault,
        Unprovable::Proof(fault) => Fault::damaged(fault),
    }
}
