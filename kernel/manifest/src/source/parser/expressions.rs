//! Expressions, by precedence: or, and, not, comparisons, + and -, *, minus, field.

use super::{Kind, Parsed, Parser};
use crate::{
    ast::{DateOp, Op, Over},
    source::{
        diagnostic::{Mistake, Span},
        syntax::{Expr, ExprKind, Source, Word},
    },
};
use alloc::{boxed::Box, format};

/// How deep what was read may nest. The checker allows less; this only bounds recursion.
const DEPTH_MAX: u32 = 80;

/// The operator of a sign or word, and how strongly it binds.
fn operator(kind: &Kind<'_>) -> Option<(Op, u8)> {
    Some(match kind {
        Kind::Word("or") => (Op::Or, 1),
        Kind::Word("and") => (Op::And, 2),
        Kind::Sign("==") => (Op::Eq, 3),
        Kind::Sign("!=") => (Op::Ne, 3),
        Kind::Sign("<") => (Op::Lt, 3),
        Kind::Sign("<=") => (Op::Le, 3),
        Kind::Sign(">") => (Op::Gt, 3),
        Kind::Sign(">=") => (Op::Ge, 3),
        Kind::Sign("+") => (Op::Add, 4),
        Kind::Sign("-") => (Op::Sub, 4),
        Kind::Sign("*") => (Op::Mul, 5),
        _ => return None,
    })
}

const COMPARISON: u8 = 3;

