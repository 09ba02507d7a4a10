//! Personal data never stands in clear: a field that sounds like it must be sealed.

use super::{
    diagnostic::Mistake,
    syntax::{Field, Ty, TyKind},
};
use alloc::{format, vec::Vec};

/// Parts of names under which personal data goes.
const SOUNDS: [&str; 5] = ["name", "phone", "mail", "address", "birth"];

/// Faults of a list of fields and of the records in it.
pub(super) fn lint(fields: &[Field<'_>], out: &mut Vec<Mistake>) {
    for field in fields {
        if let TyKind::List(inner, _) = &field.ty.kind {
            lint(inner, out);
        }
        let sound = SOUNDS
            .iter()
            .find(|sound| field.name.text.contains(**sound));
        if let Some(sound) = sound
            && !harmless(&field.ty)
        {
            let cause = format!(
                "{} sounds like a person's {sound} and is not sealed",
                field.name.text
            );
            let mend = "write sealed<contact>; if it is no personal data, call it something else";
            out.push(Mistake::new(field.name.span, "personal", cause, mend));
        }
    }
}

fn harmless(ty: &Ty<'_>) -> bool {
    match &ty.kind {
        TyKind::Sealed(_) | TyKind::Ref(_) => true,
        TyKind::Option(inner) => harmless(inner),
        _ => false,
    }
}
