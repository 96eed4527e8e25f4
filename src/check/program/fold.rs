//! What a function puts its arguments together by, where it is `sum`, `product`, `min` or `max`.

use crate::check::program::{Body, FunctionId, Program};
use crate::native::table::{Fold, Kernel, NATIVES};

impl Program {
    /// The fold that a function is.
    pub fn fold(&self, function: FunctionId) -> Option<Fold> {
        let Body::Native(native) = self.functions[function.index()].body else { return None };
        match NATIVES[native].kernel {
            Kernel::Fold(fold) => Some(fold),
            _ => None,
        }
    }

    /// `max` or `min`, where a function is one: one of its arguments decides.
    pub fn extreme(&self, function: FunctionId) -> Option<Fold> {
        self.fold(function).filter(|fold| matches!(fold, Fold::Max | Fold::Min))
    }
}
