//! Which declaration has which index.

use super::{
    diagnostic::Mistake,
    syntax::{Part, Tree, Word},
};
use crate::ast::Mode;
use alloc::{collections::BTreeMap, format, vec::Vec};

/// Declarations of one kind by their names; the first of a name counts, the checker finds the second.
#[derive(Debug, Default)]
pub(super) struct Table<'s>(BTreeMap<&'s str, u16>);

impl<'s> Table<'s> {
    pub(super) fn of(words: impl Iterator<Item = Word<'s>>) -> Table<'s> {
        let mut table = BTreeMap::new();
        for (word, index) in words.zip(0u16..) {
            table.entry(word.text).or_insert(index);
        }
        Table(table)
    }

    pub(super) fn get(&self, name: &str) -> Option<u16> {
        self.0.get(name).copied()
    }

    /// The index of a name that must be there.
    pub(super) fn find(&self, what: &str, word: Word<'_>) -> Result<u16, Mistake> {
        self.get(word.text)
            .ok_or_else(|| unknown(what, word, self.0.keys().copied()))
    }
}

/// A mistake about a name that is not declared, with the declared one that looks most like it.
pub(super) fn unknown<'n>(
    what: &str,
    word: Word<'_>,
    known: impl Iterator<Item = &'n str>,
) -> Mistake {
    let cause = format!("there is no {what} {}", word.text);
    let near = known.map(|name| (distance(name, word.text), name)).min();
    let mend = match near {
        Some((distance, name)) if distance <= 3 => format!("did you mean {name}?"),
        _ => format!("declare the {what}, or use one that exists"),
    };
    Mistake::new(word.span, "unknown", cause, mend)
}

/// How many letters must be put in, taken out or changed to get from one name to another.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i.saturating_add(1);
        for (cell, y) in row.iter_mut().skip(1).zip(b.bytes()) {
            let above = *cell;
            let changed = diagonal.saturating_add(usize::from(x != y));
            *cell = changed
                .min(above.saturating_add(1))
                .min(left.saturating_add(1));
            (diagonal, left) = (above, *cell);
        }
        if let Some(first) = row.first_mut() {
            *first = i.saturating_add(1);
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

/// All names of a source.
#[derive(Debug, Default)]
pub(super) struct Names<'s> {
    pub(super) enums: Table<'s>,
    pub(super) roles: Table<'s>,
    pub(super) series: Table<'s>,
    pub(super) refusals: Table<'s>,
    pub(super) flags: Table<'s>,
    pub(super) entities: Table<'s>,
    pub(super) roundings: BTreeMap<&'s str, Mode>,
}

impl<'s> Names<'s> {
    pub(super) fn of(tree: &Tree<'s>) -> Names<'s> {
        let all =
            |pick: fn(&Part<'s>) -> Option<Word<'s>>| Table::of(tree.parts.iter().filter_map(pick));
        Names {
            enums: all(|part| match part {
                Part::Enum { name, .. } => Some(*name),
                _ => None,
            }),
            roles: all(|part| match part {
                Part::Role(role) => Some(role.name),
                _ => None,
            }),
            series: all(|part| match part {
                Part::Series(name) => Some(*name),
                _ => None,
            }),
            refusals: all(|part| match part {
                Part::Reason {
                    flag: false, code, ..
                } => Some(*code),
                _ => None,
            }),
            flags: all(|part| match part {
                Part::Reason {
                    flag: true, code, ..
                } => Some(*code),
                _ => None,
            }),
            entities: all(|part| match part {
                Part::Entity(entity) => Some(entity.name),
                _ => None,
            }),
            roundings: tree
                .parts
                .iter()
                .filter_map(|part| match part {
                    Part::Rounding(name, mode) => Some((name.text, *mode)),
                    _ => None,
                })
                .collect(),
        }
    }

    pub(super) fn mode(&self, word: Word<'_>) -> Result<Mode, Mistake> {
        let named = self.roundings.get(word.text).copied();
        named
            .or_else(|| super::parser::mode(word.text))
            .ok_or_else(|| unknown("rounding", word, self.roundings.keys().copied()))
    }
}
