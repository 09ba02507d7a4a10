//! Signed requests: RFC 9421 with one fixed profile, content digests as RFC 9530. Pure: the client makes the header
//! values, the relay parses and checks them, neither touches a socket here.
//!
//! The profile leaves nothing to choose, so that one request has one text: label `db`; components `"@method"
//! "@authority" "@path" "@query"`, then `"content-digest"` if and only if the body is not empty; parameters `created`,
//! `keyid` (64 hex digits), `alg="ed25519"`, `nonce`, in this order. See `docs/spec/request.md`.

use crate::id::read_hex;
use crate::keys::{AdmittedKey, PublicKey, SecretKey, Signature};
use crate::limits::{NONCE_CHARS_MAX, REQUEST_WINDOW_S, SIGNATURE_INPUT_BYTES_MAX};
use crate::text::{base64_array, decimal};
use alloc::format;
use alloc::string::String;
use base64ct::{Base64, Encoding};
use core::fmt;
use sha2::{Digest, Sha256};

/// The header that carries what is covered and the parameters.
pub const SIGNATURE_INPUT: &str = "signature-input";
/// The header that carries the signature.
pub const SIGNATURE: &str = "signature";
/// The header that carries the body's hash.
pub const CONTENT_DIGEST: &str = "content-digest";

const COVERED: &str = r#"("@method" "@authority" "@path" "@query""#;

/// A request as both sides see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// Upper case.
    pub method: &'a str,
    /// Host, and port unless it is the scheme's own; lower case. See [`authority`].
    pub authority: &'a str,
    /// From the first `/`, as sent.
    pub path: &'a str,
    /// What follows the `?`, as sent; empty where there is none.
    pub query: &'a str,
    /// All of the body; empty where there is none.
    pub body: &'a [u8],
}

/// Why a request is not taken as signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestFault {
    /// A header is missing.
    Missing(&'static str),
    /// A header is not exactly what the profile gives.
    Header(&'static str),
    /// The method, authority, path or query holds what no signed request may hold.
    Target,
    /// A nonce is 1..=64 of `A-Z a-z 0-9 - _`.
    Nonce,
    /// There is a body and the signature does not cover it, or the other way round.
    BodyCover,
    /// The body is not the one whose digest was signed.
    Digest,
    /// The signature is older or newer than the window allows.
    Clock {
        /// When it says it was made, seconds since 1970.
        created_s: u64,
    },
    /// The key given to verify with is not the one that the request names.
    OtherKey,
    /// The signature does not verify.
    Unauthentic,
}

impl fmt::Display for RequestFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RequestFault::Missing(name) => write!(f, "header {name} is missing"),
            RequestFault::Header(name) => {
                write!(f, "header {name} is not in the one form that is taken")
            }
            RequestFault::Target => {
                f.write_str("method, authority, path or query cannot be signed")
            }
            RequestFault::Nonce => f.write_str("a nonce is 1 to 64 of A-Z, a-z, 0-9, - and _"),
            RequestFault::BodyCover => {
                f.write_str("content-digest is covered if and only if there is a body")
            }
            RequestFault::Digest => f.write_str("the body is not the one that was signed"),
            RequestFault::Clock { created_s } => {
                write!(f, "made at {created_s} s, outside the window")
            }
            RequestFault::OtherKey => f.write_str("signed under another key"),
            RequestFault::Unauthentic => f.write_str("the signature does not verify"),
        }
    }
}

impl core::error::Error for RequestFault {}

/// Header values to add to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHeaders {
    /// For [`CONTENT_DIGEST`], where there is a body.
    pub content_digest: Option<String>,
    /// For [`SIGNATURE_INPUT`].
    pub signature_input: String,
    /// For [`SIGNATURE`].
    pub signature: String,
}

impl SignedHeaders {
    /// Names and values.
    pub fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let digest = self
            .content_digest
            .as_deref()
            .map(|value| (CONTENT_DIGEST, value));
        let rest = [
            (SIGNATURE_INPUT, self.signature_input.as_str()),
            (SIGNATURE, self.signature.as_str()),
        ];
        digest.into_iter().chain(rest)
    }
}

