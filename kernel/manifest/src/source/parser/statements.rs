//! Statements. Each begins with a word of its own, so nothing stands between two of them.

use super::{Kind, Parsed, Parser};
use crate::source::{
    diagnostic::Mistake,
    syntax::{ExprKind, Source, Stmt, StmtKind},
};
use alloc::{boxed::Box, vec, vec::Vec};

const STATEMENT: &str = "a statement: let, require, warn, insert, set, goto, number, each, when, post, dr, cr or reverse";

impl<'s> Parser<'_, 's> {
    pub(super) fn block(&mut self) -> Parsed<Vec<Stmt<'s>>> {
        self.deeper(|parser| {
            parser.sign("{")?;
            let mut body = Vec::new();
            while !parser.maybe_sign("}") {
                body.push(parser.stmt()?);
            }
            Ok(body)
        })
    }

    fn stmt(&mut self) -> Parsed<Stmt<'s>> {
        let start = self.here();
        let Kind::Word(keyword) = *self.peek() else {
            return self.wanted(STATEMENT);
        };
        let kind = match keyword {
            "let" | "require" | "warn" => self.asking(keyword)?,
            "number" | "post" | "reverse" | "dr" | "cr" => self.booking(keyword)?,
            "insert" | "set" | "goto" | "each" | "when" => self.change(keyword)?,
            _ => return self.wanted(STATEMENT),
        };
        Ok(Stmt {
            span: start.to(self.behind()),
            kind,
        })
    }

    fn asking(&mut self, keyword: &str) -> Parsed<StmtKind<'s>> {
        self.skip();
        if keyword == "let" {
            let name = self.word("a name")?;
            self.sign("=")?;
            return Ok(StmtKind::Let(name, self.expr()?));
        }
        let condition = self.expr()?;
        if keyword == "require" {
            self.word_is("else")?;
            return Ok(StmtKind::Require(
                condition,
                self.word("the code of a refusal")?,
            ));
        }
        self.word_is("flag")?;
        let flag = self.word("the code of a flag")?;
        let about = if self.maybe_word("about") {
            Some(self.expr()?)
        } else {
            None
        };
        Ok(StmtKind::Warn(condition, flag, about))
    }

    fn change(&mut self, keyword: &str) -> Parsed<StmtKind<'s>> {
        self.skip();
        match keyword {
            "insert" => self.insert(),
            "set" => self.set(),
            "each" => self.each(),
            "when" => self.when(),
            _ => {
                let row = self.expr()?;
                self.word_is("to")?;
                let state = self.word("a value of the status")?;
                Ok(StmtKind::Goto { row, state })
            }
        }
    }

    fn booking(&mut self, keyword: &str) -> Parsed<StmtKind<'s>> {
        self.skip();
        match keyword {
            "number" => {
                let series = self.word("a series")?;
                self.sign("[")?;
                let year = self.expr()?;
                self.sign("]")?;
                self.sign("=")?;
                Ok(StmtKind::Number {
                    series,
                    year,
                    value: self.expr()?,
                })
            }
            "post" => {
                let doc = self.expr()?;
                self.word_is("on")?;
                let date = self.expr()?;
                self.word_is("in")?;
                let currency = self.expr()?;
                Ok(StmtKind::Post {
                    doc,
                    date,
                    currency,
                    body: self.block()?,
                })
            }
            "reverse" => {
                let of = self.expr()?;
                self.word_is("as")?;
                let doc = self.expr()?;
                self.word_is("on")?;
                Ok(StmtKind::Reverse {
                    doc,
                    of,
                    date: self.expr()?,
                })
            }
            _ => {
                let role = self.word("a role")?;
                let bracket = self.is_sign("[");
                let dims = if bracket {
                    self.list("[", "]", Self::expr)?
                } else {
                    Vec::new()
                };
                Ok(StmtKind::Line {
                    debit: keyword == "dr",
                    role,
                    dims,
                    amount: self.expr()?,
                })
            }
        }
    }

    /// `insert entity id { field = value, field }`; a field alone is given the value of its own name.
    fn insert(&mut self) -> Parsed<StmtKind<'s>> {
        let entity = self.word("an entity")?;
        let id = self.expr()?;
        let fields = self.list("{", "}", |parser| {
            let field = parser.word("a field")?;
            let value = if parser.maybe_sign("=") {
                Some(parser.expr()?)
            } else {
                None
            };
            Ok((field, value))
        })?;
        Ok(StmtKind::Insert { entity, id, fields })
    }

    fn set(&mut self) -> Parsed<StmtKind<'s>> {
        let target = self.expr_above(4)?;
        let span = target.span;
        let ExprKind::Field(row, field) = target.kind else {
            let cause = "this is no field of a row";
            return Err(Mistake::new(
                span,
                "syntax",
                cause,
                "write set row.field = value",
            ));
        };
        self.sign("=")?;
        Ok(StmtKind::Set {
            row: *row,
            field,
            value: self.expr()?,
        })
    }

    fn each(&mut self) -> Parsed<StmtKind<'s>> {
        let name = self.word("a name for the element")?;
        self.word_is("in")?;
        let source = self.source()?;
        let max = if self.maybe_word("max") {
            Some(self.small("a greatest number")?)
        } else {
            None
        };
        Ok(StmtKind::Each {
            name,
            source,
            max,
            body: self.block()?,
        })
    }

    /// A list of the op, or `children(entity, row)`.
    pub(super) fn source(&mut self) -> Parsed<Source<'s>> {
        let word = self.word("a list")?;
        if word.text != "children" || !self.is_sign("(") {
            return Ok(Source::List(word));
        }
        self.sign("(")?;
        let entity = self.word("a child entity")?;
        self.sign(",")?;
        let row = self.expr()?;
        self.sign(")")?;
        Ok(Source::Children(entity, Box::new(row)))
    }

    fn when(&mut self) -> Parsed<StmtKind<'s>> {
        let condition = self.expr()?;
        let yes = self.block()?;
        if !self.maybe_word("else") {
            return Ok(StmtKind::When(condition, yes, Vec::new()));
        }
        let start = self.here();
        if self.maybe_word("when") {
            let kind = self.deeper(Self::when)?;
            let inner = Stmt {
                span: start.to(self.behind()),
                kind,
            };
            return Ok(StmtKind::When(condition, yes, vec![inner]));
        }
        Ok(StmtKind::When(condition, yes, self.block()?))
    }
}
