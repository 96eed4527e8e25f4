//! Equations from their text.

use super::units::unit_factor;
use super::{Found, Inputs, Lack, Tree};

pub struct Reader<'t, 'v> {
    pub rest: &'t str,
    pub inputs: &'t Inputs<'v>,
}

const RESERVED: &[&str] = &[
    "then", "else", "and", "or", "not", "to", "of", "within", "where", "by", "for", "in", "if", "match",
    "let", "from",
];

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl Reader<'_, '_> {
    pub fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn takes(&mut self, mark: &str) -> bool {
        self.blanks();
        let Some(rest) = self.rest.strip_prefix(mark) else { return false };
        let joined = mark.ends_with(is_word) && rest.starts_with(is_word);
        if !joined {
            self.rest = rest;
        }
        !joined
    }

    fn needs(&mut self, mark: &str) -> Found<()> {
        if self.takes(mark) { Ok(()) } else { Err(Lack::Text(format!("no `{mark}` before {}", self.rest))) }
    }

    fn first(&mut self, marks: &[&'static str]) -> Option<&'static str> {
        marks.iter().copied().find(|mark| self.takes(mark))
    }

    pub fn expression(&mut self) -> Found<Tree> {
        self.left(&["or"], |r| r.left(&["and"], Self::negation))
    }

    fn left(&mut self, marks: &[&'static str], inner: impl Fn(&mut Self) -> Found<Tree>) -> Found<Tree> {
        let mut tree = inner(self)?;
        while let Some(mark) = self.first(marks) {
            tree = Tree::Binary(mark, Box::new(tree), Box::new(inner(self)?));
        }
        Ok(tree)
    }

    fn negation(&mut self) -> Found<Tree> {
        if self.takes("not") {
            return Ok(Tree::Unary("not", Box::new(self.negation()?)));
        }
        let first = self.fallback()?;
        if self.takes("within") {
            let tolerance = self.fallback()?;
            self.needs("of")?;
            return Ok(Tree::Within(Box::new(first), Box::new(tolerance), Box::new(self.fallback()?)));
        }
        let mut rest = vec![];
        while let Some(mark) = self.first(&["<=", ">=", "==", "!=", "<", ">"]) {
            rest.push((mark, self.fallback()?));
        }
        Ok(if rest.is_empty() { first } else { Tree::Chain(Box::new(first), rest) })
    }

    fn fallback(&mut self) -> Found<Tree> {
        let left = self.shown()?;
        if self.takes("??") {
            return Ok(Tree::Binary("??", Box::new(left), Box::new(self.fallback()?)));
        }
        Ok(left)
    }

    /// `x to ms` is `x`.
    fn shown(&mut self) -> Found<Tree> {
        let tree = self.range()?;
        if self.takes("to") {
            self.blanks();
            let end = self.rest.find([' ', ')', ',', ']', '}']).unwrap_or(self.rest.len());
            self.rest = &self.rest[end..];
        }
        Ok(tree)
    }

    fn range(&mut self) -> Found<Tree> {
        let low = self.sum()?;
        if !self.takes("..") {
            return Ok(low);
        }
        let high = self.sum()?;
        let step = if self.takes("by") { Some(Box::new(self.sum()?)) } else { None };
        Ok(Tree::Range(Box::new(low), Box::new(high), step))
    }

    fn sum(&mut self) -> Found<Tree> {
        self.left(&["+", "-"], |r| r.left(&["*", "/"], Self::signed))
    }

    fn signed(&mut self) -> Found<Tree> {
        if self.takes("-") {
            return Ok(Tree::Unary("-", Box::new(self.signed()?)));
        }
        let base = self.operand()?;
        if self.takes("^") {
            return Ok(Tree::Binary("^", Box::new(base), Box::new(self.signed()?)));
        }
        Ok(base)
    }

    fn operand(&mut self) -> Found<Tree> {
        let mut tree = self.atom()?;
        while self.rest.starts_with('[') {
            self.rest = &self.rest[1..];
            let index = self.expression()?;
            self.needs("]")?;
            tree = Tree::Item(Box::new(tree), Box::new(index));
        }
        Ok(tree)
    }

    fn atom(&mut self) -> Found<Tree> {
        self.blanks();
        if let Some(input) = self.input() {
            return Ok(input);
        }
        if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            return self.quantity();
        }
        if self.takes("(") {
            let inner = self.expression()?;
            self.needs(")")?;
            let path = self.path();
            return Ok(if path.is_empty() { inner } else { Tree::Word(format!("(..){path}")) });
        }
        if self.takes("[") {
            return Ok(Tree::List(self.items("]")?));
        }
        if self.takes("{") {
            return self.block();
        }
        if self.takes("\"") {
            let (text, rest) = self.rest.split_once('"').ok_or_else(|| Lack::Text(self.rest.to_string()))?;
            self.rest = rest;
            return Ok(Tree::Text(text.to_string()));
        }
        if self.takes("if") {
            let condition = self.expression()?;
            self.needs("then")?;
            let then = self.expression()?;
            self.needs("else")?;
            return Ok(Tree::If(Box::new([condition, then, self.expression()?])));
        }
        if self.takes("match") {
            return self.arms();
        }
        if self.takes("iterate") {
            return self.steps();
        }
        let end = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        let word = &self.rest[..end];
        if word.is_empty() || RESERVED.contains(&word) {
            return Err(Lack::Text(self.rest.to_string()));
        }
        self.rest = &self.rest[end..];
        if self.rest.starts_with('(') {
            self.rest = &self.rest[1..];
            let call = Tree::Call(word.to_string(), self.items(")")?);
            return Ok(if self.path().is_empty() { call } else { Tree::Word(format!("{word}(..)")) });
        }
        // A path that is no input: all of it is what is lacking.
        let path = self.path();
        let braces = if self.braces() { " {..}" } else { "" };
        Ok(Tree::Word(format!("{word}{path}{braces}")))
    }

    fn path(&mut self) -> String {
        let end = self.rest.find(|c| !(is_word(c) || c == '.')).unwrap_or(self.rest.len());
        let dotted = self.rest.starts_with('.') && !self.rest.starts_with("..");
        let path = if dotted { &self.rest[..end] } else { "" };
        self.rest = &self.rest[path.len()..];
        path.to_string()
    }

    /// An input by the name it is read by, the longest first.
    fn input(&mut self) -> Option<Tree> {
        let ends = |name: &str, rest: &str| {
            let dotted = rest.starts_with('.') && !rest.starts_with("..");
            !(dotted || rest.starts_with(['(', '{']) || name.ends_with(is_word) && rest.starts_with(is_word))
        };
        let place = self.inputs.named.iter().position(|(name, _)| {
            self.rest.strip_prefix(name.as_str()).is_some_and(|rest| ends(name, rest))
        })?;
        self.rest = &self.rest[self.inputs.named[place].0.len()..];
        Some(Tree::Input(place))
    }

    fn items(&mut self, close: &str) -> Found<Vec<Tree>> {
        let mut items = vec![];
        while !self.takes(close) {
            items.push(self.expression()?);
            // A comprehension is an input. One that was not taken is read over.
            if self.takes("for") {
                let (_, rest) =
                    self.rest.split_once(close).ok_or_else(|| Lack::Text(self.rest.to_string()))?;
                self.rest = rest;
                return Ok(vec![Tree::Word("[.. for ..]".into())]);
            }
            if !self.takes(",") {
                self.needs(close)?;
                break;
            }
        }
        Ok(items)
    }

    /// What a block binds are inputs of its value.
    fn block(&mut self) -> Found<Tree> {
        while self.takes("let") {
            let (_, rest) = self.rest.split_once('=').ok_or_else(|| Lack::Text(self.rest.to_string()))?;
            self.rest = rest;
            self.expression()?;
        }
        let value = self.expression()?;
        self.needs("}")?;
        Ok(value)
    }

    /// An iteration is an input. One that was not taken is read over.
    fn steps(&mut self) -> Found<Tree> {
        self.quantity()?;
        self.needs("from")?;
        let (_, rest) = self.rest.split_once('=').ok_or_else(|| Lack::Text(self.rest.to_string()))?;
        self.rest = rest;
        self.expression()?;
        self.needs(":")?;
        self.expression()?;
        Ok(Tree::Word("iterate ..".into()))
    }

    /// What follows a name in braces, and the path after it: a record or solve that is no input is read over.
    fn braces(&mut self) -> bool {
        if !self.rest.trim_start().starts_with('{') {
            return false;
        }
        let mut depth = 0;
        let close = self.rest.char_indices().find(|(_, c)| {
            depth += i32::from(*c == '{') - i32::from(*c == '}');
            *c == '}' && depth == 0
        });
        let Some((end, _)) = close else { return false };
        let rest = &self.rest[end + 1..];
        let path = rest.find(|c| !(is_word(c) || c == '.')).unwrap_or(rest.len());
        self.rest = &rest[path..];
        true
    }

    fn arms(&mut self) -> Found<Tree> {
        self.blanks();
        let subject = match self.input() {
            Some(input) => input,
            None => {
                let (name, rest) =
                    self.rest.split_once('{').ok_or_else(|| Lack::Text(self.rest.to_string()))?;
                let name = name.trim().to_string();
                self.rest = &self.rest[self.rest.len() - rest.len() - 1..];
                Tree::Word(name)
            }
        };
        self.needs("{")?;
        let mut arms = vec![];
        while !self.takes("}") {
            let (members, rest) =
                self.rest.split_once(':').ok_or_else(|| Lack::Text(self.rest.to_string()))?;
            self.rest = rest;
            let members = members.split('|').map(|m| m.trim().to_string()).collect();
            arms.push((members, self.expression()?));
            self.takes(",");
        }
        Ok(Tree::Match(Box::new(subject), arms))
    }

    /// A number and its unit.
    pub fn quantity(&mut self) -> Found<Tree> {
        self.blanks();
        let digits =
            |text: &str| text.find(|c: char| !(c.is_ascii_digit() || c == '_')).unwrap_or(text.len());
        let mut end = digits(self.rest);
        if self.rest[end..].starts_with('.') && !self.rest[end..].starts_with("..") {
            end += 1 + digits(&self.rest[end + 1..]);
        }
        if self.rest[end..].starts_with(['e', 'E']) {
            let sign = usize::from(self.rest[end + 1..].starts_with(['+', '-']));
            let exponent = digits(&self.rest[end + 1 + sign..]);
            if exponent > 0 {
                end += 1 + sign + exponent;
            }
        }
        let text = self.rest[..end].replace('_', "");
        let mut number: f64 = text.parse().map_err(|_| Lack::Text(text))?;
        self.rest = &self.rest[end..];
        for (word, factor) in [("thousand", 1e3), ("million", 1e6), ("billion", 1e9), ("trillion", 1e12)] {
            let rest = self.rest.trim_start();
            if rest.starts_with(word) && !rest[word.len()..].starts_with(is_word) {
                self.rest = &rest[word.len()..];
                number *= factor;
            }
        }
        // A newline never joins a number to a name.
        let rest = self.rest.trim_start_matches([' ', '\t']);
        let blank = rest.len() < self.rest.len();
        let unit = |c: char| is_word(c) || "%$µ^*/-".contains(c);
        let end = rest.find(|c| !unit(c)).unwrap_or(rest.len());
        let begins = rest.starts_with(|c: char| c.is_alphabetic() || "%$".contains(c))
            || blank && rest.starts_with('/') && rest[1..].starts_with(char::is_alphabetic);
        let word = rest.split(|c| !is_word(c)).next().unwrap_or("");
        if begins && !RESERVED.contains(&word) {
            let name = rest[..end].trim_end_matches(['-', '*', '/']);
            number *= unit_factor(name).ok_or_else(|| Lack::Text(format!("the unit {name}")))?;
            self.rest = &rest[name.len()..];
            if !matches!(name, "%" | "percent") {
                return Ok(Tree::Measure(number));
            }
        }
        Ok(Tree::Number(number))
    }
}
