//! How much each input moves a value, as data.

/// How much a value moves with an input.
#[derive(Clone, Debug)]
pub struct Elasticity {
    /// The path of the input: `efficiency`, `pod.hardware.memory_bw`.
    pub input: String,
    /// The input as it is written.
    pub now: String,
    /// Per cent that the value changes when the input grows by one per cent.
    pub elasticity: f64,
    /// The value jumps at this input, so it is between half and twice of it.
    pub doubled: bool,
}
