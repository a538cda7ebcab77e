//! Puts a corpus into the data of an API that is stopped meanwhile, through its own storage.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::PathBuf,
    sync::mpsc,
    thread,
};

use anyhow::{Context as _, Result, anyhow};
use redtag_protocol::{
    entity::{Entity, Kind},
    ids::{DeviceId, InspectionId, ShopId},
    role::Role,
    stamp::Seq,
    template::Template,
};
use redtag_server::{
    keys::{MasterKey, Place, ServerKeys},
    storage::{
        Changes, Event, Index, Storage, Stored,
        sqlite::{Options, SqliteStorage},
    },
};
use tokio::runtime::{Builder, Runtime};

use super::{
    Corpus, Dice,
    book::{Author, Book, Written},
};
use crate::harness::Stack;

/// Visits in one commit.
const CHAPTER: usize = 50;

/// A shop that holds a corpus.
#[derive(Debug)]
pub(in crate::perf) struct Seeded {
    /// Its inspections.
    pub(in crate::perf) inspections: usize,
    /// Those that are open, the oldest first.
    pub(in crate::perf) working: Vec<InspectionId>,
    /// All its documents, those it had before included.
    pub(in crate::perf) documents: u64,
    /// All its events.
    pub(in crate::perf) events: u64,
    /// The documents of the corpus as they are stored.
    pub(in crate::perf) text: Text,
}

/// A file with a document a line, in the order of their last change: kind, id and body, with tabs
/// between.
#[derive(Debug, Clone)]
pub(in crate::perf) struct Text {
    pub(in crate::perf) path: PathBuf,
    /// How many.
    pub(in crate::perf) documents: usize,
    /// Of the bodies.
    pub(in crate::perf) bytes: u64,
    /// Of the bodies of inspections.
    pub(in crate::perf) inspection_bytes: u64,
}

/// Fills the shop of a stack with so many inspections, of which one in `open` is open, as if its owner and its technician had done
/// all of it. The API is down meanwhile, and up again afterwards.
pub(in crate::perf) fn seed(stack: &mut Stack, inspections: usize, open: usize) -> Result<Seeded> {
    stack.stop()?;
    let data = stack.data();
    let shop = stack.shop();
    let (master, _) = MasterKey::find(
        &Place {
            file: None,
            credentials: None,
        },
        &data,
        None,
    )?;
    let keys = ServerKeys::derive(&master);
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let storage = runtime.block_on(SqliteStorage::open(Options {
        dir: data,
        control_key: keys.control.clone(),
        wrap: keys.wrapping.clone(),
    }))?;
    let path = stack.ground().path().join("corpus.txt");
    let seeded = fill(&runtime, &storage, shop, (inspections, open), path)?;
    drop(storage);
    drop(runtime);
    stack.start()?;
    Ok(seeded)
}

fn fill(
    runtime: &Runtime,
    storage: &dyn Storage,
    shop: ShopId,
    (inspections, open): (usize, usize),
    path: PathBuf,
) -> Result<Seeded> {
    let (book, before) = runtime.block_on(begin(storage, shop))?;
    let mut corpus = Corpus::new(book.template.clone(), inspections, open);
    let mut working = Vec::new();
    let mut text = Text {
        path,
        documents: 0,
        bytes: 0,
        inspection_bytes: 0,
    };
    let mut file = BufWriter::new(File::create(&text.path)?);
    // One thread makes the next chapter while this one is written.
    let (chapters, made) = mpsc::sync_channel(1);
    let maker = thread::spawn(move || -> Result<()> {
        let mut book = book;
        let mut chapter = Chapter::default();
        while let Some(steps) = corpus.visit()? {
            chapter.take(book.write(steps)?)?;
            if chapter.visits == CHAPTER {
                let whole = std::mem::take(&mut chapter);
                // Whoever writes has failed, and tells why.
                if chapters.send(whole.under(&book)).is_err() {
                    return Ok(());
                }
            }
        }
        let _ = chapters.send(chapter.under(&book));
        Ok(())
    });
    for chapter in made {
        for stored in &chapter.changes.documents {
            text.documents += 1;
            text.bytes += u64::try_from(stored.body.len())?;
            if stored.key.kind() == Kind::Inspection {
                text.inspection_bytes += u64::try_from(stored.body.len())?;
            }
            let (kind, id) = (stored.key.kind(), stored.key.id_text());
            writeln!(file, "{kind}\t{id}\t{}", stored.body)?;
        }
        working.extend(chapter.working);
        runtime.block_on(async {
            let transaction = storage.begin(shop).await?;
            let mut head = transaction.head();
            (head.seq, head.hash, head.ticket) = chapter.head;
            transaction.finish(chapter.changes, head).await
        })?;
    }
    let made = maker.join();
    made.map_err(|_| anyhow!("the corpus could not be made"))??;
    file.flush()?;
    let head = runtime.block_on(storage.head(shop))?;
    Ok(Seeded {
        inspections,
        working,
        documents: before + u64::try_from(text.documents)?,
        events: head.seq.0,
        text,
    })
}

/// Some visits as the storage takes them.
#[derive(Default)]
struct Chapter {
    visits: usize,
    working: Vec<InspectionId>,
    changes: Changes,
    head: (Seq, [u8; 32], u64),
}

impl Chapter {
    fn take(&mut self, written: Written) -> Result<()> {
        self.visits += 1;
        self.changes
            .events
            .extend(written.events.into_iter().map(|told| Event {
                seq: told.seq,
                key: told.key,
                salt: told.salt,
                hash: told.hash,
                payload: told.payload.into(),
                digest: None,
            }));
        for (version, entity) in written.documents {
            if let Entity::Inspection(it) = &entity
                && it.state.value.takes_edits()
            {
                self.working.push(it.id);
            }
            self.changes.documents.push(Stored {
                key: entity.key(),
                version,
                index: Index::of(&entity),
                body: entity.to_body()?.into(),
            });
        }
        Ok(())
    }

    fn under(mut self, book: &Book) -> Self {
        self.head = (book.seq, book.hash, book.ticket);
        self
    }
}

/// Where the shop is and who is in it, and how many documents it has.
async fn begin(storage: &dyn Storage, shop: ShopId) -> Result<(Book, u64)> {
    let mut people = Vec::new();
    let mut documents = 0;
    let mut template = None;
    for kind in [Kind::Shop, Kind::Member, Kind::Template] {
        for stored in storage.list(shop, kind).await? {
            documents += 1;
            match Entity::from_body(kind, &stored.body)? {
                Entity::Member(it) => people.push((it.role, it.id)),
                Entity::Template(it) if it.key.as_str() == "vehicle-multipoint" => {
                    template = Some(it);
                }
                _ => {}
            }
        }
    }
    let template: Template = template.context("the shop has no multi-point template")?;
    let mut dice = Dice::new(1);
    let mut author = |role: Role| -> Result<Author> {
        let found = people.iter().find(|it| it.0 == role);
        Ok(Author {
            person: found.with_context(|| format!("the shop has no {role}"))?.1,
            device: DeviceId::from_parts(super::BEGAN, dice.bytes()),
            number: 0,
        })
    };
    let (technician, desk) = (author(Role::Technician)?, author(Role::Owner)?);
    let head = storage.head(shop).await?;
    let book = Book {
        seq: head.seq,
        hash: head.hash,
        ticket: head.ticket,
        technician,
        desk,
        template,
        dice: Dice::new(2),
    };
    Ok((book, documents))
}
