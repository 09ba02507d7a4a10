//! A source as it was written: names are still words, and everything knows its place.

use super::diagnostic::Span;
use crate::ast::{By, Class, Mode, Op, Over, Owner, RoleKind, VerbKind};
use alloc::{boxed::Box, string::String, vec::Vec};

/// A name and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'s> {
    pub(super) text: &'s str,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) struct Tree<'s> {
    pub(super) name: Word<'s>,
    pub(super) version: u32,
    pub(super) parts: Vec<Part<'s>>,
}

/// A declaration of the top level.
#[derive(Debug)]
pub(super) enum Part<'s> {
    Enum {
        name: Word<'s>,
        values: Vec<Word<'s>>,
    },
    Role(Role<'s>),
    Series(Word<'s>),
    Rounding(Word<'s>, Mode),
    Reason {
        flag: bool,
        code: Word<'s>,
        label: String,
    },
    Entity(Entity<'s>),
    Verb(Verb<'s>),
}

#[derive(Debug)]
pub(super) struct Role<'s> {
    pub(super) name: Word<'s>,
    pub(super) label: String,
    pub(super) code: String,
    pub(super) kind: RoleKind,
    pub(super) detail: bool,
    pub(super) dims: Vec<Field<'s>>,
}

#[derive(Debug)]
pub(super) struct Entity<'s> {
    pub(super) name: Word<'s>,
    pub(super) label: Option<String>,
    pub(super) parent: Option<Word<'s>>,
    /// None only for children, which have their parent's.
    pub(super) owner: Option<Owner>,
    pub(super) fields: Vec<Field<'s>>,
    pub(super) unique: Vec<Vec<Word<'s>>>,
    pub(super) shown: Vec<Word<'s>>,
    pub(super) status: Option<(Word<'s>, Vec<(Word<'s>, Word<'s>)>)>,
}

#[derive(Debug)]
pub(super) struct Field<'s> {
    pub(super) name: Word<'s>,
    pub(super) label: Option<String>,
    pub(super) ty: Ty<'s>,
    pub(super) edge: Option<Edge<'s>>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Edge<'s> {
    New,
    Today,
    Now,
    Next { series: Word<'s>, date: Word<'s> },
}

#[derive(Debug)]
pub(super) struct Ty<'s> {
    pub(super) kind: TyKind<'s>,
}

#[derive(Debug)]
pub(super) enum TyKind<'s> {
    /// `bool`, `money` and the like, or the name of an enum.
    Named(Word<'s>),
    Int(i64, i64),
    Code(u16),
    Text(u16),
    Ref(Word<'s>),
    Sealed(Class),
    Option(Box<Ty<'s>>),
    List(Vec<Field<'s>>, u16),
}

#[derive(Debug)]
pub(super) struct Verb<'s> {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) label: Option<String>,
    pub(super) kind: VerbKind,
    pub(super) level: u8,
    pub(super) by: By,
    pub(super) params: Vec<Field<'s>>,
    pub(super) body: Vec<Stmt<'s>>,
}

#[derive(Debug)]
pub(super) struct Stmt<'s> {
    pub(super) span: Span,
    pub(super) kind: StmtKind<'s>,
}

#[derive(Debug)]
pub(super) enum StmtKind<'s> {
    Let(Word<'s>, Expr<'s>),
    Require(Expr<'s>, Word<'s>),
    Warn(Expr<'s>, Word<'s>, Option<Expr<'s>>),
    Insert {
        entity: Word<'s>,
        id: Expr<'s>,
        fields: Vec<(Word<'s>, Option<Expr<'s>>)>,
    },
    Set {
        row: Expr<'s>,
        field: Word<'s>,
        value: Expr<'s>,
    },
    Goto {
        row: Expr<'s>,
        state: Word<'s>,
    },
    Number {
        series: Word<'s>,
        year: Expr<'s>,
        value: Expr<'s>,
    },
    Each {
        name: Word<'s>,
        source: Source<'s>,
        max: Option<u16>,
        body: Vec<Stmt<'s>>,
    },
    When(Expr<'s>, Vec<Stmt<'s>>, Vec<Stmt<'s>>),
    Post {
        doc: Expr<'s>,
        date: Expr<'s>,
        currency: Expr<'s>,
        body: Vec<Stmt<'s>>,
    },
    Line {
        debit: bool,
        role: Word<'s>,
        dims: Vec<Expr<'s>>,
        amount: Expr<'s>,
    },
    Reverse {
        doc: Expr<'s>,
        of: Expr<'s>,
        date: Expr<'s>,
    },
}

#[derive(Debug)]
pub(super) enum Source<'s> {
    List(Word<'s>),
    Children(Word<'s>, Box<Expr<'s>>),
}

#[derive(Debug)]
pub(super) struct Expr<'s> {
    pub(super) span: Span,
    /// How deep it nests, itself included: what walks it may recurse.
    pub(super) depth: u32,
    pub(super) kind: ExprKind<'s>,
}

#[derive(Debug)]
pub(super) enum ExprKind<'s> {
    None,
    Bool(bool),
    Number(i64),
    Date(i64),
    Code(String),
    Name(&'s str),
    Field(Box<Expr<'s>>, Word<'s>),
    /// `row(entity, id)`: an id of which the author says what it names.
    Row(Word<'s>, Box<Expr<'s>>),
    Exists(Word<'s>, Box<Expr<'s>>),
    Not(Box<Expr<'s>>),
    Neg(Box<Expr<'s>>),
    Abs(Box<Expr<'s>>),
    Has(Box<Expr<'s>>),
    Binary(Op, Box<Expr<'s>>, Box<Expr<'s>>),
    If(Box<Expr<'s>>, Box<Expr<'s>>, Box<Expr<'s>>),
    MulDiv(Box<[Expr<'s>; 3]>, Word<'s>),
    Over(Over, Word<'s>, Source<'s>, Box<Expr<'s>>),
    Count(Source<'s>),
    Date1(crate::ast::DateOp, Box<Expr<'s>>),
    Date2(crate::ast::DateOp, Box<Expr<'s>>, Box<Expr<'s>>),
}
