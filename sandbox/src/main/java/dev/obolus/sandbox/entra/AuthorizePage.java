// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

import java.net.URI;
import java.util.Map;
import java.util.Optional;

/** The pick-a-user page, and the checks before it is shown. */
final class AuthorizePage {
  private static final String CALLBACK = "/login/oauth2/code/obolus";

  private AuthorizePage() {}

  /** Why the request for a sign-in is not taken, if it is not. */
  static Optional<String> fault(Map<String, String> query) {
    Optional<Directory.App> client = Directory.app(query.getOrDefault("client_id", ""));
    if (client.isEmpty()) {
      return Optional.of("AADSTS700016: the application was not found in the directory.");
    }
    if (!client.get().scopes().isEmpty() || client.get().name().equals("nightly-job")) {
      return Optional.of("AADSTS500113: no reply address is registered for the application.");
    }
    if (!isOurs(client.get(), query.getOrDefault("redirect_uri", ""))) {
      return Optional.of(
          "AADSTS50011: the redirect URI does not match those configured for the application: http(s) on a loopback host.");
    }
    if (!query.getOrDefault("response_type", "").equals("code")) {
      return Optional.of("AADSTS700054: only response_type=code is answered.");
    }
    if (!query.getOrDefault("code_challenge_method", "").equals("S256")
        || query.getOrDefault("code_challenge", "").isEmpty()) {
      return Optional.of("AADSTS9002325: Proof Key for Code Exchange (S256) is required.");
    }
    return Optional.empty();
  }

  /** The redirect's scheme, host and port, for the page's content security policy. */
  static String origin(Map<String, String> query) {
    URI uri = URI.create(query.getOrDefault("redirect_uri", ""));
    return uri.getScheme() + "://" + uri.getAuthority();
  }

  static String page(Map<String, String> query, String nonce) {
    var html = new StringBuilder();
    html.append(head("Pick a user", nonce));
    html.append(
        "<p>This is the sandbox's stand-in for Microsoft Entra. Nobody is asked for a password.</p><ul>");
    for (Directory.User user : Directory.users()) {
      html.append("<li><form method=post>");
      query.forEach((name, value) ->
          html.append("<input type=hidden name=\"")
              .append(escape(name))
              .append("\" value=\"")
              .append(escape(value))
              .append("\">"));
      html.append("<button name=user value=\"")
          .append(user.name())
          .append("\"><b>")
          .append(escape(user.displayName()))
          .append("</b><span>")
          .append(user.name());
      if (!user.operatorRoles().isEmpty()) {
        html.append(" · ").append(String.join(", ", user.operatorRoles()));
      }
      html.append("</span></button></form></li>");
    }
    return html.append("</ul></main>").toString();
  }

  static String refusal(String fault, String nonce) {
    return head("This sign-in is not possible", nonce) + "<p>" + escape(fault) + "</p></main>";
  }

  /** The console has one path; native clients have any. */
  private static boolean isOurs(Directory.App client, String redirect) {
    return isLoopback(redirect)
        && (!client.name().equals("console") || CALLBACK.equals(URI.create(redirect).getPath()));
  }

  /** A web address on this machine. */
  static boolean isLoopback(String address) {
    try {
      URI uri = URI.create(address);
      String host = uri.getHost() == null ? "" : uri.getHost();
      boolean loopback =
          host.equals("127.0.0.1") || host.equals("localhost") || host.equals("[::1]");
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      return loopback && web && uri.getFragment() == null && uri.getUserInfo() == null;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static String head(String title, String nonce) {
    return """
    <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark"><title>%1$s</title>
    <style nonce="%2$s">
    body{font:15px/1.5 system-ui,sans-serif;margin:0;background:light-dark(#f5f7fa,#0d1117);color:light-dark(#131a26,#e7ecf3)}
    main{max-width:26rem;margin:4rem auto;padding:0 1rem}h1{font-size:1.25rem}
    ul{list-style:none;padding:0;display:grid;gap:.5rem}
    button{width:100%%;min-height:48px;text-align:left;padding:.5rem .9rem;font:inherit;color:inherit;background:light-dark(#fff,#141a23);
    border:1px solid light-dark(#7c889b,#6b7a90);border-radius:6px;cursor:pointer}
    button:hover{background:light-dark(#f0f3f8,#1b232e)}button:focus-visible{outline:2px solid light-dark(#3f4bc9,#9aa5ff);outline-offset:2px}
    span{display:block;font-size:.85rem;color:light-dark(#465264,#b4bfcd)}
    </style><main><h1>%1$s</h1>
    """
        .formatted(title, nonce);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
