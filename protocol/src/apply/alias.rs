//! Two documents that are one: the duplicate becomes an alias.

use std::sync::Arc;

use super::{After, Also, Change, Ground, remove};
use crate::{
    entity::{Entity, EntityRef, World},
    event::What,
    field::{Register, Writer},
    merge as fields,
    op::{Refusal, RefusalCode, Verdict},
};

/// Merges what `named` has become into what `other` has become. Where they are one already, whoever
/// was faster and in whichever direction, nothing is left to do; so no circle can come about.
pub(super) fn merge(
    ground: &Ground<'_>,
    world: &World,
    named: EntityRef,
    other: EntityRef,
) -> Result<Change, Refusal> {
    let kind = named.kind();
    if named == other {
        let words = format!("a {kind} cannot be merged into itself; choose another one");
        return Err(Refusal::new(RefusalCode::Invalid, words));
    }
    let (from, into) = (world.resolve(&named), world.resolve(&other));
    let mut ends = vec![from, into];
    ends.dedup();
    let gone = ends.iter().filter_map(|key| world.buried(key));
    let also = gone.flat_map(|it| remove::aliases_back(world, it));
    let mut also: Vec<Also> = also.collect();
    let (loser, returned) = remove::needed(ground, world, &from)?;
    if from == into {
        // One of the two that were named is an alias of the other, or both are of a third.
        let from = if named == into { other } else { named };
        let what = What::Absorbed { from };
        let after = After::Stands(loser.clone());
        return Ok(Change {
            also,
            ..Change::alone(after, returned, what)
        });
    }
    let (winner, found) = remove::needed(ground, world, &into)?;
    let (mut loser, mut winner) = (loser.clone(), winner.clone());
    // The winner's change comes first in the shop's order.
    let first = ground.writer_after(also.len());
    let second = ground.writer_after(also.len() + 1);
    let open = link(
        Arc::make_mut(&mut loser),
        Arc::make_mut(&mut winner),
        second,
        first,
    )?;
    // Whoever wanted the duplicate gone has it so.
    if loser.deletion().is_some() {
        Arc::make_mut(&mut loser).flag(None);
    }
    also.push(Also {
        after: After::Stands(winner),
        verdict: if open { Verdict::ConflictKept } else { found },
        what: What::Absorbed { from },
    });
    Ok(Change {
        after: After::Stands(loser),
        verdict: Verdict::Applied,
        what: What::Merged { into },
        also,
    })
}

/// The loser points to the winner, which takes over the loser's own aliases and what is open there.
/// Whether anything of that is open on the winner now.
fn link(
    loser: &mut Entity,
    winner: &mut Entity,
    losing: Writer,
    winning: Writer,
) -> Result<bool, Refusal> {
    match (loser, winner) {
        (Entity::Customer(loser), Entity::Customer(winner)) => {
            winner.aliases.append(&mut loser.aliases);
            winner.aliases.insert(loser.id, winning);
            let (value, writer) = (winner.id, losing);
            loser.merged = Some(Register { value, writer });
            Ok(fields::absorb(winner, loser))
        }
        (Entity::Vehicle(loser), Entity::Vehicle(winner)) => {
            winner.aliases.append(&mut loser.aliases);
            winner.aliases.insert(loser.id, winning);
            let (value, writer) = (winner.id, losing);
            loser.merged = Some(Register { value, writer });
            Ok(fields::absorb(winner, loser))
        }
        (_, winner) => Err(super::not_found(&winner.key())),
    }
}
