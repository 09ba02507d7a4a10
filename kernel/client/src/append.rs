//! From a command to signed entries: fill, try on the books as known here, sign.

use alloc::boxed::Box;
use alloc::vec::Vec;

use daybook_fold::{Outcome, TryOp};
use daybook_log::entry::FLAG_HOLDS_BODIES;
use daybook_log::limits::{BODY_BYTES_MAX, CONTENT_BYTES_MAX, OPS_MAX};
use daybook_log::{
    Body, Draft, Entry, EntryId, KeyEpoch, ManifestId, MemberRole, Op, OpId, OpsBody, Seen, Seq,
};
use daybook_manifest::ast::Manifest;

use crate::books::Books;
use crate::edge::{Source, fill};
use crate::identity::Me;
use crate::input::{EdgeInputs, NewOp, OnRefused};
use crate::keyring::Content;
use crate::names;
use crate::reply::{Appended, CommandFault, HaltReason, Outlook};

/// Where the own chain goes on, and who signs.
#[derive(Debug)]
pub(crate) struct Pen<'a> {
    pub(crate) me: &'a Me,
    pub(crate) role: MemberRole,
    pub(crate) seen: Seen,
    pub(crate) key_epoch: KeyEpoch,
    pub(crate) next: (Seq, EntryId),
    /// What ops are encrypted under, and the command's chance; none: they are written in clear.
    pub(crate) content: Option<(Content<'a>, [u8; 24])>,
}

impl Pen<'_> {
    /// Signs the next entry of the own chain.
    pub(crate) fn sign(&mut self, body: &Body) -> Result<Entry, CommandFault> {
        let (seq, prev) = self.next;
        let draft = Draft {
            book: self.me.book,
            author: self.me.author,
            key_epoch: self.key_epoch,
            seq,
            prev,
            seen: self.seen,
            // every entry up to what is declared as seen is on this device's disk: see `Placed::seen`
            flags: if self.seen.position.0 > 0 {
                FLAG_HOLDS_BODIES
            } else {
                0
            },
        };
        let unsigned = match (&self.content, body) {
            (Some((content, chance)), Body::Ops(ops)) => {
                let nonce = nonce(chance, seq)?;
                content.key.seal(&draft, content.epoch, ops, nonce)
            }
            _ => draft.write(body.clone()),
        };
        let entry = unsigned
            .map_err(|_| CommandFault::Limit("an entry does not hold this"))?
            .sign(&self.me.author_key);
        self.next = (seq.next().unwrap_or(seq), entry.id());
        Ok(entry)
    }
}

/// A nonce of its own for each entry of a command: chance, and the entry's seq.
fn nonce(chance: &[u8; 24], seq: Seq) -> Result<[u8; 24], CommandFault> {
    if *chance == [0; 24] {
        return Err(CommandFault::MissingInput {
            op: 0,
            input: "nonce".into(),
        });
    }
    let mut nonce = *chance;
    let own = seq.0.to_le_bytes();
    nonce
        .iter_mut()
        .zip(own)
        .for_each(|(byte, own)| *byte ^= own);
    Ok(nonce)
}

/// Ops that go into the entry that is being written.
struct Page<'a> {
    manifest: ManifestId,
    now_ms: i64,
    ops: Vec<Op>,
    /// For each of them: its place in the answer.
    places: Vec<usize>,
    bytes: usize,
    bytes_max: u32,
    entries: Vec<Entry>,
    books: &'a mut Books,
}

/// Bytes of an ops body before its first frame.
const BODY_HEAD: usize = 42;
/// Bytes of a frame around its input.
const FRAME: usize = 7;

impl Page<'_> {
    fn fits(&self, op: &Op) -> bool {
        let bytes = self
            .bytes
            .saturating_add(FRAME)
            .saturating_add(op.input.len());
        let ops = u32::try_from(self.ops.len()).unwrap_or(u32::MAX);
        ops < OPS_MAX && bytes <= usize::try_from(self.bytes_max).unwrap_or(usize::MAX)
    }

    fn push(&mut self, op: Op, place: usize) {
        self.bytes = self
            .bytes
            .saturating_add(FRAME)
            .saturating_add(op.input.len());
        self.ops.push(op);
        self.places.push(place);
    }

    /// Signs what there is and names its ops.
    fn close(&mut self, pen: &mut Pen<'_>, out: &mut [Appended]) -> Result<(), CommandFault> {
        if self.ops.is_empty() {
            return Ok(());
        }
        let ops = core::mem::take(&mut self.ops);
        let body = Body::Ops(OpsBody {
            manifest: self.manifest,
            authored_at_ms: self.now_ms,
            ops,
        });
        let entry = pen.sign(&body)?;
        self.books.overlay.close(entry.id());
        for (place, index) in core::mem::take(&mut self.places).into_iter().zip(0_u16..) {
            if let Some(appended) = out.get_mut(place) {
                appended.op = Some(OpId {
                    entry: entry.id(),
                    index,
                });
            }
        }
        self.bytes = BODY_HEAD;
        self.entries.push(entry);
        Ok(())
    }
}

