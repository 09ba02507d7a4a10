//! A path names one thing or nothing, and every answer is one of ours.

use crate::world::Relay;
use daybook_log::BookId;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;

fn ask(relay: &Relay, path: &str) -> (u16, String) {
    let request = Request::builder()
        .uri(path)
        .header("host", "relay")
        .body(Full::<Bytes>::default())
        .unwrap();
    let server = relay.server();
    let answer = server.answer(request).unwrap();
    let status = answer.status().as_u16();
    let body = server.block_on(answer.into_body().collect()).unwrap();
    let body = String::from_utf8_lossy(&body.unwrap().to_bytes()).into_owned();
    (status, body)
}

#[test]
fn each_path_names_one_thing_or_nothing() {
    let relay = Relay::start();
    let book = BookId([0xab; 32]);
    let cases = [
        ("/livez".to_owned(), 200, "live"),
        ("/v1/key".to_owned(), 200, ""),
        ("/v1/key/".to_owned(), 404, "not-found"),
        ("/v1/books".to_owned(), 405, "method"),
        ("/v1/books/".to_owned(), 404, "not-found"),
        ("/v1/".to_owned(), 404, "not-found"),
        (format!("/v1/books/{book}"), 404, "not-found"),
        (format!("/v1/books/{book}/tip"), 401, "unsigned"),
        (format!("/v1/books/{book}/tip/x"), 404, "not-found"),
        (format!("/v1/books/{book}/chunks/{book}"), 401, "unsigned"),
        (
            format!("/v1/books/{book}/chunks/{book}/x"),
            404,
            "not-found",
        ),
        (
            format!("/v1/books/{}/tip", "AB".repeat(32)),
            404,
            "not-found",
        ),
        (
            format!("/v1/books/%61b{}/tip", "ab".repeat(31)),
            404,
            "not-found",
        ),
        ("/v1/books/%ff/tip".to_owned(), 404, "not-found"),
    ];
    for (path, status, said) in cases {
        let answer = ask(&relay, &path);
        assert_eq!(answer.0, status, "{path}: {answer:?}");
        assert!(answer.1.contains(said), "{path}: {answer:?}");
    }
}
