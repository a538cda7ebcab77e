//! A disk that fails when it is told to: SQLite's own file system with three of its calls watched.
//! The only module that may use unsafe code, for SQLite asks for a table of C functions.
//!
//! Plans and counts belong to the thread that asks, and so do the databases that it opens.

#![expect(
    unsafe_code,
    reason = "SQLite's file systems are tables of C functions"
)]

use std::{
    cell::{Cell, RefCell},
    ffi::{c_int, c_void},
    ptr,
    sync::{Mutex, Once, PoisonError},
};

use rusqlite::ffi;

/// What goes wrong, from the moment it goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// This one call says that the disk is full.
    FullOnce,
    /// The disk is full, for good.
    Full,
    /// This one call fails.
    BrokenOnce,
    /// The power is cut: half of what is being written is there, nothing more ever is.
    Cut,
}

impl Fault {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::FullOnce, Self::Full, Self::BrokenOnce, Self::Cut];

    fn for_good(self) -> bool {
        matches!(self, Self::Full | Self::Cut)
    }

    fn code(self, call: Call) -> c_int {
        match (self, call) {
            (Self::FullOnce | Self::Full, Call::Write) => ffi::SQLITE_FULL,
            (_, Call::Write) => ffi::SQLITE_IOERR_WRITE,
            (_, Call::Sync) => ffi::SQLITE_IOERR_FSYNC,
            (_, Call::Truncate) => ffi::SQLITE_IOERR_TRUNCATE,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Write,
    Sync,
    Truncate,
}

/// How often this thread's databases called on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    /// Writes, syncs and truncations.
    pub(crate) calls: u64,
    /// Syncs alone.
    pub(crate) syncs: u64,
}

thread_local! {
    static PLAN: Cell<Option<(u64, Fault)>> = const { Cell::new(None) };
    static COUNTS: RefCell<Counts> = const { RefCell::new(Counts { calls: 0, syncs: 0 }) };
}

/// From now on the `nth` call (from 0) of this thread's databases fails.
pub(crate) fn fail(nth: u64, fault: Fault) {
    HALF.set(false);
    PLAN.set(Some((nth, fault)));
}

/// From now on nothing fails. Whether anything did.
pub(crate) fn heal() -> bool {
    PLAN.take().is_none_or(|(left, _)| left == 0)
}

/// The counts so far.
pub(crate) fn counts() -> Counts {
    COUNTS.with_borrow(|it| *it)
}

/// Puts the watched disk under every database that is opened from now on.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the default file system is there for the life of the program; its copy is never
        // freed and differs in how files are opened alone.
        let code = unsafe {
            let real = ffi::sqlite3_vfs_find(ptr::null());
            let mut watched = Box::new(*real);
            watched.zName = c"watched".as_ptr();
            watched.pNext = ptr::null_mut();
            watched.xOpen = Some(open);
            REAL.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .replace((*real).xOpen);
            ffi::sqlite3_vfs_register(Box::leak(watched), 1)
        };
        assert_eq!(code, ffi::SQLITE_OK, "the watched disk was not taken");
    });
}

type Open = Option<
    unsafe extern "C" fn(
        *mut ffi::sqlite3_vfs,
        ffi::sqlite3_filename,
        *mut ffi::sqlite3_file,
        c_int,
        *mut c_int,
    ) -> c_int,
>;

static REAL: Mutex<Option<Open>> = Mutex::new(None);

/// A table of a file's functions with three replaced. The table comes first, so that a file's
/// pointer to its table is a pointer to this.
#[repr(C)]
struct Watched {
    table: ffi::sqlite3_io_methods,
    real: *const ffi::sqlite3_io_methods,
}

// SAFETY: it is written before it is shared and never after.
unsafe impl Send for Watched {}
// SAFETY: as above.
unsafe impl Sync for Watched {}

/// One for each table of SQLite's own, of which there are a handful.
static TABLES: Mutex<Vec<&'static Watched>> = Mutex::new(Vec::new());

fn watched(real: *const ffi::sqlite3_io_methods) -> &'static Watched {
    let mut tables = TABLES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = tables.iter().find(|it| it.real == real) {
        return found;
    }
    // SAFETY: SQLite's tables live as long as the program.
    let mut table = unsafe { *real };
    table.xWrite = Some(write);
    table.xSync = Some(sync);
    table.xTruncate = Some(truncate);
    let made: &'static Watched = Box::leak(Box::new(Watched { table, real }));
    tables.push(made);
    made
}

/// The table that SQLite gave the file itself.
///
/// # Safety
///
/// The file was opened by [`open`].
unsafe fn real(file: *mut ffi::sqlite3_file) -> &'static ffi::sqlite3_io_methods {
    // SAFETY: `open` put a `Watched` there, which is never freed, nor is SQLite's own table.
    unsafe { &*(*(*file).pMethods.cast::<Watched>()).real }
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let real = REAL
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .flatten();
    let Some(real) = real else {
        return ffi::SQLITE_CANTOPEN;
    };
    // SAFETY: the arguments are SQLite's own for the function that they are passed on to; it sets
    // the file's table, or leaves it null where the file is not open.
    unsafe {
        let code = real(vfs, name, file, flags, out);
        if !(*file).pMethods.is_null() {
            (*file).pMethods = &raw const watched((*file).pMethods).table;
        }
        code
    }
}

/// The code to fail with, if it is time.
fn due(call: Call) -> Option<(Fault, c_int)> {
    COUNTS.with_borrow_mut(|it| {
        it.calls += 1;
        it.syncs += u64::from(call == Call::Sync);
    });
    let (left, fault) = PLAN.get()?;
    if left > 0 {
        PLAN.set(Some((left - 1, fault)));
        return None;
    }
    PLAN.set(fault.for_good().then_some((0, fault)));
    Some((fault, fault.code(call)))
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    data: *const c_void,
    amount: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: as for `open`.
    let Some(write) = (unsafe { real(file) }).xWrite else {
        return ffi::SQLITE_IOERR_WRITE;
    };
    match due(Call::Write) {
        // SAFETY: SQLite's own arguments.
        None => unsafe { write(file, data, amount, offset) },
        Some((fault, code)) => {
            // The first call that meets the cut is half done; the plan is used up from then on.
            if fault == Fault::Cut && !HALF.replace(true) {
                // SAFETY: half of what SQLite gave.
                unsafe { write(file, data, amount / 2, offset) };
            }
            code
        }
    }
}

thread_local! {
    /// Whether the half write of a cut has been made.
    static HALF: Cell<bool> = const { Cell::new(false) };
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: as for `open`.
    let sync = unsafe { real(file) }.xSync;
    match (due(Call::Sync), sync) {
        // SAFETY: SQLite's own arguments.
        (None, Some(sync)) => unsafe { sync(file, flags) },
        (Some((_, code)), _) => code,
        (None, None) => ffi::SQLITE_IOERR_FSYNC,
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    // SAFETY: as for `open`.
    let truncate = unsafe { real(file) }.xTruncate;
    match (due(Call::Truncate), truncate) {
        // SAFETY: SQLite's own arguments.
        (None, Some(truncate)) => unsafe { truncate(file, size) },
        (Some((_, code)), _) => code,
        (None, None) => ffi::SQLITE_IOERR_TRUNCATE,
    }
}
