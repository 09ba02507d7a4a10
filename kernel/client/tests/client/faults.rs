//! What can be wrong between a device and its relay, one at a time: each is told by its type, mends itself where it
//! can, and loses nothing.

use crate::world::relay::{CODE, Relay};
use crate::world::{BASE, Weather, World, shelf};
use daybook_client::{
    Command, CommandFault, Durability, HaltReason, Held, Input, Notice, OnRefused, Phase,
    RelayFault, Reply,
};
use daybook_log::{Adoption, EntryId, SecretKey};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn two() -> World {
    let mut world = World::new(21, &[1_000, 1_000], Weather::default());
    world.set_up();
    world
}

fn ask(world: &mut World, index: usize, command: Command) -> Result<Reply, CommandFault> {
    let ticket = world.command(index, command);
    world.run(5_000);
    world.devices[index]
        .answers
        .remove(&ticket)
        .expect("answered within five seconds")
}

/// Claim: a device whose clock is hours off works: it takes the relay's for its requests, and says so.
/// Falsifier: the notice; a device with a right clock has none.
#[test]
fn a_wrong_clock() {
    for (skew_ms, noticed) in [(0, false), (3 * 3_600_000, true), (-40 * 86_400_000, true)] {
        let mut world = World::new(22, &[1_000, 1_000], Weather::default());
        world.relay.skew_ms = skew_ms;
        world.set_up();
        world.fill(1);
        world.calm();
        assert_eq!(world.check_end(), Ok(()), "{skew_ms}");
        let clock = |notice: &Notice| matches!(notice, Notice::Relay(RelayFault::Clock { .. }));
        assert_eq!(
            world.devices[1].notices.iter().any(clock),
            noticed,
            "{skew_ms}"
        );
    }
}

/// Claim: a relay that lost its newest part takes nothing from a client: badges stay what they were on this disk, new
/// work waits, and when the relay has everything again, all goes on.
#[test]
fn a_relay_that_went_back() {
    let mut world = two();
    world.fill(1);
    world.calm();
    let old = world.relay.clone();
    world.fill(0);
    world.calm();
    let new = std::mem::replace(&mut world.relay, old);
    world.fill(0);
    world.run(20_000);
    assert_eq!(
        ask(&mut world, 0, Command::Sync).unwrap_err(),
        CommandFault::Relay(RelayFault::SeenUnknown)
    );
    let status = world.devices[0].client.status();
    assert_eq!(
        (status.outbox, status.fault),
        (1, Some(RelayFault::SeenUnknown))
    );
    world.faults.clear();
    world.relay = new;
    world.calm();
    assert_eq!(world.check_end(), Ok(()));
}

/// Claim: a copied installation is caught before it can fork the order: its work is kept, and it says what to do.
#[test]
fn a_copied_installation() {
    let mut world = two();
    let copy = world.devices[1].store.clone();
    world.fill(1);
    world.calm();
    let told = world.devices[1].told.clone();
    world.devices[1].store = copy;
    world.devices[1].told.clear();
    world.crash(1);
    world.input(1, Input::Online(false));
    let ticket = world.fill(1);
    world.run(10);
    assert!(world.devices[1].answers[&ticket].is_ok());
    world.input(1, Input::Online(true));
    world.run(5_000);
    let held = Held::Forked { seq: 0 };
    let status = world.devices[1].client.status();
    assert_eq!((status.held, status.outbox), (Some(held.clone()), 1));
    assert!(
        world.devices[1]
            .notices
            .contains(&Notice::Held(held.clone()))
    );
    assert_eq!(
        ask(&mut world, 1, Command::Sync).unwrap_err(),
        CommandFault::Held(held.clone())
    );
    let edge = world.edge(1);
    let ops = vec![world.fill_op()];
    let again = ask(
        &mut world,
        1,
        Command::Append {
            ops,
            edge,
            refused: OnRefused::Abort,
        },
    );
    assert_eq!(again.unwrap_err(), CommandFault::Held(held));
    let kept = world.relay.kept.as_ref().unwrap();
    assert!(
        told.iter().all(|id| kept.places.contains_key(id)),
        "the original's work stands"
    );
    assert_eq!(world.faults.first(), None);
}

