//! What must be true in every world.

use daybook_client::Durability;
use daybook_log::Position;

use super::World;

impl World {
    /// A1: what a badge says is true at every step.
    pub(crate) fn check_badges(&mut self, index: usize) {
        let device = &self.devices[index];
        let mut faults = Vec::new();
        let status = device.client.status();
        if let Some(kept) = &self.relay.kept
            && status.phase == daybook_client::Phase::Open
            && kept.tips.at(Position(status.position)) != Some(status.tip)
        {
            faults.push(format!(
                "device {index} is on an order of its own at {}",
                status.position
            ));
        }
        for id in device.client.pending().iter().chain(&device.told) {
            let holds = device.store.holds(id);
            match device.client.durability(id) {
                None if device.told.contains(id)
                    && device.client.phase() == daybook_client::Phase::Open =>
                {
                    faults.push(format!("{id:?} was safe and is not any more"));
                }
                None => {}
                Some(Durability::Local | Durability::Syncing) if !holds => {
                    faults.push(format!("{id:?} shows as local and is not on the disk"));
                }
                Some(Durability::Local | Durability::Syncing) => {}
                Some(Durability::Durable(n)) => {
                    let kept = self.relay.kept.as_ref().expect("the book exists");
                    let place = kept.places.get(id).map(|place| Position(*place as u64 + 1));
                    let ours = device.client.position_of(id).map(Position);
                    let stored = ours.and_then(|ours| device.store.entries.get(&ours.0));
                    if n == 0
                        || place.is_none()
                        || place != ours
                        || stored.is_none_or(|stored| stored.id != *id)
                    {
                        faults.push(format!(
                            "{id:?} shows as durable@{n}: relay {place:?}, here {ours:?}"
                        ));
                    }
                }
            }
        }
        self.faults.append(&mut faults);
    }

    /// Nothing lost, nothing doubled, the same everywhere. To be asked when it is calm.
    pub(crate) fn check_end(&mut self) -> Result<(), String> {
        if let Some(fault) = self.faults.first() {
            return Err(fault.clone());
        }
        let kept = self.relay.kept.as_ref().ok_or("no book")?;
        for device in &self.devices {
            if let Some(id) = device.told.iter().find(|id| !kept.places.contains_key(id)) {
                return Err(format!("lost: {id:?}"));
            }
            if !device.store.outbox.is_empty() || !device.client.pending().is_empty() {
                return Err("an outbox is not empty".into());
            }
        }
        let founding = kept.items.len();
        let known = kept
            .places
            .keys()
            .filter(|id| self.signed.contains(id))
            .count();
        if known != founding {
            return Err(format!(
                "{founding} entries are placed, {known} of them were signed here"
            ));
        }
        let hashes: Vec<_> = self
            .devices
            .iter()
            .map(|device| device.client.hashes())
            .collect();
        if hashes
            .iter()
            .any(|other| other.is_none() || *other != hashes[0])
        {
            return Err(format!("hashes differ: {hashes:?}"));
        }
        if hashes[0].map(|hashes| (hashes.position, hashes.tip))
            != Some((kept.head().position.0, kept.head().tip))
        {
            return Err("not at the relay's head".into());
        }
        let rows: Vec<_> = self
            .devices
            .iter()
            .map(|device| &device.store.rows)
            .collect();
        if rows.iter().any(|other| *other != rows[0]) {
            return Err("stored rows differ".into());
        }
        Ok(())
    }

    /// Jars that the books know.
    pub(crate) fn jars(&self, index: usize) -> usize {
        self.devices[index].client.rows("jar", usize::MAX).len()
    }
}
