//! The binary of the heavy libraries: binds wasm, runs wasm tests in a browser, compresses. `xtask` builds it once and
//! calls it, so that a start with nothing to build never loads or compiles them.

use anyhow::{Context, Result, bail};
use std::fs;
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.first().map(String::as_str) {
        Some("bind") => wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(&words),
        Some("test") => wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(&words),
        Some("brotli") => words.iter().skip(1).try_for_each(|file| compress(file)),
        _ => {
            eprintln!("usage: xtask-pack bind WASM OPTIONS… | test WASM OPTIONS… | brotli FILE…");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Writes `FILE.br` beside a file, at the best quality: the app is packed once and fetched often.
fn compress(file: &str) -> Result<()> {
    let bytes = fs::read(file).with_context(|| format!("could not read {file}"))?;
    let mut packed = Vec::new();
    {
        let mut writer = brotli::CompressorWriter::new(&mut packed, 1 << 16, 11, 22);
        writer.write_all(&bytes)?;
    }
    if packed.is_empty() {
        bail!("{file} gave no compressed bytes");
    }
    fs::write(format!("{file}.br"), packed).with_context(|| format!("could not write {file}.br"))
}
