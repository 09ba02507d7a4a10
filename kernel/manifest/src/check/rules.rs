//! What operators do with types.

use super::{
    Why,
    ty::{Ty, Unit},
};
use crate::ast::{Manifest, Op, Type};
use alloc::{boxed::Box, format, string::String};

/// The type of `left op right`.
pub(super) fn binary(manifest: &Manifest, op: Op, left: &Ty, right: &Ty) -> Result<Ty, Why> {
    if *left == Ty::Unknown || *right == Ty::Unknown {
        return Ok(match op {
            Op::Add | Op::Sub | Op::Mul | Op::Min | Op::Max => Ty::Unknown,
            _ => Ty::Bool,
        });
    }
    for side in [left, right] {
        refuse_secret(side)?;
        refuse_option(manifest, side)?;
    }
    match op {
        Op::And | Op::Or if *left == Ty::Bool && *right == Ty::Bool => Ok(Ty::Bool),
        Op::And | Op::Or => Err(mixed(
            manifest,
            left,
            right,
            "both sides must be true or false",
        )),
        Op::Add | Op::Sub | Op::Min | Op::Max => {
            if !left.numeric() || !right.numeric() {
                return Err(not_numbers(manifest, left, right));
            }
            same_unit(manifest, op, left, right)
        }
        Op::Mul => product(manifest, left, right),
        Op::Lt | Op::Le | Op::Gt | Op::Ge => {
            refuse_clock(left, right)?;
            let ordered = |ty: &Ty| ty.numeric() || *ty == Ty::Date;
            if !ordered(left) || !ordered(right) {
                return Err(not_numbers(manifest, left, right));
            }
            comparable(manifest, left, right)
        }
        Op::Eq | Op::Ne => comparable(manifest, left, right),
    }
}

fn same_unit(manifest: &Manifest, op: Op, left: &Ty, right: &Ty) -> Result<Ty, Why> {
    match (left, right) {
        (Ty::Literal(a, b), Ty::Literal(c, d)) => Ok(literals(op, (*a, *b), (*c, *d))),
        (Ty::Literal(..), ty) | (ty, Ty::Literal(..)) => Ok(ty.clone()),
        (left, right) if left == right => Ok(left.clone()),
        _ => Err(mixed(
            manifest,
            left,
            right,
            "only amounts of one unit can be added or compared",
        )),
    }
}

/// A sum of literals stays a literal only if that is simple; else it has unknown size.
fn literals(op: Op, left: (i64, i64), right: (i64, i64)) -> Ty {
    let exact = match op {
        Op::Add => left.0.checked_add(right.0),
        Op::Sub => left.0.checked_sub(right.0),
        Op::Mul => left.0.checked_mul(right.0),
        Op::Min => Some(left.0.min(right.0)),
        Op::Max => Some(left.0.max(right.0)),
        _ => None,
    };
    match exact {
        Some(value) if left.0 == left.1 && right.0 == right.1 => Ty::Literal(value, value),
        _ => Ty::Literal(i64::MIN, i64::MAX),
    }
}

fn product(manifest: &Manifest, left: &Ty, right: &Ty) -> Result<Ty, Why> {
    match (left, right) {
        (Ty::Literal(a, b), Ty::Literal(c, d)) => Ok(literals(Op::Mul, (*a, *b), (*c, *d))),
        (plain, ty) | (ty, plain) if plain.plain() && ty.numeric() => {
            Ok(if matches!(ty, Ty::Literal(..)) {
                plain.clone()
            } else {
                ty.clone()
            })
        }
        (Ty::Share, Ty::Amount(unit)) | (Ty::Amount(unit), Ty::Share) => Ok(Ty::Millionths(*unit)),
        _ if left.numeric() && right.numeric() => {
            let mend = "write muldiv(a, b, divisor, mode), which knows the scales of both";
            Err(Why::new(
                "unit",
                pair(manifest, "cannot multiply", left, right),
                mend,
            ))
        }
        _ => Err(not_numbers(manifest, left, right)),
    }
}

