//! R4, rule by rule.

use super::*;

fn r4(name: &str, rule: Misplaced, parts: &[&[u8]], expected: Result<(), NoProof>) -> Row {
    let number = [rule.number()];
    let all: Vec<&[u8]> = std::iter::once(number.as_slice())
        .chain(parts.iter().copied())
        .collect();
    row(name, Class::Misplaced, &all, expected)
}

#[allow(clippy::too_many_lines, reason = "a table: one row for each case")]
pub(super) fn records() -> Vec<Row> {
    let good = Trees::worked();
    let text = |trees: &Trees, position| trees.receipt(position, 5).to_string().into_bytes();
    let mut leaf = good.leaves.clone();
    leaf[1][8] = 3;
    let other_position = Trees::over(leaf.clone());
    leaf[1] = good.leaves[1];
    leaf[1][0] = 2;
    let newer_format = Trees::over(leaf);
    let broken = order(|records| records[2].prev_tip = Tip([1; 32]));
    let first = order(|records| records[0].prev_tip = Tip([1; 32]));
    let fell = order(|records| {
        records[2].relay_time_ms = 5;
        records[3].prev_tip = records[2].tip();
    });
    let unfounded = NoProof::WellPlaced;
    let newer = NoProof::Receipt(ReceiptFault::Record(Unsupported::Format(2).into()));
    vec![
        r4(
            "leaf-of-another-position",
            Misplaced::Leaf,
            &[&text(&other_position, 2)],
            Ok(()),
        ),
        r4(
            "leaf-of-a-newer-format",
            Misplaced::Leaf,
            &[&text(&newer_format, 2)],
            Err(newer),
        ),
        r4(
            "good-leaf",
            Misplaced::Leaf,
            &[&text(&good, 2)],
            Err(unfounded),
        ),
        r4(
            "prev-tip",
            Misplaced::PrevTip,
            &[&text(&broken, 2), &text(&broken, 3)],
            Ok(()),
        ),
        r4(
            "first-prev-tip",
            Misplaced::PrevTip,
            &[&text(&first, 1)],
            Ok(()),
        ),
        r4(
            "prev-tip-continues",
            Misplaced::PrevTip,
            &[&text(&good, 2), &text(&good, 3)],
            Err(unfounded),
        ),
        r4(
            "prev-tip-not-neighbours",
            Misplaced::PrevTip,
            &[&text(&good, 2), &text(&good, 4)],
            Err(NoProof::OtherPosition),
        ),
        r4(
            "time-fell",
            Misplaced::Time,
            &[&text(&fell, 2), &text(&fell, 3)],
            Ok(()),
        ),
        r4(
            "time-stands",
            Misplaced::Time,
            &[&text(&good, 2), &text(&good, 3)],
            Err(unfounded),
        ),
        r4(
            "epoch-stands",
            Misplaced::Epoch,
            &[&text(&good, 2), &text(&good, 3)],
            Err(unfounded),
        ),
    ]
}

