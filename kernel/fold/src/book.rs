//! The state of a book: rows, and the one way to change them.

use crate::{
    adopt,
    exec::{self, Frame},
    fault::{Halt, RestoreFault},
    key,
    outcome::{self, Outcome, Refusal},
    rows::{Layers, Rows},
    scratch::Scratch,
    small::Small,
};
use alloc::{collections::BTreeMap, vec, vec::Vec};
use daybook_log::{
    Adoption, Body, BookId, Entry, ManifestId, MemberRole, OpsBody, OrderedEntry, Position,
    Readmit, Tip, control::manifest_id,
};
use daybook_manifest::{BadManifest, Checked};

/// A row that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowChange {
    /// Table and the key below it.
    pub key: Vec<u8>,
    /// Its bytes; none when the row is gone.
    pub value: Option<Vec<u8>>,
}

/// Manifests that are here, and which of them are adopted.
#[derive(Debug)]
struct Manifests {
    here: BTreeMap<ManifestId, Checked>,
    /// Bytes that are no manifest for this build: for ever, or until a release that knows their level.
    useless: BTreeMap<ManifestId, Option<u16>>,
    adopted: BTreeMap<ManifestId, Position>,
    current: ManifestId,
}

impl Manifests {
    fn get(&self, id: &ManifestId) -> Result<&Checked, Halt> {
        match (self.here.get(id), self.useless.get(id)) {
            (Some(manifest), _) => Ok(manifest),
            (None, Some(Some(level))) => Err(Halt::Level {
                manifest: *id,
                level: *level,
            }),
            _ => Err(Halt::MissingManifest(*id)),
        }
    }
}

/// One book, folded up to a position.
#[derive(Debug)]
pub struct Book {
    id: BookId,
    position: Position,
    tip: Tip,
    rows: Rows,
    manifests: Manifests,
    scratch: Scratch,
}

impl Book {
    /// A book before its first entry. The genesis manifest counts as adopted; its bytes are to be [provided](Self::provide).
    pub fn new(id: BookId, genesis_manifest: ManifestId) -> Self {
        let mut rows = Rows::default();
        put_adopted(&mut rows, &genesis_manifest, Position(0));
        Self::of(
            id,
            (Position(0), Tip(id.0)),
            rows,
            (
                genesis_manifest,
                BTreeMap::from([(genesis_manifest, Position(0))]),
            ),
        )
    }

    fn of(
        id: BookId,
        (position, tip): (Position, Tip),
        rows: Rows,
        (current, adopted): (ManifestId, BTreeMap<ManifestId, Position>),
    ) -> Self {
        let manifests = Manifests {
            here: BTreeMap::new(),
            useless: BTreeMap::new(),
            adopted,
            current,
        };
        Self {
            id,
            position,
            tip,
            rows,
            manifests,
            scratch: Scratch::default(),
        }
    }

    /// A book from its stored rows. Their manifests' bytes are to be [provided](Self::provide) again.
    ///
    /// # Errors
    /// Keys or values that no book writes. That the rows are the right ones only a fold from zero can tell.
    pub fn restore(
        id: BookId,
        genesis_manifest: ManifestId,
        (position, tip): (Position, Tip),
        stored: impl Iterator<Item = (Vec<u8>, Vec<u8>)>,
    ) -> Result<Self, RestoreFault> {
        let mut rows = Rows::default();
        for (key, value) in stored {
            let (table, local) = key::split(&key).ok_or(RestoreFault::BadKey)?;
            if !rows.restore(table, local, value.into()) {
                return Err(RestoreFault::BadKey);
            }
        }
        let mut adopted = BTreeMap::new();
        for (local, value) in rows.scan(key::ADOPTED, &[]) {
            let id = local
                .try_into()
                .map(ManifestId)
                .map_err(|_| RestoreFault::BadKey)?;
            let at = value
                .try_into()
                .map(u64::from_le_bytes)
                .map_err(|_| RestoreFault::BadValue)?;
            adopted.insert(id, Position(at));
        }
        if adopted.get(&genesis_manifest) != Some(&Position(0)) {
            return Err(RestoreFault::OtherGenesis);
        }
        let newest = adopted.iter().max_by_key(|(_, at)| **at).map(|(id, _)| *id);
        let current = newest.unwrap_or(genesis_manifest);
        Ok(Self::of(id, (position, tip), rows, (current, adopted)))
    }

    /// Makes a manifest's syntax tree available. Nothing is adopted by that.
    ///
    /// # Errors
    /// Bytes that are no manifest of a level that this build knows. They are remembered as such.
    pub fn provide(&mut self, ast: &[u8]) -> Result<ManifestId, BadManifest> {
        let id = manifest_id(ast);
        match daybook_manifest::decode(ast) {
            Ok(checked) => {
                self.manifests.here.insert(id, checked);
                Ok(id)
            }
            Err(bad) => {
                let level = if let BadManifest::Level(level) = &bad {
                    Some(*level)
                } else {
                    None
                };
                self.manifests.useless.insert(id, level);
                Err(bad)
            }
        }
    }