/// The type of `muldiv(a, b, c, mode)`: units multiply and divide, places must come out right.
pub(super) fn muldiv(manifest: &Manifest, a: &Ty, b: &Ty, c: &Ty) -> Result<Ty, Why> {
    if [a, b, c].contains(&&Ty::Unknown) {
        return Ok(Ty::Unknown);
    }
    for side in [a, b, c] {
        refuse_secret(side)?;
        refuse_option(manifest, side)?;
    }
    if *c == Ty::Literal(0, 0) {
        return Err(Why::new(
            "arith",
            "the divisor is 0",
            "divide by something else",
        ));
    }
    let (Some(x), Some(y), Some(z)) = (a.dimension(), b.dimension(), c.dimension()) else {
        let strange = [a, b, c]
            .into_iter()
            .find(|ty| ty.dimension().is_none())
            .unwrap_or(a);
        let cause = format!(
            "muldiv works on numbers, not on {}",
            strange.shown(manifest)
        );
        return Err(Why::new("type", cause, "give it three numbers and a mode"));
    };
    let money = x.money.saturating_add(y.money).saturating_sub(z.money);
    let qty = x.qty.saturating_add(y.qty).saturating_sub(z.qty);
    let places = x.places.saturating_add(y.places).saturating_sub(z.places);
    let free = |ty: &Ty| matches!(ty, Ty::Literal(..)) && ty.power_of_ten().is_none();
    let free = [a, b, c].into_iter().any(free);
    let (ty, wanted) = match (money, qty) {
        (0, 0) if places == 6 && !free => return Ok(Ty::Share),
        (0, 0) => return Ok(Ty::Number),
        (1, 0) => (Ty::Amount(Unit::Money), 0),
        (0, 1) => (Ty::Amount(Unit::Qty), 3),
        (1, -1) => (Ty::Amount(Unit::Price), 3),
        _ => {
            let cause = format!(
                "{} times {} by {} is no money, price, quantity or number",
                a.shown(manifest),
                b.shown(manifest),
                c.shown(manifest)
            );
            return Err(Why::new("unit", cause, "check which of the three is wrong"));
        }
    };
    if places == wanted || free {
        return Ok(ty);
    }
    let cause = format!(
        "the result is {} with {places} decimal places instead of {wanted}",
        ty.shown(manifest)
    );
    let mend = "change the divisor: qty and price have 3 places, ppm has 6, 10^n counts as n";
    Err(Why::new("scale", cause, mend))
}

/// Judges `left == right` and the like; the result is a truth value.
fn comparable(manifest: &Manifest, left: &Ty, right: &Ty) -> Result<Ty, Why> {
    refuse_clock(left, right)?;
    let fits = match (left, right) {
        (Ty::List(_) | Ty::Element(_) | Ty::Child(_) | Ty::None | Ty::Millionths(_), _)
        | (_, Ty::List(_) | Ty::Element(_) | Ty::Child(_) | Ty::None | Ty::Millionths(_)) => false,
        (Ty::Literal(low, high), ty) | (ty, Ty::Literal(low, high)) => {
            ty.numeric() || *ty == Ty::Date || literal_in_enum(manifest, ty, *low, *high)
        }
        (Ty::Code(_), Ty::Code(_)) => true,
        (Ty::Id, ty) | (ty, Ty::Id) => ty.names_row(None),
        (left, right) => left == right,
    };
    if fits {
        Ok(Ty::Bool)
    } else {
        Err(mixed(manifest, left, right, "compare like with like"))
    }
}

fn refuse_clock(left: &Ty, right: &Ty) -> Result<(), Why> {
    if [left, right].contains(&&Ty::Time) {
        let cause = "a clock reading is compared";
        return Err(Why::new(
            "time",
            cause,
            "clocks lie: store the time, decide by the date",
        ));
    }
    Ok(())
}

fn literal_in_enum(manifest: &Manifest, ty: &Ty, low: i64, high: i64) -> bool {
    let Ty::Enum(index) = ty else { return false };
    let Some(known) = manifest.enums.get(usize::from(*index)) else {
        return false;
    };
    low >= 0 && usize::try_from(high).is_ok_and(|high| high < known.values.len())
}

/// The type of `if c then left else right`.
pub(super) fn either(manifest: &Manifest, left: &Ty, right: &Ty) -> Result<Ty, Why> {
    match (left, right) {
        (Ty::Unknown, ty) | (ty, Ty::Unknown) => Ok(ty.clone()),
        (left, right) if left == right => Ok(left.clone()),
        (Ty::Literal(a, b), Ty::Literal(c, d)) => Ok(Ty::Literal(*a.min(c), *b.max(d))),
        (Ty::Literal(low, high), ty) | (ty, Ty::Literal(low, high))
            if ty.numeric() || *ty == Ty::Date || literal_in_enum(manifest, ty, *low, *high) =>
        {
            Ok(ty.clone())
        }
        (Ty::Code(a), Ty::Code(b)) => Ok(Ty::Code(*a.max(b))),
        (Ty::Text(a), Ty::Text(b)) => Ok(Ty::Text(*a.max(b))),
        (Ty::Id, ty) | (ty, Ty::Id) if ty.names_row(None) => Ok(ty.clone()),
        (Ty::None, Ty::Option(inner)) | (Ty::Option(inner), Ty::None) => {
            Ok(Ty::Option(inner.clone()))
        }
        (Ty::None, ty) | (ty, Ty::None) if storable(ty) => Ok(Ty::Option(Box::new(ty.clone()))),
        (Ty::Option(inner), ty) | (ty, Ty::Option(inner)) => {
            either(manifest, inner, ty).map(|ty| Ty::Option(Box::new(ty)))
        }
        _ => Err(mixed(
            manifest,
            left,
            right,
            "both branches must give the same kind of value",
        )),
    }
}

