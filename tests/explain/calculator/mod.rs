//! A calculator of its own for the equations of derivations: it reads their text and the values of their inputs, and
//! shares nothing with the program: not its parser, units, arithmetic or rules of choice.

mod functions;
mod read;
mod units;
mod worth;

use std::collections::{HashMap, HashSet};

use read::Reader;

/// A value in base units.
#[derive(Clone, Debug, PartialEq)]
pub enum Worth {
    Number(f64),
    Text(String),
    Bool(bool),
    None,
    List(Vec<Worth>),
    /// A name that is both an input and a member of an enum: which is meant, its surroundings say.
    Either(Box<Worth>, String),
}

/// Why an equation cannot be recomputed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// Neither an input nor anything that the calculator knows.
    Name(String),
    /// A text that it cannot read.
    Text(String),
    /// Values that do not go together.
    Sort(String),
}

type Found<T> = Result<T, Lack>;

/// The values that an equation may read.
pub struct Inputs<'v> {
    /// By the name they are read by, the longest first.
    pub named: Vec<(String, Worth)>,
    pub members: &'v HashSet<String>,
    /// Values as the tree shows them, for texts that hold them.
    pub shown: HashMap<String, String>,
    /// The values of a sweep's points, where they are the inputs.
    pub points: Option<Vec<Worth>>,
}

#[derive(Debug)]
enum Tree {
    Number(f64),
    /// A number with a unit.
    Measure(f64),
    Text(String),
    /// An input, by its place.
    Input(usize),
    Word(String),
    Unary(&'static str, Box<Tree>),
    Binary(&'static str, Box<Tree>, Box<Tree>),
    Chain(Box<Tree>, Vec<(&'static str, Tree)>),
    Within(Box<Tree>, Box<Tree>, Box<Tree>),
    If(Box<[Tree; 3]>),
    Match(Box<Tree>, Vec<(Vec<String>, Tree)>),
    Call(String, Vec<Tree>),
    List(Vec<Tree>),
    Item(Box<Tree>, Box<Tree>),
    Range(Box<Tree>, Box<Tree>, Option<Box<Tree>>),
}

/// The value of an equation.
pub fn compute(equation: &str, inputs: &Inputs) -> Found<Worth> {
    let mut reader = Reader { rest: equation, inputs };
    let tree = reader.expression()?;
    reader.blanks();
    if !reader.rest.is_empty() {
        return Err(Lack::Text(reader.rest.to_string()));
    }
    tree.worth(inputs)
}

/// The number that a text begins with, with its unit.
pub fn quantity(text: &str) -> Option<f64> {
    let inputs = Inputs { named: vec![], members: &HashSet::new(), shown: HashMap::new(), points: None };
    match (Reader { rest: text, inputs: &inputs }).quantity() {
        Ok(Tree::Number(number) | Tree::Measure(number)) => Some(number),
        _ => None,
    }
}

#[test]
fn it_knows_its_arithmetic() {
    let members = HashSet::from(["fp8".to_string(), "compute".to_string()]);
    let named = vec![
        ("f(a, b).c".to_string(), Worth::Number(3.0)),
        ("compute".to_string(), Worth::Number(0.25)),
        ("absent".to_string(), Worth::None),
        ("p".to_string(), Worth::Text("fp8".into())),
    ];
    let shown = HashMap::from([("p".to_string(), "fp8".to_string())]);
    let inputs = Inputs { named, members: &members, shown, points: None };
    let number = |text: &str| compute(text, &inputs).and_then(|w| w.number());
    assert_eq!(number("2 * f(a, b).c - -1"), Ok(7.0));
    assert_eq!(number("-2^2 + 80 GB / 2 GB"), Ok(36.0));
    assert_eq!(number("if p == fp8 and not (1 > 2) then absent ?? 50% else nowhere.x"), Ok(0.5));
    assert_eq!(number("match p { fp16 | bf16: 2, fp8: 1 B/param, else: 9 }"), Ok(1.0));
    assert_eq!(number("sum(1..4) + max([1, 2]) + 3 /s"), Ok(15.0));
    assert_eq!(number("0.36 USD/kWh"), Ok(0.36 / 3.6e6));
    assert!(
        compute("if compute < 1 then compute else p", &inputs)
            .is_ok_and(|w| w.agrees(&Worth::Text("compute".into())))
    );
    assert_eq!(compute("if true then \"in {p}\" else p", &inputs), Ok(Worth::Text("in fp8".into())));
    assert_eq!(number("if false then iterate 2 from x = 1: f { a: x }.b else 2"), Ok(2.0));
    assert_eq!(number("2 * nowhere.x"), Err(Lack::Name("nowhere.x".into())));
    assert!(
        (functions::erlang_c(10.0, 8.0) - 0.409_180_2).abs() < 1e-7
            && (functions::erlang_c(2.0, 1.0) - 1.0 / 3.0).abs() < 1e-15
    );
}
