//! The wall itself: that it stands as the migrations built it, no lower and with no further gate.

use tokio_postgres::{Client, Error};

use super::{super::grants::GRANTS, Finding, INIT};

pub(super) async fn examine(client: &Client) -> Result<Vec<Finding>, Error> {
    Ok(vec![
        tables(client).await?,
        policies(client).await?,
        functions(client).await?,
        triggers(client).await?,
        rules(client).await?,
        views(client).await?,
    ])
}

/// One policy: its table, name, command (`r`ead, `a`dd, `w`rite, `d`elete, `*` all), which rows may
/// be met, and which may be written.
type Policy = (
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
);

const HERE: Option<&str> = Some("(shop = this_shop())");
const THIS: Option<&str> = Some("(id = this_shop())");
const SIGNED_IN: Option<&str> =
    Some("((shop = this_shop()) OR (id = this_session()) OR (person = this_person()))");

/// As the server itself writes them out, on one line.
const POLICIES: &[Policy] = &[
    ("counted", "counted_wall", "*", HERE, HERE),
    ("device", "device_wall", "*", HERE, HERE),
    ("document", "document_wall", "*", HERE, HERE),
    ("event", "event_wall", "*", HERE, HERE),
    ("head", "head_wall", "*", HERE, HERE),
    ("key_copy", "key_copy_wall", "*", HERE, HERE),
    ("membership", "membership_ended", "d", HERE, None),
    ("membership", "membership_made", "a", None, HERE),
    (
        "membership",
        "membership_seen",
        "r",
        Some("((shop = this_shop()) OR (person = this_person()))"),
        None,
    ),
    ("outcome", "outcome_wall", "*", HERE, HERE),
    ("pass", "pass_wall", "*", HERE, HERE),
    ("payload", "payload_wall", "*", HERE, HERE),
    ("session", "session_changed", "w", SIGNED_IN, SIGNED_IN),
    ("session", "session_made", "a", None, HERE),
    ("session", "session_seen", "r", SIGNED_IN, None),
    ("shop", "shop_changed", "w", THIS, THIS),
    ("shop", "shop_made", "a", None, THIS),
    (
        "shop",
        "shop_seen",
        "r",
        Some(
            "((id = this_shop()) OR every_shop() OR (id IN ( SELECT membership.shop \
             FROM membership)))",
        ),
        None,
    ),
    ("tombstone", "tombstone_wall", "*", HERE, HERE),
];

/// What the policies and triggers call, written out likewise.
const FUNCTIONS: &[(&str, &str)] = &[
    (
        "every_shop",
        "RETURN (COALESCE(current_setting('app.every_shop'::text, true), ''::text) = 'on'::text)",
    ),
    (
        "head_forward",
        "BEGIN RAISE EXCEPTION 'the head never goes back' USING ERRCODE = \
         'integrity_constraint_violation'; END",
    ),
    (
        "kept",
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = \
         'integrity_constraint_violation'; END",
    ),
    (
        "older_server",
        "BEGIN RAISE EXCEPTION 'an older redtag-server still runs on this database: stop \
         it' USING ERRCODE = 'lock_not_available'; END",
    ),
    (
        "only_emptied",
        "DECLARE its bytea; BEGIN SELECT salt INTO its FROM event WHERE shop = old.shop \
         AND seq = old.seq; IF new.body = '{}' AND new.seq = old.seq AND new.shop = \
         old.shop AND old.digest IS NULL AND new.digest = \
         sha256(int8send(octet_length(its)) || its || convert_to(old.body, 'UTF8')) THEN \
         RETURN new; END IF; RAISE EXCEPTION 'a payload can only be emptied' USING \
         ERRCODE = 'integrity_constraint_violation'; END",
    ),
    (
        "this_person",
        "RETURN (NULLIF(current_setting('app.person_id'::text, true), ''::text))::uuid",
    ),
    (
        "this_session",
        "RETURN (NULLIF(current_setting('app.session_id'::text, true), ''::text))::uuid",
    ),
    (
        "this_shop",
        "RETURN (NULLIF(current_setting('app.shop_id'::text, true), ''::text))::uuid",
    ),
];

