//! R1 to R3: orders that contradict each other.

use super::*;

#[allow(clippy::too_many_lines, reason = "a table: one row for each case")]
pub(super) fn checkpoints() -> Vec<Row> {
    let (good, parted) = (Trees::worked(), Trees::parted());
    let [mine, other] = [&good, &parted].map(|trees| trees.signed(5).bytes());
    let (low, high) = (
        mine.clone().min(other.clone()),
        mine.clone().max(other.clone()),
    );
    let stale = good.signed(3).bytes();
    let proof = |trees: &Trees| {
        let proof = trees.consistency(3, 5);
        let hashes = std::iter::once(&proof.old_root).chain(&proof.hashes);
        hashes.flat_map(|hash| hash.0).collect::<Vec<u8>>()
    };
    let (two, apart, records) = (Class::TwoRoots, Class::Inconsistent, Class::TwoRecords);
    let text =
        |trees: &Trees, position, size| trees.receipt(position, size).to_string().into_bytes();
    let (one, elsewhere) = (text(&good, 4, 5), text(&parted, 4, 5));
    let (x, y) = (
        one.clone().min(elsewhere.clone()),
        one.clone().max(elsewhere),
    );
    let unsigned = NoProof::Checkpoint(CheckpointFault::Note(NoteFault::Unsigned));
    let checkpoint = *good.signed(5).checkpoint();
    let by_other = checkpoint::SignedCheckpoint::sign(checkpoint, &root())
        .expect("good")
        .bytes();
    let line = Note::parse(&by_other).expect("a note").lines()[0].clone();
    let lined = Note::parse(&other).expect("a note").with(line);
    let lined = lined.expect("few lines").to_string().into_bytes();
    let (p, q) = (mine.clone().min(lined.clone()), mine.clone().max(lined));
    let led_astray = NoProof::Merge(MergeFault::Proof(ProofFault::Root));
    vec![
        row("two-roots", two, &[&low, &high], Ok(())),
        row(
            "one-checkpoint-twice",
            two,
            &[&mine, &mine],
            Err(NoProof::OneOrder),
        ),
        row(
            "stale-checkpoint",
            two,
            &[&stale, &mine],
            Err(NoProof::Merge(MergeFault::NoProof)),
        ),
        row("by-another-key", two, &[&other, &by_other], Err(unsigned)),
        row("needless-line", two, &[&p, &q], Err(NoProof::NotCanonical)),
        row("parted", apart, &[&stale, &other, &proof(&parted)], Ok(())),
        row(
            "grown",
            apart,
            &[&stale, &mine, &proof(&good)],
            Err(NoProof::OneOrder),
        ),
        row(
            "proof-of-another-tree",
            apart,
            &[&stale, &mine, &proof(&parted)],
            Err(led_astray),
        ),
        row(
            "larger-first",
            apart,
            &[&mine, &stale, &proof(&good)],
            Err(NoProof::OtherPosition),
        ),
        row("two-records", records, &[&x, &y], Ok(())),
        row(
            "one-receipt-twice",
            records,
            &[&one, &one],
            Err(NoProof::SameRecord),
        ),
        row(
            "one-record-in-two-sizes",
            records,
            &[&text(&good, 4, 4), &one],
            Err(NoProof::SameRecord),
        ),
        row(
            "two-positions",
            records,
            &[&text(&good, 3, 5), &one],
            Err(NoProof::OtherPosition),
        ),
    ]
}