/// Claim: the set-up code makes one book: who comes second learns which, and is as free as before.
#[test]
fn two_founders() {
    let mut world = World::new(23, &[10, 10], Weather::default());
    world.make(&shelf());
    let book = world.relay.kept.as_ref().unwrap().log.book();
    for (code, fault) in [
        (CODE, CommandFault::SetupCodeUsed { book: Some(book) }),
        (
            "guessed",
            CommandFault::Relay(RelayFault::Problem {
                status: 403,
                kind: "setup-code-unknown".into(),
                detail: "setup-code-unknown".into(),
            }),
        ),
    ] {
        let seeds = world.seeds();
        let create = Command::Create {
            relay: BASE.into(),
            setup_code: code.into(),
            ast: shelf(),
            label: "DEV-1".into(),
            seeds,
        };
        assert_eq!(ask(&mut world, 1, create).unwrap_err(), fault);
        assert_eq!(world.devices[1].client.phase(), Phase::Empty);
        world.crash(1);
        world.run(10);
        assert_eq!(
            world.devices[1].client.phase(),
            Phase::Empty,
            "nothing of it is left"
        );
    }
    world.let_in(1);
    world.calm();
    assert_eq!(world.check_end(), Ok(()));
}

/// Claim: a relay that answers with another genesis lets nobody in.
/// Falsifier: with its own genesis again, the same device is let in.
#[test]
fn another_genesis() {
    let mut world = World::new(24, &[10, 10], Weather::default());
    world.make(&shelf());
    let kept = world.relay.kept.as_mut().unwrap();
    let genesis = kept.genesis.clone();
    kept.genesis[1] ^= 1;
    let seeds = world.seeds();
    let join = |world: &World| Command::Join {
        relay: BASE.into(),
        book: world.relay.kept.as_ref().unwrap().log.book(),
        label: "DEV-1".into(),
        seeds: seeds.clone(),
    };
    let wish = join(&world);
    let ticket = world.command(1, wish);
    world.run(1_000);
    let Ok(Reply::Joins(asked)) = ask(&mut world, 0, Command::ListJoins) else {
        panic!("no list")
    };
    assert!(matches!(
        ask(&mut world, 0, Command::Approve { id: asked[0].id }),
        Ok(Reply::Approved { .. })
    ));
    world.run(10_000);
    let mismatch = CommandFault::Relay(RelayFault::Mismatch { what: "genesis" });
    assert_eq!(
        world.devices[1].answers[&ticket].clone().unwrap_err(),
        mismatch
    );
    assert_eq!(world.devices[1].client.phase(), Phase::Joining);
    world.relay.kept.as_mut().unwrap().genesis = genesis;
    let wish = join(&world);
    let ticket = world.command(1, wish);
    world.run(40_000);
    assert!(matches!(
        world.devices[1].answers[&ticket],
        Ok(Reply::Joined { .. })
    ));
}

/// Claim: tries get rarer up to one in about 30 s, work goes on meanwhile, and is sent when the relay is back.
#[test]
fn a_relay_that_is_gone() {
    let mut world = two();
    world.weather.drop = 100;
    world.fill(1);
    world.run(60_000);
    let before = world.sent;
    world.run(600_000);
    let tries = world.sent - before;
    assert!(
        (10..=80).contains(&tries),
        "{tries} requests of two devices in ten minutes"
    );
    assert_eq!(
        world.devices[1].client.status().fault,
        Some(RelayFault::Unreachable)
    );
    assert_eq!(world.devices[1].client.status().outbox, 1);
    world.weather.drop = 0;
    // the request under way runs into its deadline, then comes the longest pause
    world.run(100_000);
    assert_eq!(world.devices[1].client.status().outbox, 0);
    world.calm();
    assert_eq!(world.check_end(), Ok(()));
}

