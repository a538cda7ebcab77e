//! News between API processes, by LISTEN and NOTIFY.
