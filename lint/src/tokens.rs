//! Just enough of Rust's lexer: identifiers, literals and signs with their lines, comments dropped, test-only items cut
//! out. Unlike a syntax tree it also sees what stands inside macro calls.

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An identifier or keyword.
    Word(String),
    /// The content of a string or byte string literal.
    Text(String),
    /// A number literal as written.
    Number(String),
    /// A char or byte literal, or a lifetime.
    Quote,
    /// Any other single character.
    Sign(char),
}

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its line, from 1.
    pub line: usize,
}

impl Token {
    /// The word, if it is one.
    #[must_use]
    pub fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            Kind::Text(_) | Kind::Number(_) | Kind::Quote | Kind::Sign(_) => None,
        }
    }

    /// The string literal's content, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            Kind::Word(_) | Kind::Number(_) | Kind::Quote | Kind::Sign(_) => None,
        }
    }

    /// It is this word or sign.
    #[must_use]
    pub fn is(&self, what: &str) -> bool {
        match &self.kind {
            Kind::Word(word) => word == what,
            Kind::Sign(sign) => what.len() == 1 && what.starts_with(*sign),
            Kind::Text(_) | Kind::Number(_) | Kind::Quote => false,
        }
    }
}

/// All tokens of a source.
#[must_use]
pub fn all(source: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        chars: source.chars().collect(),
        at: 0,
        line: 1,
        tokens: Vec::new(),
    };
    while lexer.peek(0).is_some() {
        lexer.step();
    }
    lexer.tokens
}