/// Signs ops. The entries are in no outbox yet. On an error nothing is kept; the overlay is then stale.
pub(crate) fn append(
    books: &mut Books,
    pen: &mut Pen<'_>,
    ops: &[NewOp],
    edge: &EdgeInputs,
    refused: OnRefused,
) -> Result<(Vec<Entry>, Vec<Appended>), CommandFault> {
    if ops.is_empty() || ops.len() > crate::limits::OPS_MAX {
        return Err(CommandFault::Limit("ops of one command"));
    }
    let manifest = books.book.current_manifest();
    let mut page = Page {
        manifest,
        now_ms: edge.now_ms,
        ops: Vec::new(),
        places: Vec::new(),
        bytes: BODY_HEAD,
        bytes_max: pen.content.map_or(BODY_BYTES_MAX, |_| CONTENT_BYTES_MAX),
        entries: Vec::new(),
        books,
    };
    let (mut out, mut ids_used) = (Vec::new(), 0);
    let result = ops.iter().zip(0_u16..).try_for_each(|(new, index)| {
        let appended = one(
            &mut page,
            pen,
            (index, new),
            (edge, &mut ids_used),
            (refused, &mut out),
        )?;
        out.push(appended);
        Ok(())
    });
    if let Err(fault) = result.and_then(|()| page.close(pen, &mut out)) {
        page.books.stale = true;
        return Err(fault);
    }
    // the overlay has no place for an op that it refused, but the entry has
    page.books.stale |= refused == OnRefused::Sign;
    Ok((page.entries, out))
}

/// Fills and tries one op, and puts it on the page.
fn one(
    page: &mut Page<'_>,
    pen: &mut Pen<'_>,
    (index, new): (u16, &NewOp),
    (edge, ids_used): (&EdgeInputs, &mut usize),
    (refused, out): (OnRefused, &mut Vec<Appended>),
) -> Result<Appended, CommandFault> {
    let halted = CommandFault::Halted(HaltReason::MissingManifest(page.manifest));
    let Books { book, overlay, .. } = &*page.books;
    let manifest: &Manifest = book
        .manifest(&page.manifest)
        .ok_or_else(|| halted.clone())?;
    let view = book.view_with(overlay);
    let next_number = |series, year| view.next_number(series, &pen.me.author, year);
    let filled = match fill(
        &mut Source {
            manifest,
            edge,
            ids_used,
            next_number: &next_number,
        },
        index,
        new,
    ) {
        Ok(filled) => filled,
        Err(fault) if refused == OnRefused::Skip => {
            return Ok(Appended {
                op: None,
                inputs: new.inputs.clone(),
                outlook: Outlook::Unfit(Box::new(fault)),
            });
        }
        Err(fault) => return Err(fault),
    };
    if !page.fits(&filled.op) {
        page.close(pen, out)?;
    }
    let Books { book, overlay, .. } = &mut *page.books;
    let try_op = TryOp {
        manifest: page.manifest,
        author: pen.me.author,
        role: pen.role,
        op: &filled.op,
    };
    let outcome = overlay.try_op(book, try_op).map_err(|_| halted.clone())?;
    let manifest: &Manifest = book.manifest(&page.manifest).ok_or(halted)?;
    let outlook = names::outlook(manifest, &outcome);
    let applied = matches!(outcome, Outcome::Applied { .. });
    if let (Outlook::Refused(refusal), OnRefused::Abort) = (&outlook, refused) {
        return Err(CommandFault::Refused {
            op: index,
            refusal: refusal.clone(),
        });
    }
    if applied || refused == OnRefused::Sign {
        page.push(filled.op, out.len());
    }
    Ok(Appended {
        op: None,
        inputs: filled.inputs,
        outlook,
    })
}
