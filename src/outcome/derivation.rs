//! A value and where it comes from, as data. `explain` derives it; reports draw it.

use crate::outcome::Datum;
use crate::outcome::elasticity::Elasticity;

/// Of one solve, how each output came about.
#[derive(Clone, Debug)]
pub struct Derived {
    /// Its name and scenario.
    pub solve: (String, Option<String>),
    /// Its outputs in the order in which the solver declares them.
    pub outputs: Vec<Derivation>,
}

/// What a question about a value is answered with.
pub struct Explained {
    /// The value that was asked for.
    pub derivation: Derivation,
    /// The inputs that move it, where that was asked for.
    pub sensitivity: Vec<Elasticity>,
}

/// A value and where it comes from.
#[derive(Clone, Debug)]
pub struct Derivation {
    /// As the equation above it reads it.
    pub name: String,
    /// The value, in base units.
    pub value: Datum,
    /// The value as people read it.
    pub text: String,
    /// The call whose body the equation is, where that is not what the name says.
    pub call: Option<String>,
    /// The expression that computes it, on one line; `None` for what is given.
    pub equation: Option<String>,
    /// `capacity.mls:6`, `--set efficiency`
    pub place: String,
    /// Whose it is: `param`, `default`, `NVIDIA H100 SXM`.
    pub holder: Option<String>,
    /// The datasheet of the record it stands in.
    pub datasheet: Option<String>,
    /// The `Source:` of the solver or function whose equation it is.
    pub paper: Option<String>,
    /// Of the sum it is a term of.
    pub share: Option<f64>,
    /// It lost a `max` or `min`: it does not matter now.
    pub beaten: bool,
    /// What the equation reads, as far as it is shown.
    pub inputs: Vec<Derivation>,
    /// Inputs that are not shown.
    pub folded: usize,
    /// Its number among those of the tree whose inputs are shown.
    pub id: Option<usize>,
    /// The number of the one that shows its inputs: they are not shown again.
    pub above: Option<usize>,
}

impl Derivation {
    /// A value that nothing computes.
    pub fn given(name: String, value: Datum, place: String) -> Self {
        let text = value.to_string();
        Derivation {
            name,
            value,
            text,
            call: None,
            equation: None,
            place,
            holder: None,
            datasheet: None,
            paper: None,
            share: None,
            beaten: false,
            inputs: vec![],
            folded: 0,
            id: None,
            above: None,
        }
    }
}
