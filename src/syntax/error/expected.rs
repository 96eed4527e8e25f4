//! What would have been right, in a few words.

use crate::syntax::grammar::Rule;

/// What the grammar would have taken, in a few words.
pub(super) fn expectations(rules: &[Rule]) -> Vec<String> {
    let mut words: Vec<String> = vec![];
    let mut operators = false;
    let (mut value, mut braces) = (false, false);
    for rule in rules {
        let word = match rule {
            Rule::r#where
            | Rule::minimize
            | Rule::maximize
            | Rule::within
            | Rule::and
            | Rule::or
            | Rule::else_value
            | Rule::less_equal
            | Rule::greater_equal
            | Rule::less
            | Rule::greater
            | Rule::equal
            | Rule::not_equal
            | Rule::range
            | Rule::step
            | Rule::add
            | Rule::subtract
            | Rule::multiply
            | Rule::divide
            | Rule::power
            | Rule::convert => {
                operators = true;
                continue;
            }
            Rule::expr
            | Rule::plot_value
            | Rule::postfix
            | Rule::atom
            | Rule::quantity
            | Rule::number
            | Rule::string
            | Rule::prefix
            | Rule::negate
            | Rule::not
            | Rule::call
            | Rule::list
            | Rule::record
            | Rule::block
            | Rule::parenthesized
            | Rule::if_expr
            | Rule::match_expr
            | Rule::iterate_expr
            | Rule::boolean
            | Rule::none => {
                value = true;
                continue;
            }
            Rule::ident | Rule::any_word | Rule::any_path => "a name",
            Rule::unit_name | Rule::unit_expr | Rule::unit_factor | Rule::unit_per => "a unit",
            Rule::ty | Rule::ty_factor | Rule::ty_one | Rule::ty_group | Rule::ty_list => "a type",
            Rule::colon => "`:`",
            Rule::equals => "`=`",
            Rule::comma => "`,`",
            Rule::arrow => "`->`",
            Rule::open => "`{`",
            // Any value may have braces behind it.
            Rule::record_body => {
                braces = true;
                continue;
            }
            Rule::close => "`}`",
            Rule::close_paren => "`)`",
            Rule::close_bracket => "`]`",
            Rule::kw_against => "`against`",
            Rule::kw_then => "`then`",
            Rule::kw_else => "`else`",
            Rule::kw_from => "`from`",
            Rule::kw_in => "`in`",
            Rule::kw_of => "`of`",
            Rule::arm => "an arm `member: value`",
            Rule::parameters => "`(`",
            Rule::parameter => "a parameter",
            Rule::argument => "an argument",
            Rule::module => "a module such as `std.hardware.nvidia`",
            Rule::table_rows => "`[`",
            Rule::item => "an item",
            // Comes with any of the others, and says nothing new.
            _ => continue,
        };
        if !words.iter().any(|w| w == word) {
            words.push(word.into());
        }
    }
    if value {
        words.insert(0, "a value".into());
    }
    if braces && !operators && words.is_empty() {
        words.push(if rules.len() > 1 { "an operator or the end".into() } else { "`{`".into() });
    }
    if operators && words.is_empty() {
        words.push("an operator or the end".into());
    }
    words.truncate(4);
    words
}
