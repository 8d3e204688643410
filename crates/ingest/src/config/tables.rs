//! One table of the configuration or a list of them, each a path or a table with a `path`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::{FromPath, path_or_table, path_or_table_schema};

/// Writes one table as itself and several as a list.
pub(super) fn serialize<T: Serialize, S: Serializer>(
    tables: &[T],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match tables {
        [table] => table.serialize(serializer),
        tables => tables.serialize(serializer),
    }
}

/// Reads what [`serialize`] writes, and paths in the place of tables.
pub(super) fn deserialize<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + FromPath,
{
    struct Tables<T>(std::marker::PhantomData<T>);

    impl<'de, T: Deserialize<'de> + FromPath> Visitor<'de> for Tables<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a path, a table with a `path`, or a list of these")
        }

        fn visit_str<E: Error>(self, path: &str) -> Result<Vec<T>, E> {
            let table = path_or_table(StrDeserializer::new(path))?;
            Ok(table.into_iter().collect())
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
            Ok(vec![T::deserialize(MapAccessDeserializer::new(map))?])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let mut tables = Vec::new();
            while let Some(One(table)) = list.next_element()? {
                tables.extend(table);
            }
            Ok(tables)
        }
    }

    deserializer.deserialize_any(Tables(std::marker::PhantomData))
}

/// An entry of a list.
struct One<T>(Option<T>);

impl<'de, T: Deserialize<'de> + FromPath> Deserialize<'de> for One<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        path_or_table(deserializer).map(Self)
    }
}

/// The JSON schema of the key.
pub(super) fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let one = path_or_table_schema::<T>(generator);
    json_schema!({ "anyOf": [one.clone(), { "type": "array", "items": one }] })
}
