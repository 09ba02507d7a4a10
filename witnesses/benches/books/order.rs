//! What the relay does for one entry beside the signature that it must check, and for the signature that it makes.

use anyhow::{anyhow, ensure};
use daybook_log::checkpoint::{Checkpoint, Origin, SignedCheckpoint};
use daybook_log::tree::{Frontier, TreeHash};
use daybook_log::{
    AdmittedKey, BookLog, Entry, Genesis, OrderRecord, SecretKey, Signature, Tag, Tips,
};
use daybook_witnesses::bench::{Table, measure};
use daybook_witnesses::workload::MadeBook;

const ENTRIES: usize = 10_000;
const BATCH: usize = 1_000;

pub(crate) fn measures(table: &mut Table, book: &MadeBook) -> anyhow::Result<()> {
    let mut signed = Vec::with_capacity(ENTRIES);
    admit(book, |key, entry| {
        signed.push((key.clone(), entry.id().0, *entry.signature()));
    })?;
    ensure!(signed.len() == ENTRIES, "{} entries", signed.len());
    let units = (ENTRIES as f64, "entries");
    table.add(measure(
        "relay: signatures alone",
        "strict verification of each entry's signature, everything else done before",
        units,
        || bare(&signed),
    )?);
    table.add(measure(
        "relay: admission",
        "decode, hash, every rule under the lock, signature, order record, tree",
        units,
        || admit(book, |_, _| {}),
    )?);
    table.ratio(
        "signatures alone / admission",
        "relay: admission",
        "relay: signatures alone",
    );
    table.add(measure(
        "relay: checkpoints",
        "1,000 records under the tree, its root, one signature",
        ((ENTRIES / BATCH) as f64, "checkpoints"),
        || checkpoints(book),
    )?);
    Ok(())
}

fn bare(signed: &[(AdmittedKey, [u8; 32], Signature)]) -> anyhow::Result<()> {
    for (key, digest, signature) in signed {
        key.verify(Tag::Entry, digest, signature)
            .map_err(|bad| anyhow!("{bad}"))?;
    }
    Ok(())
}

fn admit(book: &MadeBook, mut each: impl FnMut(&AdmittedKey, &Entry)) -> anyhow::Result<()> {
    let genesis = Genesis::decode(&book.genesis).map_err(|bad| anyhow!("{bad}"))?;
    let mut log = BookLog::found(&genesis).map_err(|bad| anyhow!("{bad}"))?;
    let (mut tips, mut tree) = (Tips::new(log.book()), Frontier::new());
    for item in book.items.iter().take(ENTRIES) {
        let entry = Entry::decode(&item.entry).map_err(|bad| anyhow!("{bad}"))?;
        let key = log
            .check(&entry, &|at| tips.at(at))
            .map_err(|bad| anyhow!("{bad}"))?;
        each(&key, &entry);
        let verified = entry.verify(&key).map_err(|bad| anyhow!("{bad}"))?;
        let record = OrderRecord::decode(&item.record).map_err(|bad| anyhow!("{bad}"))?;
        log.place(&record, verified, &|at| tips.at(at))
            .map_err(|bad| anyhow!("{bad}"))?;
        tips.push(record.tip());
        tree.append(TreeHash::leaf(&record.encode()));
    }
    Ok(())
}

fn checkpoints(book: &MadeBook) -> anyhow::Result<()> {
    let genesis = Genesis::decode(&book.genesis).map_err(|bad| anyhow!("{bad}"))?;
    let secret = SecretKey::from_seed([9; 32]);
    let mut tree = Frontier::new();
    for batch in book.items[..ENTRIES].chunks(BATCH) {
        let mut epoch = None;
        for item in batch {
            let record = OrderRecord::decode(&item.record).map_err(|bad| anyhow!("{bad}"))?;
            epoch = Some(record.epoch);
            tree.append(TreeHash::leaf(&item.record));
        }
        let origin = Origin {
            book: genesis.book_id(),
            epoch: epoch.unwrap_or_default(),
        };
        SignedCheckpoint::sign(Checkpoint::of(origin, &tree), &secret)
            .map_err(|bad| anyhow!("{bad}"))?;
    }
    Ok(())
}
