//! A book with a relay and many authors, from one seed: what is disturbed, how a relay is lost, and who lies.

pub(crate) mod court;
pub(crate) mod liars;

use daybook_log::checkpoint::*;
use daybook_log::merge::Consistency;
use daybook_log::receipt::*;
use daybook_log::tree::*;
use daybook_log::*;
use std::collections::BTreeMap;

/// Numbers from a seed (splitmix64): the same everywhere.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("few");
        usize::try_from(self.next() % end).expect("few")
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn seed(&mut self) -> [u8; 32] {
        let words = [self.next(), self.next(), self.next(), self.next()];
        let mut seed = [0; 32];
        let bytes = words.iter().flat_map(|word| word.to_le_bytes());
        seed.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        seed
    }
}

/// What happened at least once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    Reordered,
    Retried,
    StaleRead,
    Offline,
    HandedOver,
    Voided,
    SkewedClock,
    Restored,
    TwoTabs,
    Rotated,
    Attested,
    Refused,
}

pub(crate) const MARKS: [Mark; 12] = [
    Mark::Reordered,
    Mark::Retried,
    Mark::StaleRead,
    Mark::Offline,
    Mark::HandedOver,
    Mark::Voided,
    Mark::SkewedClock,
    Mark::Restored,
    Mark::TwoTabs,
    Mark::Rotated,
    Mark::Attested,
    Mark::Refused,
];

pub(crate) struct Relay {
    pub(crate) seed: [u8; 32],
    pub(crate) key: SecretKey,
    pub(crate) log: BookLog,
    tips: Tips,
    pub(crate) placed: Vec<(OrderRecord, Entry)>,
    tree: Frontier,
    kept: BTreeMap<Node, TreeHash>,
}

impl Relay {
    fn new(genesis: &Genesis, seed: [u8; 32]) -> Relay {
        let log = BookLog::found(genesis).expect("a good genesis");
        Relay {
            key: SecretKey::from_seed(seed),
            seed,
            tips: Tips::new(log.book()),
            log,
            placed: Vec::new(),
            tree: Frontier::new(),
            kept: BTreeMap::new(),
        }
    }

    /// The same order up to a cut, under another key: what a new relay makes of what survived.
    pub(crate) fn rebuilt(&self, genesis: &Genesis, cut: usize, seed: [u8; 32]) -> Relay {
        let mut relay = Relay::new(genesis, seed);
        for (record, entry) in &self.placed[..cut] {
            relay.put(*record, entry.clone().trust_stored());
        }
        relay
    }

    fn put(&mut self, record: OrderRecord, entry: VerifiedEntry) {
        let tips = &self.tips;
        let kept = entry.entry().clone();
        let placed = self.log.place(&record, entry, &|at| tips.at(at));
        self.tips
            .push(placed.expect("an honest relay places what fits").tip);
        self.append(record, kept);
    }

    /// Into the order without a judge: what only a lying relay does.
    pub(crate) fn append(&mut self, record: OrderRecord, entry: Entry) {
        let leaf = TreeHash::leaf(&record.encode());
        self.kept.extend(self.tree.append(leaf));
        self.placed.push((record, entry));
    }

    /// Check, verify, place: as the relay does.
    pub(crate) fn take(&mut self, entry: &Entry, clock_ms: i64) -> Result<(), Reject> {
        let key = self.log.check(entry, &|at| self.tips.at(at))?;
        let verified = entry.clone().verify(&key).expect("honest authors sign");
        let record = self.log.next_record(entry, clock_ms);
        self.put(record, verified);
        Ok(())
    }

    pub(crate) fn origin(&self) -> Origin {
        Origin {
            book: self.log.book(),
            epoch: self.log.epoch(),
        }
    }

    pub(crate) fn public(&self) -> AdmittedKey {
        AdmittedKey::admit(self.key.public()).expect("good")
    }

    pub(crate) fn checkpoint(&self) -> SignedCheckpoint {
        let checkpoint = Checkpoint {
            origin: self.origin(),
            size: self.tree.size(),
            root: self.tree.root(),
        };
        SignedCheckpoint::sign(checkpoint, &self.key).expect("good")
    }

    pub(crate) fn receipt(&self, at: usize, signed: &SignedCheckpoint) -> Receipt {
        let index = LeafIndex(u64::try_from(at).expect("few"));
        let get = |node: Node| self.kept.get(&node).copied().ok_or(node);
        let proof = TlogProof {
            record: self.placed[at].0.encode().to_vec(),
            index,
            hashes: prove_inclusion(index, signed.checkpoint().size, get).expect("kept"),
            note: signed.note().to_string(),
        };
        let relay = RelayKey::new(signed.checkpoint().origin, self.public());
        Receipt::open(proof.to_string().as_bytes(), &relay).expect("holds")
    }

    pub(crate) fn consistency(&self, old: TreeSize, new: TreeSize) -> Option<Consistency> {
        let get = |node: Node| self.kept.get(&node).copied().ok_or(node);
        Some(Consistency {
            old_root: root(old, get).ok()?,
            hashes: prove_consistency(old, new, get).ok()?,
        })
    }
}

