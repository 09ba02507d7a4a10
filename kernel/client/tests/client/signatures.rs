//! What the relay's signature over the order is good for.

use crate::world::{Weather, World};
use daybook_client::{Command, CommandFault, Durability, RelayFault, Reply};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn two() -> World {
    let mut world = World::new(41, &[1_000, 1_000], Weather::default());
    world.set_up();
    world.calm();
    world
}

fn sync(world: &mut World) -> Result<Reply, CommandFault> {
    let ticket = world.command(0, Command::Sync);
    world.run(5_000);
    let answer = world.devices[0].answers.remove(&ticket);
    answer.expect("answered within five seconds")
}

/// How the newest document of device 0 stands.
fn badge(world: &World) -> Option<Durability> {
    world.devices[0].client.documents(10)[0].at.durability
}

const FORGED: CommandFault = CommandFault::Relay(RelayFault::Mismatch { what: "checkpoint" });

/// Claim: an order that somebody changed on the way so that it fits together is not taken, and all goes on afterwards.
#[test]
fn a_forged_order_is_refused() {
    let mut world = two();
    world.weather.forge = true;
    world.fill(1);
    world.run(3_000);
    assert_eq!(sync(&mut world).unwrap_err(), FORGED);
    assert_eq!(world.faults.first(), None, "no device is on another order");
    world.weather.forge = false;
    world.calm();
    assert_eq!(world.check_end(), Ok(()));
}

/// Claim: a badge says durable only after the key that the genesis names has signed the order; another key's signature
/// leaves it at syncing, for ever if need be, and nothing is lost.
/// Falsifier: with the right key the same steps end in durable.
#[test]
fn only_the_relays_own_key_makes_durable() {
    for (signer, good) in [(crate::world::relay::SIGNER, true), ([8; 32], false)] {
        let mut world = two();
        world.relay.kept.as_mut().unwrap().signer = signer;
        world.fill(0);
        world.run(8_000);
        assert_eq!(sync(&mut world).is_ok(), good);
        let durable = matches!(badge(&world), Some(Durability::Durable(_)));
        assert_eq!(durable, good, "{:?}", badge(&world));
        world.relay.kept.as_mut().unwrap().signer = crate::world::relay::SIGNER;
        world.calm();
        assert_eq!(world.check_end(), Ok(()));
        assert!(matches!(badge(&world), Some(Durability::Durable(_))));
    }
}

/// Claim: what was durable is so after a restart without a network; what is spoilt of the stored tree is made again from
/// the records, and accuses nobody.
#[test]
fn a_signature_is_kept() {
    for spoilt in [
        None,
        Some(Vec::new()),
        Some(vec![0xff; 40]),
        Some(vec![0; 2]),
    ] {
        let mut world = two();
        world.fill(0);
        world.calm();
        assert!(matches!(badge(&world), Some(Durability::Durable(_))));
        let whole = spoilt.is_none();
        if let Some(bytes) = spoilt {
            let stored = world.devices[0].store.meta.insert("signed".into(), bytes);
            assert!(stored.is_some());
        }
        world.crash(0);
        world.input(0, daybook_client::Input::Online(false));
        world.run(2_000);
        let durable = matches!(badge(&world), Some(Durability::Durable(_)));
        assert_eq!(
            durable, whole,
            "only what is shown to be signed is called so"
        );
        world.input(0, daybook_client::Input::Online(true));
        assert!(sync(&mut world).is_ok());
        assert!(matches!(badge(&world), Some(Durability::Durable(_))));
        world.calm();
        assert_eq!(world.check_end(), Ok(()));
    }
}
