//! Recursive descent over tokens, with a bound on nesting.

mod declarations;
pub(super) use declarations::{is_builtin_type, mode};
mod expressions;
mod statements;

use super::{
    diagnostic::{Mistake, Span},
    lexer::{Kind, Token},
    syntax::{Tree, Word},
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

type Parsed<T> = Result<T, Mistake>;

/// How deep brackets, blocks and types may nest in a source.
const NESTING_MAX: u32 = 64;

/// Reads a whole source. The first mistake ends it: what follows it would be guesses.
pub(super) fn parse<'s>(tokens: &[Token<'s>]) -> Parsed<Tree<'s>> {
    let mut parser = Parser {
        tokens,
        at: 0,
        nesting: 0,
    };
    parser.word_is("manifest")?;
    let name = parser.word("the name of the manifest")?;
    let version = parser.small("the version of the manifest")?;
    let mut parts = Vec::new();
    while parser.peek() != &Kind::End {
        parts.push(parser.part()?);
    }
    Ok(Tree {
        name,
        version,
        parts,
    })
}

struct Parser<'t, 's> {
    tokens: &'t [Token<'s>],
    at: usize,
    nesting: u32,
}

impl<'s> Parser<'_, 's> {
    fn peek(&self) -> &Kind<'s> {
        self.tokens
            .get(self.at)
            .map_or(&Kind::End, |token| &token.kind)
    }

    fn peek_second(&self) -> &Kind<'s> {
        self.tokens
            .get(self.at.saturating_add(1))
            .map_or(&Kind::End, |token| &token.kind)
    }

    /// Where the next token is.
    fn here(&self) -> Span {
        let token = self.tokens.get(self.at).or(self.tokens.last());
        token.map_or(Span { start: 0, end: 0 }, |token| token.span)
    }

    /// Where the last taken token is.
    fn behind(&self) -> Span {
        let before = self
            .at
            .checked_sub(1)
            .and_then(|before| self.tokens.get(before));
        before.map_or(self.here(), |token| token.span)
    }

    fn skip(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn wanted<T>(&self, what: &str) -> Parsed<T> {
        let found = match self.peek() {
            Kind::Word(word) => format!("`{word}`"),
            Kind::Number(number) => format!("the number {number}"),
            Kind::Date(_) => "a date".to_string(),
            Kind::Text(_) => "a text".to_string(),
            Kind::Sign(sign) => format!("`{sign}`"),
            Kind::End => "the end of the source".to_string(),
        };
        let cause = format!("{what} is wanted here, this is {found}");
        Err(Mistake::new(
            self.here(),
            "syntax",
            cause,
            format!("write {what}"),
        ))
    }

    /// Runs `work` one level deeper.
    fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.nesting = self.nesting.saturating_add(1);
        if self.nesting > NESTING_MAX {
            let cause = "this nests too deep";
            return Err(Mistake::new(
                self.here(),
                "limit",
                cause,
                "name parts of it with let",
            ));
        }
        let done = work(self);
        self.nesting = self.nesting.saturating_sub(1);
        done
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Kind::Word(found) if *found == word)
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Kind::Sign(found) if *found == sign)
    }

    /// Takes the word if it is next.
    fn maybe_word(&mut self, word: &str) -> bool {
        let there = self.is_word(word);
        if there {
            self.skip();
        }
        there
    }

    fn maybe_sign(&mut self, sign: &str) -> bool {
        let there = self.is_sign(sign);
        if there {
            self.skip();
        }
        there
    }

    fn word_is(&mut self, word: &str) -> Parsed<()> {
        if self.maybe_word(word) {
            Ok(())
        } else {
            self.wanted(&format!("`{word}`"))
        }
    }

    fn sign(&mut self, sign: &str) -> Parsed<()> {
        if self.maybe_sign(sign) {
            Ok(())
        } else {
            self.wanted(&format!("`{sign}`"))
        }
    }

    fn word(&mut self, what: &str) -> Parsed<Word<'s>> {
        match *self.peek() {
            Kind::Word(text) => {
                let span = self.here();
                self.skip();
                Ok(Word { text, span })
            }
            _ => self.wanted(what),
        }
    }

    fn text(&mut self, what: &str) -> Parsed<String> {
        match self.maybe_text() {
            Some(text) => Ok(text),
            None => self.wanted(what),
        }
    }

    fn maybe_text(&mut self) -> Option<String> {
        let Kind::Text(text) = self.peek() else {
            return None;
        };
        let text = text.clone();
        self.skip();
        Some(text)
    }

    /// A whole number, with or without a minus.
    fn whole(&mut self, what: &str) -> Parsed<i64> {
        let minus = self.maybe_sign("-");
        match *self.peek() {
            Kind::Number(number) => {
                self.skip();
                Ok(if minus {
                    number.saturating_neg()
                } else {
                    number
                })
            }
            _ => self.wanted(what),
        }
    }

    /// A number that fits.
    fn small<T: TryFrom<i64>>(&mut self, what: &str) -> Parsed<T> {
        let span = self.here();
        let number = self.whole(what)?;
        T::try_from(number).map_err(|_| {
            let cause = format!("{number} is too large or too small for {what}");
            Mistake::new(span, "limit", cause, "write a number that fits")
        })
    }

    /// Parts between an opening sign, commas and the closing sign; a comma may end the list.
    fn list<T>(
        &mut self,
        open: &str,
        close: &str,
        mut part: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        self.sign(open)?;
        let mut parts = Vec::new();
        while !self.maybe_sign(close) {
            parts.push(part(self)?);
            if !self.maybe_sign(",") {
                self.sign(close)?;
                break;
            }
        }
        Ok(parts)
    }
}