/// The authority of a host and optional port as it is signed: lower case, the scheme's own port left out.
pub fn authority(host: &str, port: Option<u16>, https: bool) -> String {
    let host = host.to_ascii_lowercase();
    match port {
        Some(443) if https => host,
        Some(80) if !https => host,
        Some(port) => format!("{host}:{port}"),
        None => host,
    }
}

/// The value of `content-digest` for a body.
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", Base64::encode_string(&Sha256::digest(body)))
}

/// Signs a request with a request key. `created_s` is seconds since 1970.
pub fn sign(
    target: &Target<'_>,
    key: &SecretKey,
    created_s: u64,
    nonce: &str,
) -> Result<SignedHeaders, RequestFault> {
    check_target(target)?;
    check_nonce(nonce)?;
    let content_digest = (!target.body.is_empty()).then(|| content_digest(target.body));
    let params = params(content_digest.is_some(), created_s, &key.public(), nonce);
    let base = base(target, content_digest.as_deref(), &params);
    let signature = Base64::encode_string(&key.sign_text(base.as_bytes()).0);
    Ok(SignedHeaders {
        content_digest,
        signature_input: format!("db={params}"),
        signature: format!("db=:{signature}:"),
    })
}

/// What a request's headers claim; nothing of it is checked against the request yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The request key that is said to have signed: look its owner up, then [`Claim::verify`].
    pub key: PublicKey,
    /// When, seconds since 1970.
    pub created_s: u64,
    /// Chosen by the signer; the same one twice within the window is a replay.
    pub nonce: String,
    signature: Signature,
    digest: Option<String>,
}

impl Claim {
    /// Reads the header values; only the one form that [`sign`] makes is taken.
    pub fn parse(
        signature_input: Option<&str>,
        signature: Option<&str>,
        content_digest: Option<&str>,
    ) -> Result<Claim, RequestFault> {
        let input = signature_input.ok_or(RequestFault::Missing(SIGNATURE_INPUT))?;
        let signature = signature.ok_or(RequestFault::Missing(SIGNATURE))?;
        let (covers_body, created_s, key, nonce) =
            parse_input(input).ok_or(RequestFault::Header(SIGNATURE_INPUT))?;
        check_nonce(nonce)?;
        let signature = member(signature, "db").ok_or(RequestFault::Header(SIGNATURE))?;
        let digest = match content_digest {
            None => None,
            Some(value) => {
                member::<32>(value, "sha-256").ok_or(RequestFault::Header(CONTENT_DIGEST))?;
                Some(String::from(value))
            }
        };
        if covers_body != digest.is_some() {
            return Err(RequestFault::BodyCover);
        }
        Ok(Claim {
            key,
            created_s,
            nonce: String::from(nonce),
            signature: Signature(signature),
            digest,
        })
    }

    /// Checks window, signature and body against the request as received. `now_ms` is the relay's clock.
    pub fn verify(
        &self,
        target: &Target<'_>,
        key: &AdmittedKey,
        now_ms: i64,
    ) -> Result<(), RequestFault> {
        self.verify_head(target, key, now_ms)?;
        self.check_body(target.body)
    }

    /// The part of [`Claim::verify`] that needs no body, which it ignores: who asks is known before a byte of the body
    /// is taken. [`Claim::check_body`] must follow.
    pub fn verify_head(
        &self,
        target: &Target<'_>,
        key: &AdmittedKey,
        now_ms: i64,
    ) -> Result<(), RequestFault> {
        check_target(target)?;
        if key.public() != self.key {
            return Err(RequestFault::OtherKey);
        }
        let now_s = u64::try_from(now_ms.div_euclid(1000)).unwrap_or_default();
        if now_s.abs_diff(self.created_s) > REQUEST_WINDOW_S {
            return Err(RequestFault::Clock {
                created_s: self.created_s,
            });
        }
        let params = params(
            self.digest.is_some(),
            self.created_s,
            &self.key,
            &self.nonce,
        );
        let base = base(target, self.digest.as_deref(), &params);
        key.verify_text(base.as_bytes(), &self.signature)
            .map_err(|_| RequestFault::Unauthentic)
    }

