//! The live tail.

use crate::world::{Device, Relay, found, now_s};
use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::time::Duration;

/// Opens a tail by hand and gives what comes, line by line.
pub(crate) fn open(device: &Device, from: u64) -> BufReader<TcpStream> {
    let path = device.path(&format!("tail?from={from}"));
    let authority = device.url.strip_prefix("http://").unwrap();
    let mut request = format!("GET {path} HTTP/1.1\r\nhost: {authority}\r\n");
    for (name, value) in device.signed("GET", &path, &[], now_s()) {
        request += &format!("{name}: {value}\r\n");
    }
    let stream = TcpStream::connect(authority).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    std::io::Write::write_all(&mut &stream, format!("{request}\r\n").as_bytes()).unwrap();
    BufReader::new(stream)
}

/// The next line that begins so.
pub(crate) fn next(lines: &mut BufReader<TcpStream>, start: &str) -> String {
    loop {
        let mut line = String::new();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "the tail ended");
        if line.starts_with(start) {
            return line.trim_end().to_owned();
        }
    }
}

#[test]
fn a_tail_tells_each_new_tip_and_where_it_stands_at_first() {
    let relay = Relay::start();
    let founder = found(&relay);
    let mut behind = open(&founder, 0);
    assert_eq!(next(&mut behind, "HTTP"), "HTTP/1.1 200 OK");
    assert_eq!(
        next(&mut behind, "content-type"),
        "content-type: text/event-stream"
    );
    assert_eq!(
        next(&mut behind, "data"),
        format!("data: 1 {}", founder.tip().tip)
    );
    let mut level = open(&founder, 1);
    assert_eq!(next(&mut level, ": ."), ": .");
    for n in 2..5_u8 {
        let record = founder.place(&founder.ops(&[n]));
        let told = format!("data: {n} {}", record.tip());
        assert_eq!(next(&mut behind, "data"), told);
        assert_eq!(next(&mut level, "data"), told);
    }
}

#[test]
fn a_tail_ends_when_the_relay_stops() {
    let mut relay = Relay::start();
    let founder = found(&relay);
    let mut tail = open(&founder, 0);
    next(&mut tail, "data");
    relay.stop();
    let mut rest = String::new();
    tail.read_to_string(&mut rest).unwrap();
    assert!(
        rest.ends_with("0\r\n\r\n"),
        "the stream was ended in order: {rest:?}"
    );
}

#[test]
fn a_reader_that_does_not_read_holds_up_nobody() {
    let relay = Relay::start();
    let founder = found(&relay);
    let _deaf: Vec<_> = (0..50).map(|_| open(&founder, 0)).collect();
    let mut reader = open(&founder, 0);
    for n in 0..200_u8 {
        founder.place(&founder.ops(&[n]));
    }
    let told = format!("data: 201 {}", founder.tip().tip);
    let mut lines = 0;
    while next(&mut reader, "data") != told {
        lines += 1;
        assert!(lines < 300);
    }
}
