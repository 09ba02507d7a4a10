//! A page that points nowhere is a page that nobody has read.

use crate::{Finding, Tree};
use anyhow::Result;

/// Every relative link of every page leads to a file or folder of the tree.
///
/// # Errors
/// Never.
pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for (path, text) in tree.texts(&[".md"]) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut in_code = false;
        for (number, line) in text.lines().enumerate() {
            in_code ^= line.trim_start().starts_with("```");
            if in_code {
                continue;
            }
            for target in targets(line) {
                let file = target.split(['#', '?']).next().unwrap_or_default();
                let is_outside =
                    file.is_empty() || target.contains("://") || target.starts_with("mailto:");
                if !is_outside && !leads(tree, folder, file) {
                    found.push(Finding::at(
                        path,
                        number + 1,
                        format!("the link to {target} leads nowhere"),
                    ));
                }
            }
        }
    }
    Ok(found)
}

/// What stands in the round brackets of `[…](…)`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .map(|target| target.split(' ').next().unwrap_or_default())
}

fn leads(tree: &Tree, folder: &str, file: &str) -> bool {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in file.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return false;
                }
            }
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    let below = format!("{path}/");
    tree.has(&path) || tree.paths().any(|other| other.starts_with(&below))
}
