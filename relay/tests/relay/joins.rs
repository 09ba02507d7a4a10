//! Devices that ask to be let in.

use crate::world::{Device, Relay, found};
use daybook_log::wire::{JoinAsked, JoinState, JoinTicket, WireBody};
use daybook_log::{MemberRole, Position};

#[test]
fn a_device_asks_a_manager_lets_it_in_and_it_appends() {
    let relay = Relay::start();
    let founder = found(&relay);
    let mut device = Device::new(2, &relay.url());
    device.book = founder.book;
    let body = device.join_request().to_wire();
    let ticket: JoinTicket = device
        .call("POST", &device.path("join-requests"), &body)
        .ok();
    // Asking twice is asking once.
    assert_eq!(
        device
            .call("POST", &device.path("join-requests"), &body)
            .ok::<JoinTicket>(),
        ticket
    );
    let how = format!("join-requests/{}", ticket.id);
    assert_eq!(device.get(&how).ok::<JoinState>(), JoinState::Waiting);
    assert_eq!(device.get("tip").kind(), (403, "not-a-member".into()));
    assert_eq!(
        founder.get(&how).kind(),
        (404, "not-found".into()),
        "only who asked may know"
    );

    let asked: Vec<JoinAsked> = founder.get("join-requests").ok();
    assert_eq!(asked.len(), 1);
    assert_eq!(
        (asked[0].id, &asked[0].request),
        (ticket.id, &device.join_request())
    );
    let key_add = asked[0].request.admit(MemberRole::Member);
    founder.place(&founder.sign(founder.draft().key_add(&key_add).unwrap()));

    assert_eq!(device.get(&how).ok::<JoinState>(), JoinState::Admitted);
    assert_eq!(
        founder.get("join-requests").ok::<Vec<JoinAsked>>(),
        Vec::new()
    );
    assert_eq!(device.place(&device.ops(b"hello")).position, Position(3));
    let problem = device.rejected(
        &device.sign(
            device
                .draft()
                .key_add(
                    &Device {
                        book: founder.book,
                        ..Device::new(3, "http://x")
                    }
                    .key_add(MemberRole::Member),
                )
                .unwrap(),
        ),
    );
    assert_eq!(
        (problem.status, problem.kind.as_str()),
        (403, "not-manager")
    );
}

#[test]
fn a_request_to_join_shows_that_its_keys_are_held() {
    let relay = Relay::start();
    let founder = found(&relay);
    let mut device = Device::new(2, &relay.url());
    device.book = founder.book;
    let path = device.path("join-requests");
    let mut forged = device.join_request();
    forged.pop_author = forged.pop_request;
    assert_eq!(
        device.call("POST", &path, &forged.to_wire()).kind(),
        (422, "control".into())
    );
    let other = Device {
        book: founder.book,
        ..Device::new(3, &relay.url())
    };
    assert_eq!(
        device
            .call("POST", &path, &other.join_request().to_wire())
            .kind(),
        (401, "bad-request-signature".into())
    );
    device.label = "too long for a code".into();
    assert_eq!(
        device
            .call("POST", &path, &device.join_request().to_wire())
            .kind(),
        (400, "malformed".into())
    );
    assert_eq!(
        founder.get("join-requests").ok::<Vec<JoinAsked>>(),
        Vec::new()
    );
}

#[test]
fn only_so_many_may_wait() {
    let relay = Relay::start();
    let founder = found(&relay);
    let mut kinds = Vec::new();
    for seed in 100..165 {
        let device = Device {
            book: founder.book,
            ..Device::new(seed, &relay.url())
        };
        kinds.push(
            device
                .call(
                    "POST",
                    &device.path("join-requests"),
                    &device.join_request().to_wire(),
                )
                .status,
        );
    }
    assert_eq!(kinds, [vec![200; 64], vec![429]].concat());
}
