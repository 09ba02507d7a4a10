//! Whatever bytes come in, a typed error, a refusal or the very thing comes out.

use super::super::wrap::Wrap;
use super::wraps::{AUTHOR, BOOK, member, wrapped};
use super::*;
use daybook_log::hash::{Thing, derive};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// xorshift64*: the same mutations on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16;
        usize::try_from(drawn % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }

    /// One to three small harms.
    fn mutate(&mut self, seed: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            match self.below(8) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, self.byte()),
                2 if !bytes.is_empty() => drop(bytes.remove(at)),
                3 if !bytes.is_empty() => bytes.rotate_left(at),
                4 | 5 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                _ if !bytes.is_empty() => bytes[at] = self.byte(),
                _ => bytes.push(self.byte()),
            }
        }
        bytes
    }
}

/// How many: few in the fast gate, `DAYBOOK_MUTATIONS=1000000` in the long one.
fn count() -> usize {
    #[cfg(not(target_arch = "wasm32"))]
    if let Ok(text) = std::env::var("DAYBOOK_MUTATIONS") {
        return text.parse().expect("a number");
    }
    if cfg!(target_arch = "wasm32") {
        10_000
    } else {
        100_000
    }
}

/// Mutated bodies, hashed anew as their author would: unreadable, or refused for a reason, or the very body.
#[test]
fn mutated_encrypted_bodies_open_to_nothing_else() {
    let (ring, entry) = (ring(key(1)), sealed(&key(1), 5));
    let mut chance = Chance(0x6461_7962_6f6f_6b36);
    let (mut unreadable, mut refused) = (0_usize, 0_usize);
    for n in 0..count() {
        let mut body = chance.mutate(&entry.bytes()[296..]);
        if n % 2 == 0 {
            body.resize(136, 0);
        }
        let mut header = *entry.header();
        header.body_len = u32::try_from(body.len()).unwrap();
        header.body_hash.0 = derive(Thing::BodySealed, &[&body]);
        let bytes = [header.encode().as_slice(), &[0; 64], &body].concat();
        let Ok(read) = Entry::decode(&bytes) else {
            unreadable += 1;
            continue;
        };
        let same = read == entry;
        match ring.open_own(read).unwrap().body() {
            Body::Refused(BodyFault::Commitment | BodyFault::Decryption) => refused += 1,
            Body::Ops(found) => assert!(same && *found == ops(5)),
            other => panic!("{other:?}"),
        }
    }
    let enough = count() / 10;
    assert!(
        unreadable > enough && refused > enough,
        "{unreadable} {refused}"
    );
}

/// Mutated wraps: unreadable, or a typed fault, or the very wrap.
#[test]
fn mutated_wraps_never_open() {
    let seed = wrapped().encode();
    let mut chance = Chance(0x6461_7962_6f6f_6b37);
    let (mut unreadable, mut refused, mut asked) = (0_usize, 0_usize, 0_usize);
    for n in 0..count() {
        let mut bytes = chance.mutate(&seed);
        if n % 2 == 0 {
            bytes.resize(152, 0);
        }
        let Ok(wrap) = Wrap::decode(&bytes) else {
            unreadable += 1;
            continue;
        };
        assert_eq!(wrap.encode(), bytes);
        // an agreement takes as long as a hundred decodings
        asked += 1;
        if asked % 16 == 0 {
            let opened = wrap.open(&BOOK, &AUTHOR, &member());
            assert_eq!(opened.is_ok(), bytes == seed);
            refused += usize::from(opened.is_err());
        }
    }
    let enough = count() / 100;
    assert!(
        unreadable > enough && refused > enough,
        "{unreadable} {refused}"
    );
}
