//! Parsing: forms, precedence, recovery, hostile input.