    /// Applies the next entry: one outcome per op, and for an adoption; none for other control entries.
    ///
    /// # Errors
    /// [`Halt`]; the book is then as it was.
    pub fn fold(&mut self, ordered: &OrderedEntry) -> Result<Vec<Outcome>, Halt> {
        let expected = Position(self.position.0.saturating_add(1));
        if ordered.position != expected {
            return Err(Halt::OutOfOrder {
                expected,
                got: ordered.position,
            });
        }
        if ordered.record.prev_tip != self.tip {
            return Err(Halt::OtherTip {
                ours: self.tip,
                got: ordered.record.prev_tip,
            });
        }
        let outcomes = match ordered.entry.body() {
            Body::Ops(ops) if ordered.already => self.already(ordered.position, ops),
            Body::Ops(ops) => {
                let author = &ordered.entry.header().author.0;
                self.fold_ops((ordered.position, author, ordered.role), ops)?
            }
            Body::Manifest(adoption) => vec![self.fold_adoption(ordered, adoption)?],
            Body::Readmit(carried) => self.fold_readmit(ordered, carried)?,
            Body::Sealed(_) => return Err(missing_key(&ordered.entry)),
            Body::Refused(_) => vec![self.refuse_entry(ordered)],
            _ => Vec::new(),
        };
        self.position = ordered.position;
        self.tip = ordered.tip;
        Ok(outcomes)
    }

    /// What is carried counts as its own author's, at the readmission's position.
    fn fold_readmit(
        &mut self,
        ordered: &OrderedEntry,
        carried: &Readmit,
    ) -> Result<Vec<Outcome>, Halt> {
        match (carried.original().body(), &ordered.readmitted) {
            (Body::Ops(ops), Some(original)) => {
                let author = &original.entry.header().author.0;
                self.fold_ops((ordered.position, author, original.role), ops)
            }
            (Body::Ops(ops), None) => Ok(self.already(ordered.position, ops)),
            (Body::Sealed(_), _) => Err(missing_key(carried.original())),
            (Body::Refused(_), _) => Ok(vec![self.refuse_entry(ordered)]),
            _ => Ok(Vec::new()),
        }
    }

    /// Ops that have a place or a readmission elsewhere: one effect per entry, for ever.
    fn already(&mut self, position: Position, body: &OpsBody) -> Vec<Outcome> {
        let outcome = Outcome::Refused(Refusal::ALREADY);
        body.ops
            .iter()
            .zip(0_u16..)
            .map(|(_, index)| {
                note(&outcome, (position.0, index), &mut self.rows);
                outcome.clone()
            })
            .collect()
    }

    /// A body that was opened with the book's own key and holds no ops: everybody with the key finds that, nobody stops.
    fn refuse_entry(&mut self, ordered: &OrderedEntry) -> Outcome {
        let outcome = Outcome::Refused(Refusal::UNREADABLE);
        note(&outcome, (ordered.position.0, 0), &mut self.rows);
        outcome
    }

