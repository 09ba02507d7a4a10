//! A small book with a founder, from fixed seeds, and a relay that places what it is given.

use crate::*;
use alloc::vec;
use alloc::vec::Vec;

pub(super) const AST: &[u8] = b"the first manifest of the tests";

/// An installation.
pub(super) struct Device {
    /// The key that the author id is made of.
    pub(super) first: PublicKey,
    pub(super) author: SecretKey,
    pub(super) request: SecretKey,
    pub(super) request_seed: [u8; 32],
    pub(super) sealing: SealingKey,
    pub(super) sealing_seed: [u8; 32],
}

impl Device {
    pub(super) fn new(seed: u8) -> Device {
        Device {
            first: SecretKey::from_seed([seed; 32]).public(),
            author: SecretKey::from_seed([seed; 32]),
            request: SecretKey::from_seed([seed ^ 0x40; 32]),
            request_seed: [seed ^ 0x40; 32],
            sealing: SealingKey::from_seed([seed ^ 0x80; 32]),
            sealing_seed: [seed ^ 0x80; 32],
        }
    }

    pub(super) fn id(&self, book: &BookId) -> AuthorId {
        control::author_id(book, &self.first)
    }

    pub(super) fn payload(&self, book: &BookId, role: MemberRole) -> KeyAdd {
        KeyAdd::prove(
            book,
            &self.author,
            &self.request,
            self.sealing.public(),
            (role, "JAR-1"),
        )
    }
}

/// A founder, two more managers and two members at positions 1 to 5.
pub(super) fn five() -> (World, [Device; 5]) {
    let (mut world, founder) = World::founded();
    let devices = [2, 3, 4, 5].map(Device::new);
    for (n, device) in devices.iter().enumerate() {
        let role = [MemberRole::Manager, MemberRole::Member][usize::from(n > 1)];
        world.admit(&founder, device, role);
    }
    let [a, b, c, d] = devices;
    (world, [founder, a, b, c, d])
}

pub(super) fn ops() -> Body {
    Body::Ops(some_ops(2))
}

pub(super) fn revoke(world: &World, device: &Device) -> Body {
    Body::KeyRevoke(KeyRevoke::of(device.id(&world.log.book())))
}

/// Two root keys, of which both must approve.
pub(super) fn roots() -> [SecretKey; 2] {
    [
        SecretKey::from_seed([0xa1; 32]),
        SecretKey::from_seed([0xa2; 32]),
    ]
}

pub(super) fn genesis() -> Genesis {
    Genesis {
        format: 1,
        nonce: [9; 32],
        root_keys: roots().iter().map(SecretKey::public).collect(),
        threshold: 2,
        relay_key: SecretKey::from_seed([0xb1; 32]).public(),
        manifest: control::manifest_id(AST),
    }
}

pub(super) fn approved(device: &Device, role: MemberRole) -> KeyAdd {
    let book = genesis().book_id();
    let mut payload = device.payload(&book, role);
    payload.approve(&book, 0, &roots()[0]);
    payload.approve(&book, 1, &roots()[1]);
    payload
}

pub(super) fn some_ops(count: u8) -> OpsBody {
    let op = |n: u8| Op {
        verb: u16::from(n),
        input: vec![n; usize::from(n)],
        slots: Vec::new(),
    };
    OpsBody {
        manifest: control::manifest_id(AST),
        authored_at_ms: -5,
        ops: (0..count).map(op).collect(),
    }
}

/// A book with what its relay and a client would hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct World {
    pub(super) log: BookLog,
    pub(super) tips: Tips,
    /// What is placed, in order.
    pub(super) items: Vec<OrderedEntry>,
}

impl World {
    pub(super) fn empty() -> World {
        let log = BookLog::found(&genesis()).unwrap();
        World {
            tips: Tips::new(log.book()),
            items: Vec::new(),
            log,
        }
    }

