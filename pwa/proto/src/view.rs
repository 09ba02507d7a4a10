//! What screens show. Every name and label in it comes from the manifests.

use serde::{Deserialize, Serialize};

use crate::{FieldView, Rung};

/// How far this installation is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Reading what is stored.
    #[default]
    Opening,
    /// Nothing is stored: make or join a book.
    Empty,
    /// A book is being made.
    Creating,
    /// Waiting to be let into a book, or fetching its beginning.
    Joining,
    /// A book is open.
    Open,
    /// What is stored does not check out; nothing was changed.
    Damaged,
}

/// What the frame of every screen shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusView {
    /// How far this installation is.
    pub phase: Phase,
    /// The book, once known.
    pub book: Option<[u8; 32]>,
    /// Base address of its relay.
    pub relay: String,
    /// This installation.
    pub author: Option<[u8; 32]>,
    /// Its device code.
    pub label: String,
    /// It may let others in.
    pub manager: bool,
    /// There is a network and the relay answered last.
    pub online: bool,
    /// Something is being exchanged.
    pub syncing: bool,
    /// Confirmed position.
    pub position: u64,
    /// Its tip.
    pub tip: [u8; 32],
    /// The newest position that the relay has told of.
    pub head: u64,
    /// Own entries without a position.
    pub outbox: u32,
    /// Language level of the current manifest; 0 is not frozen.
    pub level: u16,
    /// The current manifest.
    pub manifest: Option<[u8; 32]>,
    /// What is wrong between this device and its relay.
    pub fault: Option<String>,
    /// Why the books stand still.
    pub halted: Option<String>,
    /// Why no own entries go out.
    pub held: Option<String>,
    /// Where the data is kept.
    pub rung: Rung,
    /// Memory of the worker, bytes.
    pub memory: u64,
    /// The app's build.
    pub build: String,
}

/// Names an op: its entry and its place therein.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OpName {
    /// The entry.
    pub entry: [u8; 32],
    /// Place in the entry.
    pub index: u16,
}

/// How far an entry is from being lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Durability {
    /// Shown, but not yet on this device's disk.
    Unwritten,
    /// On this device's disk, nowhere else as far as known.
    Local,
    /// On this device's disk and on its way.
    Syncing,
    /// Held by so many parties besides this device.
    Durable(u32),
}

/// Where an op is found, and how safe it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct At {
    /// Which op.
    pub op: OpName,
    /// Position of its entry; none while it has none.
    pub position: Option<u64>,
    /// Of its entry.
    pub durability: Durability,
}

/// A numbered refusal or flag with its names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Its number.
    pub number: u16,
    /// Its code.
    pub code: String,
    /// One sentence for people.
    pub label: String,
}

/// What became, or probably becomes, of an op.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outlook {
    /// It applies, perhaps with flags.
    Applied(Vec<Named>),
    /// It is a no-op.
    Refused(Named),
}

/// A row of an entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowView {
    /// The entity's name.
    pub entity: String,
    /// Its id.
    pub id: [u8; 16],
    /// The installation that owns it, where rows have an owner.
    pub owner: Option<[u8; 32]>,
    /// What stands for it.
    pub title: String,
    /// Its fields.
    pub fields: Vec<FieldView>,
}

impl RowView {
    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&FieldView> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// One line of the list of documents.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DocumentLine {
    /// The entity's name.
    pub entity: String,
    /// What people call the entity.
    pub label: String,
    /// Its id.
    pub id: [u8; 16],
    /// What stands for it.
    pub title: String,
    /// Code of the device that owns it, where documents have an owner.
    pub device: Option<String>,
    /// The value of its status field.
    pub status: Option<String>,
    /// Days since 1970-01-01.
    pub date: i32,
    /// Three letters.
    pub currency: String,
    /// What it amounts to, minor units.
    pub amount: i64,
    /// Its first op.
    pub at: At,
}

/// The newest documents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentsView {
    /// How many there are in all.
    pub total: u32,
    /// The newest of them, newest first.
    pub items: Vec<DocumentLine>,
}

/// A document with everything that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentDetail {
    /// As in the list.
    pub line: DocumentLine,
    /// Its fields.
    pub fields: Vec<FieldView>,
    /// Rows below it, by entity label.
    pub children: Vec<(String, Vec<Vec<FieldView>>)>,
    /// Lines booked on it.
    pub lines: Vec<LineView>,
}

