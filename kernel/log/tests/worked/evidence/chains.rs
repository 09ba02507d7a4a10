//! A1 to A3: authors' chains.

use super::*;

#[allow(clippy::too_many_lines, reason = "a table: one row for each case")]
pub(super) fn authors() -> Vec<Row> {
    let [device, other] = devices();
    let (key, first) = (device.author(), device.author().public().0);
    let at = |seq, prev| At { seq, prev, ..ONE };
    let [one, two] = rising(
        write(&device, &key, ONE, ops(1)),
        write(&device, &key, ONE, ops(2)),
    );
    let [a, b] = [signed(&one), signed(&two)];
    let linked = signed(&write(&device, &key, at(2, one.id()), ops(3)));
    let unlinked = signed(&write(&device, &key, at(2, two.id()), ops(3)));
    let rotated = rotation(&device, &key);
    let r = signed(&rotated);
    let misused = signed(&write(&device, &key, at(3, EntryId([0x56; 32])), ops(4)));
    let later = |prev| At {
        epoch: 1,
        seq: 2,
        prev,
    };
    let after = |n| write(&device, &next_key(), later(rotated.id()), ops(n));
    let [c, d] = rising(after(1), after(2)).map(|entry| signed(&entry));
    let stolen = rotation(&device, &other.author());
    let Body::KeyRotate(payload) = rotated.body() else {
        unreachable!("a rotation")
    };
    let mut payload = payload.clone();
    payload.pop_author = Signature([1; 64]);
    let taken = write(&device, &key, ONE, Body::KeyRotate(payload));
    let stranger = signed(&write(&other, &other.author(), ONE, ops(1)));
    let (fork, link, used) = (Class::AuthorFork, Class::BackLink, Class::Superseded);
    let whole = rotated.bytes();
    vec![
        row("fork", fork, &[&a, &b, &first], Ok(())),
        row(
            "fork-of-a-later-key",
            fork,
            &[&c, &d, &first, whole],
            Ok(()),
        ),
        row(
            "one-entry-twice",
            fork,
            &[&a, &a, &first],
            Err(NoProof::SameEntry),
        ),
        row(
            "honest-next-entry",
            fork,
            &[&a, &linked, &first],
            Err(NoProof::OtherSeq),
        ),
        row(
            "two-authors",
            fork,
            &[&a, &stranger, &first],
            Err(NoProof::TwoAuthors),
        ),
        row(
            "other-order",
            fork,
            &[&b, &a, &first],
            Err(NoProof::NotCanonical),
        ),
        row(
            "rotation-missing",
            fork,
            &[&c, &d, &first],
            Err(NoProof::NotCanonical),
        ),
        row(
            "key-not-held",
            fork,
            &[&c, &d, &first, taken.bytes()],
            Err(NoProof::KeyTrail),
        ),
        row(
            "rotation-by-another",
            fork,
            &[&c, &d, &first, stolen.bytes()],
            Err(NoProof::KeyTrail),
        ),
        row("unlinked", link, &[&a, &unlinked, &first], Ok(())),
        row("linked", link, &[&a, &linked, &first], Err(NoProof::Linked)),
        row("a-fork", link, &[&a, &b, &first], Err(NoProof::OtherSeq)),
        row("old-key-goes-on", used, &[&r, &misused, &first], Ok(())),
        row(
            "new-key-goes-on",
            used,
            &[&r, &c, &first, whole],
            Err(NoProof::TwoEpochs),
        ),
        row(
            "no-rotation",
            used,
            &[&a, &misused, &first],
            Err(NoProof::NoRotation),
        ),
    ]
}
