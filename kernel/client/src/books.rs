//! What the placed entries mean: the confirmed book, and the own pending ops laid on top.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use daybook_fold::{Book, Halt, Overlay, Pending, View};
use daybook_log::control::manifest_id;
use daybook_log::{Adoption, AuthorId, Body, ManifestId, MemberRole, OrderedEntry};
use daybook_manifest::BadManifest;

use crate::keyring::Keyring;
use crate::outbox::Outbox;
use crate::reply::HaltReason;

/// Most placed entries that wait for a manifest's bytes.
const UNFOLDED_MAX: usize = 10_000;

/// Confirmed and provisional state.
#[derive(Debug)]
pub(crate) struct Books {
    pub(crate) book: Book,
    pub(crate) overlay: Overlay,
    /// The overlay was made for another position of the book.
    pub(crate) stale: bool,
    pub(crate) halted: Option<HaltReason>,
    genesis_manifest: ManifestId,
    unfolded: VecDeque<OrderedEntry>,
    asts: BTreeMap<ManifestId, Vec<u8>>,
    /// Chunk lists of adoptions that are placed.
    lists: BTreeMap<ManifestId, Adoption>,
}

impl Books {
    pub(crate) fn new(book: Book, genesis_manifest: ManifestId) -> Self {
        let overlay = book.provisional();
        Self {
            book,
            overlay,
            stale: false,
            halted: None,
            genesis_manifest,
            unfolded: VecDeque::new(),
            asts: BTreeMap::new(),
            lists: BTreeMap::new(),
        }
    }

    /// Makes a manifest's bytes available. Bytes that are no manifest are kept, too: the fold refuses their adoption.
    pub(crate) fn provide(&mut self, ast: Vec<u8>) -> Result<ManifestId, BadManifest> {
        let id = manifest_id(&ast);
        let provided = self.book.provide(&ast);
        self.asts.insert(id, ast);
        match &provided {
            Err(BadManifest::Level(level)) => self.halted = Some(HaltReason::UnknownLevel(*level)),
            _ if self.halted == Some(HaltReason::MissingManifest(id)) => self.halted = None,
            _ => {}
        }
        provided
    }

    pub(crate) fn asts(&self) -> &BTreeMap<ManifestId, Vec<u8>> {
        &self.asts
    }

    /// Whether the chunk list of the genesis manifest is in the log, so that a device that joins can find its bytes.
    pub(crate) fn lists_genesis(&self) -> bool {
        self.lists.contains_key(&self.genesis_manifest)
    }

    /// A manifest whose bytes are wanted and whose chunks are known.
    pub(crate) fn missing(&self) -> Option<&Adoption> {
        self.lists
            .values()
            .find(|adoption| !self.asts.contains_key(&adoption.manifest))
    }

    /// Whether the bytes of the genesis manifest are not here and nobody has said where they are.
    pub(crate) fn genesis_lost(&self) -> bool {
        !self.asts.contains_key(&self.genesis_manifest) && !self.lists_genesis()
    }

    /// The genesis manifest.
    pub(crate) fn genesis_manifest(&self) -> ManifestId {
        self.genesis_manifest
    }

    /// Whether only an update helps. Missing bytes can come; meanwhile entries are placed and wait.
    pub(crate) fn stopped(&self) -> bool {
        matches!(self.halted, Some(HaltReason::UnknownLevel(_)))
    }

    /// Too many entries wait.
    pub(crate) fn full(&self) -> bool {
        self.unfolded.len() >= UNFOLDED_MAX
    }

    /// Takes a placed entry; [`Books::drain`] folds it.
    pub(crate) fn push(&mut self, ordered: OrderedEntry) {
        // what was unknown at this place was spoilt on the way, or an update knows it
        self.halted
            .take_if(|halted| matches!(halted, HaltReason::Unsupported { .. }));
        if let Body::Manifest(adoption) = ordered.entry.body() {
            self.lists
                .entry(adoption.manifest)
                .or_insert_with(|| adoption.clone());
        }
        self.stale = true;
        self.unfolded.push_back(ordered);
    }

    /// Notes a placed entry that is folded already.
    pub(crate) fn note(&mut self, ordered: &OrderedEntry) {
        if let Body::Manifest(adoption) = ordered.entry.body() {
            self.lists
                .entry(adoption.manifest)
                .or_insert_with(|| adoption.clone());
        }
    }

    /// A content key came: what waits for it is opened.
    pub(crate) fn open(&mut self, keyring: &Keyring) {
        self.halted
            .take_if(|halted| matches!(halted, HaltReason::MissingContentKey(_)));
        self.unfolded
            .iter_mut()
            .for_each(|ordered| keyring.open(ordered));
        self.stale = true;
    }

    /// Folds what waits, as far as it goes.
    pub(crate) fn drain(&mut self) {
        while let Some(next) = self.unfolded.front() {
            match self.book.fold(next) {
                Ok(_) => {
                    self.unfolded.pop_front();
                }
                Err(halt) => {
                    self.halted = Some(reason(halt, next.position.0));
                    return;
                }
            }
        }
    }

    /// Throws the overlay away and folds all own pending ops again. There is no merging.
    pub(crate) fn refresh(&mut self, outbox: &Outbox, author: AuthorId, role: MemberRole) {
        self.overlay = self.book.provisional();
        self.stale = false;
        let waiting = self.unfolded.iter().map(|ordered| ordered.entry.entry());
        let own = waiting.filter(|entry| entry.header().author == author);
        for entry in own.chain(outbox.items().map(|item| &item.entry)) {
            let pending = Pending {
                entry: entry.id(),
                author,
                role,
                body: entry.body(),
            };
            // without the manifest's bytes the op shows nothing yet; it stays in the outbox all the same
            if self.overlay.fold(&self.book, &pending).is_err() {
                self.overlay.close(entry.id());
            }
        }
    }

    /// What screens read: with the own pending ops, unless a catch-up is half done.
    pub(crate) fn view(&self) -> View<'_> {
        if self.stale {
            self.book.view()
        } else {
            self.book.view_with(&self.overlay)
        }
    }
}

/// Why the fold stands still. Two of the fold's halts would be faults of this client: it feeds entries in order.
pub(crate) fn reason(halt: Halt, position: u64) -> HaltReason {
    match halt {
        Halt::MissingManifest(id) => HaltReason::MissingManifest(id),
        Halt::MissingContentKey(epoch) => HaltReason::MissingContentKey(epoch),
        Halt::Level { level, .. } => HaltReason::UnknownLevel(level),
        other => HaltReason::Unsupported {
            position,
            why: alloc::format!("{other}"),
        },
    }
}