/// The tokens of a source without items under `#[cfg(test)]` or `#[test]`.
#[must_use]
pub fn shipped(source: &str) -> Vec<Token> {
    let tokens = all(source);
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if let Some(after) = test_attribute(&tokens[at..]) {
            at = item_end(&tokens, at + after);
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// The length of an attribute that takes what follows out of a shipped build.
fn test_attribute(tokens: &[Token]) -> Option<usize> {
    let [hash, open, ..] = tokens else {
        return None;
    };
    if !hash.is("#") || !open.is("[") {
        return None;
    }
    let end = closing(tokens, 1)?;
    let words: Vec<_> = tokens[2..end].iter().filter_map(Token::word).collect();
    let is_test = match words.as_slice() {
        ["test"] => true,
        ["cfg", rest @ ..] => {
            rest.contains(&"test") && !rest.windows(2).any(|two| two == ["not", "test"])
        }
        _ => false,
    };
    is_test.then_some(end + 1)
}

/// One past the item that starts here: its semicolon, or its first block.
fn item_end(tokens: &[Token], from: usize) -> usize {
    let mut at = from;
    while at < tokens.len() {
        if tokens[at].is(";") {
            return at + 1;
        }
        if tokens[at].is("{") {
            return closing(tokens, at).map_or(tokens.len(), |end| end + 1);
        }
        if tokens[at].is("(") || tokens[at].is("[") {
            at = closing(tokens, at).unwrap_or(tokens.len());
        }
        at += 1;
    }
    at
}

/// The index of the bracket that closes the one at `open`; none where no bracket opens or none closes.
#[must_use]
pub fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    if !matches!(tokens.get(open)?.kind, Kind::Sign('(' | '[' | '{')) {
        return None;
    }
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        match token.kind {
            Kind::Sign('(' | '[' | '{') => depth += 1,
            Kind::Sign(')' | ']' | '}') => {
                depth -= 1;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
    tokens: Vec<Token>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek(0)?;
        self.at += 1;
        self.line += usize::from(next == '\n');
        Some(next)
    }

    fn push(&mut self, kind: Kind, line: usize) {
        self.tokens.push(Token { kind, line });
    }

    fn step(&mut self) {
        let (line, Some(first)) = (self.line, self.peek(0)) else {
            return;
        };
        match first {
            '/' if self.peek(1) == Some('/') => {
                while self.peek(0).is_some_and(|c| c != '\n') {
                    self.next();
                }
            }
            '/' if self.peek(1) == Some('*') => self.block_comment(),
            '"' => self.string(0, line),
            '\'' => self.quote(line),
            c if c.is_ascii_digit() => self.number(line),
            c if c.is_alphabetic() || c == '_' => self.word(line),
            c => {
                self.next();
                if !c.is_whitespace() {
                    self.push(Kind::Sign(c), line);
                }
            }
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0usize;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => depth += 1,
                (Some('*'), Some('/')) => depth -= 1,
                (None, _) => return,
                _ => {
                    self.next();
                    continue;
                }
            }
            self.next();
            self.next();
            if depth == 0 {
                return;
            }
        }
    }

    /// A string literal; `hashes` is the number of `#` of a raw one plus one, 0 for a cooked one.
    fn string(&mut self, hashes: usize, line: usize) {
        self.next();
        let mut text = String::new();
        while let Some(c) = self.next() {
            match c {
                '"' if hashes == 0 => break,
                '"' if (0..hashes - 1).all(|ahead| self.peek(ahead) == Some('#')) => {
                    self.at += hashes - 1;
                    break;
                }
                '\\' if hashes == 0 => {
                    self.next();
                    text.push(' ');
                }
                c => text.push(c),
            }
        }
        self.push(Kind::Text(text), line);
    }

    /// A char literal or a lifetime.
    fn quote(&mut self, line: usize) {
        self.next();
        let is_char = self.peek(0) == Some('\\') || self.peek(1) == Some('\'');
        if is_char {
            if self.next() == Some('\\') {
                self.next();
            }
            while self.next().is_some_and(|c| c != '\'') {}
        } else {
            while self
                .peek(0)
                .is_some_and(|c| c.is_alphanumeric() || c == '_')
            {
                self.next();
            }
        }
        self.push(Kind::Quote, line);
    }

    fn number(&mut self, line: usize) {
        let mut text = String::new();
        while let Some(c) = self.peek(0) {
            let is_point = c == '.'
                && self.peek(1).is_some_and(|next| next.is_ascii_digit())
                && !text.contains('.');
            if !(c.is_ascii_alphanumeric() || c == '_' || is_point) {
                break;
            }
            text.push(c);
            self.next();
        }
        self.push(Kind::Number(text), line);
    }

    fn word(&mut self, line: usize) {
        let mut text = String::new();
        while let Some(c) = self.peek(0).filter(|c| c.is_alphanumeric() || *c == '_') {
            text.push(c);
            self.next();
        }
        let hashes = (0..)
            .take_while(|ahead| self.peek(*ahead) == Some('#'))
            .count();
        match (text.as_str(), self.peek(hashes)) {
            ("r" | "br" | "cr", Some('"')) => {
                self.at += hashes;
                self.string(hashes + 1, line);
            }
            ("b" | "c", Some('"')) if hashes == 0 => self.string(0, line),
            ("b", Some('\'')) if hashes == 0 => self.quote(line),
            _ => self.push(Kind::Word(text), line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<String> {
        shipped(source)
            .iter()
            .filter_map(|token| token.word().map(str::to_owned))
            .collect()
    }

    #[test]
    fn comments_strings_chars_and_lifetimes_hide_no_word_and_make_none() {
        let source = "fn a<'b>(c: &'b str) { /* x /* y */ z */ let d = 'e'; let f = \"g\\\"h\"; let i = r#\"j\"k\"#; } // l";
        assert_eq!(
            words(source),
            ["fn", "a", "c", "str", "let", "d", "let", "f", "let", "i"]
        );
        let texts: Vec<_> = all(source)
            .iter()
            .filter_map(|token| token.text().map(str::to_owned))
            .collect();
        assert_eq!(texts, ["g h", "j\"k"]);
    }

    #[test]
    fn items_under_test_are_cut_out_and_others_are_not() {
        let source = "#[cfg(test)] mod tests { fn inner() {} } #[cfg(not(test))] fn kept() {} #[test] fn gone() { x } fn last() {}";
        assert_eq!(
            words(source),
            ["cfg", "not", "test", "fn", "kept", "fn", "last"]
        );
        assert_eq!(
            words("#[cfg(all(test, not(unix)))] use a::b; fn c() {}"),
            ["fn", "c"]
        );
    }

    #[test]
    fn lines_are_counted_through_literals_and_comments() {
        let tokens = all("a\n/*\n*/ b \"\n\" c");
        let lines: Vec<_> = tokens.iter().map(|token| token.line).collect();
        assert_eq!(lines, [1, 3, 3, 4]);
    }
}