/// Signs and places an adoption past the manager's client, as a later release would.
fn adopt_outside(world: &mut World, ast: &[u8], seed: [u8; 32]) -> EntryId {
    let key = SecretKey::from_seed(seed);
    let kept = world.relay.kept.as_mut().unwrap();
    let draft = kept.draft(&key);
    let entry = draft.adopt(&Adoption::of(ast).unwrap()).unwrap().sign(&key);
    kept.keep_chunks(ast);
    assert!(kept.put(entry.bytes(), world.now));
    entry.id()
}

fn founded_with(seed: [u8; 32]) -> World {
    let mut world = World::new(25, &[1_000, 2], Weather::default());
    world.author_seed = Some(seed);
    world.set_up();
    world
}

/// Claim: a manifest of a level that this build does not know halts the fold loudly before its adoption: everything
/// older stays readable, own work is kept and can go on.
#[test]
fn an_unknown_level() {
    let mut world = founded_with([7; 32]);
    world.fill(1);
    world.calm();
    let mut manifest = daybook_manifest::compile(include_str!("world/shelf.book"))
        .unwrap()
        .manifest;
    manifest.level = 99;
    let ast = daybook_log::codec::encode(&manifest);
    adopt_outside(&mut world, &ast, [7; 32]);
    let fault = ask(&mut world, 1, Command::Sync).unwrap_err();
    assert_eq!(fault, CommandFault::Halted(HaltReason::UnknownLevel(99)));
    for life in 0..2 {
        let client = &world.devices[1].client;
        assert_eq!(
            client.status().halted,
            Some(HaltReason::UnknownLevel(99)),
            "life {life}"
        );
        assert!(!client.documents(10).is_empty());
        world.fill(1);
        world.run(2_000);
        assert_eq!(world.devices[1].client.status().outbox, life + 1);
        let pending = world.devices[1].client.pending();
        assert_eq!(
            world.devices[1].client.durability(&pending[0]),
            Some(Durability::Local)
        );
        world.crash(1);
        world.run(2_000);
    }
    assert!(
        world.devices[1]
            .notices
            .contains(&Notice::Halted(HaltReason::UnknownLevel(99)))
    );
    assert_eq!(world.faults.first(), None);
}

/// Claim: bytes that are no manifest, adopted by a manager, are a refused adoption on every device, no halt.
#[test]
fn rubbish_adopted() {
    let mut world = founded_with([8; 32]);
    let id = adopt_outside(&mut world, b"\0rubbish", [8; 32]);
    world.signed.insert(id);
    // its author's own client learns of the entry before it signs again
    world.calm();
    world.fill(1);
    world.calm();
    assert_eq!(world.check_end(), Ok(()));
    world.crash(0);
    world.crash(1);
    world.calm();
    assert_eq!(world.check_end(), Ok(()));
}

/// Claim: an entry that this build cannot read halts before it, and only as long as it stands there.
#[test]
fn an_unknown_kind() {
    let mut world = two();
    world.calm();
    world.input(1, Input::Online(false));
    world.fill(0);
    world.run(3_000);
    let kept = world.relay.kept.as_mut().unwrap();
    let last = kept.items.len();
    let good = (kept.items.clone(), kept.records.clone());
    kept.items[last - 1].record[1] = 200;
    kept.records[last - 1][1] = 200;
    world.input(1, Input::Online(true));
    let fault = ask(&mut world, 1, Command::Sync).unwrap_err();
    let CommandFault::Halted(HaltReason::Unsupported { position, .. }) = fault else {
        panic!("{fault:?}")
    };
    assert_eq!(position, last as u64);
    let kept = world.relay.kept.as_mut().unwrap();
    (kept.items, kept.records) = good;
    world.calm();
    assert_eq!(world.devices[1].client.status().halted, None);
    assert_eq!(world.check_end(), Ok(()));
}

