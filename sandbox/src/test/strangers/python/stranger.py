# SPDX-License-Identifier: Apache-2.0
# Copyright the Obolus authors
"""MSAL for Python, as it is, against the stand-in Entra. Prints what it got as one JSON object:
claims and error members, never a token. Arguments: authority, folder with secrets and ca.pem."""
import base64
import json
import pathlib
import sys

import msal
import requests

AUTHORITY, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
ID = "0b010500-0000-4000-8000-0000000000{}".format
GATEWAY, CLI, NIGHTLY_JOB = ID("a1"), ID("a4"), ID("b2")
GATEWAY_SCOPE = ["api://obolus/access_as_user"]
DATABRICKS = ["2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default"]
CA = str(FOLDER / "ca.pem")


def application(kind, client, **more):
    return kind(client, authority=AUTHORITY, instance_discovery=False, verify=CA, **more)


def secret(name):
    return (FOLDER / (name + ".secret")).read_text().strip()


def told(answer):
    """The claims of the access token, or the refusal."""
    if answer is None or "access_token" not in answer:
        wanted = ("error", "suberror", "error_codes", "claims", "correlation_id")
        return {name: (answer or {}).get(name) for name in wanted}
    body = answer["access_token"].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def device_sign_in(client, user, **more):
    flow = client.initiate_device_flow(scopes=GATEWAY_SCOPE, **more)
    page = requests.post(
        flow["verification_uri"], data={"user_code": flow["user_code"], "user": user}, verify=CA)
    page.raise_for_status()
    return client.acquire_token_by_device_flow(flow)


cli = application(msal.PublicClientApplication, CLI)
gateway = application(
    msal.ConfidentialClientApplication, GATEWAY, client_credential=secret("gateway-client"))
job = application(
    msal.ConfidentialClientApplication, NIGHTLY_JOB, client_credential=secret("nightly-job"))

signed_in = device_sign_in(cli, "alice")
account = cli.get_accounts()[0]
first = gateway.acquire_token_on_behalf_of(signed_in["access_token"], DATABRICKS)
bob = device_sign_in(cli, "bob")
weak = gateway.acquire_token_on_behalf_of(bob["access_token"], DATABRICKS)
stronger = device_sign_in(cli, "bob", claims_challenge=weak.get("claims"))
print(json.dumps({
    "version": msal.__version__,
    "signedIn": told(signed_in),
    "account": account["username"],
    "refreshed": told(cli.acquire_token_silent(GATEWAY_SCOPE, account, force_refresh=True)),
    "onBehalfOf": told(first),
    "challenged": told(weak),
    "steppedUp": told(gateway.acquire_token_on_behalf_of(stronger["access_token"], DATABRICKS)),
    "application": told(job.acquire_token_for_client(["api://obolus/.default"])),
}))
