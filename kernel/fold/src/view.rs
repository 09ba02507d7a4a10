//! Reading a book: rows, totals, postings, outcomes, and names for people. Generic: names come from the manifest.

use crate::{
    book::Book,
    key::{self, RowId},
    outcome::{self, Outcome},
    overlay::Overlay,
    posting::{self, Posting, Total},
    rows::Layers,
    scratch::decode_row,
    write::decode_counter,
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use daybook_log::{AuthorId, Position};
use daybook_manifest::{
    ast::{Entity, EntityId, Manifest, RoleId},
    value::Value,
};

/// A row of an entity.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its id and, for a child, its index.
    pub id: RowId,
    /// Who inserted it, where the entity is owned by devices.
    pub owner: Option<AuthorId>,
    /// Its fields in order.
    pub values: Vec<Value>,
}

/// Which postings. Everything that is set must agree.
#[derive(Clone, Debug, Default)]
pub struct PostingFilter {
    /// Of this row. Fast: the others look at every posting.
    pub doc: Option<[u8; 16]>,
    /// On this role.
    pub role: Option<RoleId>,
    /// With exactly these dimensions.
    pub dims: Option<Vec<Value>>,
    /// Of this month: year * 100 + month.
    pub period: Option<u32>,
}

/// A book as it reads now; rows above [`View::position`] are provisional.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    book: &'a Book,
    layers: Layers<'a>,
    manifest: Option<&'a Manifest>,
}

impl Book {
    /// Confirmed rows.
    pub fn view(&self) -> View<'_> {
        self.reading(None)
    }

    /// Confirmed rows with the provisional ones on top.
    pub fn view_with<'a>(&'a self, overlay: &'a Overlay) -> View<'a> {
        self.reading(Some(overlay))
    }

    fn reading<'a>(&'a self, overlay: Option<&'a Overlay>) -> View<'a> {
        let layers = Layers {
            below: self.confirmed(),
            above: overlay.map(Overlay::rows),
        };
        View {
            book: self,
            layers,
            manifest: self.schema().ok().map(|checked| &**checked),
        }
    }
}

impl<'a> View<'a> {
    /// The confirmed position.
    pub fn position(&self) -> Position {
        self.book.position()
    }

