//! What screens and terminals read from an open book. Nothing here knows a word of any manifest.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use daybook_fold::{Book, Posting, PostingFilter as FoldFilter, View};
use daybook_log::{EntryId, MemberRole, Tip};
use daybook_manifest::ast::Manifest;
use daybook_manifest::value::Value;

use crate::client::{Client, State};
use crate::desk::Desk;
use crate::effect::Durability;
use crate::limits::SCREEN_ROWS_MAX;
use crate::refold::{Refold, RefoldFault};
use crate::reply::{Phase, Status};
use crate::show::{Booked, document_view, fields, letters, posting_view, row_view};
use crate::view::{
    BalanceLine, DocumentView, Hashes, MemberView, PostingFilter, PostingView, RowView,
    TrialBalance,
};

impl Client {
    fn desk(&self) -> Option<&Desk> {
        match &self.state {
            State::Open(desk) => Some(desk),
            _ => None,
        }
    }

    /// How far this installation is, in one word.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match &self.state {
            State::Start | State::Resting | State::Opening(_) => Phase::Opening,
            State::Empty => Phase::Empty,
            State::Founding(_) => Phase::Creating,
            State::Joining(_) => Phase::Joining,
            State::Open(_) => Phase::Open,
            State::Damaged(_) => Phase::Damaged,
        }
    }

    /// What a status line shows.
    #[must_use]
    pub fn status(&self) -> Status {
        let mut status = Status::closed(self.phase(), self.io.online);
        match &self.state {
            State::Joining(joining) => {
                status.book = Some(joining.me.book);
                status.author = Some(joining.me.author);
                status.relay.clone_from(&joining.me.relay);
                status.label.clone_from(&joining.me.label);
            }
            State::Founding(founding) => {
                status.book = founding.book().map(|(_, book)| book);
                status.author = founding.book().map(|(me, _)| me.author);
                let (relay, label) = founding.relay();
                (status.relay, status.label) = (relay.into(), label.into());
            }
            State::Open(desk) => self.open_status(desk, &mut status),
            _ => {}
        }
        status
    }

    fn open_status(&self, desk: &Desk, status: &mut Status) {
        status.book = Some(desk.me.book);
        status.author = Some(desk.me.author);
        status.relay.clone_from(&desk.me.relay);
        status.label.clone_from(&desk.me.label);
        status.manager = desk.role() == Some(MemberRole::Manager);
        status.online = self.io.online && desk.sync.fault.is_none();
        status.syncing = self.io.asking(crate::desk::exchange);
        status.position = desk.books.book.position().0;
        status.tip = desk.books.book.tip();
        status.head = desk.sync.head.max(status.position);
        status.outbox = u32::try_from(desk.outbox.len()).unwrap_or(u32::MAX);
        status.level = desk.books.book.level();
        status.manifest = Some(desk.books.book.current_manifest());
        status.fault.clone_from(&desk.sync.fault);
        status.halted.clone_from(&desk.books.halted);
        status.held.clone_from(&desk.held);
    }

    /// The books: confirmed, with the own pending ops on top. None while no book is open.
    #[must_use]
    pub fn view(&self) -> Option<View<'_>> {
        self.desk().map(|desk| desk.books.view())
    }

    /// The confirmed books alone.
    #[must_use]
    pub fn book(&self) -> Option<&Book> {
        self.desk().map(|desk| &desk.books.book)
    }

    /// The two hashes of the confirmed books. Takes time in proportion to the books.
    #[must_use]
    pub fn hashes(&self) -> Option<Hashes> {
        let book = &self.desk()?.books.book;
        Some(Hashes {
            position: book.position().0,
            tip: book.tip(),
            state_hash: book.state_hash().0,
            books_hash: book.books_hash().0,
            frozen: book.level() > 0,
        })
    }

    /// How far an entry is from being lost; none when it is not on this device's disk.
    #[must_use]
    pub fn durability(&self, entry: &EntryId) -> Option<Durability> {
        self.desk()?.durability(entry)
    }

    /// Where an entry stands in the order, if it does.
    #[must_use]
    pub fn position_of(&self, entry: &EntryId) -> Option<u64> {
        self.desk()?.placed.place_of(entry)
    }

    /// The entry at a position.
    #[must_use]
    pub fn entry_at(&self, position: u64) -> Option<EntryId> {
        self.desk()?.placed.entry_at(position)
    }

    /// Own entries without a position, oldest first.
    #[must_use]
    pub fn pending(&self) -> Vec<EntryId> {
        let items = self.desk().into_iter().flat_map(|desk| desk.outbox.items());
        items.map(|item| item.entry.id()).collect()
    }

    /// Everybody in the registry.
    #[must_use]
    pub fn members(&self) -> Vec<MemberView> {
        let members = self
            .desk()
            .into_iter()
            .flat_map(|desk| desk.placed.log().members());
        let view = |member: &daybook_log::Member| MemberView {
            author: member.author,
            label: member.label.clone(),
            manager: member.role == MemberRole::Manager,
            from: member.from.0,
        };
        members.map(view).collect()
    }

    /// An empty second book of the same genesis, to be fed with stored entries: for reading the books as of a position,
    /// and for histories. `check_signatures` as for what comes from outside.
    ///
    /// # Errors
    /// None in an open book whose genesis was read before.
    pub fn refold(&self, check_signatures: bool) -> Option<Result<Refold, RefoldFault>> {
        let desk = self.desk()?;
        let refold = Refold::new(
            &desk.genesis,
            desk.books.asts().values().map(Vec::as_slice),
            check_signatures,
        );
        Some(refold.map(|refold| refold.with_keys(&desk.me.keys)))
    }

    /// Genesis bytes and all manifests' bytes: what a replay bundle begins with.
    #[must_use]
    pub fn origin(&self) -> Option<(Vec<u8>, Vec<Vec<u8>>)> {
        let desk = self.desk()?;
        Some((
            desk.genesis.clone(),
            desk.books.asts().values().cloned().collect(),
        ))
    }

    /// Rows of an entity by name, at most so many, by id.
    #[must_use]
    pub fn rows(&self, entity: &str, limit: usize) -> Vec<RowView> {
        let Some((view, manifest)) = self.reading() else {
            return Vec::new();
        };
        let Some(index) = view.entity(entity) else {
            return Vec::new();
        };
        let kind = manifest.entities.get(usize::from(index));
        let rows = view.rows(index).take(limit.min(SCREEN_ROWS_MAX));
        rows.filter_map(|row| kind.map(|kind| row_view(&view, manifest, kind, &row)))
            .collect()
    }

    /// One row of an entity by name.
    #[must_use]
    pub fn row(&self, entity: &str, id: [u8; 16]) -> Option<RowView> {
        let (view, manifest) = self.reading()?;
        let index = view.entity(entity)?;
        let kind = manifest.entities.get(usize::from(index))?;
        Some(row_view(&view, manifest, kind, &view.row(index, id)?))
    }

    fn reading(&self) -> Option<(View<'_>, &Manifest)> {
        let view = self.view()?;
        Some((view, view.manifest()?))
    }

    /// Rows that lines are booked on, newest first, at most so many.
    #[must_use]
    pub fn documents(&self, limit: usize) -> Vec<DocumentView> {
        let (Some((view, manifest)), Some(desk)) = (self.reading(), self.desk()) else {
            return Vec::new();
        };
        let mut documents: BTreeMap<[u8; 16], Booked> = BTreeMap::new();
        for posting in view.postings(FoldFilter::default()) {
            documents
                .entry(posting.doc)
                .or_insert_with(|| Booked::first(&posting))
                .add(&posting);
        }
        let mut newest: Vec<([u8; 16], Booked)> = documents.into_iter().collect();
        newest.sort_by_key(|(_, booked)| core::cmp::Reverse((booked.position, booked.op)));
        newest.truncate(limit.min(SCREEN_ROWS_MAX));
        newest
            .into_iter()
            .map(|(id, booked)| document_view(desk, (&view, manifest), id, &booked))
            .collect()
    }

    /// Booked lines, at most so many, by row, position, op and line.
    #[must_use]
    pub fn postings(&self, filter: &PostingFilter, limit: usize) -> Vec<PostingView> {
        let (Some((view, manifest)), Some(desk)) = (self.reading(), self.desk()) else {
            return Vec::new();
        };
        let role = filter.role.as_deref().map(|name| view.role(name));
        if role == Some(None) {
            return Vec::new();
        }
        let wanted = FoldFilter {
            doc: filter.doc,
            role: role.flatten(),
            ..FoldFilter::default()
        };
        let fits = |posting: &Posting| {
            filter
                .currency
                .as_ref()
                .is_none_or(|currency| posting.currency == currency.as_bytes())
                && posting.dims.starts_with(&filter.dims)
        };
        let found = view
            .postings(wanted)
            .filter(fits)
            .take(limit.min(SCREEN_ROWS_MAX));
        found
            .filter_map(|posting| posting_view(desk, (&view, manifest), &posting))
            .collect()
    }

    /// All booked lines summed.
    #[must_use]
    pub fn trial_balance(&self) -> Option<TrialBalance> {
        let (view, manifest) = self.reading()?;
        Some(trial_balance(&view, manifest))
    }
}

