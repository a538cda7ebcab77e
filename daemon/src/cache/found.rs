//! Where the words of a query stand in an inspection's notes, concern, answers and recommended work.

use redtag_protocol::{
    entity::{Entity, EntityRef},
    ids::InspectionId,
    inspection::{AnswerValue, Inspection},
    ipc::Found,
    text,
};

use super::{CacheError, Store};
use crate::view::Board;

/// How many characters of a text are told, and how many of them stand before what was found.
const AROUND: (usize, usize) = (160, 24);

impl Store {
    /// The first place of each inspection where a word of three letters or more of the query
    /// stands; inspections where none stands are left out.
    pub fn found(
        &self,
        query: &str,
        of: &[InspectionId],
    ) -> Result<Vec<(InspectionId, Found)>, CacheError> {
        let words = Board::words(query);
        let words: Vec<&String> = words.iter().filter(|it| it.chars().count() > 2).collect();
        let mut all = Vec::new();
        for id in of.iter().take(100) {
            let document = self.local(&EntityRef::Inspection(*id))?;
            if let Some(Entity::Inspection(it)) = document.as_deref()
                && let Some(found) = place(it, &words)
            {
                all.push((*id, found));
            }
        }
        Ok(all)
    }
}

fn place(it: &Inspection, words: &[&String]) -> Option<Found> {
    let concern = it.concern().map(|text| ("concern", text)).into_iter();
    let results = it.results.values().flat_map(|result| {
        let answer = result.answer().and_then(|it| match &it.value {
            Some(AnswerValue::Text(text)) => Some(("answer", text.as_str())),
            _ => None,
        });
        let note = result.note().map(|text| ("note", text));
        let lines = result.lines().map(|(_, line)| ("work", line.text.as_str()));
        answer.into_iter().chain(note).chain(lines)
    });
    concern.chain(results).find_map(|(place, said)| {
        let at = words.iter().find_map(|word| begins(said, word))?;
        Some(Found {
            place: place.to_owned(),
            text: around(said, at),
        })
    })
}

/// At which character of a text a word begins as the first part of a folded one does.
fn begins(said: &str, word: &str) -> Option<usize> {
    let part = word
        .split(|c: char| !c.is_alphanumeric())
        .find(|part| !part.is_empty())?;
    let mut at = 0;
    for run in said.split(|c: char| !c.is_alphanumeric()) {
        let folded = Board::words(run);
        if folded.first().is_some_and(|it| it.starts_with(part)) {
            return Some(at);
        }
        // What ended the run is one character.
        at += run.chars().count() + 1;
    }
    None
}

/// The text around a character of it, one line.
fn around(said: &str, at: usize) -> String {
    let from = at.saturating_sub(AROUND.1);
    let mut text: String = said.chars().skip(from).take(AROUND.0).collect();
    if from > 0 {
        // Not from the middle of a word.
        if let Some((_, rest)) = text.split_once(' ') {
            text = rest.to_owned();
        }
        text.insert(0, '…');
    }
    text::clean_line(&text.replace('\n', " ")).into_owned()
}
