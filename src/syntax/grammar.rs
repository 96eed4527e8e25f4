//! The grammar: pest's pairs of a text by one of its rules.

use pest::error::{Error, ErrorVariant};
use pest::iterators::{Pair, Pairs};
use pest::{Parser, Position};

use crate::syntax::split::DEPTH_LIMIT;

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/mls.pest"]
pub(super) struct Grammar;

pub(super) type Node<'t> = Pair<'t, Rule>;

/// Words after which an expression nests without brackets.
const NESTING: &[&str] = &["if", "iterate", "within", "largest", "smallest"];

/// So many of them in one item, at most; a program that has more was not written by hand.
const WORD_LIMIT: usize = 4096;

/// Stack that one level of nesting takes in a build without optimisation, about.
const LEVEL: usize = 48 * 1024;

/// Parses a text by a rule, with stack enough for as deep as it may be nested.
pub(super) fn read(rule: Rule, text: &str) -> Result<Pairs<'_, Rule>, Box<Error<Rule>>> {
    let (brackets, words) = nesting(text);
    if words > WORD_LIMIT {
        let message = "more than it can hold".into();
        let start = Position::from_start(text);
        return Err(Box::new(Error::new_from_pos(ErrorVariant::CustomError { message }, start)));
    }
    let stack = (brackets.min(DEPTH_LIMIT) + words + 4) * LEVEL;
    stacker::maybe_grow(stack, stack * 2, || Grammar::parse(rule, text).map_err(Box::new))
}

/// How many brackets and words may nest something in `text`.
fn nesting(text: &str) -> (usize, usize) {
    let word_byte = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || !b.is_ascii();
    let (mut brackets, mut words, mut in_word) = (0, 0, false);
    for (at, byte) in text.bytes().enumerate() {
        brackets += usize::from(matches!(byte, b'(' | b'[' | b'{'));
        let first = word_byte(byte) && !in_word;
        if first && matches!(byte, b'i' | b'w' | b'l' | b's') {
            let rest = &text.as_bytes()[at..];
            let end = rest.iter().position(|b| !word_byte(*b)).unwrap_or(rest.len());
            words += usize::from(NESTING.iter().any(|word| word.as_bytes() == &rest[..end]));
        }
        in_word = word_byte(byte);
    }
    (brackets, words)
}

/// Words and marks that the tree does not keep.
pub(super) fn is_keyword(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::kw_use
            | Rule::kw_as
            | Rule::kw_param
            | Rule::kw_let
            | Rule::kw_unit
            | Rule::kw_dimension
            | Rule::kw_type
            | Rule::kw_enum
            | Rule::kw_fn
            | Rule::kw_table
            | Rule::kw_solver
            | Rule::kw_solve
            | Rule::kw_assert
            | Rule::kw_warn
            | Rule::kw_show
            | Rule::kw_scenario
            | Rule::kw_require
            | Rule::kw_note
            | Rule::kw_infeasible
            | Rule::kw_out
            | Rule::kw_if
            | Rule::kw_then
            | Rule::kw_match
            | Rule::kw_iterate
            | Rule::kw_from
            | Rule::kw_for
            | Rule::kw_in
            | Rule::kw_to
            | Rule::kw_of
            | Rule::kw_within
            | Rule::kw_sweep
            | Rule::kw_plot
            | Rule::kw_roofline
            | Rule::kw_bars
            | Rule::kw_against
            | Rule::kw_over
            | Rule::kw_where
            | Rule::kw_zip
            | Rule::kw_optimize
            | Rule::kw_seed
            | Rule::kw_by
            | Rule::kw_pareto
            | Rule::kw_sort
            | Rule::colon
            | Rule::equals
            | Rule::comma
            | Rule::arrow
            | Rule::open
            | Rule::close
            | Rule::close_paren
            | Rule::close_bracket
            | Rule::EOI
    )
}
