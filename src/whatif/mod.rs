//! What would make an assertion hold, how near it is to failing, and which other hardware would do.

pub mod alternatives;
pub mod binding_term;
pub mod claim;
pub mod nearest_value;
pub mod open_run;
pub mod search_inputs;
pub mod suggest;
pub mod suggestion;
pub mod trial_run;
