//! The canonical syntax tree: what a manifest *is* once its source is forgotten.
//!
//! Every name is data. Everything that the fold follows is an index into a list of this tree, checked once by
//! [`crate::check::check`], so the interpreter meets no dangling index, no unbounded loop and no unbounded depth.
//! The tree is encoded by postcard, canonically, and named by the BLAKE3 hash of those bytes.

use alloc::{boxed::Box, string::String, vec::Vec};
use serde::{Deserialize, Serialize};

/// The language level that this build compiles and interprets. 0 = not frozen: a book on it says so.
pub const LEVEL: u16 = 0;

/// Index of an [`Entity`] in [`Manifest::entities`].
pub type EntityId = u16;
/// Index of a field in its entity, its record or its verb's parameters.
pub type FieldId = u16;
/// Index of a [`Role`] in [`Manifest::roles`].
pub type RoleId = u16;
/// Index of a value cell of a running verb: parameters first, then locals and loop variables.
pub type Slot = u16;

/// A frozen set of entities and verbs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Language level; a kernel that does not know it halts.
    pub level: u16,
    /// Its name, for people.
    pub name: String,
    /// Its version, for people; the id decides.
    pub version: u32,
    /// Closed sets of named values.
    pub enums: Vec<Enum>,
    /// What a posting may be booked on.
    pub roles: Vec<Role>,
    /// Names of the counters that documents are numbered from.
    pub series: Vec<String>,
    /// Reasons by which this manifest's verbs may refuse; number = 1,000 + index.
    pub refusals: Vec<Reason>,
    /// Things that need attention though the op was applied.
    pub flags: Vec<Reason>,
    /// Kinds of rows.
    pub entities: Vec<Entity>,
    /// What can be done.
    pub verbs: Vec<Verb>,
}

/// A closed set of named values; stored as the index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enum {
    /// Its name.
    pub name: String,
    /// Its values, only ever added to at the end.
    pub values: Vec<String>,
}

/// What a posting may be booked on, with its mandatory dimensions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Short number on reports (a chart of accounts number).
    pub code: String,
    /// What people call it.
    pub label: String,
    /// The side on which it normally stands and the report that it belongs to.
    pub kind: RoleKind,
    /// Reports show one line per combination of dimensions instead of one line for the role.
    pub detail: bool,
    /// Dimensions, each mandatory on a line.
    pub dims: Vec<Field>,
}

/// Where a role belongs on a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the five classes of every chart of accounts")]
pub enum RoleKind {
    Asset,
    Liability,
    Equity,
    Income,
    Expense,
}

/// A refusal or flag of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Its code, in capitals.
    pub code: String,
    /// One sentence for people.
    pub label: String,
}

/// A kind of row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Who writes its rows.
    pub owner: Owner,
    /// For a child entity (`entity line of document`): its parent. Its rows are keyed (parent id, index).
    pub parent: Option<EntityId>,
    /// Its fields, in canonical order. Row bytes are these values in this order.
    pub fields: Vec<Field>,
    /// Sets of fields whose values together occur once.
    pub unique: Vec<Vec<FieldId>>,
    /// Allowed changes of its status, if it has one.
    pub status: Option<Status>,
    /// The fields that stand for a row where another row refers to it.
    pub shown: Vec<FieldId>,
}

/// Who writes the rows of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Owner {
    /// Only the device that inserted the row (the field `device` is kept by the kernel).
    Device,
    /// Everybody.
    Shared,
    /// Nobody, once inserted.
    Immutable,
}

/// The status field of an entity and its edges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The field that holds it; its type is an enum.
    pub field: FieldId,
    /// Allowed (from, to) pairs.
    pub edges: Vec<(u16, u16)>,
}

/// A named, typed field of an entity, a record or a verb's input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Its type.
    pub ty: Type,
    /// Where the client takes it from when nobody gave it (verb inputs only).
    pub edge: Option<Edge>,
}