fn storable(ty: &Ty) -> bool {
    !matches!(
        ty,
        Ty::List(_)
            | Ty::Element(_)
            | Ty::Child(_)
            | Ty::Sealed(_)
            | Ty::Millionths(_)
            | Ty::Option(_)
    )
}

/// Judges whether a value may be put where `to` is wanted.
pub(super) fn assign(manifest: &Manifest, value: &Ty, to: &Type) -> Result<(), Why> {
    let fits = match (value, to) {
        (Ty::Unknown, _) => true,
        (Ty::Option(inner), Type::Option(to)) => return assign(manifest, inner, to),
        (Ty::None, Type::Option(_) | Type::Sealed(_)) => true,
        (Ty::Option(_), _) => return refuse_option(manifest, value),
        (_, Type::Option(to)) => return assign(manifest, value, to),
        (Ty::Literal(low, high), Type::Enum(index)) => {
            literal_in_enum(manifest, &Ty::Enum(*index), *low, *high)
        }
        (Ty::Literal(low, high), _) => {
            let bounds = crate::shape::bounds(to);
            // A literal of unknown size is judged when it runs.
            let exact = low == high;
            bounds.is_some_and(|bounds| !exact || bounds.contains(low))
        }
        (Ty::Code(have), Type::Code(room)) | (Ty::Text(have), Type::Text(room)) if have > room => {
            let cause = format!("up to {have} characters go into {room}");
            return Err(Why::new(
                "type",
                cause,
                "make the one wider or the other narrower",
            ));
        }
        (Ty::Code(_), Type::Code(_)) | (Ty::Text(_), Type::Text(_)) => true,
        (Ty::Id, Type::Ref(_)) | (Ty::Ref(_), Type::Id) => true,
        (_, Type::List(..)) => false,
        (value, to) => *value == Ty::of(to, 0),
    };
    if fits {
        return Ok(());
    }
    let wanted = Ty::of(to, 0).shown(manifest);
    let cause = format!("{wanted} is wanted here, this is {}", value.shown(manifest));
    let code = if value.numeric() && Ty::of(to, 0).numeric() {
        "unit"
    } else {
        "type"
    };
    Err(Why::new(
        code,
        cause,
        format!("give it a value of type {wanted}"),
    ))
}

pub(super) fn refuse_secret(ty: &Ty) -> Result<(), Why> {
    if !ty.secret() {
        return Ok(());
    }
    let cause = "a sealed value or a text decides something";
    Err(Why::new(
        "sealed",
        cause,
        "texts and sealed values can only be stored: decide by a code or an enum",
    ))
}

pub(super) fn refuse_option(manifest: &Manifest, ty: &Ty) -> Result<(), Why> {
    match ty {
        Ty::Option(_) | Ty::None => {
            let cause = format!("this may be none, it is {}", ty.shown(manifest));
            Err(Why::new(
                "option",
                cause,
                "ask has(…) before, in a when, a require or an if",
            ))
        }
        _ => Ok(()),
    }
}

fn pair(manifest: &Manifest, what: &str, left: &Ty, right: &Ty) -> String {
    format!(
        "{what} {} and {}",
        left.shown(manifest),
        right.shown(manifest)
    )
}

fn mixed(manifest: &Manifest, left: &Ty, right: &Ty, mend: &str) -> Why {
    let code = if left.numeric() && right.numeric() {
        "unit"
    } else {
        "type"
    };
    Why::new(code, pair(manifest, "cannot mix", left, right), mend)
}

fn not_numbers(manifest: &Manifest, left: &Ty, right: &Ty) -> Why {
    Why::new(
        "type",
        pair(manifest, "cannot reckon with", left, right),
        "both sides must be numbers",
    )
}

/// Judges a condition.
pub(super) fn truth(manifest: &Manifest, ty: &Ty) -> Result<(), Why> {
    refuse_secret(ty)?;
    match ty {
        Ty::Bool | Ty::Unknown => Ok(()),
        ty => {
            let cause = format!("a condition is wanted here, this is {}", ty.shown(manifest));
            Err(Why::new(
                "type",
                cause,
                "write a comparison, has(…) or a truth value",
            ))
        }
    }
}

/// Judges an operand of arithmetic.
pub(super) fn number(manifest: &Manifest, ty: &Ty) -> Result<(), Why> {
    refuse_secret(ty)?;
    refuse_option(manifest, ty)?;
    if ty.numeric() || *ty == Ty::Unknown {
        return Ok(());
    }
    let cause = format!("a number is wanted here, this is {}", ty.shown(manifest));
    Err(Why::new("type", cause, "give it a number"))
}
