# METADATA
# title: The router
# description: >-
#   Generated from the team packages; change those. Asks the organisation, and of the teams only
#   those that the resource's owner fact names. No owner, no allow; several owners, each must allow.
package gateway

# METADATA
# title: Nothing of that name for this caller
# description: This is not available to you, or does not exist.
# custom:
#   code: ORG-001
#   about: resource
_deny contains {"code": "ORG-001", "args": {}} if {
	input.resource.name
	not _visible
}

# METADATA
# title: No rule allows it
# description: No rule allows this.
# custom:
#   code: ORG-015
#   about: resource
_deny contains {"code": "ORG-015", "args": {}} if {
	_visible
	not _allowed
}

# METADATA
# title: Judges one request for one resource
# entrypoint: true
decision := object.union(_agent_member, {
	"v": 1,
	"effect": _effect,
	"reasons": _reasons,
	"obligations": _obligations,
	"acrs": {acr | some requirement in _step_up; some acr in requirement.acrs},
	"grants": {owner |
		count(data.org.baseline.barred) == 0
		some owner in _owners
		input.resource.name in _grants[owner]
	},
	"labels": _labels,
})

# METADATA
# title: What this caller could ever be allowed to read with this operation
# entrypoint: true
visible := {"v": 1, "resources": {name |
	count(data.org.baseline.barred) == 0
	some name, resource in data.facts.resources
	resource.connector == input.action.connector
	owners := _owners_of(resource)
	count(owners) > 0
	every owner in owners {
		name in _grants[owner]
	}
}}

_resource := data.facts.resources[input.resource.name]

_owners := _owners_of(_resource)

_owners_of(resource) := {resource.owner} if is_string(resource.owner)

_owners_of(resource) := {owner | some owner in resource.owner} if is_array(resource.owner)

_visible if {
	count(data.org.baseline.barred) == 0
	count(_owners) > 0
	every owner in _owners {
		input.resource.name in _grants[owner]
	}
}

_allowed if {
	count(_owners) > 0
	every owner in _owners {
		some _ in _allow[owner]
	}
}

default _effect := "deny"

_effect := "step_up" if {
	count(_deny) == 0
	count(_step_up) > 0
}

_effect := "approval_needed" if {
	count(_deny) == 0
	count(_step_up) == 0
	count(_approval) > 0
}

_effect := "allow" if {
	count(_deny) == 0
	count(_step_up) == 0
	count(_approval) == 0
	_allowed
}

_reasons := _deny if _effect == "deny"

_reasons := {{"code": requirement.code, "args": requirement.args} |
	some requirement in _step_up
} if {
	_effect == "step_up"
}

_reasons := _approval if _effect == "approval_needed"

_reasons := {{"code": code, "args": {}} |
	some owner in _owners
	some code in _allow[owner]
} if {
	_effect == "allow"
}

default _obligations := set()

_obligations := data.org.baseline.obligations | _obliged if _effect == "allow"

default _labels := {"resource": set(), "columns": {}}

_labels := {
	"resource": {label | some label in _resource.labels},
	"columns": {column: labels |
		some column in input.action.columns
		labels := {label | some label in _resource.columns[column].labels}
	},
} if {
	_resource
}

default _agent_member := {}

_agent_member := {"agent": data.facts.agents[input.actor.client].name}

_deny contains reason if some reason in data.org.baseline.deny

_step_up contains requirement if some requirement in data.org.baseline.require_step_up

_approval contains reason if some reason in data.org.baseline.require_approval

# one block a team

_grants["directory"] := data.team.directory.grants

_allow["directory"] := data.team.directory.allow if "directory" in _owners

_deny contains reason if {
	"directory" in _owners
	some reason in data.team.directory.deny
}

_step_up contains requirement if {
	"directory" in _owners
	some requirement in data.team.directory.require_step_up
}

_approval contains reason if {
	"directory" in _owners
	some reason in data.team.directory.require_approval
}

_obliged contains obligation if {
	"directory" in _owners
	some obligation in data.team.directory.obligations
}

_grants["sales"] := data.team.sales.grants

_allow["sales"] := data.team.sales.allow if "sales" in _owners

_deny contains reason if {
	"sales" in _owners
	some reason in data.team.sales.deny
}

_step_up contains requirement if {
	"sales" in _owners
	some requirement in data.team.sales.require_step_up
}

_approval contains reason if {
	"sales" in _owners
	some reason in data.team.sales.require_approval
}

_obliged contains obligation if {
	"sales" in _owners
	some obligation in data.team.sales.obligations
}
