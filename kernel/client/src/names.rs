//! Numbers of refusals and flags with their names.

use alloc::string::{String, ToString};

use daybook_fold::{Flag, Outcome, Refusal};
use daybook_manifest::ast::{Manifest, Reason};

use crate::reply::{Named, Outlook};

/// An outcome in words.
pub(crate) fn outlook(manifest: &Manifest, outcome: &Outcome) -> Outlook {
    match outcome {
        Outcome::Applied { flags } => Outlook::Applied {
            flags: flags
                .iter()
                .map(|raised| flag(manifest, raised.flag))
                .collect(),
        },
        Outcome::Refused(refusal) => Outlook::Refused(refused(manifest, *refusal)),
    }
}

fn refused(manifest: &Manifest, refusal: Refusal) -> Named {
    let own = refusal
        .manifest_index()
        .and_then(|index| manifest.refusals.get(usize::from(index)));
    named(refusal.0, refusal.code(), own, kernel_sentence(refusal))
}

fn flag(manifest: &Manifest, flag: Flag) -> Named {
    let own = flag
        .manifest_index()
        .and_then(|index| manifest.flags.get(usize::from(index)));
    let sentence = match flag {
        Flag::GAP => "a number is left out",
        Flag::REPETITION => "the number was taken before",
        _ => "",
    };
    named(flag.0, flag.code(), own, sentence)
}

fn named(number: u16, code: Option<&str>, own: Option<&Reason>, sentence: &str) -> Named {
    match own {
        Some(reason) => Named {
            number,
            code: reason.code.clone(),
            label: reason.label.clone(),
        },
        None => Named {
            number,
            code: code.map_or_else(|| number.to_string(), String::from),
            label: String::from(sentence),
        },
    }
}

fn kernel_sentence(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::UNKNOWN_MANIFEST => "the manifest was not adopted before",
        Refusal::UNKNOWN_VERB => "the manifest has no such verb",
        Refusal::BAD_SHAPE => "the inputs do not have the declared shape",
        Refusal::NOT_PERMITTED => "this device may not do this",
        Refusal::MISSING_REF => "something that it refers to does not exist",
        Refusal::WRONG_STATE => "its status does not allow this",
        Refusal::NOT_OWNER => "it belongs to another device",
        Refusal::DUPLICATE => "it exists already",
        Refusal::UNBALANCED => "its lines do not sum to zero",
        Refusal::ARITH => "a number does not fit",
        Refusal::RANGE => "a value is outside its bounds",
        Refusal::LIMIT => "too many parts",
        Refusal::SEALED => "it refers to an envelope that is not there",
        Refusal::BAD_MANIFEST => "these bytes are no manifest",
        Refusal::NOT_ADDITIVE => "the manifest takes something away",
        Refusal::ALREADY => "it counts already, from another place",
        _ => "",
    }
}
