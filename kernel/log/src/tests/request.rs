//! Claims about signed requests; `docs/spec/request.md` names them.

use super::world::Device;
use crate::request::*;
use crate::*;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const NOW_S: u64 = 1_800_000_000;
const NOW_MS: i64 = 1_800_000_000_999;

fn post() -> Target<'static> {
    Target {
        method: "POST",
        authority: "relay.example:8443",
        path: "/v1/books",
        query: "",
        body: br#"{"hello": "world"}"#,
    }
}

fn get() -> Target<'static> {
    Target {
        method: "GET",
        path: "/v1/books/00/entries",
        query: "from=1&limit=2",
        body: b"",
        ..post()
    }
}

fn key() -> SecretKey {
    Device::new(1).request
}

fn admitted() -> AdmittedKey {
    AdmittedKey::admit(key().public()).unwrap()
}

fn parse(headers: &SignedHeaders) -> Result<Claim, RequestFault> {
    Claim::parse(
        Some(&headers.signature_input),
        Some(&headers.signature),
        headers.content_digest.as_deref(),
    )
}

/// Q-1: the text that is signed is RFC 9421's, byte for byte.
#[test]
fn the_signed_text_is_the_one_of_the_rfc() {
    let (key, hex) = (key(), format!("{}", key().public()));
    let headers = sign(&post(), &key, NOW_S, "n-1").unwrap();
    let params = format!(
        r#"("@method" "@authority" "@path" "@query" "content-digest");created=1800000000;keyid="{hex}";alg="ed25519";nonce="n-1""#
    );
    assert_eq!(headers.signature_input, format!("db={params}"));
    let digest = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:";
    assert_eq!(
        headers.content_digest.as_deref(),
        Some(digest),
        "the example of RFC 9530"
    );
    let text = format!(
        "\"@method\": POST\n\"@authority\": relay.example:8443\n\"@path\": /v1/books\n\"@query\": ?\n\
         \"content-digest\": {digest}\n\"@signature-params\": {params}"
    );
    let base64 = headers
        .signature
        .strip_prefix("db=:")
        .unwrap()
        .strip_suffix(':')
        .unwrap();
    let signature: [u8; 64] = <base64ct::Base64 as base64ct::Encoding>::decode_vec(base64)
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(signature, key.sign_text(text.as_bytes()).0);
    let names: Vec<_> = headers.pairs().map(|(name, _)| name).collect();
    assert_eq!(names, ["content-digest", "signature-input", "signature"]);
}

