//! What a condition that held tells about the slots that it looked at.

use crate::ast::{Expr, FieldId, Op, Slot};
use alloc::vec::Vec;

/// A value that stays the same as long as its slot is in scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    Slot(Slot),
    Field(Slot, FieldId),
}

impl Path {
    pub(super) fn of(expr: &Expr) -> Option<Path> {
        match expr {
            Expr::Slot(slot) => Some(Path::Slot(*slot)),
            Expr::Field(slot, field) => Some(Path::Field(*slot, *field)),
            _ => None,
        }
    }
}

/// Something that is known from here to the end of the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    /// The optional value is not none.
    Present(Path),
    /// The row is of the device that wrote the op.
    Own(Path),
}

/// What is known where `condition` came out as `truth`.
///
/// Recursion is as deep as the expression, which was bounded before.
pub(super) fn learn(condition: &Expr, truth: bool, out: &mut Vec<Fact>) {
    match (condition, truth) {
        (Expr::Not(inner), _) => learn(inner, !truth, out),
        (Expr::Has(inner), true) => out.extend(Path::of(inner).map(Fact::Present)),
        (Expr::Binary(Op::And, left, right), true) | (Expr::Binary(Op::Or, left, right), false) => {
            learn(left, truth, out);
            learn(right, truth, out);
        }
        (Expr::Binary(Op::Eq, left, right), true) | (Expr::Binary(Op::Ne, left, right), false) => {
            match (&**left, &**right) {
                (Expr::Owner(_, row), Expr::Device) | (Expr::Device, Expr::Owner(_, row)) => {
                    out.extend(Path::of(row).map(Fact::Own));
                }
                _ => {}
            }
        }
        _ => {}
    }
}