/// An input that is read at the edge, recorded in the op, and never looked up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edge {
    /// A fresh 16-byte id.
    NewId,
    /// The device's business date.
    Today,
    /// The device's clock, in milliseconds.
    Now,
    /// The next number of the device's own counter of a series, for the year of the date parameter.
    Next {
        /// Index into [`Manifest::series`].
        series: u16,
        /// The parameter that holds the date.
        date: FieldId,
    },
}

/// The type of a value. Numbers of all kinds are `i64`; the kinds differ in scale and bounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Type {
    /// True or false.
    Bool,
    /// An integer within bounds, both included.
    Int {
        /// Least.
        min: i64,
        /// Greatest.
        max: i64,
    },
    /// Minor units of the document's currency, ±10^15.
    Money,
    /// Price of one unit at three places below the minor unit, ±10^13.
    Price,
    /// Quantity at scale 3, ±10^12.
    Qty,
    /// Parts per million, 0..=10^6.
    Ppm,
    /// Days since 1970-01-01, proleptic Gregorian, years 1..=9999.
    Date,
    /// Milliseconds since 1970-01-01T00:00Z; stored and shown, never branched on.
    Time,
    /// At most n bytes of `[A-Z0-9._/-]`; comparable.
    Code(u16),
    /// At most n bytes of UTF-8; stored and shown, never compared.
    Text(u16),
    /// A value of an enum.
    Enum(u16),
    /// A fresh or foreign 16-byte id.
    Id,
    /// The id of a row.
    Ref(EntityId),
    /// An author (an installation).
    Author,
    /// Personal data of a class, sealed in an envelope; the kernel sees a slot, never the value.
    Sealed(Class),
    /// A value or none.
    Option(Box<Type>),
    /// At most n records. Verb inputs only.
    List(Vec<Field>, u16),
}

/// Retention class of sealed data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the four classes of docs/spec/manifest.md")]
pub enum Class {
    Contact,
    Fiscal,
    Hr,
    Note,
}

/// Something that can be done: a name, inputs, and what follows from them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verb {
    /// Its name, `noun.verb`, and its version behind a slash from 2 on.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Who else may decide its fate.
    pub kind: VerbKind,
    /// Commit level: 0 durable on this device, 1 one replica, 2 its position.
    pub level: u8,
    /// Who may do it.
    pub by: By,
    /// Its inputs; they fill slots 0, 1, 2, …
    pub params: Vec<Field>,
    /// How many slots it needs in all.
    pub slots: u16,
    /// What it does, applied whole or not at all.
    pub body: Vec<Stmt>,
}

/// Authority class of a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum VerbKind {
    /// Final: a fact, refused in no causal order.
    Final,
    /// Claim: has a declared losing branch.
    Claim,
    /// Office: may be refused as stale.
    Office,
    /// Draft edit: the last in order wins.
    Draft,
}

/// Who may do a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum By {
    /// Every author that the book admits.
    Member,
    /// Authors with the registry role `manager`.
    Manager,
}

