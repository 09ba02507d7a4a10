//! The app's files: read once at the start, so that a path is a look-up in a map and can reach nothing else.

use crate::body::AnswerBody;
use crate::body::{Answer, problem, whole};
use crate::limits::{APP_BYTES_MAX, APP_FILES_MAX};
use crate::{Fault, No};
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// What the page may do: load its own files, run its own wasm, talk to this relay. Nothing inline, nothing from elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const GUARDS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), browsing-topics=()",
    ),
];

#[derive(Debug)]
struct File {
    media: &'static str,
    plain: Coded,
    brotli: Option<Coded>,
    /// Its name holds a hash of its bytes, so it never changes.
    immutable: bool,
}

#[derive(Debug)]
struct Coded {
    bytes: Bytes,
    etag: HeaderValue,
}

#[derive(Debug, Default)]
pub(crate) struct AppFiles(BTreeMap<String, File>);

impl AppFiles {
    pub(crate) fn load(folder: &Path) -> Result<AppFiles, Fault> {
        let mut found = BTreeMap::new();
        let mut left = APP_BYTES_MAX;
        collect(folder, "", &mut found, &mut left)?;
        let mut files = BTreeMap::new();
        for (path, bytes) in &found {
            // A compressed form is no file of its own, unless there is nothing that it is a form of.
            if path
                .strip_suffix(".br")
                .is_some_and(|plain| found.contains_key(plain))
            {
                continue;
            }
            let brotli = found.get(&format!("{path}.br")).map(coded).transpose()?;
            let file = File {
                media: media(path),
                plain: coded(bytes)?,
                brotli,
                immutable: has_hash(path),
            };
            files.insert(path.clone(), file);
        }
        if let Some(bytes) = found.get("/index.html") {
            let brotli = found.get("/index.html.br").map(coded).transpose()?;
            files.insert(
                "/".into(),
                File {
                    media: media("/index.html"),
                    plain: coded(bytes)?,
                    brotli,
                    immutable: false,
                },
            );
        }
        Ok(AppFiles(files))
    }

    pub(crate) fn answer(&self, parts: &Parts) -> Answer {
        let mut answer = self.find(parts);
        for (name, value) in GUARDS {
            answer
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        answer
    }

    fn find(&self, parts: &Parts) -> Answer {
        let Some(file) = self.0.get(parts.uri.path()) else {
            return problem(&parts.headers, &No::NotFound.because(""));
        };
        if parts.method != Method::GET && parts.method != Method::HEAD {
            let mut answer = problem(&parts.headers, &No::Method.because("GET, HEAD"));
            answer
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return answer;
        }
        let brotli = file
            .brotli
            .as_ref()
            .filter(|_| takes_brotli(&parts.headers));
        let coded = brotli.unwrap_or(&file.plain);
        let known = parts
            .headers
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .any(|tags| names(tags, &coded.etag));
        let mut answer = if known {
            whole(StatusCode::NOT_MODIFIED, file.media, "")
        } else {
            whole(StatusCode::OK, file.media, coded.bytes.clone())
        };
        let headers = answer.headers_mut();
        headers.insert(header::ETAG, coded.etag.clone());
        let caching = if file.immutable {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        if file.brotli.is_some() {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        if brotli.is_some() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        }
        if parts.method == Method::HEAD && !known {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(coded.bytes.len()));
            *answer.body_mut() = AnswerBody::Whole(None);
        }
        answer
    }
}

fn collect(
    folder: &Path,
    prefix: &str,
    found: &mut BTreeMap<String, Vec<u8>>,
    left: &mut u64,
) -> Result<(), Fault> {
    for entry in std::fs::read_dir(folder).map_err(Fault::io(folder))? {
        let entry = entry.map_err(Fault::io(folder))?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let (path, at) = (entry.path(), format!("{prefix}/{name}"));
        // Links are not followed: what is served lies in the folder.
        let kind = entry.file_type().map_err(Fault::io(&path))?;
        if kind.is_dir() {
            collect(&path, &at, found, left)?;
        } else if kind.is_file() && !name.starts_with('.') {
            let bytes = std::fs::read(&path).map_err(Fault::io(&path))?;
            *left = left
                .checked_sub(bytes.len() as u64)
                .ok_or_else(|| Fault::Config("the app's files are too large".into()))?;
            found.insert(at, bytes);
        }
        if found.len() > APP_FILES_MAX as usize {
            return Err(Fault::Config("the app has too many files".into()));
        }
    }
    Ok(())
}

fn coded(bytes: impl AsRef<[u8]>) -> Result<Coded, Fault> {
    let bytes = Bytes::copy_from_slice(bytes.as_ref());
    let hash: String = Sha256::digest(&bytes)
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let etag = HeaderValue::try_from(format!("\"{hash}\""))
        .map_err(|_| Fault::Config("an ETag cannot be written".into()))?;
    Ok(Coded { bytes, etag })
}

fn takes_brotli(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| match coding.split_once(';') {
            None => coding.trim() == "br",
            Some((name, weight)) => {
                name.trim() == "br"
                    && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
            }
        })
}

/// Whether an If-None-Match names the tag; weak comparison, as RFC 9110 asks.
fn names(tags: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(tags), Ok(etag)) = (tags.to_str(), etag.to_str()) else {
        return false;
    };
    tags.split(',')
        .map(|tag| tag.trim())
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// `name.<8 or more hex digits>.ext`, as the bundler writes.
fn has_hash(path: &str) -> bool {
    let parts: Vec<_> = path
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .split('.')
        .collect();
    let hash = |part: &&str| {
        part.len() >= 8
            && part
                .bytes()
                .all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c))
    };
    parts.len() >= 3 && parts.iter().skip(1).take(parts.len() - 2).any(hash)
}

fn media(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, suffix)| suffix) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("webp") => "image/webp",
        Some("woff2") => "font/woff2",
        Some("txt" | "book") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_with_a_hash_never_changes() {
        assert!(has_hash("/ui.0123456789abcdef.js") && has_hash("/a/erp.deadbeef.ast"));
        assert!(
            !has_hash("/index.html")
                && !has_hash("/deadbeef.js")
                && !has_hash("/ui.release.js")
                && !has_hash("/a.deadbeef")
        );
    }
}