/// One booked line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineView {
    /// The op that booked it.
    pub at: At,
    /// Number of the line within the op.
    pub line: u16,
    /// The document.
    pub doc: [u8; 16],
    /// What stands for the document.
    pub doc_title: String,
    /// Days since 1970-01-01.
    pub date: i32,
    /// The role's name.
    pub role: String,
    /// What people call the role.
    pub label: String,
    /// Its number on reports.
    pub code: String,
    /// Its dimensions.
    pub dims: Vec<FieldView>,
    /// Three letters.
    pub currency: String,
    /// Debit counts up, credit counts down, minor units.
    pub amount: i64,
}

/// Booked lines and their sum.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinesView {
    /// How many match in all.
    pub total: u32,
    /// Sum of all that match, per currency, minor units.
    pub sums: Vec<(String, i128)>,
    /// The newest of them, newest first.
    pub items: Vec<LineView>,
}

/// Where a role belongs on a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the five classes of every chart of accounts")]
pub enum Side {
    Asset,
    Liability,
    Equity,
    Income,
    Expense,
}

/// One line of a trial balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalanceLine {
    /// The role's name.
    pub role: String,
    /// What people call it.
    pub label: String,
    /// Its number on reports.
    pub code: String,
    /// Where it belongs.
    pub side: Side,
    /// Its dimensions, where the role shows a line for each.
    pub dims: Vec<FieldView>,
    /// Three letters.
    pub currency: String,
    /// Debit minus credit, minor units.
    pub amount: i128,
}

/// Debit and credit balances of a currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Currency {
    /// Three letters.
    pub code: String,
    /// Sum of the debit balances, minor units.
    pub debit: i128,
    /// Sum of the credit balances, minor units, not negative.
    pub credit: i128,
}

/// All booked lines summed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalanceView {
    /// By number, role, dimensions and currency.
    pub lines: Vec<BalanceLine>,
    /// Per currency; the two sums are equal, or something is wrong.
    pub totals: Vec<Currency>,
}

/// Refused and flagged ops.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttentionsView {
    /// How many there are in all.
    pub total: u32,
    /// The newest of them, newest first.
    pub items: Vec<AttentionView>,
}

/// A refused or flagged op.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttentionView {
    /// The op.
    pub at: At,
    /// It was refused; otherwise it applied with a flag.
    pub refused: bool,
    /// Why.
    pub why: Named,
}

/// What stands behind an op: enough to check it by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpView {
    /// The op.
    pub at: At,
    /// Who signed.
    pub author: [u8; 32],
    /// The author's device code.
    pub device: String,
    /// Place of the entry in the author's chain.
    pub seq: u64,
    /// The author's entry before, zeros at seq 0.
    pub prev: [u8; 32],
    /// The position that the author had seen.
    pub seen_position: u64,
    /// The order's hash after the entry.
    pub tip: Option<[u8; 32]>,
    /// When the relay placed it, milliseconds; decides nothing.
    pub relay_time_ms: Option<i64>,
    /// The author's clock, milliseconds; decides nothing.
    pub authored_at_ms: i64,
    /// The manifest that the op was written for.
    pub manifest: [u8; 32],
    /// That manifest's name.
    pub manifest_name: String,
    /// The verb's name.
    pub verb: String,
    /// What people call it.
    pub verb_label: String,
    /// Its inputs, if they decode.
    pub inputs: Vec<FieldView>,
    /// What became of it.
    pub outlook: Option<Outlook>,
    /// The key that signed.
    pub key: [u8; 32],
    /// The signature over the entry id, 64 bytes.
    pub signature: Vec<u8>,
    /// It was verified just now.
    pub verified: bool,
    /// How many other ops the entry holds.
    pub siblings: u32,
    /// Length of the entry, bytes.
    pub bytes_len: u64,
}

/// An installation that the book admits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceView {
    /// The author.
    pub author: [u8; 32],
    /// Its device code.
    pub label: String,
    /// It may let others in.
    pub manager: bool,
    /// Admitted by the entry at this position.
    pub from: u64,
    /// It is this one.
    pub this: bool,
}

/// Somebody who asks to be let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskerView {
    /// Names the request.
    pub id: [u8; 32],
    /// The author that it would become.
    pub author: [u8; 32],
    /// The device code that it asks for.
    pub label: String,
    /// When the relay got it, milliseconds.
    pub asked_at_ms: i64,
}

/// The two hashes of the books as they stand, confirmed entries only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HashesView {
    /// Of this position.
    pub position: u64,
    /// Order-exact.
    pub state: [u8; 32],
    /// Order-free.
    pub books: [u8; 32],
}