    /// The current manifest; none when its bytes are not here, and then there is nothing to read.
    pub fn manifest(&self) -> Option<&'a Manifest> {
        self.manifest
    }

    /// Index of the entity of this name.
    pub fn entity(&self, name: &str) -> Option<EntityId> {
        let at = self
            .manifest?
            .entities
            .iter()
            .position(|entity| entity.name == name)?;
        u16::try_from(at).ok()
    }

    /// Index of the role of this name.
    pub fn role(&self, name: &str) -> Option<RoleId> {
        let at = self
            .manifest?
            .roles
            .iter()
            .position(|role| role.name == name)?;
        u16::try_from(at).ok()
    }

    /// Index of the series of this name.
    pub fn series(&self, name: &str) -> Option<u16> {
        let at = self
            .manifest?
            .series
            .iter()
            .position(|series| series == name)?;
        u16::try_from(at).ok()
    }

    fn kind(&self, entity: EntityId) -> Option<(&'a Manifest, &'a Entity)> {
        let manifest = self.manifest?;
        Some((manifest, manifest.entities.get(usize::from(entity))?))
    }

    fn decode(&self, entity: EntityId, local: &[u8], bytes: &[u8]) -> Option<Row> {
        let (manifest, kind) = self.kind(entity)?;
        let (owner, values) = decode_row(manifest, kind, bytes)?;
        Some(Row {
            id: RowId::parse(entity, local)?,
            owner: owner.map(AuthorId),
            values,
        })
    }

    /// A row that is no child.
    pub fn row(&self, entity: EntityId, id: [u8; 16]) -> Option<Row> {
        let local = RowId {
            entity,
            id,
            index: None,
        }
        .local();
        self.decode(entity, local.as_slice(), self.layers.get(entity, &local)?)
    }

    /// All rows of an entity, by id (children by parent and index).
    pub fn rows(&self, entity: EntityId) -> impl Iterator<Item = Row> + use<'a> {
        let view = *self;
        view.layers
            .scan(entity, &[])
            .filter_map(move |(local, bytes)| view.decode(entity, local, bytes))
    }

    /// The children of a row, by index.
    pub fn children(
        &self,
        entity: EntityId,
        parent: [u8; 16],
    ) -> impl Iterator<Item = Row> + use<'a> {
        let view = *self;
        (0_u16..).map_while(move |index| {
            let local = RowId {
                entity,
                id: parent,
                index: Some(index),
            }
            .local();
            view.decode(entity, local.as_slice(), view.layers.get(entity, &local)?)
        })
    }

    /// How many rows an entity has.
    pub fn count(&self, entity: EntityId) -> usize {
        self.layers.scan_count(entity, &[])
    }

    /// All totals, zeros included, by period, role, currency and dimensions.
    pub fn totals(&self) -> impl Iterator<Item = Total> + use<'a> {
        let view = *self;
        view.layers
            .scan(key::TOTAL, &[])
            .filter_map(move |(local, value)| posting::decode_total(view.manifest?, local, value))
    }

    /// The sum on a role over all periods, in one currency; with dimensions, of exactly these.
    pub fn balance(&self, role: RoleId, dims: Option<&[Value]>, currency: &str) -> i128 {
        self.totals()
            .filter(|total| total.role == role && total.currency.as_slice() == currency.as_bytes())
            .filter(|total| dims.is_none_or(|dims| total.dims == dims))
            .fold(0, |sum, total| sum.saturating_add(total.sum))
    }

    /// Postings by row, position, op and line.
    pub fn postings(&self, filter: PostingFilter) -> impl Iterator<Item = Posting> + use<'a> {
        let view = *self;
        let (one, all) = match filter.doc {
            Some(doc) => (Some(view.postings_of(doc)), None),
            None => (None, Some(view.layers.scan(key::POSTING, &[]))),
        };
        let one = one.into_iter().flatten();
        let all = all.into_iter().flatten().filter_map(move |(local, value)| {
            // the role stands at a fixed place: most postings need not be decoded to be left out
            let role = value
                .get(12..14)
                .and_then(|le| le.try_into().ok())
                .map(u16::from_le_bytes);
            if filter.role.is_some() && filter.role != role {
                return None;
            }
            posting::decode(view.manifest?, local, value)
        });
        one.chain(all).filter(move |posting| {
            filter.role.is_none_or(|role| posting.role == role)
                && filter
                    .dims
                    .as_ref()
                    .is_none_or(|dims| posting.dims == *dims)
                && filter.period.is_none_or(|period| {
                    crate::calendar::period(i64::from(posting.date)) == Some(period)
                })
        })
    }

    fn postings_of(self, doc: [u8; 16]) -> alloc::vec::IntoIter<Posting> {
        // the prefix lives here only, so the postings of one row are gathered: they are few
        let lines = self.layers.scan_owned(key::POSTING, &doc);
        let decode = |(local, value): (&[u8], &[u8])| posting::decode(self.manifest?, local, value);
        lines
            .into_iter()
            .filter_map(decode)
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// What became of an op. Only refusals and flags are kept: an op without a row was applied without a flag, if there is such an op.
    pub fn outcome(&self, position: Position, op: u16) -> Option<Outcome> {
        let local = key::outcome(position.0, op);
        self.layers
            .get(key::OUTCOME, &local)
            .and_then(outcome::decode)
    }

    /// Every refusal and every applied op with flags: (position, op, outcome).
    pub fn outcomes(&self) -> impl Iterator<Item = (Position, u16, Outcome)> + use<'a> {
        self.layers
            .scan(key::OUTCOME, &[])
            .filter_map(|(local, value)| {
                let (position, op) = key::parse_outcome(local)?;
                Some((Position(position), op, outcome::decode(value)?))
            })
    }

    /// The number that an author's next document of a series and year has.
    pub fn next_number(&self, series: u16, author: &AuthorId, year: u16) -> i64 {
        let local = key::counter(series, &author.0, year);
        let last = self
            .layers
            .get(key::COUNTER, &local)
            .and_then(decode_counter)
            .unwrap_or(0);
        last.saturating_add(1)
    }

    /// A row key in words, for a message about it.
    pub fn describe(&self, key: &[u8]) -> String {
        self.in_words(key)
            .unwrap_or_else(|| format!("row {}", hex(key)))
    }

    fn in_words(&self, key: &[u8]) -> Option<String> {
        let (table, local) = key::split(key)?;
        Some(match table {
            key::POSTING => {
                let at = key::PostingKey::parse(local)?;
                let (
                    doc,
                    key::PostingKey {
                        position, op, line, ..
                    },
                ) = (hex(&at.doc), at);
                format!("posting of {doc}, position {position}, op {op}, line {line}")
            }
            key::TOTAL => {
                let total = posting::decode_total(self.manifest?, local, &[0; 16])?;
                let role = self.manifest?.roles.get(usize::from(total.role))?;
                let dims = crate::rowform::dims_text(self.manifest?, role, &total.dims);
                let currency = core::str::from_utf8(&total.currency).ok()?.to_string();
                format!(
                    "total of {} [{dims}] in {currency}, period {}",
                    role.name, total.period
                )
            }
            key::COUNTER => {
                let (series, author, year) = key::parse_counter(local)?;
                let series = self.manifest?.series.get(usize::from(series))?;
                format!("counter {series} of {}, year {year}", hex(&author))
            }
            key::OUTCOME => {
                let (position, op) = key::parse_outcome(local)?;
                format!("outcome of position {position}, op {op}")
            }
            key::UNIQUE => format!("unique value {}", hex(local)),
            key::ADOPTED => format!("adoption of manifest {}", hex(local)),
            entity => {
                let (_, kind) = self.kind(entity)?;
                let row = RowId::parse(entity, local)?;
                let index = row
                    .index
                    .map_or_else(String::new, |index| format!(" #{index}"));
                format!("{} {}{index}", kind.name, hex(&row.id))
            }
        })
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
