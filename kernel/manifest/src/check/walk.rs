//! The judge of one verb's body, and what it keeps on its way.

use super::{
    Fault, Place, Why,
    cost::Cost,
    facts::{Fact, Path},
    ty::Ty,
};
use crate::{
    ast::{Expr, Manifest, Slot, Type, Verb, VerbKind},
    limits, shape,
};
use alloc::{vec, vec::Vec};

/// What is known of a slot.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) ty: Ty,
    /// It came from a row that others write.
    pub(super) shared: bool,
}

/// What is known of an expression.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) ty: Ty,
    pub(super) shared: bool,
    pub(super) cost: Cost,
}

/// The elements of a loop.
pub(super) struct Elements {
    pub(super) ty: Ty,
    pub(super) max: u16,
    pub(super) shared: bool,
    pub(super) cost: Cost,
}

/// The judge of one verb, on its way through the body.
///
/// Every statement and every expression takes the next number when it is entered, before its parts: a compiler that
/// numbers its spans in the same order can tell where a fault is.
pub(super) struct Walk<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) verb: &'a Verb,
    pub(super) index: usize,
    pub(super) next: u32,
    pub(super) faults: Vec<Fault>,
    pub(super) cells: Vec<Option<Cell>>,
    pub(super) facts: Vec<Fact>,
    /// Slots of the open blocks, in the order in which they were written.
    pub(super) written: Vec<Slot>,
    pub(super) in_post: bool,
    /// Whether what follows runs at all hangs on a row that others write.
    pub(super) swayed: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(manifest: &'a Manifest, index: usize, verb: &'a Verb) -> Self {
        let mut cells = vec![None; usize::from(verb.slots)];
        for ((param, cell), number) in verb.params.iter().zip(&mut cells).zip(0u16..) {
            *cell = Some(Cell {
                ty: Ty::of(&param.ty, number),
                shared: false,
            });
        }
        Walk {
            manifest,
            verb,
            index,
            next: 0,
            faults: Vec::new(),
            cells,
            facts: Vec::new(),
            written: Vec::new(),
            in_post: false,
            swayed: false,
        }
    }

    pub(super) fn enter(&mut self) -> u32 {
        let at = self.next;
        self.next = at.saturating_add(1);
        at
    }

    pub(super) fn fault(&mut self, at: u32, why: Why) {
        if self.faults.len() < limits::DIAGNOSTICS_MAX {
            self.faults.push(why.at(Place::Node(self.index, at)));
        }
    }

    pub(super) fn note(&mut self, at: u32, judged: Result<(), Why>) {
        if let Err(why) = judged {
            self.fault(at, why);
        }
    }

    /// What a final verb does must not hang on rows that others write: in another order it would come out otherwise.
    pub(super) fn settled(&mut self, at: u32, shared: bool) {
        if self.verb.kind == VerbKind::Final && (shared || self.swayed) {
            let cause = "a final verb decides by a row that others write";
            let mend = "carry the value in the op, ask `row.device == device` before, warn instead, or make it office";
            self.fault(at, Why::new("partition", cause, mend));
        }
    }

    /// What a final verb reckons must not overflow because of what others wrote: that would refuse it.
    pub(super) fn reckons(&self, shared: bool) -> Result<(), Why> {
        if self.verb.kind != VerbKind::Final || !shared {
            return Ok(());
        }
        let cause = "a final verb reckons with a row that others write";
        let mend = "compare it, copy it, carry the value in the op, or make the verb office";
        Err(Why::new("partition", cause, mend))
    }

    /// A number that a final verb copies from a row that others write must fit wherever it goes.
    pub(super) fn copies(&mut self, at: u32, (value, shared): (&Expr, bool), to: &Type) {
        let bounded = shape::bounds(to).is_some()
            || matches!(to, Type::Option(inner) if shape::bounds(inner).is_some());
        if self.verb.kind != VerbKind::Final || !shared || !bounded {
            return;
        }
        let field = match value {
            Expr::Get(entity, _, field) => {
                let found = self.manifest.entities.get(usize::from(*entity));
                found.and_then(|found| found.fields.get(usize::from(*field)))
            }
            _ => None,
        };
        let same = field.is_some_and(|field| match to {
            Type::Option(inner) => field.ty == **inner || field.ty == *to,
            to => field.ty == *to,
        });
        if !same {
            let cause =
                "a final verb stores a number from a row that others write where it may not fit";
            let mend = "copy `row.field` as it is, into a field of the same type";
            self.fault(at, Why::new("partition", cause, mend));
        }
    }

    pub(super) fn bind(&mut self, slot: Slot, cell: Cell) -> Result<(), Why> {
        let fresh = usize::from(slot) >= self.verb.params.len();
        match self.cells.get_mut(usize::from(slot)) {
            Some(place @ None) if fresh => {
                *place = Some(cell);
                Ok(())
            }
            _ => Err(Why::new(
                "index",
                "a slot is written twice, or does not exist",
                "use a fresh slot",
            )),
        }
    }

    pub(super) fn unbind(&mut self, slot: Slot) {
        if let Some(place) = self.cells.get_mut(usize::from(slot)) {
            *place = None;
        }
    }

    pub(super) fn cell(&self, slot: Slot) -> Result<&Cell, Why> {
        self.cells
            .get(usize::from(slot))
            .and_then(Option::as_ref)
            .ok_or_else(|| {
                Why::new(
                    "index",
                    "a slot is read that was not written",
                    "write it first",
                )
            })
    }

    pub(super) fn narrowed(&self, ty: Ty, path: Path) -> Ty {
        match ty {
            Ty::Option(inner) if self.facts.contains(&Fact::Present(path)) => *inner,
            ty => ty,
        }
    }

    pub(super) fn own(&self, row: &Expr) -> bool {
        Path::of(row).is_some_and(|path| self.facts.contains(&Fact::Own(path)))
    }
}
