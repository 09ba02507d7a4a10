//! No chain is blocked for ever: whatever happened, each entry that somebody still holds gets its effect, once.
//!
//! Random histories from fixed seeds: phones write offline, sync, rotate their keys, run twice by accident, lose entries and
//! are revoked; relays lose their newest part and hand over. Then a new manager, let in by root keys, heals the book.

use super::evidence::{after, evidence_beside};
use super::handover::{entry as handover_entry, payload as handover_payload};
use super::mutate::Chance;
use super::readmit::readmit;
use super::world::*;
use crate::*;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const HISTORIES: u64 = 40;
const STEPS: usize = 45;

/// A device as it knows itself, placed or not.
struct Phone {
    device: Device,
    joined: KeyAdd,
    key_epoch: KeyEpoch,
    last: Option<Entry>,
}

struct History {
    world: World,
    phones: Vec<Phone>,
    /// Everything that phones signed, in that order.
    written: Vec<Entry>,
    /// What nobody holds any more.
    lost: BTreeSet<EntryId>,
    chance: Chance,
    keys: u64,
    counts: BTreeMap<&'static str, usize>,
}

impl History {
    fn new(seed: u64) -> History {
        let mut history = History {
            world: World::empty(),
            phones: Vec::new(),
            written: Vec::new(),
            lost: BTreeSet::new(),
            chance: Chance(0x6461_7962_6f6f_6b00 | (seed + 1)),
            keys: 0,
            counts: BTreeMap::new(),
        };
        history.found(MemberRole::Manager);
        for role in [MemberRole::Manager, MemberRole::Member, MemberRole::Member] {
            let device = history.device();
            let joined = device.payload(&history.world.log.book(), role);
            let body = Body::KeyAdd(Box::new(joined.clone()));
            history.write(0, body);
            history.push(device, joined);
        }
        history.sync(0);
        history
    }

    fn secret(&mut self) -> [u8; 32] {
        self.keys += 1;
        let mut seed = [0xee; 32];
        // Not in the first byte, whose low bits an X25519 key ignores.
        seed[8..16].copy_from_slice(&self.keys.to_le_bytes());
        seed
    }

    fn device(&mut self) -> Device {
        let author = self.secret();
        let (request_seed, sealing_seed) = (self.secret(), self.secret());
        Device {
            first: SecretKey::from_seed(author).public(),
            author: SecretKey::from_seed(author),
            request: SecretKey::from_seed(request_seed),
            sealing: SealingKey::from_seed(sealing_seed),
            request_seed,
            sealing_seed,
        }
    }

    fn push(&mut self, device: Device, joined: KeyAdd) {
        self.phones.push(Phone {
            device,
            joined,
            key_epoch: KeyEpoch(0),
            last: None,
        });
    }

