//! Books made from a seed: the same seed, the same bytes, on every machine.

use anyhow::{Context as _, anyhow};
use daybook_fold::Bundle;
use daybook_log::{
    Adoption, Body, BookId, BookLog, Draft, Entry, Genesis, KeyAdd, ManifestId, MemberRole, Op,
    OpsBody, SealingKey, SecretKey, Tips, wire,
};
use daybook_manifest::ast::Manifest;
use daybook_manifest::value::Value;
use daybook_manifest::{Checked, compile, shape};

/// The shipped books and stock manifest, as source.
pub const ERP: &str = include_str!("../../kernel/manifests/erp.book");

/// Numbers from a seed (SplitMix64): enough to vary a workload, and the same everywhere.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Dice(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.roll() % end.max(1)
    }

    /// Thirty-two bytes.
    pub fn bytes32(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for part in bytes.chunks_mut(8) {
            part.copy_from_slice(&self.roll().to_le_bytes());
        }
        bytes
    }

    /// Sixteen bytes.
    pub fn id(&mut self) -> [u8; 16] {
        let mut id = [0; 16];
        id.copy_from_slice(&self.bytes32()[..16]);
        id
    }
}

/// A manifest's source as its syntax tree and bytes.
///
/// # Errors
/// It does not compile; the error has every diagnostic.
pub fn compiled(source: &str) -> anyhow::Result<(Checked, Vec<u8>)> {
    let compiled = compile(source).map_err(|errors| {
        anyhow!(
            "{}",
            errors
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        )
    })?;
    let checked = daybook_manifest::decode(&compiled.bytes).map_err(|bad| anyhow!("{bad}"))?;
    Ok((checked, compiled.bytes))
}

/// An op of a verb, its inputs by name in any order; options not named are none.
///
/// # Errors
/// No such verb or input, an input is missing, or a value does not fit.
pub fn op(manifest: &Manifest, verb: &str, inputs: &[(&str, Value)]) -> anyhow::Result<Op> {
    let index = manifest
        .verbs
        .iter()
        .position(|v| v.name == verb)
        .with_context(|| format!("no verb {verb}"))?;
    let params = &manifest.verbs[index].params;
    let values = params.iter().map(|param| {
        let given = inputs
            .iter()
            .find(|(name, _)| *name == param.name)
            .map(|(_, value)| value.clone());
        given
            .or_else(|| shape::default_of(&param.ty))
            .with_context(|| format!("{verb} needs {}", param.name))
    });
    let values = values.collect::<anyhow::Result<Vec<_>>>()?;
    if let Some((name, _)) = inputs
        .iter()
        .find(|(name, _)| !params.iter().any(|param| param.name == *name))
    {
        return Err(anyhow!("{verb} has no input {name}"));
    }
    let input =
        shape::encode_values(manifest, params, &values).map_err(|bad| anyhow!("{verb}: {bad}"))?;
    Ok(Op {
        verb: u16::try_from(index)?,
        input,
        slots: Vec::new(),
    })
}

struct Author {
    key: SecretKey,
    draft: Draft,
}

/// A book that grows in memory, with as many authors as wanted, ordered as a relay would.
#[allow(missing_debug_implementations, reason = "it holds secret keys")]
pub struct BookMaker {
    genesis: Vec<u8>,
    asts: Vec<Vec<u8>>,
    log: BookLog,
    tips: Tips,
    authors: Vec<Author>,
    items: Vec<wire::Item>,
    current: ManifestId,
    dice: Dice,
    time_ms: i64,
}

impl BookMaker {
    /// A book on a manifest, with its founder and `authors - 1` further members.
    ///
    /// # Errors
    /// Only a bug of ours.
    pub fn new(seed: u64, ast: &[u8], authors: u32) -> anyhow::Result<BookMaker> {
        let mut dice = Dice::new(seed);
        let root = SecretKey::from_seed(dice.bytes32());
        let relay = SecretKey::from_seed(dice.bytes32());
        let genesis_manifest = daybook_log::control::manifest_id(ast);
        let genesis = Genesis {
            format: 1,
            nonce: dice.bytes32(),
            root_keys: vec![root.public()],
            threshold: 1,
            relay_key: relay.public(),
            manifest: genesis_manifest,
        };
        let log = BookLog::found(&genesis).map_err(|bad| anyhow!("{bad}"))?;
        let book = log.book();
        let mut maker = BookMaker {
            genesis: genesis.encode(),
            asts: vec![ast.to_vec()],
            log,
            tips: Tips::new(book),
            authors: Vec::new(),
            items: Vec::new(),
            current: genesis_manifest,
            dice,
            time_ms: 1_700_000_000_000,
        };
        let (mut founding, key) = maker.keys(&book, MemberRole::Manager, "DEV-0");
        founding.approve(&book, 0, &root);
        let draft = Draft::first(book, founding.author(&book));
        maker.authors.push(Author { key, draft });
        maker.write(0, |draft| draft.key_add(&founding))?;
        let adoption = Adoption::of(ast).map_err(|bad| anyhow!("{bad}"))?;
        maker.write(0, |draft| draft.adopt(&adoption))?;
        for n in 1..authors {
            let (key_add, key) = maker.keys(&book, MemberRole::Member, &format!("DEV-{n}"));
            let draft = Draft::first(book, key_add.author(&book));
            maker.write(0, |by| by.key_add(&key_add))?;
            maker.authors.push(Author { key, draft });
        }
        Ok(maker)
    }

