//! Whatever bytes come in, a typed error or a value comes out; and a value that comes out says the same bytes again.

use super::evidence::{evidence_beside, twins};
use super::handover::{self, relay};
use super::readmit::readmit;
use super::registry::{new_roots, roots_to, rotation};
use super::wire::{appended, create_book, join_request, problem, range};
use super::world::*;
use crate::entry::FORMAT;
use crate::hash::{Thing, derive};
use crate::request::{Claim, Target, sign};
use crate::wire::*;
use crate::*;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// xorshift64*: the same mutations on every machine.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// In 64 bits, so that 32-bit machines draw the same.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap();
        usize::try_from(self.next() % end).unwrap()
    }

    fn byte(&mut self) -> u8 {
        const EDGES: [u8; 8] = [0, 1, 2, 0x7f, 0x80, 0x81, 0xfe, 0xff];
        if self.below(2) == 0 {
            EDGES[self.below(8)]
        } else {
            self.next().to_le_bytes()[0]
        }
    }

    /// One to four small harms.
    pub(super) fn mutate(&mut self, seed: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            match self.below(7) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, self.byte()),
                2 if !bytes.is_empty() => drop(bytes.remove(at)),
                3 => {
                    let piece = bytes[at..(at + self.below(40)).min(bytes.len())].to_vec();
                    bytes.splice(at..at, piece);
                }
                4 => {
                    let value = self.byte();
                    bytes
                        .iter_mut()
                        .skip(at)
                        .take(4)
                        .for_each(|byte| *byte = value);
                }
                5 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                _ if !bytes.is_empty() => bytes[at] = self.byte(),
                _ => bytes.push(self.byte()),
            }
        }
        bytes
    }
}

/// How many, in all; `DAYBOOK_MUTATIONS` changes it.
pub(super) fn count() -> usize {
    #[cfg(not(target_arch = "wasm32"))]
    if let Ok(text) = std::env::var("DAYBOOK_MUTATIONS") {
        return text.parse().expect("a number");
    }
    if cfg!(target_arch = "wasm32") {
        20_000
    } else {
        1_000_000
    }
}

/// Makes lengths and hashes fit a mutated body again, so that mutations reach what lies behind them.
fn refit(entry: &Entry, body: &[u8]) -> Vec<u8> {
    let mut header = *entry.header();
    header.body_len = u32::try_from(body.len()).unwrap();
    header.body_hash.0 = derive(Thing::Control, &[body]);
    if header.kind == Kind::Ops
        && let Some((manifest, rest)) = body.split_first_chunk::<32>()
        && let Some((time, rest)) = rest.split_first_chunk::<8>()
        && let Some((count, mut rest)) = rest.split_first_chunk::<2>()
    {
        let mut parts: Vec<u8> = [manifest.as_slice(), time, count].concat();
        while let Some(len) = rest.get(2..6) {
            let len = usize::try_from(u32::from_le_bytes(len.try_into().unwrap())).unwrap();
            let Some(slots) = len.checked_add(6).and_then(|at| rest.get(at)) else {
                break;
            };
            let Some(frame) = rest.get(..len + 7 + 2 * usize::from(*slots)) else {
                break;
            };
            parts.extend(body::op_hash(frame).0);
            rest = &rest[frame.len()..];
        }
        header.body_hash.0 = derive(Thing::Body, &[&parts]);
    }
    [header.encode().as_slice(), &entry.signature().0, body].concat()
}

/// One well-formed entry of each control kind but key-add and adoption.
fn controls(world: &World, founder: &Device) -> Vec<Entry> {
    let (book, id) = (world.log.book(), founder.id(&world.log.book()));
    let mut revoked = KeyRevoke::of(id);
    revoked.approve(&book, 0, &roots()[0]);
    revoked.approve(&book, 1, &roots()[1]);
    let (subject, generation) = (SubjectId([5; 32]), 0);
    let attest = Attest {
        position: Position(1),
        tip: world.log.tip(),
        state_hash: StateHash([6; 32]),
        manifest: control::manifest_id(AST),
        build: "daybook-1".into(),
        floor: Position(1),
    };
    let [one, two] = twins(world, founder);
    let record = world.items[0].record;
    let declared = ContentNotice::Declare {
        number: ContentEpoch(1),
        commitment: KeyCommitment([3; 32]),
    };
    let bodies = [
        rotation(founder, &book, (1, 0x31), true).0,
        Body::KeyRevoke(revoked),
        Body::Shred(Shred {
            subject,
            generation,
        }),
        evidence_beside(Proof::Fork, [&one, &two], &record),
        Body::Attest(attest.into()),
        readmit(&one),
        Body::ContentEpoch(declared),
        Body::ShredAck(ShredAck {
            subject,
            generation,
        }),
        roots_to(world, 1, &new_roots(), 2),
    ];
    let key = relay(0xb2);
    let mut entries = vec![handover::entry(
        world,
        &handover::payload(world, 0, &key),
        &key,
    )];
    entries.extend(bodies.map(|body| world.entry(founder, body)));
    let kinds: Vec<u8> = entries.iter().map(|it| it.header().kind.number()).collect();
    assert_eq!(kinds, [9, 2, 3, 5, 6, 7, 8, 10, 11, 12]);
    entries
}