/// All booked lines of a view summed: also for a [`Refold`].
#[must_use]
pub fn trial_balance(view: &View<'_>, manifest: &Manifest) -> TrialBalance {
    let mut sums: BTreeMap<(u16, Vec<Value>, [u8; 3]), i128> = BTreeMap::new();
    for total in view.totals() {
        let detail = manifest
            .roles
            .get(usize::from(total.role))
            .is_some_and(|role| role.detail);
        let dims = if detail { total.dims } else { Vec::new() };
        let sum = sums.entry((total.role, dims, total.currency)).or_default();
        *sum = sum.saturating_add(total.sum);
    }
    let mut totals: BTreeMap<[u8; 3], (i128, i128)> = BTreeMap::new();
    let mut lines = Vec::new();
    for ((role, dims, currency), amount) in sums {
        let Some(role) = manifest
            .roles
            .get(usize::from(role))
            .filter(|_| amount != 0)
        else {
            continue;
        };
        let (debit, credit) = totals.entry(currency).or_default();
        *debit = debit.saturating_add(amount.max(0));
        *credit = credit.saturating_add(amount.min(0).saturating_neg());
        lines.push(BalanceLine {
            role: role.name.clone(),
            label: role.label.clone(),
            code: role.code.clone(),
            kind: role.kind,
            dims: fields(view, manifest, &role.dims, &dims),
            currency: letters(currency),
            amount,
        });
    }
    lines.sort_by(|a, b| a.code.cmp(&b.code));
    let totals = totals
        .into_iter()
        .map(|(currency, (debit, credit))| (letters(currency), debit, credit))
        .collect();
    TrialBalance { lines, totals }
}

impl Status {
    fn closed(phase: Phase, online: bool) -> Self {
        Self {
            phase,
            book: None,
            relay: String::new(),
            author: None,
            label: String::new(),
            manager: false,
            online,
            syncing: false,
            position: 0,
            tip: Tip::ZERO,
            head: 0,
            outbox: 0,
            level: 0,
            manifest: None,
            fault: None,
            halted: None,
            held: None,
        }
    }
}
