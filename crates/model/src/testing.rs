//! Support for the tests of several methods.

use crate::{Method, ModelConfig, Negatives};

/// The exact loss where there is one, and the default of the method otherwise.
pub(crate) fn negatives_of(method: Method) -> Negatives {
    if method.learns_decoder() { ModelConfig::of(method).negatives } else { Negatives::All }
}
