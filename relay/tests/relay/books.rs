//! New books, who may read, and requests that are not what they should be.

use crate::world::{CODE, Device, Relay, found, founding, joined, now_s};
use daybook_log::wire::{Created, MEDIA_TYPE, Problem, TipInfo, WireBody};
use daybook_log::{Genesis, OrderRecord, Position};

#[test]
fn a_code_makes_one_book_and_the_second_founder_is_told_to_join_it() {
    let relay = Relay::start();
    let (first, body) = founding(&relay.url(), 1, CODE);
    let created: Created = first.call("POST", "/v1/books", &body.to_wire()).ok();
    assert_eq!(
        OrderRecord::decode(&created.record).unwrap().position,
        Position(1)
    );
    // A lost answer: the same again.
    assert_eq!(
        first
            .call("POST", "/v1/books", &body.to_wire())
            .ok::<Created>(),
        created
    );
    let (second, body) = founding(&relay.url(), 2, CODE);
    let problem = second.call("POST", "/v1/books", &body.to_wire()).problem();
    assert_eq!(
        (problem.kind.as_str(), problem.book),
        ("setup-code-used", Some(first.book))
    );
    assert_eq!(second.get("tip").kind(), (404, "book-unknown".into()));
    let (third, body) = founding(&relay.url(), 3, "no-such-code");
    assert_eq!(
        third.call("POST", "/v1/books", &body.to_wire()).kind(),
        (403, "setup-code-unknown".into())
    );
    let (fourth, body) = founding(&relay.url(), 4, "test-code-2");
    assert_eq!(
        fourth
            .call("POST", "/v1/books", &body.to_wire())
            .ok::<Created>()
            .book,
        fourth.book
    );
}

#[test]
fn a_founding_that_does_not_fit_founds_nothing() {
    let relay = Relay::start();
    let (founder, body) = founding(&relay.url(), 1, CODE);
    let ask = |body: &daybook_log::wire::CreateBook| {
        founder.call("POST", "/v1/books", &body.to_wire()).kind()
    };
    let mut other = body.clone();
    other.chunks = vec![b"other bytes".to_vec()];
    assert_eq!(ask(&other), (422, "founding".into()));
    let mut other = body.clone();
    let mut genesis = Genesis::decode(&body.genesis).unwrap();
    genesis.relay_key = founder.sealing_as_key();
    other.genesis = genesis.encode();
    assert_eq!(ask(&other), (422, "relay-key".into()));
    let mut other = body.clone();
    *other.founding.last_mut().unwrap() ^= 1;
    assert_eq!(ask(&other).0, 422);
    let mut other = body.clone();
    other.founding[240] ^= 1;
    assert_eq!(ask(&other), (422, "bad-signature".into()));
    let stranger = Device::new(9, &relay.url());
    assert_eq!(
        stranger.call("POST", "/v1/books", &body.to_wire()).kind(),
        (401, "bad-request-signature".into())
    );
    assert_eq!(
        founder.call("POST", "/v1/books", &body.to_wire()).status,
        200
    );
}

impl Device {
    fn sealing_as_key(&self) -> daybook_log::PublicKey {
        daybook_log::SecretKey::from_seed([77; 32]).public()
    }
}

