//! What a compiler tells people.

use crate::limits;
use alloc::{string::String, vec::Vec};
use core::{fmt, ops::Range};

/// One mistake in a source text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Bytes of the source that it is about.
    pub span: Range<u32>,
    /// Line of its start, from 1.
    pub line: u32,
    /// Column of its start in characters, from 1.
    pub column: u32,
    /// Which rule: the codes of `docs/spec/manifest.md` §Diagnostics.
    pub code: &'static str,
    /// What is wrong.
    pub cause: String,
    /// What to do about it.
    pub mend: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{} {} {}; {}",
            self.line, self.column, self.code, self.cause, self.mend
        )
    }
}

impl core::error::Error for Diagnostic {}

/// Bytes of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Span {
    pub(super) fn to(self, end: Span) -> Span {
        Span {
            start: self.start,
            end: end.end.max(self.end),
        }
    }
}

/// A mistake before its line and column are counted.
#[derive(Clone, Debug)]
pub(super) struct Mistake {
    pub(super) span: Span,
    pub(super) code: &'static str,
    pub(super) cause: String,
    pub(super) mend: String,
}

impl Mistake {
    pub(super) fn new(
        span: Span,
        code: &'static str,
        cause: impl Into<String>,
        mend: impl Into<String>,
    ) -> Mistake {
        Mistake {
            span,
            code,
            cause: cause.into(),
            mend: mend.into(),
        }
    }
}

/// Sorts mistakes by place and counts their lines and columns.
pub(super) fn place(source: &str, mut mistakes: Vec<Mistake>) -> Vec<Diagnostic> {
    mistakes.sort_by_key(|mistake| mistake.span);
    mistakes.truncate(limits::DIAGNOSTICS_MAX);
    mistakes
        .into_iter()
        .map(|mistake| locate(source, mistake))
        .collect()
}

fn locate(source: &str, mistake: Mistake) -> Diagnostic {
    let Mistake {
        span,
        code,
        cause,
        mend,
    } = mistake;
    let start = usize::try_from(span.start).unwrap_or(usize::MAX);
    let before = source.get(..start).unwrap_or(source);
    let lines = before.bytes().filter(|byte| *byte == b'\n').count();
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count();
    let from_one = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1);
    let (line, column) = (from_one(lines), from_one(column));
    Diagnostic {
        span: span.start..span.end,
        line,
        column,
        code,
        cause,
        mend,
    }
}
