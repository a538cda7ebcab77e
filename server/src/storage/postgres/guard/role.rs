//! The role that serves: that it cannot set row-level security aside, nor become one that can.

use tokio_postgres::{Client, Error};

use super::{Finding, INIT};

pub(super) async fn examine(client: &Client) -> Result<Vec<Finding>, Error> {
    let row = client
        .query_one("SELECT session_user::text, current_user::text", &[])
        .await?;
    let (session, user): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    let finding = Finding::of("the role is who signed in");
    let itself = finding.refused_if(session != user, || {
        format!(
            "the connection was made as {session} and acts as {user}, which it can undo: sign in \
             as the app role itself"
        )
    });
    Ok(vec![
        itself,
        attributes(client, &user).await?,
        memberships(client, &user).await?,
        possessions(client, &user).await?,
    ])
}

/// What the finding about them is called.
pub(super) const ATTRIBUTES_OF: &str = "the role's attributes";

/// Of a role, each with what it would be free to do.
const ATTRIBUTES: [(&str, &str); 5] = [
    ("rolsuper", "is a superuser, for whom no wall stands"),
    ("rolbypassrls", "has BYPASSRLS and sees past the wall"),
    (
        "rolreplication",
        "has REPLICATION and may copy the whole server, all shops with it",
    ),
    (
        "rolcreaterole",
        "has CREATEROLE and may give itself other roles",
    ),
    ("rolcreatedb", "has CREATEDB, which serving does not need"),
];

async fn attributes(client: &Client, user: &str) -> Result<Finding, Error> {
    let row = client
        .query_one(
            "SELECT rolsuper, rolbypassrls, rolreplication, rolcreaterole, rolcreatedb \
             FROM pg_roles WHERE rolname = $1",
            &[&user],
        )
        .await?;
    let mut finding = Finding::of(ATTRIBUTES_OF);
    for (column, words) in ATTRIBUTES {
        finding = finding.refused_if(row.try_get(column)?, || {
            format!(
                "the role {user} {words}: give the URL that redtag-server database init printed"
            )
        });
    }
    Ok(finding)
}

/// Every role that the present one is a member of, over however many steps and by whatever kind of
/// grant, for where becoming it is not granted, the right to grant it may be; and of those the ones
/// with which the wall can be walked around. `pg_read_all_data` is none of them: policies hold for
/// it too.
const DANGEROUS: &str = "WITH RECURSIVE reached (oid) AS ( \
        SELECT roleid FROM pg_auth_members \
            JOIN pg_roles ON pg_roles.oid = member WHERE rolname = current_user \
        UNION SELECT roleid FROM pg_auth_members JOIN reached ON reached.oid = member), \
    judged (name, why) AS (SELECT rolname::text, CASE \
        WHEN rolsuper THEN 'a superuser' \
        WHEN rolbypassrls THEN 'which has BYPASSRLS' \
        WHEN rolcreaterole THEN 'which has CREATEROLE' \
        WHEN rolreplication THEN 'which has REPLICATION' \
        WHEN rolname IN ('pg_read_server_files', 'pg_write_server_files', \
            'pg_execute_server_program') THEN 'which reaches the files of the server' \
        WHEN rolname = 'pg_create_subscription' THEN 'which may write in the name of others' \
        WHEN rolname = 'pg_write_all_data' THEN 'which may write to every table' \
        WHEN EXISTS (SELECT FROM pg_database \
            WHERE datname = current_database() AND datdba = pg_roles.oid) \
            THEN 'which owns the database' \
        WHEN EXISTS (SELECT FROM pg_namespace \
                WHERE nspname = 'redtag' AND nspowner = pg_roles.oid) \
            OR EXISTS (SELECT FROM pg_class \
                WHERE relnamespace = to_regnamespace('redtag') AND relowner = pg_roles.oid) \
            OR EXISTS (SELECT FROM pg_proc \
                WHERE pronamespace = to_regnamespace('redtag') AND proowner = pg_roles.oid) \
            THEN 'which owns the schema or something in it' END \
        FROM reached JOIN pg_roles USING (oid)) \
    SELECT name, why FROM judged WHERE why IS NOT NULL ORDER BY name";

async fn memberships(client: &Client, user: &str) -> Result<Finding, Error> {
    let mut finding = Finding::of("the role's memberships");
    for row in client.query(DANGEROUS, &[]).await? {
        let (role, why): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        finding = finding.refused(format!(
            "the role {user} is a member of {role}, {why}, directly or over others: run REVOKE \
             until it is a member of nothing"
        ));
    }
    Ok(finding)
}

/// What the role owns, of all kinds, here and of the whole server.
const OWNED: &str = "SELECT pg_describe_object(classid, objid, objsubid) \
    FROM pg_shdepend JOIN pg_roles ON pg_roles.oid = refobjid \
    WHERE refclassid = 'pg_authid'::regclass AND deptype = 'o' AND rolname = current_user \
        AND dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())) \
    ORDER BY 1 LIMIT 5";

async fn possessions(client: &Client, user: &str) -> Result<Finding, Error> {
    let mut finding = Finding::of("the role owns nothing");
    for row in client.query(OWNED, &[]).await? {
        let what: Option<String> = row.try_get(0)?;
        let what = what.unwrap_or_else(|| "something".into());
        finding = finding.refused(format!(
            "the role {user} owns the {what}, and an owner can take the wall down: run ALTER … \
             OWNER TO another role, then {INIT}"
        ));
    }
    Ok(finding)
}
