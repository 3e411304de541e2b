# METADATA
# title: Who may read sales
# description: >-
#   The sales team's own rules for what it owns. They read the input, this package and facts, and
#   are asked only about resources whose owner is `sales`.
package team.sales

# METADATA
# title: What the caller's groups may read
# description: Names only; whether sales owns them is the router's to check.
grants contains name if {
	some group in input.subject.groups
	some name in data.facts.groups[group].reads
}

# METADATA
# title: Readers of sales may read
# description: A group that the person belongs to may read this.
# custom:
#   code: SALES-001
#   about: resource
allow contains "SALES-001" if {
	input.action.class == "read"
	input.resource.name in grants
}

# METADATA
# title: The person's region is not known
# description: Only rows of the person's own region may be read, and that region is not known.
# custom:
#   code: SALES-002
#   about: resource
deny contains {"code": "SALES-002", "args": {}} if {
	not _all_regions
	not _region
}

# METADATA
# title: The resource has no region
# description: Only rows of the person's own region may be read, and this resource is not kept by region.
# custom:
#   code: SALES-003
#   about: resource
deny contains {"code": "SALES-003", "args": {}} if {
	not _all_regions
	not _resource.columns.region
}

# METADATA
# title: It is not known which columns hold e-mail addresses
# description: E-mail addresses are masked, and it is not known whether a column holds them.
# custom:
#   code: SALES-004
#   about: resource
deny contains {"code": "SALES-004", "args": {}} if not _columns_labelled

# METADATA
# title: Rows of the person's own region
# description: Only rows of your own region are shown.
# custom:
#   code: SALES-010
#   about: resource
obligations contains {
	"rule": "SALES-010",
	"type": "row_filter",
	"resource": input.resource.name,
	"predicate": {"type": "field", "field": "region", "operator": "eq", "value": _region},
} if {
	not _all_regions
}

# METADATA
# title: E-mail addresses are masked
# description: E-mail addresses are masked.
# custom:
#   code: SALES-011
#   about: resource
obligations contains {
	"rule": "SALES-011",
	"type": "column_mask",
	"resource": input.resource.name,
	"column": column,
	"mask": {"type": "replace", "text": "***"},
} if {
	some column in input.action.columns
	"email" in _resource.columns[column].labels
}

# METADATA
# title: A thousand rows at a time
# description: At most 1,000 rows of sales data are answered.
# custom:
#   code: SALES-012
#   about: resource
obligations contains {"rule": "SALES-012", "type": "max_rows", "rows": 1000}

_resource := data.facts.resources[input.resource.name]

_region := region if {
	region := data.facts.users[input.subject.id].region
	region != ""
}

_all_regions if {
	some group in input.subject.groups
	data.facts.groups[group].all_regions == true
}

_columns_labelled if {
	every column in input.action.columns {
		is_array(_resource.columns[column].labels)
	}
}