/// One step of a verb.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stmt {
    /// Put a value into a slot.
    Let(Slot, Expr),
    /// Refuse the op unless the condition holds.
    Require(Expr, u16),
    /// Raise a flag unless the condition holds; the optional expression says what it is about.
    Warn(Expr, u16, Option<Expr>),
    /// A new row. Fields not named are none, false, zero or empty.
    Insert {
        /// Of which entity.
        entity: EntityId,
        /// Its id; for a child entity, the parent's id (the index is the next free one).
        id: Expr,
        /// Its fields.
        fields: Vec<(FieldId, Expr)>,
    },
    /// Change one field of a row.
    Set {
        /// Of which entity.
        entity: EntityId,
        /// Its id.
        row: Expr,
        /// Which field.
        field: FieldId,
        /// To what.
        value: Expr,
    },
    /// Change the status of a row along a declared edge.
    Goto {
        /// Of which entity.
        entity: EntityId,
        /// Its id.
        row: Expr,
        /// To which value of the status enum.
        state: u16,
    },
    /// Take a number of the device's own counter of a series and year; a gap or a repetition is flagged.
    Number {
        /// Index into [`Manifest::series`].
        series: u16,
        /// Which year.
        year: Expr,
        /// The number that the op carries.
        value: Expr,
    },
    /// Run the body once for each element.
    Each {
        /// The slot that holds the element (a record).
        slot: Slot,
        /// Where the elements come from.
        source: Source,
        /// At most so many; more is a refusal.
        max: u16,
        /// What to do.
        body: Vec<Stmt>,
    },
    /// Choose.
    When(Expr, Vec<Stmt>, Vec<Stmt>),
    /// Book lines that together sum to zero.
    Post {
        /// The row that the lines belong to (an id).
        doc: Expr,
        /// The date of the entry.
        date: Expr,
        /// Its currency, a code of three letters.
        currency: Expr,
        /// Lines, with loops and choices around them.
        body: Vec<Stmt>,
    },
    /// One line of the `Post` around it. A line of zero is not stored.
    Line {
        /// Debit (counts up) or credit (counts down).
        debit: bool,
        /// On what.
        role: RoleId,
        /// Its dimensions, as the role declares.
        dims: Vec<Expr>,
        /// How much, in minor units.
        amount: Expr,
    },
    /// Book the opposite of all lines that were recorded for another row.
    Reverse {
        /// The row that the new lines belong to.
        doc: Expr,
        /// The row whose lines are reversed.
        of: Expr,
        /// The date of the entry.
        date: Expr,
    },
}

/// Where the elements of a loop come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// A list that the op carries, in a slot.
    Slot(Slot),
    /// The child rows of a row, by index.
    Children(EntityId, Box<Expr>),
}

/// A value that is computed. Evaluation has no effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expr {
    /// No value.
    None,
    /// A truth value.
    Bool(bool),
    /// A number, a date, or the index of an enum's value.
    Int(i64),
    /// A code.
    Code(String),
    /// The value of a slot.
    Slot(Slot),
    /// A field of the record in a slot (a list element or a child row).
    Field(Slot, FieldId),
    /// A field of a row; a missing row is a refusal.
    Get(EntityId, Box<Expr>, FieldId),
    /// The row exists.
    Exists(EntityId, Box<Expr>),
    /// The author of the op.
    Device,
    /// Not.
    Not(Box<Expr>),
    /// Minus.
    Neg(Box<Expr>),
    /// Absolute value.
    Abs(Box<Expr>),
    /// There is a value.
    Has(Box<Expr>),
    /// Two operands.
    Binary(Op, Box<Expr>, Box<Expr>),
    /// Choice.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `a * b / c`, rounded once.
    MulDiv(Box<Expr>, Box<Expr>, Box<Expr>, Mode),
    /// Fold of a source: the element is in the slot while the body is evaluated.
    Over(Over, Slot, Source, Box<Expr>),
    /// How many elements.
    Count(Source),
    /// A part of a date, or a date moved.
    Date(DateOp, Box<Expr>, Box<Expr>),
    /// The author that inserted a row of a device-owned entity; a missing row is a refusal.
    Owner(EntityId, Box<Expr>),
}

/// Operators on two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(
    missing_docs,
    reason = "they mean what they say; And and Or do not evaluate their right side in vain"
)]
pub enum Op {
    Add,
    Sub,
    Mul,
    Min,
    Max,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    And,
    Or,
}

/// Folds over a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "they mean what they say")]
pub enum Over {
    Sum,
    All,
    Any,
}

/// Rounding modes of the one division.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "docs/spec/manifest.md gives the table")]
pub enum Mode {
    HalfUp,
    HalfEven,
    Down,
    Up,
    Floor,
    Ceil,
}

/// Operations on dates. The second operand of the parts is [`Expr::None`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "they mean what they say")]
pub enum DateOp {
    Year,
    Month,
    Day,
    AddDays,
    AddMonths,
    DaysBetween,
}