    /// A book whose founder stands at position 1.
    pub(super) fn founded() -> (World, Device) {
        let (mut world, founder) = (World::empty(), Device::new(1));
        let draft = Draft::first(world.log.book(), founder.id(&world.log.book()));
        let entry = draft
            .key_add(&approved(&founder, MemberRole::Manager))
            .unwrap()
            .sign(&founder.author);
        world.place(entry).unwrap();
        (world, founder)
    }

    /// What the device would write next.
    pub(super) fn draft(&self, device: &Device) -> Draft {
        let book = self.log.book();
        let mut draft = Draft {
            seen: self.log.seen(),
            ..Draft::first(book, device.id(&book))
        };
        if let Some(head) = self.log.head(&draft.author) {
            draft.seq = head.seq.next().unwrap();
            draft.prev = head.entry_id;
        }
        draft
    }

    pub(super) fn ops(&self, device: &Device) -> Entry {
        self.draft(device)
            .ops(&some_ops(2))
            .unwrap()
            .sign(&device.author)
    }

    pub(super) fn check(&self, entry: &Entry) -> Result<AdmittedKey, Reject> {
        self.log.check(entry, &|position| self.tips.at(position))
    }

    pub(super) fn place_record(
        &mut self,
        record: &OrderRecord,
        entry: VerifiedEntry,
    ) -> Result<OrderedEntry, Invalid> {
        let tips = &self.tips;
        let ordered = self
            .log
            .place(record, entry, &|position| tips.at(position))?;
        self.tips.push(ordered.tip);
        self.items.push(ordered.clone());
        Ok(ordered)
    }

    /// The same log up to a position: what a reader makes before it takes a handover.
    pub(super) fn rebuilt(&self, cut: u64) -> World {
        let mut world = World::empty();
        let kept = usize::try_from(cut).unwrap();
        for item in self.items.iter().take(kept) {
            let entry = item.entry.entry().clone();
            world
                .place_record(&item.record, entry.trust_stored())
                .unwrap();
        }
        world
    }

    /// What the relay does with an entry.
    pub(super) fn place(&mut self, entry: Entry) -> Result<OrderedEntry, Reject> {
        let key = self.check(&entry)?;
        let record = self.log.next_record(&entry, 1_000);
        let entry = entry
            .verify(&key)
            .expect("signed by the key that the registry names");
        Ok(self
            .place_record(&record, entry)
            .expect("the relay places only what fits"))
    }

    /// The next entry of a device, of any kind, signed with its author key.
    pub(super) fn entry(&self, device: &Device, body: Body) -> Entry {
        let draft = Draft {
            key_epoch: self.key_epoch(device),
            ..self.draft(device)
        };
        draft.write(body).unwrap().sign(&device.author)
    }

    fn key_epoch(&self, device: &Device) -> KeyEpoch {
        let member = self.log.member(&device.id(&self.log.book()));
        member.map_or(KeyEpoch::ZERO, |member| member.key_epoch)
    }

    /// What the judge says about the next entry of a device.
    pub(super) fn verdict(&self, device: &Device, body: Body) -> Result<(), Reject> {
        self.check(&self.entry(device, body)).map(|_| ())
    }

    /// Places the next entry of a device.
    pub(super) fn write(&mut self, device: &Device, body: Body) -> OrderedEntry {
        let entry = self.entry(device, body);
        self.place(entry).unwrap()
    }

    /// How a device stands in the registry.
    pub(super) fn standing(&self, device: &Device) -> Standing {
        let member = self.log.member(&device.id(&self.log.book()));
        member.unwrap().standing
    }

    /// Lets a device in by the founder's hand.
    pub(super) fn admit(&mut self, manager: &Device, device: &Device, role: MemberRole) {
        let payload = device.payload(&self.log.book(), role);
        let entry = self
            .draft(manager)
            .key_add(&payload)
            .unwrap()
            .sign(&manager.author);
        self.place(entry).unwrap();
    }
}
