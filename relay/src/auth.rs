//! Who asks: the request's signature, held against the key that the book's own control entries admit.
//!
//! **Invariant:** nothing of a request is carried out before [`Asked::verify_head`] and [`Asked::verify_body`] returned.

use crate::No;
use daybook_log::AdmittedKey;
use daybook_log::PublicKey;
use daybook_log::limits::REQUEST_WINDOW_S;
use daybook_log::request::{
    CONTENT_DIGEST, Claim, RequestFault, SIGNATURE, SIGNATURE_INPUT, Target,
};
use daybook_log::wire::Problem;
use hyper::header::{HOST, HeaderMap};
use hyper::http::request::Parts;

/// A request that says who signed it; not verified yet.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    parts: &'a Parts,
    authority: String,
    claim: Claim,
    now_ms: i64,
}

impl<'a> Asked<'a> {
    /// Reads the signature's headers and its time. This much costs no look-up.
    pub(crate) fn of(parts: &'a Parts, now_ms: i64) -> Result<Asked<'a>, Box<Problem>> {
        let one = |name: &str| only(&parts.headers, name);
        let claim = Claim::parse(one(SIGNATURE_INPUT)?, one(SIGNATURE)?, one(CONTENT_DIGEST)?)
            .map_err(|fault| problem(&fault, now_ms))?;
        let now_s = u64::try_from(now_ms.div_euclid(1000)).unwrap_or_default();
        if now_s.abs_diff(claim.created_s) > REQUEST_WINDOW_S {
            return Err(problem(
                &RequestFault::Clock {
                    created_s: claim.created_s,
                },
                now_ms,
            ));
        }
        let host =
            one(HOST.as_str())?.ok_or_else(|| No::Unsigned.because("header host is missing"))?;
        Ok(Asked {
            parts,
            authority: host.to_ascii_lowercase(),
            claim,
            now_ms,
        })
    }

    /// The request key that is said to have signed.
    pub(crate) fn key(&self) -> PublicKey {
        self.claim.key
    }

    /// Checks the signature with the claimed key: over method, authority, path, query and the body's digest.
    pub(crate) fn verify_head(&self, key: &AdmittedKey) -> Result<(), Box<Problem>> {
        let uri = &self.parts.uri;
        let target = Target {
            method: self.parts.method.as_str(),
            authority: &self.authority,
            path: uri.path(),
            query: uri.query().unwrap_or_default(),
            body: &[],
        };
        self.claim
            .verify_head(&target, key, self.now_ms)
            .map_err(|fault| problem(&fault, self.now_ms))
    }

    /// The same for a device that is in no registry yet: its key is admitted first.
    pub(crate) fn verify_stranger(&self) -> Result<(), Box<Problem>> {
        let key = AdmittedKey::admit(self.key())
            .map_err(|fault| No::BadRequestSignature.because(fault))?;
        self.verify_head(&key)
    }

    /// Checks that the body is the one whose digest was signed.
    pub(crate) fn verify_body(&self, body: &[u8]) -> Result<(), Box<Problem>> {
        self.claim
            .check_body(body)
            .map_err(|fault| problem(&fault, self.now_ms))
    }
}

/// A header that may stand there once at most: of two values nobody could say which one was signed.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Box<Problem>> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(No::Unsigned.because(format!("header {name} stands there twice")));
    }
    first
        .map(|value| {
            value
                .to_str()
                .map_err(|_| No::Unsigned.because(format!("header {name} is not text")))
        })
        .transpose()
}

fn problem(fault: &RequestFault, now_ms: i64) -> Box<Problem> {
    let no = match fault {
        RequestFault::Clock { .. } => No::Clock,
        RequestFault::Digest => No::Digest,
        RequestFault::Unauthentic | RequestFault::OtherKey => No::BadRequestSignature,
        _ => No::Unsigned,
    };
    let mut problem = no.because(fault);
    problem.time_ms = (no == No::Clock).then_some(now_ms);
    problem
}