/// What keeps the head going forward, events as they were written and older servers waiting: the table, the name, and all
/// of it written out likewise.
const TRIGGERS: &[(&str, &str, &str)] = &[
    (
        "document",
        "document_indexed",
        "CREATE TRIGGER document_indexed BEFORE INSERT ON document FOR EACH ROW WHEN ((new.open IS \
         NULL)) EXECUTE FUNCTION older_server()",
    ),
    (
        "event",
        "event_kept",
        "CREATE TRIGGER event_kept BEFORE DELETE OR UPDATE ON event FOR EACH ROW EXECUTE FUNCTION \
         kept()",
    ),
    (
        "head",
        "head_forward",
        "CREATE TRIGGER head_forward BEFORE UPDATE ON head FOR EACH ROW WHEN (((new.seq < old.seq) \
         OR (new.ticket < old.ticket) OR (new.floor < old.floor) OR (new.shop <> old.shop))) \
         EXECUTE FUNCTION head_forward()",
    ),
    (
        "payload",
        "payload_kept",
        "CREATE TRIGGER payload_kept BEFORE DELETE ON payload FOR EACH ROW EXECUTE FUNCTION kept()",
    ),
    (
        "payload",
        "payload_only_emptied",
        "CREATE TRIGGER payload_only_emptied BEFORE UPDATE ON payload FOR EACH ROW EXECUTE FUNCTION \
         only_emptied()",
    ),
];

/// Tables with their wall: whether they are of a shop, enabled, forced.
const TABLES: &str = "SELECT relname::text, relkind::text, relrowsecurity AND relforcerowsecurity, \
        relname = 'shop' OR EXISTS (SELECT FROM pg_attribute WHERE attrelid = pg_class.oid \
            AND attname = 'shop' AND NOT attisdropped) \
    FROM pg_class WHERE relnamespace = to_regnamespace('redtag') \
        AND relkind IN ('r', 'p', 'f', 'm') ORDER BY 1";

async fn tables(client: &Client) -> Result<Finding, Error> {
    let mut finding = Finding::of("every table of a shop has its wall");
    let mut missing: Vec<_> = GRANTS.iter().map(|it| it.table).collect();
    for row in client.query(TABLES, &[]).await? {
        let (name, kind): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
        let (walled, of_shop): (bool, bool) = (row.try_get(2)?, row.try_get(3)?);
        let known = GRANTS.iter().any(|it| it.table == name);
        missing.retain(|it| *it != name);
        finding = finding.refused_if(of_shop && !walled, || {
            format!(
                "row-level security does not hold for the table {name}: as its owner run ALTER \
                 TABLE redtag.{name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
            )
        });
        finding = finding.refused_if(!known || kind != "r", || {
            format!(
                "the table {name} in the schema redtag is none that redtag-server made: move it \
                 to another schema"
            )
        });
    }
    for name in missing {
        finding = finding.refused(format!(
            "the table {name} is missing from the schema redtag: restore it from a backup"
        ));
    }
    Ok(finding)
}

const FOUND_POLICIES: &str = "SELECT relname::text, polname::text, polcmd::text, \
        pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid), \
        polpermissive AND polroles = '{0}' \
    FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid \
    WHERE relnamespace = to_regnamespace('redtag') ORDER BY 1, 2";

async fn policies(client: &Client) -> Result<Finding, Error> {
    let mut finding = Finding::of("the policies are the migrations' own");
    let mut missing: Vec<_> = POLICIES.iter().map(|it| (it.0, it.1)).collect();
    for row in client.query(FOUND_POLICIES, &[]).await? {
        let (table, name): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
        let met: Option<String> = row.try_get(3)?;
        let written: Option<String> = row.try_get(4)?;
        let (met, written) = (met.as_deref().map(plain), written.as_deref().map(plain));
        missing.retain(|it| *it != (table, name));
        let Some(made) = POLICIES.iter().find(|it| (it.0, it.1) == (table, name)) else {
            finding = finding.refused(format!(
                "the policy {name} on {table} is none that redtag-server made, and lets through \
                 what the wall would stop: as the owner run DROP POLICY {name} ON redtag.{table}"
            ));
            continue;
        };
        let found = (row.try_get(2)?, met.as_deref(), written.as_deref());
        let same = row.try_get::<_, bool>(5)? && found == (made.2, made.3, made.4);
        finding = finding.refused_if(!same, || {
            format!(
                "the policy {name} on {table} was altered: put it back as the migration has it, \
                 or restore a backup"
            )
        });
    }
    for (table, name) in missing {
        finding = finding.refused(format!(
            "the policy {name} on {table} is missing: put it back as the migration has it, or \
             restore a backup"
        ));
    }
    Ok(finding)
}

