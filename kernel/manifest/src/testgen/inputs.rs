//! Inputs that fit whatever a verb asks for.

use super::Chance;
use crate::{
    ast::{Field, Manifest, Type},
    calendar::Civil,
    shape,
    value::Value,
};
use alloc::{boxed::Box, string::String, vec::Vec};

/// One value for each field, within its type. References name `known`; sealed values and every other optional one are
/// none; numbers are small enough for sums of them to fit.
pub fn inputs(
    manifest: &Manifest,
    fields: &[Field],
    chance: &mut Chance,
    known: [u8; 16],
) -> Vec<Value> {
    fields
        .iter()
        .map(|field| value(manifest, &field.ty, chance, known))
        .collect()
}

/// Recursion is as deep as types nest.
fn value(manifest: &Manifest, ty: &Type, chance: &mut Chance, known: [u8; 16]) -> Value {
    match ty {
        Type::Bool => Value::Bool(chance.below(2) == 1),
        Type::Code(max) => Value::Text(code(chance, *max).into_boxed_str()),
        Type::Text(_) => Value::Text(Box::from("")),
        Type::Enum(index) => {
            let values = manifest
                .enums
                .get(usize::from(*index))
                .map_or(1, |known| known.values.len());
            let last = i64::try_from(values).unwrap_or(1).saturating_sub(1);
            Value::Int(chance.between(0, last))
        }
        Type::Id => Value::Id(bytes(chance)),
        Type::Ref(_) => Value::Id(known),
        Type::Author => Value::Author([0; 32]),
        Type::Sealed(_) => Value::None,
        Type::Option(_) if chance.below(2) == 0 => Value::None,
        Type::Option(inner) => value(manifest, inner, chance, known),
        Type::List(fields, max) => {
            let count = chance.between(1, i64::from(*max).min(12));
            Value::List(
                (0..count)
                    .map(|_| inputs(manifest, fields, chance, known))
                    .collect(),
            )
        }
        Type::Date => Value::Int(date(chance)),
        _ => {
            let bounds = shape::bounds(ty).unwrap_or(0..=0);
            let (low, high) = (
                (*bounds.start()).max(-2_000_000),
                (*bounds.end()).min(2_000_000),
            );
            Value::Int(chance.between(low.min(*bounds.end()), high.max(*bounds.start())))
        }
    }
}

fn code(chance: &mut Chance, max: u16) -> String {
    let length = chance.between(1, i64::from(max).min(8));
    let letters = ["A", "B", "X", "Y", "0", "1", "-", "."];
    (0..length).filter_map(|_| chance.pick(&letters)).collect()
}

fn date(chance: &mut Chance) -> i64 {
    let (year, month, day) = (
        chance.between(2020, 2030),
        chance.between(1, 12),
        chance.between(1, 28),
    );
    Civil { year, month, day }.to_days().unwrap_or(0)
}

fn bytes(chance: &mut Chance) -> [u8; 16] {
    let mut id = [0; 16];
    for (place, number) in id.chunks_mut(8).zip([chance.draw(), chance.draw()]) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    id
}
