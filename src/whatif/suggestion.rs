//! A change as it is shown: what it changes, from what to what, and how it is written.

use crate::lower::lowerer::Lowerer;
use crate::lower::perturb::input::{Input, InputPlace};
use crate::outcome::suggestion::{Edit, Suggestion};
use crate::run::data::datum::datum;
use crate::source::{Origin, Sources, Span};
use crate::whatif::nearest_value::Fix;
use crate::whatif::search_inputs::Reach;

/// Suggestions shown for one assertion.
pub const SHOWN: usize = 4;

/// A change of an input, as it is shown and written.
pub fn suggestion<'p>(lowerer: &mut Lowerer<'p>, input: &Input<'p>, fix: &Fix) -> Suggestion {
    let sources = lowerer.sources;
    let of = |lowerer: &mut Lowerer<'p>, number: f64| {
        let value = lowerer.constant(number, None);
        datum(lowerer, &value, &input.ty, input.unit.as_ref())
    };
    let sign = if input.negated { -1.0 } else { 1.0 };
    let (from, to) = (of(lowerer, sign * input.value), of(lowerer, sign * fix.value));
    let edit = match &input.place {
        InputPlace::Added { braces, written, .. } => added(sources, braces.span, written, &fix.text),
        _ => edit_of(sources, input.literal.span, &fix.text),
    };
    let text = if input.negated { format!("-{}", fix.text) } else { fix.text.clone() };
    let set = match &input.place {
        InputPlace::Param(name) => Some(format!("{name}={text}")),
        _ => None,
    };
    let write = match &input.place {
        InputPlace::Param(name) => format!("--set \"{name}={text}\""),
        InputPlace::Literal => format!("{}: {text}", input.name),
        InputPlace::Added { written, .. } => {
            let holder = input.name.strip_suffix(written.as_str()).unwrap_or(&input.name);
            format!("{} {{ {written}: {text} }}", holder.trim_end_matches('.'))
        }
    };
    Suggestion {
        input: input.name.clone(),
        from,
        to,
        change: fix.change.map(|change| sign * change),
        write,
        set,
        edit,
        needs: None,
        notes: vec![],
    }
}

/// Another text for a literal; of one that stands on the command line there is nothing to edit.
fn edit_of(sources: &Sources, span: Span, text: &str) -> Option<Edit> {
    (sources.file(span.file).origin == Origin::User).then(|| Edit { span, text: text.to_string() })
}

/// A field put before a closing brace.
fn added(sources: &Sources, braces: Span, path: &str, value: &str) -> Option<Edit> {
    let text = sources.text(braces);
    let inside = text.strip_suffix('}')?;
    let before = inside.trim_end();
    let end = braces.end as usize - 1;
    let several = text.contains('\n');
    let text = match several {
        // On a line of its own, whatever the line before ends with.
        true => {
            let start = sources.file(braces.file).text[..end].rfind('\n').map_or(0, |i| i + 1);
            let blank = sources.file(braces.file).text[start..end].chars().all(char::is_whitespace);
            match blank {
                true => format!("  {path}: {value}\n{}", &sources.file(braces.file).text[start..end]),
                false => format!("\n  {path}: {value}\n"),
            }
        }
        false if before.ends_with(['{', ',']) => format!(" {path}: {value} "),
        false => format!(", {path}: {value} "),
    };
    let at = if several { end } else { braces.start as usize + before.len() };
    let span = Span { file: braces.file, start: at as u32, end: end as u32 };
    Some(Edit { span, text })
}

/// The help text: one change a line, and what was not looked at.
pub fn help(suggestions: &[Suggestion], searched: bool, reach: &Reach) -> Option<String> {
    let lines: Vec<String> = suggestions.iter().map(Suggestion::line).collect();
    let left = reach.text();
    let found = match lines.as_slice() {
        [] if !searched => return None,
        [] if left.is_some() => "no single change that was tried makes this hold".into(),
        [] => "no single change within 16x makes this hold".into(),
        [one] => format!("holds with {one}"),
        several => format!("any one of these makes it hold:\n{}", several.join("\n")),
    };
    // Four are as many as are shown.
    let left = left.filter(|_| suggestions.len() < SHOWN);
    Some(left.map_or(found.clone(), |left| format!("{found}\n({left})")))
}
