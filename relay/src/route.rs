//! What a path names. axum finds the route; every answer, each "no" among them, stays ours. One path per thing: nothing is
//! decoded, nothing is joined, a trailing slash names nothing.

use crate::app::App;
use axum::Router;
use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use daybook_log::wire::JoinId;
use daybook_log::{BookId, ChunkId, EntryId};
use std::str::FromStr;
use std::sync::Arc;

/// All routes. Methods are told apart by [`App`], which answers the ones that are not taken.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/livez", plain(Route::Live))
        .route("/readyz", plain(Route::Ready))
        .route("/v1/key", plain(Route::Key))
        .route("/v1/books", plain(Route::Books))
        .route("/v1/books/{book}/join-requests", of_book(Route::Joins))
        .route(
            "/v1/books/{book}/join-requests/{leaf}",
            of_leaf(Route::Join),
        )
        .route("/v1/books/{book}/genesis", of_book(Route::Genesis))
        .route("/v1/books/{book}/tip", of_book(Route::Tip))
        .route("/v1/books/{book}/entries", of_book(Route::Entries))
        .route("/v1/books/{book}/chunks/{leaf}", of_leaf(Route::Chunk))
        .route("/v1/books/{book}/tail", of_book(Route::Tail))
        .route("/v1/books/{book}/checkpoint", of_book(Route::Checkpoint))
        .route("/v1/books/{book}/consistency", of_book(Route::Consistency))
        .route("/v1/books/{book}/receipts/{leaf}", of_leaf(Route::Receipt))
        .fallback(elsewhere)
        .with_state(app)
}

fn plain(route: Route) -> MethodRouter<Arc<App>> {
    any(
        move |State(app): State<Arc<App>>, request: Request| async move {
            app.api(Some(route), request).await.map(Body::new)
        },
    )
}

type Names = Result<RawPathParams, RawPathParamsRejection>;

fn of_book(route: fn(BookId) -> Route) -> MethodRouter<Arc<App>> {
    any(
        move |State(app): State<Arc<App>>, names: Names, request: Request| async move {
            let named = name(&names, "book", &request).map(route);
            app.api(named, request).await.map(Body::new)
        },
    )
}

fn of_leaf<L: FromStr + 'static>(route: fn(BookId, L) -> Route) -> MethodRouter<Arc<App>> {
    any(
        move |State(app): State<Arc<App>>, names: Names, request: Request| async move {
            let book = name(&names, "book", &request);
            let named = book.and_then(|book| Some(route(book, name(&names, "leaf", &request)?)));
            app.api(named, request).await.map(Body::new)
        },
    )
}

/// A part of the path as it was sent: what had to be decoded names nothing.
fn name<T: FromStr>(names: &Names, part: &str, request: &Request) -> Option<T> {
    let (_, text) = names.as_ref().ok()?.iter().find(|(key, _)| *key == part)?;
    let as_sent = !request.uri().path().contains('%');
    as_sent.then(|| text.parse().ok()).flatten()
}

/// Unknown to the protocol, or one of the app's files.
async fn elsewhere(State(app): State<Arc<App>>, request: Request) -> Response {
    if request.uri().path().starts_with("/v1/") {
        app.api(None, request).await.map(Body::new)
    } else {
        app.file(&request.into_parts().0).map(Body::new)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Live,
    Ready,
    Key,
    Books,
    Joins(BookId),
    Join(BookId, JoinId),
    Genesis(BookId),
    Tip(BookId),
    Entries(BookId),
    Chunk(BookId, ChunkId),
    Tail(BookId),
    Checkpoint(BookId),
    Consistency(BookId),
    Receipt(BookId, EntryId),
}

impl Route {
    /// The methods that are taken, for `Allow`.
    pub(crate) fn methods(self) -> &'static str {
        match self {
            Route::Books => "POST",
            Route::Joins(_) | Route::Entries(_) => "GET, POST",
            Route::Chunk(..) => "GET, PUT",
            _ => "GET",
        }
    }
}
