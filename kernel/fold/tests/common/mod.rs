//! A book with a log of its own, made by hand: what a client and a relay do between them, without either.
#![allow(dead_code, reason = "each test file uses a part of it")]

use daybook_fold::{Book, Bundle, Outcome, Overlay, Pending, PostingFilter, Refusal, key};
use daybook_log::{
    Adoption, AuthorId, Body, BookLog, Draft, Entry, EntryId, Genesis, KeyAdd, ManifestId,
    MemberRole, Op, OpsBody, OrderedEntry, SealingKey, SecretKey, Seq, Tips, control,
};
use daybook_manifest::{Compiled, ast::Manifest, compile, shape, value::Value};
use std::collections::BTreeMap;

pub(crate) struct Author {
    pub(crate) id: AuthorId,
    pub(crate) secret: SecretKey,
    seq: Seq,
    prev: EntryId,
}

/// A log, the book that is folded from it, and everything that was placed.
pub(crate) struct World {
    pub(crate) genesis: Genesis,
    pub(crate) log: BookLog,
    tips: Tips,
    pub(crate) book: Book,
    pub(crate) authors: Vec<Author>,
    /// The manifest that new ops are written for.
    pub(crate) manifest: Manifest,
    pub(crate) manifest_id: ManifestId,
    pub(crate) asts: Vec<Vec<u8>>,
    pub(crate) items: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) ordered: Vec<OrderedEntry>,
}

/// Compiles source, or shows what is wrong with it.
pub(crate) fn compiled(source: &str) -> Compiled {
    compile(source).unwrap_or_else(|faults| {
        for fault in &faults {
            eprintln!("{fault}");
        }
        panic!("the manifest does not compile")
    })
}

pub(crate) fn id(n: u64) -> Value {
    Value::Id(raw(n))
}

pub(crate) fn raw(n: u64) -> [u8; 16] {
    let mut id = [0; 16];
    id[8..].copy_from_slice(&n.to_be_bytes());
    id
}

pub(crate) fn int(n: i64) -> Value {
    Value::Int(n)
}

pub(crate) fn text(t: &str) -> Value {
    Value::Text(t.into())
}

pub(crate) fn applied() -> Outcome {
    Outcome::Applied { flags: Vec::new() }
}

pub(crate) fn refused(refusal: Refusal) -> Outcome {
    Outcome::Refused(refusal)
}

impl World {
    /// A book with one manager, at position 1.
    pub(crate) fn new(source: &str) -> Self {
        Self::of(&compiled(source))
    }

    pub(crate) fn of(compiled: &Compiled) -> Self {
        let root = SecretKey::from_seed([250; 32]);
        let manifest_id = control::manifest_id(&compiled.bytes);
        let genesis = Genesis {
            format: 1,
            nonce: [7; 32],
            root_keys: vec![root.public()],
            threshold: 1,
            relay_key: SecretKey::from_seed([251; 32]).public(),
            manifest: manifest_id,
        };
        let log = BookLog::found(&genesis).unwrap();
        let mut book = Book::new(genesis.book_id(), manifest_id);
        book.provide(&compiled.bytes).unwrap();
        let mut world = Self {
            tips: Tips::new(log.book()),
            genesis,
            log,
            book,
            authors: Vec::new(),
            manifest: compiled.manifest.clone(),
            manifest_id,
            asts: vec![compiled.bytes.clone()],
            items: Vec::new(),
            ordered: Vec::new(),
        };
        let (author, mut key_add) = world.device(MemberRole::Manager);
        key_add.approve(&world.log.book(), 0, &root);
        world.authors.push(author);
        let entry = world.draft(0).key_add(&key_add).unwrap();
        world.place(0, entry.sign(&SecretKey::from_seed([1; 32])));
        world
    }

    fn device(&self, role: MemberRole) -> (Author, KeyAdd) {
        let n = u8::try_from(self.authors.len()).unwrap() * 3 + 1;
        let (secret, request) = (
            SecretKey::from_seed([n; 32]),
            SecretKey::from_seed([n + 1; 32]),
        );
        let sealing = SealingKey::from_seed([n + 2; 32]).public();
        let key_add = KeyAdd::prove(&self.log.book(), &secret, &request, sealing, (role, "D1"));
        let id = control::author_id(&self.log.book(), &secret.public());
        (
            Author {
                id,
                secret,
                seq: Seq(0),
                prev: EntryId::ZERO,
            },
            key_add,
        )
    }

