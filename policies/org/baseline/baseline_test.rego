package org.baseline_test

import data.org.baseline

_case(name) := data.fixtures.cases[name].input

_denied(name) := {reason.code | some reason in denials} if {
	denials := baseline.deny with input as _case(name) with data.facts as data.fixtures.facts
}

test_nothing_stands_against_alice if _denied("alice_reads_orders") == set()

test_an_application_alone_is_refused if "ORG-002" in _denied("nightly_job_on_its_own")

test_an_unregistered_agent_is_refused if "ORG-003" in _denied("alice_through_rogue_agent")

test_an_unregistered_lane_is_refused if _denied("alice_on_another_lane") == {"ORG-004"}

test_an_unregistered_operation_is_refused if {
	_denied("alice_by_an_unregistered_operation") == {"ORG-005"}
}

test_what_is_not_proven_a_read_is_refused if {
	_denied("alice_deletes") == {"ORG-006"}
	_denied("alice_executes") == {"ORG-006"}
}

test_what_is_not_proven_a_read_need_not_name_anything if {
	_denied("alice_sends_what_is_not_proven_a_read") == {"ORG-006"}
}

test_a_request_for_nothing_is_refused if _denied("alice_names_nothing") == {"ORG-007"}

test_personal_data_needs_a_purpose if {
	_denied("alice_gives_no_purpose") == {"ORG-008"}
	_denied("alice_reads_orders_without_personal_columns") == set()
}

test_a_purpose_counts_only_if_the_client_lists_it if {
	_denied("alice_gives_an_unlisted_purpose") == {"ORG-009"}
}

test_a_purpose_counts_only_for_what_it_covers if {
	facts := object.union(
		data.fixtures.facts,
		{"purposes": {"quarterly-report": {"covers": ["other"]}}},
	)
	denials := baseline.deny with input as _case("alice_reads_orders") with data.facts as facts
	denials == {{"code": "ORG-009", "args": {}}}
}

test_a_purpose_counts_only_for_whom_it_is if {
	facts := object.union(
		data.fixtures.facts,
		{"purposes": {"quarterly-report": {"groups": []}}},
	)
	denials := baseline.deny with input as _case("alice_reads_orders") with data.facts as facts
	denials == {{"code": "ORG-009", "args": {}}}
}

test_labels_of_the_resource_count_too if {
	facts := object.union(
		data.fixtures.facts,
		{"resources": {"main.sales.forecast": {"labels": ["pii"]}}},
	)
	denials := baseline.deny with input as _case("alice_reads_forecast") with data.facts as facts
	denials == {{"code": "ORG-008", "args": {}}}
}

test_a_person_not_known_is_refused if _denied("alice_of_another_tenant") == {"ORG-010"}

test_a_resource_without_facts_is_refused if {
	{"ORG-011", "ORG-013", "ORG-014"} & _denied("alice_asks_for_an_invented_table") == {
		"ORG-011", "ORG-013", "ORG-014",
	}
}

test_a_resource_without_labels_is_refused if {
	facts := json.remove(data.fixtures.facts, ["resources/main.sales.orders/labels"])
	denials := baseline.deny with input as _case("alice_reads_orders") with data.facts as facts
	denials == {{"code": "ORG-012", "args": {}}}
}

test_a_column_without_labels_is_refused if {
	_denied("alice_asks_for_an_invented_column") == {"ORG-013"}
}

test_another_connectors_resource_is_refused if {
	"ORG-014" in _denied("alice_through_another_connector")
}

test_groups_not_all_known_are_refused if {
	"ORG-016" in _denied("alices_groups_are_not_all_known")
	_denied("alice_looks_up_her_groups") == set()
}

test_silence_about_groups_is_refused if {
	request := json.remove(_case("alice_reads_orders"), ["subject/groups_complete"])
	denials := baseline.deny with input as request with data.facts as data.fixtures.facts
	denials == {{"code": "ORG-016", "args": {}}}
}

test_rows_have_a_ceiling if {
	baseline.obligations == {{"rule": "ORG-020", "type": "max_rows", "rows": 10000}}
}