    /// Checks that the body, all of it, is the one that was signed.
    pub fn check_body(&self, body: &[u8]) -> Result<(), RequestFault> {
        match &self.digest {
            None if body.is_empty() => Ok(()),
            Some(digest) if !body.is_empty() => {
                if *digest == content_digest(body) {
                    Ok(())
                } else {
                    Err(RequestFault::Digest)
                }
            }
            _ => Err(RequestFault::BodyCover),
        }
    }
}

/// The value of `@signature-params`: covered components and parameters.
fn params(covers_body: bool, created_s: u64, key: &PublicKey, nonce: &str) -> String {
    let digest = if covers_body {
        r#" "content-digest""#
    } else {
        ""
    };
    format!(r#"{COVERED}{digest});created={created_s};keyid="{key}";alg="ed25519";nonce="{nonce}""#)
}

/// The text that a request's signature is over: RFC 9421's signature base.
pub fn signed_text(target: &Target<'_>, key: &PublicKey, created_s: u64, nonce: &str) -> String {
    let digest = (!target.body.is_empty()).then(|| content_digest(target.body));
    base(
        target,
        digest.as_deref(),
        &params(digest.is_some(), created_s, key, nonce),
    )
}

fn base(target: &Target<'_>, digest: Option<&str>, params: &str) -> String {
    let Target {
        method,
        authority,
        path,
        query,
        ..
    } = target;
    let mut base = format!(
        "\"@method\": {method}\n\"@authority\": {authority}\n\"@path\": {path}\n\"@query\": ?{query}\n"
    );
    if let Some(digest) = digest {
        base.push_str("\"content-digest\": ");
        base.push_str(digest);
        base.push('\n');
    }
    base.push_str("\"@signature-params\": ");
    base.push_str(params);
    base
}

fn parse_input(text: &str) -> Option<(bool, u64, PublicKey, &str)> {
    if u32::try_from(text.len()).ok()? > SIGNATURE_INPUT_BYTES_MAX {
        return None;
    }
    let rest = text.strip_prefix("db=")?.strip_prefix(COVERED)?;
    let (covers_body, rest) = match rest.strip_prefix(r#" "content-digest""#) {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let (created, rest) = rest.strip_prefix(");created=")?.split_once(r#";keyid=""#)?;
    let (key, rest) = rest.split_once(r#"";alg="ed25519";nonce=""#)?;
    let nonce = rest.strip_suffix('"')?;
    Some((
        covers_body,
        decimal(created)?,
        PublicKey(read_hex(key).ok()?),
        nonce,
    ))
}

/// `name=:base64:` with exactly `N` bytes in their one encoding.
fn member<const N: usize>(text: &str, name: &str) -> Option<[u8; N]> {
    let base64 = text
        .strip_prefix(name)?
        .strip_prefix("=:")?
        .strip_suffix(':')?;
    base64_array(base64)
}

fn check_nonce(nonce: &str) -> Result<(), RequestFault> {
    let fits = u32::try_from(nonce.len()).is_ok_and(|len| (1..=NONCE_CHARS_MAX).contains(&len));
    let plain = nonce
        .bytes()
        .all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_');
    if fits && plain {
        Ok(())
    } else {
        Err(RequestFault::Nonce)
    }
}

/// A component that held a line break could pass for two.
fn check_target(target: &Target<'_>) -> Result<(), RequestFault> {
    let visible = |text: &str| text.bytes().all(|c| c.is_ascii_graphic());
    let fits = !target.method.is_empty()
        && target.method.bytes().all(|c| c.is_ascii_uppercase())
        && !target.authority.is_empty()
        && visible(target.authority)
        && !target.authority.bytes().any(|c| c.is_ascii_uppercase())
        && target.path.starts_with('/')
        && visible(target.path)
        && !target.path.contains(['?', '#'])
        && visible(target.query)
        && !target.query.contains('#');
    if fits {
        Ok(())
    } else {
        Err(RequestFault::Target)
    }
}
