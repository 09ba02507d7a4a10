//! R5, H1 and D1: handovers and states.

use super::*;

fn handover(cut: u64, seed: u8, approver: &SecretKey) -> Entry {
    let key = SecretKey::from_seed([seed; 32]);
    let placed = placed();
    let tip = placed[usize::try_from(cut - 1).expect("few")].1.tip;
    let mut payload = Handover {
        old_epoch: RelayEpoch(0),
        cut: Position(cut),
        tip,
        tree_root: [1; 32],
        relay_key: key.public(),
        recovered_root: [0; 32],
        approvals: Vec::new(),
    };
    payload.approve(&book(), 0, approver);
    let author = control::handover_author(&book(), RelayEpoch(1));
    let seen = Seen {
        epoch: RelayEpoch(0),
        position: Position(cut),
        tip,
    };
    let draft = Draft {
        seen,
        ..Draft::first(book(), author)
    };
    draft
        .write(Body::Handover(Box::new(payload)))
        .expect("good")
        .sign(&key)
}

#[allow(clippy::too_many_lines, reason = "a table: one row for each case")]
pub(super) fn handovers() -> Vec<Row> {
    let start = genesis().encode();
    let cut = handover(3, 0xc0, &root());
    let [one, two] = rising(handover(3, 0xc0, &root()), handover(4, 0xc1, &root()));
    let unapproved = handover(3, 0xc0, &devices()[0].author());
    let good = Trees::worked();
    let text = |trees: &Trees, at| trees.receipt(at, 5).to_string().into_bytes();
    let mut header = *placed()[4].1.entry.header();
    let honest = header.encode();
    header.seen.epoch = RelayEpoch(1);
    let late = with_last(&header.encode(), header.kind, Signature([1; 64]));
    let late_text = text(&late, 5);
    let head = header.encode();
    let new_root = SecretKey::from_seed([0xa5; 32]);
    let mut change = RootRotate {
        root_epoch: 1,
        root_keys: vec![new_root.public()],
        threshold: 1,
        by_old: Vec::new(),
        by_new: Vec::new(),
    };
    change.approve_old(&book(), 0, &root());
    change.approve_new(&book(), 0, &new_root);
    let by_new = handover(3, 0xc0, &new_root);
    let [this, same] = rising(cut.clone(), by_new.clone());
    let (r5, h1) = (Class::AfterHandover, Class::TwoHandovers);
    vec![
        row(
            "after-handover",
            r5,
            &[&start, cut.bytes(), &late_text, &head],
            Ok(()),
        ),
        row(
            "under-new-root-keys",
            r5,
            &[&start, by_new.bytes(), &late_text, &head, &encode(&change)],
            Ok(()),
        ),
        row(
            "lost-with-the-cut",
            r5,
            &[&start, cut.bytes(), &text(&good, 5), &honest],
            Err(NoProof::BeforeHandover),
        ),
        row(
            "below-the-cut",
            r5,
            &[
                &start,
                cut.bytes(),
                &text(&good, 2),
                &placed()[1].1.entry.header().encode(),
            ],
            Err(NoProof::BeforeHandover),
        ),
        row(
            "not-approved",
            r5,
            &[&start, unapproved.bytes(), &late_text, &head],
            Err(NoProof::Handover),
        ),
        row(
            "root-keys-not-shown",
            r5,
            &[&start, by_new.bytes(), &late_text, &head],
            Err(NoProof::Handover),
        ),
        row(
            "two-handovers",
            h1,
            &[&start, one.bytes(), two.bytes()],
            Ok(()),
        ),
        row(
            "one-handover-twice",
            h1,
            &[&start, one.bytes(), one.bytes()],
            Err(NoProof::OneHandover),
        ),
        row(
            "approved-twice",
            h1,
            &[&start, this.bytes(), same.bytes(), &encode(&change)],
            Err(NoProof::OneHandover),
        ),
        row(
            "one-not-approved",
            h1,
            &[&start, one.bytes(), unapproved.bytes()],
            Err(NoProof::Handover),
        ),
    ]
}

fn attest(device: &Device, position: u64, state: u8) -> Entry {
    let payload = Attest {
        position: Position(position),
        tip: Tip([0x44; 32]),
        state_hash: StateHash([state; 32]),
        manifest: genesis().manifest,
        build: "0.1.0".to_owned(),
        floor: Position(1),
    };
    write(
        device,
        &device.author(),
        ONE,
        Body::Attest(Box::new(payload)),
    )
}

pub(super) fn attests() -> Vec<Row> {
    let [a, b] = devices();
    let mut firsts = [a.author().public().0, b.author().public().0];
    firsts.sort_unstable();
    let (both, alone) = (firsts.concat(), a.author().public().0);
    let class = Class::TwoStates;
    let [one, two] = rising(attest(&a, 7, 1), attest(&b, 7, 2));
    let agreed = rising(attest(&a, 7, 1), attest(&b, 7, 1));
    let elsewhere = rising(attest(&a, 7, 1), attest(&b, 8, 2));
    let own = rising(attest(&a, 7, 1), attest(&a, 7, 2));
    let entry = write(&b, &b.author(), ONE, ops(1));
    vec![
        row(
            "two-states",
            class,
            &[one.bytes(), two.bytes(), &both],
            Ok(()),
        ),
        row(
            "one-device-two-states",
            class,
            &[own[0].bytes(), own[1].bytes(), &alone],
            Ok(()),
        ),
        row(
            "agreed",
            class,
            &[agreed[0].bytes(), agreed[1].bytes(), &both],
            Err(NoProof::SameState),
        ),
        row(
            "two-places",
            class,
            &[elsewhere[0].bytes(), elsewhere[1].bytes(), &both],
            Err(NoProof::OtherState),
        ),
        row(
            "no-attest",
            class,
            &[one.bytes(), entry.bytes(), &both],
            Err(NoProof::NoAttest),
        ),
    ]
}
