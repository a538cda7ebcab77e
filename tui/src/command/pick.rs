//! Finding the one thing that a word on the command line means, or saying which there are.

use redtag_protocol::{
    customer::Customer,
    ids::{ChoiceKey, CustomerId, PersonId, PointKey},
    ipc::Account,
    role::Permission,
    shop::Member,
    template::{Choice, Point, Template, TemplateState},
    vehicle::Vehicle,
    vin::Vin,
};

use super::fault::Fault;

/// What `POINT` names in a template.
#[derive(Debug)]
pub(crate) enum Field<'a> {
    /// A point.
    Point(&'a Point),
    /// A question of the whole inspection that selects rules.
    Choice(&'a Choice),
}

/// The point or question with this key.
pub(crate) fn field<'a>(template: &'a Template, text: &str) -> Result<Field<'a>, Fault> {
    let key: PointKey = text
        .parse()
        .map_err(|error| Fault::usage(format!("POINT: {error}")))?;
    if let Some(point) = template.point(&key) {
        return Ok(Field::Point(point));
    }
    let choice = text.parse().ok();
    if let Some(choice) = choice.and_then(|key: ChoiceKey| template.choice(&key)) {
        return Ok(Field::Choice(choice));
    }
    let points = template.points().map(|(_, point)| point.key.as_str());
    let choices = template.choices.iter().map(|choice| choice.key.as_str());
    let near = near(text, points.chain(choices));
    let advice = if near.is_empty() {
        "“redtag show ID” lists its points".to_owned()
    } else {
        format!("did you mean {}?", near.join(", "))
    };
    Err(Fault::error(format!(
        "POINT: {} (version {}) has no point “{key}”; {advice}",
        template.key, template.version
    )))
}

/// The newest active version of a template.
pub(crate) fn template<'a>(templates: &'a [Template], key: &str) -> Result<&'a Template, Fault> {
    let versions = templates.iter().filter(|it| it.key.as_str() == key);
    let newest = versions
        .clone()
        .filter(|it| it.state == TemplateState::Active)
        .max_by_key(|it| it.version);
    if let Some(newest) = newest {
        return Ok(newest);
    }
    let mut active: Vec<&str> = templates
        .iter()
        .filter(|it| it.state == TemplateState::Active)
        .map(|it| it.key.as_str())
        .collect();
    active.sort_unstable();
    active.dedup();
    let known = match active.as_slice() {
        [] => "the shop has no active template yet".to_owned(),
        keys => format!("use one of: {}", keys.join(", ")),
    };
    Err(Fault::error(if versions.count() == 0 {
        format!("--template: there is no template “{key}”; {known}")
    } else {
        format!("--template: “{key}” takes no new inspections; {known}")
    }))
}

/// `me`, `none`, a member's name or id. None is nobody.
pub(crate) fn person(
    members: &[Member],
    account: Option<&Account>,
    text: &str,
    flag: &str,
) -> Result<Option<PersonId>, Fault> {
    match text {
        "none" | "nobody" => return Ok(None),
        "me" => {
            return account
                .map(|account| Some(account.person))
                .ok_or_else(|| Fault::usage(format!("{flag}: nobody is signed in")));
        }
        _ => {}
    }
    let present = || members.iter().filter(|member| !member.removed);
    let found: Vec<&Member> = present()
        .filter(|it| it.name.to_lowercase() == text.to_lowercase() || it.id.to_string() == text)
        .collect();
    match found.as_slice() {
        [one] => Ok(Some(one.id)),
        [] => {
            let names: Vec<&str> = present().map(|it| it.name.as_str()).collect();
            Err(Fault::error(format!(
                "{flag}: there is no member “{text}”; use me, nobody, or one of: {}",
                names.join(", ")
            )))
        }
        several => Err(ambiguous(
            flag,
            &format!("members called “{text}”"),
            several.iter().map(|it| format!("{}  {}", it.id, it.name)),
        )),
    }
}

