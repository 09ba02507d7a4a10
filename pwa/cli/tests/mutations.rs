//! Input from outside, changed in 100,000 ways with a fixed seed: an answer or a sentence, never a panic, and nothing that
//! the kernel would not take.

use daybook_cli::import::build::{Bad, build};
use daybook_cli::import::map::Map;
use daybook_cli::import::sheet::Sheet;
use daybook_cli::inputs;
use daybook_manifest::Checked;
use daybook_manifest::ast::Manifest;
use daybook_manifest::shape::encode_values;
use daybook_manifest::value::Value;

const FILES: [(&str, &[u8]); 4] = [
    ("orders.csv", include_bytes!("data/good/orders.csv")),
    ("lines.csv", include_bytes!("data/good/lines.csv")),
    ("articles.csv", include_bytes!("data/good/articles.csv")),
    ("groups.csv", include_bytes!("data/good/groups.csv")),
];
const MAP: &str = include_str!("data/shop.toml");

fn manifest() -> Checked {
    let compiled = daybook_manifest::compile(include_str!("../../../kernel/manifests/erp.book"))
        .expect("it compiles");
    daybook_manifest::decode(&compiled.bytes).expect("it decodes")
}

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        it ^ (it >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit.max(1)).expect("small")).expect("small")
    }

    /// One to three changes: a bit, a byte, a piece cut, doubled or moved, or something that parsers stumble over.
    fn mutate(&mut self, good: &[u8]) -> Vec<u8> {
        const STUMBLES: [&[u8]; 16] = [
            b"\"",
            b",",
            b";",
            b"\n",
            b"\r\n",
            b"\0",
            b"\xff\xfe",
            b"-",
            b".",
            b"9999999999999999999999",
            b"1e309",
            b"{",
            b"[",
            b"null",
            "\u{202e}".as_bytes(),
            b"'",
        ];
        let mut bytes = good.to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len().max(1));
            let len = self.below(8).min(bytes.len() - at.min(bytes.len()));
            match self.below(6) {
                0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                1 if at < bytes.len() => bytes[at] = u8::try_from(self.below(256)).expect("a byte"),
                2 => drop(bytes.drain(at..at + len)),
                3 => {
                    let piece = bytes[at..at + len].to_vec();
                    let to = self.below(bytes.len() + 1);
                    bytes.splice(to..to, piece);
                }
                _ => {
                    let stumble = STUMBLES[self.below(STUMBLES.len())];
                    bytes.splice(at..at, stumble.iter().copied());
                }
            }
        }
        bytes
    }
}

/// What was read must be what the kernel codes: inputs in the verb's order, fresh ones filled in.
fn fits(manifest: &Manifest, verb: &str, inputs: &[(String, Value)]) {
    let verb = manifest
        .verbs
        .iter()
        .find(|it| it.name == verb)
        .expect("a verb of the manifest");
    for (name, value) in inputs {
        let field = verb
            .params
            .iter()
            .find(|it| it.name == *name)
            .expect("an input of the verb");
        let coded = encode_values(
            manifest,
            std::slice::from_ref(field),
            std::slice::from_ref(value),
        );
        assert!(coded.is_ok(), "{name} = {value:?}: {coded:?}");
    }
}

/// Claim: 50,000 changed JSON inputs give values of the declared types or a sentence.
#[test]
fn op_json() {
    let manifest = manifest();
    let id = "00112233445566778899aabbccddeeff";
    let good = format!(
        r#"{{"session":"{id}","party":"{id}","date":"2026-01-31","currency":"EUR","lines":[{{"item":"{id}","qty":"1.5","price":"4.50","disc":"10%","tax_ppm":"7%","incl":true}}],"tenders":[{{"kind":"cash","amount":"12.34"}}],"round":0}}"#
    );
    assert!(
        inputs::read(&manifest, "sale.commit", &good).is_ok(),
        "the unchanged one is good"
    );
    let mut chance = Chance(1);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..50_000 {
        let bytes = chance.mutate(good.as_bytes());
        match inputs::read(&manifest, "sale.commit", &String::from_utf8_lossy(&bytes)) {
            Ok(inputs) => {
                fits(&manifest, "sale.commit", &inputs);
                read += 1;
            }
            Err(why) => {
                assert!(!why.is_empty());
                refused += 1;
            }
        }
    }
    assert!(
        read > 500 && refused > 500,
        "{read} read, {refused} refused: both kinds must occur"
    );
}

/// Claim: 40,000 changed CSV files give ops of the declared shapes and complaints with a file and a line; no row is
/// silently lost: what is not an op is a complaint.
#[test]
fn csv_files() {
    let (manifest, map) = (manifest(), Map::parse(MAP).expect("good"));
    let mut chance = Chance(2);
    let (mut whole, mut partial, mut refused) = (0, 0, 0);
    for round in 0..40_000 {
        let victim = round % FILES.len();
        let sheets: Result<Vec<Sheet>, String> = map
            .sources
            .iter()
            .map(|source| {
                let (nth, (_, good)) = FILES
                    .iter()
                    .enumerate()
                    .find(|(_, (name, _))| *name == source.file)
                    .expect("a file of the map");
                let bytes = if nth == victim {
                    chance.mutate(good)
                } else {
                    good.to_vec()
                };
                Sheet::read(source, bytes.as_slice())
            })
            .collect();
        let Ok(sheets) = sheets else {
            refused += 1;
            continue;
        };
        let out = build(&map, &manifest, &sheets).expect("the map fits the manifest");
        out.ops
            .iter()
            .for_each(|op| fits(&manifest, &op.verb, &op.inputs));
        assert!(
            out.bad
                .iter()
                .all(|bad| !bad.file.is_empty() && !bad.reason.is_empty()),
            "{:?}",
            out.bad
        );
        let articles = sheets
            .iter()
            .find(|sheet| sheet.file == "articles.csv")
            .expect("there")
            .rows
            .len();
        let items = out.ops.iter().filter(|op| op.verb == "item.new").count();
        let about = |bad: &&Bad| {
            bad.file == "articles.csv" || bad.reason.contains("item.new of articles.csv:")
        };
        let complaints = out.bad.iter().filter(about).count();
        assert_eq!(items + complaints, articles, "{:?}", out.bad);
        if out.bad.is_empty() {
            whole += 1
        } else {
            partial += 1
        }
    }
    assert!(
        whole > 500 && partial > 500 && refused > 500,
        "{whole} whole, {partial} partial, {refused} refused"
    );
}

/// Claim: 10,000 changed maps give a map or a sentence; a map that is one builds or says why not.
#[test]
fn maps() {
    let manifest = manifest();
    let mut chance = Chance(3);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..10_000 {
        let bytes = chance.mutate(MAP.as_bytes());
        let Ok(map) = Map::parse(&String::from_utf8_lossy(&bytes)) else {
            refused += 1;
            continue;
        };
        read += 1;
        let sheets: Result<Vec<Sheet>, String> = map
            .sources
            .iter()
            .map(|source| {
                let good = FILES
                    .iter()
                    .find(|(name, _)| *name == source.file)
                    .map_or(&b""[..], |(_, good)| good);
                Sheet::read(source, good)
            })
            .collect();
        if let Ok(sheets) = sheets
            && let Ok(out) = build(&map, &manifest, &sheets)
        {
            out.ops
                .iter()
                .for_each(|op| fits(&manifest, &op.verb, &op.inputs));
        }
    }
    assert!(
        read > 100 && refused > 100,
        "{read} read, {refused} refused: both kinds must occur"
    );
}
