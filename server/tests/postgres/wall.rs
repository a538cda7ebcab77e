//! No query shows one shop another's rows.

#![allow(
    clippy::expect_used,
    reason = "tests: what fails here fails them, and says of what"
)]

mod app;
mod catalogue;
mod guarded;
mod pooled;
mod queries;
mod setting_up;
mod telling;
mod world;

use super::{Case, case, on_database};

pub(super) fn cases() -> Vec<Case> {
    vec![
        on_database("every_table_of_a_shop_is_behind_it", catalogue::whole),
        on_database("a_table_without_it_is_named", catalogue::naked),
        case("no_query_finds_a_foreign_row", queries::foreign_rows),
        on_database("nothing_said_nothing_seen", queries::nothing_said),
        on_database("a_person_and_a_sign_in_see_their_own", queries::own),
        on_database("no_connection_carries_a_shop_over", pooled::carries_nothing),
        on_database("keys_tell_nothing_of_another_shop", telling::keys),
        on_database(
            "references_tell_nothing_of_another_shop",
            telling::references,
        ),
        on_database("the_app_role_can_do_no_more", app::limits),
        on_database("what_is_written_stays_written", app::written),
        on_database("whatever_could_bypass_it_is_refused", guarded::bypasses),
        on_database(
            "a_server_that_loses_commits_is_refused",
            guarded::durability,
        ),
        case("an_unsafe_server_is_refused", guarded::servers),
        on_database("the_engine_opens_as_the_app_role_alone", guarded::opening),
        on_database("another_schema_is_refused", guarded::versions),
        case("an_administrator_sets_up", setting_up::administrator),
        case("a_managed_administrator_sets_up", setting_up::managed),
        case("two_set_up_at_once", setting_up::at_once),
        case("what_cannot_be_set_up_is_said", setting_up::refused),
        case("the_command_sets_up_and_checks", setting_up::command),
    ]
}
