package team.directory_test

import data.team.directory

_case(name) := data.fixtures.cases[name].input

_allowed(request) := allow if {
	allow := directory.allow with input as request with data.facts as data.fixtures.facts
}

_own := _case("alice_looks_up_her_groups")

test_everybody_reads_his_own_groups if _allowed(_own) == {"DIRECTORY-001"}

test_nobody_writes_them if {
	_allowed(object.union(_own, {"action": {"class": "write"}})) == set()
}

test_nothing_else_is_read if {
	_allowed(object.union(_own, {"resource": {"name": "graph.users.groups"}})) == set()
	_allowed(_case("alice_reads_orders")) == set()
}
