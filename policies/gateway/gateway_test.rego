package gateway_test

import data.gateway

# golden vectors: the same cases run in the gateway's own engine

test_golden_vectors[name] if {
	some name, case in data.fixtures.cases
	got := gateway.decision with input as case.input with data.facts as data.fixtures.facts
	json.unmarshal(json.marshal(got)) == case.want
}

_orders := data.fixtures.cases.alice_reads_orders.input

_salaries := data.fixtures.cases.alice_asks_for_salaries.input

_joined := data.fixtures.cases.join_has_two_owners.input

_effect(request) := decision.effect if {
	decision := gateway.decision with input as request with data.facts as data.fixtures.facts
}

# what one team allows reaches only what that team owns

test_an_allow_of_sales_does_not_reach_hr if {
	_effect(_salaries) == "deny" with data.team.sales.allow as {"x"}
	_effect(_orders) == "allow" with data.team.sales.allow as {"x"}
}

test_several_owners_must_each_allow if {
	_effect(_joined) == "deny" with data.team.sales.allow as {"x"}
}

test_one_owner_in_a_list_suffices_alone if {
	facts := object.union(
		data.fixtures.facts,
		{"resources": {"main.shared.join": {"owner": ["sales"]}}},
	)
	decision := gateway.decision with input as _joined with data.facts as facts
	decision.effect == "allow"
	decision.grants == {"sales"}
}

test_no_owner_no_allow if {
	facts := json.remove(data.fixtures.facts, ["resources/main.sales.orders/owner"])
	decision := gateway.decision with input as _orders with data.facts as facts
	decision.effect == "deny"
	{"code": "ORG-011", "args": {}} in decision.reasons
	decision.grants == set()
}

test_no_facts_no_allow if {
	decision := gateway.decision with input as _orders with data.facts as {}
	decision.effect == "deny"
	decision.labels == {"resource": set(), "columns": {}}
}

test_no_input_no_allow if {
	decision := gateway.decision with input as {} with data.facts as data.fixtures.facts
	decision.effect == "deny"
}

# deny over step-up over approval over allow

_step_up := {{"code": "ORG-090", "args": {}, "acrs": ["c1"]}}

_approval := {{"code": "ORG-091", "args": {}}}

test_the_organisation_may_require_a_step_up if {
	decision := gateway.decision with input as _orders
		with data.facts as data.fixtures.facts
		with data.org.baseline.require_step_up as _step_up
		with data.org.baseline.require_approval as _approval
	decision.effect == "step_up"
	decision.acrs == {"c1"}
	decision.reasons == {{"code": "ORG-090", "args": {}}}
	decision.obligations == set()
}

test_a_team_may_require_a_step_up if {
	_effect(_orders) == "step_up" with data.team.sales.require_step_up as _step_up
}

test_the_organisation_may_require_an_approval if {
	decision := gateway.decision with input as _orders
		with data.facts as data.fixtures.facts
		with data.org.baseline.require_approval as _approval
	decision.effect == "approval_needed"
	decision.reasons == _approval
}

test_a_team_may_require_an_approval if {
	_effect(_orders) == "approval_needed" with data.team.sales.require_approval as _approval
}

test_a_denial_overrides_a_step_up if {
	_effect(_salaries) == "deny" with data.org.baseline.require_step_up as _step_up
}

# whatever a team may say, each team may

_own_groups := data.fixtures.cases.alice_looks_up_her_groups.input

test_every_team_may_say_everything if {
	_effect(_own_groups) == "allow"
	_effect(_own_groups) == "deny" with data.team.directory.deny as {{"code": "DIRECTORY-090", "args": {}}}
	_effect(_own_groups) == "step_up" with data.team.directory.require_step_up as _step_up
	_effect(_own_groups) == "approval_needed" with data.team.directory.require_approval as _approval
	decision := gateway.decision with input as _own_groups
		with data.facts as data.fixtures.facts
		with data.team.directory.obligations as {{"rule": "DIRECTORY-091", "type": "max_rows", "rows": 1}}
	{"ORG-020", "DIRECTORY-091"} == {obligation.rule | some obligation in decision.obligations}
}

# what may ever be allowed

_seen(request) := seen.resources if {
	seen := gateway.visible with input as request with data.facts as data.fixtures.facts
}

test_alice_sees_what_sales_owns if {
	_seen(_orders) == {"main.sales.orders", "main.sales.customers", "main.sales.forecast"}
}

test_who_is_barred_sees_nothing if {
	_seen(data.fixtures.cases.alice_through_rogue_agent.input) == set()
	_seen(data.fixtures.cases.nightly_job_on_its_own.input) == set()
}

test_of_another_connector_nothing_is_seen if {
	_seen(data.fixtures.cases.alice_through_another_connector.input) == set()
}
