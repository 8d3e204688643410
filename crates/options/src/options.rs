use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde::de::{DeserializeOwned, Deserializer as _, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::{OptionError, check};

/// A group of options with their values: any struct with named fields that serde and schemars describe.
pub trait Options {
    /// Returns keys and values in the order of their declaration; options that are not set come last, as `null`.
    fn values(&self) -> Vec<(String, Value)>;

    /// Returns keys and values of the options that are set, in the order of their declaration.
    fn set_values(&self) -> Vec<(String, Value)> {
        self.values().into_iter().filter(|(_, value)| !value.is_null()).collect()
    }

    /// Returns the JSON schema of the group.
    fn schema(&self) -> Value;

    /// Replaces the values of those keys of `given` that this group has; others are ignored.
    ///
    /// # Errors
    /// Names the first value that its option does not accept.
    fn set(&mut self, given: &Map<String, Value>) -> Result<(), OptionError>;

    /// Checks every value that is set against its declared type and range.
    ///
    /// # Errors
    /// Names the first value that its option does not accept.
    fn check_values(&self) -> Result<(), OptionError>;
}

impl<T: Serialize + DeserializeOwned + JsonSchema> Options for T {
    fn values(&self) -> Vec<(String, Value)> {
        let mut values = serialised(self);
        // Values that are not set may be left out.
        let schema = schema_of::<T>();
        for key in schema["properties"].as_object().into_iter().flat_map(Map::keys) {
            if values.iter().all(|(known, _)| known != key) {
                values.push((key.clone(), Value::Null));
            }
        }
        values
    }

    fn schema(&self) -> Value {
        schema_of::<T>()
    }

    fn set(&mut self, given: &Map<String, Value>) -> Result<(), OptionError> {
        let schema = schema_of::<T>();
        let mut values = Map::new();
        for (key, before) in self.values() {
            let value = given.get(&key).cloned().unwrap_or(before);
            if value.is_null() && !given.contains_key(&key) {
                continue;
            }
            if let Some(schema) = schema["properties"].get(&key) {
                check(&value, schema).map_err(|error| error.within(&key))?;
            }
            values.insert(key, value);
        }
        *self = read(&values)?;
        Ok(())
    }

    fn check_values(&self) -> Result<(), OptionError> {
        let schema = self.schema();
        // A number that is not finite is `null` here, and no value of its option.
        serialised(self).into_iter().try_for_each(|(key, value)| {
            match schema["properties"].get(&key) {
                Some(schema) => check(&value, schema).map_err(|error| error.within(&key)),
                None => Ok(()),
            }
        })
    }
}

/// Returns the keys and values that are serialised, in the order of their declaration.
fn serialised<T: Serialize>(options: &T) -> Vec<(String, Value)> {
    let text = serde_json::to_string(options).unwrap_or_default();
    let in_order = serde_json::Deserializer::from_str(&text).deserialize_map(InOrder);
    in_order.unwrap_or_default()
}

/// Deserialises checked values. What a schema cannot express is refused here, by the type's own message.
fn read<T: DeserializeOwned>(values: &Map<String, Value>) -> Result<T, OptionError> {
    serde_path_to_error::deserialize(Value::Object(values.clone())).map_err(|error| OptionError {
        key: error.path().to_string(),
        problem: error.into_inner().to_string(),
    })
}

/// Returns the schema of `T`, without references and without the keys of a root schema.
#[must_use]
pub fn schema_of<T: JsonSchema>() -> Value {
    let mut schema = root_schema::<T>();
    if let Some(fields) = schema.as_object_mut() {
        fields.remove("$schema");
        fields.remove("title");
    }
    schema
}

/// Returns the schema of `T` as a document of its own, without references.
#[must_use]
pub fn root_schema<T: JsonSchema>() -> Value {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// Keeps the order of keys, which a map of JSON does not.
struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Vec<(String, Value)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(entry) = map.next_entry()? {
            values.push(entry);
        }
        Ok(values)
    }
}
