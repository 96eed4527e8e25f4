//! Values of equations.

use super::functions::call;
use super::{Found, Inputs, Lack, Tree, Worth};

impl Worth {
    pub fn number(&self) -> Found<f64> {
        match self {
            Worth::Number(number) => Ok(*number),
            Worth::Either(input, _) => input.number(),
            other => Err(Lack::Sort(format!("{other:?} is no number"))),
        }
    }

    pub fn truth(&self) -> Found<bool> {
        match self {
            Worth::Bool(truth) => Ok(*truth),
            Worth::Either(input, _) => input.truth(),
            other => Err(Lack::Sort(format!("{other:?} is neither true nor false"))),
        }
    }

    /// Do two values agree, numbers up to rounding?
    pub fn agrees(&self, other: &Worth) -> bool {
        match (self, other) {
            (Worth::Either(input, member), other) | (other, Worth::Either(input, member)) => {
                input.agrees(other) || other.agrees(&Worth::Text(member.clone()))
            }
            // A chance below 1e-100 is none: recurrences of f64 lose it.
            (Worth::Number(a), Worth::Number(b)) => {
                let larger = a.abs().max(b.abs());
                (a - b).abs() <= 1e-9 * larger || larger < 1e-100
            }
            (Worth::List(a), Worth::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.agrees(b))
            }
            (a, b) => a == b,
        }
    }
}

impl Tree {
    pub fn worth(&self, inputs: &Inputs) -> Found<Worth> {
        let number = |tree: &Tree| tree.worth(inputs)?.number();
        Ok(match self {
            Tree::Number(number) | Tree::Measure(number) => Worth::Number(*number),
            Tree::Text(text) => Worth::Text(filled(text, inputs)?),
            Tree::Input(place) => {
                let (name, worth) = &inputs.named[*place];
                match inputs.members.contains(name) {
                    true => Worth::Either(Box::new(worth.clone()), name.clone()),
                    false => worth.clone(),
                }
            }
            Tree::Word(word) => match word.as_str() {
                "true" => Worth::Bool(true),
                "false" => Worth::Bool(false),
                "none" => Worth::None,
                member if inputs.members.contains(member) => Worth::Text(member.to_string()),
                other => return Err(Lack::Name(other.to_string())),
            },
            Tree::Unary("not", inner) => Worth::Bool(!inner.worth(inputs)?.truth()?),
            Tree::Unary(_, inner) => Worth::Number(-number(inner)?),
            Tree::Binary("??", left, right) => match left.worth(inputs)? {
                Worth::None => right.worth(inputs)?,
                present => present,
            },
            // One side may decide alone; what the other lacks is no matter then.
            Tree::Binary(mark @ ("and" | "or"), left, right) => {
                let decisive = *mark == "or";
                let sides = [left, right].map(|side| side.worth(inputs).and_then(|w| w.truth()));
                match sides.contains(&Ok(decisive)) {
                    true => Worth::Bool(decisive),
                    false => {
                        sides.into_iter().collect::<Found<Vec<bool>>>()?;
                        Worth::Bool(!decisive)
                    }
                }
            }
            Tree::Binary(mark, left, right) => {
                let (a, b) = (number(left)?, number(right)?);
                Worth::Number(match *mark {
                    "+" => a + b,
                    "-" => a - b,
                    "*" => a * b,
                    "/" => a / b,
                    _ => a.powf(b),
                })
            }
            Tree::Chain(first, rest) => {
                let (mut left, mut holds) = (first.worth(inputs)?, true);
                for (mark, right) in rest {
                    let right = right.worth(inputs)?;
                    holds &= match *mark {
                        "==" => same(&left, &right),
                        "!=" => !same(&left, &right),
                        "<" => left.number()? < right.number()?,
                        "<=" => left.number()? <= right.number()?,
                        ">" => left.number()? > right.number()?,
                        _ => left.number()? >= right.number()?,
                    };
                    left = right;
                }
                Worth::Bool(holds)
            }
            Tree::Within(value, tolerance, reference) => {
                let (value, reference) = (number(value)?, number(reference)?);
                // One with a unit is absolute.
                let allowed = match &**tolerance {
                    Tree::Measure(allowed) => *allowed,
                    share => number(share)? * reference.abs(),
                };
                Worth::Bool((value - reference).abs() <= allowed)
            }
            Tree::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                if condition.worth(inputs)?.truth()? { then } else { otherwise }.worth(inputs)?
            }
            Tree::Match(subject, arms) => {
                let subject = subject.worth(inputs)?;
                let (Worth::Text(member) | Worth::Either(_, member)) = &subject else {
                    return Err(Lack::Sort(format!("{subject:?} is no member")));
                };
                // An input may have a member's name; its value is what is looked at.
                let member = match &subject {
                    Worth::Either(input, _) => match &**input {
                        Worth::Text(text) => text.clone(),
                        _ => member.clone(),
                    },
                    _ => member.clone(),
                };
                let fits =
                    |(members, _): &&(Vec<String>, Tree)| members.iter().any(|m| *m == member || m == "else");
                let arm = arms.iter().find(fits).or(arms.last());
                arm.ok_or_else(|| Lack::Sort("no arms".into()))?.1.worth(inputs)?
            }
            Tree::List(items) => {
                Worth::List(items.iter().map(|i| i.worth(inputs)).collect::<Found<Vec<_>>>()?)
            }
            Tree::Item(list, index) => match list.worth(inputs)? {
                Worth::List(items) => {
                    let index = number(index)? as usize;
                    items.get(index).cloned().ok_or_else(|| Lack::Sort(format!("no item {index}")))?
                }
                other => return Err(Lack::Sort(format!("{other:?} is no list"))),
            },
            Tree::Range(low, high, step) => {
                let (low, high) = (number(low)?, number(high)?);
                let step = step.as_ref().map_or(Ok(1.0), |s| number(s))?;
                let count = ((high - low) / step + 1e-9).floor() as usize;
                Worth::List((0..=count).map(|k| Worth::Number(low + k as f64 * step)).collect())
            }
            Tree::Call(name, arguments) => call(name, arguments, inputs)?,
        })
    }
}

/// A text with the values of its names, as the tree shows them.
fn filled(text: &str, inputs: &Inputs) -> Found<String> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or_else(|| Lack::Text(rest.to_string()))?;
        let shown = inputs.shown.get(name).ok_or_else(|| Lack::Name(name.to_string()))?;
        out.push_str(before);
        out.push_str(shown);
        rest = after;
    }
    Ok(out + rest)
}

fn same(a: &Worth, b: &Worth) -> bool {
    match (a, b) {
        (Worth::Number(a), Worth::Number(b)) => a == b,
        (Worth::Either(input, member), other) | (other, Worth::Either(input, member)) => {
            match (&**input, other) {
                (Worth::Text(text), Worth::Text(other)) => text == other,
                (_, Worth::Text(other)) => member == other,
                (input, other) => same(input, other),
            }
        }
        (a, b) => a == b,
    }
}
