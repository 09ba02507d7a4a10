//! From inputs by name to the bytes that are signed: what nobody gave is read at the edge, once.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use daybook_log::Op;
use daybook_manifest::ast::{Edge, Field, Manifest, Type, Verb};
use daybook_manifest::calendar::Civil;
use daybook_manifest::shape;
use daybook_manifest::value::Value;

use crate::input::{EdgeInputs, NewOp};
use crate::reply::CommandFault;

/// What an op is filled from.
pub(crate) struct Source<'a> {
    pub(crate) manifest: &'a Manifest,
    pub(crate) edge: &'a EdgeInputs,
    /// Ids used so far.
    pub(crate) ids_used: &'a mut usize,
    /// The next number of the own counter of a series and year.
    pub(crate) next_number: &'a dyn Fn(u16, u16) -> i64,
}

/// An op that is ready to be tried and signed.
#[derive(Debug)]
pub(crate) struct Filled {
    pub(crate) op: Op,
    pub(crate) inputs: Vec<(String, Value)>,
}

/// Looks a verb up, fills its inputs and encodes them. `index` is the op's place in its command.
pub(crate) fn fill(
    source: &mut Source<'_>,
    index: u16,
    new: &NewOp,
) -> Result<Filled, CommandFault> {
    let unknown = || CommandFault::UnknownVerb(new.verb.clone());
    let at = source
        .manifest
        .verbs
        .iter()
        .position(|verb| verb.name == new.verb)
        .ok_or_else(unknown)?;
    let verb = source.manifest.verbs.get(at).ok_or_else(unknown)?;
    let mut values = given(verb, index, new)?;
    // numbers come last: they need the date
    for pass in [false, true] {
        for (field, slot) in verb.params.iter().zip(0_usize..) {
            let late = matches!(field.edge, Some(Edge::Next { .. }));
            if late == pass && values.get(slot).is_some_and(Option::is_none) {
                let value = read(source, field, &values).ok_or_else(|| missing(index, field))?;
                if let Some(place) = values.get_mut(slot) {
                    *place = Some(value);
                }
            }
        }
    }
    let values: Vec<Value> = values
        .into_iter()
        .map(|value| value.unwrap_or(Value::None))
        .collect();
    let input = shape::encode_values(source.manifest, &verb.params, &values).map_err(|why| {
        CommandFault::BadInput {
            op: index,
            why: format!("{why}"),
        }
    })?;
    let names = verb.params.iter().map(|field| field.name.clone());
    let verb = u16::try_from(at).map_err(|_| unknown())?;
    Ok(Filled {
        op: Op {
            verb,
            input,
            slots: Vec::new(),
        },
        inputs: names.zip(values).collect(),
    })
}

fn missing(op: u16, field: &Field) -> CommandFault {
    CommandFault::MissingInput {
        op,
        input: field.name.clone(),
    }
}

/// The inputs that were given, by the verb's order; each name once.
fn given(verb: &Verb, index: u16, new: &NewOp) -> Result<Vec<Option<Value>>, CommandFault> {
    let mut values: Vec<Option<Value>> = verb.params.iter().map(|_| None).collect();
    for (name, value) in &new.inputs {
        let place = verb
            .params
            .iter()
            .position(|field| field.name == *name)
            .and_then(|at| values.get_mut(at));
        match place {
            Some(place) if place.is_none() => *place = Some(value.clone()),
            _ => {
                return Err(CommandFault::UnknownInput {
                    op: index,
                    input: name.clone(),
                });
            }
        }
    }
    Ok(values)
}

/// What the edge gives for an input that nobody gave; none for an optional one.
fn read(source: &mut Source<'_>, field: &Field, values: &[Option<Value>]) -> Option<Value> {
    match &field.edge {
        Some(Edge::NewId) => {
            let id = source.edge.ids.get(*source.ids_used)?;
            *source.ids_used = source.ids_used.saturating_add(1);
            Some(Value::Id(*id))
        }
        Some(Edge::Today) => Some(Value::Int(i64::from(source.edge.today))),
        Some(Edge::Now) => Some(Value::Int(source.edge.now_ms)),
        Some(Edge::Next { series, date }) => {
            let days = values.get(usize::from(*date))?.as_ref()?.int()?;
            let year = u16::try_from(Civil::from_days(days).year).ok()?;
            Some(Value::Int((source.next_number)(*series, year)))
        }
        None => matches!(field.ty, Type::Option(_)).then_some(Value::None),
    }
}
