//! What screens and terminals read: figures that add up, and each of them down to the op that made it.

use crate::world::{Weather, World};
use daybook_client::view::PostingFilter;
use daybook_client::{Command, Durability, Input, OnRefused, Outlook, Refold, Reply};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Two devices, some jars on each, one more on device 1 without a network.
fn filled() -> World {
    let mut world = World::new(31, &[1_000, 1_000], Weather::default());
    world.set_up();
    for round in 0..6 {
        world.fill(round % 2);
        world.run(500);
    }
    world.calm();
    world.input(1, Input::Online(false));
    world.fill(1);
    world.run(10);
    world
}

/// Claim: balances are the sums of the lines, both sides are equal, and each document's lines sum to zero.
/// Falsifier: leaving one line out unbalances them.
#[test]
fn figures_add_up() {
    let world = filled();
    for device in &world.devices {
        let client = &device.client;
        let balance = client.trial_balance().unwrap();
        let lines = client.postings(&PostingFilter::default(), 10_000);
        let (_, debit, credit) = balance.totals[0].clone();
        assert!(debit > 0 && debit == credit);
        assert_eq!(
            balance.lines.iter().map(|line| line.amount).sum::<i128>(),
            0
        );
        let of = |role: &str| -> i128 {
            lines
                .iter()
                .filter(|line| line.role == role)
                .map(|line| i128::from(line.amount))
                .sum()
        };
        for line in &balance.lines {
            assert_eq!(of(&line.role), line.amount, "{}", line.role);
        }
        assert_ne!(
            lines
                .iter()
                .skip(1)
                .map(|line| i128::from(line.amount))
                .sum::<i128>(),
            0
        );
        let documents = client.documents(10_000);
        for document in &documents {
            let own = PostingFilter {
                doc: Some(document.id),
                ..PostingFilter::default()
            };
            let lines = client.postings(&own, 100);
            assert_eq!(lines.iter().map(|line| line.amount).sum::<i64>(), 0);
            assert_eq!(
                lines.iter().map(|line| line.amount.max(0)).sum::<i64>(),
                document.amount
            );
            assert_eq!(
                (lines.len() as u32, document.entity.as_str()),
                (document.lines, "jar")
            );
        }
        assert_eq!(documents.len(), client.rows("jar", 10_000).len());
        assert_eq!(client.documents(2).len(), 2);
    }
    let kinds = PostingFilter {
        role: Some("stock".into()),
        dims: vec![text("A")],
        ..PostingFilter::default()
    };
    let some = world.devices[0].client.postings(&kinds, 1_000);
    assert!(!some.is_empty() && some.iter().all(|line| line.dims[0].text == "A"));
    let none = PostingFilter {
        role: Some("nobody".into()),
        ..PostingFilter::default()
    };
    assert!(world.devices[0].client.postings(&none, 1_000).is_empty());
}

fn text(text: &str) -> daybook_manifest::value::Value {
    daybook_manifest::value::Value::Text(text.into())
}

/// Claim: every document opens to the signed op that made it, pending ones too, with its inputs by name.
/// Falsifier: one flipped bit of the stored signature shows as not verified.
#[test]
fn every_figure_opens() {
    let mut world = filled();
    let documents = world.devices[1].client.documents(10_000);
    assert_eq!(
        documents[0].at.durability,
        Some(Durability::Local),
        "the newest is the pending one"
    );
    for document in &documents {
        let op = document.at.op;
        let Reply::OpProof(proof) = world.insist(1, |_| Command::OpProof { op }) else {
            panic!("no proof")
        };
        assert!(proof.verified);
        assert_eq!((proof.at.op, proof.at.position), (op, document.at.position));
        assert_eq!(
            (proof.verb.as_str(), proof.manifest_name.as_str()),
            ("jar.fill", "shelf")
        );
        assert_eq!(proof.tip.is_some(), document.at.position.is_some());
        let amount = proof
            .inputs
            .iter()
            .find(|input| input.name == "amount")
            .unwrap();
        assert_eq!(amount.value.int(), Some(document.amount));
        assert_eq!(proof.outlook, Some(Outlook::Applied { flags: Vec::new() }));
    }
    let op = documents.last().unwrap().at.op;
    let stored = world.devices[1]
        .store
        .entries
        .values_mut()
        .find(|entry| entry.id == op.entry)
        .unwrap();
    stored.bytes[240] ^= 1;
    let Reply::OpProof(proof) = world.insist(1, |_| Command::OpProof { op }) else {
        panic!("no proof")
    };
    assert!(!proof.verified);
}

