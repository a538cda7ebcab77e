//! `redtag outbox export` and `redtag outbox adopt`.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Read as _},
    path::Path,
};

use redtag_protocol::ipc::{Adopted, Exported, MOST, PART, Passphrase, Reply, Request, part};

use super::ExportArgs;
use crate::{
    command::{
        cli::Format,
        desk::{Line, unexpected},
        fault::Fault,
        output::{self, count},
        passphrase,
        shape::AdoptedShape,
    },
    keep::keep,
};

/// Writes what is unsent or refused to a file, or to standard output.
pub(super) async fn run(args: ExportArgs, line: &Line) -> Result<(), Fault> {
    let exported = export(line, args.only, args.protection.passphrase()?).await?;
    let edits = count(exported.edits, "edit", "edits");
    let Some(file) = &args.file else {
        output::foreign(&exported.text)?;
        output::remark(&format!("exported: {edits}; nothing changed here"));
        return Ok(());
    };
    if exported.edits == 0 {
        return output::text("Nothing is unsent or refused, so no file was written.\n");
    }
    keep(file, &exported.text).map_err(|error| Fault::error(error.to_string()))?;
    output::text(&format!(
        "{}Nothing changed here.\n",
        written(&exported, file)
    ))
}

/// Asks for the text of an export.
pub(in crate::command) async fn export(
    line: &Line,
    number: Option<u64>,
    passphrase: Option<Passphrase>,
) -> Result<Exported, Fault> {
    let mut whole = exported(line, Request::Export { number, passphrase }).await?;
    while whole.rest > 0 {
        let at = whole.text.len() as u64;
        let next = exported(line, Request::ExportRest { at }).await?;
        whole.text.push_str(&next.text);
        whole.rest = next.rest;
    }
    Ok(whole)
}

async fn exported(line: &Line, request: Request) -> Result<Exported, Fault> {
    match line.ask(request).await? {
        Reply::Exported(exported) => Ok(exported),
        other => Err(unexpected(&other)),
    }
}

/// What lies where, and what to do with it.
pub(in crate::command) fn written(exported: &Exported, file: &Path) -> String {
    let edits = count(exported.edits, "edit", "edits");
    let how = if exported.encrypted {
        "encrypted; without the passphrase nobody can read it"
    } else {
        "not encrypted; whoever has it can read it"
    };
    format!(
        "{edits} written to {} ({how}). `redtag outbox adopt FILE` takes them over elsewhere.\n",
        file.display()
    )
}

/// Takes an export over.
pub(super) async fn adopt(
    file: &Path,
    passphrase_stdin: bool,
    format: Format,
    line: &Line,
) -> Result<(), Fault> {
    if file == Path::new("-") && passphrase_stdin {
        return Err(Fault::usage(
            "standard input is either the file or the passphrase; name the file",
        ));
    }
    let text = read(file)?;
    let passphrase = passphrase::opening(&text, passphrase_stdin)?;
    // A large one goes in parts; each says where it belongs.
    let mut after = 0;
    let mut rest = text.as_str();
    while rest.len() > PART {
        let (first, others) = rest.split_at(part(rest).len());
        let request = Request::AdoptPart {
            text: first.to_owned(),
            at: after,
        };
        match line.ask(request).await? {
            Reply::Done => {}
            other => return Err(unexpected(&other)),
        }
        after += first.len() as u64;
        rest = others;
    }
    let request = Request::Adopt {
        text: rest.to_owned(),
        after,
        passphrase,
    };
    let adopted = match line.ask(request).await? {
        Reply::Adopted(adopted) => adopted,
        other => return Err(unexpected(&other)),
    };
    if format.json {
        return output::json(&AdoptedShape::from(&adopted));
    }
    output::text(&told(&adopted))
}

fn read(file: &Path) -> Result<String, Fault> {
    let mut text = String::new();
    let read = if file == Path::new("-") {
        io::stdin().lock().take(MOST + 1).read_to_string(&mut text)
    } else {
        fs::File::open(file).and_then(|it| it.take(MOST + 1).read_to_string(&mut text))
    };
    read.map_err(|error| {
        Fault::error(format!(
            "{} cannot be read: {error}; nothing was taken over",
            file.display()
        ))
    })?;
    if text.len() as u64 > MOST {
        return Err(Fault::usage(format!(
            "{} is larger than {} MiB, so it is no export; nothing was taken over",
            file.display(),
            MOST >> 20
        )));
    }
    Ok(text)
}

/// What became of it.
pub(super) fn told(adopted: &Adopted) -> String {
    let mut text = format!(
        "{} saved here as your own, waiting to send.\n",
        count(adopted.saved, "edit", "edits")
    );
    if adopted.known > 0 {
        let known = count(adopted.known, "edit was", "edits were");
        let _ = writeln!(text, "{known} here already, or taken by the API before.");
    }
    if adopted.refused > 0 {
        let refused = count(adopted.refused, "edit was", "edits were");
        let _ = writeln!(
            text,
            "{refused} refused by the rules as things stand now; `redtag outbox` says why."
        );
    }
    text
}
