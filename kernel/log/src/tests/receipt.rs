//! Claims about receipts and cosigned checkpoints; `docs/spec/checkpoint.md` names them.

use super::trail::*;
use super::world::{Device, World, approved};
use crate::checkpoint::*;
use crate::cosign::*;
use crate::limits::{COSIGNERS_MAX, PROOF_HASHES_MAX, RECEIPT_BYTES_MAX};
use crate::receipt::*;
use crate::tree::*;
use crate::*;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// RC-1, RC-5, RC-6: every record has a receipt under every later checkpoint, and it shows the tip at its position.
#[test]
fn every_record_has_its_receipt() {
    let trail = Trail::new(9, 99);
    for size in 1..=9 {
        for position in 1..=size {
            let text = trail.proof(position, size).to_string();
            let record = trail.record(position);
            let receipt = verify_receipt(text.as_bytes(), &record, &relay()).unwrap();
            assert_eq!(receipt.tip(), (Position(position), record.tip()));
            assert_eq!(
                (receipt.record(), receipt.signed()),
                (&record, &trail.signed(size))
            );
            assert_eq!(receipt.proof().to_string(), text);
            let other = trail.record(position % size + 1);
            if size > 1 {
                let verdict = verify_receipt(text.as_bytes(), &other, &relay());
                assert_eq!(verdict, Err(ReceiptFault::OtherRecord));
            }
        }
    }
}

/// RC-6: of a book that was really placed, the receipt of the newest record shows the tip that the log has.
#[test]
fn the_newest_receipt_shows_the_logs_tip() {
    let (mut world, founder) = (World::empty(), Device::new(1));
    let founding = Draft::first(world.log.book(), founder.id(&world.log.book()))
        .key_add(&approved(&founder, MemberRole::Manager))
        .unwrap()
        .sign(&founder.author);
    let mut leaves = vec![world.place(founding).unwrap().record.encode().to_vec()];
    for _ in 0..4 {
        let placed = world.place(world.ops(&founder)).unwrap();
        leaves.push(placed.record.encode().to_vec());
        let size = placed.position.0;
        let text = Trail::over(leaves.clone()).proof(size, size).to_string();
        let receipt = Receipt::open(text.as_bytes(), &relay()).unwrap();
        assert_eq!(receipt.tip(), (world.log.position(), world.log.tip()));
    }
}

/// RC-1, RC-2: each broken text has its error.
#[test]
fn each_broken_receipt_has_its_error() {
    let proof = Trail::new(9, 99).proof(3, 9);
    let good = proof.to_string();
    let extra = good.lines().nth(1).unwrap();
    let hash = good.lines().nth(3).unwrap();
    let table = [
        (String::new(), ReceiptFault::Form),
        (good.replacen("@v1", "@v2", 1), ReceiptFault::Form),
        (format!("\n{good}"), ReceiptFault::Form),
        (
            good.replacen("\n\n", "\n", 1).replacen("\n\n", "\n", 1),
            ReceiptFault::Form,
        ),
        (
            good.replacen(&format!("{extra}\n"), "", 1),
            ReceiptFault::Extra,
        ),
        (good.replacen(extra, "extra ", 1), ReceiptFault::Extra),
        (good.replacen(extra, "extra", 1), ReceiptFault::Extra),
        (good.replacen("extra ", "extra  ", 1), ReceiptFault::Extra),
        (
            good.replacen(extra, &extra[..extra.len() - 1], 1),
            ReceiptFault::Extra,
        ),
        (good.replacen("index 2", "index 02", 1), ReceiptFault::Index),
        (good.replacen("index 2", "index  2", 1), ReceiptFault::Index),
        (good.replacen("index 2", "index -2", 1), ReceiptFault::Index),
        (good.replacen("index 2\n", "", 1), ReceiptFault::Index),
        (good.replacen(hash, &hash[..40], 1), ReceiptFault::Hash),
        (
            good.replacen(hash, &format!("{hash} "), 1),
            ReceiptFault::Hash,
        ),
    ];
    for (text, fault) in table {
        assert_eq!(TlogProof::parse(text.as_bytes()), Err(fault), "{text}");
    }
    let with = |count: u32| {
        let hashes = vec![proof.hashes[0]; usize::try_from(count).unwrap()];
        TlogProof::parse(
            TlogProof {
                hashes,
                ..proof.clone()
            }
            .to_string()
            .as_bytes(),
        )
    };
    assert!(with(0).is_ok() && with(PROOF_HASHES_MAX).is_ok());
    assert_eq!(with(PROOF_HASHES_MAX + 1), Err(ReceiptFault::TooMany));
    let crlf = good.replace('\n', "\r\n");
    assert_eq!(TlogProof::parse(crlf.as_bytes()), Err(ReceiptFault::Form));
    let not_utf8 = [good.as_bytes(), b"\xff"].concat();
    assert_eq!(TlogProof::parse(&not_utf8), Err(ReceiptFault::Form));
    let long = good.clone() + &"x".repeat(usize::try_from(RECEIPT_BYTES_MAX).unwrap());
    assert_eq!(
        TlogProof::parse(long.as_bytes()),
        Err(ReceiptFault::TooLong)
    );
    assert_eq!(TlogProof::parse(good.as_bytes()), Ok(proof));
}