#[test]
fn reading_needs_membership_and_a_signature_of_now() {
    let relay = Relay::start();
    let founder = found(&relay);
    let mut stranger = Device::new(7, &relay.url());
    stranger.book = founder.book;
    for rest in ["tip", "genesis", "entries", "tail", "join-requests"] {
        assert_eq!(
            stranger.get(rest).kind(),
            (403, "not-a-member".into()),
            "{rest}"
        );
        let path = founder.path(rest);
        assert_eq!(
            founder.call_with("GET", &path, &[], &[]).kind(),
            (401, "unsigned".into()),
            "{rest}"
        );
        let stale = founder.signed("GET", &path, &[], now_s() - 400);
        let problem = founder.call_with("GET", &path, &[], &stale).problem();
        assert_eq!(
            (problem.status, problem.kind.as_str()),
            (401, "clock"),
            "{rest}"
        );
        assert!(
            problem
                .time_ms
                .unwrap()
                .abs_diff(i64::try_from(now_s()).unwrap() * 1000)
                < 60_000
        );
        let other_path = founder.signed("GET", &founder.path("nothing"), &[], now_s());
        assert_eq!(
            founder.call_with("GET", &path, &[], &other_path).kind(),
            (401, "bad-request-signature".into()),
            "{rest}"
        );
    }
    assert_eq!(
        founder.get("genesis").body,
        Genesis::decode(&founder.get("genesis").body)
            .unwrap()
            .encode()
    );
    assert_eq!(founder.tip().position, Position(1));
    let member = joined(&founder, 2);
    assert_eq!(member.tip().position, Position(2));
    assert_eq!(
        member.get("join-requests").kind(),
        (403, "not-manager".into())
    );
}

#[test]
fn a_signature_covers_the_query_the_method_and_the_body() {
    let relay = Relay::start();
    let founder = found(&relay);
    let path = founder.path("entries?from=1");
    let signed = founder.signed("GET", &path, &[], now_s());
    assert_eq!(
        founder
            .call_with("GET", &founder.path("entries?from=2"), &[], &signed)
            .status,
        401
    );
    let body = crate::world::append_body(&[&founder.ops(b"one")]);
    let path = founder.path("entries");
    let signed = founder.signed("POST", &path, &body, now_s());
    let mut other = body.clone();
    *other.last_mut().unwrap() ^= 1;
    assert_eq!(
        founder.call_with("POST", &path, &other, &signed).kind(),
        (400, "digest".into())
    );
    let mut twice = signed.clone();
    twice.push(signed[1].clone());
    assert_eq!(
        founder.call_with("POST", &path, &body, &twice).kind(),
        (401, "unsigned".into())
    );
    assert_eq!(founder.call_with("POST", &path, &body, &signed).status, 200);
}

#[test]
fn problems_are_json_for_people_and_postcard_for_clients() {
    let relay = Relay::start();
    let answer = crate::world::agent()
        .get(format!("{}/v1/nothing", relay.url()))
        .call();
    let mut answer = answer.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let json: serde_json::Value =
        serde_json::from_slice(&answer.body_mut().read_to_vec().unwrap()).unwrap();
    assert_eq!(
        (&json["type"], &json["status"]),
        (&"urn:daybook:problem:not-found".into(), &404.into())
    );
    let device = Device::new(1, &relay.url());
    let got = device.call("GET", "/v1/nothing", &[]);
    assert_eq!(
        (got.header("content-type"), got.problem().kind.as_str()),
        (MEDIA_TYPE, "not-found")
    );
    let got = device.call("DELETE", "/v1/key", &[]);
    assert_eq!(
        (got.kind(), got.header("allow")),
        ((405, "method".into()), "GET")
    );
}

#[test]
fn what_is_stored_is_there_after_a_restart() {
    let mut relay = Relay::start();
    let founder = found(&relay);
    let record = founder.place(&founder.ops(b"one"));
    let before: TipInfo = founder.tip();
    relay.restart();
    let again = Device {
        url: relay.url(),
        ..founder
    };
    assert_eq!(again.tip(), before);
    assert_eq!(before.tip, record.tip());
    assert_eq!(again.place(&again.ops(b"two")).position, Position(3));
    let problem: Problem = again.get("chunks/00").problem();
    assert_eq!(problem.kind, "not-found");
}

#[test]
fn another_vfs_can_be_named_and_an_unknown_one_is_refused() {
    let relay = Relay::configured(|config| config.vfs = Some("unix-excl".into()));
    assert_eq!(found(&relay).tip().position, Position(1));
    let dir = tempfile::tempdir().unwrap();
    let mut config = daybook_relay::Config::new(dir.path());
    config.vfs = Some("no-such-vfs".into());
    assert!(daybook_relay::Server::start(&config).is_err());
}
