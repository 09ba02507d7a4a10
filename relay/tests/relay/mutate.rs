//! Requests with any byte of head or body changed end in a typed 4xx, or do exactly what an unchanged one may do.

use crate::world::{CODE, Device, Relay, append_body, found, founding, now_s};
use daybook_log::Entry;
use daybook_log::control::chunk_id;
use daybook_log::wire::{MEDIA_TYPE, Problem, WireBody};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use std::collections::BTreeMap;

/// SplitMix64: the same numbers everywhere.
struct Chance(u64);

impl Chance {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % below.max(1) as u64).unwrap()
    }
}

fn mutate(bytes: &mut Vec<u8>, chance: &mut Chance) {
    for _ in 0..=chance.next(3) {
        let at = chance.next(bytes.len());
        match chance.next(6) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << chance.next(8),
            1 if !bytes.is_empty() => bytes[at] = u8::try_from(chance.next(256)).unwrap(),
            2 => bytes.truncate(at),
            3 => bytes.insert(at, 0xff),
            4 if !bytes.is_empty() => {
                let from = chance.next(bytes.len());
                let piece = bytes[from..].iter().copied().take(40).collect::<Vec<_>>();
                bytes.splice(at..at, piece);
            }
            _ => bytes.extend_from_slice(&[0x80; 9]),
        }
    }
}

struct Ask<'a> {
    device: &'a Device,
    method: &'static str,
    path: String,
    body: Vec<u8>,
}

impl Ask<'_> {
    /// The request with something changed; `None` where HTTP itself cannot carry it.
    fn changed(&self, chance: &mut Chance) -> Option<hyper::Request<Full<Bytes>>> {
        let (mut method, mut path, mut body) = (
            self.method.as_bytes().to_vec(),
            self.path.clone().into_bytes(),
            self.body.clone(),
        );
        let what = chance.next(6);
        // Two thirds of the changed bodies are signed as they are: they must get as far as their decoder.
        if what < 3 {
            mutate(&mut body, chance);
        }
        let mut headers = self.device.signed(self.method, &self.path, &body, now_s());
        match what {
            0 => mutate(&mut body, chance),
            3 => mutate(&mut method, chance),
            4 => mutate(&mut path, chance),
            5 => {
                let at = chance.next(headers.len());
                let mut value = headers[at].1.clone().into_bytes();
                mutate(&mut value, chance);
                headers[at].1 = String::from_utf8_lossy(&value).into_owned();
            }
            _ => {}
        }
        let host = self.device.url.strip_prefix("http://")?;
        let mut request = hyper::Request::builder()
            .method(method.as_slice())
            .uri(path.as_slice());
        request = request.header("host", host).header("accept", MEDIA_TYPE);
        if !body.is_empty() {
            request = request.header("content-type", MEDIA_TYPE);
        }
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.body(Full::new(Bytes::from(body))).ok()
    }
}

fn asks<'a>(
    founder: &'a Device,
    other: (&'a Device, Vec<u8>),
    waiting: &'a Device,
    entry: &Entry,
) -> Vec<Ask<'a>> {
    let ask = |device, method, path: String, body| Ask {
        device,
        method,
        path,
        body,
    };
    let chunk = founder.path(&format!("chunks/{}", chunk_id(b"chunk")));
    vec![
        ask(
            founder,
            "POST",
            founder.path("entries"),
            append_body(&[entry]),
        ),
        ask(
            founder,
            "GET",
            founder.path("entries?from=1&limit=5"),
            Vec::new(),
        ),
        ask(founder, "GET", founder.path("tip"), Vec::new()),
        ask(founder, "GET", founder.path("tail?from=1"), Vec::new()),
        ask(founder, "PUT", chunk, b"chunk".to_vec()),
        ask(founder, "GET", founder.path("join-requests"), Vec::new()),
        ask(other.0, "POST", "/v1/books".into(), other.1),
        ask(
            waiting,
            "POST",
            waiting.path("join-requests"),
            waiting.join_request().to_wire(),
        ),
    ]
}

#[test]
fn a_million_changed_requests_end_in_typed_4xx() {
    let relay = Relay::configured(|config| config.strangers_per_s = 1_000_000);
    let founder = found(&relay);
    let stored = founder.ops(b"stored");
    founder.place(&stored);
    let (other, create) = founding(&relay.url(), 5, CODE);
    let waiting = Device {
        book: founder.book,
        ..Device::new(6, &relay.url())
    };
    let entry = founder.ops(b"never placed unless it is whole");
    let asks = asks(&founder, (&other, create.to_wire()), &waiting, &entry);
    let rounds =
        std::env::var("DAYBOOK_MUTATIONS").map_or(1_000_000, |rounds| rounds.parse().unwrap());
    let mut chance = Chance(0x00da_1b00);
    let mut by_status = BTreeMap::<u16, u32>::new();
    for round in 0..rounds {
        let Some(request) = asks[chance.next(asks.len())].changed(&mut chance) else {
            continue;
        };
        let server = relay.server();
        let answer = server.answer(request).unwrap();
        let status = answer.status().as_u16();
        *by_status.entry(status).or_default() += 1;
        if status >= 400 {
            let bytes = server
                .block_on(answer.into_body().collect())
                .unwrap()
                .unwrap()
                .to_bytes();
            let problem = Problem::from_wire(&bytes).unwrap();
            assert_eq!(problem.status, status, "round {round}");
            assert!(status < 500, "round {round}: {problem:?}");
        }
    }
    println!("§ {rounds} changed requests: {by_status:?}");
    assert!(
        by_status.keys().filter(|status| **status >= 400).count() >= 5,
        "many kinds of no: {by_status:?}"
    );
    // Nothing was lost and the relay goes on.
    assert!(
        founder
            .range(1)
            .items
            .iter()
            .any(|item| item.entry == stored.bytes())
    );
    founder.place(&entry);
}
