"""Pack to Issues: every fact that must hold between the parts of a pack, one function a fact, in one visible tuple."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from salesrules.check import (
    about,
    assignment,
    changes,
    computed,
    conduct,
    credits,
    derived,
    dimensions,
    entities,
    fairness,
    ids,
    incentives,
    kpis,
    modules,
    policies,
    potential,
    quality,
    runnable,
    separation,
    stages,
    tables,
    targets,
)
from salesrules.check.reach import REACH
from salesrules.check.rules import ANALYSES
from salesrules.issue import Issue, in_order
from salesrules.meaning import Meanings, meanings_of
from salesrules.pack.pack import Pack

CHECKS: tuple[Callable[[Pack], Iterator[Issue]], ...] = (
    about.time_zones_exist,
    about.the_fiscal_year_starts_on_a_day,
    about.the_calendar_is_declared,
    about.a_pack_extends_others,
    ids.ids_are_words,
    ids.ids_differ_by_more_than_case,
    entities.people_are_an_entity,
    entities.trees_have_names_of_their_own,
    entities.keys_are_fields,
    entities.keys_are_not_masked,
    entities.masks_keep_the_end_of_a_text,
    entities.fields_say_what_their_type_needs,
    entities.fields_lead_somewhere,
    entities.references_have_single_keys,
    entities.stages_are_of_the_process_of_their_entity,
    entities.kept_and_derived_fields_exist,
    entities.rows_beside_a_record_have_kinds,
    entities.rows_beside_a_record_point_at_it,
    entities.categories_have_a_steward,
    entities.smallest_groups_are_groups,
    entities.categories_have_fields,
    quality.quality_is_asked_of_known_fields,
    quality.quality_asks_one_thing,
    dimensions.members_stand_once,
    dimensions.members_lead_to_members,
    dimensions.members_are_below_others,
    dimensions.members_end_after_they_start,
    dimensions.classifications_name_members,
    dimensions.classifications_take_every_record,
    dimensions.derived_dimensions_follow_a_process,
    dimensions.other_names_mean_members,
    potential.potentials_name_known_things,
    potential.potential_weights_total,
    computed.dimensions_have_one_origin,
    computed.computed_fields_have_one_way,
    computed.keys_are_not_computed,
    tables.value_tables_are_looked_up_by_dimensions,
    tables.weeks_have_weekdays,
    tables.hours_end_after_they_start,
    policies.roles_include_known_roles,
    policies.roles_are_scoped_by_dimensions,
    policies.posts_are_in_known_roles,
    policies.role_inclusion_ends,
    policies.slices_name_entities,
    policies.slices_follow_references,
    policies.exclusive_slices_are_declared,
    policies.slices_are_not_made_of_themselves,
    policies.grants_name_known_things,
    policies.row_actions_are_granted_on_whole_rows,
    policies.granted_roles_have_the_scope,
    modules.modules_hold_known_things,
    modules.granted_modules_are_known,
    modules.row_actions_are_granted_on_whole_entities,
    separation.separations_are_of_two_powers,
    separation.separations_meet_in_dimensions,
    separation.delegations_name_known_things,
    separation.emergencies_name_known_things,
    stages.processes_are_of_an_entity,
    stages.records_say_their_stage,
    stages.stages_stand_once,
    stages.stages_lead_to_stages,
    stages.stages_say_where_they_lead,
    stages.stages_are_reached,
    stages.stages_can_end,
    stages.stages_count_under_a_lifecycle,
    stages.stages_name_known_things,
    stages.tasks_stand_once,
    stages.clocks_reach_someone,
    conduct.conduct_is_of_an_entity,
    conduct.someone_settles_violations,
    conduct.deviations_can_come_about,
    assignment.pools_name_known_things,
    assignment.pools_are_split_by_a_level,
    assignment.recycling_comes_to_something,
    assignment.assignments_name_known_things,
    assignment.assignment_rules_stand_once,
    assignment.scores_and_teams_total,
    assignment.times_go_by_the_calendar,
    assignment.handovers_name_known_things,
    assignment.handovers_say_who_receives,
    assignment.kept_credit_totals,
    assignment.conflicts_have_a_judge,
    kpis.kpis_are_of_an_entity,
    kpis.kpis_have_names_of_their_own,
    kpis.kpis_are_not_called_like_what_they_are_grouped_by,
    kpis.kpis_sum_something_up,
    kpis.kpis_are_not_made_of_themselves,
    kpis.goals_and_days_say_something,
    kpis.rows_count_under_dimensions,
    kpis.credits_are_of_an_entity,
    kpis.scorecards_name_known_things,
    kpis.scorecard_weights_total,
    kpis.scores_and_grades_are_in_order,
    kpis.reviews_name_known_things,
    targets.targets_are_of_a_kpi,
    targets.targets_have_an_amount,
    targets.each_period_has_one_core_target,
    targets.targets_are_split_by_known_things,
    targets.target_weights_lead_somewhere,
    targets.target_weights_total,
    targets.revisions_say_what_they_apply_to,
    incentives.incentives_name_known_things,
    incentives.pay_tables_start_at_nothing,
    incentives.pay_tables_go_up,
    incentives.falling_rates_are_meant,
    incentives.pay_tables_say_how_they_pay,
    incentives.releases_total,
    incentives.someone_closes_the_figures,
    changes.changes_split_and_merge_members,
    changes.changed_posts_have_known_roles,
    changes.what_is_carried_is_known,
)


def facts(pack: Pack) -> tuple[Issue, ...]:
    """Every fact that does not hold between the parts of a pack, sorted by place."""
    return in_order(issue for fact in CHECKS for issue in fact(pack))


def check(pack: Pack) -> tuple[Meanings, tuple[Issue, ...]]:
    """What the pack means, and everything that is wrong with it, sorted by place."""
    meanings, issues = meanings_of(pack)
    proved = (
        issue
        for analysis in (
            *(*ANALYSES, *REACH),
            *(
                derived.derived_fields_stay_hidden,
                credits.shares_have_a_person,
                fairness.records_count_for_a_number,
                runnable.not_yet,
            ),
        )
        for issue in analysis(pack, meanings)
    )
    return meanings, in_order([*issues, *facts(pack), *proved])
