//! The worked example of docs/spec/manifest.md is what the code does.

use daybook_manifest::{compile, shape, value::Value};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const SPEC: &str = include_str!("../../../docs/spec/manifest.md");

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The fenced blocks of the section that begins with `Worked`.
fn worked() -> Vec<&'static str> {
    let section = SPEC.split_once("Worked (").unwrap().1;
    section
        .split("```")
        .skip(1)
        .step_by(2)
        .map(|block| block.trim_start_matches("text").trim())
        .collect()
}

#[test]
fn the_worked_source_has_the_worked_bytes() {
    let [source, tree, input] = worked()[..] else {
        panic!("three blocks")
    };
    let compiled = compile(source).unwrap();
    assert_eq!(hex(&compiled.bytes), tree);
    let values = [Value::Id([7; 16]), Value::Int(9)];
    let manifest = &compiled.manifest;
    let bytes = shape::encode_values(manifest, &manifest.verbs[0].params, &values).unwrap();
    assert_eq!(hex(&bytes), input);
}