/// Q-2: what was signed verifies; a change of any part of the request does not.
#[test]
fn every_part_of_a_request_is_covered() {
    type Edit = fn(&mut Target<'static>);
    let edits: [(Edit, RequestFault); 5] = [
        (|t| t.method = "PUT", RequestFault::Unauthentic),
        (|t| t.authority = "other.example", RequestFault::Unauthentic),
        (|t| t.path = "/v1/books/", RequestFault::Unauthentic),
        (|t| t.query = "x=1", RequestFault::Unauthentic),
        (|t| t.body = b"other", RequestFault::Digest),
    ];
    let claim = parse(&sign(&post(), &key(), NOW_S, "n").unwrap()).unwrap();
    assert_eq!(claim.verify(&post(), &admitted(), NOW_MS), Ok(()));
    for (n, (edit, expected)) in edits.into_iter().enumerate() {
        let mut target = post();
        edit(&mut target);
        assert_eq!(
            claim.verify(&target, &admitted(), NOW_MS),
            Err(expected),
            "row {n}"
        );
    }
    let unread = Target {
        body: b"not read yet",
        ..post()
    };
    assert_eq!(claim.verify_head(&unread, &admitted(), NOW_MS), Ok(()));
    assert_eq!(claim.check_body(unread.body), Err(RequestFault::Digest));
    let other = AdmittedKey::admit(Device::new(2).request.public()).unwrap();
    assert_eq!(
        claim.verify(&post(), &other, NOW_MS),
        Err(RequestFault::OtherKey)
    );
    let claim = parse(&sign(&get(), &key(), NOW_S, "n").unwrap()).unwrap();
    assert_eq!(claim.verify(&get(), &admitted(), NOW_MS), Ok(()));
    assert_eq!(
        claim.verify(
            &Target {
                body: b"x",
                ..get()
            },
            &admitted(),
            NOW_MS
        ),
        Err(RequestFault::BodyCover)
    );
}

/// Q-3: a digest without cover, or a cover without digest, is refused before any key is asked.
#[test]
fn a_body_is_covered_or_absent() {
    let with = sign(&post(), &key(), NOW_S, "n").unwrap();
    let without = sign(&get(), &key(), NOW_S, "n").unwrap();
    let (input, signature) = (
        Some(with.signature_input.as_str()),
        Some(with.signature.as_str()),
    );
    assert_eq!(
        Claim::parse(input, signature, None),
        Err(RequestFault::BodyCover)
    );
    let mixed = SignedHeaders {
        content_digest: with.content_digest.clone(),
        ..without
    };
    assert_eq!(parse(&mixed), Err(RequestFault::BodyCover));
    let claim = parse(&with).unwrap();
    assert_eq!(
        claim.verify(
            &Target {
                body: b"",
                ..post()
            },
            &admitted(),
            NOW_MS
        ),
        Err(RequestFault::BodyCover)
    );
}

/// Q-4: 300 seconds to either side, and not one more.
#[test]
fn a_request_has_its_window() {
    let claim = |created_s| parse(&sign(&post(), &key(), created_s, "n").unwrap()).unwrap();
    for (created_s, fits) in [
        (NOW_S - 301, false),
        (NOW_S - 300, true),
        (NOW_S + 300, true),
        (NOW_S + 301, false),
    ] {
        let expected = if fits {
            Ok(())
        } else {
            Err(RequestFault::Clock { created_s })
        };
        assert_eq!(
            claim(created_s).verify(&post(), &admitted(), NOW_MS),
            expected
        );
    }
    assert_eq!(
        claim(0).verify(&post(), &admitted(), -1),
        Ok(()),
        "a clock before 1970 counts as 1970"
    );
}

/// Q-5: header values have one form; every other one has an error that names the header.
#[test]
fn headers_have_one_form() {
    let good = sign(&post(), &key(), NOW_S, "n").unwrap();
    let edit = |from: &str, to: &str| {
        let signature_input = good.signature_input.replacen(from, to, 1);
        assert_ne!(signature_input, good.signature_input);
        parse(&SignedHeaders {
            signature_input,
            ..good.clone()
        })
    };
    let input = Err(RequestFault::Header(SIGNATURE_INPUT));
    let upper = format!("{}", key().public()).to_uppercase();
    for (from, to) in [
        ("db=", "sig1="),
        ("db=", " db="),
        ("\"@method\" ", ""),
        ("\"@method\" \"@authority\"", "\"@authority\" \"@method\""),
        ("\"@query\"", "\"@query\";req"),
        ("created=", "created=0"),
        ("created=", "created=-"),
        ("created=1800000000", "created=99999999999999999999"),
        (";alg=\"ed25519\"", ""),
        ("ed25519", "hmac-sha256"),
        (";alg", ";expires=1;alg"),
        ("keyid=\"", "keyid=\"0"),
        (format!("{}", key().public()).as_str(), upper.as_str()),
    ] {
        assert_eq!(edit(from, to), input, "{from} -> {to}");
    }
    assert_eq!(edit("nonce=\"n\"", "nonce=\"\""), Err(RequestFault::Nonce));
    assert_eq!(
        edit("nonce=\"n\"", "nonce=\"n\";x=\"1\""),
        Err(RequestFault::Nonce)
    );
    let long = String::from_utf8([b'n'; 600].to_vec()).unwrap();
    assert_eq!(edit("nonce=\"n\"", &format!("nonce=\"{long}\"")), input);
}

/// The other two headers have one form too, and both signature headers must be there.
#[test]
fn signatures_and_digests_have_one_form() {
    let good = sign(&post(), &key(), NOW_S, "n").unwrap();
    let signed = |signature: &str| {
        parse(&SignedHeaders {
            signature: signature.into(),
            ..good.clone()
        })
    };
    for bad in [
        "",
        "db=::",
        "db=:AAAA:",
        good.signature.trim_end_matches(':'),
        &good.signature.replace("==", ""),
    ] {
        assert_eq!(signed(bad), Err(RequestFault::Header(SIGNATURE)), "{bad}");
    }
    let digest = |value: &str| {
        parse(&SignedHeaders {
            content_digest: Some(value.into()),
            ..good.clone()
        })
    };
    for bad in [
        "",
        "sha-256=:AAAA:",
        "sha-512=:AAAA:",
        "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPF=:",
    ] {
        assert_eq!(
            digest(bad),
            Err(RequestFault::Header(CONTENT_DIGEST)),
            "{bad}"
        );
    }
    assert_eq!(
        Claim::parse(None, Some(&good.signature), None),
        Err(RequestFault::Missing(SIGNATURE_INPUT))
    );
    assert_eq!(
        Claim::parse(Some(&good.signature_input), None, None),
        Err(RequestFault::Missing(SIGNATURE))
    );
}

/// Q-6: nothing that could make two requests share a text is signed or verified.
#[test]
fn targets_hold_no_line_breaks() {
    let claim = parse(&sign(&get(), &key(), NOW_S, "n").unwrap()).unwrap();
    for bad in [
        Target {
            method: "get",
            ..get()
        },
        Target {
            method: "",
            ..get()
        },
        Target {
            authority: "",
            ..get()
        },
        Target {
            authority: "Relay.example",
            ..get()
        },
        Target {
            authority: "a\n\"@path\": /",
            ..get()
        },
        Target {
            path: "v1",
            ..get()
        },
        Target {
            path: "/a b",
            ..get()
        },
        Target {
            path: "/a?b",
            ..get()
        },
        Target {
            path: "/é",
            ..get()
        },
        Target {
            query: "a\nb",
            ..get()
        },
        Target {
            query: "a#b",
            ..get()
        },
    ] {
        assert_eq!(
            sign(&bad, &key(), NOW_S, "n"),
            Err(RequestFault::Target),
            "{bad:?}"
        );
        assert_eq!(
            claim.verify(&bad, &admitted(), NOW_MS),
            Err(RequestFault::Target),
            "{bad:?}"
        );
    }
    assert_eq!(sign(&get(), &key(), NOW_S, "a b"), Err(RequestFault::Nonce));
}

/// The authority leaves out the scheme's own port and is in lower case.
#[test]
fn authorities_are_normal() {
    let table = [
        ("Relay.Example", Some(443), true, "relay.example"),
        ("relay.example", Some(80), false, "relay.example"),
        ("relay.example", Some(80), true, "relay.example:80"),
        ("127.0.0.1", Some(8080), false, "127.0.0.1:8080"),
        ("relay.example", None, true, "relay.example"),
    ];
    for (host, port, https, expected) in table {
        assert_eq!(authority(host, port, https), expected);
    }
}