impl<'s> Parser<'_, 's> {
    pub(super) fn expr(&mut self) -> Parsed<Expr<'s>> {
        self.expr_above(1)
    }

    /// An expression whose operators bind at least as strongly as `least`.
    pub(super) fn expr_above(&mut self, least: u8) -> Parsed<Expr<'s>> {
        self.deeper(|parser| {
            let mut left = parser.prefix()?;
            let mut compared = false;
            while let Some((op, strength)) = operator(parser.peek()) {
                if strength < least {
                    break;
                }
                if strength == COMPARISON && compared {
                    let cause = "comparisons are chained";
                    return Err(Mistake::new(
                        parser.here(),
                        "syntax",
                        cause,
                        "join two of them with and",
                    ));
                }
                compared = strength == COMPARISON;
                parser.skip();
                let right = parser.expr_above(strength.saturating_add(1))?;
                let span = left.span.to(right.span);
                let depth = left.depth.max(right.depth);
                left = node(
                    span,
                    depth,
                    ExprKind::Binary(op, Box::new(left), Box::new(right)),
                )?;
            }
            Ok(left)
        })
    }

    fn prefix(&mut self) -> Parsed<Expr<'s>> {
        let start = self.here();
        if self.maybe_word("not") {
            let inner = self.expr_above(COMPARISON)?;
            return node(
                start.to(inner.span),
                inner.depth,
                ExprKind::Not(Box::new(inner)),
            );
        }
        if self.maybe_sign("-") {
            let inner = self.expr_above(6)?;
            let span = start.to(inner.span);
            return match inner.kind {
                ExprKind::Number(number) => {
                    node(span, 0, ExprKind::Number(number.saturating_neg()))
                }
                _ => node(span, inner.depth, ExprKind::Neg(Box::new(inner))),
            };
        }
        if self.maybe_word("if") {
            let condition = self.expr()?;
            self.word_is("then")?;
            let yes = self.expr()?;
            self.word_is("else")?;
            let no = self.expr()?;
            let depth = condition.depth.max(yes.depth).max(no.depth);
            let span = start.to(no.span);
            return node(
                span,
                depth,
                ExprKind::If(Box::new(condition), Box::new(yes), Box::new(no)),
            );
        }
        let mut found = self.primary(start)?;
        while self.maybe_sign(".") {
            let field = self.word("a field")?;
            let (span, depth) = (found.span.to(field.span), found.depth);
            found = node(span, depth, ExprKind::Field(Box::new(found), field))?;
        }
        Ok(found)
    }

    fn primary(&mut self, start: Span) -> Parsed<Expr<'s>> {
        let kind = match self.peek().clone() {
            Kind::Number(number) => ExprKind::Number(number),
            Kind::Date(days) => ExprKind::Date(days),
            Kind::Text(text) => ExprKind::Code(text),
            Kind::Sign("(") => {
                self.skip();
                let inner = self.expr()?;
                self.sign(")")?;
                return Ok(inner);
            }
            Kind::Word("none") => ExprKind::None,
            Kind::Word("true") => ExprKind::Bool(true),
            Kind::Word("false") => ExprKind::Bool(false),
            Kind::Word(name) if *self.peek_second() == Kind::Sign("(") => {
                self.skip();
                return self.call(Word {
                    text: name,
                    span: start,
                });
            }
            Kind::Word(name) if !matches!(name, "then" | "else" | "and" | "or") => {
                ExprKind::Name(name)
            }
            _ => return self.wanted("a value"),
        };
        self.skip();
        node(start, 0, kind)
    }

    fn call(&mut self, called: Word<'s>) -> Parsed<Expr<'s>> {
        self.sign("(")?;
        let (depth, kind) = match called.text {
            "muldiv" => self.muldiv()?,
            "min" => self.two(|a, b| ExprKind::Binary(Op::Min, a, b))?,
            "max" => self.two(|a, b| ExprKind::Binary(Op::Max, a, b))?,
            "abs" => self.one(ExprKind::Abs)?,
            "has" => self.one(ExprKind::Has)?,
            "year" => self.one(|date| ExprKind::Date1(DateOp::Year, date))?,
            "month" => self.one(|date| ExprKind::Date1(DateOp::Month, date))?,
            "day" => self.one(|date| ExprKind::Date1(DateOp::Day, date))?,
            "add_days" => self.two(|a, b| ExprKind::Date2(DateOp::AddDays, a, b))?,
            "add_months" => self.two(|a, b| ExprKind::Date2(DateOp::AddMonths, a, b))?,
            "days_between" => self.two(|a, b| ExprKind::Date2(DateOp::DaysBetween, a, b))?,
            "exists" => self.of_entity(ExprKind::Exists)?,
            "row" => self.of_entity(ExprKind::Row)?,
            "sum" => self.over(Over::Sum)?,
            "all" => self.over(Over::All)?,
            "any" => self.over(Over::Any)?,
            "count" => {
                let source = self.source()?;
                (source_depth(&source), ExprKind::Count(source))
            }
            name => {
                let cause = format!("there is no function {name}");
                let mend = "use muldiv, min, max, abs, has, sum, all, any, count, exists, row or a date function";
                return Err(Mistake::new(called.span, "unknown", cause, mend));
            }
        };
        self.sign(")")?;
        node(called.span.to(self.behind()), depth, kind)
    }

    fn one(&mut self, make: impl Fn(Box<Expr<'s>>) -> ExprKind<'s>) -> Parsed<(u32, ExprKind<'s>)> {
        let inner = self.expr()?;
        Ok((inner.depth, make(Box::new(inner))))
    }

    fn two(
        &mut self,
        make: impl Fn(Box<Expr<'s>>, Box<Expr<'s>>) -> ExprKind<'s>,
    ) -> Parsed<(u32, ExprKind<'s>)> {
        let left = self.expr()?;
        self.sign(",")?;
        let right = self.expr()?;
        Ok((
            left.depth.max(right.depth),
            make(Box::new(left), Box::new(right)),
        ))
    }

    fn of_entity(
        &mut self,
        make: impl Fn(Word<'s>, Box<Expr<'s>>) -> ExprKind<'s>,
    ) -> Parsed<(u32, ExprKind<'s>)> {
        let entity = self.word("an entity")?;
        self.sign(",")?;
        let row = self.expr()?;
        Ok((row.depth, make(entity, Box::new(row))))
    }

    fn muldiv(&mut self) -> Parsed<(u32, ExprKind<'s>)> {
        let a = self.expr()?;
        self.sign(",")?;
        let b = self.expr()?;
        self.sign(",")?;
        let c = self.expr()?;
        self.sign(",")?;
        let mode = self.word("a rounding mode")?;
        let depth = a.depth.max(b.depth).max(c.depth);
        Ok((depth, ExprKind::MulDiv(Box::new([a, b, c]), mode)))
    }

    /// `sum(x in list: expression)`
    fn over(&mut self, over: Over) -> Parsed<(u32, ExprKind<'s>)> {
        let name = self.word("a name for the element")?;
        self.word_is("in")?;
        let source = self.source()?;
        self.sign(":")?;
        let body = self.expr()?;
        let depth = source_depth(&source).max(body.depth);
        Ok((depth, ExprKind::Over(over, name, source, Box::new(body))))
    }
}

fn source_depth(source: &Source<'_>) -> u32 {
    match source {
        Source::List(_) => 0,
        Source::Children(_, row) => row.depth,
    }
}

fn node<'s>(span: Span, depth: u32, kind: ExprKind<'s>) -> Parsed<Expr<'s>> {
    let depth = depth.saturating_add(1);
    if depth > DEPTH_MAX {
        let cause = "an expression nests too deep";
        return Err(Mistake::new(
            span,
            "limit",
            cause,
            "name parts of it with let",
        ));
    }
    Ok(Expr { span, depth, kind })
}