    /// One more device, let in by the first one; its number.
    pub(crate) fn join(&mut self, role: MemberRole) -> usize {
        let (author, key_add) = self.device(role);
        let entry = self
            .draft(0)
            .key_add(&key_add)
            .unwrap()
            .sign(&self.authors[0].secret);
        self.place(0, entry);
        self.authors.push(author);
        self.authors.len() - 1
    }

    pub(crate) fn draft(&self, author: usize) -> Draft {
        let Author { id, seq, prev, .. } = &self.authors[author];
        let mut draft = Draft::first(self.log.book(), *id);
        (draft.seq, draft.prev, draft.seen) = (*seq, *prev, self.log.seen());
        draft
    }

    /// A verb of the current manifest with its inputs.
    pub(crate) fn op(&self, verb: &str, inputs: &[Value]) -> Op {
        let at = self
            .manifest
            .verbs
            .iter()
            .position(|v| v.name == verb)
            .unwrap_or_else(|| panic!("no verb {verb}"));
        let input =
            shape::encode_values(&self.manifest, &self.manifest.verbs[at].params, inputs).unwrap();
        Op {
            verb: u16::try_from(at).unwrap(),
            input,
            slots: Vec::new(),
        }
    }

    pub(crate) fn body(&self, ops: Vec<Op>) -> OpsBody {
        OpsBody {
            manifest: self.manifest_id,
            authored_at_ms: 0,
            ops,
        }
    }

    pub(crate) fn entry(&self, author: usize, body: &OpsBody) -> Entry {
        self.draft(author)
            .ops(body)
            .unwrap()
            .sign(&self.authors[author].secret)
    }

    /// The next entry of an author, of any kind.
    pub(crate) fn write(&self, author: usize, body: Body) -> Entry {
        let unsigned = self.draft(author).write(body).unwrap();
        unsigned.sign(&self.authors[author].secret)
    }

    /// An entry of ops that comes after one that is not placed.
    pub(crate) fn after(&self, author: usize, last: &Entry, ops: Vec<Op>) -> Entry {
        let mut draft = self.draft(author);
        (draft.seq, draft.prev) = (last.header().seq.next().unwrap(), last.id());
        let unsigned = draft.ops(&self.body(ops)).unwrap();
        unsigned.sign(&self.authors[author].secret)
    }

    /// Places and folds.
    pub(crate) fn place(&mut self, author: usize, entry: Entry) -> Vec<Outcome> {
        let ordered = self.order(author, entry);
        self.book.fold(&ordered).unwrap()
    }

    pub(crate) fn order(&mut self, author: usize, entry: Entry) -> OrderedEntry {
        let record = self.log.next_record(&entry, 0);
        let tips = &self.tips;
        self.items
            .push((record.encode().to_vec(), entry.bytes().to_vec()));
        let (id, seq) = (entry.id(), entry.header().seq);
        let ordered = self
            .log
            .place(&record, entry.trust_stored(), &|at| tips.at(at))
            .unwrap();
        self.tips.push(ordered.tip);
        let by = &mut self.authors[author];
        (by.prev, by.seq) = (id, seq.next().unwrap());
        self.ordered.push(ordered.clone());
        ordered
    }

    /// One entry with these ops.
    pub(crate) fn ops(&mut self, author: usize, ops: Vec<Op>) -> Vec<Outcome> {
        let entry = self.entry(author, &self.body(ops));
        self.place(author, entry)
    }

    /// One entry with one op.
    pub(crate) fn run(&mut self, author: usize, verb: &str, inputs: &[Value]) -> Outcome {
        self.ops(author, vec![self.op(verb, inputs)]).remove(0)
    }

    /// Adopts a manifest; new ops are written for it.
    pub(crate) fn adopt(&mut self, author: usize, compiled: &Compiled) -> Outcome {
        self.book.provide(&compiled.bytes).unwrap();
        self.asts.push(compiled.bytes.clone());
        let entry = self.adoption(author, &compiled.bytes);
        let outcome = self.place(author, entry).remove(0);
        self.manifest = compiled.manifest.clone();
        self.manifest_id = control::manifest_id(&compiled.bytes);
        outcome
    }

