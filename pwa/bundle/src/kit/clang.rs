//! A C compiler for wasm: SQLite is C, and gcc does not speak wasm.

use crate::kit::apt;
use crate::place::on_path;
use crate::run;
use anyhow::{Context, Result};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// clang and the archiver of one LLVM.
#[derive(Clone, Debug)]
pub(crate) struct Clang {
    /// The compiler.
    pub(crate) cc: PathBuf,
    /// The archiver.
    pub(crate) ar: PathBuf,
    /// The suffix of this LLVM's programs: `-22`, or nothing.
    pub(crate) suffix: String,
}

impl Clang {
    /// Finds or installs one that compiles for wasm32.
    pub(crate) fn ready() -> Result<Self> {
        if let Some(found) = Self::find() {
            return Ok(found);
        }
        let purpose = "a C compiler for wasm (clang, llvm-ar)";
        apt::install(&["clang-22", "llvm-22"], purpose)
            .or_else(|_| apt::install(&["clang", "llvm"], purpose))?;
        Self::find().context("clang was installed and still does not compile for wasm32")
    }

    fn find() -> Option<Self> {
        suffixes().into_iter().find_map(|suffix| {
            let cc = on_path(&format!("clang{suffix}"))?;
            let ar = on_path(&format!("llvm-ar{suffix}"))?;
            compiles(&cc).then_some(Clang { cc, ar, suffix })
        })
    }
}

/// `-22`, `-21`, … newest first, then the bare name.
fn suffixes() -> Vec<String> {
    let mut versions: Vec<u32> = env::split_paths(&env::var_os("PATH").unwrap_or_default())
        .filter_map(|dir| fs::read_dir(dir).ok())
        .flatten()
        .filter_map(|entry| {
            entry
                .ok()?
                .file_name()
                .to_str()?
                .strip_prefix("clang-")?
                .parse()
                .ok()
        })
        .collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions.dedup();
    versions
        .iter()
        .map(|version| format!("-{version}"))
        .chain([String::new()])
        .collect()
}

fn compiles(cc: &Path) -> bool {
    let mut command = run::command(cc, Path::new("/"));
    command.args([
        "--target=wasm32-unknown-unknown",
        "-x",
        "c",
        "-c",
        "-o",
        "/dev/null",
        "/dev/null",
    ]);
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
