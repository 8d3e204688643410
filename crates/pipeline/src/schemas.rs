//! Schemas of the files of runs and grids: those of all JSON artifacts, and the columns of all
//! tables. `docs/schemas` and `docs/artifacts.md` are made of them.

use serde_json::Value;
use vgae_artifacts::DataKind;
use vgae_artifacts::schemas::{TableForm, json_schema};
use vgae_artifacts::{IdType, Kind, names, schemas};
use vgae_export::{Layout, embedding_fields};

use crate::summary;

/// A name and the JSON Schema for each JSON artifact; those of samples end in `-samples`.
#[must_use]
pub fn json_schemas() -> Vec<(&'static str, Value)> {
    let mut all = schemas::json_schemas();
    all.push(("pair-model", json_schema::<vgae_model::PairModel>(Kind::PairModel)));
    all.push(("pipeline", crate::reference::schema()));
    all
}

/// Every table. Vectors are shown with one number, in both layouts that are lists.
#[must_use]
pub fn tables() -> Vec<TableForm> {
    let mut all = schemas::tables();
    let embeddings = [IdType::Integer, IdType::Text].into_iter().flat_map(|id_type| {
        [Layout::Fixed, Layout::List].into_iter().flat_map(move |layout| {
            [false, true].map(move |variational| embedding_fields(id_type, 1, layout, variational))
        })
    });
    all.push(TableForm { file: names::EMBEDDINGS_PARQUET, forms: embeddings.collect() });
    let summaries = [DataKind::Graph, DataKind::Samples].map(summary::fields).to_vec();
    all.push(TableForm { file: names::SUMMARY, forms: summaries });
    all
}
