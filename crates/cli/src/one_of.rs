use std::str::FromStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use strum::{EnumMessage, VariantArray};

/// Value parser for an enum with names derived by `strum`. Help and shell completions list the names, with the
/// doc comments of the variants.
pub(crate) fn one_of<T>() -> impl TypedValueParser<Value = T>
where
    T: EnumMessage + FromStr<Err = strum::ParseError> + VariantArray + Into<&'static str>,
    T: Clone + Copy + Send + Sync,
{
    let values = T::VARIANTS.iter().map(|&variant| {
        PossibleValue::new(variant.into()).help(variant.get_documentation().unwrap_or_default())
    });
    PossibleValuesParser::new(values).try_map(|name| name.parse::<T>())
}