    /// A phone that root keys let in; its number.
    fn found(&mut self, role: MemberRole) -> usize {
        let device = self.device();
        let joined = approved(&device, role);
        self.push(device, joined.clone());
        let phone = self.phones.len() - 1;
        self.write(phone, Body::KeyAdd(Box::new(joined)));
        self.sync(phone);
        phone
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// What a phone would sign after an entry of its own. It has seen what stands, or knows no more than before.
    fn after(&mut self, phone: usize, last: Option<&Entry>, body: Body) -> Entry {
        let book = self.world.log.book();
        let stale = self.chance.below(2) == 0;
        let phone = &self.phones[phone];
        let mut draft = Draft::first(book, phone.device.id(&book));
        draft.key_epoch = phone.key_epoch;
        draft.seen = self.world.log.seen();
        if let Some(last) = last {
            (draft.seq, draft.prev) = (last.header().seq.next().unwrap(), last.id());
            if stale {
                draft.seen = last.header().seen;
            }
        }
        draft.write(body).unwrap().sign(&phone.device.author)
    }

    fn write(&mut self, phone: usize, body: Body) -> Entry {
        let last = self.phones[phone].last.take();
        let entry = self.after(phone, last.as_ref(), body);
        self.phones[phone].last = Some(entry.clone());
        self.written.push(entry.clone());
        entry
    }

    fn ops(&mut self) -> Body {
        let count = u8::try_from(self.chance.below(3)).unwrap() + 1;
        Body::Ops(some_ops(count))
    }

    /// Entries without a place that somebody holds, in the order in which they were signed.
    fn waiting(&self) -> Vec<Entry> {
        let placed: BTreeSet<EntryId> = self
            .world
            .items
            .iter()
            .map(|item| item.entry.id())
            .collect();
        let waits =
            |entry: &&Entry| !placed.contains(&entry.id()) && !self.lost.contains(&entry.id());
        self.written.iter().filter(waits).cloned().collect()
    }

    fn sync(&mut self, phone: usize) {
        let author = self.phones[phone].device.id(&self.world.log.book());
        for entry in self.waiting() {
            if entry.header().author == author {
                let _ = self.world.place(entry);
            }
        }
    }

    fn step(&mut self) {
        let phone = self.chance.below(self.phones.len());
        match self.chance.below(18) {
            0..=5 => {
                let body = self.ops();
                self.write(phone, body);
            }
            6..=9 => self.sync(phone),
            10 => self.rotate(phone),
            11 => self.run_twice(phone),
            12 | 13 => self.lose(),
            14 if self.chance.below(2) == 0 => self.revoke(phone),
            15 if self.chance.below(2) == 0 => self.lose_the_relay(),
            16 | 17 => self.readmit_early(),
            _ => {}
        }
    }

    /// A manager readmits what only waits for its phone to sync.
    fn readmit_early(&mut self) {
        let waiting = self.waiting();
        if let Some(entry) = waiting.get(self.chance.below(waiting.len()))
            && entry.header().kind == Kind::Ops
        {
            self.write(0, readmit(entry));
            self.sync(0);
        }
    }

    fn rotate(&mut self, phone: usize) {
        let (book, seeds) = (self.world.log.book(), [self.secret(), self.secret()]);
        let [author, request] = seeds.map(SecretKey::from_seed);
        let old = &self.phones[phone];
        let epoch = old.key_epoch.next().unwrap();
        let place = (&book, &old.device.id(&book), epoch);
        let payload = KeyRotate::prove(place, &author, &request, old.device.sealing.public());
        self.write(phone, Body::KeyRotate(Box::new(payload)));
        let phone = &mut self.phones[phone];
        (phone.device.author, phone.device.request) = (author, request);
        phone.key_epoch = epoch;
        self.count("rotations");
    }

    /// A copy of a phone goes on beside it: both are honest, and both sign the same seqs.
    fn run_twice(&mut self, phone: usize) {
        let Some(mut last) = self.phones[phone].last.clone() else {
            return;
        };
        for _ in 0..=self.chance.below(3) {
            let body = self.ops();
            last = self.after(phone, Some(&last), body);
            self.written.push(last.clone());
        }
        if self.chance.below(3) == 0 {
            self.rotate_a_copy(phone, &last);
        }
        let body = self.ops();
        self.write(phone, body);
        self.count("forks");
    }

    /// The copy goes on under a key that the phone itself knows nothing of.
    fn rotate_a_copy(&mut self, phone: usize, last: &Entry) {
        let (book, mut copy) = (self.world.log.book(), self.device());
        let here = &self.phones[phone];
        copy.first = here.device.first;
        let place = (&book, &copy.id(&book), here.key_epoch.next().unwrap());
        let sealing = copy.sealing.public();
        let payload = KeyRotate::prove(place, &copy.author, &copy.request, sealing);
        let rotated = self.after(phone, Some(last), Body::KeyRotate(Box::new(payload)));
        let next = after(&rotated, &copy, self.ops());
        self.written.extend([rotated, next]);
        self.count("rotated copies");
    }

    fn lose(&mut self) {
        let all: Vec<EntryId> = self
            .waiting()
            .iter()
            .filter(|entry| entry.header().kind == Kind::Ops)
            .map(Entry::id)
            .collect();
        if let Some(id) = all.get(self.chance.below(all.len())) {
            self.lost.insert(*id);
            self.count("losses");
        }
    }

    fn revoke(&mut self, phone: usize) {
        let author = self.phones[phone].device.id(&self.world.log.book());
        let by = self.chance.below(2);
        self.write(by, Body::KeyRevoke(KeyRevoke::of(author)));
        self.sync(by);
        self.count("revocations");
    }

    /// The relay comes back without its newest part, under another key; what stood there is held by somebody, or by nobody.
    fn lose_the_relay(&mut self) {
        let end = usize::try_from(self.world.log.position().0).unwrap();
        let cut = 1 + self.chance.below(end);
        for item in &self.world.items[cut..] {
            if item.entry.header().kind != Kind::KeyRotate && self.chance.below(6) == 0 {
                self.lost.insert(item.entry.id());
            }
        }
        let (old, key) = (
            self.world.log.epoch().0,
            SecretKey::from_seed(self.secret()),
        );
        self.world = self.world.rebuilt(u64::try_from(cut).unwrap());
        let payload = handover_payload(&self.world, old, &key);
        let entry = handover_entry(&self.world, &payload, &key);
        self.world.place(entry).unwrap();
        self.count("handovers");
    }

    /// Places what has a place, as long as something moves.
    fn place_what_fits(&mut self) {
        loop {
            let before = self.world.items.len();
            for entry in self.waiting() {
                let _ = self.world.place(entry);
            }
            if self.world.items.len() == before {
                return;
            }
        }
    }

    /// What a manager does: lets devices in again whose admission is lost, records forks, and readmits the rest.
    fn heal(&mut self) {
        self.place_what_fits();
        let healer = self.found(MemberRole::Manager);
        for phone in 0..healer {
            let joined = KeyAdd {
                approvals: Vec::new(),
                ..self.phones[phone].joined.clone()
            };
            self.heal_with(healer, Body::KeyAdd(Box::new(joined)));
        }
        self.place_what_fits();
        let waiting = self.waiting();
        for entry in &waiting {
            let header = entry.header();
            let beside = self.world.items.iter().find(|item| {
                let other = item.entry.header();
                (other.author, other.key_epoch, other.seq)
                    == (header.author, header.key_epoch, header.seq)
            });
            let Some(record) = beside.map(|item| item.record) else {
                continue;
            };
            let placed = beside.unwrap().entry.entry().clone();
            let proof = evidence_beside(Proof::Fork, [&placed, entry], &record);
            let verdict = self.after(
                healer,
                self.phones[healer].last.clone().as_ref(),
                proof.clone(),
            );
            // Under a key that has no place there is nothing to be beside.
            if self.world.check(&verdict).is_ok() {
                self.heal_with(healer, proof);
                self.count("proofs");
            }
        }
        for entry in &waiting {
            if matches!(entry.header().kind, Kind::Ops | Kind::KeyRotate) {
                self.heal_with(healer, readmit(entry));
            }
        }
    }

    /// Nothing may ever block the chain of the one who heals.
    fn heal_with(&mut self, healer: usize, body: Body) {
        let written = self.write(healer, body);
        if let Err(why) = self.world.place(written.clone()) {
            panic!("{why}: {:?}", written.body());
        }
    }

    /// How often each ops entry has an effect.
    fn effects(&self) -> BTreeMap<EntryId, usize> {
        let mut effects = BTreeMap::new();
        for item in &self.world.items {
            let own =
                (item.entry.header().kind == Kind::Ops && !item.already).then(|| item.entry.id());
            let given = item
                .readmitted
                .as_ref()
                .map(|original| original.entry.entry());
            let given = given
                .filter(|it| it.header().kind == Kind::Ops)
                .map(Entry::id);
            for id in own.into_iter().chain(given) {
                *effects.entry(id).or_default() += 1;
            }
        }
        effects
    }

    fn check(&mut self, what: &str) {
        let effects = self.effects();
        assert!(effects.values().all(|count| *count == 1), "{what}: twice");
        let held =
            |entry: &&Entry| entry.header().kind == Kind::Ops && !self.lost.contains(&entry.id());
        for entry in self.written.iter().filter(held) {
            assert!(
                effects.contains_key(&entry.id()),
                "{what}: {:?} has no effect",
                entry.header()
            );
        }
        let readmitted = self
            .world
            .items
            .iter()
            .filter(|item| item.readmitted.is_some());
        *self.counts.entry("readmitted").or_default() += readmitted.count();
        let already = self.world.items.iter().filter(|item| item.already);
        *self.counts.entry("already").or_default() += already.count();
    }
}

/// Each entry of ops that somebody holds has exactly one effect after healing, twice in a row with more history between;
/// and whoever reads the records alone comes to the same log.
#[test]
fn no_chain_is_blocked_for_ever() {
    let mut counts = BTreeMap::new();
    for seed in 0..HISTORIES {
        let mut history = History::new(seed);
        for round in ["first", "second"] {
            for _ in 0..STEPS {
                history.step();
            }
            history.heal();
            history.check(&alloc::format!("history {seed}, {round} round"));
        }
        let end = history.world.log.position().0;
        let read = history.world.rebuilt(end);
        assert_eq!(
            (&read.log, &read.tips),
            (&history.world.log, &history.world.tips)
        );
        for (what, count) in history.counts {
            *counts.entry(what).or_insert(0) += count;
        }
    }
    for what in [
        "rotations",
        "forks",
        "losses",
        "revocations",
        "handovers",
        "rotated copies",
        "proofs",
        "readmitted",
        "already",
    ] {
        let count = counts.get(what).copied().unwrap_or(0);
        assert!(
            count >= 10,
            "only {count} {what}: the histories show too little; {counts:?}"
        );
    }
}
