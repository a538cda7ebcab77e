//! Values on their way into PostgreSQL's statements and out of its rows.

use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use super::{
    row::{Cell, Row, misfit},
    table::{Column, Kind, Table},
};
use crate::storage::StorageError;

/// A value as its column wants it.
pub(super) fn one(cell: &Cell, kind: Option<&Type>) -> Box<dyn ToSql + Sync + Send> {
    match cell {
        Cell::Null => Box::new(None::<i64>),
        Cell::Id(id) => Box::new(Uuid::from_bytes(*id)),
        Cell::Bytes(bytes) => Box::new(bytes.clone()),
        Cell::Number(number) => match i16::try_from(*number) {
            Ok(small) if kind == Some(&Type::INT2) => Box::new(small),
            _ => Box::new(*number),
        },
        Cell::Text(text) => Box::new(text.clone()),
    }
}

/// The value in a place of a row.
pub(super) fn cell(
    row: &tokio_postgres::Row,
    place: usize,
    column: &Column,
) -> Result<Cell, tokio_postgres::Error> {
    let small = row.columns().get(place).map(tokio_postgres::Column::type_) == Some(&Type::INT2);
    let cell = match column.kind {
        Kind::Id => {
            let id: Option<Uuid> = row.try_get(place)?;
            id.map(|it| Cell::Id(it.into_bytes()))
        }
        Kind::Bytes => row.try_get::<_, Option<_>>(place)?.map(Cell::Bytes),
        Kind::Number if small => {
            let number: Option<i16> = row.try_get(place)?;
            number.map(|it| Cell::Number(it.into()))
        }
        Kind::Number => row.try_get::<_, Option<_>>(place)?.map(Cell::Number),
        Kind::Text => row.try_get::<_, Option<_>>(place)?.map(Cell::Text),
    };
    Ok(cell.unwrap_or(Cell::Null))
}

/// One column's values of many rows.
pub(super) enum Array<'a> {
    Ids(Vec<Option<Uuid>>),
    Bytes(Vec<Option<&'a [u8]>>),
    Numbers(Vec<Option<i64>>),
    Texts(Vec<Option<&'a str>>),
}

impl Array<'_> {
    pub(super) fn parameter(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Ids(values) => values,
            Self::Bytes(values) => values,
            Self::Numbers(values) => values,
            Self::Texts(values) => values,
        }
    }
}

/// The columns of many rows.
///
/// # Errors
///
/// A value that is not of its column's kind.
pub(super) fn arrays<'a>(table: &Table, rows: &'a [Row]) -> Result<Vec<Array<'a>>, StorageError> {
    let columns = table.columns.iter().enumerate().map(|(place, column)| {
        for row in rows {
            let fits = row.get(place).is_some_and(|it| it.fits(column.kind));
            if !fits {
                return Err(misfit(table, place));
            }
        }
        let values = rows.iter().filter_map(|row| row.get(place));
        Ok(match column.kind {
            Kind::Id => Array::Ids(
                values
                    .map(|it| match it {
                        Cell::Id(id) => Some(Uuid::from_bytes(*id)),
                        _ => None,
                    })
                    .collect(),
            ),
            Kind::Bytes => Array::Bytes(
                values
                    .map(|it| match it {
                        Cell::Bytes(bytes) => Some(bytes.as_slice()),
                        _ => None,
                    })
                    .collect(),
            ),
            Kind::Number => Array::Numbers(
                values
                    .map(|it| match it {
                        Cell::Number(number) => Some(*number),
                        _ => None,
                    })
                    .collect(),
            ),
            Kind::Text => Array::Texts(
                values
                    .map(|it| match it {
                        Cell::Text(text) => Some(text.as_str()),
                        _ => None,
                    })
                    .collect(),
            ),
        })
    });
    columns.collect()
}