/// Claim: folding stored entries up to a position gives the books of that time, and a row's history is its changes.
#[test]
fn as_of() {
    let mut world = filled();
    let edge = world.edge(1);
    let new = |verb: &str, inputs| daybook_client::NewOp {
        verb: verb.into(),
        inputs,
    };
    let made = vec![new("label.new", vec![("text".into(), text("first"))])];
    let ticket = world.command(
        0,
        Command::Append {
            ops: made,
            edge,
            refused: OnRefused::Abort,
        },
    );
    world.run(1_000);
    let Ok(Reply::Appended { ops, .. }) = world.devices[0].answers[&ticket].clone() else {
        panic!("not appended")
    };
    let id = ops[0].inputs[0].1.clone();
    for word in ["second", "third"] {
        let edge = world.edge(0);
        let ops = vec![new(
            "label.set",
            vec![("label".into(), id.clone()), ("text".into(), text(word))],
        )];
        world.command(
            0,
            Command::Append {
                ops,
                edge,
                refused: OnRefused::Abort,
            },
        );
        world.run(1_000);
    }
    let client = &world.devices[0].client;
    let (genesis, asts) = client.origin().unwrap();
    let new_refold = || Refold::new(&genesis, asts.iter().map(Vec::as_slice), true).unwrap();
    let mut whole = new_refold().with_changes();
    let mut versions = Vec::new();
    let view = client.view().unwrap();
    let row = daybook_fold::key::RowId {
        entity: view.entity("label").unwrap(),
        id: id.id().unwrap(),
        index: None,
    };
    for stored in world.devices[0].store.entries.values() {
        let folded = whole.push(stored).unwrap();
        if folded.change_of(&row.bytes()).is_some() {
            versions.push(whole.view().row(row.entity, row.id).unwrap().values[0].clone());
        }
    }
    assert_eq!(versions, [text("first"), text("second"), text("third")]);
    assert_eq!(
        whole.book().state_hash().0,
        client.hashes().unwrap().state_hash
    );
    let mut half = new_refold();
    for stored in world.devices[0].store.entries.values().take(5) {
        half.push(stored).unwrap();
    }
    assert_eq!(half.position(), 5);
    assert_ne!(half.book().state_hash(), whole.book().state_hash());
    // the falsifier: an entry left out, and an entry that was changed
    let mut gap = new_refold();
    assert!(gap.push(&world.devices[0].store.entries[&2]).is_err());
    let mut bent = world.devices[0].store.entries[&1].clone();
    bent.bytes[300] ^= 1;
    assert!(gap.push(&bent).is_err());
    assert_eq!(gap.position(), 0);
}

/// Claim: the members are those that were let in, in both devices' books; the status says where this device stands.
#[test]
fn who_is_here() {
    let world = filled();
    let (one, two) = (&world.devices[0].client, &world.devices[1].client);
    assert_eq!(one.members(), two.members());
    let managers: Vec<_> = one
        .members()
        .iter()
        .filter(|member| member.manager)
        .map(|m| m.label.clone())
        .collect();
    assert_eq!((managers, one.members().len()), (vec!["DEV-0".into()], 2));
    let status = two.status();
    assert_eq!(
        (status.outbox, status.online, status.label.as_str()),
        (1, false, "DEV-1")
    );
    assert_eq!(two.pending().len(), 1);
    assert_eq!(two.position_of(&two.pending()[0]), None);
    assert_eq!(two.entry_at(1).and_then(|id| two.position_of(&id)), Some(1));
}
