//! Types of expressions.
//!
//! Amounts carry a unit and a scale, so that money is never added to a quantity and a product is brought back to
//! minor units by the divisor that its factors call for.

use crate::ast::{Class, EntityId, FieldId, Manifest, Type};
use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
};

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ty {
    /// Something is wrong with it, and that was said already.
    Unknown,
    /// The literal none.
    None,
    /// A literal, or made of literals only: fits every kind of number in whose bounds it lies.
    Literal(i64, i64),
    Bool,
    /// A plain number.
    Number,
    Amount(Unit),
    /// An amount times a share that is not yet divided by a million.
    Millionths(Unit),
    Share,
    Date,
    Time,
    Code(u16),
    Text(u16),
    Enum(u16),
    Id,
    Ref(EntityId),
    Author,
    Sealed(Class),
    Option(Box<Ty>),
    /// A list of the op, by its parameter.
    List(FieldId),
    /// An element of such a list.
    Element(FieldId),
    /// A child row.
    Child(EntityId),
}

/// What an amount counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Money,
    Price,
    Qty,
}

/// Exponents of money and quantity, and decimal places.
#[derive(Clone, Copy)]
pub(super) struct Dimension {
    pub(super) money: i8,
    pub(super) qty: i8,
    pub(super) places: i8,
}

impl Ty {
    pub(super) fn of(ty: &Type, param: FieldId) -> Ty {
        match ty {
            Type::Bool => Ty::Bool,
            Type::Int { .. } => Ty::Number,
            Type::Money => Ty::Amount(Unit::Money),
            Type::Price => Ty::Amount(Unit::Price),
            Type::Qty => Ty::Amount(Unit::Qty),
            Type::Ppm => Ty::Share,
            Type::Date => Ty::Date,
            Type::Time => Ty::Time,
            Type::Code(max) => Ty::Code(*max),
            Type::Text(max) => Ty::Text(*max),
            Type::Enum(index) => Ty::Enum(*index),
            Type::Id => Ty::Id,
            Type::Ref(entity) => Ty::Ref(*entity),
            Type::Author => Ty::Author,
            Type::Sealed(class) => Ty::Sealed(*class),
            Type::Option(inner) => Ty::Option(Box::new(Ty::of(inner, param))),
            Type::List(..) => Ty::List(param),
        }
    }

    pub(super) fn numeric(&self) -> bool {
        matches!(
            self,
            Ty::Literal(..) | Ty::Number | Ty::Amount(_) | Ty::Share
        )
    }

    pub(super) fn plain(&self) -> bool {
        matches!(self, Ty::Literal(..) | Ty::Number)
    }

    pub(super) fn secret(&self) -> bool {
        match self {
            Ty::Text(_) | Ty::Sealed(_) => true,
            Ty::Option(inner) => inner.secret(),
            _ => false,
        }
    }

    /// The value is 16 bytes that name a row or will.
    pub(super) fn names_row(&self, entity: Option<EntityId>) -> bool {
        match (self, entity) {
            (Ty::Unknown | Ty::Id, _) | (Ty::Ref(_), None) => true,
            (Ty::Ref(mine), Some(wanted)) => *mine == wanted,
            _ => false,
        }
    }

    pub(super) fn shown(&self, manifest: &Manifest) -> String {
        let entity = |index: u16| {
            manifest
                .entities
                .get(usize::from(index))
                .map_or("?", |entity| entity.name.as_str())
        };
        match self {
            Ty::Unknown => "something unknown".into(),
            Ty::None => "none".into(),
            Ty::Literal(..) => "a literal number".into(),
            Ty::Bool => "bool".into(),
            Ty::Number => "int".into(),
            Ty::Amount(unit) => unit.shown().into(),
            Ty::Millionths(unit) => format!("{} times ppm, not yet divided", unit.shown()),
            Ty::Share => "ppm".into(),
            Ty::Date => "date".into(),
            Ty::Time => "time".into(),
            Ty::Code(max) => format!("code({max})"),
            Ty::Text(max) => format!("text({max})"),
            Ty::Enum(index) => manifest
                .enums
                .get(usize::from(*index))
                .map_or("an enum".to_string(), |known| known.name.clone()),
            Ty::Id => "id".into(),
            Ty::Ref(index) => format!("ref<{}>", entity(*index)),
            Ty::Author => "author".into(),
            Ty::Sealed(_) => "sealed".into(),
            Ty::Option(inner) => format!("{}?", inner.shown(manifest)),
            Ty::List(_) => "a list".into(),
            Ty::Element(_) => "an element of a list".into(),
            Ty::Child(index) => format!("a row of {}", entity(*index)),
        }
    }

    pub(super) fn dimension(&self) -> Option<Dimension> {
        let of = |unit: Unit, more: i8| {
            let (money, qty, places) = match unit {
                Unit::Money => (1, 0, 0),
                Unit::Qty => (0, 1, 3),
                Unit::Price => (1, -1, 3),
            };
            Some(Dimension {
                money,
                qty,
                places: more.saturating_add(places),
            })
        };
        match self {
            Ty::Amount(unit) => of(*unit, 0),
            Ty::Millionths(unit) => of(*unit, 6),
            Ty::Share => Some(Dimension {
                money: 0,
                qty: 0,
                places: 6,
            }),
            Ty::Number => Some(Dimension {
                money: 0,
                qty: 0,
                places: 0,
            }),
            Ty::Literal(..) => Some(Dimension {
                money: 0,
                qty: 0,
                places: self.power_of_ten().unwrap_or(0),
            }),
            _ => None,
        }
    }

    /// n of a literal 10^n, which stands for "one, with n places". Any other literal may stand for whatever its
    /// author meant by it.
    pub(super) fn power_of_ten(&self) -> Option<i8> {
        let Ty::Literal(low, high) = self else {
            return None;
        };
        let mut rest = *low;
        let mut power = 0i8;
        while rest > 1 && rest.checked_rem(10) == Some(0) {
            rest = rest.checked_div(10).unwrap_or(1);
            power = power.saturating_add(1);
        }
        (rest == 1 && low == high).then_some(power)
    }
}

impl Unit {
    fn shown(self) -> &'static str {
        match self {
            Unit::Money => "money",
            Unit::Price => "price",
            Unit::Qty => "qty",
        }
    }
}
