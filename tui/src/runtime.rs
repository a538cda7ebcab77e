//! The loop: every source of input merged into one message, one update, then one draw.
//!
//! It does what [`crate::app`] asks for and knows no rules of its own. Nothing wakes it while
//! nothing happens: no tick, and a timer only where something that is shown depends on the time.

mod editing;
mod keys;
mod leaving;
mod sabotage;
mod watchdog;

use std::{
    env,
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, bail};
use crossterm::event::{Event, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use jiff::tz::TimeZone;
use redtag_protocol::{
    ipc::{Reply, Request},
    stamp::Stamp,
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, sleep_until},
};

use crate::{
    app::{Button, Effect, Message, Moment, Mouse, State, update::update},
    config::Config,
    keep::keep,
    link::{self, Link},
    terminal::{HangUp, Screen, shell_waits},
    view::{self, Hits},
};
use editing::{Editing, Text};
use keys::Keys;
use sabotage::Sabotage;
use watchdog::Watchdog;

/// The longest the loop goes on taking messages before it draws.
const PATIENCE: Duration = Duration::from_millis(8);

/// Shows the full-screen client until the person leaves it, the terminal goes away, or a signal
/// asks it to end. The terminal is given back in any case.
pub(crate) async fn run(
    link: Link,
    events: mpsc::UnboundedReceiver<link::Event>,
    config: &Config,
    editing_in: &Path,
) -> anyhow::Result<()> {
    if !io::stdout().is_terminal() {
        bail!(
            "the full-screen client needs a terminal, and standard output is none; \
             for scripts there are subcommands, see redtag --help"
        );
    }
    let variable = |name: &str| std::env::var(name).ok();
    let theme = config.theme(variable);
    let mut sources = Sources::new(events).context("the terminal cannot be watched")?;
    let _watchdog = Watchdog::watch().context("signals cannot be watched")?;
    let mut screen =
        Screen::take(config.mouse(variable)).context("the terminal cannot be taken over")?;
    let (width, height) = screen.size().context("the terminal has no size")?;
    let mut state = State::new(width, height, TimeZone::system(), moment()?);
    state.keys = config.keys.clone();
    if let Some(first) = config.complaints().next() {
        let more = config.problems.len() - 1;
        let more = match more {
            0 => String::new(),
            more => format!(" (and {more} more: redtag config check)"),
        };
        state.complain(format!("{first}; the rest of the file holds{more}"));
    }
    let mut hits = Hits::default();
    let mut dirty = true;
    // While the person's editor has the terminal, nothing is drawn and no key is read.
    let mut editing = None;
    loop {
        if dirty && editing.is_none() {
            screen.draw(|frame| hits = view::draw_and_tell(frame, &state, &theme))?;
        }
        dirty = false;
        let mut next = Some(sources.next(state.wakes_at()).await);
        let begun = Instant::now();
        // What is here already is taken first: a held key or a paste is drawn once.
        while let Some(input) = next {
            let mut messages = Vec::new();
            match input {
                Input::Message(message) => {
                    if matches!(message, Message::Composed { .. }) && editing.take().is_some() {
                        screen.wake()?;
                        sources.listen();
                        // It may have been dragged meanwhile.
                        let (width, height) = screen.size()?;
                        messages.push(Message::Resize { width, height });
                    }
                    messages.push(message);
                }
                Input::Mouse(event) => messages.extend(meant(event, &hits).map(Message::Mouse)),
                // The editor hears of it too, and sleeps if it likes.
                Input::Sleep | Input::Woken | Input::Interrupt if editing.is_some() => {}
                Input::Sleep if shell_waits() => {
                    screen.sleep()?;
                    dirty = true;
                }
                Input::Woken => {
                    screen.wake()?;
                    dirty = true;
                }
                Input::End | Input::Interrupt => return Ok(()),
                Input::Sleep | Input::Nothing => {}
            }
            for message in messages {
                dirty = true;
                let effects = update(&mut state, message, moment()?);
                match perform(effects, &link, &sources.answers, &mut screen)? {
                    Then::GoOn => {}
                    Then::Leave(words) => {
                        leaving::until_heard(words).await;
                        return Ok(());
                    }
                    Then::Edit(text) => {
                        sources.hush().await;
                        screen.lend();
                        match Editing::begin(editing_in, text, sources.answers.clone()) {
                            Ok(begun) => editing = Some(begun),
                            Err(error) => {
                                screen.wake()?;
                                sources.listen();
                                told(&sources.answers, &error);
                            }
                        }
                    }
                }
            }
            next = if begun.elapsed() < PATIENCE {
                sources.ready()
            } else {
                None
            };
        }
    }
}

