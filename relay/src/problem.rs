//! Every way in which the relay says no, with its name and status. `docs/spec/relay.md` lists the same table.

use crate::Fault;
use daybook_log::book_log::{Head, Reject};
use daybook_log::wire::{HeadInfo, Problem};
use daybook_log::{Invalid, Unreadable};
use std::fmt::Display;

macro_rules! table {
    ($($(#[$doc:meta])* $name:ident $kind:literal $status:literal $title:literal;)*) => {
        /// A reason to say no. Its kind is what programs match on and never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum No { $($(#[$doc])* $name,)* }

        impl No {
            /// All of them.
            pub const ALL: &[No] = &[$(No::$name,)*];

            fn row(self) -> (&'static str, u16, &'static str) {
                match self { $(No::$name => ($kind, $status, $title),)* }
            }
        }
    };
}

table! {
    /// Bytes or text not in the one form that is taken.
    Malformed "malformed" 400 "Not in the form that is taken";
    /// The query of the address.
    Query "query" 400 "The query cannot be used";
    /// The body is not the one that was signed.
    Digest "digest" 400 "The body is not the one that was signed";
    /// Signature headers are missing or cannot be read.
    Unsigned "unsigned" 401 "The request is not signed";
    /// Signed too long ago or in the future.
    Clock "clock" 401 "The clocks are too far apart";
    /// The signature does not verify.
    BadRequestSignature "bad-request-signature" 401 "The request's signature does not verify";
    /// The request key is not in the book's registry.
    NotAMember "not-a-member" 403 "This device is not in the book";
    /// Only for managers.
    NotManager "not-manager" 403 "Only a manager may do this";
    /// No such code.
    SetupCodeUnknown "setup-code-unknown" 403 "There is no such set-up code";
    /// An entry of somebody else.
    NotAuthor "not-author" 403 "The entry is another author's";
    /// The entry's author is not in the registry.
    NotAdmitted "not-admitted" 403 "The author is not in the registry";
    /// No such book.
    BookUnknown "book-unknown" 404 "There is no such book";
    /// No such thing.
    NotFound "not-found" 404 "There is nothing here";
    /// Not with this method.
    Method "method" 405 "This method is not taken here";
    /// The body did not come in time.
    Slow "slow" 408 "The body did not come in time";
    /// The code has made another book.
    SetupCodeUsed "setup-code-used" 409 "The set-up code has made a book already: join that";
    /// Entries of the author are missing.
    Gap "gap" 409 "Entries of this author are missing before it";
    /// The author's chain goes on differently.
    Fork "fork" 409 "The author's chain goes on differently";
    /// It has seen more than is here.
    SeenUnknown "seen-unknown" 409 "It has seen more than this relay holds";
    /// It has seen another tip.
    SeenTip "seen-tip" 409 "Another tip stands where it has seen one";
    /// Another key of the author is current.
    KeyEpoch "key-epoch" 409 "Signed under another key of the author than the current one";
    /// A key has a role already.
    KeyTaken "key-taken" 409 "A key stands in the registry already";
    /// An adoption without its chunks.
    ChunksMissing "chunks-missing" 409 "Chunks of the manifest are not here yet";
    /// Too many bytes.
    TooLarge "too-large" 413 "Too many bytes";
    /// Another media type.
    MediaType "media-type" 415 "This media type is not taken";
    /// The entry is malformed.
    BadEntry "malformed-entry" 422 "The entry is malformed";
    /// A format, kind or flag of a newer build.
    Unsupported "unsupported" 422 "This relay does not know such entries";
    /// The entry's signature does not verify.
    BadSignature "bad-signature" 422 "The entry's signature does not verify";
    /// It belongs to another book.
    WrongBook "wrong-book" 422 "The entry belongs to another book";
    /// It has seen less than the entry before it.
    SeenFell "seen-fell" 422 "It has seen less than its author's entry before it";
    /// A control entry that lacks what lets it stand.
    Control "control" 422 "The control entry may not stand";
    /// A genesis that names another relay.
    RelayKey "relay-key" 422 "The genesis names another relay's key";
    /// A genesis, founding entry or first manifest that does not fit.
    Founding "founding" 422 "The book cannot be founded on this";
    /// Too often.
    Rate "rate" 429 "Too many of these at once";
    /// Too much to do.
    Overloaded "overloaded" 503 "The relay has too much to do";
    /// Stopping.
    Draining "draining" 503 "The relay is stopping";
    /// What is stored of this book is damaged.
    Damaged "damaged" 503 "What is stored here is damaged";
    /// No room left.
    Full "full" 507 "There is no room left";
}

impl No {
    /// The short name.
    pub fn kind(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status; an answer inside a batch carries it too.
    pub fn status(self) -> u16 {
        self.row().1
    }

    /// For people.
    pub fn title(self) -> &'static str {
        self.row().2
    }

    /// The problem, with what happened this time. `detail` names no person.
    pub(crate) fn because(self, detail: impl Display) -> Box<Problem> {
        let retry = matches!(self, No::Rate | No::Overloaded | No::Draining | No::Full);
        Box::new(Problem {
            kind: self.kind().into(),
            status: self.status(),
            title: self.title().into(),
            detail: detail.to_string(),
            book: None,
            head: None,
            position: None,
            time_ms: None,
            retry_after_s: retry.then_some(if self == No::Full { 60 } else { 2 }),
        })
    }
}

/// What could not be read of an entry. Never "invalid" where a newer build may understand it.
pub(crate) fn unreadable(why: &Unreadable) -> Box<Problem> {
    match why {
        Unreadable::Malformed(why) => No::BadEntry.because(why),
        Unreadable::Unsupported(why) => No::Unsupported.because(why),
    }
}

/// Why an entry or its record may not stand next.
pub(crate) fn invalid(why: &Invalid) -> Box<Problem> {
    match why {
        Invalid::Entry(why) => reject(why),
        // The record is our own and the key came from the registry: only the key can have changed meanwhile.
        other => No::KeyEpoch.because(other),
    }
}

pub(crate) fn reject(why: &Reject) -> Box<Problem> {
    let no = match why {
        Reject::WrongBook { .. } => No::WrongBook,
        Reject::NotAdmitted { .. } => No::NotAdmitted,
        Reject::NotManager { .. } => No::NotManager,
        Reject::KeyEpoch { .. } => No::KeyEpoch,
        Reject::Gap { .. } => No::Gap,
        Reject::Fork { .. } => No::Fork,
        Reject::SeenUnknown { .. } => No::SeenUnknown,
        Reject::SeenTip { .. } => No::SeenTip,
        Reject::SeenFell { .. } => No::SeenFell,
        Reject::KeyTaken { .. } => No::KeyTaken,
        Reject::ContentEpoch { .. } => No::Unsupported,
        _ => No::Control,
    };
    let mut problem = no.because(why);
    match why {
        Reject::Gap { head } => problem.head = head.as_ref().map(head_info),
        Reject::Fork { head } => problem.head = Some(head_info(head)),
        Reject::SeenUnknown { have } => problem.position = Some(*have),
        _ => {}
    }
    problem
}

fn head_info(head: &Head) -> HeadInfo {
    HeadInfo {
        seq: head.seq,
        entry_id: head.entry_id,
    }
}

impl From<Fault> for Box<Problem> {
    fn from(fault: Fault) -> Self {
        match &fault {
            Fault::Stopped => No::Draining.because(fault),
            Fault::Damaged(_) => No::Damaged.because("run `daybook-relay verify`"),
            other if other.is_full() => No::Full.because("nothing of the request was stored"),
            _ => No::Overloaded.because("the storage did not answer"),
        }
    }
}

/// RFC 9457 as JSON.
pub(crate) fn json(problem: &Problem) -> Vec<u8> {
    let mut fields = serde_json::json!({
        "type": format!("urn:daybook:problem:{}", problem.kind),
        "kind": problem.kind,
        "status": problem.status,
        "title": problem.title,
        "detail": problem.detail,
    });
    if let Some(fields) = fields.as_object_mut() {
        let mut put = |name: &str, value: Option<serde_json::Value>| {
            value.map(|value| fields.insert(name.into(), value));
        };
        put("book", problem.book.map(|book| book.to_string().into()));
        put("head_seq", problem.head.map(|head| head.seq.0.into()));
        put(
            "head_entry",
            problem.head.map(|head| head.entry_id.to_string().into()),
        );
        put(
            "position",
            problem.position.map(|position| position.0.into()),
        );
        put("time_ms", problem.time_ms.map(Into::into));
        put("retry_after_s", problem.retry_after_s.map(Into::into));
    }
    fields.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn kinds_are_unique_and_bad_input_is_never_a_500() {
        let kinds: BTreeSet<_> = No::ALL.iter().map(|no| no.kind()).collect();
        assert_eq!(kinds.len(), No::ALL.len());
        for no in No::ALL {
            assert!(
                (400..500).contains(&no.status()) || matches!(no.status(), 503 | 507),
                "{no:?}"
            );
        }
    }

    #[test]
    fn the_spec_lists_every_kind_with_its_status() {
        let spec = include_str!("../../docs/spec/relay.md");
        for no in No::ALL {
            let row = format!("| {} | `{}` |", no.status(), no.kind());
            assert!(spec.contains(&row), "docs/spec/relay.md lacks: {row}");
        }
    }
}
