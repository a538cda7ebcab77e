//! The instruments themselves: what a story relies on must hold first.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    process::Command,
    thread,
    time::Duration,
};

use anyhow::{Result, ensure};
use redtag_tests::harness::{Ground, Proxy, Screen, eventually};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    a_line_is_cut_and_restored,
    a_silent_line_passes_nothing_until_it_is_restored,
    a_line_is_cut_in_the_middle_of_a_body,
    an_answer_breaks_off_or_comes_twice,
    one_answer_is_lost_and_the_next_is_not,
    a_screen_types_reads_resizes_and_sees_the_end,
    a_terminal_that_goes_away_ends_what_runs_in_it,
    a_process_that_is_left_behind_fails_the_test_and_is_killed,
];

/// A server that answers every line with itself, until the process ends.
fn echo() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || {
                let mut reader = &stream;
                let mut buffer = [0; 1024];
                while let Ok(read @ 1..) = reader.read(&mut buffer) {
                    if (&stream).write_all(&buffer[..read]).is_err() {
                        break;
                    }
                }
            });
        }
    });
    Ok(address)
}

fn dial(proxy: &Proxy) -> Result<TcpStream> {
    let address: SocketAddr = proxy.url().trim_start_matches("http://").parse()?;
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    Ok(stream)
}

/// Sends and reads what comes back; empty when the line was cut.
fn say(stream: &mut TcpStream, words: &str) -> Result<String> {
    if stream.write_all(words.as_bytes()).is_err() {
        return Ok(String::new());
    }
    let mut buffer = [0; 1024];
    let read = stream.read(&mut buffer).unwrap_or(0);
    Ok(String::from_utf8(buffer[..read].to_vec())?)
}

fn a_line_is_cut_and_restored(_: &Ground) -> Result<()> {
    let proxy = Proxy::before(echo()?)?;
    let mut stream = dial(&proxy)?;
    assert_eq!(say(&mut stream, "one")?, "one");
    proxy.cut();
    assert_eq!(say(&mut stream, "two")?, "");
    assert_eq!(say(&mut dial(&proxy)?, "three")?, "");
    proxy.restore();
    assert_eq!(say(&mut dial(&proxy)?, "four")?, "four");
    assert_eq!(proxy.accepted(), 3);
    Ok(())
}

fn a_silent_line_passes_nothing_until_it_is_restored(_: &Ground) -> Result<()> {
    let proxy = Proxy::before(echo()?)?;
    let mut stream = dial(&proxy)?;
    proxy.silence();
    stream.write_all(b"held")?;
    stream.set_read_timeout(Some(Duration::from_millis(100)))?;
    assert!(stream.read(&mut [0; 8]).is_err());
    proxy.restore();
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut buffer = [0; 4];
    stream.read_exact(&mut buffer)?;
    assert_eq!(&buffer, b"held");
    Ok(())
}

fn a_line_is_cut_in_the_middle_of_a_body(_: &Ground) -> Result<()> {
    let proxy = Proxy::before(echo()?)?;
    proxy.cut_after(3);
    let mut stream = dial(&proxy)?;
    let back = say(&mut stream, "12345")?;
    ensure!("123".starts_with(&back), "{back} came back");
    eventually("the line to be cut", || {
        ensure!(proxy.is_cut());
        Ok(())
    })
}

fn an_answer_breaks_off_or_comes_twice(_: &Ground) -> Result<()> {
    let proxy = Proxy::before(echo()?)?;
    proxy.repeat_answer();
    let mut stream = dial(&proxy)?;
    stream.write_all(b"12345")?;
    let mut twice = [0; 10];
    stream.read_exact(&mut twice)?;
    assert_eq!(&twice, b"1234512345");
    assert_eq!(say(&mut dial(&proxy)?, "once")?, "once");
    proxy.cut_answers_after(3);
    let back = say(&mut dial(&proxy)?, "12345")?;
    ensure!("123".starts_with(&back), "{back} came back");
    eventually("the line to be cut", || {
        ensure!(proxy.is_cut());
        Ok(())
    })?;
    proxy.restore();
    assert_eq!(say(&mut dial(&proxy)?, "12345")?, "12345");
    Ok(())
}

fn one_answer_is_lost_and_the_next_is_not(_: &Ground) -> Result<()> {
    let proxy = Proxy::before(echo()?)?;
    proxy.lose_answer_to("POST");
    assert_eq!(say(&mut dial(&proxy)?, "GET")?, "GET");
    assert_eq!(say(&mut dial(&proxy)?, "POST")?, "");
    assert_eq!(say(&mut dial(&proxy)?, "POST")?, "POST");
    assert_eq!(proxy.lost(), 1);
    Ok(())
}

fn a_screen_types_reads_resizes_and_sees_the_end(_: &Ground) -> Result<()> {
    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        "echo ready; read word; stty size; echo got $word; exit 7",
    ]);
    let mut screen = Screen::open(&shell, 24, 80)?;
    screen.wait_for("ready")?;
    screen.resize(30, 100)?;
    screen.keys("torque\r")?;
    screen.wait_for("30 100")?;
    screen.wait_for("got torque")?;
    assert_eq!(screen.ended()?.code(), Some(7));
    screen.is_restored()
}

fn a_terminal_that_goes_away_ends_what_runs_in_it(_: &Ground) -> Result<()> {
    let mut shell = Command::new("sh");
    shell.args(["-c", "echo ready; read word"]);
    let mut screen = Screen::open(&shell, 24, 80)?;
    screen.wait_for("ready")?;
    let status = screen.hang_up()?;
    assert!(!status.success(), "{status}");
    Ok(())
}

fn a_process_that_is_left_behind_fails_the_test_and_is_killed(ground: &Ground) -> Result<()> {
    let mut left = Command::new("sleep");
    let mut left = left.arg("600").env("REDTAG_HOME", ground.path()).spawn()?;
    // A process that has only just begun has no surroundings to be known by.
    let surroundings = format!("/proc/{}/environ", left.id());
    eventually("the process to show its surroundings", || {
        ensure!(!std::fs::read(&surroundings)?.is_empty());
        Ok(())
    })?;
    assert!(ground.left_clean().is_err(), "nobody noticed");
    assert!(!left.wait()?.success(), "it was not killed");
    Ok(())
}
