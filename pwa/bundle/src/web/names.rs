//! Names with a content hash, and the tokens by which files mention each other.
//!
//! A text file mentions another one as `%NAME_EXT%` (`%UI_WASM%`, `%STYLE_CSS%`). What is mentioned so gets the hash of its
//! final bytes into its name, and the mention becomes that name. Files that nobody mentions keep their own name.

use crate::stamp;
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};

/// The token of the release itself. Only files that keep their own name can have it: the release is a hash over all files
/// as they are before it is filled in.
const RELEASE: &str = "RELEASE";

/// A file of the app before it has its final name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asset {
    /// Its name in the sources: `ui.wasm`, `icons/192.png`.
    pub(crate) name: String,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// Tokens in it are filled; generated code is left alone.
    pub(crate) has_tokens: bool,
}

/// The files of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    /// The release's own id.
    pub(crate) release: String,
    /// Final names with final bytes.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

/// Fills all tokens and gives every file its final name.
pub(crate) fn settle(assets: &[Asset]) -> Result<Settled> {
    let mut by_token: BTreeMap<String, &Asset> = BTreeMap::new();
    for asset in assets {
        if let Some(other) = by_token.insert(token_of(&asset.name), asset) {
            bail!("{} and {} have the same token", other.name, asset.name);
        }
    }
    let mut mentioned = BTreeSet::new();
    for asset in assets.iter().filter(|asset| asset.has_tokens) {
        mentioned.extend(tokens(text(asset)?).into_iter().map(|(_, token)| token));
    }
    let mut settling = Settling {
        by_token,
        mentioned,
        done: BTreeMap::new(),
    };
    for asset in assets {
        settling.settle(asset, &mut Vec::new())?;
    }
    let mut files: BTreeMap<String, Vec<u8>> = settling.done.into_values().collect();
    let listed: Vec<String> = files
        .iter()
        .map(|(name, bytes)| format!("{name} {}", stamp::sha256(bytes)))
        .collect();
    let release = stamp::sha256(listed.join("\n").as_bytes())[..16].to_owned();
    for asset in assets.iter().filter(|asset| {
        asset.has_tokens
            && tokens(text(asset).unwrap_or_default())
                .iter()
                .any(|(_, token)| *token == RELEASE)
    }) {
        let bytes = files.get_mut(&asset.name).with_context(|| format!("{} has the token of the release and a hash in its name: its name would not be true", asset.name))?;
        *bytes = String::from_utf8_lossy(bytes)
            .replace(&format!("%{RELEASE}%"), &release)
            .into_bytes();
    }
    Ok(Settled { release, files })
}

struct Settling<'a> {
    by_token: BTreeMap<String, &'a Asset>,
    mentioned: BTreeSet<&'a str>,
    /// By source name: final name and bytes.
    done: BTreeMap<&'a str, (String, Vec<u8>)>,
}

impl<'a> Settling<'a> {
    fn settle(&mut self, asset: &'a Asset, above: &mut Vec<&'a str>) -> Result<String> {
        if let Some((name, _)) = self.done.get(asset.name.as_str()) {
            return Ok(name.clone());
        }
        if above.contains(&asset.name.as_str()) {
            bail!(
                "{} mentions itself by way of {}",
                asset.name,
                above.join(", ")
            );
        }
        above.push(&asset.name);
        let bytes = if asset.has_tokens {
            self.fill(asset, above)?
        } else {
            asset.bytes.clone()
        };
        above.pop();
        let hashed = self.mentioned.contains(token_of(&asset.name).as_str());
        let name = if hashed {
            with_hash(&asset.name, &bytes)
        } else {
            asset.name.clone()
        };
        self.done.insert(&asset.name, (name.clone(), bytes));
        Ok(name)
    }

    fn fill(&mut self, asset: &'a Asset, above: &mut Vec<&'a str>) -> Result<Vec<u8>> {
        let source = text(asset)?;
        let mut filled = String::with_capacity(source.len());
        let mut rest = 0;
        for (at, token) in tokens(source)
            .into_iter()
            .filter(|(_, token)| *token != RELEASE)
        {
            let target = *self
                .by_token
                .get(token)
                .with_context(|| format!("{}: no file for %{token}%", asset.name))?;
            let name = self.settle(target, above)?;
            filled.push_str(&source[rest..at]);
            filled.push_str(&name);
            rest = at + token.len() + 2;
        }
        filled.push_str(&source[rest..]);
        Ok(filled.into_bytes())
    }
}

