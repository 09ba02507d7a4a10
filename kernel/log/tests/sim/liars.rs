//! One liar in an honest history.

use super::{Relay, World, attest};
use daybook_log::evidence::{Accused, Class};
use daybook_log::*;

/// What is lied about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lie {
    AuthorFork,
    TwoRoots,
    Parted,
    TwoRecords,
    Forged,
    OtherBook,
    SeenAhead,
    TimeFell,
    EpochFell,
    PrevTip,
    TwoHandovers,
    AfterHandover,
    State,
}

/// Who may be accused.
#[derive(Debug)]
pub(crate) enum Liar {
    Author(AuthorId),
    Relay(PublicKey),
    Roots,
}

impl Liar {
    pub(crate) fn is(&self, accused: &Accused) -> bool {
        match (self, accused) {
            (Liar::Author(liar), Accused::Author(author)) => liar == author,
            (Liar::Author(liar), Accused::OneOf { first, second }) => {
                [first.0, second.0].contains(liar)
            }
            (Liar::Relay(liar), Accused::Relay { key, .. }) => liar == key,
            (Liar::Roots, Accused::Roots(_)) => true,
            _ => false,
        }
    }
}

impl Lie {
    pub(crate) const ALL: [Lie; 13] = [
        Lie::AuthorFork,
        Lie::TwoRoots,
        Lie::Parted,
        Lie::TwoRecords,
        Lie::Forged,
        Lie::OtherBook,
        Lie::SeenAhead,
        Lie::TimeFell,
        Lie::EpochFell,
        Lie::PrevTip,
        Lie::TwoHandovers,
        Lie::AfterHandover,
        Lie::State,
    ];

    pub(crate) fn class(self) -> Class {
        match self {
            Lie::AuthorFork => Class::AuthorFork,
            Lie::TwoRoots => Class::TwoRoots,
            Lie::Parted => Class::Inconsistent,
            Lie::TwoRecords => Class::TwoRecords,
            Lie::TwoHandovers => Class::TwoHandovers,
            Lie::AfterHandover => Class::AfterHandover,
            Lie::State => Class::TwoStates,
            _ => Class::Misplaced,
        }
    }

    /// Signs what nobody honest signs, and leaves it where somebody will meet it.
    pub(crate) fn tell(self, world: &mut World) -> Liar {
        match self {
            Lie::AuthorFork => fork(world),
            Lie::TwoRoots | Lie::Parted | Lie::TwoRecords => relay_fork(self, world),
            Lie::TwoHandovers => {
                let key = SecretKey::from_seed(world.dice.seed());
                let entry = world.handover(40, &key);
                world.handovers.push(entry);
                Liar::Roots
            }
            Lie::AfterHandover => {
                world.read(0);
                let entry = last_ops(world, 0);
                append(&mut world.relays[0], entry, |_| {});
                Liar::Relay(world.relays[0].key.public())
            }
            Lie::State => state(world),
            _ => misplaced(self, world),
        }
    }
}

/// A fresh entry of ops, signed and given to nobody.
fn last_ops(world: &mut World, who: usize) -> Entry {
    let seed = world.dice.seed();
    let body = Body::Ops(OpsBody {
        manifest: world.genesis.manifest,
        authored_at_ms: 0,
        ops: vec![Op {
            verb: 2,
            input: seed.to_vec(),
            slots: Vec::new(),
        }],
    });
    world.authors[who].write(body);
    let signed = &world.authors[who].signed;
    signed.last().expect("one").clone()
}

fn fork(world: &mut World) -> Liar {
    let who = world.dice.below(world.authors.len());
    let draft = world.authors[who].draft;
    last_ops(world, who);
    world.authors[who].draft = draft;
    last_ops(world, who);
    Liar::Author(world.authors[who].id)
}

fn state(world: &mut World) -> Liar {
    world.read(0);
    world.read(1);
    let (seen, manifest) = (world.relay().log.seen(), world.genesis.manifest);
    for (who, lie) in [(0, 0), (1, 1)] {
        let body = attest(seen, manifest, lie);
        world.authors[who].write(Body::Attest(Box::new(body)));
    }
    Liar::Author(world.authors[1].id)
}

/// Puts an entry at the end of an order as a lying relay does, with a record that is good but for the change.
fn append(relay: &mut Relay, entry: Entry, change: impl Fn(&mut OrderRecord)) {
    let last = relay.placed.last().expect("some").0;
    let mut record = OrderRecord {
        position: last.position.next().expect("few"),
        prev_tip: last.tip(),
        entry_id: entry.id(),
        kind: entry.header().kind,
        signature: *entry.signature(),
        ..last
    };
    change(&mut record);
    relay.append(record, entry);
}

/// Another order of the same relay, for others to see: the newest record bears another time.
fn relay_fork(lie: Lie, world: &mut World) -> Liar {
    let relay = world.relay();
    let len = relay.placed.len();
    let mut other = relay.rebuilt(&world.genesis, len - 1, relay.seed);
    let (mut record, entry) = relay.placed[len - 1].clone();
    record.relay_time_ms += 1;
    other.append(record, entry);
    if matches!(lie, Lie::Parted) {
        let entry = last_ops(world, 0);
        append(&mut other, entry, |_| {});
    }
    let public = other.key.public();
    let signed = other.checkpoint();
    world.relays.push(other);
    if !matches!(lie, Lie::TwoRecords) {
        world.checkpoints.push((world.relays.len() - 1, signed));
    }
    Liar::Relay(public)
}

fn misplaced(lie: Lie, world: &mut World) -> Liar {
    // A device that never rotated: its first key shows a forged signature.
    let mut devices = world.authors.iter();
    let who = devices.position(|one| one.rotations.is_empty());
    let who = who.expect("few rotate");
    world.read(who);
    let seen = world.authors[who].draft.seen;
    match lie {
        Lie::OtherBook => world.authors[who].draft.book = BookId([3; 32]),
        Lie::SeenAhead => world.authors[who].draft.seen.position = Position(seen.position.0 + 9),
        _ => {}
    }
    let entry = last_ops(world, who);
    let entry = match lie {
        Lie::Forged => entry.with_signature(Signature([7; 64])),
        _ => entry,
    };
    // What the relay placed, its author never gave to anybody else.
    world.authors[who].signed.pop();
    let relay = world.relays.last_mut().expect("one");
    append(relay, entry, |record| match lie {
        Lie::TimeFell => record.relay_time_ms -= 1,
        Lie::EpochFell => record.epoch = RelayEpoch(0),
        Lie::PrevTip => record.prev_tip = Tip([1; 32]),
        _ => {}
    });
    Liar::Relay(world.relay().key.public())
}
