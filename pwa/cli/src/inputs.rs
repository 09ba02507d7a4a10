//! Inputs of a verb as JSON: strings are read by the type of the input, integers and truth values as they are.

use daybook_manifest::ast::{Field, Manifest, Type};
use daybook_manifest::printable;
use daybook_manifest::value::Value;
use serde_json::Value as Json;

/// Most bytes of an op's inputs in JSON.
pub const TEXT_MAX: usize = 1024 * 1024;

/// Reads the inputs of a verb.
///
/// # Errors
/// A sentence that names the input.
pub fn read(manifest: &Manifest, verb: &str, text: &str) -> Result<Vec<(String, Value)>, String> {
    if text.len() > TEXT_MAX {
        return Err(format!("the inputs have more than {TEXT_MAX} bytes"));
    }
    let found = manifest.verbs.iter().find(|it| it.name == verb);
    let verb = found.ok_or_else(|| {
        let names: Vec<&str> = manifest.verbs.iter().map(|it| it.name.as_str()).collect();
        format!("there is no verb `{verb}`; there are {}", names.join(", "))
    })?;
    let json: Json = serde_json::from_str(text).map_err(|fault| format!("not JSON: {fault}"))?;
    let Json::Object(given) = json else {
        return Err("the inputs must be a JSON object".into());
    };
    let one = |(name, json): (String, Json)| {
        let field = verb
            .params
            .iter()
            .find(|it| it.name == name)
            .ok_or_else(|| {
                let names: Vec<&str> = verb.params.iter().map(|it| it.name.as_str()).collect();
                format!(
                    "{} has no input `{name}`; it has {}",
                    verb.name,
                    names.join(", ")
                )
            })?;
        let value =
            value(manifest, &field.ty, &json).map_err(|why| format!("input {name}: {why}"))?;
        Ok((name, value))
    };
    // What is sealed and not given stays without an envelope.
    let lacks =
        |field: &&Field| matches!(field.ty, Type::Sealed(_)) && !given.contains_key(&field.name);
    let sealed: Vec<_> = verb
        .params
        .iter()
        .filter(lacks)
        .map(|field| (field.name.clone(), Value::None))
        .collect();
    let mut inputs: Vec<_> = given.into_iter().map(one).collect::<Result<_, String>>()?;
    inputs.extend(sealed);
    Ok(inputs)
}

fn value(manifest: &Manifest, ty: &Type, json: &Json) -> Result<Value, String> {
    match (ty, json) {
        (Type::Option(_) | Type::Sealed(_), Json::Null) => Ok(Value::None),
        (Type::List(fields, max), Json::Array(records)) if records.len() <= usize::from(*max) => {
            let one = |(nth, json): (usize, &Json)| {
                record(manifest, fields, json).map_err(|why| format!("element {}: {why}", nth + 1))
            };
            records
                .iter()
                .enumerate()
                .map(one)
                .collect::<Result<_, _>>()
                .map(Value::List)
        }
        (Type::List(_, max), _) => Err(format!("must be an array of at most {max} objects")),
        (_, Json::String(text)) => read_text(manifest, ty, text),
        (_, Json::Bool(truth)) => read_text(manifest, ty, if *truth { "true" } else { "false" }),
        (_, Json::Number(number)) if number.is_i64() || number.is_u64() => {
            read_text(manifest, ty, &number.to_string())
        }
        (_, Json::Number(_)) => {
            Err("write numbers with a point as strings, so that they stay exact".into())
        }
        _ => Err(format!("must be {}", printable::wanted(manifest, ty))),
    }
}

fn read_text(manifest: &Manifest, ty: &Type, text: &str) -> Result<Value, String> {
    printable::text_to_value(manifest, ty, text).map_err(|bad| bad.to_string())
}

/// A record's values in the order of its fields.
fn record(manifest: &Manifest, fields: &[Field], json: &Json) -> Result<Vec<Value>, String> {
    let Json::Object(given) = json else {
        return Err("must be an object".into());
    };
    if let Some(unknown) = given
        .keys()
        .find(|name| fields.iter().all(|it| it.name != **name))
    {
        return Err(format!("there is no field `{unknown}`"));
    }
    let one = |field: &Field| match given.get(&field.name) {
        Some(json) => {
            value(manifest, &field.ty, json).map_err(|why| format!("field {}: {why}", field.name))
        }
        None if matches!(field.ty, Type::Option(_) | Type::Sealed(_)) => Ok(Value::None),
        None => Err(format!("field `{}` is missing", field.name)),
    };
    fields.iter().map(one).collect()
}
