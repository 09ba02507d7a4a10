//! Whether a manifest only adds to another one. Rows, postings and counters name entities, fields, roles and series by index
//! and live for ever, so what they point at may never move.

use daybook_manifest::ast::{Entity, Enum, Field, Manifest, Role, Type};

/// Everything that rows of `old` point at is where it was in `new`.
pub(crate) fn extends(old: &Manifest, new: &Manifest) -> bool {
    prefix(&old.enums, &new.enums, |a: &Enum, b| a.name == b.name && prefix(&a.values, &b.values, |x, y| x == y))
        && prefix(&old.series, &new.series, |a, b| a == b)
        // outcomes keep the number of a reason for ever
        && prefix(&old.refusals, &new.refusals, |a, b| a.code == b.code)
        && prefix(&old.flags, &new.flags, |a, b| a.code == b.code)
        && prefix(&old.roles, &new.roles, same_role)
        && prefix(&old.entities, &new.entities, same_entity)
}

/// A label, a report line or a code on paper may change; what a posting is booked on may not.
fn same_role(old: &Role, new: &Role) -> bool {
    old.name == new.name
        && old.dims.len() == new.dims.len()
        && prefix(&old.dims, &new.dims, |a, b| {
            a.name == b.name && a.ty == b.ty
        })
}

fn same_entity(old: &Entity, new: &Entity) -> bool {
    let added = new.fields.get(old.fields.len()..).unwrap_or_default();
    old.name == new.name
        && old.owner == new.owner
        && old.parent == new.parent
        && old.unique == new.unique
        && prefix(&old.fields, &new.fields, |a: &Field, b| {
            a.name == b.name && a.ty == b.ty
        })
        && added
            .iter()
            .all(|field| matches!(field.ty, Type::Option(_) | Type::Sealed(_)))
        && match (&old.status, &new.status) {
            (None, None) => true,
            (Some(a), Some(b)) => {
                a.field == b.field && a.edges.iter().all(|edge| b.edges.contains(edge))
            }
            _ => false,
        }
}

fn prefix<T>(old: &[T], new: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    old.len() <= new.len() && old.iter().zip(new).all(|(a, b)| same(a, b))
}