/// Refuses who cannot fill in: the work would lie with somebody who can do nothing about it.
pub(crate) fn can_work(members: &[Member], person: PersonId, flag: &str) -> Result<(), Fault> {
    let member = members.iter().find(|it| it.id == person);
    match member.filter(|it| !it.role.may(Permission::Fill)) {
        None => Ok(()),
        Some(member) => Err(Fault::error(format!(
            "{flag}: {} is a {} and cannot fill in an inspection; nothing has changed, name \
             somebody who can",
            member.name,
            member.role.as_str()
        ))),
    }
}

/// A known customer by id or by name, whatever the case; none where no one is called so.
pub(crate) fn customer<'a>(
    customers: &'a [Customer],
    text: &str,
) -> Result<Option<&'a Customer>, Fault> {
    if let Ok(id) = text.parse::<CustomerId>() {
        let found = customers.iter().find(|it| it.id == id);
        return found.map(Some).ok_or_else(|| {
            Fault::error(format!(
                "--customer: no customer of this shop has the id {id}"
            ))
        });
    }
    let found: Vec<&Customer> = customers
        .iter()
        .filter(|it| it.name.value.to_lowercase() == text.trim().to_lowercase())
        .collect();
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        several => Err(ambiguous(
            "--customer",
            &format!("customers called “{text}”"),
            several.iter().map(|it| {
                let reach = it.phones.value.iter().chain(&it.emails.value).cloned();
                let reach: Vec<String> = reach.collect();
                format!("{}  {}  {}", it.id, it.name.value, reach.join(", "))
            }),
        )),
    }
}

/// The one vehicle of these, none, or which there are.
pub(crate) fn one_vehicle<'a>(
    found: &[&'a Vehicle],
    flag: &str,
    text: &str,
) -> Result<Option<&'a Vehicle>, Fault> {
    match found {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        several => Err(ambiguous(
            flag,
            &format!("vehicles match “{text}”"),
            several
                .iter()
                .map(|it| format!("{}  {}  {}", it.id, it.title(), it.mark().unwrap_or(""))),
        )),
    }
}

/// Whether a vehicle has this VIN, plate or serial number.
pub(crate) fn carries(vehicle: &Vehicle, text: &str) -> bool {
    let vin = vehicle.vin().map(Vin::as_str);
    [vin, vehicle.plate(), vehicle.serial()]
        .into_iter()
        .any(|mark| mark.is_some_and(|mark| same_mark(mark, text)))
}

/// Whether two marks are the same: case, blanks and hyphens are how people write, not what is meant.
pub(crate) fn same_mark(one: &str, other: &str) -> bool {
    let bare = |text: &str| -> String {
        let kept = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
        kept.flat_map(char::to_uppercase).collect()
    };
    bare(one) == bare(other)
}

fn ambiguous(flag: &str, what: &str, which: impl Iterator<Item = String>) -> Fault {
    let listed: Vec<String> = which.map(|it| format!("  {it}")).collect();
    Fault::error(format!(
        "{flag}: {} {what}; name one by its id:\n{}",
        listed.len(),
        listed.join("\n")
    ))
}

/// At most three keys that somebody may have meant, the nearest first.
fn near<'a>(text: &str, keys: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let close = text.len() / 3 + 1;
    let mut ranked: Vec<(usize, &str)> = keys
        .map(|key| {
            let part = key.contains(text) || text.contains(key);
            (if part { 0 } else { distance(text, key) }, key)
        })
        .filter(|(distance, _)| *distance <= close)
        .collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, key)| key).take(3).collect()
}

/// How many characters must be put in, taken out or changed (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row.first().copied().unwrap_or_default();
        let mut left = i + 1;
        let mut next = vec![left];
        for (j, b) in other.iter().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or_default();
            left = (left + 1)
                .min(above + 1)
                .min(diagonal + usize::from(a != *b));
            diagonal = above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
