// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import dev.obolus.sandbox.entra.Directory;
import java.util.List;
import java.util.Map;

/** The sign-in pages as HTML, without a script. */
final class Pages {
  private Pages() {}

  /**
   * A button for each user.
   *
   * @param more a sentence about what is asked for, or empty
   * @param hidden fields that go with the choice
   */
  static String pick(
      List<Directory.User> users, String more, Map<String, String> hidden, String nonce) {
    var html = new StringBuilder(head("Pick a user", nonce));
    html.append(
        "<p>This is the sandbox's stand-in for Microsoft Entra. Nobody is asked for a password.</p>");
    if (!more.isEmpty()) {
      html.append("<p>").append(escape(more)).append("</p>");
    }
    html.append("<ul>");
    for (Directory.User user : users) {
      html.append("<li><form method=post>");
      hidden.forEach((name, value) -> html.append(hidden(name, value)));
      html.append(button(user)).append("</form></li>");
    }
    return html.append("</ul></main>").toString();
  }

  /** The page that a device sends its person to. */
  static String device(List<Directory.User> users, String userCode, String nonce) {
    var html = new StringBuilder(head("Enter the code", nonce));
    html.append(
            "<form method=post><p><label>The code that your device shows: <input name=user_code")
        .append(" autocomplete=off value=\"")
        .append(escape(userCode))
        .append("\"></label></p><ul>");
    for (Directory.User user : users) {
      html.append("<li>").append(button(user)).append("</li>");
    }
    html.append("<li><button name=decline value=yes><b>Decline</b></button></li>");
    return html.append("</ul></form></main>").toString();
  }

  /** One button that says yes. */
  static String agree(String sentence, Map<String, String> hidden, String nonce) {
    var html = new StringBuilder(head("Permissions requested", nonce));
    html.append("<p>").append(escape(sentence)).append("</p><form method=post>");
    hidden.forEach((name, value) -> html.append(hidden(name, value)));
    return html.append("<button name=agree value=yes><b>Accept</b></button></form></main>")
        .toString();
  }

  static String notice(String title, String text, String nonce) {
    return head(title, nonce) + "<p>" + escape(text) + "</p></main>";
  }

  private static String button(Directory.User user) {
    String about =
        switch (user.kind()) {
          case MEMBER -> user.name();
          case GUEST -> "guest, " + user.signInName();
          case AGENT_USER -> "an agent's account";
        };
    String roles =
        user.operatorRoles().isEmpty() ? "" : " · " + String.join(", ", user.operatorRoles());
    return "<button name=user value=\"%s\"><b>%s</b><span>%s</span></button>"
        .formatted(user.name(), escape(user.displayName()), escape(about + roles));
  }

  private static String hidden(String name, String value) {
    return "<input type=hidden name=\"%s\" value=\"%s\">".formatted(escape(name), escape(value));
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

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
