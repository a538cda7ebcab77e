//! Questions to the person at the terminal; where nobody can be asked, a flag must answer them.

use std::io::{self, IsTerminal as _, Read as _, Write as _};

use super::fault::Fault;

/// One line from the person at the terminal; `flag` says what to give where there is none.
pub(super) fn ask(prompt: &str, flag: &str) -> Result<String, Fault> {
    if !io::stdin().is_terminal() {
        return Err(Fault::usage(format!(
            "{flag} is needed where nobody can be asked"
        )));
    }
    let answer = line(prompt)?;
    if answer.is_empty() {
        return Err(Fault::usage(format!("nothing was typed; {flag} is needed")));
    }
    Ok(answer)
}

/// Whether the person says yes. A script, which nobody can ask, has decided already.
pub(super) fn agrees(question: &str) -> Result<bool, Fault> {
    if !io::stdin().is_terminal() {
        return Ok(true);
    }
    Ok(line(&format!("{question} Type yes: "))?.eq_ignore_ascii_case("yes"))
}

fn line(prompt: &str) -> Result<String, Fault> {
    let mut terminal = anstream::stderr().lock();
    write!(terminal, "{prompt}")?;
    terminal.flush()?;
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .map_err(|error| Fault::error(format!("the answer cannot be read: {error}")))?;
    Ok(answer.trim().to_owned())
}

/// A secret from the person at the terminal, who does not see it; `flag` says what to give where
/// there is none.
pub(super) fn ask_secret(prompt: &str, flag: &str) -> Result<String, Fault> {
    if !io::stdin().is_terminal() {
        return Err(Fault::usage(format!(
            "{flag} is needed where nobody can be asked"
        )));
    }
    rpassword::prompt_password(prompt)
        .map_err(|error| Fault::error(format!("what was typed cannot be read: {error}")))
}

/// All of the input but the line end that `echo` adds; `flag` is what asked for it.
pub(super) fn secret_from(mut input: impl io::Read, flag: &str) -> Result<String, Fault> {
    let mut secret = String::new();
    input
        .by_ref()
        .take(4096)
        .read_to_string(&mut secret)
        .map_err(|error| Fault::error(format!("{flag}: it cannot be read: {error}")))?;
    let secret = secret.strip_suffix('\n').unwrap_or(&secret);
    let secret = secret.strip_suffix('\r').unwrap_or(secret);
    if secret.is_empty() {
        return Err(Fault::usage(format!(
            "{flag}: there is nothing on standard input"
        )));
    }
    Ok(secret.to_owned())
}

#[cfg(test)]
mod tests;
