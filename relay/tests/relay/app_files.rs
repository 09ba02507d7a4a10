//! The app's files.

use crate::world::{Got, Relay, agent};

fn relay() -> Relay {
    Relay::configured(|config| {
        let app = config.data.with_file_name("app");
        std::fs::create_dir_all(app.join("icons")).unwrap();
        let files: [(&str, &[u8]); 9] = [
            ("index.html", b"<!doctype html><title>x</title>"),
            ("ui.0123456789abcdef.js", b"export default 1"),
            ("ui.0123456789abcdef.wasm", b"\0asm\x01\0\0\0"),
            ("ui.0123456789abcdef.wasm.br", b"compressed"),
            ("sw.js", b"// worker"),
            ("app.webmanifest", b"{}"),
            ("style.css", b"a{}"),
            ("icons/icon.png", b"png"),
            (".secret", b"no"),
        ];
        for (name, bytes) in files {
            std::fs::write(app.join(name), bytes).unwrap();
        }
        std::fs::create_dir_all(&config.data).unwrap();
        config.app = Some(app);
    })
}

fn get(relay: &Relay, path: &str, headers: &[(&str, &str)]) -> Got {
    let mut request = agent().get(format!("{}{path}", relay.url()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut answer = request.call().unwrap();
    // The client would unpack brotli itself if it could; it cannot, so the bytes are those on the wire.
    let body = answer.body_mut().read_to_vec().unwrap();
    Got {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        body,
    }
}

#[test]
fn types_caching_and_guards_are_right() {
    let relay = relay();
    let cases = [
        ("/", "text/html; charset=utf-8", "no-cache"),
        ("/index.html", "text/html; charset=utf-8", "no-cache"),
        (
            "/ui.0123456789abcdef.js",
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
        (
            "/ui.0123456789abcdef.wasm",
            "application/wasm",
            "public, max-age=31536000, immutable",
        ),
        ("/sw.js", "text/javascript; charset=utf-8", "no-cache"),
        ("/app.webmanifest", "application/manifest+json", "no-cache"),
        ("/style.css", "text/css; charset=utf-8", "no-cache"),
        ("/icons/icon.png", "image/png", "no-cache"),
    ];
    for (path, media, caching) in cases {
        let got = get(&relay, path, &[]);
        assert_eq!(
            (
                got.status,
                got.header("content-type"),
                got.header("cache-control")
            ),
            (200, media, caching),
            "{path}"
        );
        assert_eq!(
            got.header("content-security-policy"),
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
             manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        assert_eq!(got.header("x-content-type-options"), "nosniff");
        assert_eq!(got.header("cross-origin-opener-policy"), "same-origin");
        assert!(
            !got.header("referrer-policy").is_empty()
                && !got.header("permissions-policy").is_empty()
        );
        let again = get(&relay, path, &[("if-none-match", got.header("etag"))]);
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
    }
}

#[test]
fn the_compressed_form_is_for_those_who_take_it() {
    let relay = relay();
    let path = "/ui.0123456789abcdef.wasm";
    let packed = get(&relay, path, &[("accept-encoding", "gzip, br;q=0.9")]);
    assert_eq!(
        (packed.header("content-encoding"), packed.body.as_slice()),
        ("br", b"compressed".as_slice())
    );
    assert_eq!(
        (packed.header("content-type"), packed.header("vary")),
        ("application/wasm", "accept-encoding")
    );
    for plain in [
        &[("accept-encoding", "br;q=0")][..],
        &[("accept-encoding", "gzip")],
    ] {
        let got = get(&relay, path, plain);
        assert_eq!(
            (got.header("content-encoding"), got.body.as_slice()),
            ("", b"\0asm\x01\0\0\0".as_slice())
        );
        assert_ne!(got.header("etag"), packed.header("etag"));
    }
}

#[test]
fn nothing_else_can_be_reached() {
    let relay = relay();
    for path in [
        "/nothing",
        "/.secret",
        "/../data/relay.key",
        "/%2e%2e/data/relay.key",
        "//index.html",
        "/icons",
        "/icons/",
        "/index.html/",
        "/ui.0123456789abcdef.wasm.br",
    ] {
        let got = get(&relay, path, &[]);
        assert_eq!(got.status, 404, "{path}");
        assert_eq!(got.header("x-content-type-options"), "nosniff");
    }
    let got = agent()
        .post(format!("{}/index.html", relay.url()))
        .send_empty()
        .unwrap();
    assert_eq!(
        (
            got.status().as_u16(),
            got.headers()["allow"].to_str().unwrap()
        ),
        (405, "GET, HEAD")
    );
}