/// Claim: a manifest is adopted with its chunks first, and every device can use its new verb and no device before.
#[test]
fn adopting() {
    let mut world = two();
    let source = include_str!("world/shelf.book").replace("manifest shelf 1", "manifest shelf 2");
    let source = format!(
        "{source}\nverb label.drop \"Empty a label\" draft level 0 by member (label: ref<label>) {{ set label.text = label.text }}\n"
    );
    let ast = daybook_manifest::compile(&source).unwrap().bytes;
    assert_eq!(
        ask(&mut world, 1, Command::Adopt { ast: ast.clone() }).unwrap_err(),
        CommandFault::NotManager
    );
    let bad = ask(&mut world, 0, Command::Adopt { ast: vec![1, 2, 3] });
    assert!(matches!(bad, Err(CommandFault::BadManifest(_))));
    let Ok(Reply::Adopted { manifest, .. }) = ask(&mut world, 0, Command::Adopt { ast }) else {
        panic!("not adopted")
    };
    world.calm();
    for device in &world.devices {
        assert_eq!(device.client.status().manifest, Some(manifest));
        let verbs = &device.client.view().unwrap().manifest().unwrap().verbs;
        assert!(verbs.iter().any(|verb| verb.name == "label.drop"));
    }
    world.fill(1);
    world.crash(1);
    world.calm();
    assert_eq!(world.check_end(), Ok(()));
}

/// Claim: what is asked of a device without a book, or twice, is answered by its type.
#[test]
fn out_of_place() {
    let mut world = World::new(26, &[10], Weather::default());
    world.run(10);
    assert_eq!(
        ask(&mut world, 0, Command::Sync).unwrap_err(),
        CommandFault::NoBook
    );
    assert_eq!(
        ask(&mut world, 0, Command::Prove).unwrap_err(),
        CommandFault::NoBook
    );
    world.make(&shelf());
    world.run(1_000);
    let seeds = world.seeds();
    let book = world.relay.kept.as_ref().unwrap().log.book();
    let join = Command::Join {
        relay: BASE.into(),
        book,
        label: "X".into(),
        seeds,
    };
    assert_eq!(
        ask(&mut world, 0, join).unwrap_err(),
        CommandFault::BookExists
    );
    assert_eq!(
        ask(&mut world, 0, Command::Approve { id: [1; 32] }).unwrap_err(),
        CommandFault::UnknownJoin
    );
    world.relay = Relay::default();
    let fault = ask(&mut world, 0, Command::Sync);
    assert!(matches!(
        fault,
        Err(CommandFault::Relay(RelayFault::Problem { .. }))
    ));
}

/// Claim: an op that cannot be signed is answered by what is wrong with it, and nothing is written.
#[test]
fn unfit_ops() {
    let mut world = two();
    let edge = world.edge(0);
    let nothing = Command::Append {
        ops: Vec::new(),
        edge: edge.clone(),
        refused: OnRefused::Abort,
    };
    assert!(matches!(
        ask(&mut world, 0, nothing),
        Err(CommandFault::Limit(_))
    ));
    for (change, expected) in [
        (0, CommandFault::UnknownVerb("jar.bend".into())),
        (
            1,
            CommandFault::UnknownInput {
                op: 0,
                input: "weight".into(),
            },
        ),
        (
            2,
            CommandFault::MissingInput {
                op: 0,
                input: "id".into(),
            },
        ),
        (
            3,
            CommandFault::MissingInput {
                op: 0,
                input: "amount".into(),
            },
        ),
    ] {
        let mut op = world.fill_op();
        let mut edge = world.edge(1);
        match change {
            0 => op.verb = "jar.bend".into(),
            1 => op.inputs[0].0 = "weight".into(),
            2 => edge.ids.clear(),
            _ => drop(op.inputs.pop()),
        }
        let append = Command::Append {
            ops: vec![op],
            edge,
            refused: OnRefused::Abort,
        };
        assert_eq!(ask(&mut world, 0, append).unwrap_err(), expected);
    }
    assert_eq!(world.devices[0].client.status().outbox, 0);
}
