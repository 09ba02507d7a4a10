//! A verb that nobody has seen: the kernel knows no name, and folds it to the same hashes everywhere.

use anyhow::{Context as _, anyhow};
use daybook_fold::replay;
use daybook_log::Op;
use daybook_manifest::ast::Manifest;
use daybook_manifest::testgen::{Chance, generate, inputs};
use daybook_manifest::{shape, value::Value};
use daybook_witnesses::browser::Page;
use daybook_witnesses::witness::NoLine;
use daybook_witnesses::workload::{BookMaker, MadeBook, compiled};
use daybook_witnesses::world::{self, Relay, skip};
use serde_json::json;

/// A book that starts on a manifest of nothing, adopts a made-up one through its log, and is used.
fn book(seed: u64) -> anyhow::Result<MadeBook> {
    let (_, nothing) = compiled("manifest nothing 1\n")?;
    let made = generate(seed);
    let (manifest, ast) = compiled(&made.source).with_context(|| made.source.clone())?;
    let mut maker = BookMaker::new(seed, &nothing, 2)?;
    maker.adopt(&ast)?;
    let mut chance = Chance::new(seed);
    let known = maker.dice().id();
    maker.ops(
        0,
        vec![op(&manifest, &made.maker, &mut chance, known, Some(known))?],
    )?;
    for nth in 0..40 {
        let ops = (0..3).map(|_| op(&manifest, &made.verb, &mut chance, known, None));
        maker.ops(nth % 2, ops.collect::<anyhow::Result<Vec<_>>>()?)?;
    }
    Ok(maker.done())
}

fn op(
    manifest: &Manifest,
    verb: &str,
    chance: &mut Chance,
    known: [u8; 16],
    id: Option<[u8; 16]>,
) -> anyhow::Result<Op> {
    let index = manifest
        .verbs
        .iter()
        .position(|it| it.name == verb)
        .context("the verb")?;
    let params = &manifest.verbs[index].params;
    let mut values = inputs(manifest, params, chance, known);
    if let Some(id) = id {
        *values.first_mut().context("an id")? = Value::Id(id);
    }
    let input = shape::encode_values(manifest, params, &values).map_err(|bad| anyhow!("{bad}"))?;
    Ok(Op {
        verb: u16::try_from(index)?,
        input,
        slots: Vec::new(),
    })
}

const ASK: &str = r"
    const [books, done] = arguments;
    import('/probe.js')
        .then(probe => probe.default({ module_or_path: '/probe_bg.wasm' }).then(() => books.map(book => probe.replay(new Uint8Array(book), 7))))
        .then(done, fault => done('fault: ' + fault));
";

/// False if a made-up verb applies nowhere, or if native and Chromium part on any hash.
#[test]
fn unseen_verbs_fold_alike_natively_and_in_chromium() -> anyhow::Result<()> {
    match alike() {
        Ok(()) => Ok(()),
        Err(NoLine::Missing(why)) => {
            skip("unseen_verbs_fold_alike_natively_and_in_chromium", &why);
            Ok(())
        }
        Err(NoLine::Broken(error)) => Err(error),
    }
}

fn alike() -> Result<(), NoLine> {
    let books = (100..108)
        .map(|seed| Ok(book(seed)?.bytes()))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut native = Vec::new();
    for book in &books {
        let hashes = replay(book).map_err(|fault| anyhow!("{fault}"))?;
        if hashes.applied * 3 < hashes.ops {
            return Err(anyhow!("only {} of {} ops applied", hashes.applied, hashes.ops).into());
        }
        native.push(daybook_probe::print(&hashes));
    }
    let folder = tempfile::tempdir()?;
    let relay = Relay::start(
        &folder.path().join("relay"),
        Some(&world::probe_app(folder.path())?),
    )?;
    let page = Page::open(&folder.path().join("profile"))?;
    page.go(&relay.url)?;
    let theirs = page.script_async(ASK, vec![json!(books)])?;
    if theirs != json!(native) {
        return Err(anyhow!("Chromium says {theirs}, natively {native:?}").into());
    }
    Ok(())
}
