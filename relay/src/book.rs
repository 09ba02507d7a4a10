//! One book in memory: its log for the writer, and what everybody else may see of it.

use crate::storage::{bytes32, unsigned};
use crate::{Fault, proofs};
use daybook_log::tree::{Frontier, TreeHash};
use daybook_log::wire::TipInfo;
use daybook_log::{
    AuthorId, BookId, BookLog, Entry, Genesis, Member, OrderRecord, Position, PublicKey, Tip,
};
use rusqlite::{Connection, OptionalExtension};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::sync::{Semaphore, watch};

/// What is committed, as requests see it.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) tip: TipInfo,
    /// By request key.
    pub(crate) members: Arc<BTreeMap<PublicKey, Member>>,
}

impl View {
    fn of(log: &BookLog) -> View {
        View {
            tip: tip_info(log),
            members: members_of(log),
        }
    }
}

fn members_of(log: &BookLog) -> Arc<BTreeMap<PublicKey, Member>> {
    Arc::new(
        log.members()
            .map(|member| (member.request_key.public(), member.clone()))
            .collect(),
    )
}

pub(crate) fn tip_info(log: &BookLog) -> TipInfo {
    TipInfo {
        epoch: log.epoch(),
        position: log.position(),
        tip: log.tip(),
    }
}

/// The writer's side: the log with uncommitted entries on it, and authors' numbers in the database.
#[derive(Debug)]
pub(crate) struct Ordered {
    pub(crate) log: BookLog,
    /// Over its records.
    pub(crate) tree: Frontier,
    pub(crate) authors: BTreeMap<AuthorId, i64>,
    /// Keys came, changed or ended since the view was last shown.
    pub(crate) registry_changed: bool,
}

/// A book that is in use. **Invariant:** only the writer locks `ordered`; the view is shown after a commit alone.
#[derive(Debug)]
pub(crate) struct BookCell {
    pub(crate) number: i64,
    pub(crate) id: BookId,
    pub(crate) genesis: Arc<[u8]>,
    pub(crate) ordered: Mutex<Ordered>,
    view: watch::Sender<View>,
    pub(crate) tails: Arc<Semaphore>,
}

impl BookCell {
    /// Reads a book from the database; `None` if there is no such book.
    pub(crate) fn load(connection: &Connection, id: &BookId) -> Result<Option<BookCell>, Fault> {
        let row = connection
            .prepare_cached("SELECT number, genesis FROM book WHERE id=?")?
            .query_row([&id.0], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
            })
            .optional()?;
        let Some((number, genesis)) = row else {
            return Ok(None);
        };
        let (log, tree) = rebuild(connection, number, id, &genesis)?;
        let (view, _) = watch::channel(View::of(&log));
        Ok(Some(BookCell {
            number,
            id: *id,
            genesis: genesis.into(),
            ordered: Mutex::new(Ordered {
                log,
                tree,
                authors: BTreeMap::new(),
                registry_changed: false,
            }),
            view,
            tails: Arc::new(Semaphore::new(crate::limits::TAILS_MAX as usize)),
        }))
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<View> {
        self.view.subscribe()
    }

    pub(crate) fn view(&self) -> View {
        self.view.borrow().clone()
    }

    /// Shows what is committed now.
    pub(crate) fn show(&self, ordered: &mut Ordered) {
        let members =
            std::mem::take(&mut ordered.registry_changed).then(|| members_of(&ordered.log));
        let tip = tip_info(&ordered.log);
        self.view.send_if_modified(|view| {
            let changed = view.tip != tip;
            view.tip = tip;
            if let Some(members) = members {
                view.members = members;
            }
            changed
        });
    }
}

/// A book's log and tree from its stored entries: each is decoded and hashed again and placed on the one before it; signatures
/// were verified before they were stored and are left to `verify`. Linear in the book: 5 to 8 us an entry on a busy machine.
pub(crate) fn rebuild(
    connection: &Connection,
    number: i64,
    id: &BookId,
    genesis: &[u8],
) -> Result<(BookLog, Frontier), Fault> {
    let genesis = Genesis::decode(genesis)
        .map_err(|why| Fault::damaged(format!("genesis of book {id}: {why}")))?;
    let mut log = BookLog::found(&genesis).map_err(Fault::damaged)?;
    if log.book() != *id {
        return Err(Fault::damaged(format!(
            "genesis of book {id} gives another book"
        )));
    }
    let mut statement = connection
        .prepare_cached("SELECT record, bytes FROM entry WHERE book=? ORDER BY position")?;
    let mut rows = statement.query([number])?;
    let mut tips = daybook_log::Tips::new(*id);
    let mut tree = Frontier::new();
    while let Some(row) = rows.next()? {
        let at = Position(log.position().0 + 1);
        let damaged =
            |why: &dyn std::fmt::Display| Fault::damaged(format!("book {id} position {at}: {why}"));
        let record = row.get_ref(0)?.as_blob().map_err(|why| damaged(&why))?;
        tree.append(TreeHash::leaf(record));
        let record = OrderRecord::decode(record).map_err(|why| damaged(&why))?;
        let entry = Entry::decode(row.get_ref(1)?.as_blob().map_err(|why| damaged(&why))?)
            .map_err(|why| damaged(&why))?;
        let placed = log
            .place(&record, entry.trust_stored(), &|at| tips.at(at))
            .map_err(|why| damaged(&why))?;
        tips.push(placed.tip);
    }
    check_head(connection, number, &log)?;
    proofs::check_frontier(connection, number, id, &tree)?;
    Ok((log, tree))
}

/// The book's row names the same head as its entries.
pub(crate) fn check_head(connection: &Connection, number: i64, log: &BookLog) -> Result<(), Fault> {
    let (position, tip) = stored_head(connection, number)?;
    if (position, tip) != (log.position(), log.tip()) {
        return Err(Fault::damaged(format!(
            "book {}: its row says position {position}, its entries {}",
            log.book(),
            log.position()
        )));
    }
    Ok(())
}

pub(crate) fn stored_head(connection: &Connection, number: i64) -> Result<(Position, Tip), Fault> {
    let mut statement =
        connection.prepare_cached("SELECT position, tip FROM book WHERE number=?")?;
    let (position, tip) = statement.query_row([number], |row| {
        Ok((row.get::<_, i64>(0)?, bytes32(row, 1)?))
    })?;
    Ok((Position(unsigned(position)?), Tip(tip)))
}

/// The tip at a stored position, and the fault if the database did not answer.
pub(crate) fn stored_tip(
    connection: &Connection,
    number: i64,
    at: Position,
    fault: &RefCell<Option<Fault>>,
) -> Option<Tip> {
    let read = || -> Result<Tip, Fault> {
        let mut statement =
            connection.prepare_cached("SELECT record FROM entry WHERE book=? AND position=?")?;
        let record: Vec<u8> = statement
            .query_row((number, i64::try_from(at.0).unwrap_or(i64::MAX)), |row| {
                row.get(0)
            })?;
        Ok(OrderRecord::decode(&record).map_err(Fault::damaged)?.tip())
    };
    read().map_err(|why| fault.replace(Some(why))).ok()
}
