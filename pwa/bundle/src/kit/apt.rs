//! Debian packages, by apt-get, only where that needs nobody's password.

use crate::run;
use crate::say;
use anyhow::{Result, bail};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Installs packages for a purpose, or says in one sentence what a person has to run.
pub(crate) fn install(packages: &[&str], purpose: &str) -> Result<()> {
    let by_hand = format!(
        "sudo apt-get install --no-install-recommends {}",
        packages.join(" ")
    );
    if crate::place::on_path("apt-get").is_none() {
        bail!(
            "{purpose} is missing and this is no Debian: install what these packages hold: {}",
            packages.join(" ")
        );
    }
    let Some(rights) = rights() else {
        bail!(
            "{purpose} is missing and installing it needs root: run `{by_hand}`, then this command again"
        );
    };
    say::step(&format!(
        "{purpose} is missing: apt-get install {}",
        packages.join(" ")
    ));
    if try_install(rights, packages) {
        return Ok(());
    }
    say::step("not found in the package lists of this machine: apt-get update, then once more");
    run::quick(&mut apt(rights, &["update"]), Duration::from_secs(300));
    if try_install(rights, packages) {
        return Ok(());
    }
    bail!("{purpose} is missing and apt-get could not install it: see what `{by_hand}` says")
}

/// How commands get root's rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rights {
    Root,
    Sudo,
}

fn rights() -> Option<Rights> {
    let id = run::output(run::command("id", Path::new("/")).arg("-u")).ok()?;
    if id.stdout.trim_ascii() == b"0" {
        return Some(Rights::Root);
    }
    run::quick(
        run::command("sudo", Path::new("/")).args(["-n", "true"]),
        Duration::from_secs(10),
    )
    .then_some(Rights::Sudo)
}

fn try_install(rights: Rights, packages: &[&str]) -> bool {
    let mut words = vec!["install", "-y", "-qq", "--no-install-recommends"];
    words.extend(packages);
    run::quick(&mut apt(rights, &words), Duration::from_secs(900))
}

fn apt(rights: Rights, words: &[&str]) -> Command {
    let mut command = match rights {
        Rights::Root => run::command("apt-get", Path::new("/")),
        Rights::Sudo => {
            let mut sudo = run::command("sudo", Path::new("/"));
            sudo.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
            sudo
        }
    };
    command.env("DEBIAN_FRONTEND", "noninteractive").args(words);
    command
}