/// What the mouse did in terms of what was drawn last; none where it means nothing.
fn meant(event: MouseEvent, hits: &Hits) -> Option<Mouse> {
    let button = match event.kind {
        MouseEventKind::Down(MouseButton::Left) => Button::Click,
        MouseEventKind::ScrollUp => Button::WheelUp,
        MouseEventKind::ScrollDown => Button::WheelDown,
        _ => return None,
    };
    Some(Mouse {
        button,
        on: hits.at(event.column, event.row),
    })
}

/// What comes after the effects of a message.
enum Then {
    GoOn,
    /// The person's editor has the terminal.
    Edit(Text),
    /// Once these were heard.
    Leave(Vec<JoinHandle<()>>),
}

/// The editor could not be started.
fn told(answers: &mpsc::UnboundedSender<Message>, error: &anyhow::Error) {
    // The loop that listens is the one that asks.
    let _ = answers.send(Message::Composed {
        file: None,
        text: Err(format!("the editor does not start: {error:#}")),
    });
}

/// Does what the update wants done.
fn perform(
    effects: Vec<Effect>,
    link: &Link,
    answers: &mpsc::UnboundedSender<Message>,
    screen: &mut Screen,
) -> anyhow::Result<Then> {
    let mut then = Then::GoOn;
    let mut asked = Vec::new();
    for effect in effects {
        match effect {
            Effect::Ask { ask, request } => {
                asked.push(spawn_ask(link.clone(), ask, *request, answers.clone()));
            }
            Effect::Suspend if shell_waits() => screen.sleep()?,
            Effect::Keep { file, text, edits } => spawn_keep(file, text, edits, answers.clone()),
            // The loop that listens is the one that asks.
            Effect::Suspend => drop(answers.send(Message::NoShell)),
            Effect::Redraw => screen.forget()?,
            Effect::Compose {
                name,
                text,
                file,
                line,
            } => {
                then = Then::Edit(Text {
                    name,
                    words: text,
                    file,
                    line,
                });
            }
            Effect::Remove { file } => editing::remove(&file),
            Effect::Quit => return Ok(Then::Leave(asked)),
        }
    }
    Ok(then)
}

fn spawn_ask(
    link: Link,
    ask: u64,
    request: Request,
    answers: mpsc::UnboundedSender<Message>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let result: Result<Reply, link::Error> = link.request(request).await;
        let result = Box::new(result);
        // Nobody listens any more once the person has left.
        let _ = answers.send(Message::Answer { ask, result });
    })
}

/// Writes a file that a person keeps, away from the loop that draws.
fn spawn_keep(file: String, text: String, edits: u64, answers: mpsc::UnboundedSender<Message>) {
    tokio::task::spawn_blocking(move || {
        let path = place(&file);
        let failed = keep(&path, &text).err().map(|error| error.to_string());
        // Nobody listens any more once the person has left.
        let _ = answers.send(Message::Kept {
            file: path.display().to_string(),
            edits,
            failed,
        });
    });
}

