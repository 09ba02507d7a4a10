//! Makes evidence of what a client holds. Each function gives bytes that [`verify_evidence`](super::verify_evidence) takes
//! under the same book and keys, or says why there is no proof: nothing is given out that was not judged.

use super::verify::proved;
use super::{Class, KeyTrail, Misplaced, NoProof, RootTrail, SignedHeader};
use crate::entry::{Entry, Kind};
use crate::id::BookId;
use crate::keys::{AdmittedKey, PublicKey};
use crate::limits::{HEADER_BYTES, SIGNATURE_BYTES};
use crate::merge::Fork;
use crate::receipt::Receipt;
use alloc::string::ToString;
use alloc::vec::Vec;

type Made = Result<Vec<u8>, NoProof>;

/// Of two entries of one author: A3 if the first rotates and the second is later, A1 at one seq, else A2.
pub fn of_entries(book: &BookId, one: &Entry, other: &Entry, trail: &KeyTrail) -> Made {
    let place = |entry: &Entry| (entry.header().seq, entry.id());
    let (first, second) = if place(one) <= place(other) {
        (one, other)
    } else {
        (other, one)
    };
    let class = if first.header().seq == second.header().seq {
        Class::AuthorFork
    } else if first.header().kind == Kind::KeyRotate {
        Class::Superseded
    } else {
        Class::BackLink
    };
    let signed = [first, second].map(|entry| SignedHeader::of(entry).encode());
    let parts = signed.into_iter().chain(trail.parts()).collect();
    proved((class, *book), parts, &[])
}

/// Of two checkpoints that contradict each other, as [`crate::merge_checkpoint`] found: R1 or R2.
pub fn of_fork(fork: &Fork, relay: &AdmittedKey) -> Made {
    let (class, signed, parts) = match fork {
        Fork::SameSize { own, other } => {
            let mut parts = [own.bytes(), other.bytes()];
            parts.sort();
            (Class::TwoRoots, own, parts.to_vec())
        }
        Fork::Inconsistent {
            older,
            newer,
            proof,
        } => {
            let hashes = core::iter::once(&proof.old_root).chain(&proof.hashes);
            let hashes = hashes.flat_map(|hash| hash.0).collect();
            let parts = [older.bytes(), newer.bytes(), hashes];
            (Class::Inconsistent, older, parts.to_vec())
        }
    };
    let book = signed.checkpoint().origin.book;
    proved((class, book), parts, core::slice::from_ref(relay))
}

fn text(receipt: &Receipt) -> Vec<u8> {
    receipt.proof().to_string().into_bytes()
}

/// Of two receipts of one tree: R3 at one position; else R4 where the later record does not continue the earlier one.
pub fn of_receipts(one: &Receipt, other: &Receipt, relay: &AdmittedKey) -> Made {
    let at = |receipt: &Receipt| receipt.record().position;
    let (first, second) = if at(one) <= at(other) {
        (one, other)
    } else {
        (other, one)
    };
    let book = first.signed().checkpoint().origin.book;
    let relays = core::slice::from_ref(relay);
    if at(first) == at(second) {
        let mut parts = [text(first), text(second)];
        parts.sort();
        return proved((Class::TwoRecords, book), parts.to_vec(), relays);
    }
    let rules = [Misplaced::PrevTip, Misplaced::Time, Misplaced::Epoch];
    tried(&rules, |rule| {
        let parts = [[rule.number()].into(), text(first), text(second)];
        proved((Class::Misplaced, book), parts.to_vec(), relays)
    })
}

/// Of a receipt as text whose leaf is no record of its place: R4.
pub fn of_leaf(book: &BookId, receipt: &[u8], relay: &AdmittedKey) -> Made {
    let parts = [[Misplaced::Leaf.number()].into(), receipt.to_vec()];
    let relays = core::slice::from_ref(relay);
    proved((Class::Misplaced, *book), parts.to_vec(), relays)
}