fn text(asset: &Asset) -> Result<&str> {
    std::str::from_utf8(&asset.bytes).with_context(|| format!("{} is no UTF-8 text", asset.name))
}

/// `ui.wasm` is mentioned as `UI_WASM`.
fn token_of(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect()
}

/// `ui.wasm` becomes `ui.0123456789abcdef.wasm`.
fn with_hash(name: &str, bytes: &[u8]) -> String {
    let hash = &stamp::sha256(bytes)[..16];
    match name.rsplit_once('.') {
        Some((stem, kind)) => format!("{stem}.{hash}.{kind}"),
        None => format!("{name}.{hash}"),
    }
}

/// Every `%TOKEN%` of a text, with the place of its first percent sign.
fn tokens(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find('%').map(|at| from + at) {
        let after = &text[start + 1..];
        let length = after
            .bytes()
            .take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
            .count();
        let is_token = length >= 3
            && after.as_bytes()[0].is_ascii_uppercase()
            && after.as_bytes().get(length) == Some(&b'%');
        if is_token {
            found.push((start, &after[..length]));
            from = start + length + 2;
        } else {
            from = start + 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(name: &str, text: &str) -> Asset {
        Asset {
            name: name.into(),
            bytes: text.into(),
            has_tokens: !name.ends_with("wasm"),
        }
    }

    fn app(code: &str) -> Settled {
        settle(&[
            asset("index.html", "<script src=%BOOT_JS%></script> 100% W%D"),
            asset("boot.js", "load('%UI_WASM%'); '%UI_WASM%'"),
            asset("ui.wasm", code),
            asset("sw.js", "self %RELEASE%"),
        ])
        .unwrap()
    }

    #[test]
    fn what_is_mentioned_gets_the_hash_of_its_bytes_and_the_rest_keeps_its_name() {
        let first = app("%UI_WASM% in code is left alone");
        let names: Vec<_> = first.files.keys().map(String::as_str).collect();
        assert!(names.contains(&"index.html") && names.contains(&"sw.js"));
        let boot = names.iter().find(|name| name.starts_with("boot.")).unwrap();
        assert_eq!(boot.len(), "boot.0123456789abcdef.js".len());
        let page = String::from_utf8(first.files["index.html"].clone()).unwrap();
        assert_eq!(page, format!("<script src={boot}></script> 100% W%D"));
    }

    #[test]
    fn a_new_wasm_renames_everything_that_mentions_it() {
        let (first, second) = (app("one"), app("two"));
        let boot = |settled: &Settled| {
            settled
                .files
                .keys()
                .find(|name| name.starts_with("boot."))
                .cloned()
                .unwrap()
        };
        assert_ne!(boot(&first), boot(&second));
        assert_ne!(first.files["index.html"], second.files["index.html"]);
        assert_ne!(
            first.files["sw.js"], second.files["sw.js"],
            "a new release is a new service worker"
        );
    }

    #[test]
    fn a_token_without_a_file_and_a_circle_of_mentions_are_refused() {
        let lost = settle(&[asset("a.js", "%B_JS%")]).unwrap_err().to_string();
        assert!(lost.contains("no file for %B_JS%"), "{lost}");
        let circle = settle(&[asset("a.js", "%B_JS%"), asset("b.js", "%A_JS%")])
            .unwrap_err()
            .to_string();
        assert!(circle.contains("mentions itself"), "{circle}");
    }

    #[test]
    fn the_release_is_filled_in_where_the_name_stays_and_nowhere_else() {
        let first = app("one");
        assert_eq!(
            first.files["sw.js"],
            format!("self {}", first.release).into_bytes()
        );
        assert_eq!(app("one"), first);
        let untrue = settle(&[asset("a.js", "%B_JS%"), asset("b.js", "%RELEASE%")])
            .unwrap_err()
            .to_string();
        assert!(untrue.contains("its name would not be true"), "{untrue}");
    }
}
