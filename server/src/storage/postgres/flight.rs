//! Statements that go out together and are answered together.

use std::{
    pin::{Pin, pin},
    sync::Arc,
    vec,
};

use futures_util::{
    TryStreamExt as _,
    future::{BoxFuture, FutureExt as _, MaybeDone, maybe_done, try_join_all},
};
use tokio_postgres::{Error, Row, RowStream, Statement};

use super::{
    StorageError,
    fault::fault,
    line::{BEGIN_READ, BEGIN_WRITE},
    pool::Client,
    text::{Numbered, numbered},
    value::{Given, arrange},
};

/// One statement with its values.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) text: &'static str,
    pub(super) given: Vec<Given<'a>>,
}

/// A statement and what goes into it.
pub(super) fn call<'a>(text: &'static str, given: Vec<Given<'a>>) -> Call<'a> {
    Call { text, given }
}

/// What came back for a [`Call`].
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) rows: Vec<Row>,
    /// Rows that were read or written.
    pub(super) touched: u64,
}

impl Call<'_> {
    /// Whether what follows it belongs into the transaction that it begins.
    fn begins(&self) -> bool {
        [BEGIN_READ, BEGIN_WRITE].contains(&self.text)
    }
}

impl Answer {
    /// The first row, or the only one.
    pub(super) fn row(&self) -> Option<&Row> {
        self.rows.first()
    }
}

/// Sends all calls at once and waits for all answers; the first that failed is the error.
pub(super) async fn fly(client: &Client, calls: &[Call<'_>]) -> Result<Vec<Answer>, StorageError> {
    let mut answers = Vec::with_capacity(calls.len());
    let mut streams = send(client, calls).await?;
    for call in calls {
        match streams.answer().await {
            // What came with it is on its way all the same, and with no transaction around it what
            // belongs to no shop is done at once. So nobody can say that nothing was changed.
            Err(error) if call.begins() => {
                tracing::warn!("a transaction did not begin: {error}");
                return Err(StorageError::Lost);
            }
            answer => answers.push(answer?),
        }
    }
    Ok(answers)
}

/// Answers as they come, in the order of the calls. Rows that nobody reads are passed over.
pub(super) struct Streams<'a>(vec::IntoIter<Sent<'a>>);

/// A statement that is on its way.
type Sent<'a> = MaybeDone<BoxFuture<'a, Result<RowStream, Error>>>;

impl Streams<'_> {
    /// All of the next call.
    async fn answer(&mut self) -> Result<Answer, StorageError> {
        let mut stream = pin!(self.next().await?.ok_or(StorageError::Lost)?);
        let mut rows = Vec::new();
        while let Some(row) = stream.try_next().await.map_err(fault)? {
            rows.push(row);
        }
        let touched = stream.rows_affected().unwrap_or(0);
        Ok(Answer { rows, touched })
    }

    /// The rows of the next call; none after the last.
    pub(super) async fn next(&mut self) -> Result<Option<RowStream>, StorageError> {
        let Some(mut sent) = self.0.next() else {
            return Ok(None);
        };
        (&mut sent).await;
        let answer = Pin::new(&mut sent).take_output();
        answer.transpose().map_err(fault)
    }
}

/// Sends all calls, each before the first answer is waited for.
pub(super) async fn send<'a>(
    client: &'a Client,
    calls: &'a [Call<'a>],
) -> Result<Streams<'a>, StorageError> {
    let prepared = prepare(client, calls).await?;
    let mut flight = Vec::with_capacity(calls.len());
    for call in calls {
        let known = prepared.iter().find(|it| it.text == call.text);
        let Some(Prepared {
            numbered,
            statement,
            ..
        }) = known
        else {
            continue; // All were prepared above.
        };
        let values = arrange(&numbered.names, &call.given)?;
        let statement = statement.clone();
        let answer: BoxFuture<'a, _> =
            Box::pin(async move { client.query_raw(&statement, values).await });
        flight.push(maybe_done(answer));
    }
    for sent in &mut flight {
        // A first look is what puts it on the line; whether the answer is there is of no interest.
        let _ = sent.now_or_never();
    }
    Ok(Streams(flight.into_iter()))
}

struct Prepared {
    text: &'static str,
    numbered: Arc<Numbered>,
    statement: Statement,
}

/// The statements of these calls on this connection. Those that it does not know yet go out
/// together, once in its life.
async fn prepare(client: &Client, calls: &[Call<'_>]) -> Result<Vec<Prepared>, StorageError> {
    let mut texts: Vec<&'static str> = Vec::new();
    for call in calls {
        if !texts.contains(&call.text) {
            texts.push(call.text);
        }
    }
    let each = texts.into_iter().map(async |text| {
        let numbered = numbered(text);
        let statement = client.prepare_cached(&numbered.sql).await?;
        Ok::<_, Error>(Prepared {
            text,
            numbered,
            statement,
        })
    });
    try_join_all(each).await.map_err(fault)
}