/// Mutated entries: each is unreadable, or may not stand, or does not verify, or is the very entry.
#[test]
fn mutated_entries_never_pass_and_never_panic() {
    let (mut world, founder) = World::founded();
    let device = Device::new(2);
    let joined = device.payload(&world.log.book(), MemberRole::Member);
    let mut seeds = controls(&world, &founder);
    seeds.extend([
        world.ops(&founder),
        world
            .draft(&founder)
            .ops(&some_ops(40))
            .unwrap()
            .sign(&founder.author),
        world
            .draft(&founder)
            .key_add(&joined)
            .unwrap()
            .sign(&founder.author),
        world
            .draft(&founder)
            .adopt(&Adoption::of(AST).unwrap())
            .unwrap()
            .sign(&founder.author),
    ]);
    world.place(world.ops(&founder)).unwrap();
    let mut chance = Chance(0x6461_7962_6f6f_6b31);
    let (mut unreadable, mut rejected, mut unauthentic) = (0_usize, 0_usize, 0_usize);
    for n in 0..count() / 2 {
        let seed = &seeds[n % seeds.len()];
        let bytes = if n % 3 == 0 {
            chance.mutate(seed.bytes())
        } else {
            refit(seed, &chance.mutate(&seed.bytes()[296..]))
        };
        match Entry::decode(&bytes) {
            Err(_) => unreadable += 1,
            Ok(entry) => {
                assert_eq!(entry.bytes(), bytes);
                assert_eq!(
                    [entry.header().encode().as_slice(), &bytes[232..]].concat(),
                    bytes
                );
                rejected += usize::from(world.check(&entry).is_err());
                // A strict verification takes as long as a hundred decodings.
                if n % 61 == 0 && bytes != seed.bytes() {
                    let key = AdmittedKey::admit(founder.author.public()).unwrap();
                    assert_eq!(entry.verify(&key), Err(Unauthentic));
                    unauthentic += 1;
                }
            }
        }
    }
    let enough = count() / 200;
    assert!(
        unreadable > enough && rejected > enough && unauthentic > 0,
        "{unreadable} {rejected} {unauthentic}"
    );
}

