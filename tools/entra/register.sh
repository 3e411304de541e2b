#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright the Obolus authors
#
# Registers Obolus in an Entra tenant by the Azure CLI: the gateway's API, the operators' API, the
# console, and one agent. Run it as somebody who may register applications and consent for the
# tenant (Cloud Application Administrator), after `az login`. Run again it makes new applications:
# it changes none that are there.
#
#   tools/entra/register.sh --certificate gateway.pem --console https://console.example.com \
#       --agent "Finance copilot" > obolus-identity.yaml
#
# What it prints on stdout is the gateway's configuration; no secret is made or printed.
set -eu

DATABRICKS=2ff814a6-3304-4ab8-85cb-cd0e6f879c1d
DATABRICKS_SCOPE=user_impersonation
CLI_REDIRECT=http://localhost

certificate=""
console=""
agent="Obolus agent"
while [ $# -gt 0 ]; do
  case "$1" in
    --certificate) certificate="$2"; shift 2 ;;
    --console) console="$2"; shift 2 ;;
    --agent) agent="$2"; shift 2 ;;
    *) echo "register: no such option: $1" >&2; exit 2 ;;
  esac
done
[ -f "$certificate" ] || { echo "register: --certificate names no file (PEM, the public part is enough)" >&2; exit 2; }
case "$console" in https://*) ;; *) echo "register: --console is not an https address" >&2; exit 2 ;; esac

say() { printf '%s\n' "$*" >&2; }
graph() { az rest --headers Content-Type=application/json "$@" --output none; }
create() { az ad app create --display-name "$1" --sign-in-audience AzureADMyOrg --query '[appId,id]' --output tsv | tr '\n' ' '; }
uuid() { python3 -c 'import uuid; print(uuid.uuid4())'; }

tenant="$(az account show --query tenantId --output tsv)"

say "The gateway's API …"
read -r api api_object <<<"$(create "Obolus")"
scope="$(uuid)"
graph --method PATCH --uri "https://graph.microsoft.com/v1.0/applications/$api_object" --body "{
  \"identifierUris\": [\"api://$api\"],
  \"groupMembershipClaims\": \"SecurityGroup\",
  \"web\": {\"redirectUris\": [\"$console/\"]},
  \"api\": {
    \"requestedAccessTokenVersion\": 2,
    \"oauth2PermissionScopes\": [{
      \"id\": \"$scope\", \"value\": \"access_as_user\", \"type\": \"User\", \"isEnabled\": true,
      \"adminConsentDisplayName\": \"Ask for data as the signed-in person\",
      \"adminConsentDescription\": \"Lets an agent ask Obolus for data as the person who signed in.\",
      \"userConsentDisplayName\": \"Ask for data as you\",
      \"userConsentDescription\": \"Lets this agent ask for data as you.\"}]
  },
  \"optionalClaims\": {\"accessToken\": [
    {\"name\": \"idtyp\", \"essential\": false, \"additionalProperties\": [\"include_user_token\"]},
    {\"name\": \"acct\", \"essential\": false}, {\"name\": \"acrs\", \"essential\": false},
    {\"name\": \"xms_cc\", \"essential\": false}, {\"name\": \"xms_sub_fct\", \"essential\": false},
    {\"name\": \"xms_act_fct\", \"essential\": false},
    {\"name\": \"xms_par_app_azp\", \"essential\": false}]}
}"
az ad app credential reset --id "$api" --cert "@$certificate" --append --output none
az ad sp create --id "$api" --output none
permission="$(az ad sp show --id "$DATABRICKS" --query "oauth2PermissionScopes[?value=='$DATABRICKS_SCOPE'].id" --output tsv)"
az ad app permission add --id "$api" --api "$DATABRICKS" --api-permissions "$permission=Scope" --output none

say "The operators' API …"
read -r operator operator_object <<<"$(create "Obolus operators")"
operate="$(uuid)"
roles=""
for role in Soc Author Approver Auditor Platform Admin; do
  roles="$roles${roles:+,}{\"id\": \"$(uuid)\", \"value\": \"$role\", \"displayName\": \"$role\",
    \"description\": \"$role at the Obolus console\", \"allowedMemberTypes\": [\"User\"], \"isEnabled\": true}"
done
graph --method PATCH --uri "https://graph.microsoft.com/v1.0/applications/$operator_object" --body "{
  \"identifierUris\": [\"api://$operator\"],
  \"appRoles\": [$roles],
  \"optionalClaims\": {\"accessToken\": [
    {\"name\": \"auth_time\", \"essential\": false},
    {\"name\": \"email\", \"essential\": false}, {\"name\": \"upn\", \"essential\": false}]},
  \"api\": {
    \"requestedAccessTokenVersion\": 2,
    \"oauth2PermissionScopes\": [{
      \"id\": \"$operate\", \"value\": \"operate\", \"type\": \"Admin\", \"isEnabled\": true,
      \"adminConsentDisplayName\": \"Operate Obolus\",
      \"adminConsentDescription\": \"Lets the console and the command line act as the signed-in operator.\"}]
  }
}"
az ad sp create --id "$operator" --output none
graph --method PATCH --uri "https://graph.microsoft.com/v1.0/servicePrincipals(appId='$operator')" --body '{"appRoleAssignmentRequired": true}'

say "The console …"
read -r web web_object <<<"$(create "Obolus console")"
graph --method PATCH --uri "https://graph.microsoft.com/v1.0/applications/$web_object" --body "{
  \"web\": {\"redirectUris\": [\"$console/login/oauth2/code/obolus\"]}}"
az ad app permission add --id "$web" --api "$operator" --api-permissions "$operate=Scope" --output none
az ad sp create --id "$web" --output none

say "The agent …"
read -r client client_object <<<"$(create "$agent")"
graph --method PATCH --uri "https://graph.microsoft.com/v1.0/applications/$client_object" --body "{
  \"publicClient\": {\"redirectUris\": [\"$CLI_REDIRECT\"]}}"
az ad app permission add --id "$client" --api "$api" --api-permissions "$scope=Scope" --output none
az ad sp create --id "$client" --output none
graph --method PATCH --uri "https://graph.microsoft.com/v1.0/applications/$api_object" --body "{
  \"api\": {\"preAuthorizedApplications\": [{\"appId\": \"$client\", \"delegatedPermissionIds\": [\"$scope\"]}]}}"

say "Consent for the tenant (a new service principal may need half a minute) …"
for app in "$api" "$web"; do
  for _ in 1 2 3 4 5 6; do
    az ad app permission admin-consent --id "$app" --output none 2>/dev/null && break
    sleep 10
  done
done

cat <<YAML
obolus:
  identity:
    tenants: [$tenant]
    audiences: [$api, "api://$api"]
    scope: access_as_user
  operator:
    audience: $operator
    clients: [$web]
    tenants: [$tenant]
    scope: operate
  obo:
    client-id: $api
    certificate-file: /etc/obolus/gateway.pem # key and certificate, 0600
# the agent's client id, for the agents' facts: $client
YAML