/// On one line, and without the schema, which is written or not by the session's search path.
fn plain(text: &str) -> String {
    let text = text.replace("redtag.", "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const FOUND_FUNCTIONS: &str = "SELECT proname::text, prosecdef, \
        coalesce(pg_get_function_sqlbody(pg_proc.oid), prosrc), proconfig IS NOT NULL \
    FROM pg_proc WHERE pronamespace = to_regnamespace('redtag') ORDER BY 1";

async fn functions(client: &Client) -> Result<Finding, Error> {
    let mut finding = Finding::of("the functions ask as their caller");
    for row in client.query(FOUND_FUNCTIONS, &[]).await? {
        let name: &str = row.try_get(0)?;
        let body: Option<String> = row.try_get(2)?;
        let body = body.as_deref().map(plain);
        finding = finding.refused_if(row.try_get(1)?, || {
            format!(
                "the function {name} in the schema redtag runs as its owner, past the wall: as \
                 the owner run ALTER ROUTINE redtag.{name} SECURITY INVOKER, or drop it"
            )
        });
        let made = FUNCTIONS.iter().find(|it| it.0 == name);
        let altered = made.is_some_and(|it| body.as_deref() != Some(it.1)) || row.try_get(3)?;
        finding = finding.refused_if(altered, || {
            format!(
                "the function {name}, which the wall stands on, was altered: put it back as the \
                 migration has it, or restore a backup"
            )
        });
    }
    Ok(finding)
}

/// Those that keep references whole are the server's own.
const FOUND_TRIGGERS: &str = "SELECT relname::text, tgname::text, tgenabled IN ('O', 'A'), \
        pg_get_triggerdef(pg_trigger.oid) \
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid \
    WHERE relnamespace = to_regnamespace('redtag') AND NOT tgisinternal ORDER BY 1, 2";

async fn triggers(client: &Client) -> Result<Finding, Error> {
    let mut missing = TRIGGERS.to_vec();
    let mut finding = Finding::of("what is written stays written");
    for row in client.query(FOUND_TRIGGERS, &[]).await? {
        let (table, name): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
        let text = plain(row.try_get(3)?);
        let Some(made) = TRIGGERS.iter().find(|it| (it.0, it.1) == (table, name)) else {
            finding = finding.refused(format!(
                "the trigger {name} on {table} is none that redtag-server made, and may change or \
                 copy what is written: as the owner run DROP TRIGGER {name} ON redtag.{table}"
            ));
            continue;
        };
        let enabled: bool = row.try_get(2)?;
        missing.retain(|it| !enabled || it.1 != name);
        finding = finding.refused_if(text != made.2, || {
            format!(
                "the trigger {name} on {table} was altered: put it back as the migration has it, \
                 or restore a backup"
            )
        });
    }
    for (table, name, _) in missing {
        finding = finding.refused(format!(
            "the trigger {name} on {table} is missing or disabled: as the owner run ALTER TABLE \
             redtag.{table} ENABLE TRIGGER {name}, or restore a backup"
        ));
    }
    Ok(finding)
}

const FOUND_RULES: &str = "SELECT relname::text, rulename::text \
    FROM pg_rewrite JOIN pg_class ON pg_class.oid = ev_class \
    WHERE relnamespace = to_regnamespace('redtag') AND relkind IN ('r', 'p', 'f') ORDER BY 1, 2";

async fn rules(client: &Client) -> Result<Finding, Error> {
    let mut finding = Finding::of("no rule turns a statement into another");
    for row in client.query(FOUND_RULES, &[]).await? {
        let (table, name): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
        finding = finding.refused(format!(
            "the rule {name} on {table} turns statements into others, and redtag-server made none: \
             as the owner run DROP RULE {name} ON redtag.{table}"
        ));
    }
    Ok(finding)
}

const FOUND_VIEWS: &str = "SELECT relname::text FROM pg_class \
    WHERE relnamespace = to_regnamespace('redtag') AND relkind = 'v' \
        AND NOT EXISTS (SELECT FROM pg_options_to_table(reloptions) \
            WHERE option_name = 'security_invoker' \
                AND lower(option_value) IN ('true', 'on', 'yes', '1')) \
    ORDER BY 1";

async fn views(client: &Client) -> Result<Finding, Error> {
    let mut finding = Finding::of("every view asks as its reader");
    for row in client.query(FOUND_VIEWS, &[]).await? {
        let name: &str = row.try_get(0)?;
        finding = finding.refused(format!(
            "the view {name} reads as its owner and not as whoever asks: as the owner run ALTER \
             VIEW redtag.{name} SET (security_invoker = true), or {INIT} after dropping it"
        ));
    }
    Ok(finding)
}
