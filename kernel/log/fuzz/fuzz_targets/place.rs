//! A relay that is given anything: five bytes are one attempt by one of four devices, right or wrong in one way or several.
//! What is rejected changes nothing; what is placed is the next position; and placing the same again from zero gives the
//! same log.
#![no_main]

use daybook_log::{
    Adoption, Body, BookLog, ContentEpoch, ContentNotice, Draft, Entry, EntryId, Genesis, KeyAdd,
    KeyCommitment, MemberRole, Op, OpsBody, OrderRecord, Position, SealedBody, SealingKey,
    SecretKey, Seen, Seq, Tip, Tips, control,
};
use libfuzzer_sys::fuzz_target;

const AST: &[u8] = b"fuzzed: not a real manifest";
const STEPS_MAX: usize = 40;

struct World {
    log: BookLog,
    tips: Tips,
    placed: Vec<(OrderRecord, Entry)>,
}

fn secret(device: u8, role: u8) -> SecretKey {
    SecretKey::from_seed([device * 4 + role + 1; 32])
}

fn root() -> SecretKey {
    SecretKey::from_seed([0xa0; 32])
}

fn genesis() -> Genesis {
    Genesis {
        format: 1,
        nonce: [9; 32],
        root_keys: vec![root().public()],
        threshold: 1,
        relay_key: SecretKey::from_seed([0xb0; 32]).public(),
        manifest: control::manifest_id(AST),
    }
}

impl World {
    fn new() -> World {
        let log = BookLog::found(&genesis()).expect("a good genesis");
        World {
            tips: Tips::new(log.book()),
            log,
            placed: Vec::new(),
        }
    }

    fn draft(&self, device: u8, wrong: u8) -> Draft {
        let book = self.log.book();
        let author = control::author_id(&book, &secret(device, 0).public());
        let mut draft = Draft {
            seen: self.log.seen(),
            ..Draft::first(book, author)
        };
        if let Some(head) = self.log.head(&author) {
            (draft.seq, draft.prev) = (head.seq.next().expect("few"), head.entry_id);
        }
        match wrong % 16 {
            1 => draft.seq = Seq(draft.seq.0.wrapping_add(1)),
            2 => draft.prev = EntryId([wrong; 32]),
            3 => draft.seen = Seen::nothing(&book),
            4 => draft.seen.position = Position(draft.seen.position.0 + 1),
            5 => draft.seen.tip = Tip([wrong; 32]),
            6 => draft.book.0[0] ^= 1,
            7 => draft.key_epoch.0 = 1,
            8 => draft.seen.epoch.0 = 1,
            _ => {}
        }
        draft
    }

    fn payload(&self, of: u8, how: u8) -> KeyAdd {
        let role = match how & 1 {
            0 => MemberRole::Member,
            _ => MemberRole::Manager,
        };
        let book = self.log.book();
        let sealing = SealingKey::from_seed([of * 4 + 3; 32]).public();
        let (author, request) = (secret(of, 0), secret(of, 1));
        let mut payload = KeyAdd::prove(&book, &author, &request, sealing, (role, "FUZZ"));
        if how & 2 != 0 {
            payload.approve(&book, 0, &root());
        }
        if how & 4 != 0 {
            payload.pop_author.0[0] ^= 1;
        }
        payload
    }

    /// device and kind ‖ wrong ‖ whom ‖ how ‖ signed by
    fn attempt(&self, step: &[u8; 5]) -> Option<Entry> {
        let [who, wrong, whom, how, by] = *step;
        let draft = self.draft(who % 4, wrong);
        let ops = |slots| OpsBody {
            manifest: control::manifest_id(AST),
            authored_at_ms: i64::from(how),
            ops: vec![Op {
                verb: u16::from(how),
                input: vec![how; usize::from(whom)],
                slots,
            }],
        };
        let (number, commitment) = (ContentEpoch(u32::from(whom)), KeyCommitment([how; 32]));
        let notice = |notice| draft.write(Body::ContentEpoch(notice));
        let unsigned = match who / 4 % 8 {
            0 => draft.ops(&ops(Vec::new())),
            1 => draft.key_add(&self.payload(whom % 4, how)),
            2 => draft.adopt(&Adoption::of(&[AST, &[whom]].concat()).ok()?),
            4 => notice(ContentNotice::Declare { number, commitment }),
            5 => notice(ContentNotice::Confirm { number, commitment }),
            _ => {
                let sealed = SealedBody::new([how; 24], [how; 32], vec![how; 64 + 16]).ok()?;
                draft.sealed(number, &sealed)
            }
        };
        let signer = if by < 192 { who % 4 } else { by % 4 };
        Some(unsigned.ok()?.sign(&secret(signer, 0)))
    }

    fn place(&mut self, entry: Entry) {
        let before = self.log.clone();
        let tips = &self.tips;
        let tip_at = |position| tips.at(position);
        let verified = self
            .log
            .check(&entry, &tip_at)
            .ok()
            .and_then(|key| entry.clone().verify(&key).ok());
        let record = self.log.next_record(&entry, 1);
        // a relay that does not look: the log itself must refuse
        let is_good = verified.is_some();
        let given = verified.unwrap_or_else(|| entry.clone().trust_stored());
        let was_trusted_unsigned = !is_good && self.log.check(&entry, &tip_at).is_ok();
        if was_trusted_unsigned {
            return;
        }
        match self.log.place(&record, given, &tip_at) {
            Ok(ordered) => {
                assert!(is_good, "placed what the check rejects");
                assert_eq!(ordered.position.0, before.position().0 + 1);
                assert_eq!((self.log.tip(), ordered.tip), (record.tip(), record.tip()));
                let head = self.log.head(&entry.header().author).expect("a head");
                assert_eq!(
                    (head.entry_id, head.position),
                    (entry.id(), ordered.position)
                );
                self.tips.push(ordered.tip);
                self.placed.push((record, entry));
            }
            Err(_) => {
                assert!(!is_good, "rejects what the check takes");
                assert_eq!(self.log, before);
            }
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let mut world = World::new();
    for step in data.as_chunks::<5>().0.iter().take(STEPS_MAX) {
        if let Some(entry) = world.attempt(step) {
            world.place(entry);
        }
    }
    let mut again = World::new();
    for (record, entry) in &world.placed {
        let tips = &again.tips;
        let read = Entry::decode(entry.bytes()).expect("what was placed can be read");
        let ordered = again
            .log
            .place(record, read.trust_stored(), &|position| tips.at(position))
            .expect("what was placed can be placed");
        again.tips.push(ordered.tip);
    }
    assert_eq!(again.log, world.log);
});