/// Of a receipt and the bytes of the entry that it places, well-formed or not: R4 by the first rule that is broken.
/// `key` is the author's first one; `others` are receipts of the same tree with their entries, against which seq and what
/// was seen are held.
pub fn of_entry(
    (receipt, entry): (&Receipt, &[u8]),
    key: &PublicKey,
    others: &[(&Receipt, &[u8])],
    relay: &AdmittedKey,
) -> Made {
    let book = receipt.signed().checkpoint().origin.book;
    let (relays, header) = (core::slice::from_ref(relay), header(entry)?);
    let front = HEADER_BYTES.saturating_add(SIGNATURE_BYTES);
    let body = usize::try_from(front).ok().and_then(|at| entry.get(at..));
    let misplaced = |rule: Misplaced, rest: Vec<Vec<u8>>| {
        let mut parts: Vec<Vec<u8>> = [[rule.number()].to_vec()].into();
        parts.extend(rest);
        proved((Class::Misplaced, book), parts, relays)
    };
    let rules = [
        Misplaced::Book,
        Misplaced::Kind,
        Misplaced::Header,
        Misplaced::Seen,
        Misplaced::Signature,
        Misplaced::Payload,
        Misplaced::PrevTip,
    ];
    let alone = tried(&rules, |rule| {
        let mut rest = [text(receipt), header.clone()].to_vec();
        match rule {
            Misplaced::Signature => rest.push(key.0.to_vec()),
            Misplaced::Payload => rest.push(body.unwrap_or_default().to_vec()),
            Misplaced::PrevTip => rest.truncate(1),
            _ => {}
        }
        misplaced(rule, rest)
    });
    for (other, bytes) in others {
        if alone.is_ok() {
            break;
        }
        let (pair, own) = ([text(other), text(receipt)], header.clone());
        let headers = [self::header(bytes)?, own.clone()];
        let twice = misplaced(Misplaced::Twice, [pair.as_slice(), &headers].concat());
        let seen = || misplaced(Misplaced::SeenTip, [pair.as_slice(), &[own]].concat());
        if let Ok(made) = twice.or_else(|_| seen()) {
            return Ok(made);
        }
    }
    alone
}

fn header(entry: &[u8]) -> Made {
    let len = usize::try_from(HEADER_BYTES).unwrap_or_default();
    Ok(entry.get(..len).ok_or(NoProof::NotPlaced)?.to_vec())
}

/// The first rule that is broken, or why the last one is not.
fn tried(rules: &[Misplaced], make: impl Fn(Misplaced) -> Made) -> Made {
    let mut last = NoProof::WellPlaced;
    for rule in rules {
        match make(*rule) {
            Ok(made) => return Ok(made),
            Err(why) => last = why,
        }
    }
    Err(last)
}

fn with_roots(parts: impl IntoIterator<Item = Vec<u8>>, roots: &RootTrail) -> Vec<Vec<u8>> {
    let mut roots = roots.parts();
    let genesis = roots.next().into_iter();
    genesis.chain(parts).chain(roots).collect()
}

/// R5: a handover, and what the old relay placed after it: an entry that had seen the new epoch.
pub fn after_handover(
    roots: &RootTrail,
    handover: &Entry,
    (receipt, entry): (&Receipt, &Entry),
    relay: &AdmittedKey,
) -> Made {
    let parts = [
        handover.bytes().to_vec(),
        text(receipt),
        entry.header().encode(),
    ];
    let case = (Class::AfterHandover, roots.genesis.book_id());
    proved(case, with_roots(parts, roots), core::slice::from_ref(relay))
}

/// H1: two handovers of one epoch that say different things.
pub fn of_handovers(roots: &RootTrail, one: &Entry, other: &Entry) -> Made {
    let mut two = [one, other];
    two.sort_by_key(|entry| entry.id());
    let parts = two.map(|entry| entry.bytes().to_vec());
    let case = (Class::TwoHandovers, roots.genesis.book_id());
    proved(case, with_roots(parts, roots), &[])
}

/// D1: two attests of one place with different states.
pub fn of_attests(book: &BookId, one: &Entry, other: &Entry, trail: &KeyTrail) -> Made {
    let mut two = [one, other];
    two.sort_by_key(|entry| entry.id());
    let parts = two.map(|entry| entry.bytes().to_vec());
    let parts = parts.into_iter().chain(trail.parts()).collect();
    proved((Class::TwoStates, *book), parts, &[])
}