/// What the relay put last, each of it one thing that no honest relay places.
#[allow(clippy::too_many_lines, reason = "a table: one row for each case")]
pub(super) fn entries() -> Vec<Row> {
    let placed = placed();
    let entry = |n: usize| placed[n].1.entry.entry();
    let head = |n: usize| entry(n).header().encode();
    let good = Trees::worked();
    let text = |trees: &Trees, position| trees.receipt(position, 5).to_string().into_bytes();
    let unfounded = NoProof::WellPlaced;
    let author = devices()[0].author();
    let base = *entry(1).header();
    let id_of = |header: &Header| derive(Thing::EntryId, &[&header.encode()]);
    let lies = |header: &Header| {
        let signature = author.sign(Tag::Entry, &id_of(header));
        with_last(&header.encode(), header.kind, signature)
    };
    let other_book = Header {
        book: BookId([3; 32]),
        ..base
    };
    let bad_header = Header {
        prev: EntryId::ZERO,
        ..base
    };
    let mut seen = base;
    seen.seen.position = Position(5);
    let mut seen_tip = base;
    (seen_tip.seen.position, seen_tip.seen.tip) = (Position(2), Tip([9; 32]));
    let mut seen_well = base;
    (seen_well.seen.position, seen_well.seen.tip) = (Position(2), placed[1].1.tip);
    let payload = [0xff; 3];
    let bad_payload = Header {
        kind: Kind::Shred,
        body_len: 3,
        body_hash: BodyHash(derive(Thing::Control, &[&payload])),
        ..base
    };
    let key = author.public().0;
    let forged = with_last(&base.encode(), base.kind, Signature([7; 64]));
    let kind = with_last(&base.encode(), Kind::Shred, *entry(1).signature());
    let again = lies(&base);
    let t = |trees: &Trees| text(trees, 5);
    let adopted = entry(2).bytes()[296..].to_vec();
    let spoilt = vec![0xff; adopted.len()];
    vec![
        r4(
            "another-book",
            Misplaced::Book,
            &[&t(&lies(&other_book)), &other_book.encode()],
            Ok(()),
        ),
        r4(
            "own-book",
            Misplaced::Book,
            &[&text(&good, 2), &head(1)],
            Err(unfounded),
        ),
        r4(
            "not-the-placed-header",
            Misplaced::Book,
            &[&text(&good, 2), &other_book.encode()],
            Err(NoProof::NotPlaced),
        ),
        r4(
            "another-kind",
            Misplaced::Kind,
            &[&t(&kind), &base.encode()],
            Ok(()),
        ),
        r4(
            "own-kind",
            Misplaced::Kind,
            &[&text(&good, 2), &head(1)],
            Err(unfounded),
        ),
        r4(
            "header",
            Misplaced::Header,
            &[&t(&lies(&bad_header)), &bad_header.encode()],
            Ok(()),
        ),
        r4(
            "good-header",
            Misplaced::Header,
            &[&text(&good, 2), &head(1)],
            Err(unfounded),
        ),
        r4(
            "seen-itself",
            Misplaced::Seen,
            &[&t(&lies(&seen)), &seen.encode()],
            Ok(()),
        ),
        r4(
            "seen-before",
            Misplaced::Seen,
            &[&text(&good, 5), &head(4)],
            Err(unfounded),
        ),
        r4(
            "seen-another-order",
            Misplaced::SeenTip,
            &[
                &text(&lies(&seen_tip), 2),
                &t(&lies(&seen_tip)),
                &seen_tip.encode(),
            ],
            Ok(()),
        ),
        r4(
            "seen-this-order",
            Misplaced::SeenTip,
            &[
                &text(&lies(&seen_well), 2),
                &t(&lies(&seen_well)),
                &seen_well.encode(),
            ],
            Err(unfounded),
        ),
        r4(
            "unsigned",
            Misplaced::Signature,
            &[&t(&forged), &base.encode(), &key],
            Ok(()),
        ),
        r4(
            "signed",
            Misplaced::Signature,
            &[&text(&good, 2), &head(1), &key],
            Err(unfounded),
        ),
        r4(
            "signed-by-another",
            Misplaced::Signature,
            &[&text(&good, 5), &head(4), &key],
            Err(NoProof::KeyTrail),
        ),
        r4(
            "payload",
            Misplaced::Payload,
            &[&t(&lies(&bad_payload)), &bad_payload.encode(), &payload],
            Ok(()),
        ),
        r4(
            "good-payload",
            Misplaced::Payload,
            &[&text(&good, 3), &head(2), &adopted],
            Err(unfounded),
        ),
        r4(
            "spoilt-payload",
            Misplaced::Payload,
            &[&text(&good, 3), &head(2), &spoilt],
            Err(NoProof::NotPlaced),
        ),
        r4(
            "placed-twice",
            Misplaced::Twice,
            &[&text(&again, 2), &t(&again), &base.encode(), &base.encode()],
            Ok(()),
        ),
        r4(
            "placed-once",
            Misplaced::Twice,
            &[&text(&good, 2), &text(&good, 3), &head(1), &head(2)],
            Err(unfounded),
        ),
    ]
}