/// RC-3, RC-4: the record is under the root that this relay signed, at that place, or there is no receipt.
#[test]
fn receipts_are_of_one_leaf_one_place_and_one_relay() {
    let trail = Trail::new(9, 99);
    let good = trail.proof(3, 9);
    let open = |proof: &TlogProof| Receipt::open(proof.to_string().as_bytes(), &relay());
    assert!(open(&good).is_ok());
    let unproved = |fault| Err(ReceiptFault::Proof(fault));
    for at in 0..152 {
        let mut other = good.clone();
        other.record[at] ^= 1;
        assert_eq!(open(&other), unproved(ProofFault::Root), "byte {at}");
    }
    for at in 0..good.hashes.len() {
        let mut other = good.clone();
        other.hashes[at].0[31] ^= 1;
        assert_eq!(open(&other), unproved(ProofFault::Root));
        other.hashes.remove(at);
        assert_eq!(open(&other), unproved(ProofFault::Length));
    }
    for index in [0, 1, 3, 7] {
        let other = TlogProof {
            index: LeafIndex(index),
            ..good.clone()
        };
        assert_eq!(open(&other), unproved(ProofFault::Root), "index {index}");
    }
    let outside = TlogProof {
        index: LeafIndex(9),
        ..good.clone()
    };
    assert_eq!(open(&outside), unproved(ProofFault::Outside));
    let other_root = TlogProof {
        note: Trail::new(9, 4).signed(9).note().to_string(),
        ..good.clone()
    };
    assert_eq!(open(&other_root), unproved(ProofFault::Root));
    let mut forged = good.clone();
    forged.note = forged.note.replacen("\n9\n", "\n8\n", 1);
    let fault = CheckpointFault::Note(NoteFault::Forged);
    assert_eq!(open(&forged), Err(ReceiptFault::Checkpoint(fault)));
    let elsewhere = Origin {
        book: BookId([1; 32]),
        ..origin()
    };
    let elsewhere = RelayKey::new(elsewhere, admitted(&relay_secret()));
    let verdict = Receipt::open(good.to_string().as_bytes(), &elsewhere);
    let fault = CheckpointFault::Note(NoteFault::Unsigned);
    assert_eq!(verdict, Err(ReceiptFault::Checkpoint(fault)));
}

/// RC-7: a leaf that the relay signed and that breaks its own rules has an error that says so; one that is of a newer
/// format has another, which accuses nobody.
#[test]
fn leaves_that_accuse_the_relay_have_their_error() {
    let good = Trail::new(3, 99);
    let open = |leaf: Vec<u8>| {
        let trail = Trail::over(vec![good.leaves[0].clone(), leaf, good.leaves[2].clone()]);
        Receipt::open(trail.proof(2, 3).to_string().as_bytes(), &relay())
    };
    let record = good.record(2);
    assert!(open(record.encode().to_vec()).is_ok());
    let short = Unreadable::Malformed(Malformed::TooShort);
    assert_eq!(open(vec![1]), Err(ReceiptFault::Record(short)));
    let mut newer = good.leaves[1].clone();
    newer[0] = 2;
    let unsupported = Unreadable::Unsupported(Unsupported::Format(2));
    assert_eq!(open(newer), Err(ReceiptFault::Record(unsupported)));
    let elsewhere = OrderRecord {
        position: Position(3),
        ..record
    };
    assert_eq!(
        open(elsewhere.encode().to_vec()),
        Err(ReceiptFault::Position)
    );
    let later = OrderRecord {
        epoch: RelayEpoch(3),
        ..record
    };
    assert_eq!(open(later.encode().to_vec()), Err(ReceiptFault::Epoch));
}

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed([seed; 32])
}

