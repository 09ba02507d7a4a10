//! Devices that ask to be let into a book. Only a member's entry lets them in.

use super::{NO_BODY, read};
use crate::app::{App, Incoming, answer};
use crate::auth::Asked;
use crate::body::Answered;
use crate::storage::bytes32;
use crate::writer::{JoinTask, Task};
use crate::{Fault, No, problem};
use daybook_log::BookId;
use daybook_log::wire::{JoinAsked, JoinId, JoinRequest, JoinState, JoinTicket, WireBody};
use hyper::StatusCode;
use hyper::http::request::Parts;
use rusqlite::OptionalExtension;

/// `POST /v1/books/{b}/join-requests`
pub(crate) async fn ask_to_join<B: Incoming>(
    app: &App,
    parts: &Parts,
    body: B,
    book: &BookId,
) -> Answered {
    let (asker, inbox) = app.stranger(parts, body, JoinRequest::BYTES_MAX).await?;
    let request: JoinRequest = read(parts, &inbox.bytes)?;
    if request.request_key != asker {
        return Err(No::BadRequestSignature.because("the request key that asks signs"));
    }
    let cell = app.books.get(book).await?;
    let id = request.id(book);
    // A founding log judges keys and proofs as any later one does; that a key is free is judged when the entry comes.
    let genesis =
        daybook_log::Genesis::decode(&cell.genesis).map_err(|why| No::Damaged.because(why))?;
    let log = daybook_log::BookLog::found(&genesis).map_err(|why| No::Damaged.because(why))?;
    log.check_join(&request.keys(), &request.pop_author, &request.pop_request)
        .map_err(|why| problem::reject(&why))?;
    app.queue
        .carry_out(Task::Join(Box::new(JoinTask { cell, id, request })))
        .await?;
    Ok(answer(StatusCode::OK, &JoinTicket { id }))
}

/// `GET /v1/books/{b}/join-requests`
pub(crate) async fn who_asks<B: Incoming>(
    app: &App,
    parts: &Parts,
    body: B,
    book: &BookId,
) -> Answered {
    let number = app.manager(parts, body, book).await?.cell.number;
    let asked = app.readers.read(move |connection| {
        let mut statement = connection
            .prepare_cached("SELECT id, bytes, asked_at_ms FROM join_request WHERE book=? AND admitted=0 ORDER BY asked_at_ms, id")?;
        let mut rows = statement.query([number])?;
        let mut asked = Vec::new();
        while let Some(row) = rows.next()? {
            let request = JoinRequest::from_wire(&row.get::<_, Vec<u8>>(1)?).map_err(Fault::damaged)?;
            asked.push(JoinAsked { id: JoinId(bytes32(row, 0)?), request, asked_at_ms: row.get(2)? });
        }
        Ok(asked)
    });
    Ok(answer(StatusCode::OK, &asked.await?))
}

/// `GET /v1/books/{b}/join-requests/{id}`
pub(crate) async fn how_it_stands<B: Incoming>(
    app: &App,
    parts: &Parts,
    body: B,
    named: (&BookId, &JoinId),
) -> Answered {
    let (book, id) = (named.0, *named.1);
    let asked = Asked::of(parts, app.clock.now_ms())?;
    asked.verify_stranger()?;
    let inbox = app
        .strangers_room
        .read(&parts.headers, body, NO_BODY)
        .await?;
    asked.verify_body(&inbox.bytes)?;
    let cell = app.books.get(book).await?;
    let number = cell.number;
    let stands = app.readers.read(move |connection| {
        let mut statement = connection.prepare_cached(
            "SELECT request_key, admitted FROM join_request WHERE book=? AND id=?",
        )?;
        Ok(statement
            .query_row((number, &id.0), |row| {
                Ok((bytes32(row, 0)?, row.get::<_, bool>(1)?))
            })
            .optional()?)
    });
    match stands.await? {
        // To others it does not exist.
        Some((key, admitted)) if key == asked.key().0 => Ok(answer(
            StatusCode::OK,
            if admitted {
                &JoinState::Admitted
            } else {
                &JoinState::Waiting
            },
        )),
        _ => Err(No::NotFound.because("")),
    }
}
