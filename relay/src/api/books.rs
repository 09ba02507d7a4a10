//! The relay's key, new books, and where a book stands.

use super::{NO_BODY, read};
use crate::app::{App, Incoming, answer};
use crate::body::{Answered, whole};
use crate::writer::{Done, FoundTask, Task};
use crate::{No, journal, problem};
use daybook_log::control::{chunk_id, chunks_of, manifest_id};
use daybook_log::limits::{MANIFEST_BYTES_MAX, WIRE_BYTES_MAX};
use daybook_log::wire::{CreateBook, KeyInfo, Problem};
use daybook_log::{
    Body, BookId, BookLog, ChunkId, Entry, Genesis, ManifestId, MemberRole, PublicKey, RelayEpoch,
};
use hyper::StatusCode;
use hyper::http::request::Parts;
use serde_json::json;

/// `GET /v1/key`
pub(crate) fn key(app: &App) -> Answered {
    let info = KeyInfo {
        relay_key: app.relay_key,
        epoch: RelayEpoch::ZERO,
        time_ms: app.clock.now_ms(),
    };
    Ok(answer(StatusCode::OK, &info))
}

/// `POST /v1/books`
pub(crate) async fn found<B: Incoming>(app: &App, parts: &Parts, body: B) -> Answered {
    let (asker, inbox) = app.stranger(parts, body, WIRE_BYTES_MAX).await?;
    let asked: CreateBook = read(parts, &inbox.bytes)?;
    let relay_key = app.relay_key;
    let judged = tokio::task::spawn_blocking(move || judge(asked, &asker, &relay_key)).await;
    let task = judged.map_err(|_| No::Draining.because(""))??;
    match app.queue.carry_out(Task::Found(Box::new(task))).await? {
        Done::Founded(created) => {
            journal::line(
                &app.clock,
                "founded",
                json!({ "book": journal::short(&created.book) }),
            );
            Ok(answer(StatusCode::OK, &created))
        }
        _ => Err(No::Overloaded.because("")),
    }
}

/// Everything about a new book but its code.
fn judge(
    asked: CreateBook,
    asker: &PublicKey,
    relay_key: &PublicKey,
) -> Result<FoundTask, Box<Problem>> {
    let genesis = Genesis::decode(&asked.genesis)
        .map_err(|why| No::Founding.because(format!("genesis: {why}")))?;
    if genesis.relay_key != *relay_key {
        return Err(No::RelayKey.because(format!("this relay's is {relay_key}")));
    }
    let log = BookLog::found(&genesis).map_err(|why| No::Founding.because(why))?;
    let chunks = first_chunks(&genesis.manifest, asked.chunks)?;
    let entry = Entry::from_vec(asked.founding).map_err(|why| problem::unreadable(&why))?;
    match entry.body() {
        Body::KeyAdd(payload) if payload.request_key != *asker => {
            return Err(No::BadRequestSignature.because("the founder's request key signs"));
        }
        Body::KeyAdd(payload) if payload.role == MemberRole::Manager => {}
        _ => return Err(No::Founding.because("the founding entry lets a manager in")),
    }
    let key = log
        .check(&entry, &|_| None)
        .map_err(|why| problem::reject(&why))?;
    let founding = entry
        .verify(&key)
        .map_err(|why| No::BadSignature.because(why))?;
    Ok(FoundTask {
        code: asked.setup_code,
        genesis: asked.genesis,
        log,
        founding,
        chunks,
    })
}

/// The first manifest's chunks are cut as the log says and give the id that the genesis names.
fn first_chunks(
    manifest: &ManifestId,
    chunks: Vec<Vec<u8>>,
) -> Result<Vec<(ChunkId, Vec<u8>)>, Box<Problem>> {
    let ast = chunks.concat();
    let fits = !ast.is_empty() && ast.len() <= MANIFEST_BYTES_MAX as usize;
    if !fits
        || manifest_id(&ast) != *manifest
        || !chunks_of(&ast).eq(chunks.iter().map(Vec::as_slice))
    {
        return Err(No::Founding.because("the chunks are not the manifest that the genesis names"));
    }
    Ok(chunks
        .into_iter()
        .map(|bytes| (chunk_id(&bytes), bytes))
        .collect())
}

/// `GET /v1/books/{b}/genesis`
pub(crate) async fn genesis<B: Incoming>(
    app: &App,
    parts: &Parts,
    body: B,
    book: &BookId,
) -> Answered {
    let visit = app.member(parts, body, book, NO_BODY).await?;
    Ok(whole(
        StatusCode::OK,
        "application/octet-stream",
        visit.cell.genesis.to_vec(),
    ))
}

/// `GET /v1/books/{b}/tip`
pub(crate) async fn tip<B: Incoming>(app: &App, parts: &Parts, body: B, book: &BookId) -> Answered {
    let visit = app.member(parts, body, book, NO_BODY).await?;
    Ok(answer(StatusCode::OK, &visit.cell.view().tip))
}
