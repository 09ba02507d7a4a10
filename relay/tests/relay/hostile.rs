//! Peers that are slow or want too much.

use crate::world::{Relay, found, now_s};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

fn impatient() -> Relay {
    Relay::configured(|config| {
        config.header_patience = Duration::from_millis(300);
        config.body_patience = Duration::from_millis(300);
        config.connections_max = 2;
    })
}

fn connect(relay: &Relay) -> TcpStream {
    let stream = TcpStream::connect(relay.server().address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream
}

#[test]
fn half_a_head_frees_its_place_in_time() {
    let relay = impatient();
    let stuck: Vec<_> = (0..2)
        .map(|_| {
            let mut stream = connect(&relay);
            stream
                .write_all(b"GET /v1/key HTTP/1.1\r\nhost: x\r\nx-slow: ")
                .unwrap();
            stream
        })
        .collect();
    // Both places are taken: this one is served once a deadline frees one.
    let mut third = connect(&relay);
    third
        .write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    third.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    for mut stream in stuck {
        let mut rest = String::new();
        let _ = stream.read_to_string(&mut rest);
        assert!(
            rest.is_empty() || rest.starts_with("HTTP/1.1 408"),
            "{rest}"
        );
    }
}

#[test]
fn half_a_body_is_told_so_in_time() {
    let relay = impatient();
    let founder = found(&relay);
    let body = crate::world::append_body(&[&founder.ops(b"late")]);
    let path = founder.path("entries");
    let mut head = format!(
        "POST {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n",
        relay.server().address()
    );
    head += &format!(
        "content-type: {}\r\ncontent-length: {}\r\n",
        daybook_log::wire::MEDIA_TYPE,
        body.len()
    );
    for (name, value) in founder.signed("POST", &path, &body, now_s()) {
        head += &format!("{name}: {value}\r\n");
    }
    let mut stream = connect(&relay);
    stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    stream.write_all(&body[..body.len() / 2]).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[test]
fn lengths_that_are_lies_and_heads_that_are_too_long_cost_nothing() {
    let relay = Relay::start();
    let founder = found(&relay);
    let ask = |head: &str| {
        let mut stream = connect(&relay);
        let _ = stream.write_all(head.as_bytes());
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer.lines().next().unwrap_or_default().to_owned()
    };
    let long = format!(
        "GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n",
        "a".repeat(40_000)
    );
    assert!(ask(&long).starts_with("HTTP/1.1 431"), "{}", ask(&long));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(100));
    assert!(ask(&many).starts_with("HTTP/1.1 431"), "{}", ask(&many));
    let path = founder.path("entries");
    let mut huge = format!(
        "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: 99999999999\r\n",
        relay.server().address()
    );
    for (name, value) in founder.signed("POST", &path, b"x", now_s()) {
        huge += &format!("{name}: {value}\r\n");
    }
    assert_eq!(
        ask(&format!("{huge}\r\nx")),
        "HTTP/1.1 413 Payload Too Large"
    );
    founder.tip();
}

#[test]
fn a_stale_clock_is_told_even_with_four_megabytes_behind_it() {
    let relay = Relay::start();
    let founder = found(&relay);
    let entries: Vec<_> = (0..60).map(|_| founder.ops(&vec![1; 65_000])).collect();
    let body = crate::world::append_body(&entries.iter().collect::<Vec<_>>());
    let path = founder.path("entries");
    let stale = founder.signed("POST", &path, &body, now_s() - 1000);
    assert_eq!(
        founder.call_with("POST", &path, &body, &stale).kind(),
        (401, "clock".into())
    );
    assert_eq!(founder.call("POST", &path, &body).status, 200);
}