    pub(crate) fn adoption(&self, author: usize, ast: &[u8]) -> Entry {
        let adoption = Adoption::of(ast).unwrap();
        self.draft(author)
            .adopt(&adoption)
            .unwrap()
            .sign(&self.authors[author].secret)
    }

    pub(crate) fn entity(&self, name: &str) -> u16 {
        self.book.view().entity(name).unwrap()
    }

    pub(crate) fn pending(
        &self,
        overlay: &mut Overlay,
        author: usize,
        entry: &Entry,
    ) -> Vec<Outcome> {
        let pending = Pending {
            entry: entry.id(),
            author: self.authors[author].id,
            role: self.log.member(&self.authors[author].id).unwrap().role,
            body: entry.body(),
        };
        overlay.fold(&self.book, &pending).unwrap()
    }

    /// Everything that was placed, as one file.
    pub(crate) fn bundle(&self) -> Vec<u8> {
        let genesis = self.genesis.encode();
        Bundle {
            genesis: &genesis,
            asts: self.asts.iter().map(Vec::as_slice).collect(),
            items: self
                .items
                .iter()
                .map(|(record, entry)| (record.as_slice(), entry.as_slice()))
                .collect(),
        }
        .encode()
    }

    /// A fresh book with the manifests but no entry.
    pub(crate) fn fresh(&self) -> Book {
        let mut book = Book::new(self.genesis.book_id(), self.genesis.manifest);
        for ast in &self.asts {
            book.provide(ast).unwrap();
        }
        book
    }
}

impl World {
    /// Runs the op, which is applied without a flag.
    #[track_caller]
    pub(crate) fn yes(&mut self, author: usize, verb: &str, inputs: &[Value]) {
        assert_eq!(self.run(author, verb, inputs), applied());
    }

    /// Runs the op, which is refused, and checks that nothing but the outcome's row is different.
    #[track_caller]
    pub(crate) fn no(&mut self, author: usize, verb: &str, inputs: &[Value], refusal: Refusal) {
        let op = self.op(verb, inputs);
        self.no_op(author, op, refusal);
    }

    #[track_caller]
    pub(crate) fn no_op(&mut self, author: usize, op: Op, refusal: Refusal) {
        let before: Vec<_> = self
            .book
            .rows()
            .map(|(key, value)| (key, value.to_vec()))
            .collect();
        let books = self.book.books_hash();
        assert_eq!(self.ops(author, vec![op]), [refused(refusal)]);
        let at = self.book.position();
        assert_eq!(self.book.view().outcome(at, 0), Some(refused(refusal)));
        let own = [
            &key::OUTCOME.to_be_bytes()[..],
            &at.0.to_be_bytes(),
            &[0, 0],
        ]
        .concat();
        let others = self.book.rows().filter(|(key, _)| *key != own);
        let after: Vec<_> = others.map(|(key, value)| (key, value.to_vec())).collect();
        assert!(after == before, "a refused op changed rows");
        assert_eq!(self.book.books_hash(), books);
    }
}

/// Sums per currency are zero, and the totals are the sums of the postings.
pub(crate) fn assert_balanced(book: &Book) {
    let view = book.view();
    let mut cells: BTreeMap<_, i128> = BTreeMap::new();
    for line in view.postings(PostingFilter::default()) {
        let period = daybook_fold::calendar::period(line.date.into()).unwrap();
        *cells
            .entry((period, line.role, line.currency, line.dims))
            .or_default() += i128::from(line.amount);
    }
    let totals: BTreeMap<_, i128> = view
        .totals()
        .map(|total| {
            (
                (total.period, total.role, total.currency, total.dims),
                total.sum,
            )
        })
        .collect();
    assert_eq!(cells, totals);
    let mut sums: BTreeMap<_, i128> = BTreeMap::new();
    for ((_, _, currency, _), sum) in totals {
        *sums.entry(currency).or_default() += sum;
    }
    assert!(sums.values().all(|sum| *sum == 0), "{sums:?}");
}
