# METADATA
# title: What holds for everybody
# description: >-
#   The organisation's own rules. They deny, require and oblige; they never allow. Each denial is
#   written as the absence of a proof, so that a missing fact denies.
package org.baseline

# who asks, and through what: these hold before any resource is looked at

# METADATA
# title: An application on its own may not ask
# description: An application on its own may not ask for this; a person has to be present.
# custom:
#   code: ORG-002
#   about: caller
barred contains {"code": "ORG-002", "args": {}} if not _person

# METADATA
# title: The agent is not registered
# description: The application that calls is not a registered agent.
# custom:
#   code: ORG-003
#   about: caller
barred contains {"code": "ORG-003", "args": {}} if not _agent

# METADATA
# title: The lane is not registered for the agent
# description: The agent is not registered for the way in which identity would travel here ({lane}).
# custom:
#   code: ORG-004
#   about: request
#   args:
#     lane:
#       from: action.lane
barred contains {"code": "ORG-004", "args": {"lane": input.action.lane}} if {
	_agent
	not _lane_registered
}

# METADATA
# title: The operation is not registered for the agent
# description: The agent is not registered for the operation {operation}.
# custom:
#   code: ORG-005
#   about: request
#   args:
#     operation:
#       from: action.operation
barred contains {"code": "ORG-005", "args": {"operation": input.action.operation}} if {
	_agent
	not _operation_registered
}

# METADATA
# title: The person is not known
# description: Nothing is known here about the person who asks.
# custom:
#   code: ORG-010
#   about: caller
barred contains {"code": "ORG-010", "args": {}} if {
	_person
	not _user
}

deny contains reason if some reason in barred

# what is asked

# METADATA
# title: Not proven a read
# description: The request is not proven to be a read (it counts as {class}), and only reads are allowed.
# custom:
#   code: ORG-006
#   about: request
#   args:
#     class:
#       enum: [write, delete, execute, admin]
deny contains {"code": "ORG-006", "args": {"class": input.action.class}} if not _read

# METADATA
# title: A read that names no resource
# description: The request names nothing that could be judged.
# custom:
#   code: ORG-007
#   about: request
deny contains {"code": "ORG-007", "args": {}} if {
	_read
	not input.resource.name
}

# METADATA
# title: Personal data without a purpose
# description: Personal data needs a purpose, and none was given.
# custom:
#   code: ORG-008
#   about: resource
deny contains {"code": "ORG-008", "args": {}} if {
	_personal
	not input.claimed.purpose
}

# METADATA
# title: The purpose does not count
# description: >-
#   Personal data needs a purpose. The one given does not count: it is not registered for this
#   agent, does not cover this data, or is not this person's to give.
# custom:
#   code: ORG-009
#   about: resource
deny contains {"code": "ORG-009", "args": {}} if {
	_personal
	input.claimed.purpose
	not _purpose_counts
}

# what is asked for: a missing fact refuses

# METADATA
# title: Nobody owns the resource
# description: It is not known who owns this resource.
# custom:
#   code: ORG-011
#   about: resource
deny contains {"code": "ORG-011", "args": {}} if {
	input.resource.name
	not _owned
}

# METADATA
# title: The resource carries no labels
# description: It is not known how sensitive this resource is.
# custom:
#   code: ORG-012
#   about: resource
deny contains {"code": "ORG-012", "args": {}} if {
	input.resource.name
	not _labelled
}

# METADATA
# title: A column carries no labels
# description: It is not known how sensitive a column of this resource is.
# custom:
#   code: ORG-013
#   about: resource
deny contains {"code": "ORG-013", "args": {}} if {
	input.resource.name
	not _columns_labelled
}

# METADATA
# title: Another connector's resource
# description: This resource does not belong to the connector that was asked.
# custom:
#   code: ORG-014
#   about: resource
deny contains {"code": "ORG-014", "args": {}} if {
	input.resource.name
	not _of_this_connector
}

# METADATA
# title: The person's groups are not all known
# description: >-
#   You belong to more groups than your token lists, and they could not be looked up here.
# custom:
#   code: ORG-016
#   about: caller
deny contains {"code": "ORG-016", "args": {}} if not _judgeable

# METADATA
# title: A ceiling on rows
# description: At most 10,000 rows are answered.
# custom:
#   code: ORG-020
#   about: request
obligations contains {"rule": "ORG-020", "type": "max_rows", "rows": 10000}

_person if {
	input.subject.kind == "user"
	input.subject.id
}

_agent := data.facts.agents[input.actor.client]

_user := user if {
	user := data.facts.users[input.subject.id]
	user.tenant == input.subject.tenant
}

_resource := data.facts.resources[input.resource.name]

# A negated call is silent where an argument is unknown; a negated rule is not. So only rules are
# negated here.

_lane_registered if input.action.lane in _agent.lanes

_operation_registered if {
	concat("/", [input.action.connector, input.action.operation]) in _agent.operations
}

_judgeable if input.subject.groups_complete

# what concerns only the person who asks does not depend on his groups
_judgeable if "own" in _resource.labels

_read if input.action.class == "read"

_labelled if is_array(_resource.labels)

_of_this_connector if _resource.connector == input.action.connector

_owned if _resource.owner != ""

_columns_labelled if {
	every column in input.action.columns {
		is_array(_resource.columns[column].labels)
	}
}

_personal if "pii" in _resource.labels

_personal if {
	some column in input.action.columns
	"pii" in _resource.columns[column].labels
}

_purpose_counts if {
	input.claimed.purpose in _agent.purposes
	purpose := data.facts.purposes[input.claimed.purpose]
	"pii" in purpose.covers
	some group in input.subject.groups
	group in purpose.groups
}
