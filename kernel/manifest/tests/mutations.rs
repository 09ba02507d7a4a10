//! Bytes from strangers: trees, inputs and sources that were changed at random give a typed answer, never a panic.

use daybook_manifest::{BadManifest, ast::Manifest, check, compile, decode, shape, value::Value};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const SOURCE: &str = include_str!("../../manifests/erp.book");
const SMALL: &str = include_str!("../../manifests/kv.book");

/// Trees to change, and how often: the large one costs ten times as much.
fn trees() -> [(Manifest, usize); 2] {
    [(SOURCE, runs(10_000)), (SMALL, runs(90_000))]
        .map(|(source, count)| (compile(source).unwrap().manifest, count))
}

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.draw() % bound.max(1) as u64) as usize
    }

    /// One to three changes: a byte set, flipped, put in or taken out, a piece copied elsewhere, the end cut off.
    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(3) {
            if bytes.is_empty() {
                return;
            }
            let at = self.below(bytes.len());
            match self.below(6) {
                0 => bytes[at] = self.draw() as u8,
                1 => bytes[at] ^= 1 << self.below(8),
                2 => bytes.insert(at, self.draw() as u8),
                3 => drop(bytes.remove(at)),
                4 => {
                    let piece = bytes[at..bytes.len().min(at + 1 + self.below(40))].to_vec();
                    let to = self.below(bytes.len());
                    bytes.splice(to..to, piece);
                }
                _ => bytes.truncate(at),
            }
        }
    }
}

fn runs(full: usize) -> usize {
    if cfg!(target_arch = "wasm32") {
        full / 20
    } else {
        full
    }
}

#[test]
fn a_changed_tree_is_refused_or_is_another_good_tree() {
    let mut chance = Chance(1);
    let (mut good, mut faulty) = (0u32, 0u32);
    let trees = trees().map(|(tree, count)| (postcard::to_allocvec(&tree).unwrap(), count));
    for bytes in trees
        .iter()
        .flat_map(|(bytes, count)| core::iter::repeat_n(bytes, *count))
    {
        let mut changed = bytes.clone();
        chance.mutate(&mut changed);
        match decode(&changed) {
            Ok(checked) => {
                good += 1;
                let tree: &Manifest = &checked;
                assert_eq!(postcard::to_allocvec(tree).as_deref(), Ok(&changed[..]));
            }
            Err(BadManifest::Fault(fault)) => {
                faulty += 1;
                assert!(!fault.cause.is_empty() && !fault.mend.is_empty());
            }
            Err(_) => {}
        }
    }
    // The run proves something only if many changes get as far as the checker and some past it.
    assert!(
        good as usize > runs(1_000) && faulty as usize > runs(1_000),
        "{good} good, {faulty} faulty"
    );
}

#[test]
fn a_tree_that_nobody_wrote_is_judged_without_a_panic() {
    // Numbers of a decoded tree are changed in place: every one of these trees reaches the checker.
    let mut chance = Chance(2);
    let mut judged = 0;
    let trees = trees().map(|(tree, count)| (postcard::to_allocvec(&tree).unwrap(), count));
    for bytes in trees
        .iter()
        .flat_map(|(bytes, count)| core::iter::repeat_n(bytes, *count))
    {
        let mut changed = bytes.clone();
        let at = chance.below(changed.len());
        changed[at] = changed[at].wrapping_add(1 + chance.below(3) as u8);
        if let Ok(tree) = postcard::from_bytes::<Manifest>(&changed) {
            judged += 1;
            let _ = check::check(&tree);
        }
    }
    assert!(judged > runs(10_000), "{judged}");
}

#[test]
fn changed_inputs_are_refused_or_have_one_coding() {
    let manifest = compile(SOURCE).unwrap().manifest;
    let mut chance = Chance(3);
    for verb in &manifest.verbs {
        let mut drawn = coded(&manifest, verb, 7);
        for round in 0..runs(1_000_000) / manifest.verbs.len() {
            if round % 64 == 0 {
                drawn = coded(&manifest, verb, round as u8);
            }
            let mut changed = drawn.clone();
            chance.mutate(&mut changed);
            let slots = chance.below(3) as u16;
            if let Ok(values) = shape::decode_values(&manifest, &verb.params, &changed, slots) {
                let again = shape::encode_values(&manifest, &verb.params, &values);
                assert_eq!(again.as_deref(), Ok(&changed[..]), "{}", verb.name);
            }
        }
    }
}

#[test]
fn a_changed_source_compiles_or_is_diagnosed() {
    let mut chance = Chance(4);
    for _ in 0..runs(500) {
        let mut changed = SOURCE.as_bytes().to_vec();
        chance.mutate(&mut changed);
        let text = String::from_utf8_lossy(&changed);
        match compile(&text) {
            Ok(compiled) => assert!(decode(&compiled.bytes).is_ok()),
            Err(found) => {
                let first = &found[0];
                assert!(
                    first.span.end as usize <= text.len() && first.line > 0 && first.column > 0
                );
            }
        }
    }
}

/// Inputs of a verb with something in each field.
fn coded(manifest: &Manifest, verb: &daybook_manifest::ast::Verb, salt: u8) -> Vec<u8> {
    fn value(ty: &daybook_manifest::ast::Type, salt: u8) -> Value {
        use daybook_manifest::ast::Type;
        match ty {
            Type::Bool => Value::Bool(salt & 1 == 0),
            Type::Code(max) => Value::Text("A1-"[..usize::from(*max).min(3)].into()),
            Type::Text(_) => Value::Text("a word".into()),
            Type::Id | Type::Ref(_) => Value::Id([salt; 16]),
            Type::Author => Value::Author([salt; 32]),
            Type::Sealed(_) => Value::None,
            Type::Option(_) if salt & 1 == 0 => Value::None,
            Type::Option(inner) => value(inner, salt),
            Type::List(fields, _) => {
                let record = || fields.iter().map(|field| value(&field.ty, salt)).collect();
                Value::List((0..salt % 3).map(|_| record()).collect())
            }
            _ => Value::Int(1),
        }
    }
    let values: Vec<_> = verb
        .params
        .iter()
        .map(|param| value(&param.ty, salt))
        .collect();
    shape::encode_values(manifest, &verb.params, &values).unwrap()
}
