//! The manifests that ship compile, and their bytes are what everybody decodes.

use daybook_manifest::{compile, decode};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const SHIPPED: [(&str, &str); 2] = [
    ("erp", include_str!("../../manifests/erp.book")),
    ("kv", include_str!("../../manifests/kv.book")),
];

#[test]
fn the_shipped_manifests_compile_and_decode_to_themselves() {
    for (name, source) in SHIPPED {
        let compiled = compile(source).unwrap_or_else(|diagnostics| {
            let lines: Vec<_> = diagnostics.iter().map(ToString::to_string).collect();
            panic!("{name}.book:\n{}", lines.join("\n"))
        });
        assert_eq!(compiled.manifest.name, name);
        assert_eq!(*decode(&compiled.bytes).unwrap(), compiled.manifest);
    }
}

#[test]
fn another_rounding_is_one_word_and_another_manifest() {
    let (_, source) = SHIPPED[0];
    let other = source.replace("rounding per_line half_up", "rounding per_line half_even");
    let (half_up, half_even) = (compile(source).unwrap(), compile(&other).unwrap());
    assert_ne!(half_up.bytes, half_even.bytes);
    assert_eq!(half_up.bytes.len(), half_even.bytes.len());
}
