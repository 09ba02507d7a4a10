//! Text into words, numbers, dates, labels and signs.

use super::diagnostic::{Mistake, Span};
use crate::calendar::Civil;
use alloc::{format, string::String, vec::Vec};

/// The smallest piece of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind<'s> {
    Word(&'s str),
    Number(i64),
    /// Days since 1970-01-01.
    Date(i64),
    Text(String),
    Sign(&'static str),
    End,
}

#[derive(Clone, Debug)]
pub(super) struct Token<'s> {
    pub(super) kind: Kind<'s>,
    pub(super) span: Span,
}

/// Two-character signs before their one-character beginnings.
const SIGNS: [&str; 26] = [
    "->", "==", "!=", "<=", ">=", "..", "{", "}", "(", ")", "[", "]", "<", ">", ",", ":", "=", "?",
    ".", "/", "+", "-", "*", ";", "@", "%",
];

/// All tokens of a source, with an end behind them.
pub(super) fn lex(source: &str) -> Result<Vec<Token<'_>>, Mistake> {
    let mut lexer = Lexer { source, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.blank();
        let start = lexer.at;
        let kind = lexer.token()?;
        let end = kind == Kind::End;
        tokens.push(Token {
            kind,
            span: span(start, lexer.at),
        });
        if end {
            return Ok(tokens);
        }
    }
}

fn span(start: usize, end: usize) -> Span {
    // A source is at most 1 MiB, so both fit.
    let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span {
        start: narrow(start),
        end: narrow(end),
    }
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, count: usize) -> &'s str {
        let taken = self.rest().get(..count).unwrap_or_default();
        self.at = self.at.saturating_add(taken.len());
        taken
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'s str {
        let rest = self.rest();
        self.take(rest.find(|char| !fits(char)).unwrap_or(rest.len()))
    }

    /// White space, and comments from `#` to the end of the line.
    fn blank(&mut self) {
        loop {
            self.take_while(char::is_whitespace);
            if !self.rest().starts_with('#') {
                return;
            }
            self.take_while(|char| char != '\n');
        }
    }

    fn token(&mut self) -> Result<Kind<'s>, Mistake> {
        let start = self.at;
        let Some(first) = self.rest().chars().next() else {
            return Ok(Kind::End);
        };
        if first.is_ascii_alphabetic() || first == '_' {
            return Ok(Kind::Word(
                self.take_while(|char| char.is_ascii_alphanumeric() || char == '_'),
            ));
        }
        if first.is_ascii_digit() {
            return self.number(start);
        }
        if first == '"' {
            return self.text(start);
        }
        if let Some(sign) = SIGNS.iter().find(|sign| self.rest().starts_with(**sign)) {
            self.take(sign.len());
            return Ok(Kind::Sign(sign));
        }
        self.take(first.len_utf8());
        let cause = format!("{first:?} has no meaning here");
        Err(Mistake::new(
            span(start, self.at),
            "syntax",
            cause,
            "delete it, or put it into a label",
        ))
    }

    fn number(&mut self, start: usize) -> Result<Kind<'s>, Mistake> {
        if let Some(text) = self.rest().get(..10).filter(|text| date_shaped(text)) {
            self.take(10);
            let wrong = || {
                let cause = format!("there is no {text}");
                Mistake::new(
                    span(start, self.at),
                    "syntax",
                    cause,
                    "write a date that exists",
                )
            };
            return date(text).map(Kind::Date).ok_or_else(wrong);
        }
        let text = self.take_while(|char| char.is_ascii_alphanumeric() || char == '_');
        let digits: String = text.chars().filter(|char| *char != '_').collect();
        let point = self
            .rest()
            .strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        match digits.parse() {
            Ok(number) if !point => Ok(Kind::Number(number)),
            _ => {
                let cause = "this is no whole number";
                let mend = "write digits, with _ between them if you like; amounts are in their smallest unit";
                Err(Mistake::new(span(start, self.at), "syntax", cause, mend))
            }
        }
    }

    fn text(&mut self, start: usize) -> Result<Kind<'s>, Mistake> {
        let mut out = String::new();
        self.take(1);
        loop {
            out.push_str(self.take_while(|char| !matches!(char, '"' | '\\' | '\n')));
            let (head, length) = match self.rest().as_bytes() {
                [b'"', ..] => (None, 1),
                [b'\\', b'"', ..] => (Some('"'), 2),
                [b'\\', b'\\', ..] => (Some('\\'), 2),
                _ => {
                    let cause = "a text does not end on its line";
                    let mend = "close it with \", and write \\\" or \\\\ for those signs";
                    return Err(Mistake::new(span(start, self.at), "syntax", cause, mend));
                }
            };
            self.take(length);
            match head {
                Some(char) => out.push(char),
                None => return Ok(Kind::Text(out)),
            }
        }
    }
}

/// `dddd-dd-dd`
fn date_shaped(text: &str) -> bool {
    let dash = |index: usize| index == 4 || index == 7;
    text.bytes().enumerate().all(|(index, byte)| {
        if dash(index) {
            byte == b'-'
        } else {
            byte.is_ascii_digit()
        }
    })
}

fn date(text: &str) -> Option<i64> {
    let mut parts = text.split('-').map(|part| part.parse::<i64>().ok());
    Civil {
        year: parts.next()??,
        month: parts.next()??,
        day: parts.next()??,
    }
    .to_days()
}
