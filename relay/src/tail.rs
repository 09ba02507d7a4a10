//! The live tail: tips, never entries. A reader that is slow is told the newest tip only; one that does not read at all
//! is dropped by a deadline that runs outside its connection.

use crate::No;
use crate::body::{AnswerBody, Answered};
use crate::book::BookCell;
use crate::limits::{TAIL_GAP, TAIL_HEARTBEAT, WRITE_PATIENCE};
use daybook_log::wire::TipInfo;
use hyper::Response;
use hyper::body::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};

/// Starts a tail for a reader that stands at `from`: the head at once if it is elsewhere, then whenever it moves.
pub(crate) fn open(cell: Arc<BookCell>, from: u64, stopping: watch::Receiver<bool>) -> Answered {
    let place = cell
        .tails
        .clone()
        .try_acquire_owned()
        .map_err(|_| No::Rate.because("too many tails of this book"))?;
    let (pieces, stream) = mpsc::channel(1);
    tokio::spawn(follow(cell, from, stopping, pieces, place));
    let mut answer = Response::new(AnswerBody::Stream(stream));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // For proxies that would otherwise collect the stream.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(answer)
}

async fn follow(
    cell: Arc<BookCell>,
    from: u64,
    mut stopping: watch::Receiver<bool>,
    pieces: mpsc::Sender<Bytes>,
    _place: OwnedSemaphorePermit,
) {
    let mut view = cell.subscribe();
    let mut told = from;
    let mut piece = Bytes::from_static(b": .\n\n");
    loop {
        let tip = view.borrow_and_update().tip;
        if tip.position.0 != told {
            told = tip.position.0;
            piece = frame(&tip);
        }
        if !piece.is_empty()
            && pieces
                .send_timeout(std::mem::take(&mut piece), WRITE_PATIENCE)
                .await
                .is_err()
        {
            return;
        }
        tokio::time::sleep(TAIL_GAP).await;
        tokio::select! {
            moved = view.changed() => if moved.is_err() { return },
            () = tokio::time::sleep(TAIL_HEARTBEAT) => piece = Bytes::from_static(b": .\n\n"),
            _ = stopping.wait_for(|stopping| *stopping) => return,
            () = pieces.closed() => return,
        }
    }
}

fn frame(tip: &TipInfo) -> Bytes {
    let (position, tip) = (tip.position, tip.tip);
    format!("id: {position}\ndata: {position} {tip}\n\n").into()
}