fn cosigner(seed: u8) -> Cosigner {
    let name = KeyName::new(&format!("cosigner.example/{seed}")).unwrap();
    Cosigner::new(name, admitted(&secret(seed)))
}

fn cosigners(count: u8) -> Vec<Cosigner> {
    (1..=count).map(cosigner).collect()
}

/// The checkpoint of five records with lines of these cosigners.
fn cosigned(seeds: &[u8]) -> Note {
    let signed = Trail::new(5, 99).signed(5);
    seeds.iter().fold(signed.note().clone(), |note, seed| {
        let time_s = 1_800_000_000 + u64::from(*seed);
        let line = cosigner(*seed).cosign(note.text(), time_s, &secret(*seed));
        note.with(line.unwrap()).unwrap()
    })
}

fn open(note: &Note, quorum: &Quorum) -> Result<CosignedCheckpoint, CosignFault> {
    CosignedCheckpoint::open(note.to_string().as_bytes(), &relay(), quorum)
}

/// CS-5: a quorum exists only where two orders cannot both find one, at every edge.
#[test]
fn quorums_are_safe_or_are_none() {
    for (count, needed, liars) in
        (0..=6_u8).flat_map(|n| (0..=7_u32).flat_map(move |k| (0..=6_u32).map(move |f| (n, k, f))))
    {
        let n = u32::from(count);
        let expected = if needed > n {
            Err(QuorumFault::Unreachable)
        } else if 2 * needed > n + liars {
            Ok(needed)
        } else {
            Err(QuorumFault::Unsafe)
        };
        let quorum = Quorum::new(cosigners(count), needed, liars);
        assert_eq!(
            quorum.map(|quorum| quorum.needed()),
            expected,
            "{needed} of {n}, {liars}"
        );
    }
    let huge = Quorum::new(cosigners(3), 3, u32::MAX);
    assert_eq!(huge, Err(QuorumFault::Unsafe));
    let most = u8::try_from(COSIGNERS_MAX).unwrap();
    assert!(Quorum::new(cosigners(most), COSIGNERS_MAX, 0).is_ok());
    let above = Quorum::new(cosigners(most + 1), COSIGNERS_MAX, 0);
    assert_eq!(above, Err(QuorumFault::TooMany));
}

/// CS-4: nobody is counted twice: not by a second name, not by a second key under one name.
#[test]
fn a_cosigner_is_counted_once() {
    let renamed = Cosigner::new(KeyName::new("another").unwrap(), admitted(&secret(1)));
    let twice = Quorum::new(vec![cosigner(1), renamed, cosigner(2)], 3, 0);
    assert_eq!(twice, Err(QuorumFault::KeyTwice));
    let same_name = Cosigner::new(cosigner(1).name().clone(), admitted(&secret(9)));
    let twice = Quorum::new(vec![cosigner(1), same_name], 2, 0);
    assert_eq!(twice, Err(QuorumFault::NameTwice));
    let quorum = Quorum::new(cosigners(3), 2, 0).unwrap();
    let once = cosigned(&[1]);
    let line = once.lines()[1].clone();
    let twice = once.clone().with(line).unwrap();
    let fault = CheckpointFault::Note(NoteFault::Twice);
    assert_eq!(open(&twice, &quorum), Err(CosignFault::Checkpoint(fault)));
    // its second signature, of another time, counts no more
    let later = cosigner(1)
        .cosign(once.text(), 1_900_000_000, &secret(1))
        .unwrap();
    let twice = once.clone().with(later).unwrap();
    assert_eq!(open(&twice, &quorum), Err(CosignFault::Checkpoint(fault)));
    assert_eq!(open(&once, &quorum), Err(CosignFault::TooFew { got: 1 }));
}

