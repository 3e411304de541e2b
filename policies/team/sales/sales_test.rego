package team.sales_test

import data.team.sales

_case(name) := data.fixtures.cases[name].input

_denied(name) := {reason.code | some reason in denials} if {
	denials := sales.deny with input as _case(name) with data.facts as data.fixtures.facts
}

_obliged(name) := {obligation.rule | some obligation in obligations} if {
	obligations := sales.obligations with input as _case(name) with data.facts as data.fixtures.facts
}

_allowed(name) := allow if {
	allow := sales.allow with input as _case(name) with data.facts as data.fixtures.facts
}

test_readers_may_read if _allowed("alice_reads_orders") == {"SALES-001"}

test_readers_may_not_delete if _allowed("alice_deletes") == set()

test_others_may_not_read if _allowed("bob_asks_for_orders") == set()

test_rows_are_filtered_by_the_persons_region if {
	obligations := sales.obligations with input as _case("alice_reads_orders")
		with data.facts as data.fixtures.facts
	some filter in obligations
	filter.type == "row_filter"
	filter.predicate == {"type": "field", "field": "region", "operator": "eq", "value": "EMEA"}
}

test_global_readers_see_every_region if {
	_obliged("gita_reads_all_regions") == {"SALES-011", "SALES-012"}
	_denied("gita_reads_all_regions") == set()
}

# where the filter cannot be written, its twin denies

test_an_unknown_region_denies if {
	_denied("nora_has_no_region") == {"SALES-002"}
	not "SALES-010" in _obliged("nora_has_no_region")
}

test_an_empty_region_denies if {
	facts := object.union(
		data.fixtures.facts,
		{"users": {_case("alice_reads_orders").subject.id: {"region": ""}}},
	)
	denials := sales.deny with input as _case("alice_reads_orders") with data.facts as facts
	denials == {{"code": "SALES-002", "args": {}}}
}

test_a_table_without_regions_denies if _denied("ledger_has_no_region") == {"SALES-003"}

test_an_unlabelled_column_denies if {
	_denied("alice_asks_for_an_invented_column") == {"SALES-004"}
}

test_only_asked_email_columns_are_masked if {
	"SALES-011" in _obliged("alice_reads_orders")
	not "SALES-011" in _obliged("alice_reads_orders_without_personal_columns")
}