    fn keys(&mut self, book: &BookId, role: MemberRole, label: &str) -> (KeyAdd, SecretKey) {
        let author = SecretKey::from_seed(self.dice.bytes32());
        let request = SecretKey::from_seed(self.dice.bytes32());
        let sealing = SealingKey::from_seed(self.dice.bytes32());
        (
            KeyAdd::prove(book, &author, &request, sealing.public(), (role, label)),
            author,
        )
    }

    fn write(
        &mut self,
        author: usize,
        make: impl FnOnce(&Draft) -> Result<daybook_log::Unsigned, daybook_log::Unreadable>,
    ) -> anyhow::Result<()> {
        let by = self.authors.get_mut(author).context("no such author")?;
        by.draft.seen = self.log.seen();
        let entry = make(&by.draft)
            .map_err(|bad| anyhow!("{bad}"))?
            .sign(&by.key);
        by.draft.prev = entry.id();
        by.draft.seq.0 += 1;
        self.place(entry)
    }

    fn place(&mut self, entry: Entry) -> anyhow::Result<()> {
        self.time_ms += 1_000;
        let record = self.log.next_record(&entry, self.time_ms);
        let bytes = entry.bytes().to_vec();
        let tips = &self.tips;
        self.log
            .place(&record, entry.trust_stored(), &|position| tips.at(position))
            .map_err(|bad| anyhow!("{bad}"))?;
        self.tips.push(record.tip());
        self.items.push(wire::Item {
            record: record.encode().to_vec(),
            entry: bytes,
        });
        Ok(())
    }

    /// One entry of ops, by the author of this number, placed next.
    ///
    /// # Errors
    /// Too many ops, or too long.
    pub fn ops(&mut self, author: usize, ops: Vec<Op>) -> anyhow::Result<()> {
        let body = OpsBody {
            manifest: self.current,
            authored_at_ms: self.time_ms,
            ops,
        };
        self.write(author, |draft| draft.ops(&body))
    }

    /// Adopts a manifest, by the founder; later ops are written under it.
    ///
    /// # Errors
    /// It is too long.
    pub fn adopt(&mut self, ast: &[u8]) -> anyhow::Result<()> {
        let adoption = Adoption::of(ast).map_err(|bad| anyhow!("{bad}"))?;
        self.asts.push(ast.to_vec());
        self.current = adoption.manifest;
        self.write(0, |draft| draft.adopt(&adoption))
    }

    /// The book's chance, for workloads.
    pub fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }

    /// The book as a device would hold it.
    #[must_use]
    pub fn done(self) -> MadeBook {
        MadeBook {
            genesis: self.genesis,
            asts: self.asts,
            items: self.items,
        }
    }
}

/// A whole book, as a device holds it.
#[derive(Clone, Debug)]
pub struct MadeBook {
    /// What it started from.
    pub genesis: Vec<u8>,
    /// Its manifests.
    pub asts: Vec<Vec<u8>>,
    /// Its order.
    pub items: Vec<wire::Item>,
}

impl MadeBook {
    /// As one file.
    #[must_use]
    pub fn bundle(&self) -> Bundle<'_> {
        Bundle {
            genesis: &self.genesis,
            asts: self.asts.iter().map(Vec::as_slice).collect(),
            items: self
                .items
                .iter()
                .map(|item| (item.record.as_slice(), item.entry.as_slice()))
                .collect(),
        }
    }

    /// The bytes of that file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.bundle().encode()
    }

    /// The books that it folds to.
    ///
    /// # Errors
    /// Its log is invalid, or the fold halts.
    pub fn fold(&self) -> anyhow::Result<daybook_fold::Book> {
        let mut live = crate::live::Live::open(self)?;
        live.book.set_tracking(false);
        for item in &self.items {
            live.fold(&item.record, &item.entry)?;
        }
        Ok(live.book)
    }

    /// The number of ops.
    ///
    /// # Errors
    /// An entry does not decode.
    pub fn op_count(&self) -> anyhow::Result<usize> {
        let count = |item: &wire::Item| {
            let entry = Entry::decode(&item.entry).map_err(|bad| anyhow!("{bad}"))?;
            Ok(if let Body::Ops(body) = entry.body() {
                body.ops.len()
            } else {
                0
            })
        };
        self.items.iter().map(count).sum()
    }
}