/// CS-3: enough lines of the quorum's cosigners count; strangers' lines do not, and are not kept.
#[test]
fn enough_cosigners_make_a_checkpoint_count() {
    let quorum = Quorum::new(cosigners(3), 2, 0).unwrap();
    assert_eq!(
        open(&cosigned(&[]), &quorum),
        Err(CosignFault::TooFew { got: 0 })
    );
    assert_eq!(
        open(&cosigned(&[2, 7, 8]), &quorum),
        Err(CosignFault::TooFew { got: 1 })
    );
    let opened = open(&cosigned(&[7, 3, 1]), &quorum).unwrap();
    let times: Vec<_> = opened.cosignatures().iter().map(|one| one.time_s).collect();
    assert_eq!(times, [1_800_000_001, 1_800_000_003]);
    assert_eq!(opened.signed(), &Trail::new(5, 99).signed(5));
    let kept = opened.note().clone();
    assert_eq!(kept.lines().len(), 3, "the relay's and two cosigners'");
    assert_eq!(open(&kept, &quorum), Ok(opened));
    let relays = RelayKey::new(origin(), admitted(&secret(2)));
    let bytes = SignedCheckpoint::sign(Trail::new(5, 99).checkpoint(5), &secret(2)).unwrap();
    let verdict = CosignedCheckpoint::open(&bytes.bytes(), &relays, &quorum);
    assert_eq!(verdict, Err(CosignFault::RelayKey));
}

/// CS-1, CS-2: the line's bytes are time and signature over the two lines and the text; any other byte is forged.
#[test]
fn cosignatures_are_of_one_time_and_one_text() {
    let note = cosigned(&[1, 2]);
    let line = &note.lines()[1];
    assert_eq!(line.signature[..8], 1_800_000_001_u64.to_be_bytes());
    let text = format!("cosignature/v1\ntime 1800000001\n{}", note.text());
    let signature = secret(1).sign_text(text.as_bytes());
    assert_eq!(line.signature[8..], signature.0);
    let quorum = Quorum::new(cosigners(2), 2, 0).unwrap();
    assert!(open(&note, &quorum).is_ok());
    let forged = Err(CosignFault::Checkpoint(CheckpointFault::Note(
        NoteFault::Forged,
    )));
    let with = |signature: Vec<u8>| {
        let line = note::NoteLine {
            signature,
            ..line.clone()
        };
        let note = cosigned(&[2]).with(line).unwrap();
        open(&note, &quorum)
    };
    assert!(with(line.signature.clone()).is_ok());
    for at in 0..72 {
        let mut other = line.signature.clone();
        other[at] ^= 0x40;
        assert_eq!(with(other), forged, "byte {at}");
    }
    for len in [1, 7, 8, 64, 71, 73] {
        let mut other = line.signature.clone();
        other.resize(len, 0);
        assert_eq!(with(other), forged, "{len} bytes");
    }
    // an ordinary note signature by the same key under the same name is of another type, so of another id: unknown
    let plain = Note::sign(note.text(), cosigner(1).name(), &secret(1)).unwrap();
    let plain = cosigned(&[2]).with(plain.lines()[0].clone()).unwrap();
    assert_eq!(open(&plain, &quorum), Err(CosignFault::TooFew { got: 1 }));
    let late = cosigner(1).cosign(note.text(), 1 << 63, &secret(1));
    assert_eq!(late, Err(CosignFault::Time));
    let by_another = cosigner(1).cosign(note.text(), 1, &secret(2));
    assert_eq!(by_another, Err(CosignFault::OtherKey));
}

/// CS-2: a time above 2^63 - 1 is refused although its signature holds, and is not signed.
#[test]
fn cosigned_times_have_a_limit() {
    let base = cosigned(&[2]);
    let time = u64::MAX;
    let text = format!("cosignature/v1\ntime {time}\n{}", base.text());
    let signature = secret(1).sign_text(text.as_bytes());
    let line = note::NoteLine {
        signature: [time.to_be_bytes().as_slice(), &signature.0].concat(),
        ..cosigned(&[1]).lines()[1].clone()
    };
    let quorum = Quorum::new(cosigners(2), 2, 0).unwrap();
    assert_eq!(
        open(&base.with(line).unwrap(), &quorum),
        Err(CosignFault::Time)
    );
}

/// A cosigner's verifier key reads back, and is not an ordinary note's.
#[test]
fn cosigners_have_verifier_keys() {
    let text = cosigner(1).to_string();
    assert_eq!(text.parse(), Ok(cosigner(1)));
    assert_eq!(text.parse::<NoteKey>(), Err(NoteFault::VerifierKey));
    let note_key = NoteKey::new(cosigner(1).name().clone(), admitted(&secret(1))).to_string();
    assert_eq!(note_key.parse::<Cosigner>(), Err(NoteFault::VerifierKey));
}