    fn fold_ops(
        &mut self,
        (position, author, role): (Position, &[u8; 32], MemberRole),
        body: &OpsBody,
    ) -> Result<Vec<Outcome>, Halt> {
        let Self {
            rows,
            manifests,
            scratch,
            ..
        } = self;
        let under = Under::find(manifests, &body.manifest)?;
        let mut outcomes = Vec::with_capacity(body.ops.len());
        for (op, index) in body.ops.iter().zip(0_u16..) {
            let at = (position.0, index);
            let outcome = match under {
                Under::Unknown => Outcome::Refused(Refusal::UNKNOWN_MANIFEST),
                Under::Known { manifest, schema } => {
                    let layers = Layers {
                        below: rows,
                        above: None,
                    };
                    let frame = Frame {
                        layers,
                        manifest,
                        schema,
                        author,
                        role,
                    };
                    let run = exec::run(scratch, frame, op);
                    finish(scratch, run, at, rows, None)
                }
            };
            note(&outcome, at, rows);
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    fn fold_adoption(
        &mut self,
        ordered: &OrderedEntry,
        adoption: &Adoption,
    ) -> Result<Outcome, Halt> {
        let outcome = match self.adopt(ordered.role, ordered.position, adoption)? {
            None => Outcome::Applied { flags: Vec::new() },
            Some(refusal) => Outcome::Refused(refusal),
        };
        note(&outcome, (ordered.position.0, 0), &mut self.rows);
        Ok(outcome)
    }

    fn adopt(
        &mut self,
        role: MemberRole,
        at: Position,
        adoption: &Adoption,
    ) -> Result<Option<Refusal>, Halt> {
        let id = adoption.manifest;
        if role != MemberRole::Manager {
            return Ok(Some(Refusal::NOT_PERMITTED));
        }
        if self.manifests.adopted.contains_key(&id) {
            return Ok(None);
        }
        if self.manifests.useless.get(&id) == Some(&None) {
            return Ok(Some(Refusal::BAD_MANIFEST));
        }
        let new = self.manifests.get(&id)?;
        let old = self.manifests.get(&self.manifests.current)?;
        if !adopt::extends(old, new) {
            return Ok(Some(Refusal::NOT_ADDITIVE));
        }
        self.manifests.adopted.insert(id, at);
        self.manifests.current = id;
        put_adopted(&mut self.rows, &id, at);
        Ok(None)
    }

    /// Which book.
    pub fn id(&self) -> BookId {
        self.id
    }

    /// How many entries are folded.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The order's chain value after the last of them.
    pub fn tip(&self) -> Tip {
        self.tip
    }

    /// Language level of the current manifest; 0 is not frozen. The level that this build writes when its bytes are not here.
    pub fn level(&self) -> u16 {
        self.manifests
            .get(&self.manifests.current)
            .map_or(daybook_manifest::ast::LEVEL, |manifest| manifest.level)
    }

    /// A manifest that was provided.
    pub fn manifest(&self, id: &ManifestId) -> Option<&Checked> {
        self.manifests.here.get(id)
    }

    /// The manifest that was adopted last.
    pub fn current_manifest(&self) -> ManifestId {
        self.manifests.current
    }

    /// The adopted manifests and where they were adopted, by id.
    pub fn adopted(&self) -> impl Iterator<Item = (ManifestId, Position)> {
        self.manifests.adopted.iter().map(|(id, at)| (*id, *at))
    }

    /// How many rows there are.
    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// Every row, whole keys, in key order: what is stored and what the state hash covers.
    pub fn rows(&self) -> impl Iterator<Item = (Vec<u8>, &[u8])> {
        self.rows
            .all()
            .map(|(table, local, value)| (key::join(table, local), value))
    }

    /// One row by its whole key.
    pub fn row(&self, key: &[u8]) -> Option<&[u8]> {
        let (table, local) = key::split(key)?;
        self.rows.get(table, &Small::new(local))
    }

    /// The rows that changed since the last call, by key, each once with its newest value.
    pub fn take_changes(&mut self) -> Vec<RowChange> {
        self.rows
            .take_changes()
            .into_iter()
            .map(|(key, value)| RowChange { key, value })
            .collect()
    }

    /// Whether changes are remembered for [`Book::take_changes`]; they are at first. A replay that nobody stores saves memory without.
    pub fn set_tracking(&mut self, on: bool) {
        self.rows.set_tracking(on);
    }

    pub(crate) fn confirmed(&self) -> &Rows {
        &self.rows
    }

    pub(crate) fn schema(&self) -> Result<&Checked, Halt> {
        self.manifests.get(&self.manifests.current)
    }

    pub(crate) fn under(&self, manifest: &ManifestId) -> Result<Under<'_>, Halt> {
        Under::find(&self.manifests, manifest)
    }
}

/// What an op's manifest id means here.
#[derive(Clone, Copy)]
pub(crate) enum Under<'a> {
    /// It was not adopted.
    Unknown,
    Known {
        manifest: &'a Checked,
        schema: &'a Checked,
    },
}

impl<'a> Under<'a> {
    fn find(manifests: &'a Manifests, id: &ManifestId) -> Result<Self, Halt> {
        if !manifests.adopted.contains_key(id) {
            return Ok(Self::Unknown);
        }
        Ok(Self::Known {
            manifest: manifests.get(id)?,
            schema: manifests.get(&manifests.current)?,
        })
    }
}

/// Applies what an op decided, whole or not at all.
pub(crate) fn finish(
    scratch: &mut Scratch,
    run: Result<crate::scratch::Writes, Refusal>,
    at: (u64, u16),
    top: &mut Rows,
    below: Option<&Rows>,
) -> Outcome {
    match run {
        Ok(writes) => {
            scratch.apply(writes, at, top, below);
            Outcome::Applied {
                flags: core::mem::take(&mut scratch.flags),
            }
        }
        Err(refusal) => Outcome::Refused(refusal),
    }
}

fn missing_key(entry: &Entry) -> Halt {
    Halt::MissingContentKey(entry.header().content_epoch)
}

/// Every refusal and every flag is a row.
pub(crate) fn note(outcome: &Outcome, (position, op): (u64, u16), rows: &mut Rows) {
    if matches!(outcome, Outcome::Applied { flags } if flags.is_empty()) {
        return;
    }
    rows.put(
        key::OUTCOME,
        key::outcome(position, op),
        outcome::encode(outcome).into(),
    );
}

fn put_adopted(rows: &mut Rows, id: &ManifestId, at: Position) {
    rows.put(
        key::ADOPTED,
        Small::new(&id.0),
        Small::new(&at.0.to_le_bytes()),
    );
}