pub(crate) struct Author {
    pub(crate) first: PublicKey,
    pub(crate) key: SecretKey,
    pub(crate) id: AuthorId,
    pub(crate) draft: Draft,
    pub(crate) rotations: Vec<Entry>,
    /// All that it ever signed, oldest first; its newest part is not placed yet.
    pub(crate) signed: Vec<Entry>,
    next_key: Option<[u8; 32]>,
    away_until: usize,
    gone: bool,
}

pub(crate) struct World {
    pub(crate) genesis: Genesis,
    pub(crate) root: SecretKey,
    pub(crate) relays: Vec<Relay>,
    pub(crate) authors: Vec<Author>,
    pub(crate) checkpoints: Vec<(usize, SignedCheckpoint)>,
    pub(crate) handovers: Vec<Entry>,
    pub(crate) marks: Vec<Mark>,
    pub(crate) dice: Dice,
}

impl World {
    /// An honest history of at least 20 authors and 200 entries.
    pub(crate) fn honest(seed: u64) -> World {
        let mut dice = Dice(seed);
        let (root, relay) = (SecretKey::from_seed(dice.seed()), dice.seed());
        let genesis = Genesis {
            format: 1,
            nonce: dice.seed(),
            root_keys: vec![root.public()],
            threshold: 1,
            relay_key: SecretKey::from_seed(relay).public(),
            manifest: ManifestId([1; 32]),
        };
        let mut world = World {
            relays: vec![Relay::new(&genesis, relay)],
            genesis,
            root,
            authors: Vec::new(),
            checkpoints: Vec::new(),
            handovers: Vec::new(),
            marks: Vec::new(),
            dice,
        };
        for _ in 0..20 {
            world.join();
        }
        let lost_at = 90 + world.dice.below(60);
        let mut step = 0;
        while world.relay().placed.len() < 205 {
            step += 1;
            world.step(step);
            if world.relays.len() == 1 && world.relay().placed.len() > lost_at {
                world.hand_over();
            }
        }
        world.publish();
        world
    }

    pub(crate) fn relay(&self) -> &Relay {
        self.relays.last().expect("one")
    }

    pub(crate) fn book(&self) -> BookId {
        self.genesis.book_id()
    }

    /// A device lets itself in with the root key, or the founder lets it in.
    fn join(&mut self) {
        let (book, key) = (self.book(), SecretKey::from_seed(self.dice.seed()));
        let request = SecretKey::from_seed(self.dice.seed());
        let sealing = SealingKey::from_seed(self.dice.seed()).public();
        let role = [MemberRole::Manager, MemberRole::Member][usize::from(!self.authors.is_empty())];
        let mut payload = KeyAdd::prove(&book, &key, &request, sealing, (role, "JAR-1"));
        payload.approve(&book, 0, &self.root);
        let id = payload.author(&book);
        self.authors.push(Author {
            first: key.public(),
            key,
            id,
            draft: Draft::first(book, id),
            rotations: Vec::new(),
            signed: Vec::new(),
            next_key: None,
            away_until: 0,
            gone: false,
        });
        let who = self.authors.len() - 1;
        self.authors[who].write(Body::KeyAdd(Box::new(payload)));
        self.send(who);
    }

    fn step(&mut self, step: usize) {
        let who = self.dice.below(self.authors.len());
        if self.authors[who].gone {
            return;
        }
        if self.dice.one_in(3) {
            self.read(who);
        } else if self.authors[who].draft.seen.position < self.relay().log.position() {
            self.marks.push(Mark::StaleRead);
        }
        let body = self.body(who);
        self.authors[who].write(body);
        if self.dice.one_in(6) {
            // Another tab of the installation: it takes the writer's lock and the head that the store holds.
            self.marks.push(Mark::TwoTabs);
            let body = self.body(who);
            self.authors[who].write(body);
        }
        if self.dice.one_in(25) {
            self.authors[who].away_until = step + 60;
        }
        if self.authors[who].away_until > step {
            return;
        }
        if self.unplaced(who) > 4 {
            self.marks.push(Mark::Offline);
        }
        self.send(who);
        if self.dice.one_in(5) {
            self.publish();
        }
        if self.dice.one_in(70) {
            // The device came back from a backup: its key did not, so it is another author now.
            self.marks.push(Mark::Restored);
            self.authors[who].gone = who != 0;
            self.join();
        }
    }

    pub(crate) fn read(&mut self, who: usize) {
        let relay = self.relay();
        self.authors[who].draft.seen = relay.log.seen();
    }