/// Where a file lies that a person named: a shell would have known what ~ means.
fn place(file: &str) -> PathBuf {
    let path = match (file.strip_prefix("~/"), env::var_os("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(file),
    };
    std::path::absolute(&path).unwrap_or(path)
}

/// Something that came in.
enum Input {
    Message(Message),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// The shell wants us to sleep.
    Sleep,
    /// Something else may have had the terminal.
    Woken,
    /// Ctrl-C of a terminal that is not ours.
    Interrupt,
    /// It is over: the terminal is gone or a signal said so.
    End,
    /// An event that means nothing here.
    Nothing,
}

/// Everything that can come in.
struct Sources {
    keys: Option<Keys>,
    events: mpsc::UnboundedReceiver<link::Event>,
    answers: mpsc::UnboundedSender<Message>,
    answered: mpsc::UnboundedReceiver<Message>,
    hang_up: HangUp,
    terminate: Signal,
    lost: Signal,
    interrupt: Signal,
    stop: Signal,
    woken: Signal,
    sabotage: Sabotage,
}

impl Sources {
    fn new(events: mpsc::UnboundedReceiver<link::Event>) -> io::Result<Self> {
        let (answers, answered) = mpsc::unbounded_channel();
        Ok(Self {
            keys: Some(Keys::read()),
            events,
            answers,
            answered,
            hang_up: HangUp::watch()?,
            terminate: signal(SignalKind::terminate())?,
            lost: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            // Linux numbers; the kinds have no names of their own in tokio.
            stop: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
            woken: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
            sabotage: Sabotage::arm()?,
        })
    }

    /// Reads no keys any more: they are another program's.
    async fn hush(&mut self) {
        if let Some(keys) = self.keys.take() {
            keys.hush().await;
        }
    }

    /// Reads keys again.
    fn listen(&mut self) {
        self.keys = Some(Keys::read());
    }

    /// Waits for the next input, or for the moment at which something shown changes by itself.
    async fn next(&mut self, wake: Option<Stamp>) -> Input {
        let clock = wake.map(|wake| {
            let ahead = wake.0.saturating_sub(now().0).max(1_000);
            Instant::now() + Duration::from_millis(ahead)
        });
        let timer = async {
            match clock {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.hang_up.gone() => Input::End,
            _ = self.terminate.recv() => Input::End,
            _ = self.lost.recv() => Input::End,
            _ = self.interrupt.recv() => Input::Interrupt,
            _ = self.stop.recv() => Input::Sleep,
            _ = self.woken.recv() => Input::Woken,
            key = Keys::next(self.keys.as_mut()) => from_terminal(key),
            Some(message) = self.answered.recv() => Input::Message(message),
            Some(event) = self.events.recv() => Input::Message(Message::Link(event)),
            () = self.sabotage.struck() => Input::Nothing,
            () = timer => Input::Message(Message::Clock),
        }
    }

    /// An input that is here already.
    fn ready(&mut self) -> Option<Input> {
        if let Some(keys) = &mut self.keys
            && let Ok(key) = keys.events.try_recv()
        {
            return Some(from_terminal(Some(key)));
        }
        if let Ok(message) = self.answered.try_recv() {
            return Some(Input::Message(message));
        }
        let event = self.events.try_recv().ok()?;
        Some(Input::Message(Message::Link(event)))
    }
}

/// Presses only: a terminal that also tells of releases would double every key. End of input and
/// errors are the end.
fn from_terminal(event: Option<io::Result<Event>>) -> Input {
    match event {
        Some(Ok(Event::Key(key))) if key.kind != KeyEventKind::Release => {
            Input::Message(Message::Key(key))
        }
        Some(Ok(Event::Paste(text))) => Input::Message(Message::Paste(text)),
        Some(Ok(Event::Mouse(event))) => Input::Mouse(event),
        Some(Ok(Event::Resize(width, height))) => Input::Message(Message::Resize { width, height }),
        Some(Ok(_)) => Input::Nothing,
        Some(Err(_)) | None => Input::End,
    }
}

fn now() -> Stamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    // A clock before 1970 is as good as none.
    Stamp(since.map_or(0, |it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX)))
}

fn moment() -> anyhow::Result<Moment> {
    let mut random = [0; 30];
    getrandom::fill(&mut random).context("the system gives no random bytes")?;
    Ok(Moment { now: now(), random })
}
