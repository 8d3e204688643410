use std::str::FromStr;

use crate::{ArtifactError, Result};

/// Parses the name of an enum variant, for enums that derive `strum`'s `EnumString`, `IntoStaticStr` and
/// `VariantArray`.
///
/// # Errors
/// Returns an error when no variant has that name. The error contains `what` and the valid names.
pub fn parse_name<T>(what: &str, text: &str) -> Result<T>
where
    T: FromStr + strum::VariantArray + Copy + Into<&'static str>,
{
    text.parse().map_err(|_| {
        let names: Vec<&str> = T::VARIANTS.iter().map(|&variant| variant.into()).collect();
        ArtifactError::invalid(what, format!("one of {}", names.join(", ")), format!("{text:?}"))
    })
}