    fn body(&mut self, who: usize) -> Body {
        let author = &self.authors[who];
        let seen = author.draft.seen;
        if seen.position > Position::ZERO && self.dice.one_in(6) {
            self.marks.push(Mark::Attested);
            return Body::Attest(Box::new(attest(seen, self.genesis.manifest, 0)));
        }
        if author.rotations.is_empty() && author.signed.len() > 2 && self.dice.one_in(20) {
            self.marks.push(Mark::Rotated);
            let (key, request) = (self.dice.seed(), self.dice.seed());
            return self.authors[who].rotation(key, request);
        }
        Body::Ops(OpsBody {
            manifest: self.genesis.manifest,
            authored_at_ms: i64::from_le_bytes(self.dice.next().to_le_bytes()),
            ops: vec![Op {
                verb: 1,
                input: self.dice.next().to_le_bytes().to_vec(),
                slots: Vec::new(),
            }],
        })
    }

    fn unplaced(&self, who: usize) -> usize {
        let author = &self.authors[who];
        let head = self.relay().log.head(&author.id);
        let next = head.map_or(0, |head| head.seq.0 + 1);
        author.signed.len() - usize::try_from(next).expect("few")
    }

    fn send(&mut self, who: usize) {
        let from = self.authors[who].signed.len() - self.unplaced(who);
        let clock = 1_000_000 + i64::try_from(self.dice.below(10_000)).expect("few");
        for at in from..self.authors[who].signed.len() {
            let entry = self.authors[who].signed[at].clone();
            let relay = self.relays.last_mut().expect("one");
            if clock < relay.log.relay_time_ms() {
                self.marks.push(Mark::SkewedClock);
            }
            let newest = relay
                .placed
                .last()
                .map(|(_, entry)| entry.header().seen.position);
            if relay.take(&entry, clock).is_err() {
                self.marks.push(Mark::Refused);
                return;
            }
            if newest.is_some_and(|newest| newest > entry.header().seen.position) {
                self.marks.push(Mark::Reordered);
            }
            if self.dice.one_in(8) {
                let again = self.relays.last_mut().expect("one").take(&entry, clock);
                assert!(again.is_err(), "an entry is placed once");
                self.marks.push(Mark::Retried);
            }
        }
    }

    pub(crate) fn publish(&mut self) {
        let signed = self.relay().checkpoint();
        self.checkpoints.push((self.relays.len() - 1, signed));
    }

    /// The relay lost its newest part; another goes on from the cut. What stood above it returns to its authors.
    fn hand_over(&mut self) {
        self.publish();
        let cut = self.relay().placed.len() - 1 - self.dice.below(30);
        let seed = self.dice.seed();
        let entry = self.handover(cut, &SecretKey::from_seed(seed));
        let mut next = self.relay().rebuilt(&self.genesis, cut, seed);
        next.take(&entry, 5).expect("the root key approved");
        self.relays.push(next);
        self.handovers.push(entry);
        self.marks.extend([Mark::HandedOver, Mark::Voided]);
        (0..self.authors.len()).for_each(|who| self.send(who));
    }

    /// The entry that hands the first epoch over.
    pub(crate) fn handover(&self, cut: usize, key: &SecretKey) -> Entry {
        let (book, position) = (self.book(), u64::try_from(cut).expect("few"));
        let mut payload = Handover {
            old_epoch: RelayEpoch(0),
            cut: Position(position),
            tip: self.relays[0].placed[cut - 1].0.tip(),
            tree_root: [1; 32],
            relay_key: key.public(),
            recovered_root: [0; 32],
            approvals: Vec::new(),
        };
        payload.approve(&book, 0, &self.root);
        let seen = Seen {
            epoch: RelayEpoch(0),
            position: payload.cut,
            tip: payload.tip,
        };
        let author = control::handover_author(&book, RelayEpoch(1));
        let draft = Draft {
            seen,
            ..Draft::first(book, author)
        };
        let unsigned = draft.write(Body::Handover(Box::new(payload)));
        unsigned.expect("good").sign(key)
    }
}

/// What a fold would say about a place; `lie` says something else.
pub(crate) fn attest(seen: Seen, manifest: ManifestId, lie: u8) -> Attest {
    let mut state_hash = StateHash(seen.tip.0);
    state_hash.0[0] ^= lie;
    Attest {
        position: seen.position,
        tip: seen.tip,
        state_hash,
        manifest,
        build: "0.1.0".to_owned(),
        floor: Position(1),
    }
}

impl Author {
    pub(crate) fn write(&mut self, body: Body) {
        let rotates = body.kind() == Kind::KeyRotate;
        let entry = self.draft.write(body).expect("good").sign(&self.key);
        self.draft.seq = self.draft.seq.next().expect("few");
        self.draft.prev = entry.id();
        if rotates {
            self.rotations.push(entry.clone());
            self.draft.key_epoch = KeyEpoch(1);
            self.key = SecretKey::from_seed(self.next_key.expect("it was made with the rotation"));
        }
        self.signed.push(entry);
    }

    fn rotation(&mut self, key: [u8; 32], request: [u8; 32]) -> Body {
        self.next_key = Some(key);
        let who = (&self.draft.book, &self.id, KeyEpoch(1));
        let (key, request) = (SecretKey::from_seed(key), SecretKey::from_seed(request));
        let sealing = SealingKey::from_seed([9; 32]).public();
        Body::KeyRotate(Box::new(KeyRotate::prove(who, &key, &request, sealing)))
    }
}
