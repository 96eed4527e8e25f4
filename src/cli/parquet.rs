//! Tables as Parquet: the unit of a column is `unit` in its field's metadata, and `units` of the file lists all of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use arrow_array::builder::StringDictionaryBuilder;
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, BooleanArray, Float64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use crate::cli::tables::Draft;
use crate::run::data::export::{ColumnHead, ColumnKind, Head, Piece, Rows, Table};

/// Rows that are held before they are written.
const ROW_GROUP: usize = 1 << 17;

pub struct Parquet {
    columns: Vec<ColumnHead>,
    schema: Arc<Schema>,
    writer: Mutex<ArrowWriter<Draft>>,
}

impl Parquet {
    pub fn new(head: Head, draft: Draft) -> Result<Self, String> {
        let schema = Arc::new(Schema::new(head.columns.iter().map(field).collect::<Vec<_>>()));
        let units: serde_json::Map<String, serde_json::Value> =
            head.columns.iter().map(|c| (c.name.clone(), c.unit.clone().into())).collect();
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("mlsys ", env!("CARGO_PKG_VERSION")).into())
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .set_key_value_metadata(Some(vec![KeyValue::new(
                "units".into(),
                serde_json::Value::Object(units).to_string(),
            )]))
            .build();
        let writer =
            ArrowWriter::try_new(draft, schema.clone(), Some(properties)).map_err(|e| e.to_string())?;
        Ok(Parquet { columns: head.columns, schema, writer: Mutex::new(writer) })
    }
}

fn field(column: &ColumnHead) -> Field {
    let ty = match column.kind {
        ColumnKind::Number => DataType::Float64,
        ColumnKind::Bool => DataType::Boolean,
        ColumnKind::Text(_) => DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into()),
    };
    let field = Field::new(&column.name, ty, true);
    match column.unit.as_str() {
        "" => field,
        unit => field.with_metadata(HashMap::from([("unit".to_string(), unit.to_string())])),
    }
}

fn array(values: &[f64], kind: &ColumnKind) -> ArrayRef {
    let present = |v: &f64| (!v.is_nan()).then_some(*v);
    match kind {
        ColumnKind::Number => Arc::new(values.iter().map(present).collect::<Float64Array>()),
        ColumnKind::Bool => {
            Arc::new(values.iter().map(|v| present(v).map(|v| v != 0.0)).collect::<BooleanArray>())
        }
        ColumnKind::Text(texts) => {
            let mut builder = StringDictionaryBuilder::<Int32Type>::new();
            for value in values {
                builder.append_option(present(value).and_then(|v| texts.get(v as usize)));
            }
            Arc::new(builder.finish())
        }
    }
}

impl Table for Parquet {
    fn encode(&self, rows: &Rows) -> Piece {
        Piece::Columns(rows.columns.iter().map(|c| c.to_vec()).collect())
    }

    fn append(&self, piece: Piece) -> Result<(), String> {
        let Piece::Columns(columns) = piece else { return Ok(()) };
        let arrays = columns.iter().zip(&self.columns).map(|(values, head)| array(values, &head.kind));
        let batch = RecordBatch::try_new(self.schema.clone(), arrays.collect()).map_err(|e| e.to_string())?;
        let mut writer = self.writer.lock().map_err(|e| e.to_string())?;
        writer.write(&batch).map_err(|e| e.to_string())
    }

    fn finish(self: Box<Self>) -> Result<(), String> {
        let writer = self.writer.into_inner().map_err(|e| e.to_string())?;
        writer.into_inner().map_err(|e| e.to_string())?.commit()
    }
}
