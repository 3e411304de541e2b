# METADATA
# title: Who may read what of the directory
# description: >-
#   What the directory knows of people. Everybody may read what concerns only himself: the source
#   answers each person about that person.
package team.directory

# METADATA
# title: What everybody may read of himself
# description: Names only; whether the directory owns them is the router's to check.
grants := {"graph.me.groups"}

# METADATA
# title: One's own entry
# description: Everybody may read which groups he belongs to.
# custom:
#   code: DIRECTORY-001
#   about: resource
allow contains "DIRECTORY-001" if {
	input.action.class == "read"
	input.resource.name in grants
}
