//! Registry of methods by name.

use std::str::FromStr;

use vgae_options::{OptionError, nearest};

use crate::method::Entry;
use crate::methods::{
    autoencoder, deepwalk, fastrp, gae, heuristics, hybrid, prone, sgc, spectral,
};
use crate::{Method, ModelError, renamed};

/// Methods of each family.
const FAMILIES: [&[Entry]; 9] = [
    gae::METHODS,
    spectral::METHODS,
    deepwalk::METHODS,
    sgc::METHODS,
    fastrp::METHODS,
    prone::METHODS,
    heuristics::METHODS,
    hybrid::METHODS,
    autoencoder::METHODS,
];

impl Method {
    /// Returns all methods, by family.
    pub fn all() -> impl Iterator<Item = Self> {
        FAMILIES.into_iter().flatten().map(Self::of)
    }
}

impl FromStr for Method {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        if let Some(method) = Self::all().find(|method| method.name() == text) {
            return Ok(method);
        }
        let problem = renamed::method(text).unwrap_or_else(|| {
            let names: Vec<&str> = Self::all().map(Self::name).collect();
            let guess = nearest(text, names.iter().copied());
            let guess = guess.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            format!("expected one of {}, found {text:?}{guess}", names.join(", "))
        });
        Err(OptionError { key: "method".to_owned(), problem }.into())
    }
}
