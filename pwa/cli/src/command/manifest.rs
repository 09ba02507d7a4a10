//! Compiling manifests.

use std::path::{Path, PathBuf};

use daybook_client::{Command, Reply};
use daybook_log::control::manifest_id;
use serde_json::json;

use crate::command::Context;
use crate::command::setup::unexpected;
use crate::exit::{CliFault, io};

/// The manifest that a new book starts with.
const ERP: &str = include_str!("../../../../kernel/manifests/erp.book");

/// Bytes of a manifest's syntax tree; none is the one that comes with this build.
pub(super) fn compile(file: Option<&Path>) -> Result<Vec<u8>, CliFault> {
    let (name, source) = match file {
        None => ("erp.book".to_owned(), ERP.to_owned()),
        Some(path) if path == Path::new("erp") => ("erp.book".to_owned(), ERP.to_owned()),
        Some(path) => (
            path.display().to_string(),
            io(path, std::fs::read_to_string(path))?,
        ),
    };
    let compiled = daybook_manifest::compile(&source).map_err(|diagnostics| {
        let lines: Vec<String> = diagnostics
            .iter()
            .map(|it| format!("{name}:{it}"))
            .collect();
        CliFault::Usage(lines.join("\n"))
    })?;
    Ok(compiled.bytes)
}

pub(super) fn check(context: &Context, file: &Path) -> Result<(), CliFault> {
    report(context, &compile(Some(file))?, None)
}

pub(super) fn build(
    context: &Context,
    file: &Path,
    output: Option<PathBuf>,
) -> Result<(), CliFault> {
    let bytes = compile(Some(file))?;
    if let Some(path) = &output {
        io(path, std::fs::write(path, &bytes))?;
    }
    report(context, &bytes, output.as_deref())
}

pub(super) fn adopt(context: &Context, file: &Path) -> Result<(), CliFault> {
    let ast = compile(Some(file))?;
    let mut shell = context.online()?;
    let Reply::Adopted { manifest, entry } = shell.ask(Command::Adopt { ast })? else {
        return Err(unexpected());
    };
    shell.ask(Command::Sync)?;
    context.print(
        || format!("adopted manifest {manifest}, entry {entry}"),
        || json!({ "manifest": manifest.to_string(), "entry": entry.to_string() }),
    )
}

fn report(context: &Context, bytes: &[u8], output: Option<&Path>) -> Result<(), CliFault> {
    let manifest = daybook_manifest::decode(bytes).map_err(|fault| {
        CliFault::Usage(format!("the compiled manifest does not decode: {fault}"))
    })?;
    let id = manifest_id(bytes).to_string();
    context.print(
        || {
            let (entities, verbs) = (manifest.entities.len(), manifest.verbs.len());
            format!(
                "{} {}: {entities} entities, {verbs} verbs, level {}, {} bytes\nmanifest {id}",
                manifest.name,
                manifest.version,
                manifest.level,
                bytes.len()
            )
        },
        || {
            json!({
                "name": manifest.name, "version": manifest.version, "level": manifest.level, "bytes": bytes.len(),
                "manifest": id, "output": output.map(|path| path.display().to_string()),
            })
        },
    )
}