/// Mutated encrypted entries and mutated plaintexts of a bucket: a typed error, or the one encoding of what was read.
#[test]
fn mutated_encrypted_bodies_are_refused_or_canonical() {
    let (world, founder) = World::founded();
    let padded = content::pad(&some_ops(3).encode().unwrap()).unwrap();
    let sealed = SealedBody::new([1; 24], [2; 32], vec![3; padded.len() + 16]).unwrap();
    let unsigned = world.draft(&founder).sealed(ContentEpoch(1), &sealed);
    let seed = unsigned.unwrap().sign(&founder.author);
    let mut chance = Chance(0x6461_7962_6f6f_6b35);
    let (mut read, mut ops, mut refused) = (0_usize, 0_usize, 0_usize);
    for n in 0..count() / 2 {
        let body = chance.mutate(&seed.bytes()[296..]);
        let mut header = *seed.header();
        header.body_len = u32::try_from(body.len()).unwrap();
        header.body_hash.0 = derive(Thing::BodySealed, &[&body]);
        let mut bytes = [header.encode().as_slice(), &seed.signature().0, &body].concat();
        if n % 3 == 0 {
            bytes = chance.mutate(seed.bytes());
        }
        if let Ok(entry) = Entry::decode(&bytes) {
            read += 1;
            assert_eq!(entry.bytes(), bytes);
            assert!(world.check(&entry).is_err());
        }
        let plaintext = chance.mutate(&padded);
        match seed.clone().opened(Ok(&plaintext)).body() {
            Body::Ops(body) => {
                ops += 1;
                assert_eq!(content::pad(&body.encode().unwrap()).unwrap(), plaintext);
            }
            Body::Refused(_) => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    let enough = count() / 200;
    assert!(
        read > enough && ops > enough && refused > enough,
        "{read} {ops} {refused}"
    );
}

/// Reads bytes as one wire type; what is read must write the same bytes.
fn canonical<T: WireBody>(bytes: &[u8]) -> bool {
    match T::from_wire(bytes) {
        Ok(value) => {
            assert_eq!(value.to_wire(), bytes);
            true
        }
        Err(_) => false,
    }
}

/// Mutated records, genesis bytes and protocol bodies: a typed error, or a value whose one encoding they are.
#[test]
fn mutated_bodies_are_refused_or_canonical() {
    let (world, founder) = World::founded();
    let record = world.log.next_record(&world.ops(&founder), 1);
    let genesis = genesis();
    let asked = vec![JoinAsked {
        id: JoinId([1; 32]),
        request: join_request(),
        asked_at_ms: 5,
    }];
    let append = Append {
        entries: vec![world.ops(&founder).into_bytes(), vec![]],
    };
    let (mut read, mut chance) = (0_usize, Chance(0x6461_7962_6f6f_6b32));
    for n in 0..count() / 4 {
        read += usize::from(match n % 8 {
            0 => OrderRecord::decode(&chance.mutate(&record.encode())).is_ok(),
            1 => Genesis::decode(&chance.mutate(&genesis.encode())).is_ok(),
            2 => canonical::<JoinRequest>(&chance.mutate(&join_request().to_wire())),
            3 => canonical::<CreateBook>(&chance.mutate(&create_book().to_wire())),
            4 => canonical::<Append>(&chance.mutate(&append.to_wire())),
            5 => canonical::<Appended>(&chance.mutate(&appended().to_wire())),
            6 => {
                canonical::<Range>(&chance.mutate(&range().to_wire()))
                    | canonical::<Problem>(&problem().to_wire())
            }
            _ => canonical::<Vec<JoinAsked>>(&chance.mutate(&asked.to_wire())),
        });
    }
    assert!(read > count() / 40, "{read} were read");
    assert_eq!(FORMAT, 1);
}

/// Mutated request headers: a typed fault, or the very headers that were signed.
#[test]
fn mutated_request_headers_never_pass() {
    let target = Target {
        method: "GET",
        authority: "relay.example",
        path: "/v1/key",
        query: "a=1",
        body: b"body",
    };
    let request = Device::new(1).request;
    let (key, headers) = (
        AdmittedKey::admit(request.public()).unwrap(),
        sign(&target, &request, 5, "n-1").unwrap(),
    );
    let digest = headers.content_digest.clone().unwrap();
    let good = [
        headers.signature_input.as_str(),
        headers.signature.as_str(),
        digest.as_str(),
    ];
    let (mut claims, mut chance) = (0_usize, Chance(0x6461_7962_6f6f_6b33));
    for n in 0..count() / 4 {
        let mut values = good.map(String::from);
        let mutated = chance.mutate(good[n % 3].as_bytes());
        values[n % 3] = String::from_utf8_lossy(&mutated).into_owned();
        let Ok(claim) = Claim::parse(Some(&values[0]), Some(&values[1]), Some(&values[2])) else {
            continue;
        };
        claims += 1;
        if claims % 16 == 0 {
            assert_eq!(
                claim.verify(&target, &key, 5_000).is_ok(),
                values == good,
                "{values:?}"
            );
        }
    }
    assert!(claims > 10, "{claims} were parsed");
}

/// Every machine gives every mutated entry the same verdict: the hash of 5,000 verdicts is one constant.
/// Falsifier: read a length as `usize` somewhere.
#[test]
fn verdicts_are_the_same_on_every_machine() {
    let (world, founder) = World::founded();
    let seed = world.ops(&founder);
    let key = AdmittedKey::admit(founder.author.public()).unwrap();
    let mut chance = Chance(0x6461_7962_6f6f_6b34);
    let mut verdicts = blake3::Hasher::new();
    for n in 0..5_000 {
        let bytes = if n % 2 == 0 {
            chance.mutate(seed.bytes())
        } else {
            refit(&seed, &chance.mutate(&seed.bytes()[296..]))
        };
        let verdict =
            Entry::decode(&bytes).map(|entry| (world.check(&entry).map(|_| ()), entry.id()));
        verdicts.update(format!("{verdict:?}").as_bytes());
        let signature = Signature(
            *chance
                .mutate(&seed.signature().0)
                .first_chunk()
                .unwrap_or(&[0; 64]),
        );
        if n % 50 == 0 {
            let verdict = key.verify(Tag::Entry, &seed.id().0, &signature);
            verdicts.update(format!("{verdict:?}").as_bytes());
        }
    }
    let hash = verdicts.finalize().to_hex();
    assert_eq!(
        hash.as_str(),
        "87ee64dbd368f799774c81b6da855c5dffd64d5bc8241cd4bdacadd2a6b6e556"
    );
}
