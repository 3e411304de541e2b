// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
// MSAL for Node, as it is, against the stand-in Entra. Prints what it got as one JSON object: claims
// and error members, never a token. Arguments: authority, folder with secrets. Trusts the sandbox's
// authority by NODE_EXTRA_CA_CERTS.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const msal = require("@azure/msal-node");

const [authority, folder] = process.argv.slice(2);
const id = (end) => "0b010500-0000-4000-8000-0000000000" + end;
const GATEWAY_SCOPE = ["api://obolus/access_as_user"];
const DATABRICKS = ["2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default"];
const REPLY = "http://localhost:7777/";

const auth = (clientId) => ({
  clientId,
  authority,
  knownAuthorities: [new URL(authority).host, "entra.obolus.test"],
});
const secret = (name) => fs.readFileSync(path.join(folder, name + ".secret"), "utf8").trim();
const confidential = (clientId, name) =>
  new msal.ConfidentialClientApplication({
    auth: { ...auth(clientId), clientSecret: secret(name) },
  });

function told(answer) {
  const claims = JSON.parse(Buffer.from(answer.accessToken.split(".")[1], "base64url"));
  return { ...claims, from: answer.fromCache ? "cache" : "identity_provider" };
}

async function refusal(call) {
  try {
    return told(await call);
  } catch (e) {
    return { error: e.errorCode, suberror: e.subError, claims: e.claims, kind: e.name };
  }
}

/** The browser's part: picks the user on the page, takes the code from the redirect. */
async function pick(address, user) {
  const url = new URL(address);
  const form = new URLSearchParams(url.search);
  form.set("user", user);
  const answer = await fetch(url.origin + url.pathname, {
    method: "POST",
    body: form,
    redirect: "manual",
  });
  return new URL(answer.headers.get("location")).searchParams.get("code");
}

async function signIn(client, user, claims) {
  const { verifier, challenge } = await new msal.CryptoProvider().generatePkceCodes();
  const request = { scopes: GATEWAY_SCOPE, redirectUri: REPLY, claims };
  const address = await client.getAuthCodeUrl({
    ...request,
    codeChallenge: challenge,
    codeChallengeMethod: "S256",
  });
  const code = await pick(address, user);
  return client.acquireTokenByCode({ ...request, code, codeVerifier: verifier });
}

async function main() {
  const cli = new msal.PublicClientApplication({ auth: auth(id("a4")) });
  const gateway = confidential(id("a1"), "gateway-client");
  const job = confidential(id("b2"), "nightly-job");
  const exchange = (token) =>
    gateway.acquireTokenOnBehalfOf({ oboAssertion: token, scopes: DATABRICKS });

  const signedIn = await signIn(cli, "alice");
  const first = await exchange(signedIn.accessToken);
  const bob = await signIn(cli, "bob");
  const challenged = await refusal(exchange(bob.accessToken));
  const stronger = await signIn(cli, "bob", challenged.claims);
  console.log(
    JSON.stringify({
      version: require("@azure/msal-node/package.json").version,
      signedIn: told(signedIn),
      account: signedIn.account.username,
      refreshed: told(
        await cli.acquireTokenSilent({
          account: signedIn.account,
          scopes: GATEWAY_SCOPE,
          forceRefresh: true,
        }),
      ),
      onBehalfOf: told(first),
      again: told(await exchange(signedIn.accessToken)),
      challenged,
      steppedUp: told(await exchange(stronger.accessToken)),
      application: told(
        await job.acquireTokenByClientCredential({ scopes: ["api://obolus/.default"] }),
      ),
    }),
  );
}

main().catch((fault) => {
  console.error(fault.errorCode || fault.name, fault.errorMessage || fault.message);
  process.exit(1);
});
