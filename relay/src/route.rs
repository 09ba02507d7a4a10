//! What a path names. One path per thing: nothing is decoded, nothing is joined, a trailing slash names nothing.

use daybook_log::wire::JoinId;
use daybook_log::{BookId, ChunkId};

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
}

/// A path is the protocol's, unknown to it, or one for the app's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Api(Route),
    Nowhere,
    File,
}

impl Place {
    pub(crate) fn of(path: &str) -> Place {
        match path {
            "/livez" => return Place::Api(Route::Live),
            "/readyz" => return Place::Api(Route::Ready),
            _ => {}
        }
        match path.strip_prefix("/v1/") {
            Some(rest) => api(rest).map_or(Place::Nowhere, Place::Api),
            None => Place::File,
        }
    }
}

fn api(rest: &str) -> Option<Route> {
    let mut parts = rest.split('/');
    let mut next = || parts.next();
    let route = match (next()?, next(), next(), next()) {
        ("key", None, ..) => Route::Key,
        ("books", None, ..) => Route::Books,
        ("books", Some(book), Some(what), leaf) => {
            let book = book.parse().ok()?;
            match (what, leaf) {
                ("join-requests", None) => Route::Joins(book),
                ("join-requests", Some(id)) => Route::Join(book, id.parse().ok()?),
                ("genesis", None) => Route::Genesis(book),
                ("tip", None) => Route::Tip(book),
                ("entries", None) => Route::Entries(book),
                ("tail", None) => Route::Tail(book),
                ("chunks", Some(id)) => Route::Chunk(book, id.parse().ok()?),
                _ => return None,
            }
        }
        _ => return None,
    };
    next().is_none().then_some(route)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_names_one_thing_or_nothing() {
        let book = BookId([0xab; 32]);
        let cases = [
            ("/v1/key", Place::Api(Route::Key)),
            ("/v1/key/", Place::Nowhere),
            ("/v1/books", Place::Api(Route::Books)),
            ("/v1/books/", Place::Nowhere),
            ("/v1/", Place::Nowhere),
            ("/v1", Place::File),
            ("/", Place::File),
            ("/livez", Place::Api(Route::Live)),
        ];
        for (path, place) in cases {
            assert_eq!(Place::of(path), place, "{path}");
        }
        assert_eq!(
            Place::of(&format!("/v1/books/{book}/tip")),
            Place::Api(Route::Tip(book))
        );
        assert_eq!(
            Place::of(&format!("/v1/books/{book}/tip/x")),
            Place::Nowhere
        );
        assert_eq!(
            Place::of(&format!("/v1/books/{book}/chunks/{book}/x")),
            Place::Nowhere
        );
        assert_eq!(
            Place::of(&format!("/v1/books/{}/tip", "AB".repeat(32))),
            Place::Nowhere
        );
        assert_eq!(Place::of(&format!("/v1/books/{book}")), Place::Nowhere);
    }
}
